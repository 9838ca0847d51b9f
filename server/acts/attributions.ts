/** The secretariat states whose changes and remarks are whose file did not say it. Who entered them in the file stays. */
import type { Answer } from "../../shared/api/contract.ts"
import { changeSaid } from "../../shared/changes/pieces.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import { ofFile } from "../../shared/comments/thread.ts"
import { notOnRoster } from "../comparison/brought.ts"
import { addressBook } from "../decisions/address-book.ts"
import type { Seen } from "../decisions/as-seen.ts"
import { attributeInSlices, type RemarkAsked } from "../decisions/attribute.ts"
import type { EnteredOf } from "../drafts/entered.ts"
import type { History } from "../drafts/history.ts"
import type { Gate } from "../gate/gate.ts"
import type { Person } from "../people/session.ts"
import { DomainError } from "../problems.ts"
import type { Performed } from "../rooms/performed.ts"
import type { ActsOnDraft, Procedure } from "./procedure.ts"

export const attributions = (procedure: Procedure, history: History) =>
  ({
    attribute: async (asker, draft, { source, changes, remarks = [], after }) => {
      if (changes.length + remarks.length === 0)
        throw new DomainError("bad-input", "Name the changes, or the remarks, whose source you state.")
      await procedure.settle(asker, draft, after)
      if (!procedure.meeting.people.sources().some((known) => known.code === source))
        throw new DomainError("bad-input", notOnRoster(source))
      const enteredOf = await history.enteredOf(draft)
      return procedure.turn(asker, draft, (gate, person) => {
        procedure.allow("attribute", procedure.actor(person), draft)
        if (person.role === "secretary" && !person.hats.includes(source))
          throw new DomainError(
            "not-allowed",
            "The secretariat does not write for the chair, and states nothing to be the chair's. Leave it not stated; it can be decided on as it is.",
          )
        return attribution(procedure, gate, person, { source, changes, remarks }, enteredOf)
      })
    },
  }) satisfies ActsOnDraft<"attribute">

/** What is stated to be a source's. */
interface Stated {
  readonly source: string
  readonly changes: readonly Seen[]
  readonly remarks: readonly RemarkAsked[]
}

function* attribution(
  procedure: Procedure,
  gate: Gate,
  person: Person,
  { source, changes: seen, remarks: asked }: Stated,
  enteredOf: EnteredOf,
): Sliced<Performed<Answer<"attribute">>> {
  const address = addressBook(gate)
  const done = yield* attributeInSlices(gate, seen, source, asked)
  const enteredBefore = (change: string): { by: string | null; at: string | null } => {
    const found = enteredOf(change)
    return { by: found?.person.startsWith(ofFile) ? found.person.slice(ofFile.length) : null, at: found?.at ?? null }
  }
  const changes = done.changes.map((change) => ({
    id: done.ids.get(change.id)!,
    address: address(change.block),
    what: changeSaid(change, address),
    source,
  }))
  const remarks = done.remarks.map(({ thread, said }) => ({
    thread: thread.id,
    address: address(thread.anchor.block),
    text: said.text,
  }))
  const details = {
    to: source,
    changes,
    ...(remarks.length === 0 ? {} : { remarks }),
    touched: done.blocks,
    entered: Object.fromEntries(done.changes.map((change) => [done.ids.get(change.id), enteredBefore(change.id)])),
  }
  return {
    row: done.row,
    entry: procedure.entry("attribute", person, "SEC", details),
    decidedBlocks: done.blocks,
    answer: { attributed: changes.map(({ id }) => id), remarks: remarks.length },
  }
}

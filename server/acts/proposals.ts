/** What a source does with its own proposals, and the meeting with the links between them: withdraw, take in, untie. */
import type { Answer } from "../../shared/api/contract.ts"
import { changesIn } from "../../shared/changes/changes.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import { mayWithdraw } from "../../shared/policy/policy.ts"
import { linksIn, roots, tiesIn } from "../../shared/sync/roots.ts"
import { addressBook } from "../decisions/address-book.ts"
import type { Seen } from "../decisions/as-seen.ts"
import { demandOpen } from "../decisions/as-seen.ts"
import { noticesOf } from "../decisions/fates.ts"
import { incorporateInSlices } from "../decisions/incorporate.ts"
import { besideText } from "../decisions/proven.ts"
import type { Gate } from "../gate/gate.ts"
import type { Person } from "../people/session.ts"
import { DomainError } from "../problems.ts"
import type { Performed } from "../rooms/performed.ts"
import { carryOut } from "./decisions.ts"
import { type ActsOnDraft, namedInEntry, type Procedure } from "./procedure.ts"

export const proposals = (procedure: Procedure) =>
  ({
    withdraw: async (asker, draft, { act, as, changes: seen, after }) => {
      await procedure.settle(asker, draft, after)
      return procedure.turn(asker, draft, (gate, person) => {
        if (act === "incorporate") {
          const actor = procedure.actor(person, as)
          procedure.allow("incorporate", actor, draft)
          return incorporation(procedure, gate, person, procedure.sourceOf(actor), seen)
        }
        const open = new Map(changesIn(gate.blocks, new Set(seen.map(({ id }) => id))).map((change) => [change.id, change]))
        const source = open.get(seen[0]!.id)?.source
        const actor = procedure.actor(person, as ?? (source !== undefined && person.hats.includes(source) ? source : undefined))
        for (const { id } of seen) {
          const change = open.get(id)
          if (change) procedure.demand(mayWithdraw(actor, change.source, draft.room.meta))
        }
        demandOpen(gate, seen)
        return withdrawal(procedure, gate, person, procedure.sourceOf(actor), seen)
      })
    },

    /** Each of the changes that are linked with one is decided by itself from now on (LINK2). */
    untie: async (asker, draft, request) => {
      await procedure.settle(asker, draft, request.after)
      return procedure.turn(asker, draft, (gate, person) => {
        procedure.allow("decide", procedure.actor(person), draft)
        const untied = [...tiesIn(gate.shadow).with(request.change)]
        if (untied.length < 2) throw new DomainError("not-found", "This change is linked with no other any more.")
        const address = addressBook(gate)
        const changes = changesIn(gate.blocks, new Set(untied)).map((change) => namedInEntry(change, address))
        const row = besideText(gate, (_, shadow) => {
          for (const { id, changes: tied } of linksIn(shadow))
            if (tied.some((change) => untied.includes(change))) roots.links(shadow).delete(id)
        })
        return { row, entry: procedure.entry("untie", person, person.role === "chair" ? "CHAIR" : "SEC", { changes }), answer: { untied } }
      })
    },
  }) satisfies ActsOnDraft<"withdraw" | "untie">

function* withdrawal(
  procedure: Procedure,
  gate: Gate,
  person: Person,
  source: string,
  seen: readonly Seen[],
): Sliced<Performed<Answer<"withdraw">>> {
  const { performed, done, record } = yield* carryOut(procedure, gate, {
    person,
    source,
    verdict: "withdraw",
    seen,
    terms: { isPartial: false },
  })
  const lapsed = record.superseded.flatMap(({ id, source: whose, what }) =>
    done.lapsed.has(id) ? [{ change: id, source: whose, what, inPart: done.inPart.has(id) }] : [],
  )
  return { ...performed, answer: { withdrawn: done.decided.map((change) => change.id), incorporated: [], lapsed } }
}

/** Words of others inside one's own become a part of it; the record says whose they were. */
function* incorporation(
  procedure: Procedure,
  gate: Gate,
  person: Person,
  into: string,
  seen: readonly Seen[],
): Sliced<Performed<Answer<"withdraw">>> {
  const address = addressBook(gate)
  const done = yield* incorporateInSlices(gate, seen, into)
  const changes = done.changes.map((change) => namedInEntry(change, address))
  return {
    row: done.row,
    entry: procedure.entry("incorporate", person, into, { changes, into, touched: done.blocks }),
    decidedBlocks: done.blocks,
    notices: noticesOf("incorporated", done.changes, procedure.byWhom(person, "incorporate"), address),
    answer: { withdrawn: [], incorporated: done.changes.map((change) => change.id), lapsed: [] },
  }
}

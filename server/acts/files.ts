/** Takes a file's changes and comments onto a draft. A delegate brings its own delegation's; whose the others are the secretariat says. */
import * as Y from "yjs"
import { changesInSlices } from "../../shared/changes/changes.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import { alreadyOn } from "../comparison/already.ts"
import type { FileBeside } from "../comparison/homes.ts"
import { type ImportedOnto, importChanges, type KnownThere } from "../comparison/import-changes.ts"
import { comingOnto } from "../comparison/onto.ts"
import { addressBook } from "../decisions/address-book.ts"
import type { OpenDraft } from "../drafts/open-draft.ts"
import type { Gate } from "../gate/gate.ts"
import { unhurried } from "../pace/pauses.ts"
import type { Person } from "../people/session.ts"
import { DomainError } from "../problems.ts"
import type { Performed } from "../rooms/performed.ts"
import type { SourceRecord } from "../storage/store.ts"
import { namedInEntry, type Procedure } from "./procedure.ts"

/** For whom a person brings a file. */
const sourceOf = ({ role, hats }: Person): string | null => (role === "chair" ? "CHAIR" : role === "secretary" ? "SEC" : (hats[0] ?? null))

export const fileActs = (procedure: Procedure) => ({
  importChanges: async (asker: Person, draft: OpenDraft, file: FileBeside): Promise<ImportedOnto> => {
    const demand = (person: Person): void => procedure.allow("importChanges", { role: person.role, hat: sourceOf(person) }, draft)
    const { people } = procedure.meeting
    demand(asker)
    const { file: brings, left, fresh, isSource } = comingOnto(file, asker, people.sources())
    if (left.length > 0 && brings.draft.changes.length === 0 && brings.draft.comments.length === 0)
      throw new DomainError("not-allowed", "Nothing in this file is your own delegation's. The secretariat imports files of several.", {
        left,
      })
    // On the roster by the time when they are brought they may be already.
    const coming = (): SourceRecord[] => {
      const known = new Set(people.sources().map(({ code }) => code))
      return fresh.flatMap((code) => (known.has(code) ? [] : [{ code, name: code }]))
    }
    // On a copy of the draft that is made in its turn; the rest outside the queue, for nobody waits for it.
    const copy = await draft.room.look(({ shadow }) => Y.encodeStateAsUpdate(shadow))
    const said = await unhurried(alreadyOn(copy, brings, isSource))
    const done = await procedure.turn(asker, draft, (gate, person) => {
      demand(person)
      // What a file may bring was read from these: where they are others by now the file is read again.
      if (person.role !== asker.role || !asker.hats.every((hat) => person.hats.includes(hat)))
        throw new DomainError("conflict", "What you may write for was changed meanwhile. Bring the file again.")
      const sources = coming()
      people.demandNew(sources)
      return bringing(procedure, gate, person, brings, sources, { said, isSource })
    })
    people.cameOn(coming())
    return { ...done, left: [...left, ...done.left] }
  },
})

function* bringing(
  procedure: Procedure,
  gate: Gate,
  person: Person,
  file: FileBeside,
  sources: readonly SourceRecord[],
  known: KnownThere,
): Sliced<Performed<ImportedOnto>> {
  const done = yield* importChanges(gate, file, { ...known, broughtBy: person.id })
  const address = addressBook(gate)
  const found = yield* changesInSlices(gate.blocks, new Set(done.changes))
  const details = {
    file: file.name,
    changes: found.map((change) => namedInEntry(change, address)),
    comments: done.comments,
    replies: done.replies,
    left: done.left.length,
    already: done.already.length,
    entered: done.entered,
  }
  return { row: done.row, entry: procedure.entry("importChanges", person, sourceOf(person) ?? "SEC", details), sources, answer: done }
}

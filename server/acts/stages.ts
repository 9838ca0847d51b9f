/** From one stage of a draft to the next: its text is adopted. */
import type * as Y from "yjs"
import { changesIn } from "../../shared/changes/changes.ts"
import { countsOf } from "../../shared/changes/counts.ts"
import { hashOf } from "../../shared/changes/hash.ts"
import { blocksOf } from "../../shared/sync/read.ts"
import { notedIn, roots } from "../../shared/sync/roots.ts"
import { besideText } from "../decisions/proven.ts"
import { DomainError } from "../problems.ts"
import type { ActsOnDraft, Procedure } from "./procedure.ts"

/** Why a text cannot be adopted yet. `open`: how many changes are; without any something that was accepted waits in a new clause without words. */
export const notYetSaid = (open: number): string =>
  open === 0
    ? "What was accepted in a new clause that holds nothing any more still waits for that clause. Adopt the text once more; the clause is taken out then."
    : `${open} ${open === 1 ? "change is still open. Decide it" : "changes are still open. Decide them"} first; then the text can be adopted.`

/** How many changes stand in the way of adoption; what of them is accepted and waits is not open, but what it waits for is. */
function leftIn(doc: Y.Doc): { readonly count: number; readonly open: number } {
  const left = changesIn(blocksOf(doc))
  const noted = notedIn(doc)
  return { count: left.length, open: countsOf(left.filter(({ id }) => !noted.has(id))).all }
}

export const stages = (procedure: Procedure) =>
  ({
    adopt: async (asker, draft, { after }) => {
      await procedure.settle(asker, draft, after)
      // What was accepted about a new clause that holds nothing any more waits for what nobody can decide on.
      const before = leftIn(draft.room.main)
      if (before.count > 0 && before.open === 0) draft.room.sweepBlank(asker.id)
      return procedure.turn(asker, draft, (gate, person) => {
        const actor = procedure.inOffice(person)
        procedure.allow("adopt", actor, draft)
        const { count, open } = leftIn(gate.shadow)
        if (count > 0) throw new DomainError("conflict", notYetSaid(open))
        const hash = hashOf(blocksOf(gate.shadow))
        const row = besideText(gate, (_, shadow) => roots.meta(shadow).set("stage", "adopted"))
        return { row, entry: procedure.entry("adopt", person, procedure.sourceOf(actor), { hash }), answer: { stage: "adopted", hash } }
      })
    },
  }) satisfies ActsOnDraft<"adopt">

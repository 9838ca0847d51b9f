import { type Block, isDeletionInEffect, type Mark, ownerOf, type Run } from "../schema/block.ts"
import { type Change, isAbout } from "./changes.ts"
import { around } from "./resolve.ts"
import { finished, type Sliced } from "./slices.ts"

/**
 * The insertion that holds what a mark does on a run: around an insertion the next further out, under a deletion the one that it objects to. By what
 * the mark says to stand in, not by place: nobody takes what merely stands between words of its own. Null: there is none.
 */
function holderOf(mark: Mark, run: Run): Mark | null {
  const holder = ownerOf(mark.name === "insertion" ? run.marks.filter((other) => other !== mark) : run.marks)
  return holder && around(mark, run).includes(holder) ? holder : null
}

/** Whether a change of another was put wholly and directly into open insertions of a source, which may then take it into its own (TRK10). */
export const isIncorporable = (blocks: readonly Block[], change: Change, source: string): boolean =>
  finished(incorporableAmong(blocks, [change], source)).has(change.id)

/** The ids of those among some changes of which that is so. It pauses between blocks. */
export function* incorporableAmong(blocks: readonly Block[], changes: readonly Change[], source: string): Sliced<Set<string>> {
  const may = ({ source: by, structure, newBlocks }: Change): boolean => by !== source && structure.length === 0 && newBlocks.length === 0
  const asked = new Set(changes.filter(may).map(({ id }) => id))
  const inside = new Set<string>()
  const outside = new Set<string>()
  for (const block of blocks) {
    if (!isAbout(block, asked)) continue
    yield
    for (const run of block.runs) {
      const owner = ownerOf(run.marks)
      for (const mark of run.marks) {
        if (!asked.has(mark.changeId)) continue
        const counts = mark.name === "insertion" ? mark === owner : isDeletionInEffect(mark, run.marks)
        if (counts) (holderOf(mark, run)?.source === source ? inside : outside).add(mark.changeId)
      }
    }
  }
  return new Set([...inside].filter((id) => !outside.has(id)))
}

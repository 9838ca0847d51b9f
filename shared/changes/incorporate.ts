import { type Block, isDeletionInEffect, type Mark, ownerOf, type Run } from "../schema/block.ts"
import type { Change } from "./changes.ts"
import { around } from "./resolve.ts"

/**
 * The insertion that holds what a mark does on a run: around an insertion the next further out, under a deletion the one that it objects to. By what
 * the mark says to stand in, not by place: nobody takes what merely stands between words of its own. Null: there is none.
 */
function holderOf(mark: Mark, run: Run): Mark | null {
  const holder = ownerOf(mark.name === "insertion" ? run.marks.filter((other) => other !== mark) : run.marks)
  return holder && around(mark, run).includes(holder) ? holder : null
}

/** Whether a change of another was put wholly and directly into open insertions of a source, which may then take it into its own (TRK10). */
export function isIncorporable(blocks: readonly Block[], change: Change, source: string): boolean {
  if (change.source === source || change.structure.length > 0 || change.newBlocks.length > 0) return false
  let isFound = false
  for (const block of blocks)
    for (const run of block.runs) {
      const owner = ownerOf(run.marks)
      for (const mark of run.marks) {
        if (mark.changeId !== change.id) continue
        const counts = mark.name === "insertion" ? mark === owner : isDeletionInEffect(mark, run.marks)
        if (!counts) continue
        isFound = true
        if (holderOf(mark, run)?.source !== source) return false
      }
    }
  return isFound
}

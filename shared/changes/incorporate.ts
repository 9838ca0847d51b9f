import { type Block, isDeletionInEffect, type Mark, ownerOf } from "../schema/block.ts"
import type { Change } from "./changes.ts"

/** The insertion that holds what a mark does on a run: around an insertion the next further out, under a deletion the one that it objects to. */
function holderOf(mark: Mark, marks: readonly Mark[]): Mark | null {
  return ownerOf(mark.name === "insertion" ? marks.filter((other) => other !== mark) : marks)
}

/** Whether a change of another stands wholly and directly inside open insertions of a source, which may then take it into its own (TRK10). */
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
        if (holderOf(mark, run.marks)?.source !== source) return false
      }
    }
  return isFound
}

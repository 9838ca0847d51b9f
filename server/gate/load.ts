import { ownerOf } from "../../shared/schema/block.ts"
import type { BlockReading } from "./reading.ts"

/** How many insertions and deletions of a source open in a block. */
export function marksOf(reading: BlockReading | null | undefined, source: string): number {
  let count = 0
  for (const mark of reading?.marks ?? []) if (mark.source === source && (mark.name === "insertion" || mark.name === "deletion")) count++
  return count
}

/** How many letters of a block are a source's own and open. */
export function lettersOf(reading: BlockReading | null | undefined, source: string): number {
  let count = 0
  for (const { marks, text } of reading?.runs ?? []) if (marks.length > 0 && ownerOf(marks)?.source === source) count += text.length
  return count
}

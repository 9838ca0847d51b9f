import type { BaselineDifference } from "../comparison/on-baseline.ts"
import { blocksTold } from "../decisions/recorded.ts"
import type { StoredEntry } from "../storage/store.ts"

/**
 * Whether it was decisions on this draft that made a place of it differ from a file: the file has there what the draft had before one of them. So it is
 * with a paper of the draft itself that is brought back later.
 */
export function decidedSince(entries: readonly Pick<StoredEntry, "details">[]): (difference: BaselineDifference) => boolean {
  const before = new Set<string>()
  const added = new Set<string>()
  for (const block of entries.flatMap(blocksTold)) {
    if (typeof block.before === "string") before.add(block.before)
    else if (block.before === null && block.id !== undefined) added.add(block.id)
  }
  return ({ ourBlock, theirs }) => (theirs === "" ? ourBlock !== null && added.has(ourBlock) : before.has(theirs))
}

/** Of the places where a file's text is another, which a decision on the draft made so. `record`: read where there is such a place. */
export async function withDecided<Place extends BaselineDifference>(
  differences: readonly Place[],
  record: () => Promise<readonly StoredEntry[]>,
): Promise<(Omit<Place, "ourBlock"> & { isDecided: boolean })[]> {
  const isDecided = differences.length > 0 ? decidedSince(await record()) : () => false
  return differences.map((difference) => {
    const { ourBlock: _, ...place } = difference
    return { ...place, isDecided: isDecided(difference) }
  })
}

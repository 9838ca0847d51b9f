import type { Change } from "./changes.ts"

/** How many changes are open, in all and in parts. Each part adds up to all. */
export interface Counts {
  readonly all: number
  readonly bySource: ReadonlyMap<string, number>
  /** By the block at which they begin. */
  readonly byBlock: ReadonlyMap<string, number>
}

/**
 * The one way in which open changes are counted, wherever a number of them is told (COUNT1): each once, for its source, at the clause where it begins, in
 * however many clauses it has words. What others propose alike, and what is linked, is counted one by one, though one verdict decides on all of it.
 */
export function countsOf(changes: readonly Pick<Change, "source" | "block">[]): Counts {
  const bySource = new Map<string, number>()
  const byBlock = new Map<string, number>()
  for (const { source, block } of changes) {
    bySource.set(source, (bySource.get(source) ?? 0) + 1)
    byBlock.set(block, (byBlock.get(block) ?? 0) + 1)
  }
  return { all: changes.length, bySource, byBlock }
}

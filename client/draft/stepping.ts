import type { Change } from "../../shared/changes/changes.ts"

// From one change to the next, in the order of the text.

/** A place in the text: a block, and so many characters in. */
export interface TextPlace {
  readonly block: string
  readonly at: number
}

/** Where a change begins. */
const beginningOf = (change: Change): TextPlace => ({
  block: change.segments[0]?.block ?? change.block,
  at: change.segments[0]?.from ?? 0,
})

/**
 * The change that a step leads to from a place of the text, and round at its ends: forward the first one that begins there or behind it, back the last
 * one before it. `left`: the change that one has just been at; from where it begins one goes on from it, for others may begin there too.
 */
export function stepFrom(
  list: readonly Change[],
  order: ReadonlyMap<string, number>,
  { here, left }: { here: TextPlace | null; left: string | null },
  direction: 1 | -1,
): Change | undefined {
  const round = (index: number): Change | undefined => list[(index + list.length) % list.length]
  const start = here ? order.get(here.block) : undefined
  if (!here || start === undefined) return round(direction === 1 ? 0 : -1)
  const isBefore = (change: Change): boolean => {
    const { block, at } = beginningOf(change)
    const index = order.get(block) ?? 0
    return index === start ? at < here.at : index < start
  }
  const last = list.findIndex(({ id }) => id === left)
  if (last >= 0) {
    const { block, at } = beginningOf(list[last]!)
    if (block === here.block && at === here.at) return round(last + direction)
  }
  if (direction === -1) return round(list.findLastIndex(isBefore))
  return list.find((change) => !isBefore(change)) ?? list[0]
}

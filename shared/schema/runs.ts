import type { Run } from "./block.ts"

/** A run that still knows the Yjs items it came from: `clock` is that of its first character. */
export interface PlacedRun extends Run {
  readonly client: number
  readonly clock: number
}

const startsByRuns = new WeakMap<readonly Run[], readonly number[]>()

/** Where each run begins, in UTF-16 units; computed once for a list of runs. */
export function startsOf(runs: readonly Run[]): readonly number[] {
  let starts = startsByRuns.get(runs)
  if (!starts) {
    let at = 0
    starts = runs.map((run) => {
      at += run.text.length
      return at - run.text.length
    })
    startsByRuns.set(runs, starts)
  }
  return starts
}

/** The index of the first run that begins at or behind an offset; the number of runs where none does. */
export function runFrom(runs: readonly Run[], offset: number): number {
  const starts = startsOf(runs)
  let low = 0
  let high = runs.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (starts[middle]! < offset) low = middle + 1
    else high = middle
  }
  return low
}

/** A character or marker by its Yjs identity. */
export interface ItemId {
  readonly client: number
  readonly clock: number
}

/** Characters or markers of one client that follow each other by their clocks. */
export interface Stretch extends ItemId {
  readonly length: number
}

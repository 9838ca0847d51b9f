import type { Run } from "./block.ts"

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

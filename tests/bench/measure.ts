/** One measure of measures: rows of figures for ours and the peers, and what they say. */
export interface Measure {
  readonly id: string
  readonly what: string
  readonly rows: readonly ({ readonly name: string } & Readonly<Record<string, number | string>>)[]
  readonly notes: readonly string[]
}

export const quantile = (values: readonly number[], q: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}

export const round = (value: number, digits = 1): number => Math.round(value * 10 ** digits) / 10 ** digits

/** min / median / max of several runs. */
export const spread = (values: readonly number[], digits = 1): string =>
  [Math.min(...values), quantile(values, 0.5), Math.max(...values)].map((value) => round(value, digits)).join(" / ")

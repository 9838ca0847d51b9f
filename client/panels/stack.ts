/** Something in the margin: where its words are, how tall it is, and how much it holds to its place. Pixels; `top` may lie above the margin's. */
export interface StackItem {
  readonly top: number
  readonly height: number
  readonly weight: number
}

/** Room between two things in the margin. */
export const gapPx = 2

/**
 * Tops for a column of items in the order of their words: none over another, none above `least`, each as near to its words as its neighbours let it,
 * the heavier ones nearer (isotonic regression by pooling neighbours that push each other).
 */
export function settle(items: readonly StackItem[], least = 0): number[] {
  const pools: { sum: number; weight: number; count: number }[] = []
  let before = 0
  const offsets: number[] = []
  for (const { top, height, weight } of items) {
    offsets.push(before)
    let pool = { sum: (top - before) * weight, weight, count: 1 }
    for (let last = pools.at(-1); last && last.sum / last.weight >= pool.sum / pool.weight; last = pools.at(-1)) {
      pools.pop()
      pool = { sum: last.sum + pool.sum, weight: last.weight + pool.weight, count: last.count + pool.count }
    }
    pools.push(pool)
    before += height + gapPx
  }
  const shifts = pools.flatMap(({ sum, weight, count }) => Array<number>(count).fill(Math.max(least, sum / weight)))
  return shifts.map((shift, i) => shift + offsets[i]!)
}

/** How much of a clause the margin shows: a row for each change, a row for each delegation, or one line of codes. */
export type Height = "changes" | "delegations" | "plates"

/** What stands beside one clause. */
export interface Beside {
  readonly id: string
  /** Where the words of each change and comment are, and whose it is, in order. */
  readonly rows: readonly { readonly top: number; readonly group: string }[]
  /** Height of its line of codes. */
  readonly platesPx: number
  /** What is open at it: it keeps its height. */
  readonly cards: readonly StackItem[]
}

export const rowPx = 28

function itemsAt(beside: Beside, height: Height): readonly StackItem[] {
  const { rows, platesPx, cards } = beside
  const row = ({ top }: { top: number }): StackItem => ({ top, height: rowPx, weight: 1 })
  if (rows.length === 0) return cards
  switch (height) {
    case "changes":
      return [...cards, ...rows.map(row)]
    case "delegations":
      return [...cards, ...firstOfEach(rows).map(row)]
    case "plates":
      return [...cards, { top: rows[0]!.top, height: platesPx, weight: 1 }]
    default:
      return height satisfies never
  }
}

/** The first of each group, in order. */
export function firstOfEach<Row extends { readonly group: string }>(rows: readonly Row[]): Row[] {
  const seen = new Set<string>()
  return rows.filter(({ group }) => !seen.has(group) && seen.add(group))
}

const next: Readonly<Record<Height, Height | null>> = { changes: "delegations", delegations: "plates", plates: null }

/**
 * How much each clause shows, so that nothing stands further than `driftPx` from its words: where rows do not fit, the clause that takes most gives way
 * first. All delegations of a clause are shown in the same way.
 */
export function heightsOf(clauses: readonly Beside[], driftPx: number): Map<string, Height> {
  const heights = new Map<string, Height>(clauses.map(({ id }) => [id, "changes"]))
  // Each clause gives way twice at most.
  for (let turns = clauses.length * 2; turns > 0; turns--) {
    const giving = driftedCrowds(clauses, heights, driftPx).flatMap((crowd) => mostSavedBy(crowd, heights) ?? [])
    if (giving.length === 0) break
    for (const { id, height } of giving) heights.set(id, height)
  }
  return heights
}

/** The clauses of each crowd, of things that push each other, in which something stands too far from its words. */
function driftedCrowds(clauses: readonly Beside[], heights: ReadonlyMap<string, Height>, driftPx: number): Set<Beside>[] {
  const placed: { readonly item: StackItem; readonly clause: Beside }[] = []
  for (const clause of clauses) for (const item of itemsAt(clause, heights.get(clause.id)!)) placed.push({ item, clause })
  placed.sort((a, b) => a.item.top - b.item.top)
  const tops = settle(placed.map(({ item }) => item))
  const crowds: Set<Beside>[] = []
  let crowd = new Set<Beside>()
  let hasDrifted = false
  placed.forEach(({ item, clause }, i) => {
    crowd.add(clause)
    hasDrifted ||= item.weight === 1 && Math.abs(tops[i]! - item.top) > driftPx
    const isLast = i === placed.length - 1 || tops[i + 1]! - tops[i]! - item.height > gapPx + 0.5
    if (!isLast) return
    if (hasDrifted) crowds.push(crowd)
    crowd = new Set()
    hasDrifted = false
  })
  return crowds
}

function mostSavedBy(clauses: ReadonlySet<Beside>, heights: ReadonlyMap<string, Height>): { id: string; height: Height } | null {
  let best: { id: string; height: Height } | null = null
  let most = 0
  for (const clause of clauses) {
    const now = heights.get(clause.id)!
    for (let height = next[now]; height !== null; height = next[height]) {
      const saved = pixelsOf(clause, now) - pixelsOf(clause, height)
      if (saved <= most) continue
      most = saved
      best = { id: clause.id, height }
      break
    }
  }
  return best
}

const pixelsOf = (clause: Beside, height: Height): number => itemsAt(clause, height).reduce((sum, item) => sum + item.height + gapPx, 0)

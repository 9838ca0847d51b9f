import type { Draft } from "../draft/draft.ts"
import type { HalfWritten } from "../draft/remarks.ts"
import type { DraftText } from "../draft/text.ts"
import type { Entry } from "./entries.ts"
import { type Beside, firstOfEach, type Height, heightsOf, rowPx } from "./stack.ts"

/** What is open in the margin as a card, at one of the places where its subject stands. */
export interface OpenCard {
  readonly key: string
  readonly entry: Entry
  /** A box in which a remark is written holds its place before all others. */
  readonly isWritten: boolean
}

/** One clause in the window or near it, with what stands beside it. */
export interface ClauseView {
  readonly block: string
  readonly entries: readonly Entry[]
  /** Those that are no card. */
  readonly rows: readonly Entry[]
  readonly cards: readonly OpenCard[]
  /** The top of each entry's words in the margin, by the entry's key. */
  readonly tops: ReadonlyMap<string, number>
  readonly height: Height
}

/** What a card of a change or a comment takes before it is measured. */
const cardPx = 170
/** A box to write in, or a card, hardly moves for rows. */
export const weights = { row: 1, list: 1e5, card: 1e6, written: 1e9 } as const

/** The change or comment whose card holds the box of a remark; null where the box is a card of its own. */
function hostOf(text: DraftText, { target }: HalfWritten): string | null {
  if (target.on === "change") return target.change
  if (target.on !== "thread") return null
  const change = text.places.value.get(target.thread)?.change
  return change?.status === "open" ? change.id : target.thread
}

/** Which cards are open: the chosen change or comment, and that in which one writes. `pick` says at which of its places a subject is shown. */
export function openCards(
  draft: Draft,
  byBlock: ReadonlyMap<string, readonly Entry[]>,
  pick: (id: string, entries: readonly Entry[]) => Entry | undefined,
): OpenCard[] {
  const all = [...byBlock.values()].flat()
  const cards: OpenCard[] = []
  const { remarks } = draft
  const { chosen } = draft.choice
  const half = remarks.open.value === null ? undefined : remarks.about(remarks.open.value)
  if (half) {
    const host = hostOf(draft.text, half)
    const held =
      host === null
        ? undefined
        : pick(
            host,
            all.filter((entry) => entry.id === host && entry.kind !== "remark"),
          )
    const entry = held ?? all.find((other) => other.id === half.key)
    if (entry) cards.push({ key: `card:${entry.id}`, entry, isWritten: true })
  }
  if (chosen.value !== null && !cards.some(({ entry }) => entry.id === chosen.value)) {
    const entry = pick(
      chosen.value,
      all.filter((other) => other.id === chosen.value),
    )
    if (entry) cards.push({ key: `card:${entry.id}`, entry, isWritten: false })
  }
  return cards
}

/** The line of codes of a clause takes about so much in a margin of this width. */
function platesPx(entries: readonly Entry[], widthPx: number): number {
  const widths = firstOfEach(entries).map(({ group }) => 24 + 8 * Math.min(group.length, 16) + 14)
  const lines = Math.ceil(widths.reduce((sum, width) => sum + width, 0) / Math.max(120, widthPx))
  return Math.max(1, lines) * rowPx
}

/** The clauses to be drawn, and how much each shows. `topIn`: where an entry's words are in the margin; null where they are not drawn. */
export function clauseViews(
  draft: Draft,
  near: readonly (readonly [string, readonly Entry[]])[],
  cards: readonly OpenCard[],
  listed: string | null,
  size: { readonly widthPx: number; readonly driftPx: number },
  topIn: (entry: Entry) => number | null,
): ClauseView[] {
  const carded = new Set(cards.map(({ entry }) => entry.key))
  const held = new Set(
    draft.remarks.halfWritten.value
      .filter((half) => cards.some(({ entry }) => entry.id === hostOf(draft.text, half)))
      .map((half) => half.key),
  )
  const drawn: { view: ClauseView; beside: Beside }[] = []
  for (const [block, all] of near) {
    const tops = new Map<string, number>()
    for (const entry of all) {
      const top = topIn(entry)
      if (top !== null) tops.set(entry.key, top)
    }
    const entries = all.filter((entry) => tops.has(entry.key))
    if (entries.length === 0) continue
    const rows = listed === block ? [] : entries.filter((entry) => !carded.has(entry.key) && !held.has(entry.key))
    const own = cards.filter(({ entry }) => entry.block === block && tops.has(entry.key))
    const top = (entry: Entry): number => tops.get(entry.key)!
    const open =
      listed === block
        ? [{ top: top(entries[0]!), height: entries.length * rowPx + cardPx, weight: weights.list }]
        : own.map(({ entry, isWritten }) => ({
            top: top(entry),
            height: cardPx,
            weight: isWritten ? weights.written : weights.card,
          }))
    drawn.push({
      view: { block, entries, rows, cards: own, tops, height: "changes" },
      beside: {
        id: block,
        rows: rows.map((entry) => ({ top: top(entry), group: entry.group })),
        platesPx: platesPx(entries, size.widthPx),
        cards: open,
      },
    })
  }
  const heights = heightsOf(
    drawn.map(({ beside }) => beside),
    size.driftPx,
  )
  return drawn.map(({ view }) => ({ ...view, height: heights.get(view.block)! }))
}

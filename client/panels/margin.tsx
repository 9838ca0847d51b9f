import { signal } from "@preact/signals"
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks"
import type { Change } from "../../shared/changes/changes.ts"
import type { Thread } from "../../shared/comments/thread.ts"
import type { CommentAnchor } from "../acts.ts"
import type { Draft } from "../draft.ts"
import { ChangeCard, RemarkForm, ThreadCard } from "./cards.tsx"

/** What stands in the margin at some height of the page. */
type Entry = { readonly id: string; readonly block: string; readonly at: number } & (
  | { readonly kind: "change"; readonly change: Change }
  | { readonly kind: "thread"; readonly thread: Thread }
  | { readonly kind: "compose" }
)

/** More changes than these at one clause collapse to a count; fewer still where the page is dense, or cards would drift from their words. */
const mostPerBlock = 4
/** What a card that is not chosen takes, about. */
const cardPx = 84
/** Cards are drawn only where they are seen, and this far beyond. */
const beyondPx = 900
const gapPx = 8

function entriesOf(draft: Draft, showsResolved: boolean): Entry[] {
  const entries: Entry[] = draft.changes.value.map((change) => {
    const first = change.segments[0]
    return { kind: "change", id: change.id, change, block: first?.block ?? change.block, at: first?.from ?? 0 }
  })
  for (const thread of draft.threads.value) {
    if (
      thread.anchor.on === "change" &&
      draft.changes.value.some((change) => thread.anchor.on === "change" && change.id === thread.anchor.change)
    )
      continue
    if (thread.isResolved && !showsResolved && draft.chosen.value !== thread.id) continue
    entries.push({ kind: "thread", id: thread.id, thread, block: thread.anchor.block, at: placeOfThread(draft, thread) })
  }
  return entries
}

function placeOfThread(draft: Draft, thread: Thread): number {
  const block = draft.blocks.value.find((other) => other.id === thread.anchor.block)
  let at = 0
  for (const run of block?.runs ?? []) {
    if (run.marks.some((mark) => mark.id === thread.id)) return at
    at += run.text.length
  }
  return 0
}

const CardOf = ({ draft, entry }: { draft: Draft; entry: Entry }) => {
  if (entry.kind === "change") return <ChangeCard draft={draft} change={entry.change} />
  if (entry.kind === "thread") return <ThreadCard draft={draft} thread={entry.thread} />
  return <Compose draft={draft} />
}

/** Writing a comment on the selected words, or on the clause. */
function Compose({ draft }: { draft: Draft }) {
  const anchor = composing.value
  if (!anchor) return null
  return (
    <article class="card thread is-chosen">
      <p class="title">
        <b>Comment</b>{" "}
        <span class="address" dir="auto">
          {draft.addressOf(anchor.block)}
        </span>
      </p>
      {anchor.on === "words" && <blockquote dir="auto">{anchor.quote}</blockquote>}
      <RemarkForm
        label="Comment, read by everyone in the meeting"
        button="Send to the meeting"
        onCancel={() => {
          composing.value = null
        }}
        onSend={async (text) => {
          const isSent = await draft.acts.comment(anchor, text)
          if (isSent) composing.value = null
          return isSent
        }}
      />
    </article>
  )
}

const composing = signal<CommentAnchor | null>(null)

/** Begins a comment on what is selected, else on the clause of the caret. */
export function beginComment(draft: Draft): void {
  const words = draft.selected.value
  const block = draft.caretBlock.value
  if (words) composing.value = { on: "words", ...words }
  else if (block) composing.value = { on: "clause", block }
}

/** Cards at the height of their words, stacked without covering each other; the chosen one stands exactly at its words. */
export function Margin({ draft, showsResolved }: { draft: Draft; showsResolved: boolean }) {
  const column = useRef<HTMLDivElement>(null)
  const scroll = useMemo(() => signal(0), [])
  void draft.drawn.value
  void scroll.value
  useEffect(() => {
    let planned = 0
    const plan = (): void => {
      planned ||= requestAnimationFrame(() => {
        planned = 0
        scroll.value++
      })
    }
    const scroller = document.querySelector(".desk")
    scroller?.addEventListener("scroll", plan, { passive: true })
    addEventListener("resize", plan)
    return () => {
      scroller?.removeEventListener("scroll", plan)
      removeEventListener("resize", plan)
      cancelAnimationFrame(planned)
    }
  }, [])
  const origin = column.current?.getBoundingClientRect().top ?? 0
  const placed = placedEntries(draft, showsResolved, origin)
  // A card that opens grows by itself: whatever changes a height stacks anew.
  const sizes = useMemo(() => new ResizeObserver(() => column.current && stack(column.current, draft.chosen.peek())), [])
  useEffect(() => () => sizes.disconnect(), [])
  useLayoutEffect(() => {
    if (!column.current) return
    stack(column.current, draft.chosen.value)
    sizes.disconnect()
    for (const slot of column.current.children) sizes.observe(slot)
  })
  return (
    <div class="margin" ref={column} role="complementary" aria-label="Changes and comments">
      {placed.map(({ entry, top, hidden }) => (
        <div key={entry.id} class="slot" data-top={top} data-id={entry.id}>
          <CardOf draft={draft} entry={entry} />
          {hidden > 0 && <p class="more">and {hidden} more here</p>}
        </div>
      ))}
    </div>
  )
}

interface Placed {
  readonly entry: Entry
  readonly top: number
  readonly hidden: number
}

function placedEntries(draft: Draft, showsResolved: boolean, origin: number): Placed[] {
  const near = nearBlocks(beyondPx)
  const entries = entriesOf(draft, showsResolved).filter((entry) => near.has(entry.block))
  const anchor = composing.value
  if (anchor) entries.push({ kind: "compose", id: "compose", block: anchor.block, at: anchor.on === "words" ? anchor.from : 0 })
  const room = innerHeight + 2 * beyondPx
  const blocksWithCards = new Set(entries.map((entry) => entry.block)).size
  const most = entries.length * cardPx < room ? mostPerBlock : Math.max(1, Math.floor(room / cardPx / Math.max(1, blocksWithCards)))
  const perBlock = new Map<string, number>()
  const total = new Map<string, number>()
  for (const entry of entries) if (entry.kind === "change") total.set(entry.block, (total.get(entry.block) ?? 0) + 1)
  const placed: Placed[] = []
  for (const entry of entries) {
    const count = (perBlock.get(entry.block) ?? 0) + (entry.kind === "change" ? 1 : 0)
    perBlock.set(entry.block, count)
    const isChosen = entry.id === draft.chosen.value
    if (entry.kind === "change" && count > most && !isChosen) continue
    const top = draft.topOf(entry.block, entry.at)
    if (top === null) continue
    const hidden = entry.kind === "change" && count === most ? (total.get(entry.block) ?? 0) - most : 0
    placed.push({ entry, top: top - origin, hidden })
  }
  return placed.sort((a, b) => a.top - b.top)
}

/** Ids of the blocks in the window or near it. */
function nearBlocks(beyond: number): Set<string> {
  const near = new Set<string>()
  const elements = document.querySelectorAll<HTMLElement>(".ProseMirror > [data-block]")
  let low = 0
  let high = elements.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (elements[middle]!.getBoundingClientRect().bottom < -beyond) low = middle + 1
    else high = middle
  }
  for (let i = low; i < elements.length; i++) {
    if (elements[i]!.getBoundingClientRect().top > innerHeight + beyond) break
    near.add(elements[i]!.dataset.block!)
  }
  return near
}

/**
 * Places the slots: downwards from the chosen one, or from the first whose words are seen, and upwards above it, each as near to its words as its
 * neighbours let it.
 */
function stack(column: HTMLElement, chosen: string | null): void {
  const slots = [...column.querySelectorAll<HTMLElement>(":scope > .slot")]
  const heights = slots.map((slot) => slot.offsetHeight)
  const wanted = slots.map((slot) => Number(slot.dataset.top))
  const tops = [...wanted]
  const top = column.getBoundingClientRect().top
  const isSeen = (i: number): boolean => i >= 0 && wanted[i]! + top > 0 && wanted[i]! + top < innerHeight
  const chosenAt = slots.findIndex((slot) => slot.dataset.id === chosen)
  const fixed = Math.max(0, isSeen(chosenAt) ? chosenAt : slots.findIndex((_, i) => isSeen(i)))
  for (let i = fixed + 1; i < slots.length; i++) tops[i] = Math.max(wanted[i]!, tops[i - 1]! + heights[i - 1]! + gapPx)
  for (let i = fixed - 1; i >= 0; i--) tops[i] = Math.min(wanted[i]!, tops[i + 1]! - heights[i]! - gapPx)
  // Above the first clause there is no room: push everything down again.
  if (tops.length > 0 && tops[0]! < 0) {
    tops[0] = 0
    for (let i = 1; i < slots.length; i++) tops[i] = Math.max(tops[i]!, tops[i - 1]! + heights[i - 1]! + gapPx)
  }
  slots.forEach((slot, i) => {
    slot.style.transform = `translateY(${Math.round(tops[i]!)}px)`
  })
}

/** All changes and comments as a list: the equal alternative to the margin, and what a small screen shows. */
export function ChangeList({ draft, showsResolved }: { draft: Draft; showsResolved: boolean }) {
  const order = new Map(draft.blocks.value.map((block, i) => [block.id, i]))
  const entries = entriesOf(draft, showsResolved).sort((a, b) => (order.get(a.block) ?? 0) - (order.get(b.block) ?? 0) || a.at - b.at)
  if (entries.length === 0) return <p class="empty">No open change and no open comment.</p>
  return (
    <div class="change-list">
      {entries.slice(0, 500).map((entry) => (
        <CardOf key={entry.id} draft={draft} entry={entry} />
      ))}
      {entries.length > 500 && <p class="empty">The first 500 of {entries.length}.</p>}
    </div>
  )
}

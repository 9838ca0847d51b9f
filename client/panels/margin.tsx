import { computed, useSignal } from "@preact/signals"
import type { ComponentChildren } from "preact"
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks"
import type { Change } from "../../shared/changes/changes.ts"
import type { Draft } from "../draft/draft.ts"
import type { Page } from "../draft/page.ts"
import type { DraftText } from "../draft/text.ts"
import { ChangeCard } from "./change-card.tsx"
import { ClauseList } from "./clause-list.tsx"
import { RemarkCard, ThreadCard } from "./comment-cards.tsx"
import { type Entry, entriesOf } from "./entries.ts"
import { type ClauseView, clauseViews, type OpenCard, openCards, weights } from "./margin-view.ts"
import { EntryRow, GroupRow, Plates } from "./rows.tsx"
import { isFocusInText } from "./sheets.ts"
import { firstOfEach, settle } from "./stack.ts"

/** Opens the box for a comment on what is selected, else on the clause of the caret. */
export const beginComment = (draft: Draft): void => draft.comment()

/** The margin is drawn where it is seen, and this far beyond. */
const beyondPx = 900
/** So far one may scroll before it is drawn anew. */
const scrolledPx = 300
/** A card stands a little above the line of its words, so that its head is at their height. */
const cardRisePx = 8
const edgePx = 8

const CardOf = ({ draft, entry }: { draft: Draft; entry: Entry }) => {
  switch (entry.kind) {
    case "change":
      return <ChangeCard draft={draft} change={entry.change} />
    case "thread":
      return <ThreadCard draft={draft} thread={entry.thread} />
    case "remark":
      return <RemarkCard draft={draft} half={entry.half} />
    default:
      return entry satisfies never
  }
}

/** One thing in the margin. It is put into its place once it is measured. */
function Slot({
  block,
  top,
  order,
  weight,
  children,
}: {
  block: string
  top: number
  order: number
  weight: number
  children: ComponentChildren
}) {
  return (
    <div class="slot" data-beside={block} data-top={top} data-order={order} data-weight={weight}>
      {children}
    </div>
  )
}

/** Grows whenever the places of words may be others: the page grew, the window changed, or one has scrolled far. */
function usePlaces(column: { readonly current: HTMLElement | null }): number {
  const moves = useSignal(0)
  useEffect(() => {
    const desk = column.current?.closest(".desk")
    const page = desk?.querySelector(".sheet")
    let drawnAt = desk?.scrollTop ?? 0
    let planned = 0
    let settled: ReturnType<typeof setTimeout> | undefined
    const plan = (): void => {
      planned ||= requestAnimationFrame(() => {
        planned = 0
        drawnAt = desk?.scrollTop ?? 0
        moves.value++
      })
    }
    const onScroll = (): void => {
      if (Math.abs((desk?.scrollTop ?? 0) - drawnAt) > scrolledPx) plan()
      // Once one has stopped, an open card is brought wholly into view.
      clearTimeout(settled)
      settled = setTimeout(plan, 120)
    }
    const sizes = new ResizeObserver(plan)
    if (page) for (const paper of page.children) sizes.observe(paper)
    desk?.addEventListener("scroll", onScroll, { passive: true })
    addEventListener("resize", plan)
    return () => {
      sizes.disconnect()
      desk?.removeEventListener("scroll", onScroll)
      removeEventListener("resize", plan)
      cancelAnimationFrame(planned)
      clearTimeout(settled)
    }
  }, [])
  return moves.value
}

/** At which of its places the card of a change is shown: where one opened it, else at the first that is seen, and there until another is chosen. */
function usePick(seen: (entry: Entry) => boolean): {
  pick: (id: string, entries: readonly Entry[]) => Entry | undefined
  open: (entry: Entry) => void
} {
  const picked = useRef(new Map<string, string>())
  const pick = (id: string, entries: readonly Entry[]): Entry | undefined => {
    const known = entries.find((entry) => entry.key === picked.current.get(id))
    const entry = known ?? entries.find(seen) ?? entries[0]
    if (entry) picked.current.set(id, entry.key)
    return entry
  }
  const open = ({ id, key }: Entry): void => {
    picked.current = new Map([[id, key]])
  }
  return { pick, open }
}

/**
 * Beside the text, in one stack: the open card at its words, a row for each change and comment, and where rows do not fit a line of codes; each height
 * names every delegation of the clause.
 */
export function Margin({ draft, showsResolved }: { draft: Draft; showsResolved: boolean }) {
  const column = useRef<HTMLDivElement>(null)
  const listed = useSignal<string | null>(null)
  const takesFocus = useRef(false)
  const order = useRef<readonly string[]>([])
  void draft.page.drawn.value
  usePlaces(column)
  const byBlock = useMemo(() => computed(() => entriesOf(draft, showsResolved)), [showsResolved]).value
  const origin = column.current?.getBoundingClientRect().top ?? 0
  const topOf = (entry: Entry): number | null => {
    const top = draft.page.topOf(entry.block, entry.at) ?? (entry.kind === "change" ? topOfGhost(entry.id) : topBefore(draft, entry.block))
    return top === null ? null : top - origin
  }
  const { pick, open } = usePick((entry) => isSeen(column.current, topOf(entry)))
  const cards = openCards(draft, byBlock, pick)
  const near = nearBlocks(beyondPx)
  for (const { entry } of cards) near.add(entry.block)
  // Where the view draws a clause only where it is to stand its row is there.
  for (const { proposal } of movesNear(draft.text, beyondPx)) near.add(proposal.block)
  const size = { widthPx: column.current?.clientWidth ?? 320, driftPx: Math.max(84, Math.min(innerHeight / 4, 240)) }
  const isNear = ([block]: readonly [string, readonly Entry[]]): boolean => near.has(block)
  const clauses = clauseViews(draft, [...byBlock].filter(isNear), cards, listed.value, size, topOf)
  const onOpen = (entry: Entry): void => {
    takesFocus.current = entry.kind !== "remark"
    open(entry)
    if (entry.kind === "remark") draft.remarks.resume(entry.half)
    else draft.choice.look(entry.id, entry.block, entry.at)
  }
  const slots = cardSlots(draft, clauses, listed, onOpen)
  // A box that one writes in is never moved in the page, for that would take the focus from it: what is open stays in the order in which it came.
  order.current = [...order.current.filter((key) => slots.has(key)), ...[...slots.keys()].filter((key) => !order.current.includes(key))]
  useStack(column, draft.page, cards[0])
  useLayoutEffect(() => {
    const isAsked = takesFocus.current
    takesFocus.current = false
    const title = column.current?.querySelector<HTMLElement>(".card.is-chosen button.title")
    // Over the text a card takes the focus however it was opened.
    if (title && (isAsked || (isSheet(column.current!) && isFocusInText()))) title.focus({ preventScroll: true })
  })
  return (
    <div class="margin" ref={column} role="complementary" aria-label="Changes and comments">
      <div class="open-cards">{order.current.map((key) => slots.get(key))}</div>
      <div class="rows">
        {clauses.flatMap((clause, i) => rowSlots(draft, clause, i * 1_000, onOpen, () => (listed.value = clause.block)))}
      </div>
    </div>
  )
}

/** The cards, and the list of a clause that is open, each under a key of its own. */
function cardSlots(
  draft: Draft,
  clauses: readonly ClauseView[],
  listed: { value: string | null },
  onOpen: (entry: Entry) => void,
): Map<string, ComponentChildren> {
  const slots = new Map<string, ComponentChildren>()
  clauses.forEach((clause, i) => {
    const { block, entries, tops, cards } = clause
    const orderOf = (entry: Entry): number => i * 1_000 + entries.indexOf(entry)
    if (listed.value === block && entries.length > 0) {
      const key = `list:${block}`
      slots.set(
        key,
        <Slot key={key} block={block} top={tops.get(entries[0]!.key)! - cardRisePx} order={i * 1_000} weight={weights.list}>
          <ClauseList
            draft={draft}
            clause={clause}
            onOpen={onOpen}
            onClose={() => {
              listed.value = null
              if (draft.choice.takeCaretBack()) return
              // Where one has no caret to go back to one is at what opens it again.
              const opener = `.margin .rows .slot[data-beside="${CSS.escape(block)}"] :is(.more, .plate, .line)`
              requestAnimationFrame(() => document.querySelector<HTMLElement>(opener)?.focus({ preventScroll: true }))
            }}
            cardOf={cardOf(draft)}
          />
        </Slot>,
      )
      return
    }
    for (const { key, entry, isWritten } of cards)
      slots.set(
        key,
        <Slot
          key={key}
          block={block}
          top={tops.get(entry.key)! - cardRisePx}
          order={orderOf(entry)}
          weight={isWritten ? weights.written : weights.card}
        >
          <CardOf draft={draft} entry={entry} />
        </Slot>,
      )
  })
  return slots
}

const cardOf =
  (draft: Draft) =>
  ({ entry }: OpenCard): ComponentChildren => <CardOf draft={draft} entry={entry} />

/** What a clause shows beside its open cards. */
function rowSlots(draft: Draft, clause: ClauseView, order: number, onOpen: (entry: Entry) => void, onAll: () => void): ComponentChildren[] {
  const { block, entries, rows, tops, height } = clause
  const [first] = rows
  if (!first) return []
  const slot = (key: string, entry: Entry, children: ComponentChildren): ComponentChildren => (
    <Slot key={key} block={block} top={tops.get(entry.key)!} order={order + entries.indexOf(entry)} weight={weights.row}>
      {children}
    </Slot>
  )
  switch (height) {
    case "changes":
      return rows.map((entry) => slot(entry.key, entry, <EntryRow draft={draft} entry={entry} onOpen={onOpen} />))
    case "delegations":
      return firstOfEach(rows).map((entry) => {
        const own = rows.filter((other) => other.group === entry.group)
        return slot(`${entry.group}@${block}`, entry, <GroupRow draft={draft} entries={own} onOpen={onOpen} onAll={onAll} />)
      })
    case "plates":
      return [slot(`plates@${block}`, first, <Plates draft={draft} entries={entries} onAll={onAll} />)]
    default:
      return height satisfies never
  }
}

/** Whether a place of the margin is in the window. */
function isSeen(column: HTMLElement | null, top: number | null): boolean {
  if (!column || top === null) return false
  const at = top + column.getBoundingClientRect().top
  return at > 0 && at < innerHeight
}

/** The proposals whose clause is drawn in or near the window where it is to stand. */
const movesNear = (text: DraftText, beyond: number): Change["structure"][number][] =>
  text.changes.value.flatMap(({ id, structure }) => {
    const moves = structure.filter(({ proposal }) => proposal.kind === "move")
    const top = moves.length > 0 ? topOfGhost(id) : null
    return top !== null && top > -beyond && top < innerHeight + beyond ? moves : []
  })

/** The top of a clause where it is proposed to stand. */
function topOfGhost(change: string): number | null {
  const ghost = document.querySelector(`.ProseMirror > .ghost[data-change="${CSS.escape(change)}"]`)
  return ghost && ghost.getClientRects().length > 0 ? ghost.getBoundingClientRect().top : null
}

/** The top of what is drawn before a clause that is not, in pixels of the window. */
function topBefore(draft: Draft, block: string): number | null {
  const blocks = draft.text.blocks.value
  for (let i = blocks.findIndex((other) => other.id === block); i >= 0; i--) {
    const top = draft.page.topOf(blocks[i]!.id, Number.POSITIVE_INFINITY)
    if (top !== null) return top
  }
  return draft.page.topOf(blocks[0]?.id ?? "", 0)
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
 * Stacks the slots whenever they are drawn or one of them changes its height, for a card that opens grows by itself; and brings the words of `card`, which
 * has just been opened, into the window: those that one begins to comment on, and on a small screen any.
 */
function useStack(column: { readonly current: HTMLElement | null }, page: Page, card: OpenCard | undefined): void {
  const latest = useRef(card)
  latest.current = card
  const settleAll = (): void => {
    if (!column.current) return
    stack(column.current)
    if (latest.current && isSheet(column.current)) bringWords(column.current, page, latest.current)
  }
  const sizes = useMemo(() => new ResizeObserver(settleAll), [])
  useEffect(() => () => sizes.disconnect(), [])
  useLayoutEffect(() => {
    if (!column.current) return
    stack(column.current)
    sizes.disconnect()
    for (const slot of column.current.querySelectorAll(".slot")) sizes.observe(slot)
  })
  useLayoutEffect(() => {
    if (column.current && card && (card.isWritten || isSheet(column.current))) bringWords(column.current, page, card)
  }, [card?.key, card?.isWritten])
}

/** On a small screen cards lie over the foot of the page. */
const isSheet = (column: HTMLElement): boolean => getComputedStyle(column).position === "fixed"

/** Scrolls the words of a card into the part of the window that is free. */
function bringWords(column: HTMLElement, page: Page, { entry }: OpenCard): void {
  const desk = column.closest<HTMLElement>(".desk")
  const words = page.topOf(entry.block, entry.at)
  if (!desk || words === null) return
  const { top, bottom } = desk.getBoundingClientRect()
  const end = isSheet(column) ? column.getBoundingClientRect().top : bottom
  if (words < top || words > end - 40) desk.scrollTop += words - top - (end - top) / 3
}

/**
 * Places the slots, each as near to its words as its neighbours let it. A card whose words are in the window is wholly in it: it rises as far as it must,
 * and still stands beside them.
 */
function stack(column: HTMLElement): void {
  const desk = column.closest(".desk")?.getBoundingClientRect()
  const origin = column.getBoundingClientRect().top
  const view = { top: (desk?.top ?? 0) - origin + edgePx, bottom: (desk?.bottom ?? innerHeight) - origin - edgePx }
  // What a card has beyond the window is scrolled inside of it.
  column.style.setProperty("--most", `${Math.round(view.bottom - view.top)}px`)
  const slots = [...column.querySelectorAll<HTMLElement>(".slot")].map((element) => ({
    element,
    words: Number(element.dataset.top),
    order: Number(element.dataset.order),
    weight: Number(element.dataset.weight),
    height: element.offsetHeight,
  }))
  slots.sort((a, b) => a.words - b.words || a.order - b.order)
  const wholly = ({ words, height, weight }: (typeof slots)[number]): number => {
    const isInWindow = words + cardRisePx > view.top - edgePx && words < view.bottom
    return weight > weights.row && isInWindow ? Math.max(Math.min(words, view.bottom - height), view.top) : words
  }
  const tops = settle(slots.map((slot) => ({ top: wholly(slot), height: slot.height, weight: slot.weight })))
  slots.forEach(({ element, words }, i) => {
    element.style.transform = `translateY(${Math.round(tops[i]!)}px)`
    element.style.setProperty("--words", `${Math.round(words - tops[i]!)}px`)
    if (!element.dataset.placed) requestAnimationFrame(() => (element.dataset.placed = "true"))
  })
}

import { effect } from "@preact/signals"
import { DecorationSet } from "prosemirror-view"
import type * as Y from "yjs"
import type { DraftSession } from "../editor/draft-session.ts"
import { startsOf } from "../editor/places.ts"
import { type RemarkSign, remarkKey, signsKey } from "../editor/remark-words.ts"
import type { Page } from "./page.ts"
import type { Stretch } from "./remark-places.ts"
import type { Remarks } from "./remarks.ts"
import type { RoomHere } from "./room.ts"
import type { DraftText } from "./text.ts"

// What is drawn of comments beside their marks in the words: what the open box is about, and signs for comments of which no words are marked.

export interface RemarkDrawingParts {
  readonly page: Page
  readonly room: RoomHere
  readonly text: DraftText
  readonly remarks: Remarks
}

/** The letters that stand between two staying places now; null: they are gone, or in two clauses. */
export function stretchBetween(
  page: Page,
  { binding }: DraftSession,
  { start, end }: { readonly start: Y.RelativePosition; readonly end: Y.RelativePosition },
): Stretch | null {
  const { doc } = page.state
  const from = binding.absoluteOf(start)
  const to = binding.absoluteOf(end)
  if (from === null || to === null || to > doc.content.size) return null
  const $from = doc.resolve(from)
  const $to = doc.resolve(to)
  if ($from.depth === 0 || !$from.sameParent($to)) return null
  return { block: $from.parent.attrs.id as string, from: $from.parentOffset, to: $to.parentOffset }
}

/** Marks on the page what the open remark box is about. Returns how to stop. */
export const watchRemarked = ({ page, text, remarks }: RemarkDrawingParts): (() => void) =>
  effect(() => {
    text.readEachLetter()
    const key = remarks.open.value
    const half = key === null ? undefined : remarks.about(key)
    const place = half && half.target.on !== "thread" && half.target.on !== "change" ? remarks.placeOf(half.target) : null
    const { state } = page
    const start = place ? startsOf(state.doc).get(place.block) : undefined
    const isClause = place !== null && place.from === place.to
    const range =
      place && start !== undefined
        ? isClause
          ? { from: start, to: start + state.doc.nodeAt(start)!.nodeSize, isClause }
          : { from: start + 1 + place.from, to: start + 1 + place.to, isClause }
        : null
    page.draw((now) => now.tr.setMeta(remarkKey, range).setMeta("addToHistory", false))
  })

/** Draws what stands for comments of which no words are marked, where nothing beside the text does. Returns how to stop. */
export const watchSigns = (parts: RemarkDrawingParts): (() => void) =>
  effect(() => {
    const { page, text } = parts
    text.readEachLetter()
    const signs = page.showsSigns.value ? [...threadSigns(parts), ...halfWrittenSigns(parts)] : []
    // With every letter that anybody types: where there is nothing to draw the page is left alone.
    if (signs.length === 0 && signsKey.getState(page.state) === DecorationSet.empty) return
    page.draw((now) => now.tr.setMeta(signsKey, signs).setMeta("addToHistory", false))
  })

function signAt(page: Page, block: string, at: number, sign: Omit<RemarkSign, "pos">): RemarkSign[] {
  const { doc } = page.state
  const start = startsOf(doc).get(block)
  return start === undefined ? [] : [{ ...sign, pos: start + 1 + Math.min(at, doc.nodeAt(start)!.content.size) }]
}

const threadSigns = ({ page, room, text }: RemarkDrawingParts): RemarkSign[] =>
  room.threads.value.flatMap(({ id, isResolved }) => {
    const place = text.places.value.get(id)
    if (isResolved || !place || place.block === null || place.words.length > 0 || place.change?.status === "open") return []
    return signAt(page, place.block, place.from, { id, isHalfWritten: false, title: "Comment" })
  })

const halfWrittenSigns = ({ page, text, remarks }: RemarkDrawingParts): RemarkSign[] =>
  remarks.halfWritten.value.flatMap(({ key, target, text: written }) => {
    const isOnCard = target.on === "thread" || (target.on === "change" && text.changes.value.some(({ id }) => id === target.change))
    const place = isOnCard || !written.value.trim() || remarks.open.value === key ? null : remarks.placeOf(target)
    return place ? signAt(page, place.block, place.to, { id: key, isHalfWritten: true, title: "Your comment, not sent" }) : []
  })

/**
 * The Yjs operations of the product, written as items at chosen places (BIND1). Yjs's public text API negates and cleans up the markers of others;
 * these never touch one. A mark instance is a pair of markers, on and off, tight around its characters.
 */
import * as Y from "yjs"
import { isDeletionInEffect, type Mark, ownerOf, splitCharacter } from "../schema/block.ts"
import { attrsOfMark } from "../schema/schema.ts"
import { marksAfter } from "./read.ts"

/** Between which items something is written. */
export interface Place {
  readonly left: Y.Item | null
  readonly right: Y.Item | null
}

/** A place in a gap between two characters, and the marks in force there. */
export interface Slot extends Place {
  readonly marks: readonly Mark[]
}

/** Writes one item at a place. Items written past Yjs's text API make its remembered positions stale: see `forgetMarkers`. */
export function writeItem(
  tr: Y.Transaction,
  parent: Y.XmlText | Y.XmlFragment,
  place: Place,
  content: Y.ContentString | Y.ContentFormat | Y.ContentType,
): Y.Item {
  const { doc } = tr
  const { left, right } = place
  const id = Y.createID(doc.clientID, Y.getState(doc.store, doc.clientID))
  const item = new Y.Item(id, left, left?.lastId ?? null, right, right?.id ?? null, parent, null, content)
  item.integrate(tr, 0)
  return item
}

// Yjs keeps positions of recent edits on the type; items written past its API make them stale.
export const forgetMarkers = (text: Y.XmlText): void => {
  if (text._searchMarker) text._searchMarker.length = 0
}

const isMarker = (item: Y.Item): boolean => item.content instanceof Y.ContentFormat

/** Stands right after the character before `index`, before any marker of the gap. With a transaction, an item that holds the place is cut there. */
function seek(tr: Y.Transaction | null, text: Y.XmlText, index: number): Slot & { isInsideItem: boolean } {
  let marks: readonly Mark[] = []
  let left: Y.Item | null = null
  let right = text._start
  let rest = index
  while (right && rest > 0) {
    if (!right.deleted) {
      if (right.content instanceof Y.ContentFormat) marks = marksAfter(marks, right.content)
      else if (right.countable) {
        if (rest < right.length) {
          if (!tr) return { left: right, right: null, marks, isInsideItem: true }
          Y.getItemCleanStart(tr, Y.createID(right.id.client, right.id.clock + rest))
        }
        rest -= right.length
      }
    }
    left = right
    right = right.right
  }
  if (rest > 0) throw new RangeError(`place ${index} is past the end of the block`)
  return { left, right, marks, isInsideItem: false }
}

export type OwnPlace = "prefer-own" | "avoid-own"

/** Who writes, and into what. */
export interface Writer {
  readonly source: string
  readonly ownPlace?: OwnPlace
  /** Whether a change was decided: its insertion takes nothing more in, whose ever it was. */
  readonly isDecided?: (change: string) => boolean
  /** The insertion that the words belong into, as the last of what they replace does (RES1). */
  readonly into?: string | null
}

const isOwnOpen = (mark: Mark | null, { source, isDecided }: Writer): boolean =>
  mark?.source === source && !(isDecided?.(mark.changeId) ?? false)

/** `home`: the own insertion of the letter before the gap. What one began there goes on there, whatever others have since put around it (CARET1). */
function burden(marks: readonly Mark[], writer: Writer, splits: readonly (Mark | null)[], home: Mark | null): number {
  const { ownPlace = "prefer-own", into = null } = writer
  const owner = ownerOf(marks)
  const isHome = home !== null && owner === home
  if (into !== null && !marks.some((mark) => mark.id === into)) return Number.MAX_VALUE
  if (owner && splits.includes(owner)) return Number.POSITIVE_INFINITY
  let sum = 0
  for (const mark of marks) {
    // A call of a footnote holds its one sign; and where words are commented on, what is written at their end is not.
    if (mark.name === "noteRef") sum += 100
    else if (mark.name === "comment") sum += 0.01
    else if (!isOwnOpen(mark, writer)) sum += isHome && !(mark.name === "deletion" && isDeletionInEffect(mark, marks)) ? 0 : 1
    else if (mark.name === "deletion") sum += 0.5
  }
  if (isOwnOpen(owner, writer)) sum += ownPlace === "prefer-own" ? -0.25 : 9
  return sum
}

const isSplit = (item: Y.Item | null): boolean =>
  item !== null && !item.deleted && item.content instanceof Y.ContentString && item.content.str === splitCharacter

/** The insertions of splits on both sides of a gap: nothing is ever typed inside one, for a split is decided for itself. */
function splitsAround(start: Slot): (Mark | null)[] {
  const splits = isSplit(start.left) ? [ownerOf(start.marks)] : []
  let { right, marks } = start
  for (; right && (right.deleted || isMarker(right)); right = right.right)
    if (!right.deleted) marks = marksAfter(marks, right.content as Y.ContentFormat)
  return isSplit(right) ? [...splits, ownerOf(marks)] : splits
}

/**
 * Where text of `source` goes in the gap at `index`: among the markers and tombstones of the gap where the fewest foreign marks are in force, of
 * these inside an own insertion, else leftmost (TRK1); behind one's own last letter in its insertion (CARET1).
 */
export function slotAt(tr: Y.Transaction | null, text: Y.XmlText, index: number, source: string, ownPlace: OwnPlace = "prefer-own"): Slot {
  return slotFor(tr, text, index, { source, ownPlace })
}

/** `slotAt` for a writer of whom more is known. */
export function slotFor(tr: Y.Transaction | null, text: Y.XmlText, index: number, writer: Writer): Slot {
  const start = seek(tr, text, index)
  if (start.isInsideItem) return start
  const splits = splitsAround(start)
  const before = ownerOf(start.marks)
  const home = writer.ownPlace !== "avoid-own" && isOwnOpen(before, writer) ? before : null
  let best: Slot = start
  let least = burden(start.marks, writer, splits, home)
  let { left, right, marks } = start
  while (right && (right.deleted || right.content instanceof Y.ContentFormat)) {
    const marker = right.deleted ? null : (right.content as Y.ContentFormat)
    left = right
    right = right.right
    if (!marker) continue
    marks = marksAfter(marks, marker)
    const sum = burden(marks, writer, splits, home)
    if (sum < least) {
      least = sum
      best = { left, right, marks }
    }
  }
  return best
}

/** What opens a mark in a text. */
export const opening = (mark: Mark): Y.ContentFormat => new Y.ContentFormat(mark.key, attrsOfMark(mark))
/** What closes it: null, by which Yjs ends a format; its types know objects alone. */
export const closing = ({ key }: { readonly key: string }): Y.ContentFormat => new Y.ContentFormat(key, null as unknown as object)

/** Writes characters at a slot, inside new pairs of `marks`, the first outermost. */
export function writeText(tr: Y.Transaction, text: Y.XmlText, slot: Slot, characters: string, marks: readonly Mark[]): void {
  forgetMarkers(text)
  let { left } = slot
  const { right } = slot
  for (const mark of marks) left = writeItem(tr, text, { left, right }, opening(mark))
  left = writeItem(tr, text, { left, right }, new Y.ContentString(characters))
  for (const mark of marks.toReversed()) left = writeItem(tr, text, { left, right }, closing(mark))
}

/** Removes the characters of [from, to). Markers stay: they may be another's. */
export function removeText(tr: Y.Transaction, text: Y.XmlText, from: number, to: number): void {
  forgetMarkers(text)
  let { right } = seek(tr, text, from)
  let rest = to - from
  for (; right && rest > 0; right = right.right) {
    if (right.deleted || !right.countable || isMarker(right)) continue
    if (rest < right.length) Y.getItemCleanStart(tr, Y.createID(right.id.client, right.id.clock + rest))
    rest -= right.length
    right.delete(tr)
  }
}

/** Writes a pair tight around the characters of [from, to). */
export function writeMark(tr: Y.Transaction, text: Y.XmlText, from: number, to: number, mark: Mark): void {
  forgetMarkers(text)
  let { left, right } = seek(tr, text, from)
  while (right && (right.deleted || isMarker(right))) {
    left = right
    right = right.right
  }
  writeItem(tr, text, { left, right }, opening(mark))
  writeItem(tr, text, seek(tr, text, to), closing(mark))
}

/**
 * Right behind the character before `index`, before any marker and tombstone of the gap, with the marks in force there. An item that holds the place is
 * cut.
 */
export const placeAt = (tr: Y.Transaction, text: Y.XmlText, index: number): Slot => seek(tr, text, index)

/** Behind everything that a text has. */
export function endOf(text: Y.XmlText): Place {
  let left = text._start
  while (left?.right) left = left.right
  return { left, right: null }
}

/**
 * Closes a mark that is in force on letters [from, to) right before them, and opens it right behind them again, where it has other letters there. Each of
 * its markers that stands elsewhere by that, as it was and as it is: a pair around nothing would not come along when the words go to another text, and
 * who wrote it would have nothing left by which to take the mark back.
 */
export function leaveOut(tr: Y.Transaction, text: Y.XmlText, from: number, to: number, mark: Mark): readonly (readonly [Y.Item, Y.Item])[] {
  forgetMarkers(text)
  const isIts = (item: Y.Item): boolean => !item.deleted && item.content instanceof Y.ContentFormat && item.content.key === mark.key
  const next = (item: Y.Item | null, side: "left" | "right", isIt: (item: Y.Item) => boolean): Y.Item | null => {
    let at = item
    while (at && !isIt(at)) at = at[side]
    return at
  }
  const isHere = (item: Y.Item): boolean => isIts(item) || (!item.deleted && item.countable)
  const before = beforeLetter(tr, text, from)
  const behind = placeAt(tr, text, to)
  const startsHere = next(before.left, "left", isHere)
  const endsHere = next(behind.right, "right", isHere)
  const start = startsHere && isIts(startsHere) ? startsHere : null
  const end = endsHere && isIts(endsHere) ? endsHere : null
  const put = (place: Place, content: Y.ContentFormat, ...were: (Y.Item | null)[]): (readonly [Y.Item, Y.Item])[] => {
    const now = writeItem(tr, text, place, content)
    return were.flatMap((was) => {
      was?.delete(tr)
      return was ? [[was, now] as const] : []
    })
  }
  if (start && end) {
    const last = next(start.left, "left", isIts)
    const first = next(end.right, "right", isIts)
    if (last) {
      start.delete(tr)
      return put({ left: last, right: last.right }, closing(mark), end, last)
    }
    if (first) {
      end.delete(tr)
      return put({ left: first.left, right: first }, opening(mark), start, first)
    }
    // Of one that has no other letters a pair stays, by which it is known.
    put({ left: start, right: start.right }, closing(mark))
    return put({ left: end.left, right: end }, opening(mark))
  }
  if (start) return put(behind, opening(mark), start)
  if (end) return put(before, closing(mark), end)
  put(behind, opening(mark))
  return put(before, closing(mark))
}

/** Right before the letter at an offset, behind every marker of the gap. */
export function beforeLetter(tr: Y.Transaction, text: Y.XmlText, offset: number): Place {
  let { left, right } = placeAt(tr, text, offset)
  while (right && (right.deleted || !right.countable)) {
    left = right
    right = right.right
  }
  return { left, right }
}

/** Whether a text has a marker of a key. */
export function hasMarker(text: Y.XmlText, key: string): boolean {
  for (let item = text._start; item; item = item.right)
    if (!item.deleted && item.content instanceof Y.ContentFormat && item.content.key === key) return true
  return false
}

/** Removes every marker of a key. */
export function removeMark(tr: Y.Transaction, text: Y.XmlText, key: string): void {
  forgetMarkers(text)
  for (let item = text._start; item; item = item.right) {
    if (!item.deleted && item.content instanceof Y.ContentFormat && item.content.key === key) item.delete(tr)
  }
}

/**
 * Turns off Yjs's automatic formatting clean-up, which deletes markers of others on whatever peer it runs (BIND3). Must be called before the first
 * update reaches the document. It leans on a private field: Yjs is pinned, and a test fails where this stops working.
 */
export function keepForeignMarkers(doc: Y.Doc): void {
  doc.on("afterTransaction", (tr: Y.Transaction & { _needFormattingCleanup?: boolean }) => {
    tr._needFormattingCleanup = false
  })
}

/** A document as every honest party makes it: room, shadow, browser. `gcFilter`: as Yjs has it; the room keeps which units of gone words were halves of signs. */
export function newDraftDoc(options: { guid?: string; gcFilter?: (item: Y.Item) => boolean } = {}): Y.Doc {
  const doc = new Y.Doc(options)
  keepForeignMarkers(doc)
  return doc
}

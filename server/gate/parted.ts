/** Where the words of a block are since a decision split it, or put it elsewhere (GATE8). */
import * as Y from "yjs"
import { serverClient } from "../../shared/schema/keys.ts"
import type { Moves } from "../../shared/sync/moves.ts"
import { textOfElement } from "../../shared/sync/read.ts"

type Struct = Y.Item | Y.GC

const structAt = (doc: Y.Doc, { client, clock }: { client: number; clock: number }): Struct =>
  Y.getItem(doc.store, Y.createID(client, clock)) as Struct

/** The element that an item of the list of blocks is; null where nothing is left of it. */
function elementOf(item: Struct | null): Y.XmlElement | null {
  const type = item instanceof Y.Item && !item.deleted && item.content instanceof Y.ContentType ? item.content.type : null
  return type instanceof Y.XmlElement ? type : null
}

/** The element that stood before one when its writer put it there. */
const writtenBehind = ({ origin }: Y.Item, doc: Y.Doc): Y.XmlElement | null => (origin ? elementOf(structAt(doc, origin)) : null)

/**
 * The block that another is a part of, or that has become it: what the server wrote first in it is the place from which its words came, the split of a
 * block or the element of one that was put elsewhere.
 */
function wholeOf(element: Y.XmlElement, doc: Y.Doc, moves: Moves): Y.XmlElement | null {
  const { client, clock } = element._item!.id
  const text = textOfElement(element)
  if (client !== serverClient || !text) return null
  const end = Math.min(clock + mostAttributes, Y.getState(doc.store, client))
  for (let at = clock + 1; at < end; at++) {
    const item = structAt(doc, { client, clock: at })
    if (!(item instanceof Y.Item) || item.parent !== text) continue
    const before = moves.before({ client, clock: at })
    const was = before ? structAt(doc, before) : null
    if (!(was instanceof Y.Item)) return null
    return elementOf(was) ?? (was.parent instanceof Y.XmlText ? (was.parent.parent as Y.XmlElement) : null)
  }
  return null
}

/** As many items the server writes at most for a new block before the first of its words. */
const mostAttributes = 32

const isThere = (element: Y.XmlElement): boolean => element.getAttribute("joined") === undefined

/** A block that is a part of another, and its place among the items of the list. */
interface Part {
  readonly element: Y.XmlElement
  readonly whole: Y.XmlElement
  readonly at: number
}

/**
 * Of each new block the last part of the one that it was written behind, where that was split before its writer had heard of it and the part stands behind
 * the new block by now: Yjs puts the two in either order. Those that stand behind all of its words are left out. What its writer had heard of is known by
 * what stood on both sides of it: only what stands between came later. `isNew`: what the same update brings may have to go too. The list is walked once
 * for all of them: an update may bring hundreds.
 */
export function partsBehind(
  fragment: Y.XmlFragment,
  isNew: (block: Y.XmlElement) => boolean,
  doc: Y.Doc,
  moves: Moves,
): Map<Y.XmlElement, Y.XmlElement> {
  const found = new Map<Y.XmlElement, Y.XmlElement>()
  const elements = fragment.toArray() as Y.XmlElement[]
  const added = elements.filter(isNew)
  if (added.length === 0) return found
  const places = new Map<Y.Item, number>()
  for (let item = fragment._start; item; item = item.right) places.set(item, places.size)
  const parts: Part[] = elements.flatMap((element) => {
    const whole = wholeOf(element, doc, moves)
    return whole ? [{ element, whole, at: places.get(element._item!)! }] : []
  })
  const isBehind = writtenBehindIn(elements, doc)
  const ends = new Map<Y.Item, number>()
  for (const element of added) {
    const end = endOf(element._item!, { doc, isNew, places, ends })
    const own = new Set<Y.XmlElement>()
    let last: Y.XmlElement | null = null
    for (let i = countTo(parts, places.get(element._item!)!); i < parts.length && parts[i]!.at < end; i++) {
      const { element: part, whole } = parts[i]!
      if (!own.has(whole) && !isBehind(element, whole)) continue
      own.add(part)
      if (isThere(part)) last = part
    }
    if (last) found.set(element, last)
  }
  return found
}

/** How many parts stand at or before a place. */
function countTo(parts: readonly Part[], place: number): number {
  let low = 0
  let high = parts.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (parts[middle]!.at <= place) low = middle + 1
    else high = middle
  }
  return low
}

/** Whether one block was written behind another, or behind one that was, and so on: several new ones stand behind each other. */
function writtenBehindIn(elements: readonly Y.XmlElement[], doc: Y.Doc): (block: Y.XmlElement, other: Y.XmlElement) => boolean {
  const behind = new Map<Y.XmlElement, Y.XmlElement[]>()
  const first: Y.XmlElement[] = []
  for (const element of elements) {
    const before = writtenBehind(element._item!, doc)
    if (!before) first.push(element)
    else if (!behind.get(before)?.push(element)) behind.set(before, [element])
  }
  // Each is counted as it is come to, and once all that are behind it are done.
  const from = new Map<Y.XmlElement, number>()
  const to = new Map<Y.XmlElement, number>()
  const rest = first.map((element) => ({ element, isDone: false }))
  for (let next = rest.pop(); next; next = rest.pop()) {
    const { element, isDone } = next
    if (isDone) {
      to.set(element, from.size)
      continue
    }
    from.set(element, from.size)
    rest.push({ element, isDone: true }, ...(behind.get(element) ?? []).map((one) => ({ element: one, isDone: false })))
  }
  return (block, other) => block !== other && from.get(block)! > from.get(other)! && from.get(block)! < to.get(other)!
}

interface Ends {
  readonly doc: Y.Doc
  readonly isNew: (block: Y.XmlElement) => boolean
  readonly places: ReadonlyMap<Y.Item, number>
  /** Those that are known. */
  readonly ends: Map<Y.Item, number>
}

/** The place of what stood behind a new block as it was written; where that is new, or has gone on itself, of what stood behind that. */
function endOf(item: Y.Item, { doc, isNew, places, ends }: Ends): number {
  const passed: Y.Item[] = []
  let end: number | undefined
  for (let at = item; end === undefined; ) {
    end = ends.get(at)
    if (end !== undefined) break
    passed.push(at)
    const next = at.rightOrigin ? structAt(doc, at.rightOrigin) : null
    const block = elementOf(next)
    if (next instanceof Y.Item && block && (!isThere(block) || isNew(block))) at = next
    else end = (next instanceof Y.Item ? places.get(next) : undefined) ?? Number.POSITIVE_INFINITY
  }
  for (const one of passed) ends.set(one, end)
  return end
}

/** The ids of the blocks into which words of one went since the server's clock was so, in their order in it; itself left out. */
export function partsSince(element: Y.XmlElement, heard: number, doc: Y.Doc, moves: Moves): string[] {
  const parts = new Set<string>()
  for (let item = textOfElement(element)?._start ?? null; item; item = item.right) {
    if (!item.deleted) continue
    for (const { to, length } of moves.within(item.id, item.length))
      for (let i = 0; to.clock + i >= heard && i < length; i++) {
        const now = structAt(doc, moves.latest({ client: to.client, clock: to.clock + i }))
        const block = now instanceof Y.Item && !now.deleted && now.parent instanceof Y.XmlText ? (now.parent.parent as Y.XmlElement) : null
        if (block && block !== element && !block._item!.deleted && isThere(block)) parts.add(block.getAttribute("id") as string)
      }
  }
  return [...parts]
}

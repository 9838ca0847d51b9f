/** Where characters are in the room's document: items by their ids, and what stands where they were written anew. */
import * as Y from "yjs"
import type { ItemId, Stretch } from "../../shared/schema/runs.ts"
import type { Moves } from "../../shared/sync/moves.ts"
import { textOfElement } from "../../shared/sync/read.ts"
import { isInSign } from "./halves.ts"
import type { At } from "./repairs.ts"

const names = new WeakMap<Y.XmlElement, At>()

/** How a block is named by the judge: by the identity of its element. */
export function atOf(element: Y.XmlElement): At {
  let at = names.get(element)
  if (at === undefined) {
    const { client, clock } = element._item!.id
    names.set(element, (at = `${client}.${clock}`))
  }
  return at
}

const structOf = (doc: Y.Doc, { client, clock }: ItemId): Y.Item | Y.GC => Y.getItem(doc.store, Y.createID(client, clock)) as Y.Item | Y.GC

export function elementAt(doc: Y.Doc, at: At): Y.XmlElement | null {
  const [client = 0, clock = 0] = at.split(".").map(Number)
  const item = structOf(doc, { client, clock })
  const type = item instanceof Y.Item && item.content instanceof Y.ContentType ? item.content.type : null
  return type instanceof Y.XmlElement ? type : null
}

export function textAt(doc: Y.Doc, at: At): Y.XmlText | null {
  const element = elementAt(doc, at)
  return element && textOfElement(element)
}

/** The item that begins with a character, cut there if it goes on before it. */
export const itemFrom = (tr: Y.Transaction, { client, clock }: ItemId): Y.Item | Y.GC =>
  Y.getItemCleanStart(tr, Y.createID(client, clock)) as Y.Item | Y.GC

/** The item that ends with a character, cut there if it goes on; null where nothing is left of it. */
export function itemEndingAt(tr: Y.Transaction, id: ItemId): Y.Item | null {
  const item = structOf(tr.doc, id)
  if (!(item instanceof Y.Item)) return null
  if (item.id.clock + item.length === id.clock + 1) return item
  itemFrom(tr, { client: id.client, clock: id.clock + 1 })
  return structOf(tr.doc, id) as Y.Item
}

/** The item of the block that a character stands in. */
const elementItem = (item: Y.Item): Y.Item => ((item.parent as Y.XmlText).parent as Y.XmlElement)._item!

const isInDraft = (item: Y.Item): boolean => item.parent instanceof Y.XmlText && !item.parent._item!.deleted && !elementItem(item).deleted

export const idOf = (item: Y.Item): ItemId => ({ client: item.id.client, clock: item.id.clock })

/** Letters of an item without half a sign: one of which any is among them is there as a whole. */
function wholeSigns({ content }: Y.Item, within: number, length: number): { readonly from: number; readonly to: number } {
  const words = content instanceof Y.ContentString ? content.str : ""
  const to = within + length
  return { from: isInSign(words, within) ? within - 1 : within, to: isInSign(words, to) ? to + 1 : to }
}

/** How many characters stand before an item. */
function offsetOf(item: Y.Item): number {
  let offset = 0
  for (let other = (item.parent as Y.XmlText)._start; other && other !== item; other = other.right)
    if (!other.deleted && other.countable) offset += other.length
  return offset
}

/**
 * The place right behind a character, as an offset in the text that it stands in, or null where its block is gone. A tombstone stands behind what is
 * left of it, wherever that went.
 */
export function placeOf(doc: Y.Doc, moves: Moves, id: ItemId): { text: Y.XmlText; offset: number } | null {
  // Words that went and came back have led to each other: then what is left nearest before them is as near as it gets.
  const seen = new Set<Y.Item>()
  for (let at = moves.latest(id); ; ) {
    const item = structOf(doc, at)
    if (!(item instanceof Y.Item) || !isInDraft(item)) return null
    const text = item.parent as Y.XmlText
    const within = at.clock - item.id.clock
    if (!item.deleted && item.countable) return { text, offset: offsetOf(item) + wholeSigns(item, within, 1).to }
    const elsewhere = goneBefore(moves, item, within)
    if (!elsewhere || seen.has(item)) return survivingPlace(text, offsetOf(item))
    seen.add(item)
    at = moves.latest(elsewhere)
  }
}

/** A place in a text, or, where that is of a block whose words went into another, the end of that one; null where that is gone too. */
function survivingPlace(text: Y.XmlText, offset: number): { text: Y.XmlText; offset: number } | null {
  const joinedTo = (element: Y.XmlElement): string | undefined => element.getAttribute("joined")
  let element = text.parent as Y.XmlElement
  if (joinedTo(element) === undefined) return { text, offset }
  const elements = (element.parent as Y.XmlFragment).toArray() as Y.XmlElement[]
  for (let hops = elements.length; hops > 0; hops--) {
    const into = joinedTo(element)
    const next = into === undefined ? undefined : elements.find((other) => other.getAttribute("id") === into)
    if (into === undefined) break
    if (!next || next === element) return null
    element = next
  }
  const survivor = joinedTo(element) === undefined ? textOfElement(element) : null
  return survivor && { text: survivor, offset: survivor.length }
}

/** What was written anew elsewhere nearest before a tombstone, unless something is left nearer; the start of a block whose words all went. */
function goneBefore(moves: Moves, tombstone: Y.Item, within: number): ItemId | null {
  const inItem = within > 0 ? moves.lastIn(idOf(tombstone), within) : null
  if (inItem) return inItem
  for (let item = tombstone.left; item; item = item.left) {
    if (!item.deleted && item.countable) return null
    const last = item.deleted ? moves.lastIn(idOf(item), item.length) : null
    if (last) return last
  }
  const start = idOf(elementItem(tombstone))
  return moves.next(start) ? start : null
}

/** The visible ones of what some characters are now, by text, as ranges of offsets. What is gone is not found, and nothing else in its place is. */
export function visibleIn(doc: Y.Doc, moves: Moves, letters: readonly Stretch[]): Map<Y.XmlText, [from: number, to: number][]> {
  const offsets = new Map<Y.XmlText, number[]>()
  for (const { item, within, length } of visibleItems(doc, moves, letters)) {
    const text = item.parent as Y.XmlText
    const first = offsetOf(item)
    const { from, to } = wholeSigns(item, within, length)
    const list = offsets.get(text) ?? []
    offsets.set(text, list)
    for (let at = from; at < to; at++) list.push(first + at)
  }
  return new Map([...offsets].map(([text, list]) => [text, rangesOf(list)]))
}

/** What some characters are now, as far as it is visible: stretches of one item each. */
export function* visibleItems(
  doc: Y.Doc,
  moves: Moves,
  letters: readonly Stretch[],
): Iterable<{ item: Y.Item; within: number; length: number }> {
  for (const { client, clock, length } of letters)
    for (let done = 0; done < length; ) {
      const now = moves.latest({ client, clock: clock + done })
      const item = structOf(doc, now)
      const within = now.clock - item.id.clock
      // The next one may have gone elsewhere.
      let size = 1
      while (done + size < length && within + size < item.length) {
        const next = moves.latest({ client, clock: clock + done + size })
        if (next.client !== now.client || next.clock !== now.clock + size) break
        size++
      }
      if (item instanceof Y.Item && !item.deleted && item.countable && isInDraft(item)) yield { item, within, length: size }
      done += size
    }
}

function rangesOf(offsets: readonly number[]): [number, number][] {
  const found: [number, number][] = []
  for (const offset of [...new Set(offsets)].sort((a, b) => a - b)) {
    const last = found.at(-1)
    if (last?.[1] === offset) last[1] = offset + 1
    else found.push([offset, offset + 1])
  }
  return found
}

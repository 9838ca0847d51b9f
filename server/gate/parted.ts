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
 * Whether a block is a part of some others, or what one of them has become: what the server wrote first in it is the place from which its words came, the
 * split of a block or the element of one that was put elsewhere.
 */
function isPartOf(element: Y.XmlElement, blocks: ReadonlySet<Y.XmlElement>, doc: Y.Doc, moves: Moves): boolean {
  const { client, clock } = element._item!.id
  const text = textOfElement(element)
  if (client !== serverClient || !text) return false
  const end = Math.min(clock + mostAttributes, Y.getState(doc.store, client))
  for (let at = clock + 1; at < end; at++) {
    const item = structAt(doc, { client, clock: at })
    if (!(item instanceof Y.Item) || item.parent !== text) continue
    const before = moves.before({ client, clock: at })
    const was = before ? structAt(doc, before) : null
    if (!(was instanceof Y.Item)) return false
    const itself = elementOf(was)
    if (itself) return blocks.has(itself)
    return was.parent instanceof Y.XmlText && blocks.has(was.parent.parent as Y.XmlElement)
  }
  return false
}

/** As many items the server writes at most for a new block before the first of its words. */
const mostAttributes = 32

const isThere = (element: Y.XmlElement): boolean => element.getAttribute("joined") === undefined

/**
 * Of a new block the last part of the one that it was written behind, where that was split before its writer had heard of it and the part stands behind the
 * new block by now: Yjs puts the two in either order. Null where it stands behind all of its words. What its writer had heard of is known by what stood on
 * both sides of it: only what stands between came later. `isNew`: what the same update brings may have to go too.
 */
export function partBehind(element: Y.XmlElement, isNew: (block: Y.XmlElement) => boolean, doc: Y.Doc, moves: Moves): Y.XmlElement | null {
  const item = element._item!
  let next = item.rightOrigin
  const before = new Set<Y.XmlElement>()
  // Several new ones stand behind each other.
  for (let at = writtenBehind(item, doc); at && !before.has(at); at = writtenBehind(at._item!, doc)) before.add(at)
  let last: Y.XmlElement | null = null
  for (let other = item.right; other; other = other.right) {
    const part = elementOf(other)
    if (next && Y.compareIDs(other.id, next)) {
      // What stood behind it has gone on itself.
      if (!part || (isThere(part) && !isNew(part))) break
      next = other.rightOrigin
    }
    if (!part || !isPartOf(part, before, doc, moves)) continue
    before.add(part)
    if (isThere(part)) last = part
  }
  return last
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

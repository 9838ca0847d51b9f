import type * as Y from "yjs"
import { blocksRoot, elementsOf, textOfElement } from "../../shared/sync/read.ts"
import type { Names } from "./names.ts"
import type { Op } from "./trace.ts"

/** A place in an editor: the block by its index, and how many characters stand before it. */
export interface At {
  readonly index: number
  readonly at: number
}

const blockAt = (doc: Y.Doc, id: string): { text: Y.XmlText; index: number } | null => {
  const index = (doc.getXmlFragment(blocksRoot).toArray() as Y.XmlElement[]).findIndex((element) => element.getAttribute("id") === id)
  const text = index < 0 ? null : textOfElement(elementsOf(doc)[index]!)
  return text && { text, index }
}

/** How many characters of a text stand up to a letter, it included where it is there still; null: the letter is not of this text. */
function offsetBehind(text: Y.XmlText, { client, clock }: { client: number; clock: number }): number | null {
  let offset = 0
  for (let item = text._start; item; item = item.right) {
    const isVisible = !item.deleted && item.countable
    if (item.id.client === client && clock >= item.id.clock && clock < item.id.clock + item.length)
      return isVisible ? offset + clock - item.id.clock + 1 : offset
    if (isVisible) offset += item.length
  }
  return null
}

/** The letter before an offset of a text; null: its start. */
function letterBefore(text: Y.XmlText, offset: number): { client: number; clock: number } | null {
  let left = offset
  for (let item = text._start; item && left > 0; item = item.right) {
    if (item.deleted || !item.countable) continue
    if (left <= item.length) return { client: item.id.client, clock: item.id.clock + left - 1 }
    left -= item.length
  }
  return null
}

/** Where an operation begins in a document; null: there is no such place. */
export function placeIn(doc: Y.Doc, names: Names, { block, after }: Op): At | null {
  const found = blockAt(doc, names.id(String(block)))
  if (!found) return null
  if (after === null || after === undefined) return { index: found.index, at: 0 }
  const letter = names.place(String(after))
  const at = letter && offsetBehind(found.text, letter)
  return at === null ? null : { index: found.index, at }
}

/** The characters of an operation in a document, from its first letter to its last; null: nothing is left of them. */
export function stretchIn(doc: Y.Doc, names: Names, { block, from, to }: Op): (At & { readonly to: number }) | null {
  const found = blockAt(doc, names.id(String(block)))
  const [first, last] = [from, to].map((name) => names.place(String(name)))
  if (!found || !first || !last) return null
  const [start, end] = [offsetBehind(found.text, first), offsetBehind(found.text, last)]
  if (start === null || end === null) return null
  const { text } = found
  const at = isThere(text, first) ? start - 1 : start
  return end > at ? { index: found.index, at, to: end } : null
}

function isThere(text: Y.XmlText, { client, clock }: { client: number; clock: number }): boolean {
  for (let item = text._start; item; item = item.right)
    if (item.id.client === client && clock >= item.id.clock && clock < item.id.clock + item.length) return !item.deleted
  return false
}

/** What a trace says of a place: its block, and the letter before it. */
export function placeNamed(doc: Y.Doc, names: Names, { index, at }: At): { block: string; after: string | null } {
  const element = elementsOf(doc)[index]!
  const letter = letterBefore(textOfElement(element)!, at)
  return { block: names.block(element.getAttribute("id")!), after: letter && names.letter(letter.client, letter.clock) }
}

/** What a trace says of characters: their block, the first and the last of them. */
export function stretchNamed(
  doc: Y.Doc,
  names: Names,
  index: number,
  from: number,
  to: number,
): { block: string; from: string; to: string } {
  const element = elementsOf(doc)[index]!
  const text = textOfElement(element)!
  const [first, last] = [letterBefore(text, from + 1)!, letterBefore(text, to)!]
  return {
    block: names.block(element.getAttribute("id")!),
    from: names.letter(first.client, first.clock),
    to: names.letter(last.client, last.clock),
  }
}

/** Carrying out what was decided about blocks as a whole: the one place where agreed text changes its place. */
import * as Y from "yjs"
import type { Split } from "../../shared/changes/splits.ts"
import { type Mark, splitCharacter } from "../../shared/schema/block.ts"
import type { ItemId, PlacedRun } from "../../shared/schema/runs.ts"
import { attributesOf, markOfMarker, runsOfText, textOfElement } from "../../shared/sync/read.ts"
import { closing, endOf, forgetMarkers, opening, placeAt, removeText, writeItem } from "../../shared/sync/write.ts"
import { idOf } from "./places.ts"
import type { Relocations } from "./relocations.ts"

/** What carrying out needs: the transaction, the list of blocks, and where what is written anew is noted. */
export interface Site {
  /** The one that is open now: a large decision is written in several. */
  tr: Y.Transaction
  readonly fragment: Y.XmlFragment
  readonly relocations: Relocations
}

/** The runs from an offset on, each with the id of its first character. */
function runsFrom(text: Y.XmlText, from: number): PlacedRun[] {
  const rest: PlacedRun[] = []
  let at = 0
  for (const run of runsOfText(text)) {
    const skip = Math.max(0, from - at)
    if (skip < run.text.length) rest.push({ ...run, text: run.text.slice(skip), clock: run.clock + skip })
    at += run.text.length
  }
  return rest
}

/**
 * Moves the words from an offset on to the end of another text: they are written anew there under the same mark keys, the old ones become tombstones,
 * and it is noted which became which. A pair that reaches over the cut is closed on both sides; no pair stays among the tombstones, nor does one come
 * along that holds nothing: it would draw in what its source types there. `start` is what the place before the first word was known by: the split
 * character, or the element of a block whose words all go. `isCutOff`: they stay parted from what stands there, until that is split.
 */
export function moveWords(
  { tr, relocations }: Site,
  source: Y.XmlText,
  from: number,
  target: Y.XmlText,
  start: ItemId,
  isCutOff = false,
): void {
  forgetMarkers(source)
  forgetMarkers(target)
  let { left } = endOf(target)
  const write = (content: Y.ContentString | Y.ContentFormat, was: ItemId | null): Y.Item => {
    const item = writeItem(tr, target, { left, right: null }, content)
    left = item
    if (was) relocations.add(was, idOf(item), item.length)
    return item
  }
  // Words typed late at the very start of what moves find their place behind this tombstone.
  const sign = write(new Y.ContentString(splitCharacter), start)
  if (!isCutOff) sign.delete(tr)
  const cut = placeAt(tr, source, from)
  const behind: Y.Item[] = []
  for (let item = cut.right; item; item = item.right) if (!item.deleted) behind.push(item)
  // Each with the marker that opens it behind the cut; those in force at the cut have theirs before it.
  const waiting = new Map<string, { mark: Mark; was: ItemId | null }>(cut.marks.map((mark) => [mark.key, { mark, was: null }]))
  const reaching = new Set(waiting.keys())
  const open = new Set<string>()
  for (const item of behind) {
    const { content } = item
    if (content instanceof Y.ContentFormat) {
      const mark = markOfMarker(content)
      // What ends before the first word that goes ends where it did: what was struck and has gone there may come back in it.
      if (!mark && waiting.get(content.key)?.was === null) {
        waiting.delete(content.key)
        reaching.delete(content.key)
        continue
      }
      if (mark) waiting.set(mark.key, { mark, was: idOf(item) })
      else if (!waiting.delete(content.key) && open.delete(content.key)) write(closing(content), idOf(item))
    } else if (content instanceof Y.ContentString) {
      for (const { mark, was } of waiting.values()) {
        write(opening(mark), was)
        open.add(mark.key)
      }
      waiting.clear()
      write(new Y.ContentString(content.str), idOf(item))
    }
    item.delete(tr)
  }
  for (const key of reaching) writeItem(tr, source, placeAt(tr, source, from), closing({ key }))
}

export const elementsOf = ({ fragment }: Site): Y.XmlElement[] => fragment.toArray() as Y.XmlElement[]

/** The element of a block that is part of the text. Throws where there is none: a plan names only blocks that are there. */
export function elementOf(site: Site, id: string): Y.XmlElement {
  const found = elementsOf(site).find((element) => element.getAttribute("id") === id)
  if (!found) throw new Error(`no block ${id}`)
  return found
}

/** The block that holds the words of a block now, by id; null where that is gone. */
export function survivorIn(site: Site, id: string): string | null {
  const joined = new Map(elementsOf(site).map((element) => [element.getAttribute("id"), element.getAttribute("joined") ?? null]))
  const seen = new Set<string>()
  let at = id
  for (let into = joined.get(at); into; into = joined.get(at)) {
    if (seen.has(at)) return null
    seen.add(at)
    at = into
  }
  return joined.has(at) ? at : null
}

type Attrs = Readonly<Record<string, unknown>>

/** A new block with these attributes before the element that is at `index`. */
export function newElement({ fragment }: Site, index: number, type: string, attrs: Attrs): Y.XmlElement {
  return placed(type, attrs, (element) => fragment.insert(index, [element]))
}

/** A new block right before what is left of one that went, so that several which come back stand in their order, whichever is the first. */
export function elementBefore({ tr, fragment }: Site, gone: Y.Item, type: string, attrs: Attrs): Y.XmlElement {
  return placed(type, attrs, (element) => writeItem(tr, fragment, { left: gone.left, right: gone }, new Y.ContentType(element)))
}

function placed(type: string, attrs: Attrs, place: (element: Y.XmlElement) => void): Y.XmlElement {
  const element = new Y.XmlElement(type)
  element.insert(0, [new Y.XmlText()])
  place(element)
  for (const [name, value] of Object.entries(attrs)) element.setAttribute(name, value as string)
  return element
}

export const startOf = (element: Y.XmlElement): ItemId => idOf(element._item!)

/** Joins a block to the end of another. It stays as an empty place, from which words that arrive late are carried over. */
export function joinBlock(site: Site, id: string, into: string, isApart = false): void {
  const source = elementOf(site, id)
  const target = elementOf(site, into)
  moveWords(site, textOfElement(source)!, 0, textOfElement(target)!, startOf(source), isApart)
  source.setAttribute("joined", into)
  source.removeAttribute("insertedBy")
  source.removeAttribute("insertedId")
}

/** Moves a block behind another, or to the front. The block keeps its id; what stays at the old place gets a new one. */
export function moveBlock(site: Site, id: string, after: string | null, shellId: string): void {
  const source = elementOf(site, id)
  const attrs = attributesOf(source)
  source.setAttribute("id", shellId)
  source.setAttribute("joined", id)
  for (const name of ["insertedBy", "insertedId", "origin"]) source.removeAttribute(name)
  const at = after === null ? 0 : elementsOf(site).indexOf(elementOf(site, after)) + 1
  const target = newElement(site, at, source.nodeName, attrs)
  moveWords(site, textOfElement(source)!, 0, textOfElement(target)!, startOf(source))
}

/** Takes a block out. `leavesPlace`: another is proposed to stand behind it, so an empty place keeps its id. What is typed late in it is handed back. */
export function removeBlock(site: Site, element: Y.XmlElement, leavesPlace: boolean): void {
  const id = element.getAttribute("id")!
  const index = elementsOf(site).indexOf(element)
  // What comes into the place went with the block: it is noted to lead there, where nothing is.
  if (leavesPlace) site.relocations.add(startOf(newElement(site, index + 1, element.nodeName, { id, joined: id })), startOf(element), 1)
  site.fragment.delete(index, 1)
}

/** The id of the character at an offset. */
function characterAt(text: Y.XmlText, offset: number): ItemId {
  const [run] = runsFrom(text, offset)
  if (!run) throw new Error(`no character at ${offset}`)
  return { client: run.client, clock: run.clock }
}

/** Cuts a block into its parts, from the last to the first; the split characters go. */
export function splitBlock(site: Site, { block, parts }: Split): void {
  const source = elementOf(site, block)
  const text = textOfElement(source)!
  const attrs = attributesOf(source)
  const index = elementsOf(site).indexOf(source)
  removeText(site.tr, text, parts.at(-1)?.to ?? 0, text.length)
  for (let i = parts.length - 1; i > 0; i--) {
    const part = parts[i]!
    const target = newElement(site, index + 1, source.nodeName, { ...attrs, id: part.id })
    moveWords(site, text, part.from, textOfElement(target)!, characterAt(text, part.from - 1))
    removeText(site.tr, text, parts[i - 1]!.to, part.from)
  }
  removeText(site.tr, text, 0, parts[0]?.from ?? 0)
}

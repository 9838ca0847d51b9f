import * as Y from "yjs"
import type { LetterId } from "../../shared/changes/sight.ts"
import { groundOf, movesOf } from "../../shared/sync/ground.ts"
import { blocksRoot, textOfElement } from "../../shared/sync/read.ts"

/** A letter's place: its text, how many letters stand before it, and whether it is there still. */
export interface LetterPlace {
  readonly text: Y.XmlText
  readonly before: number
  readonly isThere: boolean
}

const itemOf = (doc: Y.Doc, { client, clock }: LetterId): Y.Item | null => {
  if (clock >= Y.getState(doc.store, client)) return null
  const item = Y.getItem(doc.store, Y.createID(client, clock))
  return item instanceof Y.Item ? item : null
}

/** Where a letter stands now, through whatever the server did with its block; where it is gone, the place that it had. Null: nobody knows it. */
export function placeOfLetter(doc: Y.Doc, letter: LetterId): LetterPlace | null {
  const first = placeOf(doc, letter)
  if (first?.isThere) return first
  const places = movesOf(doc)
    .allOf({ ...letter, length: 1 })
    .flatMap((at) => placeOf(doc, at) ?? [])
  return places.find(({ isThere }) => isThere) ?? places.at(-1) ?? null
}

/** A place in a text, and how many letters stand before it. */
export type PlaceBetween = Omit<LetterPlace, "isThere">

/** The place behind a letter, in whichever block that is now; where it is gone, behind what stands before it. Null: nobody knows it. */
export function placeBehind(doc: Y.Doc, letter: LetterId): PlaceBetween | null {
  const place = placeOfLetter(doc, letter)
  return place?.isThere ? { ...place, before: place.before + 1 } : placeNear(doc, letter)
}

/** Where what a block began with stands: at its beginning, or in the block that it was joined to. */
export function beginningOf(doc: Y.Doc, element: Y.XmlElement): PlaceBetween | null {
  const text = textOfElement(element)
  if (!text || element.getAttribute("joined") === undefined) return text && { text, before: 0 }
  const began = movesOf(doc).next(element._item!.id)
  return began && placeNear(doc, began)
}

function placeNear(doc: Y.Doc, letter: LetterId): PlaceBetween | null {
  const near = groundOf(doc, []).near(letter)
  const blocks = doc.getXmlFragment(blocksRoot).toArray() as Y.XmlElement[]
  const element = near && blocks.find((one) => one.getAttribute("id") === near.block)
  const text = element && textOfElement(element)
  return near && text ? { text, before: near.at } : null
}

function placeOf(doc: Y.Doc, letter: LetterId): LetterPlace | null {
  const item = itemOf(doc, letter)
  const text: unknown = item?.parent
  return item && text instanceof Y.XmlText ? { text, before: lettersBefore(text, item, letter.clock), isThere: !item.deleted } : null
}

function lettersBefore(text: Y.XmlText, item: Y.Item, clock: number): number {
  let before = 0
  for (let other = text._start; other && other !== item; other = other.right) if (!other.deleted && other.countable) before += other.length
  return item.deleted ? before : before + clock - item.id.clock
}

/** The ids of the letters of a text in order, one for each UTF-16 unit. `wasThere`: which items count; else those that are there now. */
export function lettersOf(text: Y.XmlText, wasThere: (item: Y.Item) => boolean = (item) => !item.deleted): LetterId[] {
  const letters: LetterId[] = []
  for (let item = text._start; item; item = item.right) {
    if (!item.countable || !wasThere(item)) continue
    for (let i = 0; i < item.length; i++) letters.push({ client: item.id.client, clock: item.id.clock + i })
  }
  return letters
}

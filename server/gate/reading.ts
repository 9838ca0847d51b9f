/** What an update left of a block, as plain values: all that the judge looks at (GATE5). */
import * as Y from "yjs"
import { type Block, defaultAttrs, type Mark, noStructure } from "../../shared/schema/block.ts"
import type { ItemId, PlacedRun } from "../../shared/schema/runs.ts"
import { attributesOf, markOfMarker, marksAfter, textOfElement } from "../../shared/sync/read.ts"

export type Attrs = Readonly<Record<string, unknown>>

/** A block as it was last read. Runs are copies: Yjs cuts and merges its items as it goes. */
export interface BlockReading {
  readonly type: string
  readonly attrs: Attrs
  readonly runs: readonly PlacedRun[]
  /** How many characters it has. */
  readonly length: number
  /** Marks in force behind the last character: in a sound text there are none. */
  readonly end: readonly Mark[]
  /** The marks that open in it, around nothing too, in order. */
  readonly marks: readonly Mark[]
  /** Whether a mark opens in it while it is in force. */
  readonly opensTwice: boolean
}

const none: readonly Mark[] = []

/**
 * A block as plain value, or null where it does not hold exactly one text of characters and markers. `attrs`: its attributes, where they are known not
 * to have changed.
 */
export function readBlock(element: Y.XmlElement, attrs?: Attrs): BlockReading | null {
  const text = textOfElement(element)
  if (!text) return null
  const runs: PlacedRun[] = []
  const marks: Mark[] = []
  let inForce = none
  let opensTwice = false
  let length = 0
  for (let item = text._start; item; item = item.right) {
    if (item.deleted) continue
    const { content } = item
    if (content instanceof Y.ContentString) {
      runs.push({ text: content.str, marks: inForce, client: item.id.client, clock: item.id.clock })
      length += content.str.length
    } else if (content instanceof Y.ContentFormat) {
      const opened = markOfMarker(content)
      if (opened) {
        opensTwice ||= inForce.some((mark) => mark.key === opened.key)
        marks.push(opened)
      }
      inForce = marksAfter(inForce, content)
    } else if (item.countable) return null
  }
  return { type: element.nodeName, attrs: attrs ?? attributesOf(element), runs, length, end: inForce, marks, opensTwice }
}

const blocksByReading = new WeakMap<BlockReading, Block>()

/** A block as everybody else has it; the same object as long as nothing about it changes. */
export function blockOf(reading: BlockReading): Block {
  let block = blocksByReading.get(reading)
  if (!block) {
    block = { ...defaultAttrs, id: "", ...reading.attrs, type: reading.type, runs: reading.runs, structure: noStructure } as Block
    blocksByReading.set(reading, block)
  }
  return block
}

/**
 * A part of a text as it is written, what was deleted too. A marker knows what stood beside it when it was written: an opening one before what, a
 * closing one behind what.
 */
export type Piece =
  | { readonly kind: "letters"; readonly client: number; readonly clock: number; readonly length: number; readonly text: string }
  | { readonly kind: "gone"; readonly client: number; readonly clock: number; readonly length: number }
  | Marker

export interface Marker {
  readonly kind: "marker"
  readonly client: number
  readonly clock: number
  readonly length: 1
  readonly key: string
  /** What it opens; null: it closes. */
  readonly mark: Mark | null
  readonly beside: ItemId | null
}

/** All of a text, in order. `without`: as if these were deleted. */
export function piecesOf(text: Y.XmlText, without?: ReadonlySet<Y.Item>): Piece[] {
  const pieces: Piece[] = []
  for (let item = text._start; item; item = item.right) {
    const { client, clock } = item.id
    const { content, length } = item
    if (item.deleted || without?.has(item)) pieces.push({ kind: "gone", client, clock, length })
    else if (content instanceof Y.ContentString) pieces.push({ kind: "letters", client, clock, length, text: content.str })
    else if (content instanceof Y.ContentFormat) {
      const mark = markOfMarker(content)
      pieces.push({ kind: "marker", client, clock, length: 1, key: content.key, mark, beside: mark ? item.rightOrigin : item.origin })
    }
  }
  return pieces
}

/** What runs and marks some pieces come to. */
export function runsOfPieces(pieces: readonly Piece[]): { runs: PlacedRun[]; end: readonly Mark[] } {
  const runs: PlacedRun[] = []
  let marks = none
  for (const piece of pieces) {
    if (piece.kind === "letters") runs.push({ text: piece.text, marks, client: piece.client, clock: piece.clock })
    if (piece.kind !== "marker") continue
    const rest = marks.filter((mark) => mark.key !== piece.key)
    marks = piece.mark ? [...rest, piece.mark] : rest
  }
  return { runs, end: marks }
}

/** Whether two lists hold the same things in the same order. */
export const isSameList = <Part>(a: readonly Part[], b: readonly Part[]): boolean =>
  a.length === b.length && a.every((part, i) => part === b[i])

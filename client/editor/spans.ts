import type { Node } from "prosemirror-model"
import { type Block, type Mark, ownerOf } from "../../shared/schema/block.ts"
import { blockOfNode } from "../../shared/schema/schema.ts"

// Places and stretches of the text, counted in blocks and in UTF-16 units within a block, as one step of the editor names them.

/** A place in the text: block and offset. */
export interface Place {
  readonly index: number
  readonly at: number
}

/** The place of a position; between blocks: the beginning of the next one. */
export const placeOf = (doc: Node, pos: number): Place => {
  const $pos = doc.resolve(pos)
  return { index: $pos.index(0), at: $pos.depth ? $pos.parentOffset : 0 }
}

/** A block of a document as its text and marks. */
export const blockAt = (doc: Node, index: number): Block => blockOfNode(doc.child(index))

/** A stretch of a block under the same marks. */
export interface Span {
  readonly from: number
  readonly to: number
  readonly marks: readonly Mark[]
}

/** What [from, to) of a block is made of. */
export function spansIn(block: Block, from: number, to: number): Span[] {
  const spans: Span[] = []
  let start = 0
  for (const run of block.runs) {
    const end = start + run.text.length
    const span = { from: Math.max(start, from), to: Math.min(end, to), marks: run.marks }
    if (span.from < span.to) spans.push(span)
    start = end
  }
  return spans
}

/** So much of one block is covered by what goes over several. */
export interface Reach {
  readonly index: number
  readonly from: number
  readonly to: number
  readonly isWhole: boolean
}

/** What [start, end) covers of each block. */
export function reachOf(doc: Node, start: Place, end: Place): Reach[] {
  const reach: Reach[] = []
  for (let index = start.index; index <= end.index && index < doc.childCount; index++) {
    const { size } = doc.child(index).content
    const from = index === start.index ? start.at : 0
    const to = index === end.index ? end.at : size
    // At its very start nothing of the last block is covered, at its very end nothing of the first.
    const isPassedBy =
      start.index !== end.index && ((index === end.index && to === 0 && size > 0) || (index === start.index && from === size && size > 0))
    if (!isPassedBy) reach.push({ index, from, to, isWhole: from === 0 && to === size })
  }
  return reach
}

/** Where words that replace [start, end) go: behind what is struck; of several blocks into the first that is not covered as a whole. */
export function placeOfTyping(doc: Node, start: Place, end: Place): Place {
  if (start.index === end.index) return { index: start.index, at: end.at }
  const isLastKept = end.index < doc.childCount && end.at < doc.child(end.index).content.size
  if (start.at === 0 && isLastKept) return { index: end.index, at: end.at }
  return { index: start.index, at: doc.child(Math.min(start.index, doc.childCount - 1)).content.size }
}

/** What stands in a block before a position, and behind one. */
export const textBefore = (doc: Node, pos: number): string => {
  const { parent, parentOffset, depth } = doc.resolve(pos)
  return depth === 0 ? "" : parent.textBetween(0, parentOffset)
}
export const textBehind = (doc: Node, pos: number): string => {
  const { parent, parentOffset, depth } = doc.resolve(pos)
  return depth === 0 ? "" : parent.textBetween(parentOffset, parent.content.size)
}

/** A stretch of a block that one operation strikes or removes. */
export interface DeletableSpan {
  from: number
  to: number
  /** The source whose open insertion holds the characters, null for agreed text. */
  readonly owner: string | null
  readonly over: readonly string[]
}

/** Stretches that one operation deletes: already struck ones left out, neighbours of the same owner joined. */
export function mergedSpans(spans: readonly Span[], source: string): DeletableSpan[] {
  const merged: DeletableSpan[] = []
  for (const span of spans) {
    const owner = ownerOf(span.marks)
    const isStruck = span.marks.some(
      (mark) => mark.name === "deletion" && mark.source === source && (!owner || mark.over.includes(owner.id)),
    )
    if (isStruck && owner?.source !== source) continue
    const over = owner && owner.source !== source ? [owner.id] : []
    const last = merged.at(-1)
    if (last && last.to === span.from && last.owner === (owner?.source ?? null) && last.over[0] === over[0]) last.to = span.to
    else merged.push({ from: span.from, to: span.to, owner: owner?.source ?? null, over })
  }
  return merged
}

import type { Node } from "prosemirror-model"
import { type Command, Selection, TextSelection } from "prosemirror-state"
import { isDeletionInEffect, ownerOf, textOf } from "../../shared/schema/block.ts"
import { blockOfNode } from "../../shared/schema/schema.ts"
import { isSplittable } from "../../shared/schema/structure.ts"
import { takesClauseBehind } from "./blocks.ts"
import { deletesForward, type Tracking } from "./tracking.ts"
import { isDrawn } from "./undrawn.ts"

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" })
const words = new Intl.Segmenter(undefined, { granularity: "word" })

type Unit = "grapheme" | "word"

/** End of the unit that begins at `at`, or its start where it ends there. */
function boundary(text: string, at: number, step: 1 | -1, unit: Unit): number {
  if (unit === "word") return wordBoundary(text, at, step)
  const part = step === 1 ? text.slice(at, at + 64) : text.slice(Math.max(0, at - 64), at)
  const segments = [...graphemes.segment(part)]
  const length = (step === 1 ? segments[0] : segments.at(-1))?.segment.length ?? 0
  return at + step * length
}

function wordBoundary(text: string, at: number, step: 1 | -1): number {
  const ends = [...words.segment(text)]
    .filter((part) => part.isWordLike)
    .map((part) => (step === 1 ? part.index + part.segment.length : part.index))
  const found = step === 1 ? ends.find((end) => end > at) : ends.findLast((start) => start < at)
  return found ?? (step === 1 ? text.length : 0)
}

/** Whether the character at `at` of a block is struck already, so that deleting passes over it. */
function isStruck(node: Node, at: number, source: string): boolean {
  let start = 0
  for (const run of blockOfNode(node).runs) {
    const end = start + run.text.length
    if (at >= start && at < end)
      return (
        ownerOf(run.marks)?.source !== source &&
        run.marks.some((mark) => mark.name === "deletion" && mark.source === source && isDeletionInEffect(mark, run.marks))
      )
    start = end
  }
  return false
}

/**
 * How far a deletion reaches of `from` to `to`: words that somebody has struck are not one word with those that stand, though no space is between them.
 */
function withinReading(node: Node, from: number, to: number): number {
  let start = 0
  let wasStruck: boolean | null = null
  let edge = Math.min(from, to)
  for (const { text, marks } of blockOfNode(node).runs) {
    const end = start + text.length
    if (end > Math.min(from, to) && start < Math.max(from, to)) {
      const isStruckNow = marks.some((mark) => mark.name === "deletion" && isDeletionInEffect(mark, marks))
      if (wasStruck !== null && isStruckNow !== wasStruck) {
        if (to > from) return start
        edge = start
      }
      wasStruck = isStruckNow
    }
    start = end
  }
  return to > from ? to : edge
}

/**
 * Backspace and Delete: strikes agreed words, removes one's own open ones, passes over what one has struck already. At the edge of a clause: `join`,
 * with the index of the later one; where it does not apply the caret goes on.
 */
export const deleteBy =
  (source: string, step: 1 | -1, unit: Unit, join: (index: number) => boolean): Command =>
  (state, dispatch) => {
    if (!dispatch) return true
    const { $head, empty } = state.selection
    const meta = step === 1 ? deletesForward : "deletesBackward$"
    if (!empty) {
      dispatch(state.tr.deleteSelection().setMeta(meta, true))
      return true
    }
    const node = $head.parent
    const text = node.textContent
    let at = $head.parentOffset
    while (step === -1 ? at > 0 && isStruck(node, at - 1, source) : at < text.length && isStruck(node, at, source)) at += step
    const to = withinReading(node, at, boundary(text, at, step, unit))
    const start = $head.start()
    if (to === at) {
      const index = $head.index(0)
      const isJoined = join(step === 1 ? nextPresent(state.doc, index) : index)
      if (!isJoined) dispatch(state.tr.setSelection(beyond(state.doc, step === 1 ? $head.after() : $head.before(), step)))
    } else dispatch(state.tr.delete(start + Math.min(at, to), start + Math.max(at, to)).setMeta(meta, true))
    return true
  }

function nextPresent(doc: Node, index: number): number {
  let next = index + 1
  while (next < doc.childCount && !isDrawn(blockOfNode(doc.child(next)))) next++
  return next
}

const beyond = (doc: Node, pos: number, step: 1 | -1): Selection => Selection.near(doc.resolve(pos), step)

/**
 * Enter: a new clause behind this one, or before it where the caret stands at its start; in its middle a split. One's own open clause is cut in two.
 * Behind the title and the opening words no clause stands: there the caret goes on.
 */
export const newClause =
  (tracking: Tracking): Command =>
  (state, dispatch) => {
    const { $head } = state.selection
    if ($head.depth === 0) return false
    if (!dispatch) return true
    const index = $head.index(0)
    const cut = tracking.cutAt({ index, at: $head.parentOffset })
    if (tracking.splitOwn(cut)) return true
    const block = blockOfNode($head.parent)
    if (!takesClauseBehind(block)) {
      const next = nextStart(state.doc, index)
      // A text that has nothing but its title yet begins here.
      if (next === null && block.type !== "note") tracking.addClause(index + 1, block)
      else if (next !== null) dispatch(state.tr.setSelection(selectAt(state.doc, next)).scrollIntoView())
      return true
    }
    const { size } = $head.parent.content
    const isAtEnd = cut.at === size
    const isBefore = size > 0 && ($head.parentOffset === 0 || (!isAtEnd && textOf(block).slice(0, cut.at).trim() === ""))
    if (!isBefore && !isAtEnd && isSplittable(block.type)) {
      tracking.split(cut)
      return true
    }
    tracking.addClause(isBefore ? index : index + 1, block)
    return true
  }

/** The start of the next block of the text that is drawn, or null where nothing but footnotes follows. */
function nextStart(doc: Node, index: number): number | null {
  let pos = 0
  for (let i = 0; i < doc.childCount; i++) {
    const block = blockOfNode(doc.child(i))
    if (i > index && isDrawn(block) && block.type !== "note") return pos + 1
    pos += doc.child(i).nodeSize
  }
  return null
}

/** The caret at the start of a change or a block, for moving to it. */
export const selectAt = (doc: Node, pos: number): Selection => TextSelection.near(doc.resolve(Math.min(pos, doc.content.size)))

import { type Fragment, Mark as NodeMark } from "prosemirror-model"
import { Selection, TextSelection, type Transaction } from "prosemirror-state"
import type * as Y from "yjs"
import { schema } from "../../shared/schema/schema.ts"
import { nodeMark, nodeMarksOf, nodeOf } from "./block-nodes.ts"
import { startOf } from "./operations.ts"
import { textDelta } from "./text-delta.ts"

// What Yjs has come to hold, as steps on the editor's side: of the attributes, the letters and the order of the marks of one block, and of the caret beside them.

/** Gives the block at a position the attributes that Yjs has. */
export function pullAttributes(tr: Transaction, pos: number, element: Y.XmlElement): void {
  const { attrs } = nodeOf(element)
  const now = tr.doc.nodeAt(pos)!
  for (const name of Object.keys(attrs)) if (attrs[name] !== now.attrs[name]) tr.setNodeAttribute(pos, name, attrs[name])
}

/** Does to the letters of the block that starts at a position what an event did to its text. */
export function pullText(tr: Transaction, start: number, event: Y.YEvent<Y.XmlText>): void {
  let pos = start
  for (const part of textDelta(event)) {
    if (part.kind === "delete") tr.delete(pos, pos + part.length)
    else if (part.kind === "insert") {
      tr.insert(pos, schema.text(part.text, nodeMarksOf(part.marks)))
      pos += part.text.length
    } else {
      for (const mark of part.lifted) tr.removeMark(pos, pos + part.length, nodeMark(mark))
      for (const mark of part.added) tr.addMark(pos, pos + part.length, nodeMark(mark))
      pos += part.length
    }
  }
}

/** Gives letters of a block their marks in the order in which they are opened: one that comes to stand around others was added behind them. */
export function reorder(tr: Transaction, index: number, from: number, to: number, want: Fragment): void {
  const start = startOf(tr.doc, index) + 1
  const block = tr.doc.child(index)
  want.forEach((node, offset) => {
    const [left, right] = [Math.max(from, offset), Math.min(to, offset + node.nodeSize)]
    if (left >= right || node.marks.length < 2) return
    block.nodesBetween(left, right, (own, at) => {
      if (NodeMark.sameSet(own.marks, node.marks) || !own.marks.every((mark) => mark.isInSet(node.marks))) return
      const [a, b] = [start + Math.max(left, at), start + Math.min(right, at + own.nodeSize)]
      for (const mark of own.marks) tr.removeMark(a, b, mark)
      for (const mark of node.marks) tr.addMark(a, b, mark)
    })
  })
}

/** Where a caret is in a text that may have lost words before it or behind it, in a new life of the draft. */
export function sameCaret(was: string, at: number, now: string): number {
  if (now.endsWith(was.slice(at))) return now.length - (was.length - at)
  let same = 0
  while (same < at && was[same] === now[same]) same++
  return Math.min(same, now.length)
}

/** A caret stays behind its letter, and a selection takes nothing in: what others write at their edges goes beside them (CARET1). */
export function keptSelection(before: Selection, tr: Transaction): Selection {
  if (!(before instanceof TextSelection)) return before.map(tr.doc, tr.mapping)
  if (before.empty) return Selection.near(tr.doc.resolve(tr.mapping.map(before.head, -1)), -1)
  const from = tr.mapping.map(before.from, 1)
  const to = Math.max(from, tr.mapping.map(before.to, -1))
  const isForward = before.anchor <= before.head
  return TextSelection.between(tr.doc.resolve(isForward ? from : to), tr.doc.resolve(isForward ? to : from))
}

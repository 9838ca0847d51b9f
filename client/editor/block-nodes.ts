import { Fragment, type Node, Mark as NodeMark } from "prosemirror-model"
import * as Y from "yjs"
import { type BlockAttrs, defaultAttrs, type Mark } from "../../shared/schema/block.ts"
import type { PlacedRun } from "../../shared/schema/runs.ts"
import { attrsOfMark, schema } from "../../shared/schema/schema.ts"
import { attributesOf, runsOfText, textOfElement } from "../../shared/sync/read.ts"

// One block in both houses: an element of Yjs as a node of ProseMirror, attributes as an element, and whether two contents are the same.

const nodeMarks = new WeakMap<Mark, NodeMark>()

/** A mark as ProseMirror has it, once for each. */
export function nodeMark(mark: Mark): NodeMark {
  let made = nodeMarks.get(mark)
  if (!made) {
    made = schema.marks[mark.name]!.create(attrsOfMark(mark))
    nodeMarks.set(mark, made)
  }
  return made
}

/** Marks as ProseMirror wants them, by rank; within a rank the opening order stays, for it decides ties of ownership. */
export const nodeMarksOf = (marks: readonly Mark[]): NodeMark[] =>
  marks.length < 2 ? marks.map(nodeMark) : marks.map(nodeMark).sort((a, b) => rank(a) - rank(b))

const rankOrder = Object.keys(schema.marks)
const rank = (mark: NodeMark): number => rankOrder.indexOf(mark.type.name)

/** The content of a block with these runs. */
export function contentOf(runs: readonly PlacedRun[]): Fragment {
  const nodes: Node[] = []
  for (const run of runs) {
    const node = schema.text(run.text, nodeMarksOf(run.marks))
    const last = nodes.at(-1)
    if (last?.sameMarkup(node)) nodes[nodes.length - 1] = schema.text(last.text! + node.text!, last.marks)
    else nodes.push(node)
  }
  return Fragment.fromArray(nodes)
}

/** A block of Yjs as a node. */
export function nodeOf(element: Y.XmlElement): Node {
  const type = schema.nodes[element.nodeName] ?? schema.nodes.paragraph!
  const known = Object.entries(attributesOf(element)).filter(([name]) => name in type.spec.attrs!)
  const text = textOfElement(element)
  return type.create(Object.fromEntries(known), text ? contentOf(runsOfText(text)) : Fragment.empty)
}

/** An empty block of Yjs with these attributes; what is as usual is not written. */
export function elementOf(attrs: BlockAttrs): Y.XmlElement {
  const element = new Y.XmlElement(attrs.type)
  for (const [name, value] of Object.entries(attrs)) {
    if (name === "type" || value === null || value === undefined || value === defaultAttrs[name as keyof typeof defaultAttrs]) continue
    element.setAttribute(name, value as string)
  }
  element.insert(0, [new Y.XmlText()])
  return element
}

/** Same characters under the same marks. */
export function isSameContent(a: Fragment, b: Fragment): boolean {
  if (a.size !== b.size) return false
  let i = 0
  let j = 0
  let atA = 0
  let atB = 0
  while (i < a.childCount && j < b.childCount) {
    const left = a.child(i)
    const right = b.child(j)
    const length = Math.min(left.nodeSize - atA, right.nodeSize - atB)
    if (left.text!.slice(atA, atA + length) !== right.text!.slice(atB, atB + length)) return false
    // In the same order: which of two insertions was opened last decides whose a letter is (TRK2), and of all marks it is drawn.
    if (!NodeMark.sameSet(left.marks, right.marks)) return false
    atA += length
    atB += length
    if (atA === left.nodeSize) {
      i++
      atA = 0
    }
    if (atB === right.nodeSize) {
      j++
      atB = 0
    }
  }
  return true
}

/** The place of a block among those of Yjs that are there, or -1. */
export function indexOf(fragment: Y.XmlFragment, element: Y.XmlElement): number {
  let index = 0
  for (let item = fragment._start; item; item = item.right) {
    if (item.deleted) continue
    if ((item.content as Y.ContentType).type === element) return index
    index++
  }
  return -1
}

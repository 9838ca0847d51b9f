import { Fragment, type Node, type Mark as NodeMark } from "prosemirror-model"
import { type EditorState, TextSelection, type Transaction } from "prosemirror-state"
import * as Y from "yjs"
import { type BlockAttrs, defaultAttrs, type Mark, ownerOf, type StructuralProposal } from "../../shared/schema/block.ts"
import { serverClient } from "../../shared/schema/keys.ts"
import { attrsOfMark, schema } from "../../shared/schema/schema.ts"
import { entryOf } from "../../shared/schema/structure.ts"
import { attributesOf, blocksRoot, type PlacedRun, runsOfText, structureOf, structureRoot, textOfElement } from "../../shared/sync/read.ts"
import { removeMark, removeText, slotAt, writeMark, writeText } from "../../shared/sync/write.ts"
import { textDelta } from "./text-delta.ts"

/** Holds the ProseMirror state that the binding keeps equal to Yjs: an EditorView, or a variable in a test. */
export interface StateHost {
  readonly state: EditorState
  update(tr: Transaction): void
}

/** What tracking may do to a draft. Indexes count blocks, offsets UTF-16 units within the block. */
export type Operation =
  | { readonly kind: "type"; readonly index: number; readonly at: number; readonly text: string; readonly marks: readonly Mark[] }
  | { readonly kind: "remove"; readonly index: number; readonly from: number; readonly to: number }
  | { readonly kind: "strike"; readonly index: number; readonly from: number; readonly to: number; readonly mark: Mark }
  | { readonly kind: "lift"; readonly index: number; readonly mark: Mark }
  | { readonly kind: "add"; readonly index: number; readonly attrs: BlockAttrs; readonly text: string; readonly marks: readonly Mark[] }
  /** Of one's own new clause only; of any other a level is proposed. */
  | { readonly kind: "level"; readonly index: number; readonly level: number }
  | { readonly kind: "propose"; readonly proposal: StructuralProposal }
  | { readonly kind: "takeBack"; readonly proposal: string }

/** Set on transactions that bring in what Yjs already holds; tracking lets them through. */
export const fromYjs = "fromYjs$"

/** Set beside it on what others did, and an undo: not on what is typed here. */
export const pulled = "pulled$"

const nodeMarks = new WeakMap<Mark, NodeMark>()

function nodeMark(mark: Mark): NodeMark {
  let made = nodeMarks.get(mark)
  if (!made) {
    made = schema.marks[mark.name]!.create(attrsOfMark(mark))
    nodeMarks.set(mark, made)
  }
  return made
}

// ProseMirror wants marks by rank; within a rank the opening order stays, for it decides ties of ownership.
const nodeMarksOf = (marks: readonly Mark[]): NodeMark[] =>
  marks.length < 2 ? marks.map(nodeMark) : marks.map(nodeMark).sort((a, b) => rank(a) - rank(b))

const rankOrder = Object.keys(schema.marks)
const rank = (mark: NodeMark): number => rankOrder.indexOf(mark.type.name)

function contentOf(runs: readonly PlacedRun[]): Fragment {
  const nodes: Node[] = []
  for (const run of runs) {
    const node = schema.text(run.text, nodeMarksOf(run.marks))
    const last = nodes.at(-1)
    if (last?.sameMarkup(node)) nodes[nodes.length - 1] = schema.text(last.text! + node.text!, last.marks)
    else nodes.push(node)
  }
  return Fragment.fromArray(nodes)
}

function nodeOf(element: Y.XmlElement): Node {
  const type = schema.nodes[element.nodeName] ?? schema.nodes.paragraph!
  const known = Object.entries(attributesOf(element)).filter(([name]) => name in type.spec.attrs!)
  const text = textOfElement(element)
  return type.create(Object.fromEntries(known), text ? contentOf(runsOfText(text)) : Fragment.empty)
}

function elementOf(attrs: BlockAttrs): Y.XmlElement {
  const element = new Y.XmlElement(attrs.type)
  for (const [name, value] of Object.entries(attrs)) {
    if (name === "type" || value === null || value === undefined || value === defaultAttrs[name as keyof typeof defaultAttrs]) continue
    element.setAttribute(name, value as string)
  }
  element.insert(0, [new Y.XmlText()])
  return element
}

/**
 * Keeps a ProseMirror state equal to the blocks of a Y.Doc. Local operations are written to Yjs as items and to ProseMirror as steps of the same
 * lengths (BIND1); remote events become steps. After every event each touched block is compared with a pure read of Yjs and ProseMirror, never Yjs,
 * is corrected; `corrections` counts these and is expected to stay 0 (BIND2).
 */
export class Binding {
  readonly doc: Y.Doc
  corrections = 0
  readonly #host: StateHost
  readonly #fragment: Y.XmlFragment
  readonly #structure: Y.Map<unknown>
  #elements: Y.XmlElement[] = []
  #isAttached = false
  readonly #observe: (events: Y.YEvent<Y.XmlElement>[], tr: Y.Transaction) => void

  constructor(host: StateHost, doc: Y.Doc) {
    this.#host = host
    this.doc = doc
    this.#fragment = doc.getXmlFragment(blocksRoot)
    this.#structure = doc.getMap(structureRoot)
    this.#observe = (events, tr) => {
      if (tr.origin !== this) this.#pull(events)
    }
  }

  /** Shows in the editor what Yjs holds, from now on; the caret stays in its block. Before that the editor keeps what it showed. */
  attach(): void {
    this.#isAttached = true
    this.#fragment.observeDeep(this.#observe as never)
    this.#elements = this.#fragment.toArray() as Y.XmlElement[]
    const { state } = this.#host
    const { $head } = state.selection
    const block = $head.depth > 0 ? ($head.parent.attrs.id as string) : null
    const tr = state.tr.replaceWith(0, state.doc.content.size, this.#elements.map(nodeOf))
    const index = tr.doc.content.content.findIndex((node) => node.attrs.id === block)
    const caret = index < 0 ? 0 : Math.min(startOf(tr.doc, index) + 1 + $head.parentOffset, startOf(tr.doc, index + 1) - 1)
    tr.setSelection(TextSelection.near(tr.doc.resolve(caret)))
    this.#host.update(tr.setMeta(fromYjs, true))
  }

  destroy(): void {
    if (this.#isAttached) this.#fragment.unobserveDeep(this.#observe as never)
  }

  /** The open structural proposals, everybody's. */
  get proposals(): readonly StructuralProposal[] {
    return structureOf(this.doc)
  }

  /** What has been heard of the server's own writing: its clock, which a deletion bears (GATE8). */
  get heard(): string {
    return String(Y.getState(this.doc.store, serverClient))
  }

  /** The text type of a block, for slots and relative positions. */
  textAt(index: number): Y.XmlText {
    const element = this.#elements[index]
    const text = element && textOfElement(element)
    if (!text) throw new Error(`block ${index} has no text`)
    return text
  }

  /** Runs `edit` as one Yjs transaction of this binding: one update, one undo step at most. */
  transact(edit: () => void): void {
    this.doc.transact(edit, this)
  }

  /** Applies operations of one step, given in coordinates before the step; the caller orders them from the last place to the first. */
  apply(operations: readonly Operation[], source: string): Transaction {
    const tr = this.#host.state.tr
    this.doc.transact((yTr) => {
      for (const operation of operations) this.#perform(yTr, tr, operation, source)
    }, this)
    return tr.setMeta(fromYjs, true)
  }

  /** Compares every block with Yjs and corrects ProseMirror; whether anything had to be. */
  verify(): boolean {
    const tr = this.#host.state.tr
    for (const element of this.#elements) this.#verifyBlock(tr, element)
    if (tr.docChanged) this.#host.update(tr.setMeta(fromYjs, true))
    return tr.docChanged
  }

  /** A position in the document as one that survives remote edits, or null between blocks (BIND4). `side`: which letter it stays with. */
  relativeOf(pos: number, side: -1 | 0 = -1): Y.RelativePosition | null {
    const $pos = this.#host.state.doc.resolve(pos)
    return $pos.depth ? Y.createRelativePositionFromTypeIndex(this.textAt($pos.index(0)), $pos.parentOffset, side) : null
  }

  /** Where a relative position is now, or null where its block is gone. */
  absoluteOf(relative: Y.RelativePosition): number | null {
    const found = Y.createAbsolutePositionFromRelativePosition(relative, this.doc, false)
    const index = found ? this.#elements.indexOf(found.type.parent as Y.XmlElement) : -1
    return found && index >= 0 ? startOf(this.#host.state.doc, index) + 1 + found.index : null
  }

  #perform(yTr: Y.Transaction, tr: Transaction, operation: Operation, source: string): void {
    if (operation.kind === "add") return this.#add(yTr, tr, operation)
    if (operation.kind === "propose") return void this.#structure.set(operation.proposal.id, entryOf(operation.proposal))
    if (operation.kind === "takeBack") return this.#structure.delete(operation.proposal)
    const text = this.textAt(operation.index)
    const start = startOf(tr.doc, operation.index) + 1
    switch (operation.kind) {
      case "type": {
        const slot = slotAt(yTr, text, operation.at, source)
        writeText(yTr, text, slot, operation.text, operation.marks)
        tr.insert(start + operation.at, schema.text(operation.text, nodeMarksOf([...slot.marks, ...operation.marks])))
        return
      }
      case "remove":
        removeText(yTr, text, operation.from, operation.to)
        tr.delete(start + operation.from, start + operation.to)
        return
      case "strike":
        writeMark(yTr, text, operation.from, operation.to, operation.mark)
        tr.addMark(start + operation.from, start + operation.to, nodeMark(operation.mark))
        return
      case "lift":
        removeMark(yTr, text, operation.mark.key)
        tr.removeMark(start, start + tr.doc.child(operation.index).content.size, nodeMark(operation.mark))
        return
      case "level":
        this.#elements[operation.index]!.setAttribute("level", operation.level as unknown as string)
        tr.setNodeAttribute(start - 1, "level", operation.level)
        return
      default:
        operation satisfies never
    }
  }

  #add(yTr: Y.Transaction, tr: Transaction, operation: Operation & { kind: "add" }): void {
    const { index, attrs, text, marks } = operation
    const element = elementOf(attrs)
    const next = this.#elements[index]
    const at = next ? indexOf(this.#fragment, next) : this.#fragment.length
    this.#fragment.insert(at, [element])
    this.#elements.splice(index, 0, element)
    if (text) writeText(yTr, textOfElement(element)!, { left: null, right: null, marks: [] }, text, marks)
    tr.insert(startOf(tr.doc, index), nodeOf(element))
  }

  #pull(events: readonly Y.YEvent<Y.XmlElement>[]): void {
    const tr = this.#host.state.tr
    const fresh = new Set<Y.XmlElement>()
    for (const event of events) if ((event.target as unknown) === this.#fragment) this.#pullBlocks(tr, fresh)
    const touched = new Set<Y.XmlElement>()
    for (const event of events) {
      if ((event.target as unknown) === this.#fragment) continue
      const isText = (event.target as unknown) instanceof Y.XmlText
      const element = (isText ? event.target.parent : event.target) as Y.XmlElement
      const index = this.#elements.indexOf(element)
      if (index < 0 || fresh.has(element)) continue
      touched.add(element)
      if (isText) pullText(tr, startOf(tr.doc, index) + 1, event as unknown as Y.YEvent<Y.XmlText>)
      else pullAttributes(tr, startOf(tr.doc, index), element)
    }
    for (const element of touched) this.#verifyBlock(tr, element)
    if (tr.docChanged) this.#host.update(tr.setMeta(fromYjs, true).setMeta(pulled, true))
  }

  /** Brings the list of blocks up to date: blocks keep identity and order, so this is removals and additions only. */
  #pullBlocks(tr: Transaction, fresh: Set<Y.XmlElement>): void {
    const now = this.#fragment.toArray() as Y.XmlElement[]
    const isNow = new Set(now)
    for (let i = this.#elements.length - 1; i >= 0; i--) {
      if (isNow.has(this.#elements[i]!)) continue
      const start = startOf(tr.doc, i)
      tr.delete(start, start + tr.doc.child(i).nodeSize)
      this.#elements.splice(i, 1)
    }
    now.forEach((element, i) => {
      if (this.#elements[i] === element) return
      fresh.add(element)
      tr.insert(startOf(tr.doc, i), nodeOf(element))
      this.#elements.splice(i, 0, element)
    })
  }

  #verifyBlock(tr: Transaction, element: Y.XmlElement): void {
    const index = this.#elements.indexOf(element)
    const text = index < 0 ? null : textOfElement(element)
    if (!text) return
    const have = tr.doc.child(index).content
    const want = contentOf(runsOfText(text))
    if (isSameContent(have, want)) return
    const start = have.findDiffStart(want)
    const end = have.findDiffEnd(want)
    if (start === null || !end) return
    this.corrections++
    const overlap = Math.max(0, start - Math.min(end.a, end.b))
    const at = startOf(tr.doc, index) + 1
    tr.replaceWith(at + start, at + end.a + overlap, want.cut(start, end.b + overlap))
  }
}

/** Same characters under the same sets of marks; the order within a set is not told apart, for ProseMirror keeps the order of arrival. */
function isSameContent(a: Fragment, b: Fragment): boolean {
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
    if (left.marks.length !== right.marks.length || !left.marks.every((mark) => mark.isInSet(right.marks))) return false
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

function pullAttributes(tr: Transaction, pos: number, element: Y.XmlElement): void {
  const { attrs } = nodeOf(element)
  const now = tr.doc.nodeAt(pos)!
  for (const name of Object.keys(attrs)) if (attrs[name] !== now.attrs[name]) tr.setNodeAttribute(pos, name, attrs[name])
}

function pullText(tr: Transaction, start: number, event: Y.YEvent<Y.XmlText>): void {
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

/** Position before block `index`. */
export function startOf(doc: Node, index: number): number {
  let pos = 0
  for (let i = 0; i < index; i++) pos += doc.child(i).nodeSize
  return pos
}

function indexOf(fragment: Y.XmlFragment, element: Y.XmlElement): number {
  let index = 0
  for (let item = fragment._start; item; item = item.right) {
    if (item.deleted) continue
    if ((item.content as Y.ContentType).type === element) return index
    index++
  }
  return -1
}

/** Whether the characters at a slot belong to an own open insertion. */
export const isOwnPlace = (marks: readonly Mark[], source: string): boolean => ownerOf(marks)?.source === source

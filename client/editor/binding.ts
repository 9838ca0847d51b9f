import { Fragment, type Node, Mark as NodeMark } from "prosemirror-model"
import { type EditorState, Selection, TextSelection, type Transaction } from "prosemirror-state"
import * as Y from "yjs"
import { type BlockAttrs, defaultAttrs, type Mark, type StructuralProposal } from "../../shared/schema/block.ts"
import { serverClient } from "../../shared/schema/keys.ts"
import type { PlacedRun } from "../../shared/schema/runs.ts"
import { attrsOfMark, schema } from "../../shared/schema/schema.ts"
import { entryOf } from "../../shared/schema/structure.ts"
import { attributesOf, blocksRoot, runsOfText, structureOf, structureRoot, textOfElement } from "../../shared/sync/read.ts"
import { roots } from "../../shared/sync/roots.ts"
import { removeMark, removeText, type Slot, slotFor, writeMark, writeText } from "../../shared/sync/write.ts"
import type { Held, TextPlace } from "./held.ts"
import { lettersOf, placeOfLetter } from "./letters.ts"
import { textDelta } from "./text-delta.ts"

/** Holds the ProseMirror state that the binding keeps equal to Yjs: an EditorView, or a variable in a test. */
export interface StateHost {
  readonly state: EditorState
  update(tr: Transaction): void
  /** Reads what the browser has done to the page and not told yet, before the state is written to. */
  read?(): void
}

/** What tracking may do to a draft. Indexes count blocks, offsets UTF-16 units within the block. */
export type Operation =
  | {
      readonly kind: "type"
      readonly index: number
      readonly at: number
      readonly text: string
      readonly marks: readonly Mark[]
      /** The insertion of another that the text belongs into. */
      readonly into?: string | null
    }
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
  #held: Held | null = null
  #heldElement: Y.XmlElement | null = null
  /** Called before anything is written for the person. */
  onGesture: () => void = () => undefined
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
    const tr = state.tr
    const kept = state.doc.children.findIndex((node) => node.attrs.id === this.#held?.block)
    if (this.#held) this.hold(this.#held)
    const place = kept < 0 ? -1 : this.heldIndex
    if (place < 0) tr.replaceWith(0, state.doc.content.size, this.#elements.map(nodeOf))
    else {
      // The text in which somebody composes stays as it is on the page, and everything around it is new.
      const start = startOf(state.doc, kept)
      tr.replaceWith(start + state.doc.child(kept).nodeSize, state.doc.content.size, this.#elements.slice(place + 1).map(nodeOf))
      tr.replaceWith(0, start, this.#elements.slice(0, place).map(nodeOf))
      return this.#host.update(tr.setMeta(fromYjs, true))
    }
    const index = tr.doc.content.content.findIndex((node) => node.attrs.id === block)
    const caret =
      index < 0 ? 0 : startOf(tr.doc, index) + 1 + sameCaret($head.parent.textContent, $head.parentOffset, tr.doc.child(index).textContent)
    tr.setSelection(TextSelection.near(tr.doc.resolve(caret)))
    this.#host.update(tr.setMeta(fromYjs, true))
  }

  destroy(): void {
    if (this.#isAttached) this.#fragment.unobserveDeep(this.#observe as never)
  }

  /** The structural proposals, everybody's: open, or accepted and waiting. */
  get proposals(): readonly StructuralProposal[] {
    return structureOf(this.doc)
  }

  /** Those of them that nobody has decided on: what is accepted and waits is its source's no more (TRK8). */
  get openProposals(): readonly StructuralProposal[] {
    return this.proposals.filter(({ changeId }) => !this.isDecided(changeId))
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

  /** Whether a change was decided: what is accepted and waits takes nothing more in, and nothing of it is its source's own any more. */
  readonly isDecided = (change: string): boolean => roots.proposals(this.doc).has(change)

  /** Where text of a source goes. */
  slotAt(index: number, at: number, source: string, into?: string | null): Slot {
    return this.#slotFor(null, this.textAt(index), at, source, into)
  }

  #slotFor(tr: Y.Transaction | null, text: Y.XmlText, at: number, source: string, into: string | null = null): Slot {
    return slotFor(tr, text, at, { source, into, isDecided: this.isDecided })
  }

  /** Runs `edit` as one Yjs transaction of this binding: one update, one undo step at most. */
  transact(edit: () => void): void {
    if (!this.doc._transaction) this.onGesture()
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
    if (!$pos.depth || !this.isThere($pos.index(0))) return null
    const text = this.textAt($pos.index(0))
    if (this.#isHeld(this.#elements[$pos.index(0)])) return this.#held!.relativeOf(text, $pos.parentOffset, side)
    return Y.createRelativePositionFromTypeIndex(text, $pos.parentOffset, side)
  }

  /** Where a relative position is now, or null where its block is gone. */
  absoluteOf(relative: Y.RelativePosition): number | null {
    const found = Y.createAbsolutePositionFromRelativePosition(relative, this.doc, false)
    return found ? this.#positionOf(this.#host.state.doc, { text: found.type as Y.XmlText, at: found.index }) : null
  }

  /** A block in which somebody composes: it is neither redrawn nor compared until it is released (COMP1). */
  hold(held: Held): void {
    this.#held = held
    this.#heldElement = this.#elements.find((element) => element.getAttribute("id") === held.block) ?? null
  }

  #isHeld(element: Y.XmlElement | undefined): boolean {
    return element !== undefined && element === this.#heldElement
  }

  /** The place of the held block among the blocks of the page, or -1. */
  get heldIndex(): number {
    return this.#heldElement ? this.#elements.indexOf(this.#heldElement) : -1
  }

  /** A document of the page as Yjs has it: what is being composed is not in it. */
  truth(doc: Node): Node {
    const index = this.heldIndex
    if (index < 0 || index >= doc.childCount) return doc
    const now = this.isThere(index) ? [nodeOf(this.#elements[index]!)] : []
    return doc.copy(Fragment.fromArray(doc.children.toSpliced(index, 1, ...now)))
  }

  /** The held block is drawn as Yjs has it, and as every other from now on; where it is gone it goes from the page too. */
  release(): Transaction["mapping"]["maps"] {
    const index = this.heldIndex
    const element = this.#elements[index]
    this.#held = null
    this.#heldElement = null
    const { tr } = this.#host.state
    if (!element) return []
    const start = startOf(tr.doc, index)
    const node = tr.doc.child(index)
    if (indexOf(this.#fragment, element) < 0) {
      tr.delete(start, start + node.nodeSize)
      this.#elements.splice(index, 1)
    } else {
      pullAttributes(tr, start, element)
      const want = nodeOf(element).content
      const from = node.content.findDiffStart(want)
      const to = node.content.findDiffEnd(want)
      if (from !== null && to) {
        const overlap = Math.max(0, from - Math.min(to.a, to.b))
        tr.replaceWith(start + 1 + from, start + 1 + to.a + overlap, want.cut(from, to.b + overlap))
      }
    }
    tr.setSelection(keptSelection(this.#host.state.selection, tr))
    this.#host.update(tr.setMeta(fromYjs, true).setMeta(pulled, true))
    return tr.mapping.maps
  }

  #perform(yTr: Y.Transaction, tr: Transaction, operation: Operation, source: string): void {
    if (operation.kind === "add") return this.#add(yTr, tr, operation)
    if (operation.kind === "propose") return void this.#structure.set(operation.proposal.id, entryOf(operation.proposal))
    if (operation.kind === "takeBack") return this.#structure.delete(operation.proposal)
    const text = this.textAt(operation.index)
    const start = startOf(tr.doc, operation.index) + 1
    switch (operation.kind) {
      case "type": {
        const slot = this.#slotFor(yTr, text, operation.at, source, operation.into)
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
        reorder(tr, operation.index, operation.from, operation.to, contentOf(runsOfText(text)))
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
    this.#fragment.insert(next ? indexOf(this.#fragment, next) : this.#fragment.length, [element])
    this.#elements.splice(index, 0, element)
    if (text) writeText(yTr, textOfElement(element)!, { left: null, right: null, marks: [] }, text, marks)
    tr.insert(startOf(tr.doc, index), nodeOf(element))
  }

  #pull(events: readonly Y.YEvent<Y.XmlElement>[]): void {
    const tr = this.#host.state.tr
    const carried = this.#carriedCaret(events)
    const fresh = new Set<Y.XmlElement>()
    for (const event of events) if ((event.target as unknown) === this.#fragment) this.#pullBlocks(tr, fresh)
    const touched = new Set<Y.XmlElement>()
    for (const event of events) {
      if ((event.target as unknown) === this.#fragment) continue
      const isText = (event.target as unknown) instanceof Y.XmlText
      const element = (isText ? event.target.parent : event.target) as Y.XmlElement
      const index = this.#elements.indexOf(element)
      if (index < 0 || fresh.has(element) || this.#isHeld(element)) continue
      touched.add(element)
      if (isText) pullText(tr, startOf(tr.doc, index) + 1, event as unknown as Y.YEvent<Y.XmlText>)
      else pullAttributes(tr, startOf(tr.doc, index), element)
    }
    for (const element of touched) this.#verifyBlock(tr, element)
    if (!tr.docChanged) return
    tr.setSelection(keptSelection(this.#host.state.selection, tr))
    const caret = carried && this.#positionOf(tr.doc, carried)
    if (caret) tr.setSelection(TextSelection.create(tr.doc, caret))
    this.#host.update(tr.setMeta(fromYjs, true).setMeta(pulled, true))
  }

  /**
   * Where the caret goes with its letter, if these events are of a decision that wrote the letter anew elsewhere: a clause that was split before it, joined
   * or moved. At the cut of a split it stays in the first half.
   */
  #carriedCaret(events: readonly Y.YEvent<Y.XmlElement>[]): TextPlace | null {
    const { $head, empty } = this.#host.state.selection
    const element = empty && $head.depth > 0 ? this.#elements[$head.index(0)] : undefined
    const text = element && !this.#isHeld(element) && textOfElement(element)
    const event = events.find(({ target }) => (target as unknown) === text)
    if (!text || !event || event.transaction.deleteSet.clients.size === 0) return null
    const letters = lettersOf(text, (item) => !event.adds(item) && (!item.deleted || event.deletes(item)))
    for (const [letter, side] of [[letters[$head.parentOffset - 1], 1] as const, [letters[$head.parentOffset], 0] as const]) {
      const place = letter && placeOfLetter(this.doc, letter)
      if (place?.isThere) return place.text === text ? null : { text: place.text, at: place.before + side }
    }
    return null
  }

  #positionOf(doc: Node, { text, at }: TextPlace): number | null {
    const index = this.indexOf(text)
    if (index < 0) return null
    return startOf(doc, index) + 1 + (this.#isHeld(this.#elements[index]) ? this.#held!.shownAt(text, at) : at)
  }

  /** The block of the page that holds a text, or -1. */
  indexOf(text: Y.XmlText): number {
    return this.#elements.indexOf(text.parent as Y.XmlElement)
  }

  /** Whether a block of the page is one of the draft still. */
  isThere(index: number): boolean {
    const element = this.#elements[index]
    return element !== undefined && indexOf(this.#fragment, element) >= 0
  }

  /** Brings the list of blocks up to date: blocks keep identity and order, so this is removals and additions only. */
  #pullBlocks(tr: Transaction, fresh: Set<Y.XmlElement>): void {
    const now = this.#withHeld(this.#fragment.toArray() as Y.XmlElement[])
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

  /** The blocks of the page: a block that is gone while somebody composes in it stays until that ends. */
  #withHeld(now: Y.XmlElement[]): Y.XmlElement[] {
    const index = this.heldIndex
    const element = this.#elements[index]
    if (!element || now.includes(element)) return now
    const before = this.#elements.slice(0, index).findLast((other) => now.includes(other))
    return now.toSpliced(before ? now.indexOf(before) + 1 : 0, 0, element)
  }

  #verifyBlock(tr: Transaction, element: Y.XmlElement): void {
    const index = this.#elements.indexOf(element)
    const text = index < 0 || this.#isHeld(element) ? null : textOfElement(element)
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

/** Where a caret is in a text that may have lost words before it or behind it, in a new life of the draft. */
function sameCaret(was: string, at: number, now: string): number {
  if (now.endsWith(was.slice(at))) return now.length - (was.length - at)
  let same = 0
  while (same < at && was[same] === now[same]) same++
  return Math.min(same, now.length)
}

/** A caret stays behind its letter, and a selection takes nothing in: what others write at their edges goes beside them (CARET1). */
function keptSelection(before: Selection, tr: Transaction): Selection {
  if (!(before instanceof TextSelection)) return before.map(tr.doc, tr.mapping)
  if (before.empty) return Selection.near(tr.doc.resolve(tr.mapping.map(before.head, -1)), -1)
  const from = tr.mapping.map(before.from, 1)
  const to = Math.max(from, tr.mapping.map(before.to, -1))
  const isForward = before.anchor <= before.head
  return TextSelection.between(tr.doc.resolve(isForward ? from : to), tr.doc.resolve(isForward ? to : from))
}

/** Same characters under the same marks. */
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

/** Gives letters of a block their marks in the order in which they are opened: one that comes to stand around others was added behind them. */
function reorder(tr: Transaction, index: number, from: number, to: number, want: Fragment): void {
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

import { Fragment, type Node } from "prosemirror-model"
import { TextSelection, type Transaction } from "prosemirror-state"
import * as Y from "yjs"
import type { StructuralProposal } from "../../shared/schema/block.ts"
import { serverClient } from "../../shared/schema/keys.ts"
import { schema } from "../../shared/schema/schema.ts"
import { entryOf } from "../../shared/schema/structure.ts"
import { blocksRoot, runsOfText, structureOf, structureRoot, textOfElement } from "../../shared/sync/read.ts"
import { roots } from "../../shared/sync/roots.ts"
import { removeMark, removeText, type Slot, slotFor, writeMark, writeText } from "../../shared/sync/write.ts"
import { contentOf, elementOf, indexOf, isSameContent, nodeMark, nodeMarksOf, nodeOf } from "./block-nodes.ts"
import type { Held, TextPlace } from "./held.ts"
import { lettersOf, placeOfLetter } from "./letters.ts"
import { fromYjs, type Operation, pulled, type StateHost, startOf } from "./operations.ts"
import { keptSelection, pullAttributes, pullText, reorder, sameCaret } from "./pulled.ts"

// The model. The same text stands twice: as blocks of a Y.Doc, which is the truth, and as the document of an editor, which is what people see. The n-th
// element of Yjs is the n-th child of the document, and a letter has the same offset in both, but for the block in which an input method is at work.
//
// The two roads. What is typed here comes as operations and is written on both sides at once, each with its own means and the same length; nothing is
// read back. What comes from elsewhere, an undo of one's own too, is an event of Yjs and becomes steps. There is no road from the editor to Yjs.
//
// Who owns what. The list of elements that the page shows is kept here, for a block that is held stays on the page after it has gone from Yjs. After every
// event each block that it touched is compared with a pure read, so that a fault of the steps is corrected within the same event; that ends, for the
// correction writes to the editor alone.

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

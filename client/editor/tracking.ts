import type { Node, Slice } from "prosemirror-model"
import { type EditorState, type Selection, TextSelection, type Transaction } from "prosemirror-state"
import {
  AddMarkStep,
  AttrStep,
  Mapping,
  RemoveMarkStep,
  ReplaceAroundStep,
  ReplaceStep,
  type Step,
  type StepMap,
} from "prosemirror-transform"
import { anchorCharacter, type Block, isDeletionInEffect, ownerOf, splitCharacter, textOf } from "../../shared/schema/block.ts"
import { isSplittable } from "../../shared/schema/structure.ts"
import type { Binding } from "./binding.ts"
import { takesClauseBehind } from "./blocks.ts"
import { Deleting, type Deletion } from "./deleting.ts"
import { linesOf, setApart, typeable } from "./lines.ts"
import { newBlocks, pastedBlocks } from "./new-blocks.ts"
import { fromYjs, type Operation, type StateHost, startOf } from "./operations.ts"
import { type Hat, Proposing } from "./proposing.ts"
import { blockAt, type Place, placeOf, placeOfTyping, spansIn, textBefore, textBehind } from "./spans.ts"

// The model. The text on the page is everybody's at once: agreed letters, and letters and strikes that are somebody's proposal, told apart by their marks.
// Whoever types says nothing of marks; a transaction of the editor says which stretch went and what came. Tracking answers with operations: words with
// marks of one's own, strikes over what is not one's own, new blocks, proposals about clauses as wholes.
//
// The coordinates. Each step of a transaction is taken by itself. It is mapped back over the steps before it, as the editor made them, and forward over what
// tracking did instead; so it is in coordinates of the text as it is now. All operations of one step are in coordinates of the text before it, and stand in
// order from the last place to the first: what one does moves no other. That is why a walk over blocks unshifts, and why it ends: nothing is read again.
//
// Who owns what. `proposing` knows whose a word becomes at a place, `deleting` what a deletion becomes, `new-blocks` what a new clause is like; none of them
// writes. This writes: through the binding to Yjs and to the state of the editor, one Yjs transaction for each transaction of the editor, and puts the caret.

/** Set on a deletion that goes forward: the caret then passes the struck words instead of standing before them. */
export const deletesForward = "deletesForward$"

/**
 * Turns what a person does in the editor into proposals of their source: own marks, own characters, own blocks (TRK1-TRK3, TRK6, TRK8, TRK9). Each
 * step of a transaction is tracked on its own, all in one Yjs transaction.
 */
export class Tracking {
  readonly #host: StateHost
  readonly #binding: Binding
  /** Whose what is written becomes. */
  readonly proposing: Proposing
  /** What a deletion becomes. */
  readonly deleting: Deleting

  /** `say`: is told a sentence when something cannot be proposed. */
  constructor(host: StateHost, binding: Binding, hat: Hat, say: (sentence: string) => void) {
    this.#host = host
    this.#binding = binding
    this.proposing = new Proposing(host, binding, hat, say)
    this.deleting = new Deleting(binding, this.proposing)
  }

  get #state(): EditorState {
    return this.#host.state
  }

  /** A mark or proposal id that was never used. */
  newId(): string {
    return this.proposing.newId()
  }

  /**
   * Takes a transaction of the editor: what changes nothing passes, what changes the text becomes proposals. `since`: what happened to the text after the
   * transaction was made.
   */
  dispatch(tr: Transaction, since: readonly StepMap[] = []): void {
    if (since.length === 0 && (!tr.docChanged || tr.getMeta(fromYjs))) return this.#host.update(tr)
    this.#binding.transact(() => {
      const done = new Mapping([...since])
      tr.steps.forEach((step, i) => {
        const back = new Mapping(
          tr.mapping.maps
            .slice(0, i)
            .toReversed()
            .map((map) => map.invert()),
        )
        const here = (pos: number, side: number): number => done.map(back.map(pos, -side), side)
        for (const map of this.#track(step, here, tr.getMeta(deletesForward) === true)) done.appendMap(map)
      })
    })
  }

  #track(step: Step, here: (pos: number, side: number) => number, isForward: boolean): readonly StepMap[] {
    if (step instanceof ReplaceStep || step instanceof ReplaceAroundStep) {
      const from = here(step.from, 1)
      return this.#replace(from, Math.max(from, here(step.to, -1)), step.slice, isForward)
    }
    // Emphasis, levels and attributes are not proposals yet: they leave the text as it is.
    if (step instanceof AddMarkStep || step instanceof RemoveMarkStep || step instanceof AttrStep) return []
    throw new Error(`step not tracked: ${JSON.stringify(step.toJSON())}`)
  }

  #replace(from: number, to: number, slice: Slice, isForward: boolean): readonly StepMap[] {
    const { doc } = this.#state
    const [before, after] = [textBefore(doc, from), textBehind(doc, to)]
    if (from === to && doc.resolve(from).depth === 0)
      return this.#commit(pastedBlocks(this.proposing, doc.resolve(from).index(0), linesOf(slice, before, after, true)))
    const start = placeOf(doc, from)
    const end = placeOf(doc, to)
    if (from === to && isSplit(slice)) return this.#split(this.cutAt(start))
    const place = placeOfTyping(doc, start, end)
    const pasted = setApart(linesOf(slice, before, after, takesClauseBehind(blockAt(doc, place.index))), before, after)
    // Paragraphs that come before the first letter of a clause come before the clause.
    if (from === to && start.at === 0 && after !== "" && pasted.length > 1 && isSplittable(blockAt(doc, start.index).type))
      return this.#commit(
        pastedBlocks(
          this.proposing,
          start.index,
          pasted.map((line) => ({ ...line, text: line.text.trimEnd() })),
          blockAt(doc, start.index),
        ),
      )
    const texts = pasted.map(({ text }) => text)
    const lines = takesClauseBehind(blockAt(doc, place.index)) ? texts : [texts.filter(Boolean).join(" ")]
    const deletion = this.deleting.of(doc, start, end, lines.some(Boolean) ? place.index : -1)
    const joined = deletion.change
    const operations: Operation[] = []
    const [line = "", ...rest] = lines
    const isInside =
      rest.length > 0 && place.at > 0 && place.at < doc.child(place.index).content.size && isSplittable(blockAt(doc, place.index).type)
    if (isInside) operations.push(...this.proposing.lines(place, lines, joined))
    else {
      if (rest.length > 0)
        operations.push(...pastedBlocks(this.proposing, place.index + 1, pasted.slice(1), blockAt(doc, place.index), pasted[0]!.level))
      if (rest.length === 0) operations.push(...this.deleting.seam(doc, start, end, place, line, joined))
      if (line) operations.push(...this.proposing.typing(place, line, joined, this.proposing.hostBetween(doc, start, end)))
    }
    operations.push(...deletion.operations)
    const typed = isInside ? lines.join(splitCharacter) : line
    return this.#commit(operations, caretAfter(doc, operations, start, place, typed, isInside ? [] : rest, isForward))
  }

  /** Proposes to cut a clause in two: one split character with a pair and a change of its own (TRK5). What cannot be joined again is not cut. */
  #split(place: Place): readonly StepMap[] {
    if (!isSplittable(blockAt(this.#state.doc, place.index).type)) return []
    const operations = this.proposing.splitting(place, "")
    return this.#commit(operations, (doc) => TextSelection.create(doc, startOf(doc, place.index) + 1 + place.at + operations.length))
  }

  #commit(operations: readonly Operation[], caret?: (doc: Node) => Selection): readonly StepMap[] {
    const tr = this.#binding.apply(operations, this.proposing.source)
    if (caret) tr.setSelection(caret(tr.doc))
    this.#host.update(tr.scrollIntoView())
    return tr.mapping.maps
  }

  /** Writes operations of one step and puts the caret; all that this object and its neighbours do to the draft goes through here. */
  commit(operations: readonly Operation[], caret?: (doc: Node) => Selection): void {
    this.#binding.transact(() => void this.#commit(operations, caret))
  }

  /** Proposes a new clause before block `index`, empty, with the caret in it. */
  addClause(index: number, like: Block | null): void {
    this.addClauses(index, [""], like)
  }

  /** Proposes new clauses with these words before block `index`, with the caret in the first. */
  addClauses(index: number, lines: readonly string[], like: Block | null): void {
    this.commit(newBlocks(this.proposing, index, lines, [like]), (doc) => TextSelection.create(doc, startOf(doc, index) + 1))
  }

  /** Proposes new blocks before block `index`, all one change, each like another, with the caret at a place in one of them. */
  addBlocks(
    index: number,
    lines: readonly { readonly words: string; readonly like: Block }[],
    caret: { readonly line: number; readonly at: number },
  ): void {
    const operations = newBlocks(
      this.proposing,
      index,
      lines.map(({ words }) => words),
      lines.map(({ like }) => like),
    )
    this.commit(operations, (doc) => TextSelection.create(doc, startOf(doc, index + caret.line) + 1 + caret.at))
  }

  /**
   * Where a clause is cut for who stands at a place in it: behind the blanks there, so that no clause begins with one, and a join, which puts a space
   * where there is none, gives back the very text (TRK13). What one has struck oneself is looked through; into the words of another's open insertion
   * nobody is led.
   */
  cutAt({ index, at }: Place): Place {
    if (at === 0) return { index, at }
    const { source } = this.proposing
    const block = this.proposing.blockAt(this.#state.doc, index)
    const text = textOf(block)
    const around = ownerOf(spansIn(block, at - 1, at)[0]?.marks ?? [])?.id
    let cut = at
    for (const { from, to, marks } of spansIn(block, at, text.length)) {
      const owner = ownerOf(marks)
      if (owner && owner.source !== source && owner.id !== around) break
      const isStruck = marks.some((mark) => mark.name === "deletion" && mark.source === source && isDeletionInEffect(mark, marks))
      let end = from
      for (; end < to && text[end] !== splitCharacter; end++) {
        if (/\s/.test(text[end]!)) cut = end + 1
        else if (!isStruck) break
      }
      if (end < to) break
    }
    return { index, at: cut }
  }

  /** Proposes to cut a clause at a place. */
  split(place: Place): void {
    this.#binding.transact(() => void this.#split(place))
  }

  /**
   * Words take the place of letters of one or more blocks, which need not stand together any more: one change. Where the words begin then, or null where
   * they may not stand there, and nothing was done; and what happened to the text.
   */
  replaceLetters(
    spans: readonly (Place & { readonly to: number })[],
    place: Place,
    characters: string,
  ): { begin: number | null; maps: readonly StepMap[] } {
    const { doc } = this.#state
    const around = textOf(blockAt(doc, place.index))
    const words = typeable(characters, around.slice(0, place.at), around.slice(place.at))
    const deletion: Deletion = { operations: [], change: "" }
    for (const { index, at, to } of spans) {
      const block = this.proposing.blockAt(doc, index)
      deletion.operations.unshift(...this.deleting.strikesBeside(index, block, at, to, deletion).toReversed())
    }
    const host = this.proposing.hostOf(spans.flatMap(({ index, at, to }) => spansIn(this.proposing.blockAt(doc, index), at, to)))
    const typing = words ? this.proposing.typing(place, words, deletion.change, host) : []
    if (words && typing.length === 0) return { begin: null, maps: [] }
    const isBehind = (operation: Operation): boolean =>
      (operation.kind === "remove" || operation.kind === "strike") &&
      (operation.index > place.index || (operation.index === place.index && operation.from >= place.at))
    const behind = deletion.operations.filter(isBehind)
    const before = deletion.operations.filter((operation) => !isBehind(operation))
    let maps: readonly StepMap[] = []
    this.#binding.transact(() => {
      maps = this.#commit([...behind, ...typing, ...before])
    })
    const removed = before.reduce(
      (sum, part) => (part.kind === "remove" && part.index === place.index ? sum + part.to - part.from : sum),
      0,
    )
    return { begin: place.at - removed, maps }
  }

  /** Proposes a new clause with these words before block `index`, like the one before it. */
  addClauseWith(index: number, words: string): void {
    this.#binding.transact(() => {
      this.#commit(newBlocks(this.proposing, index, [typeable(words)]))
    })
  }

  /** Moves the words behind the caret into a new clause; only where all of them and the clause are own and open. */
  splitOwn(place: Place): boolean {
    const { doc } = this.#state
    const block = this.proposing.blockAt(doc, place.index)
    const size = doc.child(place.index).content.size
    const tail = spansIn(block, place.at, size)
    if (block.insertedBy !== this.proposing.source || tail.some((span) => ownerOf(span.marks)?.source !== this.proposing.source))
      return false
    const words = doc.child(place.index).textBetween(place.at, size)
    // A table, and the call of a footnote, are not one's own to write anew: what is split then is proposed.
    if (block.type === "table" || words.includes(anchorCharacter)) return false
    this.#binding.transact(() => {
      const operations: Operation[] = [...newBlocks(this.proposing, place.index + 1, words.split(splitCharacter), [block])]
      if (tail.length > 0) operations.push({ kind: "remove", index: place.index, from: place.at, to: size })
      this.#commit(operations, (after) => TextSelection.create(after, startOf(after, place.index + 1) + 1))
    })
    return true
  }

  /**
   * Puts words back at a place after a reset, as a new proposal, in place of what they were to replace; in what cannot be cut in two, a head say, they are
   * one line. False where they may not stand there, and nothing was done.
   */
  propose(index: number, at: number, characters: string, struck: readonly { readonly from: number; readonly to: number }[] = []): boolean {
    const lines = characters.split(splitCharacter).map((line) => typeable(line))
    const words = isSplittable(this.proposing.blockAt(this.#state.doc, index).type)
      ? lines.join(splitCharacter)
      : lines.filter(Boolean).join(" ")
    if (words === "") return true
    const place = { index, at }
    const operations = words === splitCharacter ? this.proposing.splitting(place, "") : this.#replacing(place, words, struck)
    if (operations.length > 0) this.commit(operations)
    return operations.length > 0
  }

  #replacing(place: Place, words: string, struck: readonly { readonly from: number; readonly to: number }[]): Operation[] {
    const { index, at } = place
    const block = this.proposing.blockAt(this.#state.doc, index)
    const deletion: Deletion = { operations: [], change: "" }
    // What is struck on both sides of the place is struck there in two.
    const parts = struck.flatMap(({ from, to }) =>
      from < at && at < to
        ? [
            { from, to: at },
            { from: at, to },
          ]
        : [{ from, to }],
    )
    const strikes = parts.flatMap(({ from, to }) => this.deleting.strikesBeside(index, block, from, to, deletion))
    const host = this.proposing.hostOf(parts.flatMap(({ from, to }) => spansIn(block, from, to)))
    const lines = words.split(splitCharacter)
    const typing =
      lines.length > 1 ? this.proposing.lines(place, lines, deletion.change) : this.proposing.typing(place, words, deletion.change, host)
    if (typing.length === 0) return []
    const behind = (operation: Operation): Operation =>
      "from" in operation && operation.from >= at
        ? { ...operation, from: operation.from + words.length, to: operation.to + words.length }
        : operation
    return [...typing, ...strikes.map(behind).toReversed()]
  }
}

/** A slice that cuts a block and brings nothing. */
const isSplit = (slice: Slice): boolean => slice.openStart > 0 && slice.openEnd > 0 && slice.content.childCount === 2 && slice.size === 2

/** Where the caret stands after a replacement: behind what was typed; else at the side of the struck words where it was going. */
function caretAfter(
  before: Node,
  operations: readonly Operation[],
  start: Place,
  place: Place,
  line: string,
  rest: readonly string[],
  isForward: boolean,
): (doc: Node) => Selection {
  if (rest.length > 0) {
    const last = start.index + rest.length
    return (doc) => TextSelection.create(doc, startOf(doc, last) + 1 + doc.child(last).content.size)
  }
  const index = line ? place.index : start.index
  const removed = operations.reduce((sum, part) => (part.kind === "remove" && part.index === index ? sum + part.to - part.from : sum), 0)
  const typed = operations.some((part) => part.kind === "type") ? line.length : 0
  const end = index === place.index ? place.at : before.child(index).content.size
  const at = line || isForward ? end - removed + typed : start.at
  const base = startOf(before, index) + 1
  return (doc) => TextSelection.create(doc, Math.min(base + at, doc.content.size))
}

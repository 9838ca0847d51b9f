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
import { citationsIn } from "../../shared/clauses/citations.ts"
import {
  anchorCharacter,
  type Block,
  type BlockAttrs,
  deepestNesting,
  defaultAttrs,
  isBlank,
  isDeletionInEffect,
  isPresent,
  isProposal,
  type Mark,
  ownerOf,
  type StructuralAct,
  splitCharacter,
  textOf,
} from "../../shared/schema/block.ts"
import { withoutStrange } from "../../shared/schema/characters.ts"
import { idLimit, markId } from "../../shared/schema/keys.ts"
import { isInWord, takesBlank } from "../../shared/schema/letters.ts"
import { blockOfNode, newMark } from "../../shared/schema/schema.ts"
import { isApart, isDeletable, isSplittable, targetOf } from "../../shared/schema/structure.ts"
import { type Binding, fromYjs, type Operation, type StateHost, startOf } from "./binding.ts"
import { withoutLayout, withoutTypedLabels } from "./typed-labels.ts"

/** What the session types as: its source, and the client id that the server bound to person and hat. */
export interface Hat {
  readonly source: string
}

/** Set on a deletion that goes forward: the caret then passes the struck words instead of standing before them. */
export const deletesForward = "deletesForward$"

const nestingSentence = `These words already stand ${deepestNesting} proposals deep. Propose at another place, or wait for a decision here.`

/**
 * Text as it may be typed or pasted between two texts: line ends and tabs become spaces, what has a meaning of its own here goes, and so do invisible
 * signs where no script needs them (TRK9, GATE1).
 */
export const typeable = (text: string, before = "", after = ""): string =>
  withoutStrange(text.replace(/[\t\n\r\u2028]+/g, " ").replace(/[\u2029\ufffc]/g, ""), before, after)

/** A place in the text: block and offset. */
export interface Place {
  readonly index: number
  readonly at: number
}

const placeOf = (doc: Node, pos: number): Place => {
  const $pos = doc.resolve(pos)
  return { index: $pos.index(0), at: $pos.depth ? $pos.parentOffset : 0 }
}

const blockAt = (doc: Node, index: number): Block => blockOfNode(doc.child(index))

interface Span {
  readonly from: number
  readonly to: number
  readonly marks: readonly Mark[]
}

function spansIn(block: Block, from: number, to: number): Span[] {
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

// A split is decided for itself: what is typed beside it does not join it.
const joinable = (block: Block, at: number): readonly Mark[] =>
  textOf(block)[at] === splitCharacter ? [] : (spansIn(block, at, at + 1)[0]?.marks ?? [])

/**
 * Turns what a person does in the editor into proposals of their source: own marks, own characters, own blocks (TRK1-TRK3, TRK6, TRK8, TRK9). Each
 * step of a transaction is tracked on its own, all in one Yjs transaction.
 */
export class Tracking {
  readonly #host: StateHost
  readonly #binding: Binding
  readonly #hat: Hat
  /** Told a sentence when something cannot be proposed. */
  readonly #say: (sentence: string) => void
  #counters = new Map<number, number>()

  constructor(host: StateHost, binding: Binding, hat: Hat, say: (sentence: string) => void) {
    this.#host = host
    this.#binding = binding
    this.#hat = hat
    this.#say = say
  }

  get #state(): EditorState {
    return this.#host.state
  }

  /** A mark or proposal id that was never used. */
  newId(): string {
    const client = this.#binding.doc.clientID
    const n = (this.#counters.get(client) ?? 0) + 1
    if (n >= idLimit) throw new Error(`client ${client} has used up its mark ids`)
    this.#counters.set(client, n)
    return markId(this.#hat.source, client, n)
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
      return this.#commit(this.#pastedBlocks(doc.resolve(from).index(0), linesOf(slice, before, after, true)))
    const start = placeOf(doc, from)
    const end = placeOf(doc, to)
    if (from === to && isSplit(slice)) return this.#split(this.cutAt(start))
    const place = placeOfTyping(doc, start, end)
    const pasted = setApart(linesOf(slice, before, after, takesClauseBehind(blockAt(doc, place.index))), before, after)
    // Paragraphs that come before the first letter of a clause come before the clause.
    if (from === to && start.at === 0 && after !== "" && pasted.length > 1 && isSplittable(blockAt(doc, start.index).type))
      return this.#commit(
        this.#pastedBlocks(
          start.index,
          pasted.map((line) => ({ ...line, text: line.text.trimEnd() })),
          blockAt(doc, start.index),
        ),
      )
    const texts = pasted.map(({ text }) => text)
    const lines = takesClauseBehind(blockAt(doc, place.index)) ? texts : [texts.filter(Boolean).join(" ")]
    const deletion = this.#deletion(doc, start, end, lines.some(Boolean) ? place.index : -1)
    const joined = deletion.change
    const operations: Operation[] = []
    const [line = "", ...rest] = lines
    const isInside =
      rest.length > 0 && place.at > 0 && place.at < doc.child(place.index).content.size && isSplittable(blockAt(doc, place.index).type)
    if (isInside) operations.push(...this.#lines(place, lines, joined))
    else {
      if (rest.length > 0)
        operations.push(...this.#pastedBlocks(place.index + 1, pasted.slice(1), blockAt(doc, place.index), pasted[0]!.level))
      if (rest.length === 0) operations.push(...this.#seam(doc, start, end, place, line, joined))
      if (line) operations.push(...this.#typing(place, line, joined, this.#hostBetween(doc, start, end)))
    }
    operations.push(...deletion.operations)
    const typed = isInside ? lines.join(splitCharacter) : line
    return this.#commit(operations, caretAfter(doc, operations, start, place, typed, isInside ? [] : rest, isForward))
  }

  /** `#hostOf` the words between two places of one block. */
  #hostBetween(doc: Node, start: Place, end: Place): string | null {
    return start.index === end.index ? this.#hostOf(spansIn(this.#blockAt(doc, start.index), start.at, end.at)) : null
  }

  /** Proposes to cut a clause in two: one split character with a pair and a change of its own (TRK5). What cannot be joined again is not cut. */
  #split(place: Place): readonly StepMap[] {
    if (!isSplittable(blockAt(this.#state.doc, place.index).type)) return []
    const operations = this.#splitting(place, "")
    return this.#commit(operations, (doc) => TextSelection.create(doc, startOf(doc, place.index) + 1 + place.at + operations.length))
  }

  #splitting(place: Place, change: string): Operation[] {
    // What cannot be one again is not cut in two.
    if (!isSplittable(blockAt(this.#state.doc, place.index).type)) return []
    const mark = this.#insertionAt(place, change)
    return mark ? [{ kind: "type", ...place, text: splitCharacter, marks: [mark] }] : []
  }

  /** Several lines in the middle of a block, as one change: its splits make them clauses of their own once it is accepted. */
  #lines(place: Place, lines: readonly string[], joined: string): Operation[] {
    const change = joined || this.newId()
    const operations: Operation[] = []
    let isFirst = joined === ""
    const pieces = lines.flatMap((line, i) => (i === 0 ? [line] : [splitCharacter, line])).filter(Boolean)
    for (const text of pieces.toReversed()) {
      const around = this.#insertionAt(place, change)
      if (!around) return []
      // The change is known by the id of one of its marks.
      const mark = isFirst ? newMark("insertion", { ...around, id: change, of: "" }) : around
      isFirst = false
      operations.push({ kind: "type", ...place, text, marks: [mark] })
    }
    return operations
  }

  /** A new insertion at a place, or null, with a sentence, where it would stand too deep. */
  #insertionAt(place: Place, of: string, into: string | null = null): Mark | null {
    const { source } = this.#hat
    const { marks } = this.#binding.slotAt(place.index, place.at, source, into)
    // One's own marks further out are named too, or what becomes of the words would hang on the order in which the chair decides.
    const around = marks.filter((mark) => mark.name === "insertion" || mark.name === "deletion")
    if (around.length >= deepestNesting) {
      this.#say(nestingSentence)
      return null
    }
    return newMark("insertion", { id: this.newId(), of, source, within: around.map((other) => other.id) })
  }

  #commit(operations: readonly Operation[], caret?: (doc: Node) => Selection): readonly StepMap[] {
    const tr = this.#binding.apply(operations, this.#hat.source)
    if (caret) tr.setSelection(caret(tr.doc))
    this.#host.update(tr.scrollIntoView())
    return tr.mapping.maps
  }

  /**
   * A new insertion at a place, or the plain characters where the place is already inside an own one that nobody strikes there. `into`: the insertion of another whose words they
   * replace.
   */
  #typing(place: Place, characters: string, joined: string, into: string | null = null): Operation[] {
    const { source } = this.#hat
    const block = this.#blockAt(this.#state.doc, place.index)
    const slot = this.#binding.slotAt(place.index, place.at, source, into)
    const owner = ownerOf(slot.marks)
    if (owner && this.isOwnOpen(owner)) {
      // Who struck one's words there has not seen these.
      const isStruck = slot.marks.some((mark) => mark.name === "deletion" && mark.source !== source && isDeletionInEffect(mark, slot.marks))
      const mark = isStruck ? this.#insertionAt(place, owner.changeId, into) : undefined
      return mark === null ? [] : [{ kind: "type", ...place, text: characters, marks: mark ? [mark] : [], into }]
    }
    const own = block.insertedBy === source && block.insertedId ? block.insertedId : ""
    const mark = this.#insertionAt(place, joined || this.#neighbour(block, place.at, place.at) || own, into)
    return mark ? [{ kind: "type", ...place, text: characters, marks: [mark], into }] : []
  }

  /** Whether a mark is one's own, and nothing was decided on it: what is accepted and waits for the proposal around it is one's own no more (TRK8). */
  isOwnOpen(mark: Mark | null): boolean {
    return mark?.source === this.#hat.source && !this.#binding.isDecided(mark.changeId)
  }

  /** A block as one may write in it: words of one's own that are accepted and wait are nobody's there, and are struck like those of others. */
  #blockAt(doc: Node, index: number): Block {
    const block = blockAt(doc, index)
    const isWaiting = (mark: Mark): boolean =>
      mark.source === this.#hat.source && isProposal(mark) && this.#binding.isDecided(mark.changeId)
    if (!block.runs.some(({ marks }) => marks.some(isWaiting))) return block
    const asOthers = (marks: readonly Mark[]): Mark[] => marks.map((mark) => (isWaiting(mark) ? { ...mark, source: "" } : mark))
    return { ...block, runs: block.runs.map((run) => ({ ...run, marks: asOthers(run.marks) })) }
  }

  /** The innermost insertion that all of some words stand in, where it is another's: what replaces them belongs into it, and waits for it as their deletion does (RES1). */
  #hostOf(spans: readonly Span[]): string | null {
    const [first, ...rest] = spans
    const common = first?.marks.filter(
      ({ name, id }) => name === "insertion" && rest.every(({ marks }) => marks.some((mark) => mark.id === id)),
    )
    const host = common ? ownerOf(common) : null
    return host && !this.isOwnOpen(host) ? host.id : null
  }

  /** Writes operations of one step and puts the caret; all that this object and its neighbours do to the draft goes through here. */
  commit(operations: readonly Operation[], caret?: (doc: Node) => Selection): void {
    this.#binding.transact(() => void this.#commit(operations, caret))
  }

  /** The own open change that touches [from, to) of a block, or is made in the same citation, which new words join (TRK8, UNIT1); "" where none is. */
  #neighbour(block: Block, from: number, to: number): string {
    const isOwn = (mark: Mark, marks: readonly Mark[]): boolean =>
      mark.source === this.#hat.source && (mark.name === "deletion" || (mark.name === "insertion" && ownerOf(marks) === mark))
    const left = joinable(block, from - 1)
    const right = joinable(block, to)
    const found = left.find((mark) => isOwn(mark, left)) ?? right.find((mark) => isOwn(mark, right))
    return found?.changeId ?? inSameCitation(block, from, to, isOwn) ?? ""
  }

  /**
   * Deletion of [start, end): own open words go, others' and agreed ones are struck, clauses that are covered as a whole are proposed for deletion, and
   * what is left of the first and the last is joined. `kept`: the block that words are typed into; it is not deleted. From the last place to the first.
   */
  #deletion(doc: Node, start: Place, end: Place, kept: number): Deletion {
    const { source } = this.#hat
    const deletion: Deletion = { operations: [], change: "" }
    const reach = reachOf(doc, start, end)
    const join = this.#joinLeft(doc, start, end)
    for (const { index, from, to, isWhole } of reach) {
      const block = this.#blockAt(doc, index)
      if (!isPresent(block)) continue
      const isDeleted = isWhole && index !== kept && start.index !== end.index && isDeletable(block.type) && !isOwnOrEmpty(block, source)
      const here = isDeleted
        ? spansIn(block, from, to).flatMap((span) => (ownerOf(span.marks)?.source === source ? [removal(index, span)] : []))
        : this.#strikesBeside(index, block, from, to, deletion)
      if (isDeleted) here.push(...this.#proposing(block, { kind: "delete" }, deletion))
      deletion.operations.unshift(...here.toReversed())
    }
    if (join) deletion.operations.unshift(...this.#proposing(join.block, join.act, deletion))
    return deletion
  }

  /** What the deletion leaves of its first and its last block becomes one. */
  #joinLeft(doc: Node, start: Place, end: Place): { block: Block; act: StructuralAct } | null {
    if (start.index === end.index || start.at === 0 || end.at === doc.child(end.index).content.size) return null
    const [first, last] = [blockAt(doc, start.index), blockAt(doc, end.index)]
    const isOwn = first.insertedBy === this.#hat.source || last.insertedBy === this.#hat.source
    return isSplittable(first.type) && isSplittable(last.type) && !isOwn ? { block: last, act: { kind: "join", into: first.id } } : null
  }

  /**
   * The space that a deletion over two clauses leaves between what becomes one, where the last word before and the first behind would run together
   * (TRK11); who cuts into the last word means one of what is left.
   */
  #seam(doc: Node, start: Place, end: Place, place: Place, line: string, change: string): Operation[] {
    if (this.#joinLeft(doc, start, end) === null) return []
    const [first, last] = [textOf(blockAt(doc, start.index)), textOf(blockAt(doc, end.index))]
    const isOneWord = line === "" && isInWord(last, end.at)
    const before = line || first.slice(0, start.at)
    return !isOneWord && takesBlank(before, last.slice(end.at)) ? this.#typing(place, " ", change) : []
  }

  /** The space at the end of a clause that another is to be joined to, as part of that change, where words would run together (TRK11). */
  spaceBefore(index: number, behind: string, change: string): Operation[] {
    const block = this.#blockAt(this.#state.doc, index)
    const place = { index, at: textOf(block).length }
    return takesBlank(this.#leftOf(block), behind) ? this.#typing(place, " ", change) : []
  }

  /** The words of a block that are agreed or one's own: those of others may go. */
  #leftOf(block: Block): string {
    const isLeft = ({ marks }: Block["runs"][number]): boolean => {
      const owner = ownerOf(marks)
      const { source } = this.#hat
      return (
        (owner === null || owner.source === source) &&
        !marks.some((mark) => mark.name === "deletion" && mark.source === source && isDeletionInEffect(mark, marks))
      )
    }
    return block.runs
      .filter(isLeft)
      .map(({ text }) => text)
      .join("")
  }

  /** A structural proposal of one's own, unless one says the same already; an earlier one of the same kind is given the new target. */
  #proposing(block: Block, act: StructuralAct, deletion: Deletion): Operation[] {
    const own = this.#binding.openProposals.find(
      (other) => other.block === block.id && other.source === this.#hat.source && other.kind === act.kind && !isApart(other),
    )
    // While frames of the room are still missing, a block can be there without its id.
    if (!block.id || (act.kind === "join" && !act.into) || (own && targetOf(own) === targetOf(act))) return []
    const id = own?.id ?? this.newId()
    const of = own ? own.of : deletion.change
    deletion.change ||= id
    return [{ kind: "propose", proposal: { id, of, source: this.#hat.source, block: block.id, changeId: of || id, ...act } }]
  }

  /** Strikes as part of the own open change that stands beside. What goes elsewhere is no part of a new clause, and is a change of its own. */
  #strikesBeside(index: number, block: Block, from: number, to: number, deletion: Deletion): Operation[] {
    const beside = deletion.change || (from < to ? this.#neighbour(block, from, to) : "")
    if (beside === block.insertedId) return this.#strikes(index, block, from, to, { operations: [], change: beside })
    deletion.change = beside
    return this.#strikes(index, block, from, to, deletion)
  }

  #strikes(index: number, block: Block, from: number, to: number, deletion: Deletion): Operation[] {
    const { source } = this.#hat
    return mergedSpans(spansIn(block, from, to), source).map((span): Operation => {
      if (span.owner === source) return removal(index, span)
      const id = this.newId()
      const mark = newMark("deletion", { id, of: deletion.change, source, over: span.over, heard: this.#binding.heard })
      deletion.change ||= id
      return { kind: "strike", index, from: span.from, to: span.to, mark }
    })
  }

  /** New blocks before block `index`, one per line, all one change: like the one they follow, or what is said. */
  #newBlocks(index: number, lines: readonly string[], likes: readonly (Block | null)[] = []): Operation[] {
    const { source } = this.#hat
    const before = index > 0 ? blockAt(this.#state.doc, index - 1) : null
    const modelOf = (i: number): Block | null => likes[i] ?? likes[0] ?? before
    const group = this.newId()
    return lines.map((line, i): Operation => {
      const id = i === 0 ? group : this.newId()
      const mark = newMark("insertion", { id, of: id === group ? "" : group, source })
      return { kind: "add", index: index + i, attrs: newBlockAttrs(`n${id}`, modelOf(i), source, group), text: line, marks: [mark] }
    })
  }

  /** New clauses of several paragraphs: each is decided for itself. */
  #pastedBlocks(
    index: number,
    lines: readonly PastedLine[],
    like: Block | null = null,
    outermost = Math.min(...lines.map(({ level }) => level)),
  ): Operation[] {
    return lines.flatMap(({ text, level }, i) =>
      this.#newBlocks(index, [text], [like]).map((operation) => {
        if (operation.kind !== "add") return operation
        const { attrs } = operation
        const deep = Math.max(1, Math.min(deepest, attrs.level + level - outermost))
        return { ...operation, index: index + i, attrs: attrs.type === "clause" ? { ...attrs, level: deep } : attrs }
      }),
    )
  }

  /** Proposes a new clause before block `index`, empty, with the caret in it. */
  addClause(index: number, like: Block | null): void {
    this.addClauses(index, [""], like)
  }

  /** Proposes new clauses with these words before block `index`, with the caret in the first. */
  addClauses(index: number, lines: readonly string[], like: Block | null): void {
    this.commit(this.#newBlocks(index, lines, [like]), (doc) => TextSelection.create(doc, startOf(doc, index) + 1))
  }

  /** Proposes new blocks before block `index`, all one change, each like another, with the caret at a place in one of them. */
  addBlocks(
    index: number,
    lines: readonly { readonly words: string; readonly like: Block }[],
    caret: { readonly line: number; readonly at: number },
  ): void {
    const operations = this.#newBlocks(
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
    const { source } = this.#hat
    const block = this.#blockAt(this.#state.doc, index)
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
      const block = this.#blockAt(doc, index)
      deletion.operations.unshift(...this.#strikesBeside(index, block, at, to, deletion).toReversed())
    }
    const host = this.#hostOf(spans.flatMap(({ index, at, to }) => spansIn(this.#blockAt(doc, index), at, to)))
    const typing = words ? this.#typing(place, words, deletion.change, host) : []
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

  /** Types words at a place, as part of one step with others. */
  typing(place: Place, characters: string): Operation[] {
    const lines = characters.split(splitCharacter)
    return lines.length > 1 ? this.#lines(place, lines, "") : this.#typing(place, characters, "")
  }

  /** Proposes a new clause with these words before block `index`, like the one before it. */
  addClauseWith(index: number, words: string): void {
    this.#binding.transact(() => {
      this.#commit(this.#newBlocks(index, [typeable(words)]))
    })
  }

  /** Moves the words behind the caret into a new clause; only where all of them and the clause are own and open. */
  splitOwn(place: Place): boolean {
    const { doc } = this.#state
    const block = this.#blockAt(doc, place.index)
    const size = doc.child(place.index).content.size
    const tail = spansIn(block, place.at, size)
    if (block.insertedBy !== this.#hat.source || tail.some((span) => ownerOf(span.marks)?.source !== this.#hat.source)) return false
    const words = doc.child(place.index).textBetween(place.at, size)
    // A table, and the call of a footnote, are not one's own to write anew: what is split then is proposed.
    if (block.type === "table" || words.includes(anchorCharacter)) return false
    this.#binding.transact(() => {
      const operations: Operation[] = [...this.#newBlocks(place.index + 1, words.split(splitCharacter), [block])]
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
    const words = isSplittable(this.#blockAt(this.#state.doc, index).type) ? lines.join(splitCharacter) : lines.filter(Boolean).join(" ")
    if (words === "") return true
    const place = { index, at }
    const operations = words === splitCharacter ? this.#splitting(place, "") : this.#replacing(place, words, struck)
    if (operations.length > 0) this.commit(operations)
    return operations.length > 0
  }

  #replacing(place: Place, words: string, struck: readonly { readonly from: number; readonly to: number }[]): Operation[] {
    const { index, at } = place
    const block = this.#blockAt(this.#state.doc, index)
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
    const strikes = parts.flatMap(({ from, to }) => this.#strikesBeside(index, block, from, to, deletion))
    const host = this.#hostOf(parts.flatMap(({ from, to }) => spansIn(block, from, to)))
    const lines = words.split(splitCharacter)
    const typing = lines.length > 1 ? this.#lines(place, lines, deletion.change) : this.#typing(place, words, deletion.change, host)
    if (typing.length === 0) return []
    const behind = (operation: Operation): Operation =>
      "from" in operation && operation.from >= at
        ? { ...operation, from: operation.from + words.length, to: operation.to + words.length }
        : operation
    return [...typing, ...strikes.map(behind).toReversed()]
  }
}

/** What a deletion has come to: its operations, and the change that they belong to once there is one. */
interface Deletion {
  readonly operations: Operation[]
  change: string
}

const isOwnOrEmpty = (block: Block, source: string): boolean => block.insertedBy === source || isBlank(block)

const removal = (index: number, { from, to }: { from: number; to: number }): Operation => ({ kind: "remove", index, from, to })

/** Kinds of block behind which no clause is proposed: what stands before the first head, and the footnotes. */
const outsideText: ReadonlySet<Block["type"]> = new Set(["designation", "title", "formula", "note"])

export const takesClauseBehind = (block: Block): boolean => !outsideText.has(block.type)

interface Reach {
  readonly index: number
  readonly from: number
  readonly to: number
  readonly isWhole: boolean
}

/** What [start, end) covers of each block. */
function reachOf(doc: Node, start: Place, end: Place): Reach[] {
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
function placeOfTyping(doc: Node, start: Place, end: Place): Place {
  if (start.index === end.index) return { index: start.index, at: end.at }
  const isLastKept = end.index < doc.childCount && end.at < doc.child(end.index).content.size
  if (start.at === 0 && isLastKept) return { index: end.index, at: end.at }
  return { index: start.index, at: doc.child(Math.min(start.index, doc.childCount - 1)).content.size }
}

/** A slice that cuts a block and brings nothing. */
const isSplit = (slice: Slice): boolean => slice.openStart > 0 && slice.openEnd > 0 && slice.content.childCount === 2 && slice.size === 2

function newBlockAttrs(id: string, like: Block | null, source: string, group: string): BlockAttrs {
  const type = like && isSplittable(like.type) ? like.type : "clause"
  const level = like?.type === "clause" ? like.level : defaultAttrs.level
  const base = { ...defaultAttrs, id, type, insertedBy: source, insertedId: group, dir: like?.dir ?? defaultAttrs.dir } as BlockAttrs
  return type === "clause" ? { ...base, level } : base
}

/** What stands in a block before a position, and behind one. */
const textBefore = (doc: Node, pos: number): string => {
  const { parent, parentOffset, depth } = doc.resolve(pos)
  return depth === 0 ? "" : parent.textBetween(0, parentOffset)
}
const textBehind = (doc: Node, pos: number): string => {
  const { parent, parentOffset, depth } = doc.resolve(pos)
  return depth === 0 ? "" : parent.textBetween(parentOffset, parent.content.size)
}

/** A paragraph of what is pasted: its words, and how many levels deeper than the outermost list it stands. */
interface PastedLine {
  readonly text: string
  readonly level: number
}

/** Clauses of a draft go so deep. */
const deepest = 4

/** The paragraphs of a slice as they came. */
export function paragraphsOf({ content }: Slice): string[] {
  if (content.size === 0) return []
  return content.firstChild!.isTextblock ? content.content.map((node) => node.textContent) : [content.textBetween(0, content.size)]
}

/**
 * The lines of a slice that comes between two texts. Where its paragraph becomes a clause blanks before it are layout, a label that was typed is no words,
 * and tabs before it tell its level.
 */
function linesOf(slice: Slice, before: string, after: string, isOfClauses: boolean): PastedLine[] {
  const paragraphs = paragraphsOf(slice)
  const begins = before === ""
  const isStart = (i: number): boolean => i > 0 || begins
  const levels = paragraphs.map((line) => /^\t*/.exec(line)![0].length)
  const own = paragraphs.map((line, i) => (isStart(i) ? withoutLayout(line, paragraphs.length) : line))
  const words = isOfClauses ? withoutTypedLabels(own, begins).lines : own
  const last = words.length - 1
  return words
    .map((line, i): PastedLine => ({ level: levels[i]!, text: typeable(line, i === 0 ? before : "", i === last ? after : "") }))
    .filter(({ text }, i) => text !== "" || i === 0)
}

/** Several paragraphs between two texts: no word of them is glued to what stands there. One, or a part of one, comes just as it is. */
function setApart(lines: readonly PastedLine[], before: string, after: string): readonly PastedLine[] {
  if (lines.length < 2) return lines
  return lines.map(({ text, level }, i) => {
    const start = i === 0 && takesBlank(before, text) ? " " : ""
    const end = i === lines.length - 1 && takesBlank(text, after) ? " " : ""
    return { level, text: start + text + end }
  })
}

interface DeletableSpan {
  from: number
  to: number
  /** The source whose open insertion holds the characters, null for agreed text. */
  readonly owner: string | null
  readonly over: readonly string[]
}

/** The change of a mark in the citation that holds [from, to) of a block: who makes "Busan, 2014" into "Bucharest, 2022" changes one thing. */
function inSameCitation(block: Block, from: number, to: number, isOwn: (mark: Mark, marks: readonly Mark[]) => boolean): string | null {
  const cited = citationsIn(textOf(block)).find((other) => other.from < from && to < other.to)
  if (!cited) return null
  let at = 0
  for (const run of block.runs) {
    const end = at + run.text.length
    const found = at < cited.to && end > cited.from ? run.marks.find((mark) => isOwn(mark, run.marks)) : undefined
    if (found) return found.changeId
    at = end
  }
  return null
}

/** Stretches that one operation deletes: already struck ones left out, neighbours of the same owner joined. */
function mergedSpans(spans: readonly Span[], source: string): DeletableSpan[] {
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

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
import { type Block, type BlockAttrs, defaultAttrs, type Mark, ownerOf } from "../../shared/schema/block.ts"
import { idLimit, markId } from "../../shared/schema/keys.ts"
import { blockOfNode, newMark } from "../../shared/schema/schema.ts"
import { slotAt } from "../../shared/sync/write.ts"
import { type Binding, fromYjs, isOwnPlace, type Operation, type StateHost, startOf } from "./binding.ts"

/** What the session types as: its source, and the client id that the server bound to person and hat. */
export interface Hat {
  readonly source: string
}

/** Set on a deletion that goes forward: the caret then passes the struck words instead of standing before them. */
export const deletesForward = "deletesForward$"

/** Deepest nesting of one source's words in another's (TRK2). */
export const deepestNesting = 8

const nestingSentence = `These words already stand ${deepestNesting} proposals deep. Propose at another place, or wait for a decision here.`

/** Characters that cannot be typed: they have a meaning of their own in the text, or would change how others read it (GATE1). */
const unwanted =
  /[\u0000-\u0008\u000b-\u001f\u007f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffc]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** Text as it may be typed or pasted: line ends and tabs become spaces, control characters and bidi overrides go (TRK9). */
export const typeable = (text: string): string => text.replace(/[\t\n\r]+/g, " ").replace(unwanted, "")

interface Place {
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

const marksBefore = (block: Block, at: number): readonly Mark[] => spansIn(block, at - 1, at)[0]?.marks ?? []
const marksBehind = (block: Block, at: number): readonly Mark[] => spansIn(block, at, at + 1)[0]?.marks ?? []

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

  #newId(): string {
    const client = this.#binding.doc.clientID
    const n = (this.#counters.get(client) ?? 0) + 1
    if (n >= idLimit) throw new Error(`client ${client} has used up its mark ids`)
    this.#counters.set(client, n)
    return markId(this.#hat.source, client, n)
  }

  /** Takes a transaction of the editor: what changes nothing passes, what changes the text becomes proposals. */
  dispatch(tr: Transaction): void {
    if (!tr.docChanged || tr.getMeta(fromYjs)) return this.#host.update(tr)
    this.#binding.transact(() => {
      const done = new Mapping()
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
    const lines = linesOf(slice)
    if (from === to && doc.resolve(from).depth === 0) return this.#commit(this.#newBlocks(doc.resolve(from).index(0), lines))
    const start = placeOf(doc, from)
    const end = placeOf(doc, to)
    const first = doc.child(Math.min(start.index, doc.childCount - 1))
    const place = { index: start.index, at: end.index === start.index ? end.at : first.content.size }
    const strikes = this.#strikes(doc, start, end)
    const joined = strikes.change
    const operations: Operation[] = []
    const [line = "", ...rest] = lines
    if (rest.length > 0) operations.push(...this.#newBlocks(start.index + 1, rest, blockAt(doc, start.index)))
    if (line) operations.push(...this.#typing(place, line, joined))
    operations.push(...strikes.operations)
    return this.#commit(operations, caretAfter(doc, operations, start, place, line, rest, isForward))
  }

  #commit(operations: readonly Operation[], caret?: (doc: Node) => Selection): readonly StepMap[] {
    const tr = this.#binding.apply(operations, this.#hat.source)
    if (caret) tr.setSelection(caret(tr.doc))
    this.#host.update(tr.scrollIntoView())
    return tr.mapping.maps
  }

  /** A new insertion at a place, or the plain characters where the place is already inside an own one. */
  #typing(place: Place, characters: string, joined: string): Operation[] {
    const { source } = this.#hat
    const block = blockAt(this.#state.doc, place.index)
    const slot = slotAt(null, this.#binding.textAt(place.index), place.at, source)
    if (isOwnPlace(slot.marks, source)) return [{ kind: "type", ...place, text: characters, marks: [] }]
    const around = slot.marks.filter((mark) => (mark.name === "insertion" || mark.name === "deletion") && mark.source !== source)
    if (around.length >= deepestNesting) {
      this.#say(nestingSentence)
      return []
    }
    const own = block.insertedBy === source && block.insertedId ? block.insertedId : ""
    const of = joined || this.#neighbour(block, place.at, place.at) || own
    const mark = newMark("insertion", { id: this.#newId(), of, source, within: around.map((other) => other.id) })
    return [{ kind: "type", ...place, text: characters, marks: [mark] }]
  }

  /** The own open change that touches [from, to) of a block, which new words join (TRK8); "" where none does. */
  #neighbour(block: Block, from: number, to: number): string {
    const isOwn = (mark: Mark, marks: readonly Mark[]): boolean =>
      mark.source === this.#hat.source && (mark.name === "deletion" || (mark.name === "insertion" && ownerOf(marks) === mark))
    const left = marksBefore(block, from)
    const right = marksBehind(block, to)
    const found = left.find((mark) => isOwn(mark, left)) ?? right.find((mark) => isOwn(mark, right))
    return found?.changeId ?? ""
  }

  /** Deletion of [start, end): own open words go, others' and agreed ones are struck. From the last place to the first. */
  #strikes(doc: Node, start: Place, end: Place): { operations: Operation[]; change: string } {
    const operations: Operation[] = []
    let change = ""
    for (let index = start.index; index <= end.index && index < doc.childCount; index++) {
      const block = blockAt(doc, index)
      const from = index === start.index ? start.at : 0
      const to = index === end.index ? end.at : doc.child(index).content.size
      if (from >= to) continue
      change ||= this.#neighbour(block, from, to)
      const here: Operation[] = []
      for (const span of mergedSpans(spansIn(block, from, to), this.#hat.source)) {
        if (span.owner === this.#hat.source) here.push({ kind: "remove", index, from: span.from, to: span.to })
        else {
          const id = this.#newId()
          here.push({
            kind: "strike",
            index,
            from: span.from,
            to: span.to,
            mark: newMark("deletion", { id, of: change, source: this.#hat.source, over: span.over }),
          })
          change ||= id
        }
      }
      operations.unshift(...here.toReversed())
    }
    return { operations, change }
  }

  /** New blocks before block `index`, one per line: clauses like the one they follow. */
  #newBlocks(index: number, lines: readonly string[], like: Block | null = null): Operation[] {
    const { source } = this.#hat
    const model = like ?? (index > 0 ? blockAt(this.#state.doc, index - 1) : null)
    const group = this.#newId()
    return lines.map((line, i): Operation => {
      const id = i === 0 ? group : this.#newId()
      const mark = newMark("insertion", { id, of: id === group ? "" : group, source })
      return { kind: "add", index: index + i, attrs: newBlockAttrs(`n${id}`, model, source, group), text: line, marks: [mark] }
    })
  }

  /** Proposes a new clause before block `index`, empty, with the caret in it. */
  addClause(index: number, like: Block | null): void {
    this.#binding.transact(() => {
      this.#commit(this.#newBlocks(index, [""], like), (doc) => TextSelection.create(doc, startOf(doc, index) + 1))
    })
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
    const block = blockAt(doc, place.index)
    const size = doc.child(place.index).content.size
    const tail = spansIn(block, place.at, size)
    if (block.insertedBy !== this.#hat.source || tail.some((span) => ownerOf(span.marks)?.source !== this.#hat.source)) return false
    const words = doc.child(place.index).textBetween(place.at, size)
    this.#binding.transact(() => {
      const operations: Operation[] = [...this.#newBlocks(place.index + 1, [words], block)]
      if (tail.length > 0) operations.push({ kind: "remove", index: place.index, from: place.at, to: size })
      this.#commit(operations, (after) => TextSelection.create(after, startOf(after, place.index + 1) + 1))
    })
    return true
  }

  /** Puts words back at a place after a reset, as a new proposal. */
  propose(index: number, at: number, characters: string): void {
    this.#binding.transact(() => {
      this.#commit(this.#typing({ index, at }, typeable(characters), ""))
    })
  }
}

const structural = new Set(["clause", "paragraph", "quote"])

function newBlockAttrs(id: string, like: Block | null, source: string, group: string): BlockAttrs {
  const type = like && structural.has(like.type) ? like.type : "clause"
  const level = like?.type === "clause" ? like.level : defaultAttrs.level
  const base = { ...defaultAttrs, id, type, insertedBy: source, insertedId: group, dir: like?.dir ?? defaultAttrs.dir } as BlockAttrs
  return type === "clause" ? { ...base, level } : base
}

function linesOf(slice: Slice): string[] {
  const { content } = slice
  if (content.size === 0) return []
  if (!content.firstChild!.isTextblock) return [typeable(content.textBetween(0, content.size))]
  const lines = content.content.map((node) => typeable(node.textContent))
  return lines.filter((line, i) => line !== "" || i === 0)
}

interface DeletableSpan {
  from: number
  to: number
  /** The source whose open insertion holds the characters, null for agreed text. */
  readonly owner: string | null
  readonly over: readonly string[]
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
  const removed = operations.reduce(
    (sum, part) => (part.kind === "remove" && part.index === start.index ? sum + part.to - part.from : sum),
    0,
  )
  const typed = operations.some((part) => part.kind === "type") ? line.length : 0
  const at = line || isForward ? place.at - removed + typed : start.at
  const base = startOf(before, start.index) + 1
  return (doc) => TextSelection.create(doc, Math.min(base + at, doc.content.size))
}

import type { Node } from "prosemirror-model"
import { citationsIn } from "../../shared/clauses/citations.ts"
import {
  type Block,
  deepestNesting,
  isDeletionInEffect,
  isProposal,
  type Mark,
  ownerOf,
  splitCharacter,
  textOf,
} from "../../shared/schema/block.ts"
import { idLimit, markId } from "../../shared/schema/keys.ts"
import { newMark } from "../../shared/schema/schema.ts"
import { isSplittable } from "../../shared/schema/structure.ts"
import type { Binding } from "./binding.ts"
import type { Operation, StateHost } from "./operations.ts"
import { blockAt, type Place, type Span, spansIn } from "./spans.ts"

/** What the session types as: its source, and the client id that the server bound to person and hat. */
export interface Hat {
  readonly source: string
}

const nestingSentence = `These words already stand ${deepestNesting} proposals deep. Propose at another place, or wait for a decision here.`

// A split is decided for itself: what is typed beside it does not join it.
const joinable = (block: Block, at: number): readonly Mark[] =>
  textOf(block)[at] === splitCharacter ? [] : (spansIn(block, at, at + 1)[0]?.marks ?? [])

/**
 * Whose what is written at a place becomes: which marks it gets, as part of which change, in whose words (TRK1, TRK2, TRK8). It writes nothing itself: it
 * answers operations, in coordinates of the text before them.
 */
export class Proposing {
  readonly #host: StateHost
  readonly #binding: Binding
  readonly #hat: Hat
  /** Told a sentence when something cannot be proposed. */
  readonly #say: (sentence: string) => void
  readonly #counters = new Map<number, number>()

  constructor(host: StateHost, binding: Binding, hat: Hat, say: (sentence: string) => void) {
    this.#host = host
    this.#binding = binding
    this.#hat = hat
    this.#say = say
  }

  get source(): string {
    return this.#hat.source
  }

  get doc(): Node {
    return this.#host.state.doc
  }

  /** A mark or proposal id that was never used. */
  newId(): string {
    const client = this.#binding.doc.clientID
    const n = (this.#counters.get(client) ?? 0) + 1
    if (n >= idLimit) throw new Error(`client ${client} has used up its mark ids`)
    this.#counters.set(client, n)
    return markId(this.#hat.source, client, n)
  }

  /** Whether a mark is one's own, and nothing was decided on it: what is accepted and waits for the proposal around it is one's own no more (TRK8). */
  isOwnOpen(mark: Mark | null): boolean {
    return mark?.source === this.#hat.source && !this.#binding.isDecided(mark.changeId)
  }

  /** A block as one may write in it: words of one's own that are accepted and wait are nobody's there, and are struck like those of others. */
  blockAt(doc: Node, index: number): Block {
    const block = blockAt(doc, index)
    const isWaiting = (mark: Mark): boolean =>
      mark.source === this.#hat.source && isProposal(mark) && this.#binding.isDecided(mark.changeId)
    if (!block.runs.some(({ marks }) => marks.some(isWaiting))) return block
    const asOthers = (marks: readonly Mark[]): Mark[] => marks.map((mark) => (isWaiting(mark) ? { ...mark, source: "" } : mark))
    return { ...block, runs: block.runs.map((run) => ({ ...run, marks: asOthers(run.marks) })) }
  }

  /**
   * The innermost insertion that all of some words stand in, where it is another's: what replaces them belongs into it, and waits for it as their
   * deletion does (RES1).
   */
  hostOf(spans: readonly Span[]): string | null {
    const [first, ...rest] = spans
    const common = first?.marks.filter(
      ({ name, id }) => name === "insertion" && rest.every(({ marks }) => marks.some((mark) => mark.id === id)),
    )
    const host = common ? ownerOf(common) : null
    return host && !this.isOwnOpen(host) ? host.id : null
  }

  /** The same, of the words between two places; null where they stand in two blocks. */
  hostBetween(doc: Node, start: Place, end: Place): string | null {
    return start.index === end.index ? this.hostOf(spansIn(this.blockAt(doc, start.index), start.at, end.at)) : null
  }

  /** The own open change that touches [from, to) of a block, or is made in the same citation, which new words join (TRK8, UNIT1); "" where none is. */
  neighbour(block: Block, from: number, to: number): string {
    const isOwn = (mark: Mark, marks: readonly Mark[]): boolean =>
      mark.source === this.#hat.source && (mark.name === "deletion" || (mark.name === "insertion" && ownerOf(marks) === mark))
    const left = joinable(block, from - 1)
    const right = joinable(block, to)
    const found = left.find((mark) => isOwn(mark, left)) ?? right.find((mark) => isOwn(mark, right))
    return found?.changeId ?? inSameCitation(block, from, to, isOwn) ?? ""
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

  /**
   * A new insertion at a place, or the plain characters where the place is already inside an own one that nobody strikes there. `into`: the insertion of
   * another whose words they replace.
   */
  typing(place: Place, characters: string, joined: string, into: string | null = null): Operation[] {
    const { source } = this.#hat
    const block = this.blockAt(this.doc, place.index)
    const slot = this.#binding.slotAt(place.index, place.at, source, into)
    const owner = ownerOf(slot.marks)
    if (owner && this.isOwnOpen(owner)) {
      // Who struck one's words there has not seen these.
      const isStruck = slot.marks.some((mark) => mark.name === "deletion" && mark.source !== source && isDeletionInEffect(mark, slot.marks))
      const mark = isStruck ? this.#insertionAt(place, owner.changeId, into) : undefined
      return mark === null ? [] : [{ kind: "type", ...place, text: characters, marks: mark ? [mark] : [], into }]
    }
    const own = block.insertedBy === source && block.insertedId ? block.insertedId : ""
    const mark = this.#insertionAt(place, joined || this.neighbour(block, place.at, place.at) || own, into)
    return mark ? [{ kind: "type", ...place, text: characters, marks: [mark], into }] : []
  }

  /** One split character at a place, as part of a change; "": as one of its own. */
  splitting(place: Place, change: string): Operation[] {
    // What cannot be one again is not cut in two.
    if (!isSplittable(blockAt(this.doc, place.index).type)) return []
    const mark = this.#insertionAt(place, change)
    return mark ? [{ kind: "type", ...place, text: splitCharacter, marks: [mark] }] : []
  }

  /** Several lines in the middle of a block, as one change: its splits make them clauses of their own once it is accepted. */
  lines(place: Place, lines: readonly string[], joined: string): Operation[] {
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

  /** Types words at a place, as part of one step with others. */
  typingLines(place: Place, characters: string): Operation[] {
    const lines = characters.split(splitCharacter)
    return lines.length > 1 ? this.lines(place, lines, "") : this.typing(place, characters, "")
  }
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

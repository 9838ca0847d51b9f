import type { Node } from "prosemirror-model"
import { TextSelection } from "prosemirror-state"
import { carriedOut, planOf } from "../../shared/changes/restructure.ts"
import { familyOf } from "../../shared/clauses/family.ts"
import {
  anchorCharacter,
  type Block,
  isBlank,
  isPresent,
  ownerOf,
  type StructuralAct,
  type StructuralProposal,
  splitCharacter,
  textOf,
} from "../../shared/schema/block.ts"
import { takesBlank } from "../../shared/schema/letters.ts"
import { blocksOfDoc } from "../../shared/schema/schema.ts"
import { isApart, isDeletable, isLevel, isSplittable, targetOf, withStructure } from "../../shared/schema/structure.ts"
import type { Binding } from "./binding.ts"
import { type Operation, type StateHost, startOf } from "./operations.ts"
import type { Tracking } from "./tracking.ts"
import { caretBefore } from "./undrawn.ts"

const othersSentence = "Others have written in this new clause. Propose the change at their words, or wait for a decision."

/**
 * Proposals about clauses as a whole (TRK5): to split, join, delete or move one, or to change its level, with all that belongs to it. One's own
 * new clause is simply changed. Nothing here moves agreed text.
 */
export class Restructuring {
  readonly #host: StateHost
  readonly #binding: Binding
  readonly #tracking: Tracking
  readonly #source: string
  readonly #say: (sentence: string) => void

  constructor(host: StateHost, binding: Binding, tracking: Tracking, source: string, say: (sentence: string) => void) {
    this.#host = host
    this.#binding = binding
    this.#tracking = tracking
    this.#source = source
    this.#say = say
  }

  get #doc(): Node {
    return this.#host.state.doc
  }

  get #blocks(): readonly Block[] {
    return blocksOfDoc(this.#doc)
  }

  #isOwn(block: Block): boolean {
    return block.insertedBy === this.#source
  }

  /** Whether an own new clause is changed at once, by writing it anew. */
  #isWrittenAnew(block: Block): boolean {
    return this.#isOwn(block) && isTyped(block)
  }

  #hasOnlyOwnWords(block: Block): boolean {
    return block.runs.every((run) => this.#tracking.proposing.isOwnOpen(ownerOf(run.marks)))
  }

  #own(block: Block, kind: StructuralProposal["kind"]): StructuralProposal | undefined {
    return this.#binding.openProposals.find(
      (other) => other.block === block.id && other.source === this.#source && other.kind === kind && !isApart(other),
    )
  }

  #family(index: number): number[] {
    return familyOf(this.#blocks, index)
  }

  /** One proposal for each block of a family, all one change; an earlier one of the same kind is given the new target. */
  #propose(acts: readonly { block: Block; act: StructuralAct }[]): Operation[] {
    let change = ""
    return acts.flatMap(({ block, act }): Operation[] => {
      // While frames of the room are still missing, a block can be there without its id.
      if (!block.id || (act.kind === "join" && !act.into)) return []
      const earlier = this.#own(block, act.kind)
      if (earlier) change ||= earlier.changeId
      if (earlier && targetOf(earlier) === targetOf(act)) return []
      const id = earlier?.id ?? this.#tracking.newId()
      const of = earlier ? earlier.of : change
      change ||= id
      return [{ kind: "propose", proposal: { id, of, source: this.#source, block: block.id, changeId: of || id, ...act } }]
    })
  }

  /** Proposes to delete a clause with its sub-clauses; where that is proposed already it is taken back. One's own new clause is emptied. */
  deleteClause(index: number): void {
    const family = this.#family(index)
      .map((i) => ({ index: i, block: this.#blocks[i]! }))
      .filter(({ block }) => isDeletable(block.type) && isPresent(block))
    const first = family[0]
    if (!first) return this.#say("This part of the text is not deleted as a whole. Strike its words.")
    const standing = family.flatMap(({ block }) => this.#own(block, "delete") ?? [])
    if (this.#own(first.block, "delete"))
      return this.#tracking.commit(standing.map(({ id }): Operation => ({ kind: "takeBack", proposal: id })))
    const emptied = family
      .filter(({ block }) => this.#isOwn(block) && this.#hasOnlyOwnWords(block) && block.runs.length > 0)
      .map(({ index: i, block }): Operation => ({ kind: "remove", index: i, from: 0, to: textOf(block).length }))
    const others = family.filter(({ block }) => !this.#isOwn(block)).map(({ block }) => ({ block, act: { kind: "delete" } as const }))
    if (family.some(({ block }) => this.#isOwn(block) && !this.#hasOnlyOwnWords(block))) this.#say(othersSentence)
    const operations = [...emptied.toReversed(), ...this.#propose(others)]
    // What holds nothing any more is not drawn: the caret goes where there is something.
    const isGone = emptied.some((operation) => operation.kind === "remove" && operation.index === index)
    this.#tracking.commit(operations, isGone ? (doc) => caretBefore(doc, index) : undefined)
  }

  /** Proposes to join a clause to the one before it. Whether there is anything to join; the caret then stands at the seam. */
  join(index: number): boolean {
    const block = this.#blocks[index]
    const before = this.#blocks.findLastIndex((other, i) => i < index && isPresent(other) && !isBlank(other))
    const into = this.#blocks[before]
    if (!block || !into || !isSplittable(block.type) || !isSplittable(into.type)) return false
    const seam = (doc: Node): TextSelection => TextSelection.create(doc, startOf(doc, before) + 1 + textOf(into).length)
    if (this.#isWrittenAnew(block)) {
      if (!this.#hasOnlyOwnWords(block)) {
        this.#say(othersSentence)
        return true
      }
      const words = textOf(block)
      const size = textOf(into).length
      const operations: Operation[] = words ? [{ kind: "remove", index, from: 0, to: words.length }] : []
      const space = takesBlank(textOf(into), words) ? " " : ""
      if (words) operations.push(...this.#tracking.proposing.typingLines({ index: before, at: size }, space + words))
      this.#tracking.commit(operations, seam)
      return true
    }
    const proposed = this.#propose([{ block, act: { kind: "join", into: into.id } }])
    const [join] = proposed
    if (join?.kind === "propose") proposed.push(...this.#tracking.deleting.spaceBefore(before, textOf(block), join.proposal.changeId))
    this.#tracking.commit(proposed, seam)
    return true
  }

  /** Proposes another level for a clause and its sub-clauses; back at its own level the proposal is taken back. */
  changeLevel(index: number, step: 1 | -1): void {
    const clauses = this.#family(index).filter((i) => i === index || this.#blocks[i]!.type === "clause")
    const family = clauses.map((i) => ({ index: i, block: this.#blocks[i]! }))
    const first = family[0]?.block
    if (first?.type !== "clause") return this.#say("Only clauses have levels.")
    const levelOf = (block: Block): number => {
      const proposed = this.#own(block, "level")
      return (proposed?.kind === "level" ? proposed.level : block.level) + step
    }
    if (family.some(({ block }) => !isLevel(levelOf(block))))
      return this.#say(step === 1 ? "A clause is nested four deep at most." : "This clause stands at the first level already.")
    const above = this.#blocks.slice(0, index).findLast((block) => isPresent(block) && (block.type === "clause" || block.type === "head"))
    if (step === 1 && (above?.type !== "clause" || above.level < first.level)) return this.#say("A sub-clause needs a clause above it.")
    const operations: Operation[] = []
    for (const { index: i, block } of family) {
      if (this.#isOwn(block)) operations.push({ kind: "level", index: i, level: block.level + step })
      else if (levelOf(block) === block.level) operations.push({ kind: "takeBack", proposal: this.#own(block, "level")!.id })
    }
    const others = family.filter(({ block }) => !this.#isOwn(block) && levelOf(block) !== block.level)
    operations.push(...this.#propose(others.map(({ block }) => ({ block, act: { kind: "level", level: levelOf(block) } }))))
    this.#tracking.commit(operations)
  }

  /** The blocks in the order that the own moves would give. Of those that hold nothing only the one that is moved counts: nobody sees the others. */
  #ordered(first: Block): Block[] {
    const own = this.#binding.proposals.filter((proposal) => proposal.source === this.#source && proposal.kind === "move")
    const blocks = withStructure(this.#blocks, own)
    return carriedOut(
      blocks,
      planOf(blocks, () => true),
    ).filter((block) => isPresent(block) && (!isBlank(block) || block.id === first.id))
  }

  /** Proposes to move a clause with its sub-clauses one place up or down among its like. */
  moveClause(index: number, step: 1 | -1): void {
    const family = this.#family(index).map((i) => this.#blocks[i]!)
    const first = family[0]
    if (!first || !isSplittable(first.type)) return this.#say("Only clauses and paragraphs are moved.")
    const order = this.#ordered(first)
    const at = order.findIndex((block) => block.id === first.id)
    const target = step === -1 ? placeBefore(order, at) : placeBehind(order, at, family.length)
    if (target === null) return this.#say(step === -1 ? "This clause stands first already." : "This clause stands last already.")
    if (target.id) this.moveBehind(index, target.id)
  }

  /** Proposes to move a clause with its sub-clauses behind another block; back at its own place the proposal is taken back. */
  moveBehind(index: number, after: string): void {
    const indexes = this.#family(index)
    const family = indexes.map((i) => this.#blocks[i]!)
    const first = family[0]!
    if (family.some((block) => this.#isOwn(block)) && family.every(isTyped)) return this.#moveOwn(indexes, after)
    const home = this.#blocks.slice(0, index).findLast((block) => isPresent(block) && !isBlank(block))
    if (home?.id === after) {
      const standing = family.flatMap((block) => this.#own(block, "move") ?? [])
      return this.#tracking.commit(standing.map(({ id }): Operation => ({ kind: "takeBack", proposal: id })))
    }
    const acts = family.map((block, i) => ({
      block,
      act: { kind: "move" as const, after: i === 0 ? after : family[i - 1]!.id },
    }))
    this.#tracking.commit([...this.#stayBehind(family, after), ...this.#propose(acts)])
    this.#say(`Moved, as a proposal: ${first.type === "clause" ? "the clause" : "the paragraph"} stays here until the chair decides.`)
  }

  /**
   * What an own move had put behind a clause that now goes behind that itself stays where it is: as two halves of a split clause do that change places.
   * Left as it is, each would stand behind the other.
   */
  #stayBehind(family: readonly Block[], after: string): Operation[] {
    const moves = new Map(
      this.#binding.openProposals.flatMap((other) =>
        other.kind === "move" && other.source === this.#source && !isApart(other) ? [[other.block, other] as const] : [],
      ),
    )
    const goes = new Set(family.map(({ id }) => id))
    const chain = new Set<string>()
    for (let move = moves.get(after); move && !chain.has(move.block); move = move.after === null ? undefined : moves.get(move.after)) {
      chain.add(move.block)
      if (move.after === null || !goes.has(move.after)) continue
      const order = this.#ordered(family[0]!)
      const before = order[order.findIndex(({ id }) => id === family[0]!.id) - 1]
      return [{ kind: "propose", proposal: { ...move, after: before?.id ?? null } }]
    }
    return []
  }

  /** One's own new clauses are written anew at the other place. */
  #moveOwn(indexes: readonly number[], after: string): void {
    const family = indexes.map((i) => this.#blocks[i]!)
    const target = this.#blocks.findIndex((block) => block.id === after)
    if (target < 0 || family.some((block) => !this.#isOwn(block) || !this.#hasOnlyOwnWords(block))) return this.#say(othersSentence)
    const removed = indexes
      .map((i): Operation => ({ kind: "remove", index: i, from: 0, to: textOf(this.#blocks[i]!).length }))
      .filter((operation) => operation.kind === "remove" && operation.to > 0)
    const lines = family.flatMap((like) =>
      textOf(like)
        .split(splitCharacter)
        .map((words) => ({ words, like })),
    )
    // The caret goes with its letter.
    const { $head } = this.#host.state.selection
    const caret = { line: 0, at: 0 }
    if (indexes.includes($head.index(0)))
      for (const i of indexes.filter((index) => index <= $head.index(0))) {
        const isHere = i === $head.index(0)
        const before = textOf(this.#blocks[i]!).slice(0, isHere ? $head.parentOffset : undefined)
        caret.line += before.split(splitCharacter).length - (isHere ? 1 : 0)
        if (isHere) caret.at = before.length - before.lastIndexOf(splitCharacter) - 1
      }
    this.#binding.transact(() => {
      this.#tracking.commit(removed.toReversed())
      this.#tracking.addBlocks(target + 1, lines, caret)
    })
  }
}

/** Whether a block could have been typed: a table, and the call of a footnote, are not one's own to write anew. */
const isTyped = (block: Block): boolean => block.type !== "table" && !textOf(block).includes(anchorCharacter)

/** The block behind which a clause stands once it is before its predecessor of the same level and what belongs to that. */
function placeBefore(order: readonly Block[], at: number): Block | null {
  const self = order[at]
  if (!self) return null
  for (let i = at - 1; i >= 0; i--) {
    const block = order[i]!
    const isBelow = self.type === "clause" && (block.type === "clause" ? block.level > self.level : belongsToOther(order, i, self))
    if (!isBelow) return isSplittable(block.type) ? (order[i - 1] ?? null) : null
  }
  return null
}

/** Whether a block goes with a clause before it that stands at no deeper level than another. */
const belongsToOther = (order: readonly Block[], i: number, { level }: Block): boolean => {
  const clause = order.findLastIndex((block, k) => k < i && block.type === "clause" && block.level <= level)
  return clause >= 0 && familyOf(order, clause).includes(i)
}

/** The block behind which a clause stands once it is behind its follower of the same level and what belongs to that. */
function placeBehind(order: readonly Block[], at: number, size: number): Block | null {
  const self = order[at]
  const next = order[at + size]
  if (!self || !next || !isSplittable(next.type)) return null
  if (self.type === "clause" && next.type === "clause" && next.level < self.level) return null
  return order[familyOf(order, at + size).at(-1)!]!
}

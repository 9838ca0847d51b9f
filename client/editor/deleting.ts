import type { Node } from "prosemirror-model"
import { type Block, isDeletionInEffect, isPresent, ownerOf, type StructuralAct, textOf } from "../../shared/schema/block.ts"
import { isInWord, takesBlank } from "../../shared/schema/letters.ts"
import { newMark } from "../../shared/schema/schema.ts"
import { isApart, isDeletable, isSplittable, targetOf } from "../../shared/schema/structure.ts"
import type { Binding } from "./binding.ts"
import { isOwnOrEmpty } from "./blocks.ts"
import type { Operation } from "./operations.ts"
import type { Proposing } from "./proposing.ts"
import { blockAt, mergedSpans, type Place, reachOf, spansIn } from "./spans.ts"

/** What a deletion has come to: its operations, and the change that they belong to once there is one. */
export interface Deletion {
  readonly operations: Operation[]
  change: string
}

const removal = (index: number, { from, to }: { from: number; to: number }): Operation => ({ kind: "remove", index, from, to })

/**
 * What deleting a stretch of the text becomes: own open words go, others' and agreed ones are struck, whole clauses are proposed for deletion, what is
 * left of two becomes one, and no two words run together where it was (TRK3, TRK11). It writes nothing itself.
 */
export class Deleting {
  readonly #binding: Binding
  readonly #proposing: Proposing

  constructor(binding: Binding, proposing: Proposing) {
    this.#binding = binding
    this.#proposing = proposing
  }

  /**
   * Deletion of [start, end): own open words go, others' and agreed ones are struck, clauses that are covered as a whole are proposed for deletion, and
   * what is left of the first and the last is joined. `kept`: the block that words are typed into; it is not deleted. From the last place to the first.
   */
  of(doc: Node, start: Place, end: Place, kept: number): Deletion {
    const { source } = this.#proposing
    const deletion: Deletion = { operations: [], change: "" }
    const reach = reachOf(doc, start, end)
    const join = this.#joinLeft(doc, start, end)
    for (const { index, from, to, isWhole } of reach) {
      const block = this.#proposing.blockAt(doc, index)
      if (!isPresent(block)) continue
      const isDeleted = isWhole && index !== kept && start.index !== end.index && isDeletable(block.type) && !isOwnOrEmpty(block, source)
      const here = isDeleted
        ? spansIn(block, from, to).flatMap((span) => (ownerOf(span.marks)?.source === source ? [removal(index, span)] : []))
        : this.strikesBeside(index, block, from, to, deletion)
      if (isDeleted) here.push(...this.#clauseProposal(block, { kind: "delete" }, deletion))
      deletion.operations.unshift(...here.toReversed())
    }
    if (join) deletion.operations.unshift(...this.#clauseProposal(join.block, join.act, deletion))
    return deletion
  }

  /** What the deletion leaves of its first and its last block becomes one. */
  #joinLeft(doc: Node, start: Place, end: Place): { block: Block; act: StructuralAct } | null {
    if (start.index === end.index || start.at === 0 || end.at === doc.child(end.index).content.size) return null
    const [first, last] = [blockAt(doc, start.index), blockAt(doc, end.index)]
    const isOwn = first.insertedBy === this.#proposing.source || last.insertedBy === this.#proposing.source
    return isSplittable(first.type) && isSplittable(last.type) && !isOwn ? { block: last, act: { kind: "join", into: first.id } } : null
  }

  /**
   * The space that a deletion over two clauses leaves between what becomes one, where the last word before and the first behind would run together
   * (TRK11); who cuts into the last word means one of what is left.
   */
  seam(doc: Node, start: Place, end: Place, place: Place, line: string, change: string): Operation[] {
    if (this.#joinLeft(doc, start, end) === null) return []
    const [first, last] = [textOf(blockAt(doc, start.index)), textOf(blockAt(doc, end.index))]
    const isOneWord = line === "" && isInWord(last, end.at)
    const before = line || first.slice(0, start.at)
    return !isOneWord && takesBlank(before, last.slice(end.at)) ? this.#proposing.typing(place, " ", change) : []
  }

  /** The space at the end of a clause that another is to be joined to, as part of that change, where words would run together (TRK11). */
  spaceBefore(index: number, behind: string, change: string): Operation[] {
    const block = this.#proposing.blockAt(this.#proposing.doc, index)
    const place = { index, at: textOf(block).length }
    return takesBlank(this.#leftOf(block), behind) ? this.#proposing.typing(place, " ", change) : []
  }

  /** The words of a block that are agreed or one's own: those of others may go. */
  #leftOf(block: Block): string {
    const isLeft = ({ marks }: Block["runs"][number]): boolean => {
      const owner = ownerOf(marks)
      const { source } = this.#proposing
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
  #clauseProposal(block: Block, act: StructuralAct, deletion: Deletion): Operation[] {
    const own = this.#binding.openProposals.find(
      (other) => other.block === block.id && other.source === this.#proposing.source && other.kind === act.kind && !isApart(other),
    )
    // While frames of the room are still missing, a block can be there without its id.
    if (!block.id || (act.kind === "join" && !act.into) || (own && targetOf(own) === targetOf(act))) return []
    const id = own?.id ?? this.#proposing.newId()
    const of = own ? own.of : deletion.change
    deletion.change ||= id
    return [{ kind: "propose", proposal: { id, of, source: this.#proposing.source, block: block.id, changeId: of || id, ...act } }]
  }

  /** Strikes as part of the own open change that stands beside. What goes elsewhere is no part of a new clause, and is a change of its own. */
  strikesBeside(index: number, block: Block, from: number, to: number, deletion: Deletion): Operation[] {
    const beside = deletion.change || (from < to ? this.#proposing.neighbour(block, from, to) : "")
    if (beside === block.insertedId) return this.#strikes(index, block, from, to, { operations: [], change: beside })
    deletion.change = beside
    return this.#strikes(index, block, from, to, deletion)
  }

  #strikes(index: number, block: Block, from: number, to: number, deletion: Deletion): Operation[] {
    const { source } = this.#proposing
    return mergedSpans(spansIn(block, from, to), source).map((span): Operation => {
      if (span.owner === source) return removal(index, span)
      const id = this.#proposing.newId()
      const mark = newMark("deletion", { id, of: deletion.change, source, over: span.over, heard: this.#binding.heard })
      deletion.change ||= id
      return { kind: "strike", index, from: span.from, to: span.to, mark }
    })
  }
}

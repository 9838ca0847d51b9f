import { noneForestalledTold } from "../../shared/changes/forestalled.ts"
import { noOtherSides } from "../../shared/changes/other-side.ts"
import type { ProposalEntry } from "../../shared/changes/outcome.ts"
import type { ThreadPlace } from "../../shared/comments/place-of.ts"
import type { Thread } from "../../shared/comments/thread.ts"
import type { Block, Mark, StructuralProposal } from "../../shared/schema/block.ts"
import { keyOf, markId, notStated, parseMarkId } from "../../shared/schema/keys.ts"
import type { Printable } from "./printable.ts"
import { readingOf } from "./reading.ts"

/** Who signs all changes in a paper that does not say whose they are: the body that meets, or nobody. */
type Signer = string | null

/**
 * A draft without the names of anybody: no source, no person, no time. Ids of changes spell the source and the window of whoever made them, those of
 * clauses what made them, so that both are counted anew, in their order. What is told of a file names its authors: that goes too.
 */
export function withoutNames(draft: Printable, signer: Signer): Printable {
  const reading = readingOf(draft)
  const ids = new Ids(draft, reading.proposed)
  const { blocks, force, threads, accepted, labels, renumbered } = draft
  return {
    ...draft,
    blocks: blocks.map((block) => ids.block(block)),
    force: force?.map((block) => ids.block(block)) ?? null,
    threads: threads.map((thread) => ids.thread(thread)),
    places: new Map([...draft.places].map(([id, place]) => [ids.change(id), ids.place(place)])),
    sides: new Map([...(draft.sides ?? noOtherSides)].map(([id, side]) => [ids.change(id), side])),
    late: new Map(
      [...(draft.late ?? noneForestalledTold)].map(([id, list]) => [
        ids.change(id),
        list.map((one) => ({ ...one, by: ids.change(one.by), source: notStated })),
      ]),
    ),
    accepted: accepted.map((entry) => ids.accepted(entry)),
    labels: ids.byBlock(labels),
    renumbered: Object.fromEntries(
      Object.entries(ids.byBlock(renumbered)).map(([block, by]) => [block, { ...by, id: ids.change(by.id), source: notStated }]),
    ),
    reading: {
      proposed: reading.proposed.map((block) => ids.block(block)),
      echoes: new Set([...reading.echoes].map((id) => ids.change(id))),
      parted: new Map(Object.entries(ids.byBlock(Object.fromEntries(reading.parted)))),
      cutOff: new Map(
        Object.entries(ids.byBlock(Object.fromEntries(reading.cutOff))).map(([id, clauses]) => [id, clauses.map((one) => ids.known(one))]),
      ),
    },
    debris: [],
    warnings: [],
    entered: new Map(signer === null ? [] : [...draft.entered.keys()].map((id) => [ids.change(id), { by: signer, at: null }])),
    people: new Map(),
    sources: new Map(),
    isNameless: true,
  }
}

const byMaking = (a: string, b: string): number => {
  const [x, y] = [parseMarkId(a), parseMarkId(b)]
  if (!x || !y) return a < b ? -1 : a > b ? 1 : 0
  return x.client - y.client || x.n - y.n
}

const changesOf = (block: Block): string[] => [
  ...(block.insertedId === null ? [] : [block.insertedId]),
  ...block.structure.flatMap((proposal) => [proposal.id, proposal.of, proposal.changeId]),
  ...block.runs.flatMap((run) => run.marks.flatMap((mark) => [mark.id, mark.of, mark.changeId, ...mark.within, ...mark.over])),
]

/** New ids for all that a draft names. */
class Ids {
  readonly #changes: ReadonlyMap<string, string>
  readonly #blocks: ReadonlyMap<string, string>
  readonly #marks = new Map<string, Mark>()

  constructor({ blocks, force, threads, accepted, renumbered, entered }: Printable, proposed: readonly Block[]) {
    const all = [...blocks, ...(force ?? []), ...proposed]
    const changes = new Set([
      ...all.flatMap(changesOf),
      ...threads.flatMap(({ id, anchor }) => (anchor.on === "change" ? [id, anchor.change] : [id])),
      ...accepted.flatMap(({ by }) => (by === undefined ? [] : [by])),
      ...Object.values(renumbered).map(({ id }) => id),
      ...entered.keys(),
    ])
    changes.delete("")
    this.#changes = new Map([...changes].sort(byMaking).map((id, i) => [id, markId(notStated, 1, i + 1)]))
    const names = new Set(all.flatMap(({ id, origin, noteId, joined }) => [id, origin, noteId, joined].filter((name) => name !== null)))
    this.#blocks = new Map([...names].map((id, i) => [id, `b${i + 1}`]))
  }

  change(id: string): string {
    return id === "" ? "" : (this.#changes.get(id) ?? "")
  }

  #block(id: string): string
  #block(id: string | null): string | null
  #block(id: string | null): string | null {
    return id === null ? null : (this.#blocks.get(id) ?? "")
  }

  known(id: string | null): string | null {
    return this.#block(id)
  }

  byBlock<Value>(values: Readonly<Record<string, Value>>): Record<string, Value> {
    return Object.fromEntries(
      Object.entries(values).flatMap(([block, value]) => {
        const id = this.#blocks.get(block)
        return id === undefined ? [] : [[id, value]]
      }),
    )
  }

  block(block: Block): Block {
    return {
      ...block,
      id: this.#block(block.id),
      origin: this.#block(block.origin),
      noteId: this.#block(block.noteId),
      joined: this.#block(block.joined),
      insertedBy: block.insertedBy === null ? null : notStated,
      insertedId: block.insertedId === null ? null : this.change(block.insertedId),
      runs: block.runs.map(({ text, marks }) => ({ text, marks: marks.map((mark) => this.#mark(mark)) })),
      structure: block.structure.map((proposal) => this.#proposal(proposal)),
    }
  }

  /** The same mark in several runs stays the same. */
  #mark(mark: Mark): Mark {
    const known = this.#marks.get(mark.key)
    if (known) return known
    const id = this.change(mark.id)
    const made: Mark = {
      ...mark,
      id,
      key: keyOf(mark.name, id),
      of: this.change(mark.of),
      source: notStated,
      changeId: this.change(mark.changeId),
      within: mark.within.map((other) => this.change(other)),
      over: mark.over.map((other) => this.change(other)),
      noteId: mark.noteId === "" ? "" : this.#block(mark.noteId),
      heard: "",
    }
    this.#marks.set(mark.key, made)
    return made
  }

  #proposal(proposal: StructuralProposal): StructuralProposal {
    const own = {
      id: this.change(proposal.id),
      of: this.change(proposal.of),
      changeId: this.change(proposal.changeId),
      source: notStated,
      block: this.#block(proposal.block),
    }
    if (proposal.kind === "join") return { ...proposal, ...own, into: this.#block(proposal.into) }
    return proposal.kind === "move" ? { ...proposal, ...own, after: this.#block(proposal.after) } : { ...proposal, ...own }
  }

  // Which letters it had would tell whose they were. Changes can be the body's own; a remark is what somebody said, which the body has not.
  thread({ id, anchor, remarks, isResolved }: Thread): Thread {
    const block = this.#block(anchor.block)
    return {
      id: this.change(id),
      anchor: anchor.on === "change" ? { ...anchor, block, change: this.change(anchor.change) } : { ...anchor, block },
      remarks: remarks.map(({ text }) => ({ person: "", source: notStated, text, at: "" })),
      isResolved,
    }
  }

  place(place: ThreadPlace): ThreadPlace {
    const { block, words, gone, change } = place
    return {
      ...place,
      block: this.#block(block),
      words: words.map((part) => ({ ...part, block: this.#block(part.block) })),
      gone: gone && { ...gone, block: this.#block(gone.block), origin: this.#block(gone.origin) },
      change: change && { ...change, id: this.change(change.id) },
    }
  }

  accepted({ status, by, segments, acts }: ProposalEntry): ProposalEntry {
    return {
      status,
      source: notStated,
      ...(by === undefined ? {} : { by: this.change(by) }),
      ...(segments ? { segments: segments.map((part) => ({ ...part, block: this.#block(part.block) })) } : {}),
      ...(acts ? { acts: acts.map((act) => ({ ...act, block: this.#block(act.block), origin: this.#block(act.origin) })) } : {}),
    }
  }
}

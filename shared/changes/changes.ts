import {
  type Block,
  isBlank,
  isDeletionInEffect,
  isPresent,
  type Mark,
  ownerOf,
  type StructuralProposal,
  splitCharacter,
} from "../schema/block.ts"
import { isJoin, targetOf } from "../schema/structure.ts"
import { footnotesTaken, type TakenFootnote } from "./footnotes.ts"
import { clauseWords } from "./projections.ts"
import { type ById, byIdOf, hostsOfProposal, survivorOf } from "./restructure.ts"
import { finished, type Sliced } from "./slices.ts"
import { inQuotes } from "./wording.ts"

export type ChangeKind =
  | "insertion"
  | "deletion"
  | "replacement"
  | "new clause"
  | "split"
  | "join"
  | "clause deletion"
  | "move"
  | "level change"

/** A stretch of characters of one block that a change puts in or takes out. Offsets count UTF-16 units of the block as it stands, struck text too. */
export interface Segment {
  readonly block: string
  readonly kind: "insertion" | "deletion"
  readonly from: number
  readonly to: number
  readonly text: string
}

/** What a change does to a block as a whole, with the words that the block has. */
export interface StructuralPart {
  readonly proposal: StructuralProposal
  readonly text: string
  /** Of a join to another clause than the one before: the words of that. */
  readonly onto?: string
}

type Join = StructuralProposal & { readonly kind: "join" }

/**
 * Of joins in a list of blocks the words of the clause that each leads to, where that is not the one right before, but for clauses that the same change
 * takes out: whoever decides must be told. A clause may have come between since, or the join says something that no client would write. Null: it is the
 * one before. The list is walked once for all of them: one source may propose a thousand.
 */
export function joinsIn(blocks: readonly Block[]): (join: Join) => string | null {
  const words = new Map<Block, string>()
  const read = () => ({
    byId: byIdOf(blocks),
    places: new Map(blocks.map((block, i) => [block, i])),
    standing: new StandingBefore(blocks),
  })
  let reading: ReturnType<typeof read> | null = null
  return ({ block, into, changeId }) => {
    const { byId, places, standing } = (reading ??= read())
    const target = survivorOf(byId, into)
    const joined = byId.get(block)
    if (!target || !joined) return null
    const at = places.get(joined)!
    const goesTo = places.get(target)!
    if (goesTo < at && goesTo >= standing.before(at, changeId)) return null
    let text = words.get(target)
    if (text === undefined) words.set(target, (text = clauseWords(target)))
    return text
  }
}

/** Which clause stands before a place for a change: one that is there and holds words, and that the change does nothing to as a whole. */
class StandingBefore {
  readonly #blocks: readonly Block[]
  /** For each place the last clause before it that is there and holds words; -1: there is none. */
  readonly #held = [-1]
  /** What was found for a change at a place, so that of thousands in a row each is passed once. */
  readonly #found = new Map<string, Map<number, number>>()

  constructor(blocks: readonly Block[]) {
    this.#blocks = blocks
    for (const [i, block] of blocks.entries()) this.#held.push(isPresent(block) && !isBlank(block) ? i : this.#held[i]!)
  }

  /** Its place; -1: there is none. */
  before(place: number, change: string): number {
    let found = this.#found.get(change)
    if (!found) this.#found.set(change, (found = new Map()))
    const passed: number[] = []
    let at = this.#held[place]!
    while (at >= 0 && this.#blocks[at]!.structure.some((proposal) => proposal.changeId === change)) {
      passed.push(at)
      at = found.get(at) ?? this.#held[at]!
    }
    for (const one of passed) found.set(one, at)
    return at
  }
}

/** "the clause before", or the clause with these words. */
export const clauseJoined = (onto: string | null | undefined): string =>
  onto === null || onto === undefined ? "the clause before" : `the clause ${inQuotes(onto, mostOfTarget)}`

const mostOfTarget = 60

/** One tracked change: all marks and structural proposals with the same change id, and the blocks that it adds. */
export interface Change {
  readonly id: string
  readonly source: string
  readonly kind: ChangeKind
  /** The block it begins in. */
  readonly block: string
  /** Blocks that it adds. */
  readonly newBlocks: readonly string[]
  readonly segments: readonly Segment[]
  readonly structure: readonly StructuralPart[]
  /** Words that come in, and words that go, in document order; of a deleted clause its working text. */
  readonly inserted: string
  readonly deleted: string
  /** Ids of the changes of others that it stands inside or objects to. */
  readonly inside: readonly string[]
  /** Footnotes that go with the calls that it takes out, where there are any (NOTE2). */
  readonly footnotes?: readonly TakenFootnote[]
}

interface Draft {
  id: string
  source: string
  block: string
  newBlocks: string[]
  /** Whether one of them is more than a footnote, which comes with the words that call it. */
  hasNewClause: boolean
  segments: Segment[]
  structure: StructuralPart[]
  /** Segments and deleted clauses as they come in the document; what only others' open words part is one. */
  words: Pick<Segment, "kind" | "text">[]
  /** Of each kind of words the last: its block, how many agreed letters there stand before its end that the change leaves, and how many splits. */
  ends: Partial<Record<Segment["kind"], { readonly block: string; readonly left: number; readonly splits: number }>>
  /** How many agreed letters of a block it has taken out so far. */
  taken: { block: string; letters: number }
  inside: Set<string>
}

/** Whether a mark puts a letter under these marks in, or takes it out: of insertions only the owner's does, the outer one merely surrounds it. */
export const countsOn = (mark: Mark, marks: readonly Mark[]): boolean =>
  mark.name === "insertion" ? ownerOf(marks) === mark : mark.name === "deletion" && isDeletionInEffect(mark, marks)

/** What stands in the block before a segment, and whether its own letters are agreed. */
interface Before {
  readonly agreed: number
  readonly splits: number
  readonly isAgreed: boolean
}

function extend(draft: Draft, segment: Segment, { agreed, splits, isAgreed }: Before): void {
  const { block, kind, text } = segment
  const last = draft.segments.at(-1)
  if (last && last.block === block && last.kind === kind && last.to === segment.from)
    draft.segments[draft.segments.length - 1] = { ...last, to: segment.to, text: last.text + text }
  else draft.segments.push(segment)
  if (draft.taken.block !== block) draft.taken = { block, letters: 0 }
  const left = agreed - draft.taken.letters
  const end = draft.ends[kind]
  const at = end?.block === block && end.left === left ? draft.words.findLastIndex((part) => part.kind === kind) : -1
  // A split that is proposed for itself parts words that are otherwise one.
  const sign = end !== undefined && end.splits < splits ? splitCharacter : ""
  if (at >= 0) draft.words[at] = { kind, text: draft.words[at]!.text + sign + text }
  else draft.words.push({ kind, text })
  if (kind === "deletion" && isAgreed) draft.taken.letters += text.length
  draft.ends[kind] = { block, left, splits: splits + (text.includes(splitCharacter) ? splitsIn(text) : 0) }
}

const splitsIn = (text: string): number => text.split(splitCharacter).length - 1

/** What a change of one act on a clause as a whole is. */
export const kindOfAct: Readonly<Record<StructuralProposal["kind"], ChangeKind>> = {
  delete: "clause deletion",
  join: "join",
  move: "move",
  level: "level change",
}

function kindOf(draft: Draft): ChangeKind {
  if (draft.hasNewClause) return "new clause"
  const acts = new Set(draft.structure.map(({ proposal }) => proposal.kind))
  // The space between what becomes one comes with a join.
  const words = acts.has("join") ? draft.words.filter(({ kind, text }) => kind === "deletion" || text.trim() !== "") : draft.words
  const kinds = new Set(words.map((part) => part.kind))
  const [act] = acts
  const isOnlyAct = draft.segments.length === 0 || act === "move" || (act === "join" && !kinds.has("deletion"))
  if (act !== undefined && acts.size === 1 && isOnlyAct) return kindOfAct[act]
  if (kinds.size === 2) return "replacement"
  if (kinds.has("deletion") || draft.segments.length === 0) return "deletion"
  return draft.segments.every((part) => part.text === splitCharacter) ? "split" : "insertion"
}

const wordsOf = (draft: Draft, kind: Segment["kind"]): string =>
  draft.words
    .filter((part) => part.kind === kind)
    .map((part) => part.text.replaceAll(splitCharacter, "¶"))
    .join(" … ")

const idsByBlock = new WeakMap<Block, ReadonlySet<string>>()

/** Ids of the changes that have a mark, a structural proposal or the whole of a block. */
export function changeIdsIn(block: Block): ReadonlySet<string> {
  let ids = idsByBlock.get(block) as Set<string> | undefined
  if (!ids) {
    ids = new Set(block.structure.map((proposal) => proposal.changeId))
    for (const run of block.runs) for (const mark of run.marks) ids.add(mark.changeId)
    if (block.insertedId !== null) ids.add(block.insertedId)
    idsByBlock.set(block, ids)
  }
  return ids
}

/** Whether a block has anything of the named changes. */
export function isAbout(block: Block, changes: { has(change: string): boolean }): boolean {
  for (const id of changeIdsIn(block)) if (changes.has(id)) return true
  return false
}

/**
 * The changes in a list of blocks, in document order. Marks without visible characters are no change. `only`: of a long list, those that are looked
 * for.
 */
export const changesIn = (blocks: readonly Block[], only?: ReadonlySet<string>): Change[] => finished(changesInSlices(blocks, only))

/** `changesIn`, with a pause after each block. */
export function* changesInSlices(blocks: readonly Block[], only?: ReadonlySet<string>): Sliced<Change[]> {
  const isSought = (id: string): boolean => only === undefined || only.has(id)
  let byId: ById | null = null
  const ontoOf = joinsIn(blocks)
  const drafts = new Map<string, Draft>()
  /** Of marks that are not the first of their change. */
  const changeOfMark = new Map<string, string>()
  const draftOf = (id: string, source: string, block: string): Draft => {
    let draft = drafts.get(id)
    if (!draft) {
      const nothing = { newBlocks: [], hasNewClause: false, segments: [], structure: [], words: [], inside: new Set<string>() }
      draft = { id, source, block, ...nothing, ends: {}, taken: { block, letters: 0 } }
      drafts.set(id, draft)
    }
    return draft
  }
  for (const block of blocks) {
    if (only && !isAbout(block, only)) continue
    yield
    if (!isPresent(block)) continue
    const isShown = block.runs.length > 0
    if (block.insertedBy && block.insertedId && isShown && isSought(block.insertedId)) {
      const draft = draftOf(block.insertedId, block.insertedBy, block.id)
      draft.newBlocks.push(block.id)
      draft.hasNewClause ||= block.type !== "note"
    }
    const proposals = block.structure.filter(({ changeId }) => isSought(changeId))
    const text = proposals.length > 0 ? clauseWords(block) : ""
    for (const proposal of proposals) {
      const draft = draftOf(proposal.changeId, proposal.source, block.id)
      const elsewhere = isJoin(proposal) ? ontoOf(proposal) : null
      draft.structure.push(elsewhere === null ? { proposal, text } : { proposal, text, onto: elsewhere })
      if (proposal.kind === "delete" && text) draft.words.push({ kind: "deletion", text })
      for (const host of hostsOfProposal(proposal, (byId ??= byIdOf(blocks)))) draft.inside.add(host)
    }
    let from = 0
    let agreed = 0
    let splits = 0
    for (const run of block.runs) {
      const to = from + run.text.length
      const isAgreed = ownerOf(run.marks) === null
      for (const mark of run.marks) {
        if (!isSought(mark.changeId)) continue
        if (mark.of !== "") changeOfMark.set(mark.id, mark.changeId)
        if (!countsOn(mark, run.marks)) continue
        const draft = draftOf(mark.changeId, mark.source, block.id)
        extend(draft, { block: block.id, kind: mark.name as Segment["kind"], from, to, text: run.text }, { agreed, splits, isAgreed })
        for (const host of mark.name === "insertion" ? mark.within : mark.over) draft.inside.add(host)
      }
      from = to
      if (isAgreed) agreed += run.text.length
      else splits += splitsIn(run.text)
    }
  }
  const footnotes = footnotesTaken(blocks, (change) => drafts.has(change))
  return inOrder(blocks, [...drafts.values()]).map((draft) => ({
    id: draft.id,
    source: draft.source,
    kind: kindOf(draft),
    block: draft.block,
    newBlocks: draft.newBlocks,
    segments: draft.segments,
    structure: draft.structure,
    inserted: wordsOf(draft, "insertion"),
    deleted: wordsOf(draft, "deletion"),
    // Its source wrote some of its marks within others of it: it stands in none of these.
    inside: [...draft.inside].filter((host) => (changeOfMark.get(host) ?? host) !== draft.id),
    ...(footnotes.has(draft.id) ? { footnotes: footnotes.get(draft.id)! } : {}),
  }))
}

/** A join begins at the clause that is joined, though its space stands in the one before. */
function inOrder(blocks: readonly Block[], drafts: readonly Draft[]): readonly Draft[] {
  const isEarly = (draft: Draft): boolean =>
    draft.structure.length > 0 && draft.segments.length > 0 && kindOf(draft) === "join" && draft.block !== blockOfJoin(draft)
  if (!drafts.some(isEarly)) return drafts
  const places = new Map(blocks.map(({ id }, i) => [id, i]))
  // What is proposed about a clause comes before what is proposed in its words.
  const rank = ({ id, block, newBlocks }: Draft): number => {
    const at = blocks[places.get(block)!]!.structure.findIndex(({ changeId }) => changeId === id)
    return newBlocks.includes(block) ? -1 : at < 0 ? Number.MAX_SAFE_INTEGER : at
  }
  return drafts
    .map((draft) => (isEarly(draft) ? { ...draft, block: blockOfJoin(draft) } : draft))
    .sort((a, b) => places.get(a.block)! - places.get(b.block)! || rank(a) - rank(b))
}

const blockOfJoin = (draft: Draft): string => draft.structure[0]!.proposal.block

/** The blocks that a change touches, with the offset of its first words in each; 0 where it is about the whole. */
export function placesOf(change: Change): Map<string, number> {
  const places = new Map<string, number>()
  for (const { block, from } of change.segments) if (!places.has(block)) places.set(block, from)
  for (const block of change.newBlocks) if (!places.has(block)) places.set(block, 0)
  for (const { proposal } of change.structure) if (!places.has(proposal.block)) places.set(proposal.block, 0)
  return places
}

/** What a change does in one of the blocks that it touches. */
export function changeIn(blocks: readonly Block[], change: Change, block: string): Change {
  if (placesOf(change).size < 2) return change
  const [part] = changesIn(
    blocks.filter(({ id }) => id === block),
    new Set([change.id]),
  )
  const footnotes = change.footnotes?.filter(({ calledIn }) => calledIn === block) ?? []
  return part && footnotes.length > 0 ? { ...part, footnotes } : (part ?? change)
}

/** Whether a change only takes out, words or whole clauses. */
export const onlyTakes = (change: Change): boolean =>
  change.newBlocks.length === 0 &&
  change.segments.every((segment) => segment.kind === "deletion") &&
  change.structure.every(({ proposal }) => proposal.kind === "delete")

/** "new clause", "3 new clauses". */
export const newClauses = ({ newBlocks }: Change): string => (newBlocks.length > 1 ? `${newBlocks.length} new clauses` : "new clause")

/** "replace “shall” by “should”", in the words of the room. `most`: letters that are quoted of what goes, and of what comes. */
export function describeChange(change: Change, most?: number): string {
  const inserted = inQuotes(change.inserted, most)
  const deleted = inQuotes(change.deleted, most)
  const own = inQuotes(change.structure.map((part) => part.text).join(" … "), most)
  const joins = joinsApart(change).map(({ text, onto }) => `, join ${inQuotes(text, most)} to ${clauseJoined(onto)}`)
  const notes = (change.footnotes ?? []).map(({ text }) => ` with the footnote ${inQuotes(text, most)}`)
  return wordsOfKind(change, { inserted, deleted, own }) + notes.join("") + (change.kind === "join" ? "" : joins.join(""))
}

/** Joins that the words of their change do not tell: of clauses that it takes nothing out of, or to another than the one before. */
const joinsApart = ({ structure, segments }: Change): readonly StructuralPart[] =>
  structure.filter(
    ({ proposal, onto }) =>
      isJoin(proposal) && (onto !== undefined || !segments.some(({ block }) => block === proposal.block || block === proposal.into)),
  )

function wordsOfKind(change: Change, { inserted, deleted, own }: Readonly<Record<"inserted" | "deleted" | "own", string>>): string {
  switch (change.kind) {
    case "insertion":
      return `insert ${inserted}`
    case "deletion":
      return `delete ${deleted}`
    case "replacement":
      return `replace ${deleted} by ${inserted}`
    case "new clause":
      return change.inserted ? `${newClauses(change)} ${inserted}` : newClauses(change)
    case "split":
      return "split the clause"
    case "join":
      return `join ${own} to ${clauseJoined(change.structure.find(({ onto }) => onto !== undefined)?.onto)}${change.inserted.trim() ? `, insert ${inserted}` : ""}`
    case "clause deletion":
      return `delete the clause ${deleted}`
    case "move":
      return `move ${own}`
    case "level change":
      return `put ${own} at level ${change.structure.map(({ proposal }) => targetOf(proposal)).join(", ")}`
    default:
      return change.kind satisfies never
  }
}

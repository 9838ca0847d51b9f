/**
 * A change told piece by piece. Its kind says in one line what most changes do; one that does several things, or does them in several clauses, is told by
 * what it does in each, so that nothing is accepted that was not shown (PIECE1).
 */
import { type StructuralProposal, splitCharacter } from "../schema/block.ts"
import { isApart } from "../schema/structure.ts"
import { type Change, type ChangeKind, describeChange, kindOfAct, placesOf, type Segment } from "./changes.ts"
import type { TakenFootnote } from "./footnotes.ts"

type AddressOf = (block: string) => string

/** What a change does, each piece one thing in one clause; the change itself where its kind tells all of it. */
export function piecesOf(change: Change): readonly Change[] {
  if (isToldByKind(change)) return [change]
  return [...placesOf(change).keys()].flatMap((block) => [
    ...(change.newBlocks.includes(block) ? [newBlockOf(change, block)] : []),
    ...wordsIn(change, block),
    ...change.structure.flatMap((part) => (part.proposal.block === block ? [wholeOf(change, part)] : [])),
  ])
}

function isToldByKind(change: Change): boolean {
  const { segments, structure, newBlocks, kind } = change
  const isOwn = ({ block }: Segment): boolean => newBlocks.includes(block)
  if (structure.length > 0) {
    if (newBlocks.length > 0 || new Set(structure.map(({ proposal }) => proposal.kind)).size > 1) return false
    return segments.length === 0 ? isOneAct(structure.map(({ proposal }) => proposal)) : isJoinWithWords(change)
  }
  if (kind === "new clause") return segments.every((segment) => segment.kind === "insertion" && isOwn(segment))
  if (kind === "split") return segments.length === 1
  // New blocks that are no clauses are footnotes of the words that call them.
  return new Set(segments.filter((segment) => !isOwn(segment)).map(({ block }) => block)).size < 2
}

/** Whether acts of one kind lead to one place: clauses that move stay one behind the other. */
const isOneAct = (acts: readonly StructuralProposal[]): boolean =>
  acts.every((act, i) => {
    if (act.kind === "join") return acts.length === 1
    return i === 0 || act.kind !== "move" || act.after === acts[i - 1]!.block
  })

/** A join brings the space along that parts what becomes one. */
const isJoinWithWords = ({ segments, structure: [only, ...more] }: Change): boolean =>
  more.length === 0 &&
  only?.proposal.kind === "join" &&
  segments.every(({ kind, block }) => kind === "insertion" && only.proposal.kind === "join" && block === only.proposal.into)

const wordsOf = (segments: readonly Segment[], kind: Segment["kind"]): string =>
  segments
    .filter((segment) => segment.kind === kind)
    .map(({ text }) => text.replaceAll(splitCharacter, "¶"))
    .join(" … ")

const nothing = { segments: [], structure: [], newBlocks: [], inserted: "", deleted: "", footnotes: [] }

function newBlockOf(change: Change, block: string): Change {
  const segments = change.segments.filter((segment) => segment.block === block && segment.kind === "insertion")
  const kind: ChangeKind = change.kind === "new clause" ? "new clause" : "insertion"
  return { ...change, ...nothing, kind, block, newBlocks: [block], segments, inserted: wordsOf(segments, "insertion") }
}

/** The footnotes that go with what a change takes out of a clause. */
const goingIn = ({ footnotes = [] }: Change, block: string): TakenFootnote[] => footnotes.filter(({ calledIn }) => calledIn === block)

/** Words that go and come in one clause are one piece; each split is its own. */
function wordsIn(change: Change, block: string): Change[] {
  const isNew = change.newBlocks.includes(block)
  const here = change.segments.filter((segment) => segment.block === block && !(isNew && segment.kind === "insertion"))
  const isSplit = ({ kind, text }: Segment): boolean => kind === "insertion" && text === splitCharacter
  const words = here.filter((segment) => !isSplit(segment))
  const splits = here
    .filter(isSplit)
    .map((split): Change => ({ ...change, ...nothing, kind: "split", block, segments: [split], inserted: "¶" }))
  if (words.length === 0) return splits
  const [inserted, deleted] = [wordsOf(words, "insertion"), wordsOf(words, "deletion")]
  const kind = inserted === "" ? "deletion" : deleted === "" ? "insertion" : "replacement"
  return [{ ...change, ...nothing, kind, block, segments: words, inserted, deleted, footnotes: goingIn(change, block) }, ...splits]
}

function wholeOf(change: Change, part: Change["structure"][number]): Change {
  const { kind, block } = part.proposal
  return {
    ...change,
    ...nothing,
    kind: isApart(part.proposal) ? "move" : kindOfAct[kind],
    block,
    structure: [part],
    deleted: kind === "delete" ? part.text : "",
    footnotes: kind === "delete" ? goingIn(change, block) : [],
  }
}

/** The clauses that a change is told to be in, in the order of the text: of a join the one that is joined, of words not the footnotes that they call. */
export function clausesOf(change: Change): string[] {
  if (change.kind === "join") return change.structure.map(({ proposal }) => proposal.block)
  const isNote = (block: string): boolean => change.kind !== "new clause" && change.newBlocks.includes(block)
  return [...placesOf(change).keys()].filter((block) => !isNote(block) || block === change.block)
}

/**
 * What a change does, each piece with its clause where there is more than one: "in resolves 1: insert “x”; in resolves 3: delete the clause “y”".
 * `most`: letters that are quoted of what goes, and of what comes.
 */
export function changeSaid(change: Change, addressOf: AddressOf, most?: number): string {
  const pieces = piecesOf(change)
  if (pieces.length > 1) return pieces.map((piece) => `in ${addressOf(piece.block)}: ${describeChange(piece, most)}`).join("; ")
  const clauses = clausesOf(change)
  return `${describeChange(pieces[0] ?? change, most)}${clauses.length > 1 ? ` (in ${listed(clauses.map(addressOf))})` : ""}`
}

/** "a", "a and b", "a, b and c". */
export const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`

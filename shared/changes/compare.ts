import { diffArrays } from "diff"
import {
  type Block,
  cellSeparator,
  isAgreed,
  isPresent,
  ownerOf,
  rowSeparator,
  type StructuralAct,
  splitCharacter,
  textOf,
} from "../schema/block.ts"
import { asProposed, type ProposedStretch, type ProposedWords } from "./as-proposed.ts"
import type { ProposalEntry } from "./outcome.ts"
import { workingText } from "./projections.ts"

/** A stretch of a word-level comparison. Kept and inserted stretches give the new text, kept and deleted ones the old. */
export interface Stretch {
  readonly kind: "kept" | "inserted" | "deleted"
  readonly text: string
}

// Words, numbers with their points ("1.2"), single signs and spaces: a difference never cuts a word, and where a word went from between two spaces
// both are kept.
// Scripts that are written without blanks have signs for words.
const token =
  /\d+(?:\.\d+)+|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])[\p{L}\p{M}\p{N}])+|[^\p{L}\p{M}\p{N}]/gu

/** A text cut into what no difference cuts. */
export const tokensOf = (text: string): string[] => text.match(token) ?? []

const letter = /[\p{L}\p{N}]/u

/** The words of a text in small letters, by which texts are found to be alike. */
export const wordsIn = (text: string): string[] => tokensOf(text.toLowerCase()).filter((part) => letter.test(part))

/** What it takes to get from text A to text B, word by word, deletions before insertions. Both texts can be read back exactly. */
export function compareWords(textA: string, textB: string): Stretch[] {
  if (textA === textB) return textA ? [{ kind: "kept", text: textA }] : []
  if (textA.includes(rowSeparator) || textB.includes(rowSeparator)) return compareRows(textA.split(rowSeparator), textB.split(rowSeparator))
  return compareTokens(tokensOf(textA), tokensOf(textB))
}

/** `compareWords` of texts that are already cut into what no difference may cut. */
export function compareTokens(tokensA: string[], tokensB: string[]): Stretch[] {
  const parts = diffArrays(tokensA, tokensB).map((part): Stretch => {
    const kind = part.added ? "inserted" : part.removed ? "deleted" : "kept"
    return { kind, text: part.value.join("") }
  })
  return joinAcrossSpace(parts)
}

/** A row of A, of B, or one of each that is the same row. */
interface RowPair {
  readonly a?: string
  readonly b?: string
}

/** Rows go together that begin with the same cell; of those between, which go and come at one place, the first with the first. */
function pairedRows(rowsA: readonly string[], rowsB: readonly string[]): RowPair[] {
  const keysOf = (rows: readonly string[]): string[] => rows.map((row) => row.split(cellSeparator)[0]!)
  const pairs: RowPair[] = []
  let [a, b] = [0, 0]
  let gone: string[] = []
  let come: string[] = []
  const flush = (): void => {
    for (let i = 0; i < Math.max(gone.length, come.length); i++)
      pairs.push({ ...(i < gone.length ? { a: gone[i]! } : {}), ...(i < come.length ? { b: come[i]! } : {}) })
    gone = []
    come = []
  }
  for (const part of diffArrays(keysOf(rowsA), keysOf(rowsB)))
    for (let i = 0; i < part.value.length; i++) {
      if (part.removed) gone.push(rowsA[a++]!)
      else if (part.added) come.push(rowsB[b++]!)
      else {
        flush()
        pairs.push({ a: rowsA[a++]!, b: rowsB[b++]! })
      }
    }
  flush()
  return pairs
}

/** `compareWords` of tables: row by row and cell by cell, so that no difference goes over the end of either. */
function compareRows(rowsA: readonly string[], rowsB: readonly string[]): Stretch[] {
  const stretches: Stretch[] = []
  const add = (...more: readonly Stretch[]): void => {
    for (const { kind, text } of more) {
      const last = stretches.at(-1)
      if (last?.kind === kind) stretches[stretches.length - 1] = { kind, text: last.text + text }
      else if (text) stretches.push({ kind, text })
    }
  }
  const pairs = pairedRows(rowsA, rowsB)
  const last = pairs.findLastIndex(({ a, b }) => a !== undefined && b !== undefined)
  pairs.forEach(({ a, b }, i) => {
    const kind = b === undefined ? "deleted" : a === undefined ? "inserted" : "kept"
    // A row comes and goes with its line feed: the one behind it, of the last rows the one before them.
    if (i > last) add({ kind, text: rowSeparator })
    if (kind === "kept") add(...compareCells(a!, b!))
    else add({ kind, text: a ?? b! })
    if (i < last) add({ kind, text: rowSeparator })
  })
  return stretches
}

function compareCells(rowA: string, rowB: string): Stretch[] {
  const [cellsA, cellsB] = [rowA.split(cellSeparator), rowB.split(cellSeparator)]
  if (cellsA.length !== cellsB.length) return compareTokens(tokensOf(rowA), tokensOf(rowB))
  return cellsA.flatMap((cell, i): Stretch[] => [
    ...(i > 0 ? [{ kind: "kept", text: cellSeparator } as const] : []),
    ...compareTokens(tokensOf(cell), tokensOf(cellsB[i]!)),
  ])
}

/** Two differences with nothing but space between them are one: "old words" -> "new terms" is one replacement, not two. */
function joinAcrossSpace(parts: readonly Stretch[]): Stretch[] {
  const joined: Stretch[] = []
  let deleted = ""
  let inserted = ""
  const flush = (): void => {
    if (deleted) joined.push({ kind: "deleted", text: deleted })
    if (inserted) joined.push({ kind: "inserted", text: inserted })
    deleted = ""
    inserted = ""
  }
  parts.forEach((part, i) => {
    const isBridge = part.kind === "kept" && /^[^\S\t\n]+$/.test(part.text) && deleted !== "" && inserted !== "" && i + 1 < parts.length
    if (part.kind === "deleted" || isBridge) deleted += part.text
    if (part.kind === "inserted" || isBridge) inserted += part.text
    if (part.kind !== "kept" || isBridge) return
    flush()
    joined.push(part)
  })
  flush()
  return joined
}

/** An accepted difference between the text in force and the working text, placed in the block as it stands with its open changes. */
export type Accepted =
  | { readonly kind: "inserted"; readonly from: number; readonly to: number; readonly source: string | null }
  /** Words, or where it is U+2029 the end of a block that was joined. */
  | { readonly kind: "deleted"; readonly at: number; readonly text: string; readonly source: string | null }
  /** Behind its last word the block was cut in two. */
  | { readonly kind: "split"; readonly at: number }

/** What a block is compared with: the words of the text in force that it and its like come from, and the working text of those before and behind. */
export interface Kin {
  readonly force: string
  readonly before: string
  readonly behind: string
  /** The blocks that it is compared together with, itself, and those that were joined to any of them. */
  readonly blocks: ReadonlySet<string>
}

const origins = (block: Block, joined: ReadonlyMap<string, readonly Block[]>): string[] => [
  ...(block.origin === null ? [] : [block.origin]),
  ...(joined.get(block.id) ?? []).flatMap((other) => origins(other, joined)),
]

/**
 * With what each block is compared, along `origin` (TRK7): a block that was split is compared together with its other parts, one that others were
 * joined to with the text in force of all of them. Blocks that come from nowhere are not in it.
 */
export function kinOf(blocks: readonly Block[], force: ReadonlyMap<string, Block>): Map<string, Kin> {
  const joined = new Map<string, Block[]>()
  for (const block of blocks)
    if (block.joined !== null && block.joined !== block.id) joined.set(block.joined, [...(joined.get(block.joined) ?? []), block])
  const groups: { origins: Set<string>; blocks: Block[] }[] = []
  for (const block of blocks) {
    if (!isAgreed(block)) continue
    const own = origins(block, joined).filter((id) => force.has(id))
    if (own.length === 0) continue
    const group = groups.find((other) => own.some((id) => other.origins.has(id)))
    if (!group) groups.push({ origins: new Set(own), blocks: [block] })
    else {
      for (const id of own) group.origins.add(id)
      group.blocks.push(block)
    }
  }
  const order = [...force.keys()]
  const kin = new Map<string, Kin>()
  for (const group of groups) {
    const words = group.blocks.map((block) => textOf(workingText(block)))
    const before = order.filter((id) => group.origins.has(id)).map((id) => textOf(force.get(id)!))
    const ids = new Set(group.blocks.map(({ id }) => id))
    for (const block of blocks) if (block.joined !== null && ids.has(block.joined)) ids.add(block.id)
    group.blocks.forEach((block, i) => {
      kin.set(block.id, {
        blocks: ids,
        force: before.join(splitCharacter),
        before: words
          .slice(0, i)
          .map((text) => text + splitCharacter)
          .join(""),
        behind: words
          .slice(i + 1)
          .map((text) => splitCharacter + text)
          .join(""),
      })
    })
  }
  return kin
}

/** Whose accepted change a difference is: the one whose words in this block hold it, or are held by it; null where the record does not tell. */
function sourceOf(text: string, kind: "insertion" | "deletion", block: string, accepted: readonly ProposalEntry[]): string | null {
  const words = text.trim()
  const isIts = (entry: ProposalEntry): boolean =>
    entry.segments?.some(
      (part) => part.block === block && part.kind === kind && (part.text.includes(words) || words.includes(part.text.trim())),
    ) ?? false
  const sources = new Set(accepted.filter(isIts).map((entry) => entry.source))
  if (sources.size === 1) return [...sources][0]!
  const here = new Set(accepted.filter((entry) => entry.segments?.some((part) => part.block === block)).map((entry) => entry.source))
  return here.size === 1 ? [...here][0]! : null
}

/**
 * Whose accepted act about a clause as a whole it was: of a block, or of the clause of the text in force that it was. Null where the record does not
 * tell, or tells of several sources.
 */
export function actedBy(accepted: readonly ProposalEntry[], kind: StructuralAct["kind"], ids: ReadonlySet<string | null>): string | null {
  const isIts = ({ acts = [] }: ProposalEntry): boolean =>
    acts.some((act) => act.kind === kind && (ids.has(act.block) || (act.origin !== null && ids.has(act.origin))))
  return onlyOne(accepted.filter(isIts))
}

/** Whose accepted split of one of some blocks it was. */
export const cutBy = (accepted: readonly ProposalEntry[], blocks: ReadonlySet<string>): string | null =>
  onlyOne(
    accepted.filter(({ segments = [] }) =>
      segments.some(({ kind, block, text }) => kind === "insertion" && blocks.has(block) && text.includes(splitCharacter)),
    ),
  )

function onlyOne(entries: readonly ProposalEntry[]): string | null {
  const sources = new Set(entries.map(({ source }) => source))
  return sources.size === 1 ? [...sources][0]! : null
}

/** The words that were accepted in some blocks. */
const wordsAccepted = (blocks: ReadonlySet<string>, accepted: readonly ProposalEntry[]): ProposedWords[] =>
  accepted.flatMap(({ source, segments = [] }) =>
    segments.filter((part) => blocks.has(part.block)).map(({ kind, text }) => ({ kind, text, source })),
  )

/** The end of a clause that was joined to the one before. */
const isJoin = ({ kind, text }: Pick<ProposedStretch, "kind" | "text">): boolean => kind === "deleted" && text === splitCharacter

/** How the text in force became what is agreed: as it was proposed, and where the record does not tell that, compared word by word. */
function differences(block: Block, force: string, now: string, kin: Kin | null, accepted: readonly ProposalEntry[]): ProposedStretch[] {
  if (force === now) return []
  const blocks = kin?.blocks ?? new Set([block.id])
  const told = asProposed(force, now, wordsAccepted(blocks, accepted))
  if (told) return told.map((part) => (isJoin(part) ? { ...part, source: actedBy(accepted, "join", blocks) } : part))
  const before = kin?.before.length ?? 0
  let at = -before
  return compareWords(force, now).map(({ kind, text }) => {
    const own = kind === "inserted" ? text.slice(Math.max(0, -at)) : text
    if (kind !== "deleted") at += text.length
    if (isJoin({ kind, text })) return { kind, text, source: actedBy(accepted, "join", blocks) }
    const source = kind === "kept" ? null : sourceOf(own, kind === "inserted" ? "insertion" : "deletion", block.id, accepted)
    return { kind, text, source }
  })
}

/**
 * What was accepted in a block since the text in force (TRK7): differences along `origin`, as they were proposed, in offsets of the block as it stands. A
 * block without origin is all accepted insertion, unless it is itself still proposed.
 */
export function acceptedIn(block: Block, kin: Kin | null, accepted: readonly ProposalEntry[]): Accepted[] {
  if (!isAgreed(block)) return []
  const places = agreedPlaces(block)
  const end = (places.at(-1) ?? -1) + 1
  const { before = "", behind = "", force = "" } = kin ?? {}
  const found: Accepted[] = []
  // Offsets in the block's own working text; negative before it.
  let at = -before.length
  for (const { kind, text, source } of differences(block, force, before + textOf(workingText(block)) + behind, kin, accepted)) {
    if (kind === "deleted") {
      const isHere = at >= 0 && at <= places.length && (at > 0 || before === "" || text !== splitCharacter)
      if (isHere) found.push({ kind, at: at < places.length ? places[at]! : end, text, source })
      continue
    }
    if (kind === "inserted") {
      const own = places.slice(Math.max(0, at), Math.max(0, at + text.length))
      for (const range of rangesOf(own)) found.push({ kind, ...range, source })
      const cut = places.length - at
      if (behind !== "" && cut >= 0 && cut < text.length && text[cut] === splitCharacter) found.push({ kind: "split", at: end })
    }
    at += text.length
  }
  return found
}

/** Offsets of the agreed characters of a block, among the open and struck ones. */
export function agreedPlaces(block: Block): number[] {
  const places: number[] = []
  let at = 0
  for (const run of block.runs) {
    if (ownerOf(run.marks) === null) for (let i = 0; i < run.text.length; i++) places.push(at + i)
    at += run.text.length
  }
  return places
}

function rangesOf(places: readonly number[]): { from: number; to: number }[] {
  const ranges: { from: number; to: number }[] = []
  for (const place of places) {
    const last = ranges.at(-1)
    if (last?.to === place) last.to = place + 1
    else ranges.push({ from: place, to: place + 1 })
  }
  return ranges
}

/** Where a clause of the text in force stood. */
export interface Left {
  readonly block: Block
  /** The block behind which it stood, of those that kept their order; null: at the front. */
  readonly behind: string | null
  /** The block that has moved from here; null: none, the clause is gone. */
  readonly to: string | null
}

/** What was accepted about blocks as a whole since the text in force. */
export interface AcceptedStructure {
  /** Clauses of the text in force that are gone. */
  readonly suppressed: readonly Left[]
  /** Places of the text in force that are left, in its order: those of clauses that are gone, and of those that stand elsewhere now. */
  readonly left: readonly Left[]
  /** Blocks that stand at another place among their like. */
  readonly moved: ReadonlySet<string>
  /** Blocks whose level changed, with the level in force. */
  readonly levelWas: ReadonlyMap<string, number>
}

/** Compares the blocks as wholes with the text in force, along `origin` (TRK7). */
export function acceptedStructureOf(blocks: readonly Block[], force: readonly Block[]): AcceptedStructure {
  const here = new Map<string, Block>()
  for (const block of blocks) if (block.origin !== null && !here.has(block.origin)) here.set(block.origin, block)
  const place = new Map(force.map((block, i) => [block.id, i]))
  const present = blocks.filter((block) => isPresent(block) && block.origin !== null && place.has(block.origin))
  // Of two that changed places the one moved that left an empty place behind.
  const hasLeft = new Set(blocks.flatMap(({ joined }) => joined ?? []))
  const inPlace = longestRising(
    present.map((block) => place.get(block.origin!)!),
    present.map(({ id }) => !hasLeft.has(id)),
  )
  const moved = new Set(present.filter((_, i) => !inPlace.has(i)).map((block) => block.id))
  const left: Left[] = []
  let behind: string | null = null
  for (const block of force) {
    const now = here.get(block.id)
    if (now && moved.has(now.id)) left.push({ block, behind, to: now.id })
    // What was joined to a clause that moved is gone from here with its words.
    else if (!now || moved.has(now.joined ?? "")) {
      if (textOf(block)) left.push({ block, behind, to: null })
    } else behind = now.joined ?? now.id
  }
  const levelWas = new Map(
    present.flatMap((block): [string, number][] => {
      const was = force[place.get(block.origin!)!]!
      return block.type === "clause" && was.level !== block.level ? [[block.id, was.level]] : []
    }),
  )
  const suppressed = left.filter(({ block, to }) => to === null && !here.has(block.id))
  return { suppressed, left, moved, levelWas }
}

/** Indexes of a longest subsequence that never falls: what kept its order. Of several as long the one that has the most of the preferred. */
function longestRising(values: readonly number[], isPreferred: readonly boolean[]): Set<number> {
  const ranks = new Map([...new Set(values)].sort((a, b) => a - b).map((value, i) => [value, i + 1]))
  // A Fenwick tree: for each rank the index at which the best subsequence up to it ends.
  const ends = new Array<number>(ranks.size + 1).fill(-1)
  const weights: number[] = []
  const before: number[] = []
  const better = (a: number, b: number): number => (b < 0 || (a >= 0 && weights[a]! >= weights[b]!) ? a : b)
  values.forEach((value, i) => {
    let best = -1
    for (let k = ranks.get(value)!; k > 0; k -= k & -k) best = better(best, ends[k]!)
    before[i] = best
    weights[i] = (best < 0 ? 0 : weights[best]!) + values.length + 1 + (isPreferred[i] ? 1 : 0)
    for (let k = ranks.get(value)!; k < ends.length; k += k & -k) ends[k] = better(ends[k]!, i)
  })
  let last = -1
  for (let i = 0; i < values.length; i++) last = better(last, i)
  const rising = new Set<number>()
  for (let i = last; i >= 0; i = before[i]!) rising.add(i)
  return rising
}

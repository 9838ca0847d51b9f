import { diffArrays } from "diff"
import { type Block, ownerOf, textOf } from "../schema/block.ts"
import type { ProposalEntry } from "../sync/roots.ts"
import { workingText } from "./projections.ts"

/** A stretch of a word-level comparison. Kept and inserted stretches give the new text, kept and deleted ones the old. */
export interface Stretch {
  readonly kind: "kept" | "inserted" | "deleted"
  readonly text: string
}

// Words, numbers with their points ("1.2"), single signs and spaces: a difference never cuts a word, and where a word went from between two spaces
// both are kept.
const token = /\d+(?:\.\d+)+|[\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]/gu
const tokensOf = (text: string): string[] => text.match(token) ?? []

/** What it takes to get from text A to text B, word by word, deletions before insertions. Both texts can be read back exactly. */
export function compareWords(textA: string, textB: string): Stretch[] {
  if (textA === textB) return textA ? [{ kind: "kept", text: textA }] : []
  const parts = diffArrays(tokensOf(textA), tokensOf(textB)).map((part): Stretch => {
    const kind = part.added ? "inserted" : part.removed ? "deleted" : "kept"
    return { kind, text: part.value.join("") }
  })
  return joinAcrossSpace(parts)
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
    const isBridge = part.kind === "kept" && /^\s+$/.test(part.text) && deleted !== "" && inserted !== "" && i + 1 < parts.length
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
  | { readonly kind: "deleted"; readonly at: number; readonly text: string; readonly source: string | null }

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
 * What was accepted in a block since the text in force (TRK7): differences along `origin`, in offsets of the block as it stands. A block without
 * origin is all accepted insertion, unless it is itself still proposed.
 */
export function acceptedIn(block: Block, force: Block | null, accepted: readonly ProposalEntry[]): Accepted[] {
  if (block.insertedBy) return []
  const places = agreedPlaces(block)
  const stretches = compareWords(force ? textOf(force) : "", textOf(workingText(block)))
  const found: Accepted[] = []
  let at = 0
  for (const { kind, text } of stretches) {
    if (kind === "deleted") {
      const place = at < places.length ? places[at]! : (places.at(-1) ?? -1) + 1
      found.push({ kind, at: place, text, source: sourceOf(text, "deletion", block.id, accepted) })
      continue
    }
    if (kind === "inserted") {
      const source = sourceOf(text, "insertion", block.id, accepted)
      for (const range of rangesOf(places.slice(at, at + text.length))) found.push({ kind, ...range, source })
    }
    at += text.length
  }
  return found
}

/** Offsets of the agreed characters of a block. */
function agreedPlaces(block: Block): number[] {
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

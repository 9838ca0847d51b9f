import * as sha256 from "lib0/hash/sha256"
import { encodeUtf8 } from "lib0/string"
import { type Block, isDeletionInEffect, type Mark, ownerOf } from "../schema/block.ts"

export type ChangeKind = "insertion" | "deletion" | "replacement" | "new clause"

/** A stretch of characters of one block that a change puts in or takes out. Offsets count UTF-16 units of the block as it stands, struck text too. */
export interface Segment {
  readonly block: string
  readonly kind: "insertion" | "deletion"
  readonly from: number
  readonly to: number
  readonly text: string
}

/** One tracked change: all marks with the same change id, and the blocks that it adds. */
export interface Change {
  readonly id: string
  readonly source: string
  readonly kind: ChangeKind
  /** The block it begins in. */
  readonly block: string
  /** Blocks that it adds. */
  readonly newBlocks: readonly string[]
  readonly segments: readonly Segment[]
  /** Words that come in, and words that go, in document order. */
  readonly inserted: string
  readonly deleted: string
  /** Ids of the changes of others that it stands inside or objects to. */
  readonly inside: readonly string[]
}

interface Draft {
  id: string
  source: string
  block: string
  newBlocks: string[]
  segments: Segment[]
  inside: Set<string>
}

// Only the owner's insertion puts a character in: the outer one merely surrounds it.
const countsOn = (mark: Mark, marks: readonly Mark[]): boolean =>
  mark.name === "insertion" ? ownerOf(marks) === mark : mark.name === "deletion" && isDeletionInEffect(mark, marks)

function extend(draft: Draft, segment: Segment): void {
  const last = draft.segments.at(-1)
  if (last && last.block === segment.block && last.kind === segment.kind && last.to === segment.from)
    draft.segments[draft.segments.length - 1] = { ...last, to: segment.to, text: last.text + segment.text }
  else draft.segments.push(segment)
}

const kindOf = (draft: Draft): ChangeKind => {
  if (draft.newBlocks.length > 0) return "new clause"
  const kinds = new Set(draft.segments.map((segment) => segment.kind))
  return kinds.size === 2 ? "replacement" : kinds.has("deletion") ? "deletion" : "insertion"
}

const wordsOf = (segments: readonly Segment[], kind: Segment["kind"]): string =>
  segments
    .filter((segment) => segment.kind === kind)
    .map((segment) => segment.text)
    .join(" … ")

/** The changes in a list of blocks, in document order. Marks without visible characters are no change. */
export function changesIn(blocks: readonly Block[]): Change[] {
  const drafts = new Map<string, Draft>()
  const draftOf = (id: string, source: string, block: string): Draft => {
    let draft = drafts.get(id)
    if (!draft) drafts.set(id, (draft = { id, source, block, newBlocks: [], segments: [], inside: new Set() }))
    return draft
  }
  for (const block of blocks) {
    const isShown = block.runs.length > 0
    if (block.insertedBy && block.insertedId && isShown) draftOf(block.insertedId, block.insertedBy, block.id).newBlocks.push(block.id)
    let from = 0
    for (const run of block.runs) {
      const to = from + run.text.length
      for (const mark of run.marks) {
        if (!countsOn(mark, run.marks)) continue
        const draft = draftOf(mark.changeId, mark.source, block.id)
        extend(draft, { block: block.id, kind: mark.name as Segment["kind"], from, to, text: run.text })
        for (const host of mark.name === "insertion" ? mark.within : mark.over) draft.inside.add(host)
      }
      from = to
    }
  }
  return [...drafts.values()].map((draft) => ({
    id: draft.id,
    source: draft.source,
    kind: kindOf(draft),
    block: draft.block,
    newBlocks: draft.newBlocks,
    segments: draft.segments,
    inserted: wordsOf(draft.segments, "insertion"),
    deleted: wordsOf(draft.segments, "deletion"),
    inside: [...draft.inside],
  }))
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")

/** SHA-256 of a value's JSON, as 64 hexadecimal digits. Key order is the writer's: give it arrays, or objects built in one place. */
export const hashOf = (value: unknown): string => hex(sha256.digest(encodeUtf8(JSON.stringify(value))))

/**
 * The hash of a change as it was seen: id, source, kind, and each stretch with its block and words. Offsets are left out, for typing elsewhere in
 * the clause moves them.
 */
export const changeHash = (change: Change): string =>
  hashOf([change.id, change.source, change.kind, change.newBlocks, change.segments.map((part) => [part.block, part.kind, part.text])])

/** "replace “shall” by “should”", in the words of the room. */
export function describeChange(change: Change): string {
  const inserted = `“${change.inserted}”`
  const deleted = `“${change.deleted}”`
  switch (change.kind) {
    case "insertion":
      return `insert ${inserted}`
    case "deletion":
      return `delete ${deleted}`
    case "replacement":
      return `replace ${deleted} by ${inserted}`
    case "new clause":
      return change.inserted ? `new clause ${inserted}` : "new clause"
    default:
      return change.kind satisfies never
  }
}

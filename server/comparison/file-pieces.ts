// The words of a file in pieces: each of one owner, and taken out by the same changes, so that it is on the draft or not as a whole.
import type { Block } from "../../shared/schema/block.ts"
import type { FileChange, FileDraft } from "../files/file-draft.ts"
import type { Piece } from "./agreed-there.ts"
import { grouped } from "./placing.ts"
import type { Whereabouts } from "./whereabouts.ts"

type Deletion = { readonly change: FileChange; readonly from: number; readonly to: number }

export class FilePieces {
  readonly #where: Whereabouts
  readonly #deletions: ReadonlyMap<string, readonly Deletion[]>
  /** The blocks of the file in which something is changed. */
  readonly changed: ReadonlySet<string>

  constructor(where: Whereabouts, { changes }: FileDraft) {
    this.#where = where
    const deletions = changes.flatMap((change) =>
      (change.segments ?? []).flatMap(({ block, kind, from, to }) => (kind === "deletion" ? [{ block, change, from, to }] : [])),
    )
    this.#deletions = grouped(deletions, ({ block }) => block)
    this.changed = new Set(changes.flatMap(({ segments = [], newBlocks = [] }) => [...segments.map(({ block }) => block), ...newBlocks]))
  }

  /** A stretch of a block, cut wherever who put it in or who takes it out changes. */
  of(block: string, from = 0, to = this.#where.theirs(block).text.length): Piece[] {
    const { text } = this.#where.theirs(block)
    const owners = this.#where.placing.ownersIn(block)
    const deletions = this.#deletions.get(block) ?? []
    const cuts = new Set(deletions.flatMap((part) => [part.from, part.to]))
    const pieces: Piece[] = []
    for (let at = from; at < to; ) {
      let end = at + 1
      while (end < to && owners[end] === owners[at] && !cuts.has(end)) end++
      const takenBy = deletions.filter((part) => part.from <= at && at < part.to).map(({ change }) => change)
      pieces.push({ from: at, text: text.slice(at, end), owner: owners[at] ?? null, takenBy })
      at = end
    }
    return pieces
  }
}

/** Whether a block of a file is of the kind of one of the draft. */
export function isOfKind(where: Whereabouts, block: string, { type, level }: Block): boolean {
  const theirs = where.theirs(block)
  return theirs.type === type && (type !== "clause" || (theirs.level ?? 1) === level)
}

/** Whole numbers in a row. */
export const range = (from: number, length: number): number[] => Array.from({ length }, (_, i) => from + i)

import type { FileBlock, FileDraft } from "../files/file-draft.ts"

/** A block of a file: its words without its own insertions, and where each of its characters is among them. */
export interface WorkingBlock {
  readonly block: FileBlock
  readonly working: string
  /** Offset in `working` of each character of the block's text; of an inserted one that of the next agreed one. */
  readonly places: readonly number[]
  readonly isInserted: readonly boolean[]
}

/** The draft's block that a block of a file revises. */
export interface Home {
  readonly id: string
  /** Its working text when the file was laid beside it. */
  readonly words: string
  /** Offset in `words` of each character of the file's working text; null where they lack it. One more for the end. */
  readonly to: readonly (number | null)[]
  /** Of a clause that was divided since: which characters of the file's working text the draft has in a part of it that is not this one. */
  readonly inOthers?: readonly boolean[]
}

/** A file as it was read and laid beside the draft, each change with the source that was stated for its author. */
export interface FileBeside {
  readonly name: string
  readonly draft: FileDraft
  /** By the id of a block of the file. */
  readonly homes: ReadonlyMap<string, Home>
  /** Delegations that its bringer puts on the roster with it. */
  readonly welcomed?: readonly string[]
  /** Whether its bringer enters it for itself alone, so that whose it is, is what that says now. */
  readonly isForItself?: boolean
}

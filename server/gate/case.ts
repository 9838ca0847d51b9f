import type { Block, Mark, StructuralProposal } from "../../shared/schema/block.ts"
import { parseKey, parseMarkId, serverClient } from "../../shared/schema/keys.ts"
import type { ItemId, Stretch } from "../../shared/schema/runs.ts"
import type { Moves } from "../../shared/sync/moves.ts"
import type { Cut, Fresh } from "./fresh.ts"
import type { BlockReading, Piece } from "./reading.ts"
import type { At, Repair } from "./repairs.ts"
import type { StruckWords } from "./struck-gone.ts"

/** What an update touched, before or after it. A block that is new is in the one after alone; null: what stands there is no block. */
export interface State {
  readonly blocks: ReadonlyMap<At, BlockReading | null>
  /** Entries of `structure`; undefined: there is none. */
  readonly entries: ReadonlyMap<string, unknown>
  /** Entries of `links`: before an update all that are there, after it those that it touched; undefined: there is none. */
  readonly links?: ReadonlyMap<string, unknown>
}

/** Visible characters where they are now, all under the same marks. */
export interface Standing extends Stretch {
  readonly at: At
  readonly marks: readonly Mark[]
}

/** How many marks, letters, blocks and entries a source has open. */
export interface Count {
  readonly marks: number
  readonly letters: number
  readonly blocks: number
  readonly entries: number
}

/**
 * Of which sort the parts of a change are. A change is what one gesture makes and one card shows: words and clauses that are taken out, put in and
 * joined; new clauses with their words; moves; levels. Of two sorts it is two changes.
 */
export type Sort = "text" | "new clause" | "move" | "level"

/** A mark is of its block's sort where both are of one change: the words of a new clause, but not those of a footnote, which words call. */
export const sortOfMark = ({ changeId }: Mark, { type, attrs }: Pick<BlockReading, "type" | "attrs">): Sort =>
  attrs.insertedId === changeId ? sortOfBlock(type) : "text"

export const sortOfBlock = (type: string): Sort => (type === "note" ? "text" : "new clause")

export const sortOfEntry = ({ kind }: StructuralProposal): Sort => (kind === "move" || kind === "level" ? kind : "text")

/** What the judge may ask of the rest of the draft: plain look-ups, none of them a walk over the whole. */
export interface Rest {
  readonly moves: Moves
  /** Whose words a client id writes; null: nobody's that is known, or the server's. */
  sourceOf(client: number): string | null
  /** Whether a change has marks, entries or blocks before the update. */
  isOpen(change: string): boolean
  /** Of which sorts its marks, entries and blocks are before the update: one, but where the server has put words elsewhere. */
  sortsOf(change: string): ReadonlySet<Sort>
  /** Whether a change was decided, if only to be accepted with its host: it takes nothing more in. */
  isDecided(change: string): boolean
  /** What took the place of a change that was decided. */
  nextOf(change: string): string | null
  /** The blocks that a decided change had words in or was about; null where that is not kept. */
  blocksOf(change: string): ReadonlySet<string> | null
  /** Whether a change is what was left of one that was decided in part. */
  isRest(change: string): boolean
  /** Of some groups of changes, as the update leaves them, those that compete with one before them in their group. */
  rivalsAmong(groups: readonly (readonly string[])[]): ReadonlySet<string>
  /** The highest number of a mark, entry or block that a client is known to have written. */
  lastNumberOf(client: number): number
  /** Whether a client may have written a mark of this number: of what is gone since before the draft was opened it is not known. */
  mayHaveWritten(client: number, n: number): boolean
  /** The mark of a key that was there before the update. */
  markOf(key: string): Mark | null
  /** Other blocks with markers of a key. */
  blocksWith(key: string): Iterable<At>
  /** The blocks that hold marks of a change before the update, or that it adds. */
  placesOf(change: string): Iterable<At>
  readingOf(at: At): BlockReading | null
  piecesOf(at: At): readonly Piece[]
  /** A block that is part of the text; null: there is none of this id. */
  typeOf(block: string): Block["type"] | null
  /** What kind of block it is, or was before it was joined or went; null: nothing is known of one of this id. */
  typeEver(block: string): Block["type"] | null
  isTaken(block: string): boolean
  /** The block that holds the words of one that was joined to others; null where that is gone. */
  survivorOf(block: string): string | null
  /** The blocks into which words of one went since the server's clock was so, in their order. */
  partsSince(block: string, heard: number): readonly string[]
  /** The visible ones among some characters. */
  standing(letters: Stretch): readonly Standing[]
  /** What accepted changes took of some characters, and of what these had become, in the order of the text. */
  takenOf(letters: Stretch): readonly TakenLetters[]
  /** The letter that is gone and in place of which one was written, as an undo does; null: there is none. */
  stoodFor(letter: ItemId): ItemId | null
  /** Words that others had struck, of which a letter that is gone was one; null where that is not known. */
  struckGone(letter: ItemId): StruckWords | null
  /** Whether it is noted that something had gone before a change could take it out. */
  isForestalled(change: string): boolean
  /** How much a source has before the update. */
  countOf(source: string): Count
  readonly serverClock: number
}

/** Characters that accepted changes took: by which, their words, and the server's clock before that. */
export interface TakenLetters extends Stretch {
  readonly by: string
  readonly words: string
  readonly since: number
}

/** Whose update it is, and what else there is. */
export interface Who {
  readonly source: string
  readonly rest: Rest
}

/** An update as the judge has it before it. */
export interface Case extends Who {
  readonly before: State
  readonly after: State
  readonly fresh: Fresh
}

/** What arrived for what is gone: words, a proposal about a block, a change of words (GATE8, RIVAL4). */
export type Kept =
  | { readonly words: string }
  | { readonly proposal: StructuralProposal["kind"] }
  /** A change that is there, but what it was to take out has gone. */
  | { readonly forestalled: string }

export interface Refused {
  /** A word for logs and metrics; browsers have a sentence for the frequent ones. */
  readonly refused: string
  readonly at: At | null
}

/** A clean-up that would be half of one: it is acknowledged and not applied. */
export interface Dropped {
  readonly dropped: true
}

export interface Taken {
  readonly repairs: readonly Repair[]
  readonly kept: readonly Kept[]
}

export type Verdict = Refused | Dropped | Taken

export const refused = (reason: string, at: At | null = null): Refused => ({ refused: reason, at })

/** Whether all of some characters were written by a source, also where the server has written them anew since, or a file brought them for it. */
export function isWrittenBy({ rest, source }: Who, { client, clock, length }: Stretch): boolean {
  if (client !== serverClient) return rest.sourceOf(client) === source
  for (let done = 0; done < length; ) {
    const first = rest.moves.originalOf({ client, clock: clock + done, length: length - done })
    if (first.client === serverClient) {
      // What files brought is noted by stretches of its own.
      if (rest.moves.broughtFor(first) !== source) return false
      done++
    } else {
      if (rest.sourceOf(first.client) !== source) return false
      done += first.length
    }
  }
  return true
}

/** Whether a mark with this key is the source's: made by a client of it, or by the server for it. */
export function isOwnKey({ rest, source }: Who, key: string): boolean {
  const client = parseKey(key)?.client
  if (client === undefined) return false
  if (client !== serverClient) return rest.sourceOf(client) === source
  const mark = rest.markOf(key)
  return mark?.source === source && mark.name !== "comment"
}

/**
 * Whether the name of an entry is the source's to write, or to leave empty: of a client that writes in this update, or one that the source, or the
 * server for it, has written before, which an undo may bring back. What is written and taken back at once leaves a tombstone, and where another writes
 * in that place without having heard of it one of the two wins by its client's number: so this is asked of entries that are not there, too.
 */
export function mayName({ fresh, rest, source }: Case, id: string): boolean {
  const parts = parseMarkId(id)
  if (parts?.source !== source) return false
  const { client, n } = parts
  if (client !== serverClient && rest.sourceOf(client) !== source) return false
  // With nothing fresh a state is looked at, in which this has been seen to.
  return fresh.known.has(client) || n <= rest.lastNumberOf(client) || (fresh.known.size === 0 && client !== serverClient)
}

/** Written before and taken back, in an earlier update or, by somebody without a line, within this one: an undo or redo may bring it back. */
export const isRevived = (update: Case, key: string): boolean => update.fresh.takesBack || wasWritten(update, key)

/** Whether a mark was written before, as far as is known, or written and taken back within the update: what has come and gone meanwhile may stand inside it. */
export function wasWritten({ fresh, rest }: Case, key: string): boolean {
  const parts = parseKey(key)
  return (parts !== null && rest.mayHaveWritten(parts.client, parts.n)) || keysThatWent(fresh.cuts).has(key)
}

const wentByCuts = new WeakMap<readonly Cut[], ReadonlySet<string>>()

/** Keys of markers that came and went within the update. */
function keysThatWent(cuts: readonly Cut[]): ReadonlySet<string> {
  let keys = wentByCuts.get(cuts)
  if (!keys) wentByCuts.set(cuts, (keys = new Set(cuts.flatMap(({ key, isFresh }) => (isFresh ? [key] : [])))))
  return keys
}

/** The block that a place is in: its id as a person's browser knows it. */
export const idAt = ({ before, after }: Pick<Case, "before" | "after">, at: At): string | null => {
  const id = (before.blocks.get(at) ?? after.blocks.get(at))?.attrs.id
  return typeof id === "string" ? id : null
}

/** The identity of a block's element, by which the start of its text is known. */
export function startOf(at: At): ItemId {
  const [client, clock] = at.split(".").map(Number)
  return { client: client ?? 0, clock: clock ?? 0 }
}

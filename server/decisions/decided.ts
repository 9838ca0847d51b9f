// What is asked of a decision, and what it answers: the record, the notices and the answer to the chair are written from these values.
import type { Divided } from "../../shared/changes/carried.ts"
import type { Change } from "../../shared/changes/changes.ts"
import type { Competing } from "../../shared/changes/chosen.ts"
import type { Sight } from "../../shared/changes/sight.ts"
import type { Block } from "../../shared/schema/block.ts"

/** A change of which a part was decided: what was asked for, what it was seen as, and the change that goes on with what is left. */
export interface DecidedPart extends Divided {
  readonly seenIn: Sight
}

export interface Decided {
  readonly row: Uint8Array | null
  readonly decided: readonly Change[]
  /** Decided along, for they say the same as one that was decided. */
  readonly identical: readonly Change[]
  /** Ended, for something else was made of their words. */
  readonly overtaken: readonly Change[]
  /** Left out, with `isPartial`: the chair must choose. */
  readonly competing: readonly Competing[]
  /** Asked for but not as it was seen, with `isPartial`. */
  readonly stale: readonly Change[]
  readonly gone: readonly string[]
  readonly superseded: readonly Change[]
  /** Of these, what was accepted before and waited for the proposal around it. */
  readonly lapsed: ReadonlySet<string>
  /** What was accepted before, waited, and takes effect now. */
  readonly effective: readonly Change[]
  /** Of what had waited, and less of it is left than was accepted: as it was accepted. */
  readonly asAccepted: ReadonlyMap<string, Change>
  /** Of what waits, or goes after it has waited, those of which a part is in the text. */
  readonly inPart: ReadonlySet<string>
  /** Accepted, and no letter of it comes: accepted deletions take all of them out. */
  readonly struck: ReadonlySet<string>
  readonly noted: ReadonlySet<string>
  readonly blocks: readonly string[]
  /** The draft as it was decided on, and as it is afterwards. */
  readonly sight: Sight
  /** As it was while what lapsed still had something around it. */
  readonly stoodIn: Sight
  /** Of the lapsed those of which nothing was left before it. */
  readonly wentBefore: ReadonlySet<string>
  readonly after: readonly Block[]
  /** Of what said the same as another: whose words stand for it; of what was overtaken: by what. */
  readonly by: ReadonlyMap<string, string>
  /** Of the decided ones those of which only a part was. */
  readonly parts: ReadonlyMap<string, DecidedPart>
  /** Of those that came too late for what they were to replace: what was said of that when it was decided. */
  readonly late: ReadonlyMap<string, string>
}

/** How much of what was asked for may be left undone. */
export interface Terms {
  /** What is no longer as it was seen, and what competes, is left out and told, in place of deciding nothing. */
  readonly isPartial: boolean
  /** Insertions at one place are taken all, in the order of the document. */
  readonly isTogether?: boolean
  /** What may end with it, where the chair was told: anything else means that nothing is decided. Absent: whatever does, and it is told afterwards. */
  readonly ends?: ReadonlySet<string> | undefined
  /** What of it waits for a proposal around it, where the chair was told: where anything else would, nothing is decided. Absent: as with `ends`. */
  readonly waits?: ReadonlySet<string> | undefined
}

// What an act leaves for the room to commit: nobody hears of it before it is durable.
import type { RegisterEntry, SourceRecord } from "../storage/store.ts"
import type { SourceNotice } from "./notices.ts"

/** What an act leaves: the row it writes, its entry in the register, and the answer to who did it. */
export interface Performed<Answer> {
  readonly row: Uint8Array | null
  readonly entry: RegisterEntry
  readonly answer: Answer
  /** What comes on the roster with it, and is stored in the same commit. */
  readonly sources?: readonly SourceRecord[]
  /** Blocks that were decided on: a refusal that touches one of them soon after is raced. */
  readonly decidedBlocks?: readonly string[]
  /** What is told to the sockets of a source, once it is durable; not to those of the person who did it. */
  readonly notices?: readonly SourceNotice[]
}

/** What becomes of what was accepted and waited, once nothing stands around it any more. */
export interface Settled {
  readonly row: Uint8Array | null
  /** For the record. */
  readonly details: Readonly<Record<string, unknown>>
  readonly blocks: readonly string[]
  readonly notices: readonly SourceNotice[]
}

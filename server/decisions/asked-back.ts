import type { Change } from "../../shared/changes/changes.ts"
import type { Moment } from "../../shared/changes/moment.ts"
import type { Later } from "./taking.ts"

export interface TakenBack {
  readonly row: Uint8Array | null
  /** Open again. */
  readonly reopened: readonly Change[]
  readonly blocks: readonly string[]
}

/** A decision that is to be taken back: the draft right before and right after it. */
export interface Taking {
  readonly before: Moment
  readonly after: Moment
  /** Ids of the changes that it decided or ended, each with the hash that it was seen with where it is known. */
  readonly hashes: ReadonlyMap<string, string>
  /** What the meeting has decided since and holds. */
  readonly decidedSince: readonly Later[]
  /** What was seen, where `before` is not that, for of several changes one is opened again. */
  readonly shown?: Moment
}

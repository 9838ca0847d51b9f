import type { Unsound } from "./made-anew.ts"
import type { Sql } from "./sql.ts"

export interface OpenedMeeting {
  readonly sql: Sql
  /** It was made just now, or is of a version that kept no heads. */
  readonly isNew: boolean
  /** Takes away what was made to look at it. */
  readonly discard?: () => void
  /** What was found of a file whose pages did not fit together: what is open is made of what could be read of it. */
  readonly unsound?: Unsound | null
  /** Tables that were missing and were made anew, for that loss was accepted. */
  readonly lacked?: readonly string[]
  /** Where the damaged file is kept, if another was put in its place. */
  readonly keptAs?: string | null
  /** A write-ahead log of something else that stands there, in a sentence. */
  readonly stray?: string | null
  /** That such a one was moved aside, in a sentence. */
  readonly setAside?: string | null
}

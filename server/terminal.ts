import type { ServeFlags } from "./config.ts"
import type { Meeting } from "./people/meeting.ts"
import type { AcceptedLosses, Verified } from "./verify.ts"

/** Where a command reads and writes, so that tests can look. */
export interface Terminal {
  readonly out: (content: string | Uint8Array) => void
  readonly err: (text: string) => void
  readonly stdin: () => Uint8Array
}

/** What needs more than files: given by the composition root. */
export interface Services {
  serve(flags: ServeFlags & { json?: boolean }): Promise<void>
  /** Does something with the meeting in a folder. Throws where there is none. */
  beside<Result>(data: string, work: (meeting: Meeting) => Promise<Result>): Promise<Result>
  /** Where the server that runs on a folder is reached; null where none does, or it does not know. */
  address(data: string): string | null
  verify(data: string, draft: string | null, head: string | null): Promise<Verified>
  /** `draft` null: of all that is damaged. */
  acceptLoss(data: string, draft: string | null): Promise<AcceptedLosses>
}

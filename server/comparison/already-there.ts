// What it is called that a change of a file is one of the draft already, and what is known before that is looked for.
import type { ProposalStatus } from "../../shared/changes/outcome.ts"
import type { FileChange, FileDraft } from "../files/file-draft.ts"
import { saidOfChange } from "./placing.ts"
import type { IsSource } from "./whose.ts"

/** A change of a file that its source has proposed on the draft already: it is not put there twice (ONTO10). */
export interface Already {
  /** Its id in the file. */
  readonly id: string
  readonly what: string
  /** The change of the draft that is the same, and what became of that; "": its words are agreed, and no change of the draft says so. */
  readonly change: string
  readonly status: ProposalStatus | "open"
}

/** That a change of a file is one of the draft. */
export const alreadyThe = (change: FileChange, id: string, status: Already["status"]): Already => ({
  id: change.id,
  what: saidOfChange(change),
  change: id,
  status,
})

/** What is known of a file before its words are looked for on the draft. */
export interface KnownOfFile {
  readonly draft: FileDraft
  readonly isForItself?: boolean
  /** What of it is known to be there. */
  readonly known: readonly Already[]
  readonly isSource: IsSource
}

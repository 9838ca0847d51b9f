import type { ProposalEntry } from "../../shared/changes/outcome.ts"
import { notStated } from "../../shared/schema/keys.ts"
import type { FileDraft } from "./file-draft.ts"

/** A file's text in force as a draft of its own; null: the file carries none, and what it does not propose is in force. */
export const forceIn = ({ profile, inForce }: FileDraft): FileDraft | null =>
  inForce === undefined
    ? null
    : { profile, blocks: inForce.blocks, notes: inForce.notes, changes: [], comments: [], cover: [], debris: [], warnings: [] }

/** The accepted changes that a file tells of, as a record has them. */
export const acceptedIn = ({ inForce }: FileDraft): ProposalEntry[] =>
  (inForce?.accepted ?? []).map(({ source, segments, acts }) => ({ status: "accepted", source: source ?? notStated, segments, acts }))

/** A draft without what it carries of another text. */
export function withoutForce({ inForce: _, ...draft }: FileDraft): FileDraft {
  return draft
}

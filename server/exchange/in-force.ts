import { byIdOf, survivorOf } from "../../shared/changes/restructure.ts"
import { type Block, isBlank, isPresent } from "../../shared/schema/block.ts"
import { notStated } from "../../shared/schema/keys.ts"
import type { ProposalEntry } from "../../shared/sync/roots.ts"
import type { ImportedDraft, ImportedForce } from "./imported.ts"
import type { Publishable } from "./publishable.ts"

/** What our own forms carry of a paper against the text in force beside what the draft is now; `text`: that text as a draft of its own. */
export const forceCarried = ({ blocks, accepted }: Publishable, { blocks: words, notes }: ImportedDraft): ImportedForce => ({
  blocks: words,
  notes,
  left: leftIn(blocks),
  accepted: accepted.flatMap(({ source, segments = [], acts = [] }) =>
    segments.length + acts.length === 0
      ? []
      : [
          {
            source: source === notStated ? null : source,
            segments: segments.map(({ block, kind, text }) => ({ block, kind, text })),
            acts: acts.map(({ kind, block, origin }) => ({ kind, block, origin })),
          },
        ],
  ),
})

/** The empty places of clauses that were joined to others or moved: by them the text in force is laid beside what stands now. */
function leftIn(blocks: readonly Block[]): ImportedForce["left"] {
  const left: ImportedForce["left"][number][] = []
  let behind: string | null = null
  // What is proposed and holds nothing is in no file.
  const carried = blocks.filter((block) => block.type !== "note" && !(isPresent(block) && isBlank(block)))
  const byId = byIdOf(blocks)
  const there = new Set(carried.flatMap((block) => (isPresent(block) ? [block.id] : [])))
  for (const block of carried) {
    const { id, type, origin } = block
    if (!isPresent(block)) {
      const now = survivorOf(byId, id)?.id
      left.push({ id, type, origin, joined: now !== undefined && there.has(now) ? now : id, behind })
    }
    behind = id
  }
  return left
}

/** A file's text in force as a draft of its own; null: the file carries none, and what it does not propose is in force. */
export const forceIn = ({ profile, inForce }: ImportedDraft): ImportedDraft | null =>
  inForce === undefined
    ? null
    : { profile, blocks: inForce.blocks, notes: inForce.notes, changes: [], comments: [], cover: [], debris: [], warnings: [] }

/** The accepted changes that a file tells of, as a record has them. */
export const acceptedIn = ({ inForce }: ImportedDraft): ProposalEntry[] =>
  (inForce?.accepted ?? []).map(({ source, segments, acts }) => ({ status: "accepted", source: source ?? notStated, segments, acts }))

/** A draft without what it carries of another text. */
export function withoutForce({ inForce: _, ...draft }: ImportedDraft): ImportedDraft {
  return draft
}

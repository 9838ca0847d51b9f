import { byIdOf, survivorOf } from "../../shared/changes/restructure.ts"
import { type Block, isBlank, isPresent } from "../../shared/schema/block.ts"
import { notStated } from "../../shared/schema/keys.ts"
import type { FileDraft, FileForce } from "../files/file-draft.ts"
import type { Printable } from "./printable.ts"

/** What our own forms carry of a paper against the text in force beside what the draft is now; `text`: that text as a draft of its own. */
export const forceCarried = ({ blocks, accepted }: Printable, { blocks: words, notes }: FileDraft): FileForce => ({
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
function leftIn(blocks: readonly Block[]): FileForce["left"] {
  const left: FileForce["left"][number][] = []
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

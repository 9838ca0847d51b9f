import type * as Y from "yjs"
import { addressesOf, labelsOf } from "../../shared/clauses/labels.ts"
import { noteCalledBy } from "../../shared/clauses/notes.ts"
import { placesOf, type ThreadPlace } from "../../shared/comments/place-of.ts"
import { type Block, isPresent } from "../../shared/schema/block.ts"
import { groundOf } from "../../shared/sync/ground.ts"
import { metaOfDoc, roots } from "../../shared/sync/roots.ts"

/** The draft before an act that may take clauses out, and where its threads were then. */
export interface StandingBefore {
  readonly blocks: readonly Block[]
  readonly places: ReadonlyMap<string, ThreadPlace>
}

export function standingIn(shadow: Y.Doc, blocks: readonly Block[]): StandingBefore {
  return { blocks, places: placesOf([...roots.threads(shadow).values()], groundOf(shadow, blocks)) }
}

/**
 * Notes where each clause stood that went and on which a comment stands, or behind which another stood that went before, so that the comment keeps its
 * place and is told of what it was (ANCHOR2). `left`: ids of the blocks that are there still. Call it in the transaction that takes them out.
 */
export function noteStood(shadow: Y.Doc, { blocks, places }: StandingBefore, left: ReadonlySet<string>): void {
  if (places.size === 0) return
  const gone = new Set(blocks.flatMap((block) => (isPresent(block) && !left.has(block.id) ? [block.id] : [])))
  if (gone.size === 0) return
  const threads = roots.threads(shadow)
  const stood = roots.stood(shadow)
  const needed = new Set([...stood.values()].flatMap(({ behind }) => (behind !== null && gone.has(behind) ? [behind] : [])))
  for (const [id, place] of places) {
    // A new clause that was emptied is still there, though comments stand before it already.
    const block = place.gone?.block ?? place.block
    if (block === null || !gone.has(block)) continue
    needed.add(block)
    const thread = threads.get(id)
    // Its words were in another clause than that which it was begun in: it is this that it lost.
    if (thread && thread.anchor.block !== block) threads.set(id, { ...thread, anchor: { ...thread.anchor, block } })
  }
  if (needed.size === 0) return
  const { labels: frozen, profile } = metaOfDoc(shadow)
  const addresses = addressesOf(blocks, labelsOf(blocks, profile, frozen))
  blocks.forEach((block, i) => {
    if (!needed.has(block.id)) return
    const behind =
      callerOf(block, blocks, left) ?? blocks.slice(0, i).findLast((other) => isPresent(other) && left.has(other.id))?.id ?? null
    stood.set(block.id, { behind, address: addresses.get(block.id) ?? "", origin: block.origin })
  })
}

/** A footnote stood where it was called. */
function callerOf(note: Block, blocks: readonly Block[], left: ReadonlySet<string>): string | null {
  if (note.type !== "note" || note.noteId === null) return null
  return blocks.find((block) => left.has(block.id) && block.runs.some((run) => noteCalledBy(run) === note.noteId))?.id ?? null
}

import type * as Y from "yjs"
import { type Change, changesIn } from "../../shared/changes/changes.ts"
import type { Part } from "../../shared/changes/part.ts"
import { changeHash, hashForPart, sightOf } from "../../shared/changes/sight.ts"
import { originsOf } from "../../shared/sync/origins.ts"
import { blocksOf } from "../../shared/sync/read.ts"
import { tiesIn } from "../../shared/sync/roots.ts"
import type { SeenChange } from "./acts.ts"

// What a decision binds to: a change as this browser has it at the press of the button, which may be more than what was drawn last.

/** Changes as a document has them, each with the hash that a decision on it, or on a part of it, bears. */
export function seenIn(doc: Y.Doc, ids: readonly string[], part?: Part): SeenChange[] {
  const sight = sightOf(blocksOf(doc), originsOf(doc), tiesIn(doc))
  const hashOf = part && "segment" in part ? hashForPart : changeHash
  return changesIn(sight.blocks, new Set(ids)).map((change) => ({ id: change.id, hash: hashOf(change, sight), ...(part && { part }) }))
}

/** Those of some changes whose author's words are other ones in a document than were drawn: letters came since the last picture. */
export function grownIn(doc: Y.Doc, drawn: readonly Change[], ids: ReadonlySet<string>): Change[] {
  const now = new Map(changesIn(blocksOf(doc), ids).map((change) => [change.id, change]))
  const wordsOf = ({ deleted, inserted }: Change): string => `${deleted}\n${inserted}`
  return drawn.filter((change) => {
    const other = ids.has(change.id) ? now.get(change.id) : undefined
    return other !== undefined && wordsOf(change) !== wordsOf(other)
  })
}

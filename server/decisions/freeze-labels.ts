import type * as Y from "yjs"
import { labelsOf } from "../../shared/clauses/labels.ts"
import { type Block, isAgreed, isBlank, isPresent } from "../../shared/schema/block.ts"
import { frozenLabelsIn, labelsWithGiven, metaOfDoc, roots } from "../../shared/sync/roots.ts"

/**
 * No decision moves a label (NUM5): an accepted clause keeps the one under which it was proposed, and what is still proposed keeps its own where a clause
 * before it came or went. Else labels would hang on the order of decisions. `before`: as the clauses were called when it was decided.
 */
export function freezeLabels(shadow: Y.Doc, before: readonly Block[], after: readonly Block[]): void {
  const { labels: standing, profile } = metaOfDoc(shadow)
  const frozen = frozenLabelsIn(shadow)
  const loose = after.filter((block) => block.type === "clause" && isPresent(block) && !isBlank(block) && frozen[block.id] === undefined)
  if (loose.length === 0) return
  const was = labelsOf(before, profile, standing)
  const kept: Record<string, string> = { ...frozen }
  const keep = (id: string): void => void (kept[id] = was.get(id)!)
  for (const block of loose) if (isAgreed(block) && was.has(block.id)) keep(block.id)
  let labels = labelsOf(after, profile, labelsWithGiven(shadow, kept))
  // What one keeps another cannot have: so until none would move.
  for (;;) {
    const moved = loose.filter(({ id }) => kept[id] === undefined && was.has(id) && was.get(id) !== labels.get(id))
    if (moved.length === 0) break
    for (const { id } of moved) keep(id)
    labels = labelsOf(after, profile, labelsWithGiven(shadow, kept))
  }
  for (const block of loose) if (isAgreed(block)) kept[block.id] ??= labels.get(block.id) ?? ""
  if (Object.keys(kept).length > Object.keys(frozen).length) roots.meta(shadow).set("labels", kept)
}

import type * as Y from "yjs"
import { countedIn, labelsOf } from "../../shared/clauses/labels.ts"
import { type Block, isBlank, isPresent } from "../../shared/schema/block.ts"
import { frozenLabelsIn, labelsWithGiven, metaOfDoc, roots } from "../../shared/sync/roots.ts"

const isLabelled = (block: Block): boolean => block.type === "clause" && isPresent(block) && !isBlank(block)

/**
 * Gives each clause that is proposed the label that it has once it holds words: then no clause that another delegation puts before it moves it
 * (NUM12). It is free again once the clause is gone, holds nothing or has another level. Clauses of one delegation keep their own order: those behind
 * one that it puts before them are labelled anew. `began`: the clauses that hold words since now.
 */
export function giveLabels(shadow: Y.Doc, blocks: readonly Block[], began: ReadonlySet<string>): void {
  const given = roots.given(shadow)
  const frozen = frozenLabelsIn(shadow)
  const standing = new Map(blocks.filter(isLabelled).map((block) => [block.id, block]))
  for (const [id, [, level]] of [...given.entries()]) {
    const block = standing.get(id)
    if (!block || (block.insertedBy !== null && block.level !== level)) given.delete(id)
  }
  // One that is open again with its label stands where it stood.
  for (const id of began)
    if (!given.has(id)) for (const behind of ownBehind(blocks, id, frozen)) if (given.has(behind)) given.delete(behind)
  const isOpen = ({ id, insertedBy }: Block): boolean => insertedBy !== null && frozen[id] === undefined && !given.has(id)
  const fresh = [...standing.values()].filter(isOpen)
  if (fresh.length === 0) return
  const { profile } = metaOfDoc(shadow)
  const counted = countedIn(blocks, profile, frozen)
  const labels = labelsOf(blocks, profile, labelsWithGiven(shadow, frozen))
  for (const { id, level } of fresh) {
    const label = labels.get(id) ?? ""
    if (label !== "" && !counted.has(id)) given.set(id, [label, level])
  }
}

/** The clauses of the same delegation that are proposed behind one at the same place, up to the next whose label is older. */
function ownBehind(blocks: readonly Block[], id: string, frozen: Readonly<Record<string, string>>): string[] {
  const at = blocks.findIndex((block) => block.id === id)
  const { level, insertedBy } = blocks[at] ?? { level: 0, insertedBy: null }
  const behind: string[] = []
  for (const block of blocks.slice(at + 1)) {
    if (!isPresent(block) || isBlank(block)) continue
    if (block.type === "head" || block.type === "heading") break
    if (block.type !== "clause" || block.level > level) continue
    if (block.level < level || frozen[block.id] !== undefined) break
    if (block.insertedBy === insertedBy) behind.push(block.id)
  }
  return behind
}

// Which changes can stand in a relation to some at all, so that a decision on one of thousands looks at few.
import { type Block, isPresent, type StructuralProposal } from "../schema/block.ts"
import { targetOf } from "../schema/structure.ts"
import { type Change, changeIdsIn, changesInSlices, isAbout } from "./changes.ts"
import { type ById, byIdOf, survivorOf } from "./restructure.ts"
import type { Sliced } from "./slices.ts"

/**
 * The changes that can stand in a relation to some of a draft: those of the same blocks, about the same blocks as wholes, and new clauses beside. A
 * decision on one of thousands looks at these alone.
 */
export function* changesNear(blocks: readonly Block[], ids: { has(change: string): boolean }): Sliced<Change[]> {
  const near = new Set<string>()
  const take = (block: Block): void => {
    for (const id of changeIdsIn(block)) near.add(id)
  }
  const named = new Set<string>()
  blocks.forEach((block, at) => {
    if (!isAbout(block, ids)) return
    take(block)
    for (const proposal of block.structure)
      if (ids.has(proposal.changeId)) for (const id of blocksNamed(proposal, byIdOf(blocks))) named.add(id)
    if (block.insertedBy !== null) for (const beside of newOnesBeside(blocks, at)) take(beside)
  })
  if (named.size > 0)
    for (const block of blocks)
      for (const proposal of block.structure)
        for (const id of blocksNamed(proposal, byIdOf(blocks))) if (named.has(id)) near.add(proposal.changeId)
  return yield* changesInSlices(blocks, near)
}

/**
 * The blocks that a change is about as wholes, and those that it puts them behind or into, by what they were joined to since, too: what competes has one of
 * them in common.
 */
export const blocksNamedBy = ({ structure }: Change, blocks: ById): string[] => [
  ...new Set(structure.flatMap(({ proposal }) => [...blocksNamed(proposal, blocks)])),
]

function* blocksNamed(proposal: StructuralProposal, blocks: ById): Iterable<string> {
  yield proposal.block
  const target = targetOf(proposal)
  if (typeof target !== "string") return
  yield target
  const into = blocks.get(target)?.joined == null ? null : survivorOf(blocks, target)
  if (into) yield into.id
}

/** The proposed blocks that stand in a row with one, itself left out. */
function newOnesBeside(blocks: readonly Block[], at: number): Block[] {
  const isBetween = (block: Block | undefined): boolean => block !== undefined && (block.insertedBy !== null || !isPresent(block))
  let from = at
  let to = at
  while (isBetween(blocks[from - 1])) from--
  while (isBetween(blocks[to + 1])) to++
  return blocks.slice(from, to + 1).filter((_, i) => from + i !== at)
}

/** What came too late for a decision that is taken back: it is open again as it was proposed, or that is refused (BACK6). */
import type * as Y from "yjs"
import type { BackPlan, Obstacles } from "../../shared/changes/back.ts"
import type { Block, StructuralProposal } from "../../shared/schema/block.ts"
import { entryOf, structuralProposalOf, targetOf } from "../../shared/schema/structure.ts"
import { structureOf, structureRoot } from "../../shared/sync/read.ts"
import { isAccepted, type ProposalEntry, roots } from "../../shared/sync/roots.ts"
import { badProposal } from "../gate/shapes.ts"

type Fates = ReadonlyMap<string, ProposalEntry>

/**
 * Changes that stand in the way. What a change was to take out returns under its deletion only while that is open: so one that came too late for words
 * which come back, and was decided on as it was then, must be open first; and one that was decided on while those were gone is not opened again once
 * they are back, for it would not be what it was.
 */
export function decidedTooLate(shadow: Y.Doc, before: Fates, { proposals: back }: BackPlan): Set<string> {
  const now = roots.proposals(shadow)
  const opens = (change: string): boolean => back.has(change) && !isAccepted(back.get(change) ?? undefined)
  const inTheWay = new Set<string>()
  for (const [change, list] of roots.forestalled(shadow).entries()) {
    const fate = now.get(change)
    if (fate === undefined) continue
    for (const { by } of list) {
      // A withdrawal is its source's own: the chair could not take it back. What a part left open has the deletion.
      if (opens(by) && !opens(change) && fate.status !== "withdrawn" && fate.next === undefined) inTheWay.add(change)
      if (opens(change) && !opens(by) && isAccepted(before.get(by)) && !isAccepted(now.get(by))) inTheWay.add(by)
    }
  }
  return inTheWay
}

/** That changes which came too late, or stand on what is taken back, were decided on since. */
export const obstaclesOf = (changes: ReadonlySet<string>): Obstacles => ({
  letters: new Set(),
  blocks: new Set(),
  changes,
  proposed: new Set(),
  openAgain: new Set(),
})

/**
 * Proposals about blocks that are there again, open as they were written; not those in place of which their source has made others since, nor such as
 * nobody can make about blocks like these (GATE3), which could not be known while they were gone. `typeOf`: of the blocks that are there.
 */
export function lateBack(
  shadow: Y.Doc,
  { restored, unjoined }: BackPlan,
  typeOf: (block: string) => Block["type"] | null,
): StructuralProposal[] {
  const returned = new Set([...restored.map(({ block }) => block.id), ...unjoined.map(({ block }) => block)])
  const late = roots.late(shadow)
  if (returned.size === 0 || late.size === 0) return []
  const structure = shadow.getMap(structureRoot)
  const open = structureOf(shadow)
  const found: StructuralProposal[] = []
  for (const [id, value] of [...late.entries()]) {
    const proposal = structuralProposalOf(id, value)
    const blocks = proposal ? blocksOf(proposal) : []
    if (!proposal || !blocks.some((block) => returned.has(block)) || !blocks.every((block) => typeOf(block) !== null)) continue
    late.delete(id)
    const isReplaced = open.some(
      ({ source, kind, block }) => source === proposal.source && kind === proposal.kind && block === proposal.block,
    )
    if (isReplaced || badProposal(proposal, typeOf) !== null || roots.proposals(shadow).has(proposal.changeId)) continue
    structure.set(id, entryOf(proposal))
    found.push(proposal)
  }
  return found
}

/** The blocks that a proposal is about. */
function blocksOf(proposal: StructuralProposal): string[] {
  const target = targetOf(proposal)
  return typeof target === "string" ? [proposal.block, target] : [proposal.block]
}

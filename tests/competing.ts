import type { Verdicts } from "../shared/changes/effects.ts"
import { competes } from "../shared/changes/restructure.ts"
import type { Block } from "../shared/schema/block.ts"

/** Changes among the accepted ones that compete: they cannot be accepted together (RES7). Pairs of change ids. */
export function competingAmong(blocks: readonly Block[], verdicts: Verdicts): [string, string][] {
  const accepted = blocks.flatMap((block) => block.structure).filter((proposal) => verdicts.get(proposal.changeId) === "accept")
  const pairs: [string, string][] = []
  accepted.forEach((a, i) => {
    for (const b of accepted.slice(i + 1)) if (competes(a, b)) pairs.push([a.changeId, b.changeId])
  })
  return pairs
}

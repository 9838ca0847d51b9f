// What one change may do to clauses as wholes: one thing to each, and nothing that contradicts another of its acts (GATE14).
import type { StructuralProposal } from "../../shared/schema/block.ts"
import { targetOf } from "../../shared/schema/structure.ts"

/** Whether a change that has these entries takes another in: it does one thing to a clause, and leads none into itself. */
export function goesWith(others: readonly StructuralProposal[], entry: StructuralProposal): boolean {
  if (others.some((other) => other.block === entry.block || takesWordsOf(other, entry) || takesWordsOf(entry, other))) return false
  const isSameKind = others.filter(({ kind }) => kind === entry.kind)
  const targets = new Map(isSameKind.map((other) => [other.block, targetOf(other)]))
  let at: unknown = targetOf(entry)
  for (let step = 0; step <= targets.size && typeof at === "string"; step++) {
    if (at === entry.block) return false
    at = targets.get(at)
  }
  return true
}

/** Whether words are joined to a clause that goes. */
const takesWordsOf = (join: StructuralProposal, deletion: StructuralProposal): boolean =>
  join.kind === "join" && deletion.kind === "delete" && join.into === deletion.block

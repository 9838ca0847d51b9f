import type { StructuralAct } from "../schema/block.ts"
import { isApart, targetOf } from "../schema/structure.ts"

/** An act on one clause as a whole. */
export type WholeAct = StructuralAct & { readonly block: string }

/** More clauses than these are counted. */
const mostNamed = 2

function named(addresses: readonly string[]): string {
  const [first = "the clause"] = addresses
  return addresses.length > mostNamed ? `${first} and ${addresses.length - 1} more` : addresses.join(" and ")
}

/**
 * What is done to which clauses, wherever changes are listed: "delete resolves 3 b)", "put resolves 3 at level 2", "move resolves 3 behind resolves 1".
 * `acts`: those of one change, each that does something else, or leads elsewhere, told by itself; `addressOf`: how a block is spoken of. "" where there
 * is no act.
 */
export function wholesSaid(acts: readonly WholeAct[], addressOf: (block: string) => string): string {
  const groups: WholeAct[][] = []
  for (const act of acts) {
    const last = groups.at(-1)
    if (last && goesOn(last.at(-1)!, act)) last.push(act)
    else groups.push([act])
  }
  return groups.map((group) => oneSaid(group, addressOf)).join("; ")
}

/** Whether an act does to one more clause what another does: clauses that move stay one behind the other. */
function goesOn(last: WholeAct, act: WholeAct): boolean {
  if (act.kind === "move") return last.kind === "move" && act.after === last.block
  return act.kind === last.kind && (act.kind !== "join" || (targetOf(act) === targetOf(last) && isApart(act) === isApart(last)))
}

function oneSaid(acts: readonly WholeAct[], addressOf: (block: string) => string): string {
  const first = acts[0]!
  const clauses = named([...new Set(acts.map(({ block }) => addressOf(block)))])
  switch (first.kind) {
    case "delete":
      return `delete ${clauses}`
    case "join":
      return isApart(first) ? `move ${clauses} behind ${addressOf(first.into)}` : `join ${clauses} to ${addressOf(first.into)}`
    case "move":
      return `move ${clauses} ${first.after === null ? "to the front" : `behind ${addressOf(first.after)}`}`
    case "level":
      return `put ${clauses} at level ${[...new Set(acts.map(targetOf))].join(", ")}`
    default:
      return first satisfies never
  }
}

/** The same of a split: of which clause, and behind which words. */
export const splitSaid = (address: string, before: string): string => `split ${address}${before ? ` after “${before}”` : ""}`

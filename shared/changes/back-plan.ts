// What is to be done to take a decision back, or what stands in the way: values, which the server carries out or tells.

import type { Block, BlockAttrs, Mark, StructuralProposal } from "../schema/block.ts"
import { idLimit, parseKey, serverClient } from "../schema/keys.ts"
import type { Link } from "./links.ts"
import type { Moment } from "./moment.ts"
import type { ProposalEntry } from "./outcome.ts"
import type { Letters, Origin } from "./placed.ts"
import type { LetterId } from "./sight.ts"
import type { Twin } from "./twins.ts"

/** What is to be done to take a decision back, in this order. */
export interface BackPlan {
  /** Blocks that were cut: their parts are one again. `home`: the block whose words a part has, where that had been joined to the one that was cut. */
  readonly unsplit: readonly { readonly block: string; readonly parts: readonly { readonly id: string; readonly home: string }[] }[]
  /** Blocks that moved go back behind the place that they left. */
  readonly unmoved: readonly { readonly block: string; readonly place: string }[]
  /** Blocks that were joined to others have their words again: those of `letters` on. */
  readonly unjoined: readonly { readonly block: string; readonly from: string; readonly first: Origin | null }[]
  /** Blocks that went are there again, at the place of the element that they were. */
  readonly restored: readonly { readonly block: Block; readonly element: LetterId }[]
  readonly attributes: readonly { readonly block: string; readonly name: keyof BlockAttrs; readonly value: unknown }[]
  /** Blocks of which words or marks return. */
  readonly touched: ReadonlySet<string>
  /** Marks that the decision made: they go. Of what is left of a divided change, with the mark that it was part of. */
  readonly unmade: ReadonlyMap<string, Mark | null>
  /** Marks that the decision wrote with other names, as they were. */
  readonly renamed: ReadonlyMap<string, Mark>
  readonly entries: ReadonlyMap<string, StructuralProposal | null>
  readonly proposals: ReadonlyMap<string, ProposalEntry | null>
  readonly labels: ReadonlyMap<string, string | null>
  /** Labels that clauses which are proposed again had. */
  readonly given: Moment["given"]
  readonly twins: ReadonlyMap<string, readonly Twin[] | null>
  /** Threads of comments that the decision put on another block, and what they were on. */
  readonly anchors: ReadonlyMap<string, string>
  /** Links that hold again what is open again. */
  readonly links: readonly Link[]
  /** Changes that a division made, and what they were part of. */
  readonly merged: ReadonlyMap<string, string>
  /** Changes that were open through the decision and that their sources have taken back since: nothing of them returns. */
  readonly withdrawn: ReadonlySet<string>
  readonly was: Letters
  readonly became: Letters
  /** The server's clock right before the decision. */
  readonly decidedFrom: number
  /** The server's clock since which what comes back was gone. */
  readonly goneSince: number
}

/**
 * What stands in the way: letters, blocks and changes that were decided on later; sources of proposals about blocks that could not stay; and sources of
 * words that were agreed then and are only proposed again.
 */
export interface Obstacles {
  readonly letters: ReadonlySet<Origin>
  readonly blocks: ReadonlySet<string>
  readonly changes: ReadonlySet<string>
  readonly proposed: ReadonlySet<string>
  readonly openAgain: ReadonlySet<string>
}

export const standsInTheWay = (made: object): made is Obstacles => "proposed" in made

/** Whether the server made a mark, by its key, as it carried out the decision: it goes with that, around nothing too. */
export function isMadeByIt({ decidedFrom, goneSince }: BackPlan, key: string): boolean {
  const made = parseKey(key)
  if (made?.client !== serverClient) return false
  const since = made.n - (decidedFrom % idLimit)
  return (since < 0 ? since + idLimit : since) < goneSince - decidedFrom
}

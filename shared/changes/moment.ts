import type { FrozenLabels } from "../clauses/labels.ts"
import type { Block, StructuralProposal } from "../schema/block.ts"
import type { Link } from "./links.ts"
import type { ProposalEntry } from "./outcome.ts"
import type { LetterId } from "./sight.ts"
import type { Twins } from "./twins.ts"

/** All that decisions change in a draft, at one moment, as plain values. */
export interface Moment {
  /** What the server had written by then: its clock. */
  readonly heard: number
  /** In their order, the empty places of blocks that went elsewhere too; runs know the letters they came from. */
  readonly blocks: readonly Block[]
  /** Which element each block is, by its id: a block that moved is another. */
  readonly elements: ReadonlyMap<string, LetterId>
  readonly entries: ReadonlyMap<string, StructuralProposal>
  readonly proposals: ReadonlyMap<string, ProposalEntry>
  readonly labels: FrozenLabels
  /** Labels under which clauses are proposed, each with the level that it was given for (NUM12). */
  readonly given: ReadonlyMap<string, readonly [label: string, level: number]>
  readonly twins: Twins
  readonly links: ReadonlyMap<string, Link>
  /** On which block each thread of comments is, by its key. */
  readonly anchors: ReadonlyMap<string, string>
}

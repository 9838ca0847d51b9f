import { labelsOf, type Renumbering, withRenumbered } from "../../shared/clauses/labels.ts"
import type { Block } from "../../shared/schema/block.ts"
import { type PaperView, type Printable, showsChanges } from "./printable.ts"

/** A tracked change of a label, where a view shows it. */
export interface LabelChange extends Renumbering {
  readonly was: string
}

export interface PaperLabels {
  readonly labels: ReadonlyMap<string, string>
  /** By block id; empty in a view without marks. */
  readonly renumbered: ReadonlyMap<string, LabelChange>
}

/**
 * How a view labels the blocks that it shows: the same in every form, and in every view that shows the clause. The text in force and the working text
 * have the labels in force; what is proposed has those that a file proposes, marked where the view marks changes (NUM8, NUM9).
 */
export function labelsOfView(draft: Printable, view: PaperView, blocks: readonly Block[]): PaperLabels {
  const { profile, labels: frozen, renumbered } = draft
  const standing = { ...frozen, ...Object.fromEntries(labelsOf(draft.blocks, profile, frozen)) }
  const isInForce = view === "force" || view === "working"
  const labels = labelsOf(blocks, profile, isInForce ? standing : withRenumbered(standing, renumbered))
  if (!showsChanges(view)) return { labels, renumbered: new Map() }
  const shown = Object.entries(renumbered).filter(([block]) => labels.has(block))
  return { labels, renumbered: new Map(shown.map(([block, by]) => [block, { ...by, was: frozen[block] ?? "" }])) }
}

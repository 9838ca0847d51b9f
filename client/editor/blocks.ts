import { type Block, type BlockAttrs, defaultAttrs, isBlank } from "../../shared/schema/block.ts"
import { isSplittable } from "../../shared/schema/structure.ts"

// Kinds of block, as far as who writes in one has to know: what is followed by a clause, what goes with its words, and what a new one is like.

/** Kinds of block behind which no clause is proposed: what stands before the first head, and the footnotes. */
const outsideText: ReadonlySet<Block["type"]> = new Set(["designation", "title", "formula", "note"])

/** Whether a new clause can be proposed behind a block. */
export const takesClauseBehind = (block: Block): boolean => !outsideText.has(block.type)
/** Whether a block is of a source, or holds nothing: it goes with its words. */
export const isOwnOrEmpty = (block: Block, source: string): boolean => block.insertedBy === source || isBlank(block)

/** What a new block of a source is like: the one that it follows, or is said to be like. */
export function newBlockAttrs(id: string, like: Block | null, source: string, group: string): BlockAttrs {
  const type = like && isSplittable(like.type) ? like.type : "clause"
  const level = like?.type === "clause" ? like.level : defaultAttrs.level
  const base = { ...defaultAttrs, id, type, insertedBy: source, insertedId: group, dir: like?.dir ?? defaultAttrs.dir } as BlockAttrs
  return type === "clause" ? { ...base, level } : base
}

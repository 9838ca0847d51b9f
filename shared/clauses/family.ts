import { type Block, isBlank, isPresent, textOf } from "../schema/block.ts"

const continuing: ReadonlySet<Block["type"]> = new Set(["paragraph", "quote", "table"])

/** Whether words announce what stands below them. */
const announces = (block: Block): boolean => /[:：]\s*$/u.test(textOf(block))

/**
 * What goes where a clause goes, as places in a list of blocks: itself, the deeper clauses below it, and the quotations, tables and paragraphs that
 * continue any of them; it is by the clause that these are addressed (NUM7). A paragraph behind the last clause of a text belongs to it only where that
 * announces it, for it may as well be the end of the text. What is not drawn is left out. Nothing that is agreed belongs to a clause that is only proposed,
 * though it stands below it now: it belongs to what that was put into.
 */
export function familyOf(blocks: readonly Block[], index: number): number[] {
  const first = blocks[index]
  if (first?.type !== "clause") return [index]
  const family = [index]
  let perhaps: number[] = []
  let last = first
  for (let i = index + 1; i < blocks.length; i++) {
    const block = blocks[i]!
    if (!isPresent(block) || isBlank(block)) continue
    const isElsewhere = first.insertedBy !== null && block.insertedBy === null
    if (isElsewhere || block.type === "head" || (block.type === "clause" && block.level <= first.level)) return [...family, ...perhaps]
    if (block.type !== "clause" && !continuing.has(block.type)) break
    perhaps.push(i)
    if (block.type !== "paragraph" || announces(last)) {
      family.push(...perhaps)
      perhaps = []
    }
    last = block
  }
  return family
}

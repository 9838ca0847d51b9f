// In Word a clause is joined to another by the mark of the end between them: only to what stands right before it, and only where no other act takes either away.
import { isJoin } from "../../../shared/schema/structure.ts"
import type { Attribution, SheetBlock } from "../sheet.ts"

/** Whether the mark of the end before a clause says that it is joined to what stands there: no other act takes either of them away. */
export function isJoinedBefore(blocks: readonly SheetBlock[], index: number): boolean {
  const own = blocks[index]!
  const join = own.block.structure.find(isJoin)
  let before = index - 1
  while (blocks[before]?.deleted) before--
  if (!join || before < 0 || own.deleted || own.moved || blocks[before]!.moved) return false
  return leadsTo(blocks, join.into, index)
}

/** Who joins the next block that stays to this one: then its end is deleted. */
export function joinedBehind(blocks: readonly SheetBlock[], index: number): Attribution | null {
  let i = index + 1
  while (blocks[i]?.deleted) i++
  return blocks[i] && isJoinedBefore(blocks, i) ? blocks[i]!.joined : null
}

/** Whether what stands right before a clause is what it is to be joined to, but for clauses that go. */
function leadsTo(blocks: readonly SheetBlock[], into: string, index: number): boolean {
  for (let i = index - 1, at = blocks[i]; at; at = blocks[--i]) {
    if (at.block.id === into) return at.moved === null && !at.deleted
    const other = at.block.structure.find(isJoin)
    if (!at.deleted && !other) return false
  }
  return false
}

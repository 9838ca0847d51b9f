// What is proven of a decision that was taken back: letter by letter, whose it is, where it stands and who strikes it (BACK2).

import type { Block } from "../schema/block.ts"
import { type BackPlan, isMadeByIt } from "./back-plan.ts"
import type { Moment } from "./moment.ts"
import { isMadeBefore, type Letters, lettersOf, ownerOn, standsSame, struckBy } from "./placed.ts"
import type { OriginOf } from "./sight.ts"

/**
 * What taking back changed that it must not; null: nothing. Every letter that the decision touched stands as it stood before; every other as it stands
 * now, but for those that go with a block; and their order in each block is that of both.
 */
export function flawOfTakingBack(plan: BackPlan, now: Moment, result: readonly Block[], originOf: OriginOf): string | null {
  const { was, became, merged } = plan
  const changed = changedBlocks(now.blocks, result)
  const is = lettersOf(
    now.blocks.filter(({ id }) => changed.has(id)),
    originOf,
  )
  const comes = lettersOf(
    result.filter(({ id }) => changed.has(id)),
    originOf,
  )
  const wholes = new Set([
    ...plan.unsplit.flatMap(({ block, parts }) => [block, ...parts.map(({ id }) => id)]),
    ...plan.unjoined.flatMap(({ block, from }) => [block, from]),
  ])
  const asOne = (change: string | null): string | null => (change === null ? null : (merged.get(change) ?? change))
  for (const [origin, placed] of comes) {
    const then = was.get(origin)
    const isTouched = then !== undefined && !standsSame(then, became.get(origin))
    const [owner, block] = isTouched ? [ownerOn(then), then.block] : [asOne(ownerOn(is.get(origin))), is.get(origin)?.block]
    if (!isTouched && !is.has(origin)) return `letters that nobody wrote in block ${placed.block}`
    if (ownerOn(placed) !== owner) return `whose letters in block ${placed.block} are`
    if (placed.block !== block && !(wholes.has(placed.block) && wholes.has(block ?? ""))) return `where letters of block ${block} stand`
    const strikes = isTouched ? struckBy(then) : struckBy(is.get(origin)).map((change) => asOne(change)!)
    const may = new Set([...struckBy(is.get(origin)).map((change) => asOne(change)!), ...strikes])
    const struck = struckBy(placed)
    // Struck before its maker heard of the decision, it is struck also where that arrived later.
    if (isTouched)
      for (const mark of placed.marks) if (isMadeBefore(mark, plan.goneSince) && !isMadeByIt(plan, mark.key)) may.add(mark.changeId)
    // What struck it before and after may have been taken back by its source since.
    const hasGone = (change: string): boolean =>
      isTouched && (plan.withdrawn.has(change) || (is.has(origin) && struckBy(became.get(origin)).includes(change)))
    if (struck.some((change) => !may.has(change)) || strikes.some((change) => !struck.includes(change) && !hasGone(change)))
      return `who strikes letters in block ${placed.block}`
  }
  for (const [origin, { block }] of is) if (!comes.has(origin)) return `letters of block ${block}, which go`
  for (const [origin, then] of was)
    if (!became.has(origin) && !comes.has(origin)) return `letters of block ${then.block}, which do not come back`
  return orderFlaw(was, is, comes)
}

/** Blocks that are not the same at two moments. */
function changedBlocks(now: readonly Block[], result: readonly Block[]): Set<string> {
  const were = new Map(now.map((block) => [block.id, block]))
  const are = new Set(result.map(({ id }) => id))
  return new Set([...result.filter((block) => were.get(block.id) !== block), ...now.filter(({ id }) => !are.has(id))].map(({ id }) => id))
}

/** Letters of a block that stand in another order than before, or than now. */
function orderFlaw(was: Letters, is: Letters, comes: Letters): string | null {
  for (const earlier of [was, is]) {
    const last = new Map<string, number>()
    for (const [origin, { block }] of comes) {
      const then = earlier.get(origin)
      if (!then) continue
      const key = JSON.stringify([block, then.block])
      if ((last.get(key) ?? -1) > then.at) return `the order of letters in block ${block}`
      last.set(key, then.at)
    }
  }
  return null
}

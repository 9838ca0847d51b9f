import type { ThreadPlace } from "../../shared/comments/place-of.ts"
import { type Block, isPresent, textOf } from "../../shared/schema/block.ts"
import type { RemarkPlace, RemarkTarget } from "./remarks.ts"

/** A stretch of letters of one block. */
export interface Stretch {
  readonly block: string
  readonly from: number
  readonly to: number
}

/** What finding a remark's subject needs of the open draft. */
export interface RemarkSight {
  readonly blocks: readonly Block[]
  /** The letters that stand between two staying places now, or null where they are gone. */
  readonly between: (target: RemarkTarget & { on: "words" }) => Stretch | null
  readonly placeOf: (thread: string) => ThreadPlace | undefined
}

/** The block that holds a block's words now: itself, or the one that it was joined to. Null: it is gone. */
function holderOf(blocks: readonly Block[], id: string): Block | null {
  const byId = new Map(blocks.map((block) => [block.id, block]))
  let block = byId.get(id)
  for (let steps = 0; block && !isPresent(block) && steps < 100; steps++) {
    // The empty place of a clause that went leads nowhere.
    if (block.joined === block.id) return null
    block = byId.get(block.joined!)
  }
  return block ?? null
}

/** Where words stand that are found once in the whole draft. */
function found(blocks: readonly Block[], quote: string): RemarkPlace | null {
  const places: RemarkPlace[] = []
  for (const block of blocks) {
    const text = textOf(block)
    for (let from = text.indexOf(quote); from >= 0 && places.length < 2; from = text.indexOf(quote, from + 1))
      places.push({ block: block.id, from, to: from + quote.length, isGone: false })
  }
  return places.length === 1 ? places[0]! : null
}

/** Where the subject of a remark stands now; null where its clause is gone. */
export function placeOfRemark(target: RemarkTarget, sight: RemarkSight): RemarkPlace | null {
  const { blocks } = sight
  const holder = holderOf(blocks, target.block)
  const atClause = (isGone: boolean): RemarkPlace | null => (holder ? { block: holder.id, from: 0, to: 0, isGone } : null)
  switch (target.on) {
    case "words": {
      const here = sight.between(target)
      return here && here.to > here.from ? { ...here, isGone: false } : (found(blocks, target.quote) ?? atClause(true))
    }
    case "thread": {
      const place = sight.placeOf(target.thread)
      return place && place.block !== null
        ? { block: place.block, from: place.from, to: place.to, isGone: place.standing === "gone" }
        : null
    }
    case "clause":
    case "change":
      return atClause(false)
    default:
      return target satisfies never
  }
}

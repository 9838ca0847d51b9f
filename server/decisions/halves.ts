/** Replacements that would be open again as half of themselves: the words of one side were taken out since by those who wrote them (BACK3). */
import { type Change, changesInSlices, type Segment } from "../../shared/changes/changes.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import { inQuotes } from "../../shared/changes/wording.ts"
import type { Block } from "../../shared/schema/block.ts"
import { DomainError } from "../problems.ts"

/** What is to be open again, and the draft right before what closed it. */
export interface Closed {
  readonly ids: ReadonlySet<string>
  readonly blocks: readonly Block[]
}

/** Replacements that are to be open again, as they were. One that stands in the text, accepted and waiting, is what its words are by now. */
export function* replacementsClosed(now: readonly Block[], closed: readonly Closed[]): Sliced<Map<string, Change>> {
  const ids = new Set(closed.flatMap((one) => [...one.ids]))
  const standing = new Set((yield* changesInSlices(now, ids)).map(({ id }) => id))
  const found = new Map<string, Change>()
  for (const one of closed) {
    const asked = new Set([...one.ids].filter((id) => !standing.has(id)))
    if (asked.size > 0) for (const change of yield* changesInSlices(one.blocks, asked)) if (isWhole(change)) found.set(change.id, change)
  }
  return found
}

/** The one of them that comes back without its own words, or without those that it replaces; null: none does. */
export function halfAmong(were: ReadonlyMap<string, Change>, reopened: Iterable<Change>): HalfLeft | null {
  let isOfSeveral = false
  let half: { was: Change; lost: Segment["kind"] } | null = null
  for (const change of reopened) {
    const was = were.get(change.id)
    const [kind, ...others] = kindsIn(change)
    if (was && kind !== undefined && others.length === 0) half ??= { was, lost: kind === "insertion" ? "deletion" : "insertion" }
    else isOfSeveral = true
  }
  return half && new HalfLeft(half.was, half.lost, isOfSeveral)
}

const kindsIn = ({ segments }: Change): readonly Segment["kind"][] => [...new Set(segments.map(({ kind }) => kind))]
const isWhole = (change: Change): boolean => kindsIn(change).length === 2

/** Of a replacement one side is gone for good. */
export class HalfLeft extends DomainError {
  constructor({ source, inserted, deleted }: Change, lost: Segment["kind"], isOfSeveral: boolean) {
    const what =
      lost === "deletion"
        ? `${inQuotes(deleted)}, which ${source} proposed to replace,`
        : `${inQuotes(inserted)}, which ${source} proposed,`
    const others = isOfSeveral ? " Open what else was decided with it again one by one from the record." : ""
    super(
      "conflict",
      `${what} was taken out since by those who wrote it, and without it only a half of that proposal would be open again. It can be proposed again.${others}`,
      {
        first: [],
      },
    )
  }
}

/** Replacements that would be open again as something else: words of one side were taken out since by those who wrote them (BACK3). */

import { type Change, changesInSlices, countsOn, isAbout, type Segment } from "../../shared/changes/changes.ts"
import { lettersOf, type Origin } from "../../shared/changes/placed.ts"
import type { OriginOf } from "../../shared/changes/sight.ts"
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

/** The letters that a replacement takes out, in the order of the text. */
export type Struck = readonly (readonly [Origin, string])[]

/** What each of some replacements takes out in these blocks. */
export function struckBy(
  replacements: { has(change: string): boolean },
  blocks: readonly Block[],
  originOf: OriginOf,
): Map<string, Struck> {
  const struck = new Map<string, [Origin, string][]>()
  const letters = lettersOf(
    blocks.filter((block) => isAbout(block, replacements)),
    originOf,
  )
  for (const [origin, { letter, marks }] of letters)
    for (const mark of marks)
      if (mark.name === "deletion" && replacements.has(mark.changeId) && countsOn(mark, marks)) {
        const known = struck.get(mark.changeId)
        if (known) known.push([origin, letter])
        else struck.set(mark.changeId, [[origin, letter]])
      }
  return struck
}

/**
 * The one of them that comes back without some of the words that it takes out; null: none does. Of one segment or letter fewer it would be another proposal,
 * and what it puts in might stand right beside what its owner has put there instead.
 */
export function partAmong(
  were: ReadonlyMap<string, Change>,
  meant: ReadonlyMap<string, Struck>,
  reopened: Iterable<Change>,
  now: ReadonlyMap<string, Struck>,
): HalfLeft | null {
  const all = [...reopened]
  for (const { id } of all) {
    const was = were.get(id)
    const left = new Set(now.get(id)?.map(([origin]) => origin))
    const parted: { words: string; isLost: boolean }[] = []
    for (const [origin, letter] of meant.get(id) ?? []) {
      const [last, isLost] = [parted.at(-1), !left.has(origin)]
      if (last?.isLost === isLost) last.words += letter
      else parted.push({ words: letter, isLost })
    }
    const lost = parted.flatMap(({ words, isLost }) => (isLost ? [words] : []))
    if (was && lost.length > 0) return new HalfLeft({ ...was, deleted: lost.join(" … ") }, "deletion", all.length > 1)
  }
  return null
}

const kindsIn = ({ segments }: Change): readonly Segment["kind"][] => [...new Set(segments.map(({ kind }) => kind))]
const isWhole = (change: Change): boolean => kindsIn(change).length === 2

/** Of a replacement one side is gone for good, or words of it. */
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

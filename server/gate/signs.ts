/** Where new signs stand that have a meaning of their own, or that nobody sees (GATE1). */
import { anchorCharacter, type Mark, ownerOf, splitCharacter } from "../../shared/schema/block.ts"
import { strangePlaces } from "../../shared/schema/characters.ts"
import type { PlacedRun, Stretch } from "../../shared/schema/runs.ts"
import { isSplittable } from "../../shared/schema/structure.ts"
import { type Case, type Refused, refused } from "./case.ts"
import type { At } from "./repairs.ts"

const tableSigns = /[\t\n]/
const anchorPattern = new RegExp(anchorCharacter, "g")

/** The part of a run that the update brought; "" where it brought none of it. */
function newPart({ fresh }: Case, { client, clock, text }: PlacedRun): string {
  const known = fresh.known.get(client)
  return known === undefined ? "" : text.slice(Math.max(0, known - clock))
}

/**
 * Why new signs may not stand where they stand, or null: those of a table in a table alone, that of a footnote's call where it is one or was one, that of
 * a split alone under a new mark, in what may be two clauses. What an undo brings back may come without its mark, which was decided meanwhile, or among words of a file under an older
 * one; a new block has none to be brought back.
 */
export function refusedSigns(update: Case): Refused | null {
  if (!update.fresh.hasSigns) return null
  for (const [at, reading] of update.after.blocks)
    for (const run of reading?.runs ?? []) {
      const text = newPart(update, run)
      if (text === "") continue
      if (reading?.type !== "table" && tableSigns.test(text)) return refused("characters", at)
      if (isLoneCall(run, text) && !isBroughtBack(update, at, ownerOf(run.marks))) return refused("characters", at)
      if (!text.includes(splitCharacter)) continue
      if (isBadSplit(update, at, text, ownerOf(run.marks)) || !isSplittable(reading?.type)) return refused("characters", at)
    }
  return null
}

/** Whether new words hold the sign of a footnote's call where there is none. */
const isLoneCall = ({ marks }: PlacedRun, text: string): boolean =>
  text.includes(anchorCharacter) && !marks.some(({ name }) => name === "noteRef")

/** Whether words came under a mark of their source that was there before: an undo writes so, among what others have changed since. */
const isBroughtBack = ({ before, fresh, source }: Case, at: At, owner: Mark | null): boolean =>
  before.blocks.has(at) && owner?.source === source && !fresh.marks.has(owner.key)

/** The signs of calls whose footnote went while they were deleted: an undo brings the letters back, and these are stripped of them. */
export function lostCalls(update: Case): Stretch[] {
  if (!update.fresh.hasSigns) return []
  return [...update.after.blocks.values()].flatMap((reading) =>
    (reading?.runs ?? []).flatMap((run) => {
      const text = newPart(update, run)
      if (!isLoneCall(run, text)) return []
      const first = run.clock + run.text.length - text.length
      return [...text.matchAll(anchorPattern)].map(({ index }) => ({ client: run.client, clock: first + index, length: 1 }))
    }),
  )
}

function isBadSplit({ before, fresh, source }: Case, at: At, text: string, owner: Mark | null): boolean {
  if (owner?.source !== source) return !before.blocks.has(at)
  return text !== splitCharacter && fresh.marks.has(owner.key)
}

/** New invisible signs that stand where no script needs them: they go. */
export function invisibleSigns(update: Case): Stretch[] {
  const found: Stretch[] = []
  if (!update.fresh.hasSigns) return found
  for (const reading of update.after.blocks.values()) {
    const runs = reading?.runs ?? []
    const places = strangePlaces(runs.map((run) => run.text).join(""))
    if (places.length === 0) continue
    let from = 0
    for (const run of runs) {
      const known = update.fresh.known.get(run.client) ?? Number.POSITIVE_INFINITY
      for (const place of places) {
        const at = place.from - from
        const clock = run.clock + at
        if (at >= 0 && at < run.text.length && clock >= known) found.push({ client: run.client, clock, length: place.to - place.from })
      }
      from += run.text.length
    }
  }
  return found
}

/** What Yjs puts in the place of each half of a sign of two UTF-16 units that is cut in two. */
const half = /\ufffd/g
const isHalf = /[\ud800-\udfff]/

/** The halves of signs that the update cut in two: they go, for nobody can read them. */
export function halvedSigns({ before, after }: Case): Stretch[] {
  const found: Stretch[] = []
  for (const [at, reading] of after.blocks)
    for (const { client, clock, text } of reading?.runs ?? [])
      if (text.includes("\ufffd"))
        for (const { index } of text.matchAll(half)) {
          const letter = clock + index
          const was = before.blocks
            .get(at)
            ?.runs.find((run) => run.client === client && run.clock <= letter && letter < run.clock + run.text.length)
          if (was && isHalf.test(was.text[letter - was.clock]!)) found.push({ client, clock: letter, length: 1 })
        }
  return found
}

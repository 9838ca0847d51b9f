/** Where new signs stand that have a meaning of their own, or that nobody sees (GATE1). */
import { anchorCharacter, type Mark, ownerOf, splitCharacter } from "../../shared/schema/block.ts"
import { strangePlaces } from "../../shared/schema/characters.ts"
import type { Stretch } from "../../shared/sync/moves.ts"
import type { PlacedRun } from "../../shared/sync/read.ts"
import { type Case, type Refused, refused } from "./case.ts"
import type { At } from "./repairs.ts"

const tableSigns = /[\t\n]/

/** The part of a run that the update brought; "" where it brought none of it. */
function newPart({ fresh }: Case, { client, clock, text }: PlacedRun): string {
  const known = fresh.known.get(client)
  return known === undefined ? "" : text.slice(Math.max(0, known - clock))
}

/**
 * Why new signs may not stand where they stand, or null: those of a table in a table alone, that of a footnote's call where it is one, that of a split
 * alone under a new mark. What an undo brings back may come without its mark, which was decided meanwhile, or among words of a file under an older
 * one; a new block has none to be brought back.
 */
export function refusedSigns(update: Case): Refused | null {
  if (!update.fresh.hasSigns) return null
  for (const [at, reading] of update.after.blocks)
    for (const run of reading?.runs ?? []) {
      const text = newPart(update, run)
      if (text === "") continue
      if (reading?.type !== "table" && tableSigns.test(text)) return refused("characters", at)
      if (text.includes(anchorCharacter) && !run.marks.some((mark) => mark.name === "noteRef")) return refused("characters", at)
      if (text.includes(splitCharacter) && isBadSplit(update, at, text, ownerOf(run.marks))) return refused("characters", at)
    }
  return null
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

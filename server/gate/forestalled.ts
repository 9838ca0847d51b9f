/**
 * RIVAL4: a deletion whose letters an accepted change had taken out before it arrived, without its writer having heard. That is noted beside the change:
 * of what was to replace those words only its own words are left, and nothing in the text tells any more what they were for.
 */
import type { ForestalledNote } from "../../shared/changes/forestalled.ts"
import type { Mark } from "../../shared/schema/block.ts"
import type { Case } from "./case.ts"
import { isFresh } from "./fresh.ts"
import type { Piece } from "./reading.ts"
import type { Repair } from "./repairs.ts"

interface Reach {
  readonly change: string
  readonly takenIn: ((letters: Piece) => readonly ForestalledNote[]) | null
  readonly taken: ForestalledNote[]
  /** Whether words that stay came since the last that were taken. */
  isParted: boolean
}

/** `pieces`: of one block; `nameOf`: a new mark as it will be written. */
export function forestalledAmong({ fresh, rest }: Case, pieces: readonly Piece[], nameOf: (mark: Mark) => Mark): Repair[] {
  const reaching = new Map<string, Reach>()
  const repairs: Repair[] = []
  for (const piece of pieces) {
    if (piece.kind === "marker") {
      const found = fresh.marks.get(piece.key)
      if (piece.mark?.name === "deletion" && found && isFresh(fresh, piece))
        reaching.set(piece.key, {
          change: nameOf(piece.mark).changeId,
          takenIn: rest.takenSince(found.heard),
          taken: [],
          isParted: false,
        })
      const reach = piece.mark ? undefined : reaching.get(piece.key)
      if (reach && reach.taken.length > 0) repairs.push({ kind: "forestall", change: reach.change, taken: reach.taken })
      if (reach) reaching.delete(piece.key)
    } else if (piece.kind === "gone") for (const reach of reaching.values()) add(reach, reach.takenIn?.(piece) ?? [])
    else for (const reach of reaching.values()) reach.isParted = true
  }
  return repairs
}

/** What one change took is told as one, in the order of the text. */
function add(reach: Reach, found: readonly ForestalledNote[]): void {
  const { taken } = reach
  for (const { by, words, letters = [] } of found) {
    const last = taken.at(-1)
    if (last?.by === by)
      taken[taken.length - 1] = {
        by,
        words: `${last.words}${reach.isParted ? " … " : ""}${words}`,
        letters: [...(last.letters ?? []), ...letters],
      }
    else taken.push({ by, words, letters })
    reach.isParted = false
  }
}

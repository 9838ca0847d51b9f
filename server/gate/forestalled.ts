/**
 * RIVAL4: a deletion whose letters an accepted change had taken out before it arrived, without its writer having heard. That is noted beside the change:
 * of what was to replace those words only its own words are left, and nothing in the text tells any more what they were for.
 */
import type { ForestalledNote, TakenWords } from "../../shared/changes/forestalled.ts"
import type { Mark } from "../../shared/schema/block.ts"
import type { Case } from "./case.ts"
import { isFresh } from "./fresh.ts"
import type { Piece } from "./reading.ts"
import type { Repair } from "./repairs.ts"

interface Reach {
  readonly mark: Mark
  readonly takenIn: ((letters: Piece) => readonly TakenWords[]) | null
  readonly taken: TakenWords[]
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
          mark: nameOf(piece.mark),
          takenIn: rest.takenSince(found.heard),
          taken: [],
          isParted: false,
        })
      const reach = piece.mark ? undefined : reaching.get(piece.key)
      if (reach && reach.taken.length > 0)
        repairs.push({ kind: "forestall", change: reach.mark.changeId, taken: reach.taken.map((taken) => noteOf(reach.mark, taken)) })
      if (reach) reaching.delete(piece.key)
    } else if (piece.kind === "gone") for (const reach of reaching.values()) add(reach, reach.takenIn?.(piece) ?? [])
    else for (const reach of reaching.values()) reach.isParted = true
  }
  return repairs
}

/** What is noted of words that had gone. A deletion that does not say what its writer had heard is not put on them again. */
const noteOf = ({ id, over, heard }: Mark, { letters, ...note }: TakenWords): ForestalledNote =>
  heard === "" ? note : { ...note, deletion: { id, over, heard, letters } }

/** Deletions that their source takes back: nothing is noted of them any more. */
export function forgotten({ rest }: Case, taken: ReadonlySet<string>): Repair[] {
  return [...taken].flatMap((key): Repair[] => {
    const mark = rest.markOf(key)
    return mark?.name === "deletion" && rest.isForestalled(mark.changeId) ? [{ kind: "forget", change: mark.changeId, mark: mark.id }] : []
  })
}

/** What one change took is told as one, in the order of the text. */
function add(reach: Reach, found: readonly TakenWords[]): void {
  const { taken } = reach
  for (const { by, words, letters } of found) {
    const last = taken.at(-1)
    if (last?.by === by)
      taken[taken.length - 1] = {
        by,
        words: `${last.words}${reach.isParted ? " … " : ""}${words}`,
        letters: [...last.letters, ...letters],
      }
    else taken.push({ by, words, letters })
    reach.isParted = false
  }
}

/**
 * RIVAL4: a deletion whose letters an accepted change had taken out before it arrived, without its writer having heard. That is noted beside the change:
 * of what was to replace those words only its own words are left, and nothing in the text tells any more what they were for.
 */
import type { ForestalledNote, TakenWords } from "../../shared/changes/forestalled.ts"
import type { Mark } from "../../shared/schema/block.ts"
import type { Moves } from "../../shared/sync/moves.ts"
import { costs } from "./bounds.ts"
import type { Case, TakenLetters } from "./case.ts"
import { isFresh } from "./fresh.ts"
import type { Piece } from "./reading.ts"
import type { Repair } from "./repairs.ts"

interface Reach {
  readonly mark: Mark
  /** The server's clock as its writer knew it. */
  readonly heard: number
  readonly taken: Writable[]
  /** Whether words that stay came since the last that were taken. */
  isParted: boolean
}

type Letters = TakenWords["letters"][number]

interface Writable {
  readonly by: string
  words: string
  readonly letters: Letters[]
}

/**
 * `pieces`: of one block; `nameOf`: a new mark as it will be written. Each piece is looked up once, however many deletions lie over it. Null: what they
 * reach is more than one update may have mended.
 */
export function forestalledAmong({ fresh, rest }: Case, pieces: readonly Piece[], nameOf: (mark: Mark) => Mark): Repair[] | null {
  const reaching = new Map<string, Reach>()
  const repairs: Repair[] = []
  let count = 0
  for (const piece of pieces) {
    if (piece.kind === "marker") {
      const found = fresh.marks.get(piece.key)
      if (piece.mark?.name === "deletion" && found && isFresh(fresh, piece))
        reaching.set(piece.key, { mark: nameOf(piece.mark), heard: found.heard, taken: [], isParted: false })
      const reach = piece.mark ? undefined : reaching.get(piece.key)
      if (reach && reach.taken.length > 0)
        repairs.push({ kind: "forestall", change: reach.mark.changeId, taken: reach.taken.map((taken) => noteOf(reach.mark, taken)) })
      if (reach) reaching.delete(piece.key)
    } else if (reaching.size === 0) continue
    else if (piece.kind === "gone") {
      for (const taken of rest.takenOf(piece))
        for (const reach of reaching.values()) {
          if (taken.since < reach.heard) continue
          if (++count > costs.mended) return null
          add(reach, taken, rest.moves)
        }
    } else for (const reach of reaching.values()) reach.isParted = true
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
function add(reach: Reach, { by, words, ...letters }: TakenLetters, moves: Moves): void {
  // What was gone for its writer too, and was there between two decisions alone, was none of it.
  for (const { client, clock, length } of moves.thereFor(letters, reach.heard)) {
    const found = words.slice(clock - letters.clock, clock - letters.clock + length)
    const last = reach.taken.at(-1)
    if (last?.by === by) {
      last.words += `${reach.isParted ? " … " : ""}${found}`
      last.letters.push([client, clock, length])
    } else reach.taken.push({ by, words: found, letters: [[client, clock, length]] })
    reach.isParted = false
  }
}

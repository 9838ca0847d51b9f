import type { Verdict } from "../../shared/changes/effects.ts"
import { type BlockRead, type DocRead, isStruckBy, type OpenMark } from "../oracle.ts"

/**
 * What verdicts make of letters, written from the rules alone (RES1-RES5, RES8): it shares no code with what it checks. It says of each letter whether it
 * stays; what becomes of blocks as wholes is not its matter.
 */
interface Letter {
  readonly id: string
  readonly block: BlockRead
  /** Insertions around it, outermost first; the last one put it there. */
  readonly inside: readonly OpenMark[]
  readonly deletions: readonly OpenMark[]
  readonly owner: OpenMark | null
  readonly marks: readonly OpenMark[]
}

export type Verdicts = ReadonlyMap<string, Verdict>

export function lettersOf(read: DocRead): Letter[] {
  const all: Letter[] = []
  for (const block of read.blocks)
    for (const { ids, marks, owner } of block.letters) {
      const hosts = owner ? marks.filter((mark) => mark.name === "insertion" && mark !== owner && owner.within.includes(mark.id)) : []
      const inside = owner ? [...hosts, owner] : []
      const deletions = marks.filter(({ name }) => name === "deletion")
      for (const id of ids) all.push({ id, block, inside, deletions, owner, marks })
    }
  return all
}

const aimsAt = (deletion: OpenMark, letter: Letter): boolean => isStruckBy(letter.owner, deletion, letter.marks)

/** RES3: a change that was accepted inside words of another that are taken back falls with them. */
function withFallen(all: readonly Letter[], given: Verdicts): Verdicts {
  const verdicts = new Map(given)
  for (const { owner, inside } of all)
    if (owner && verdicts.get(owner.change) === "accept" && inside.some(({ change }) => verdicts.get(change) === "withdraw"))
      verdicts.set(owner.change, "notRetain")
  return verdicts
}

/** The ids of the letters that are left once all these verdicts were given. */
export function leftAfter(read: DocRead, given: Verdicts): Set<string> {
  const all = lettersOf(read)
  const verdicts = withFallen(all, given)
  // What is taken out may leave a change with nothing, which then holds up nothing.
  for (let left = all; ; ) {
    const next = afterVerdicts(all, verdicts, left)
    if (next.length === left.length) return new Set(next.map(({ id }) => id))
    left = next
  }
}

function afterVerdicts(all: readonly Letter[], verdicts: Verdicts, left: readonly Letter[]): Letter[] {
  const living = new Set(left.flatMap(({ owner }) => (owner ? [owner.change] : [])))
  const striking = new Set(left.flatMap((letter) => letter.deletions.filter((mark) => aimsAt(mark, letter)).map(({ change }) => change)))
  const isWithdrawn = (mark: OpenMark): boolean => verdicts.get(mark.change) === "withdraw"
  const isOpen = (mark: OpenMark): boolean => verdicts.get(mark.change) !== "accept" && !isWithdrawn(mark) && living.has(mark.change)
  /** It stands inside a deletion that was not aimed at it and that nobody has decided on; one that takes nothing out is none. */
  const waits = (letter: Letter): boolean =>
    letter.deletions.some((mark) => !verdicts.has(mark.change) && !aimsAt(mark, letter) && striking.has(mark.change))
  return all.filter((letter) => {
    const { inside, deletions, owner } = letter
    if (owner && isWithdrawn(owner)) return false
    if (inside.some((mark) => verdicts.get(mark.change) === "notRetain")) return false
    if (inside.some(isOpen)) return true
    // What an open insertion came to stand around waits for it, though it was not put into it (RES8).
    if (owner && letter.marks.some((mark) => mark.name === "insertion" && !inside.includes(mark) && isOpen(mark))) return true
    const isAgainstGone = (deletion: OpenMark): boolean => inside.some((mark) => deletion.over.includes(mark.id) && isWithdrawn(mark))
    const takesOut = (mark: OpenMark): boolean =>
      verdicts.get(mark.change) === "accept" && aimsAt(mark, letter) && !isAgainstGone(mark) && !waits(letter)
    return !deletions.some(takesOut)
  })
}

import { normal } from "../../shared/changes/as-compared.ts"
import type { FileChange } from "../files/file-draft.ts"

/** A stretch of a block of a file of which each letter was put in by one change, or by none, and taken out by the same ones. */
export interface Piece {
  readonly from: number
  readonly text: string
  readonly owner: FileChange | null
  readonly takenBy: readonly FileChange[]
}

/** What of a file's block has become the text of the draft. */
export interface AgreedThere {
  /** The changes that are carried out in it. */
  readonly changes: ReadonlySet<FileChange>
  /** Of each letter of the file's block the place among the draft's words; null where it is not there. */
  readonly to: readonly (number | null)[]
}

/** So many steps are tried; a block that has not come out by then is left as it is. */
const mostSteps = 20_000
const mostPieces = 2_000

/** Whether two signs are one as what is there already is known again. */
export const isSameSign = (a: string, b: string): boolean => a === b || (normal(a) === normal(b) && normal(a) !== "")

export function isSameWords(a: string, b: string): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (!isSameSign(a[i]!, b[i]!)) return false
  return true
}

/**
 * Which changes of a block of a file have to be carried out for it to read as the draft does, letter by letter; null: it reads otherwise whichever are.
 * Where several answers come to the same words that one is given by which more is agreed. `isAgreed`: what is known of some of them.
 */
export function agreedThere(
  pieces: readonly Piece[],
  words: string,
  isAgreed: ReadonlyMap<FileChange, boolean> = new Map(),
): AgreedThere | null {
  if (pieces.length > mostPieces) return null
  const chosen = new Map(isAgreed)
  const at: (number | null)[] = new Array<number | null>(pieces.length).fill(null)
  let steps = 0
  const choosing = (change: FileChange | null, goesOn: (isCarriedOut: boolean) => boolean): boolean => {
    if (change === null) return goesOn(true)
    const known = chosen.get(change)
    if (known !== undefined) return goesOn(known)
    for (const isCarriedOut of [true, false]) {
      chosen.set(change, isCarriedOut)
      if (goesOn(isCarriedOut)) return true
    }
    chosen.delete(change)
    return false
  }
  const fits = (i: number, place: number): boolean => {
    if (++steps > mostSteps) return false
    const piece = pieces[i]
    if (!piece) return place === words.length
    const goes = (): boolean => {
      at[i] = null
      return fits(i + 1, place)
    }
    const stays = (): boolean => {
      const { text } = piece
      if (!isSameWords(text, words.slice(place, place + text.length))) return false
      at[i] = place
      return fits(i + 1, place + text.length)
    }
    const taken = (n: number): boolean => {
      const by = piece.takenBy[n]
      return by ? choosing(by, (isOut) => (isOut ? goes() : taken(n + 1))) : stays()
    }
    return choosing(piece.owner, (isIn) => (isIn ? taken(0) : goes()))
  }
  if (!fits(0, 0)) return null
  const to: (number | null)[] = []
  for (const [i, { text }] of pieces.entries()) for (let n = 0; n < text.length; n++) to.push(at[i] === null ? null : at[i]! + n)
  return { changes: new Set([...chosen].filter(([, isCarriedOut]) => isCarriedOut).map(([change]) => change)), to }
}

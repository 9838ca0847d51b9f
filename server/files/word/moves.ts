import { compareTokens, compareWords, type Stretch, tokensOf } from "../../../shared/changes/compare.ts"
import type { Left, Piece } from "./items.ts"
import { isDeleted, isInserted, textOf } from "./pieces.ts"
import type { Revision } from "./revision.ts"

/** A passage that moved, its two ends put together. */
export interface Merged {
  readonly pieces: readonly Piece[]
  /** Words that somebody struck at the old place, and that live on at the new one. */
  readonly lives: readonly Left[]
  /** Footnotes that both ends call, each with a copy of its own: that of the new place by that of the old. */
  readonly notes: ReadonlyMap<string, string>
}

const isSame = (a: Revision, b: Revision): boolean => a.kind === b.kind && a.author === b.author && a.date === b.date

/**
 * Puts the ends of a moved passage together. Each end tells half of what became of it: who struck words in it after it moved says so at the new place
 * alone. With all accepted the pieces are the words at the new place, with all rejected those at the old one; what others did to them is theirs, what
 * is no more or not yet the same is the mover's. Null where the ends are two texts.
 */
export function mergedEnds(from: readonly Piece[], to: readonly Piece[], left: Revision, came: Revision): Merged | null {
  const old = without(from, left)
  const now = without(to, came)
  return index(old, now) ?? compared(old, now, { ...left, move: null }, { ...came, move: null })
}

/** Pieces without the revisions of a move. */
const without = (pieces: readonly Piece[], move: Revision): Piece[] =>
  pieces.map((piece) => ({ ...piece, revisions: piece.revisions.filter((own) => own.move === null || own.move !== move.move) }))

class Merging implements Merged {
  readonly pieces: Piece[] = []
  readonly lives: Left[] = []
  readonly notes = new Map<string, string>()

  /** The same words of both ends. */
  pair(a: readonly Piece[], b: readonly Piece[]): void {
    let [i, j, fromA, fromB] = [0, 0, 0, 0]
    while (i < a.length && j < b.length) {
      const length = Math.min(a[i]!.text.length - fromA, b[j]!.text.length - fromB)
      this.#both({ ...a[i]!, text: a[i]!.text.slice(fromA, fromA + length) }, b[j]!)
      fromA += length
      fromB += length
      if (fromA === a[i]!.text.length) [i, fromA] = [i + 1, 0]
      if (fromB === b[j]!.text.length) [j, fromB] = [j + 1, 0]
    }
  }

  /** Words that both ends have; what only one of them has stands between them, what was struck at the old place before what was put in at the new one. */
  between(old: readonly Piece[], now: readonly Piece[], counts: (piece: Piece) => boolean, pushOld: (piece: Piece) => void): void {
    const rest = [...old]
    for (const piece of now) {
      if (isInserted(piece)) {
        this.pieces.push(piece)
        continue
      }
      for (let left = piece.text.length; left > 0; ) {
        const own = rest.shift()!
        if (!counts(own)) {
          pushOld(own)
          continue
        }
        const at = piece.text.length - left
        const text = own.text.slice(0, left)
        if (text.length < own.text.length) rest.unshift({ ...own, text: own.text.slice(left) })
        this.#both({ ...own, text }, { ...piece, text: piece.text.slice(at, at + text.length) })
        left -= text.length
      }
    }
    rest.forEach(pushOld)
  }

  #both(old: Piece, now: Piece): void {
    const isLiving = !isDeleted(now)
    const struck = isLiving ? old.revisions.find((own) => own.kind === "deletion") : undefined
    if (struck && old.text.trim() !== "") this.lives.push({ kind: "moved", words: old.text, about: struck.author ?? "" })
    const kept = old.revisions.filter((own) => own.kind === "insertion" || !isLiving)
    const revisions = [...kept, ...now.revisions.filter((own) => !kept.some((other) => isSame(own, other)))]
    if (old.note !== null && now.note !== null) this.notes.set(old.note, now.note)
    this.pieces.push({ ...old, revisions, comments: [...new Set([...old.comments, ...now.comments])] })
  }
}

/** The ends as our own files have them: letter by letter the same. */
function index(old: readonly Piece[], now: readonly Piece[]): Merged | null {
  if (textOf(old) !== textOf(now)) return null
  const merging = new Merging()
  merging.pair(old, now)
  return insertedIn(now) === insertedIn(merging.pieces) && insertedIn(old) === insertedIn(merging.pieces) ? merging : null
}

/** Which characters are inserted, as a row of signs. */
const insertedIn = (pieces: readonly Piece[]): string =>
  pieces.map((piece) => (isInserted(piece) ? "+" : " ").repeat(piece.text.length)).join("")

/** How much of the shorter text must be in the other for them to be one. */
const leastShared = 0.5

interface Comparison {
  readonly stretches: readonly Stretch[]
  /** Whether words struck at the old place are looked for at the new one; else they are where they were among the others. */
  readonly isWithStruck: boolean
  readonly shared: number
  readonly isEnough: boolean
}

/** What both ends share: cut into words or, where that tells more, at the ends of pieces too. */
function comparison(old: readonly Piece[], now: readonly Piece[], isWithStruck: boolean): Comparison {
  const counted = isWithStruck ? old : old.filter((piece) => !isDeleted(piece))
  const agreed = now.filter((piece) => !isInserted(piece))
  const lengthOf = (stretches: readonly Stretch[]): number =>
    stretches.reduce((sum, { kind, text }) => sum + (kind === "kept" ? text.length : 0), 0)
  const tokens = (pieces: readonly Piece[]): string[] => pieces.flatMap(({ text }) => tokensOf(text))
  const [before, after] = [textOf(counted), textOf(agreed)]
  const [words, pieces] = [compareWords(before, after), compareTokens(tokens(counted), tokens(agreed))]
  const stretches = lengthOf(pieces) > lengthOf(words) ? pieces : words
  const shared = lengthOf(stretches)
  return { stretches, isWithStruck, shared, isEnough: shared > 0 && shared >= leastShared * Math.min(before.length, after.length) }
}

function compared(old: readonly Piece[], now: readonly Piece[], gone: Revision, come: Revision): Merged | null {
  const [living, all] = [comparison(old, now, false), comparison(old, now, true)]
  const { stretches, isWithStruck, isEnough } = all.shared > living.shared ? all : living
  if (!isEnough) return null
  const merging = new Merging()
  const takeOld = cursor(old, (piece) => isWithStruck || !isDeleted(piece))
  const takeNow = cursor(now, (piece) => !isInserted(piece))
  const isKnown = (piece: Piece): boolean =>
    now.some(
      (other) =>
        isInserted(other) && other.text === piece.text && other.revisions.some((own) => piece.revisions.some((its) => isSame(own, its))),
    )
  const pushOld = (piece: Piece): void => {
    if (isDeleted(piece)) merging.pieces.push(piece)
    else if (!isInserted(piece) || !isKnown(piece)) merging.pieces.push({ ...piece, revisions: [...piece.revisions, gone] })
  }
  for (const { kind, text } of stretches) {
    if (kind === "inserted") {
      for (const piece of takeNow(text.length))
        merging.pieces.push(isInserted(piece) ? piece : { ...piece, revisions: [come, ...piece.revisions] })
      continue
    }
    const own = takeOld(text.length)
    if (kind === "deleted") {
      own.forEach(pushOld)
      continue
    }
    merging.between(own, takeNow(text.length), (piece) => isWithStruck || !isDeleted(piece), pushOld)
  }
  takeOld(Number.POSITIVE_INFINITY).forEach(pushOld)
  merging.pieces.push(...takeNow(Number.POSITIVE_INFINITY))
  return merging
}

/** Takes pieces from the first to the last, so many characters at a time; those that do not count come along before the next that does. */
function cursor(pieces: readonly Piece[], counts: (piece: Piece) => boolean): (length: number) => Piece[] {
  let i = 0
  let offset = 0
  return (length) => {
    const taken: Piece[] = []
    let left = length
    while (i < pieces.length && left > 0) {
      const piece = pieces[i]!
      const text = piece.text.slice(offset, counts(piece) ? offset + left : undefined)
      if (text) taken.push({ ...piece, text })
      if (counts(piece)) left -= text.length
      offset += text.length
      if (offset >= piece.text.length) [i, offset] = [i + 1, 0]
    }
    return taken
  }
}

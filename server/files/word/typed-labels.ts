// Labels that were typed as words of a Word paragraph: cut off where they are labels, and read as renumberings where they are revised. A label is known in
// the folded text (single blanks) but cut from pieces, which have the blanks and the revisions of the file: `plainLabel` leads from the one to the other.
import { foldLabel, rootOf } from "../../../shared/clauses/additions.ts"
import { formOf, isPartOfLabel, type Label, labelIn } from "../../../shared/clauses/label-forms.ts"
import { splitCharacter } from "../../../shared/schema/block.ts"
import { singleBlanks } from "../characters.ts"
import type { FileBlock, FileWarning } from "../file-draft.ts"
import type { Piece } from "./items.ts"
import { hasWords, isDeleted, isInserted, slicePieces } from "./pieces.ts"
import type { Strand } from "./strands.ts"

/** What is to be said of a block, by what stands in the file. */
export type Said = Pick<FileWarning, "code" | "message">

/** A tracked change of a typed number: it renumbers, and changes no text. */
export interface Renumbering {
  readonly was: string
  readonly now: string
  readonly author: string | null
  readonly date: string | null
}

/** The words of those pieces that a test takes. */
export const textIn = (pieces: readonly Piece[], test: (piece: Piece) => boolean): string =>
  pieces
    .filter(test)
    .map((piece) => piece.text)
    .join("")

/** One tab between a label and its words, single blanks elsewhere. */
export const plain = singleBlanks

/**
 * The pieces without a typed label of `skip` characters of the shape, or one of `struck` characters that is no part of it. Where the label itself is
 * revised that is a renumbering; so is one that was deleted or put before words that had none. `kept`: what of the label is not deleted.
 */
export function withoutLabel(
  strand: Strand,
  skip: number,
  struck = 0,
): { pieces: readonly Piece[]; renumbering: Renumbering | null; kept: string } {
  const { pieces } = strand
  const isKept = hasWords(pieces, (piece) => !isDeleted(piece))
  const counts = (piece: Piece): boolean => !isKept || !isDeleted(piece)
  // The shape is the text with its blanks folded: the label ends behind its last character that is none, and the blanks after it go too.
  let left = skip > 0 ? plainLabel(textIn(pieces, counts), skip) : 0
  let cut = struck
  let at = 0
  for (const piece of pieces) {
    if (left <= 0) break
    if (counts(piece)) {
      const taken = Math.min(left, piece.text.length)
      left -= taken
      cut = at + taken
    }
    at += piece.text.length
  }
  if (skip > 0) cut = throughStruckLabel(pieces, cut)
  if (cut === 0) return { pieces, renumbering: null, kept: "" }
  const { label, words } = parted(slicePieces(pieces, 0, cut), plain(textIn(pieces, counts)).slice(0, skip))
  const revised = label.find((piece) => piece.revisions.length > 0 && piece.text.trim() !== "")
  // A clause that goes as a whole takes its label along; one of which only the words go is left without.
  const isRenumbered = revised !== undefined && strand.inserted === null && (isKept || strand.act?.kind !== "delete")
  const literal = (test: (piece: Piece) => boolean): string => plain(textIn(label, test))
  const was = literal((piece) => !isInserted(piece))
  const now = literal((piece) => !isDeleted(piece))
  const [by] = revised?.revisions ?? []
  // Whoever joins a clause to another strikes its label with that.
  const isJoined = now === "" && strand.act?.kind === "join" && strand.act.by.author === by?.author
  const renumbering = isRenumbered && !isJoined && by && was !== now ? { was, now, author: by.author, date: by.date } : null
  return { pieces: [...words, ...slicePieces(pieces, cut, Number.POSITIVE_INFINITY)], renumbering, kept: now }
}

/**
 * The pieces of a clause without the labels that were typed where its parts begin that inserted ends cut off: such a part is labelled behind the one
 * before it, like every clause that is added. Of another form than the clause's own, what stands there may be words, and stays; where that has none, a tab
 * tells them apart.
 */
export function partsWithoutLabels(
  pieces: readonly Piece[],
  { type, importedLabel }: Pick<FileBlock, "type" | "importedLabel">,
): { pieces: readonly Piece[]; warnings: readonly Said[] } {
  const isCut = (piece: Piece): boolean => piece.text === splitCharacter && isInserted(piece) && !isDeleted(piece)
  if (type !== "clause" || !pieces.some(isCut)) return { pieces, warnings: [] }
  const kept: Piece[] = []
  const warnings: Said[] = []
  for (let i = 0; i < pieces.length; ) {
    const isPart = i > 0 && isCut(pieces[i - 1]!)
    let to = i
    while (to < pieces.length && !isCut(pieces[to]!)) to++
    const part = pieces.slice(i, Math.min(to + 1, pieces.length))
    const label = isPart ? typedLabel(part) : null
    const isLabel = label !== null && (importedLabel ? formOf(label.literal) === formOf(importedLabel) : label.isTabbed)
    kept.push(...(isLabel ? label.behind : part))
    if (isLabel && importedLabel && foldLabel(rootOf(label.literal)) !== foldLabel(rootOf(importedLabel)))
      warnings.push({
        code: "NUM",
        message: `The end of this clause becomes a clause of its own, labelled “${label.literal}” in the file; here it is labelled behind this one.`,
      })
    i = to + 1
  }
  return { pieces: kept, warnings }
}

/** A label that opens some pieces, inserted to its last character, and the pieces behind it. */
function typedLabel(pieces: readonly Piece[]): { literal: string; isTabbed: boolean; behind: Piece[] } | null {
  // Where a clause was moved from all of it is deleted, its label too.
  const isAllGone = pieces.every((piece) => isDeleted(piece) || piece.text === splitCharacter)
  const isThere = (piece: Piece): boolean => isAllGone || !isDeleted(piece)
  const whole = textIn(pieces, isThere)
  // What is behind the tab of a label is none of it, though it may look like more: “1 bis⇥i”.
  const anyWord = "x"
  const untilTab = whole.slice(0, whole.indexOf("\t") + 1) + anyWord
  const text = labelIn(plain(untilTab))?.rest === anyWord ? untilTab : whole
  const label = labelIn(plain(text))
  if (!label) return null
  const length = plain(text).length - label.rest.length
  let left = plainLabel(text, length)
  const isTabbed = plain(text).slice(0, length).endsWith("\t")
  const behind: Piece[] = []
  for (const piece of pieces) {
    const taken = isThere(piece) ? Math.min(left, piece.text.length) : 0
    if (piece.text.slice(0, taken).trim() !== "" && !isInserted(piece)) return null
    left -= taken
    // A blank that has not come with the label is the text's.
    const from = isInserted(piece) ? taken : 0
    if (from < piece.text.length) behind.push({ ...piece, text: piece.text.slice(from) })
  }
  return { literal: label.literal, isTabbed, behind }
}

/** The pieces of a label that is known, and the words among them that were deleted before or in it: these are text. */
function parted(pieces: readonly Piece[], known: string): { label: Piece[]; words: Piece[] } {
  const label: Piece[] = []
  const words: Piece[] = []
  for (let i = 0; i < pieces.length; ) {
    let end = i + 1
    while (end < pieces.length && isDeleted(pieces[end]!) === isDeleted(pieces[i]!)) end++
    const stretch = pieces.slice(i, end)
    const text = textIn(stretch, () => true)
    const isWords = isDeleted(stretch[0]!) && !isPartOfLabel(text) && !known.includes(text.trim())
    ;(isWords ? words : label).push(...stretch)
    i = end
  }
  return { label, words }
}

/** Blanks but for the end of a paragraph, which stands for a split. */
const blank = /[^\S\u2029]/

/** How many characters of the raw text the label of the folded one takes. */
function plainLabel(raw: string, skip: number): number {
  const signs = [...plain(raw).slice(0, skip)].filter((sign) => !blank.test(sign)).length
  let seen = 0
  let at = 0
  while (at < raw.length && (seen < signs || blank.test(raw[at]!))) {
    if (!blank.test(raw[at]!)) seen++
    at++
  }
  return at
}

/** The end of a label that was struck right behind the one that was put in its place: the pieces up to `cut` hold the new one alone. */
function throughStruckLabel(pieces: readonly Piece[], cut: number): number {
  if (slicePieces(pieces, 0, cut).some((piece) => !isInserted(piece) && piece.text.trim() !== "")) return cut
  let to = cut
  let text = ""
  let at = 0
  for (const piece of pieces) {
    const end = at + piece.text.length
    if (end > cut && (!isDeleted(piece) || isInserted(piece))) break
    if (end > cut) {
      text += piece.text
      to = end
    }
    at = end
  }
  return labelIn(`${text.trim()}\tx`)?.literal === text.trim() ? to : cut
}

/** A label at the very start that is deleted whole before words that stay, so that the clause has none any more, and its length. */
export function struckLabel({ pieces }: Strand): { label: Label; length: number } | null {
  if (!hasWords(pieces, (piece) => !isDeleted(piece))) return null
  const before = textIn(pieces, (piece) => !isInserted(piece))
  const label = labelIn(plain(before))
  if (!label) return null
  const length = plainLabel(before, plain(before).length - label.rest.length)
  let at = 0
  for (const piece of pieces) {
    const own = piece.text.slice(0, length - at)
    if (isInserted(piece) || (!isDeleted(piece) && own.trim() !== "")) return null
    at += piece.text.length
    if (at >= length) return { label, length }
  }
  return null
}

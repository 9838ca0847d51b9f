import type { Piece } from "./items.ts"
import type { Revision } from "./revision.ts"

export const isInserted = (piece: Piece): boolean => piece.revisions.some((revision) => revision.kind === "insertion")
export const isDeleted = (piece: Piece): boolean => piece.revisions.some((revision) => revision.kind === "deletion")
export const isBlank = (piece: Piece): boolean => piece.text.trim() === ""

/** Whether anything of some pieces is left, of those that pass a test. */
export const hasWords = (pieces: readonly Piece[], test: (piece: Piece) => boolean = () => true): boolean =>
  pieces.some((piece) => !isBlank(piece) && test(piece))

export const textOf = (pieces: readonly Piece[]): string => pieces.map((piece) => piece.text).join("")

/** Plain characters under some revisions. */
export const barePiece = (text: string, revisions: readonly Revision[] = []): Piece => ({
  ...{ text, revisions, comments: [], note: null, isItalic: false },
})

/** The pieces of [from, to), in characters. */
export function slicePieces(pieces: readonly Piece[], from: number, to: number): Piece[] {
  const slice: Piece[] = []
  let at = 0
  for (const piece of pieces) {
    const text = piece.text.slice(Math.max(0, from - at), Math.max(0, to - at))
    if (text) slice.push({ ...piece, text })
    at += piece.text.length
  }
  return slice
}

import { cellSeparator, rowSeparator, splitCharacter } from "../../../shared/schema/block.ts"
import type { Formatting, Item, Paragraph, Piece, Revision, Table } from "./paragraphs.ts"

/** What the revisions do to a strand as a whole. */
export type Act =
  | { readonly kind: "delete"; readonly by: Revision }
  | { readonly kind: "join"; readonly into: Strand; readonly by: Revision }
  | { readonly kind: "move"; readonly after: Strand | null; readonly by: Revision }

/** What becomes one block: a paragraph, several that only inserted marks divide, or a table. */
export interface Strand {
  pieces: readonly Piece[]
  /** Whose style and number it has; null for a table. */
  readonly paragraph: Paragraph | null
  /** Who inserted it as a whole. */
  readonly inserted: Revision | null
  /** The revision that deletes its end, so that what is left of it joins with the next. */
  deletedEnd: Revision | null
  act: Act | null
  /** Another joins its end. */
  isJoinedTo: boolean
  /** Other end of a move that is told of the strand that moves. */
  isMoveTarget: boolean
  readonly formatting: readonly Formatting[]
}

export const isInserted = (piece: Piece): boolean => piece.revisions.some((revision) => revision.kind === "insertion")
export const isDeleted = (piece: Piece): boolean => piece.revisions.some((revision) => revision.kind === "deletion")
const isBlank = (piece: Piece): boolean => piece.text.trim() === ""

/** Whether anything of some pieces is left, of those that pass a test. */
export const hasWords = (pieces: readonly Piece[], test: (piece: Piece) => boolean = () => true): boolean =>
  pieces.some((piece) => !isBlank(piece) && test(piece))

const inMark = (paragraph: Paragraph, kind: Revision["kind"]): Revision | null =>
  paragraph.mark.find((revision) => revision.kind === kind) ?? null

/** The strands of a story in order. */
export function strandsOf(items: readonly Item[]): Strand[] {
  const strands: Strand[] = []
  let group: Paragraph[] = []
  // A deleted mark before a table joins nothing: the chain ends there.
  let chain: Strand[] = []
  const endChain = (): void => {
    joinChain(chain)
    strands.push(...chain)
    chain = []
  }
  const endGroup = (): void => {
    for (const strand of strandsOfGroup(group)) {
      chain.push(strand)
      if (!strand.deletedEnd) endChain()
    }
    group = []
  }
  for (const item of items) {
    if (item.kind === "table") {
      endGroup()
      endChain()
      strands.push(strandOfTable(item))
      continue
    }
    group.push(item)
    if (!inMark(item, "insertion")) endGroup()
  }
  endGroup()
  endChain()
  matchMoves(strands)
  return strands
}

const strandOf = (paragraph: Paragraph, inserted: Revision | null, deletedEnd: Revision | null, pieces = paragraph.pieces): Strand => ({
  pieces,
  paragraph,
  inserted,
  deletedEnd,
  act: null,
  isJoinedTo: false,
  isMoveTarget: false,
  formatting: paragraph.formatting,
})

/**
 * Paragraphs that only inserted marks divide: without the insertions they are one. Those that hold nothing but insertions are new; what lies between
 * the first and the last that hold agreed words was split.
 */
function strandsOfGroup(group: readonly Paragraph[]): Strand[] {
  const agreed = group.flatMap((paragraph, i) => (hasWords(paragraph.pieces, (piece) => !isInserted(piece)) ? [i] : []))
  const last = group.length - 1
  const insertionAt = (i: number): Revision | null =>
    (group[i] && inMark(group[i]!, "insertion")) ??
    group[i]?.pieces.flatMap((piece) => piece.revisions).find((revision) => revision.kind === "insertion") ??
    (group[i - 1] ? inMark(group[i - 1]!, "insertion") : null)
  const isNew = (i: number): boolean => hasWords(group[i]!.pieces) || group.length > 1
  if (agreed.length === 0)
    return group.map((paragraph, i) => strandOf(paragraph, isNew(i) ? insertionAt(i) : null, inMark(paragraph, "deletion")))
  const [from, to] = [agreed[0]!, agreed.at(-1)!]
  const pieces = group.slice(from, to + 1).flatMap((paragraph, i, all) => {
    if (i === all.length - 1) return paragraph.pieces
    const split: Piece = { text: splitCharacter, revisions: paragraph.mark, comments: [], note: null, isItalic: false }
    return [...paragraph.pieces, split]
  })
  // The mark of the agreed paragraph is the last of the group; what was inserted behind it has the marks before.
  const endOf = (i: number): Revision | null => inMark(group[i < from ? i : i === to ? last : i - 1]!, "deletion")
  return [
    ...group.slice(0, from).map((paragraph, i) => strandOf(paragraph, insertionAt(i), endOf(i))),
    strandOf(group[to]!, null, to === last ? endOf(to) : null, pieces),
    ...group
      .slice(to + 1)
      .map((paragraph, i) => strandOf(paragraph, insertionAt(to + 1 + i), to + 1 + i === last ? endOf(to) : endOf(to + 1 + i))),
  ]
}

/** Strands whose ends are deleted but for the last: those without a word left go, what is left of the others joins the first of them. */
function joinChain(chain: readonly Strand[]): void {
  let survivor: Strand | null = null
  const joins = (strand: Strand, into: Strand, by: Revision): void => {
    strand.act = { kind: "join", into, by }
    into.isJoinedTo = true
  }
  chain.forEach((strand, i) => {
    if (!hasWords(strand.pieces, (piece) => !isDeleted(piece))) {
      if (hasWords(strand.pieces) && strand.deletedEnd) strand.act = { kind: "delete", by: strand.deletedEnd }
      return
    }
    const by = i > 0 ? chain[i - 1]!.deletedEnd : null
    if (survivor && by) joins(strand, survivor, by)
    survivor = strand
  })
}

/** Cells are separated by tabs, rows by line feeds; a row that comes or goes as a whole does so with its line feed. */
function strandOfTable(table: Table): Strand {
  const separator = (text: string, revisions: readonly Revision[]): Piece => ({
    text,
    revisions,
    comments: [],
    note: null,
    isItalic: false,
  })
  const pieces = table.rows.flatMap((row, i) => {
    const words = row.cells.flatMap((cell, at) => [
      ...(at > 0 ? [separator(cellSeparator, [])] : []),
      ...cell.flatMap((paragraph, n) => {
        const flat = paragraph.pieces.map((piece) => ({ ...piece, text: piece.text.replaceAll("\t", " ") }))
        return n < cell.length - 1 && hasWords(paragraph.pieces) ? [...flat, separator(" ", paragraph.mark)] : flat
      }),
    ])
    const all = i < table.rows.length - 1 ? [...words, separator(rowSeparator, [])] : words
    if (row.revisions.length === 0) return all
    // What is revised in a row that is revised as a whole by the same person is not revised twice.
    return all.map((piece) => ({
      ...piece,
      revisions: [...row.revisions.filter((own) => !piece.revisions.some((other) => other.kind === own.kind)), ...piece.revisions],
    }))
  })
  const [first] = table.rows
  const isNew = table.rows.every((row) => row.revisions.some((revision) => revision.kind === "insertion"))
  const inserted = isNew ? (first?.revisions.find((revision) => revision.kind === "insertion") ?? null) : null
  const formatting = [...table.formatting, ...table.rows.flatMap((row) => row.cells.flat().flatMap((paragraph) => paragraph.formatting))]
  return { pieces, paragraph: null, inserted, deletedEnd: null, act: null, isJoinedTo: false, isMoveTarget: false, formatting }
}

const moveIn = (strand: Strand, kind: Revision["kind"]): Revision | null => {
  let found: Revision | null = null
  for (const piece of strand.pieces) {
    if (isBlank(piece)) continue
    const revision = piece.revisions.find((other) => other.kind === kind && other.move !== null)
    if (!revision || (found && revision.move !== found.move)) return null
    found = revision
  }
  return found
}

const wordsOf = (strand: Strand): string => strand.pieces.map((piece) => piece.text).join("")

/** Whole paragraphs that moved, unchanged: then the strand moves, and its other end is no strand of its own. */
function matchMoves(strands: readonly Strand[]): void {
  const names = new Set(strands.flatMap((strand) => moveIn(strand, "deletion")?.move ?? []))
  for (const name of names) {
    const from = strands.filter((strand) => strand.inserted === null && moveIn(strand, "deletion")?.move === name)
    const to = strands.filter((strand) => strand.inserted !== null && !strand.isMoveTarget && moveIn(strand, "insertion")?.move === name)
    if (from.length === 0 || from.length !== to.length || from.some((strand, i) => wordsOf(strand) !== wordsOf(to[i]!))) continue
    from.forEach((strand, i) => {
      const target = to[i]!
      target.isMoveTarget = true
      strand.act = { kind: "move", after: i > 0 ? from[i - 1]! : standingBefore(strands, target, from), by: moveIn(strand, "deletion")! }
      strand.deletedEnd = null
      strand.pieces = strand.pieces.map((piece) => ({
        ...piece,
        revisions: piece.revisions.filter((revision) => revision.move === null),
      }))
    })
  }
}

function standingBefore(strands: readonly Strand[], target: Strand, moving: readonly Strand[]): Strand | null {
  for (let i = strands.indexOf(target) - 1; i >= 0; i--) {
    const strand = strands[i]!
    if (!strand.isMoveTarget && !moving.includes(strand) && hasWords(strand.pieces)) return strand
  }
  return null
}

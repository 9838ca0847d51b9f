import { cellSeparator, rowSeparator, splitCharacter } from "../../../shared/schema/block.ts"
import type { CarriedAct } from "./carried.ts"
import { type Item, type Left, type Paragraph, type Piece, paragraphsIn, type Table } from "./items.ts"
import { mergedEnds } from "./moves.ts"
import { barePiece, hasWords, isBlank, isDeleted, isInserted, textOf } from "./pieces.ts"
import type { Revision } from "./revision.ts"

/** What the revisions do to a strand as a whole. */
export type Act =
  | { readonly kind: "delete"; readonly by: Revision }
  | { readonly kind: "join"; readonly into: Strand; readonly by: Revision }
  | { readonly kind: "move"; readonly after: Strand | null; readonly by: Revision }
  | { readonly kind: "level"; readonly level: number; readonly by: Revision }

/** What becomes one block: a paragraph, several that only inserted marks divide, or a table. */
export interface Strand {
  pieces: readonly Piece[]
  /** Whose style and number it has; null for a table. */
  readonly paragraph: Paragraph | null
  /** All that it is made of. */
  readonly items: readonly Item[]
  /** Who inserted it as a whole. */
  readonly inserted: Revision | null
  /** The revision that deletes its end, so that what is left of it joins with the next. */
  deletedEnd: Revision | null
  act: Act | null
  /** Who deletes it at the place that it moves to. */
  alsoDeleted: Revision | null
  /** What else is proposed about it, which our own files say beside what Word can mark. */
  others: readonly Act[]
  /** Another joins its end. */
  isJoinedTo: boolean
  /** The strand that moves here: of the two ends of a move only that is told. */
  movedFrom: Strand | null
  /** What no change tells of it. */
  left: readonly Left[]
  /** Footnotes of the place that it moves to, by those of the place where it stood. */
  movedNotes: ReadonlyMap<string, string>
}

/** A strand of which nothing is known but its words. */
const strandWith = (own: Pick<Strand, "pieces" | "paragraph" | "items" | "inserted" | "deletedEnd" | "act">): Strand => ({
  ...own,
  ...{ alsoDeleted: null, others: [], isJoinedTo: false, movedFrom: null, left: [], movedNotes: new Map<string, string>() },
})

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
  takeCarried(strands)
  return strands
}

/** What our bookmarks say is proposed about strands as wholes. Of both ends of a move that is the strand which is told. */
function takeCarried(strands: readonly Strand[]): void {
  const own = strands.map((strand) => ({
    strand: strand.movedFrom ?? strand,
    marks: paragraphsIn(strand.items).flatMap(({ marks }) => marks),
  }))
  const places = new Map(own.flatMap(({ strand, marks }) => marks.map(({ name }) => [name, strand] as const)))
  for (const { strand, marks } of own)
    for (const { carried } of marks) {
      if (carried.kind !== "act") continue
      const { act, by } = carried
      const to = act.kind === "join" || act.kind === "move" ? act.to : null
      const target = to === null ? null : places.get(to)
      if (target === undefined || target === strand || (target && !hasWords(target.pieces)))
        strand.left = [...strand.left, { kind: "carried", words: textOf(strand.pieces), about: by.author ?? "" }]
      else strand.others = [...strand.others, actOf(act, target, { kind: "deletion", ...by })]
    }
}

function actOf(act: CarriedAct, target: Strand | null, by: Revision): Act {
  switch (act.kind) {
    case "delete":
      return { kind: "delete", by }
    case "join":
      return { kind: "join", into: target!, by }
    case "move":
      return { kind: "move", after: target, by }
    case "level":
      return { kind: "level", level: act.level, by }
    default:
      return act satisfies never
  }
}

const strandOf = (paragraph: Paragraph, inserted: Revision | null, deletedEnd: Revision | null): Strand =>
  strandWith({ pieces: paragraph.pieces, paragraph, items: [paragraph], inserted, deletedEnd, act: null })

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
    return [...paragraph.pieces, barePiece(splitCharacter, paragraph.mark)]
  })
  // The mark of the agreed paragraph is the last of the group; what was inserted behind it has the marks before.
  const endOf = (i: number): Revision | null => inMark(group[i < from ? i : i === to ? last : i - 1]!, "deletion")
  return [
    ...group.slice(0, from).map((paragraph, i) => strandOf(paragraph, insertionAt(i), endOf(i))),
    { ...strandOf(group[to]!, null, to === last ? endOf(to) : null), pieces, items: group.slice(from, to + 1) },
    ...group
      .slice(to + 1)
      .map((paragraph, i) => strandOf(paragraph, insertionAt(to + 1 + i), to + 1 + i === last ? endOf(to) : endOf(to + 1 + i))),
  ]
}

/**
 * Strands whose ends are deleted but for the last: those without a word left go, what is left of the others joins the first of them. Who selects from the
 * end of a clause over all of the next deletes that one: the end of the one before is deleted then, and its own is not.
 */
function joinChain(chain: readonly Strand[]): void {
  let survivor: Strand | null = null
  const joins = (strand: Strand, into: Strand, by: Revision): void => {
    strand.act = { kind: "join", into, by }
    into.isJoinedTo = true
  }
  chain.forEach((strand, i) => {
    const by = i > 0 ? chain[i - 1]!.deletedEnd : null
    if (!hasWords(strand.pieces, (piece) => !isDeleted(piece))) {
      if (!hasWords(strand.pieces)) return
      const gone = strand.deletedEnd ?? (survivor && by && isAllBy(strand.pieces, by) ? by : null)
      if (gone) strand.act = { kind: "delete", by: gone }
      else if (survivor && by) joins(strand, survivor, by)
      return
    }
    if (survivor && by) joins(strand, survivor, by)
    survivor = strand
  })
}

/** Whether one deletes all words of some pieces. */
const isAllBy = (pieces: readonly Piece[], { author }: Revision): boolean =>
  pieces.every((piece) => isBlank(piece) || piece.revisions.some((other) => other.kind === "deletion" && other.author === author))

/**
 * Cells are separated by tabs, rows by line feeds; a row that comes or goes as a whole does so with its line feed: the one behind it, of the last rows the
 * one before them.
 */
function strandOfTable(table: Table): Strand {
  const lastAgreed = table.rows.findLastIndex((row) => row.revisions.length === 0)
  const isAtEnd = (i: number): boolean => lastAgreed >= 0 && i > lastAgreed
  const pieces = table.rows.flatMap((row, i) => {
    const words = row.cells.flatMap((cell, at) => [
      ...(at > 0 ? [barePiece(cellSeparator)] : []),
      ...cell.flatMap((paragraph, n) => {
        const flat = paragraph.pieces.map((piece) => ({ ...piece, text: piece.text.replaceAll("\t", " ") }))
        return n < cell.length - 1 && hasWords(paragraph.pieces) ? [...flat, barePiece(" ", paragraph.mark)] : flat
      }),
    ])
    const isBehind = i < table.rows.length - 1 && !isAtEnd(i + 1)
    const all = [...(isAtEnd(i) ? [barePiece(rowSeparator)] : []), ...words, ...(isBehind ? [barePiece(rowSeparator)] : [])]
    if (row.revisions.length === 0) return all
    // What is revised in a row that is revised as a whole by the same person is not revised twice.
    return all.map((piece) => ({
      ...piece,
      revisions: [...row.revisions.filter((own) => !piece.revisions.some((other) => other.kind === own.kind)), ...piece.revisions],
    }))
  })
  const inserted = ofEveryRow(table, "insertion")
  const gone = ofEveryRow(table, "deletion")
  // A table goes as a whole where one deletes every row of it, and nothing that another put in stays.
  const isGone = gone !== null && pieces.every((piece) => isBlank(piece) || isDeleted(piece))
  return strandWith({
    pieces,
    paragraph: null,
    items: [table],
    inserted,
    deletedEnd: null,
    act: isGone ? { kind: "delete", by: gone } : null,
  })
}

/** The revision of the first row, where every row is revised so by the same person. */
function ofEveryRow({ rows }: Table, kind: Revision["kind"]): Revision | null {
  const found = rows.map((row) => row.revisions.find((revision) => revision.kind === kind))
  const [first] = found
  return first && found.every((other) => other !== undefined && (kind === "insertion" || other.author === first.author)) ? first : null
}

/**
 * The revision that is one end of a move of all words of a strand. Between them may stand what others struck, and at the new place what they put in.
 */
const moveIn = (strand: Strand, kind: Revision["kind"]): Revision | null => {
  let found: Revision | null = null
  for (const piece of strand.pieces) {
    if (isBlank(piece)) continue
    const revision = piece.revisions.find((other) => other.kind === kind && other.move !== null)
    if (!revision && (isDeleted(piece) || (kind === "insertion" && isInserted(piece)))) continue
    if (!revision || (found && revision.move !== found.move)) return null
    found = revision
  }
  return found
}

/** Whole paragraphs that moved: then the strand moves, with what others did to it since, and its other end is no strand of its own. */
function matchMoves(strands: readonly Strand[]): void {
  const names = new Set(strands.flatMap((strand) => moveIn(strand, "deletion")?.move ?? []))
  for (const name of names) {
    const from = strands.filter((strand) => strand.inserted === null && moveIn(strand, "deletion")?.move === name)
    const to = strands.filter((strand) => strand.inserted !== null && !strand.movedFrom && moveIn(strand, "insertion")?.move === name)
    if (from.length === 0 || from.length !== to.length) continue
    const merged = from.map((strand, i) => {
      const [left, came] = [moveIn(strand, "deletion")!, moveIn(to[i]!, "insertion")!]
      return left.author === came.author ? mergedEnds(strand.pieces, to[i]!.pieces, left, came) : null
    })
    if (merged.some((ends) => ends === null)) continue
    from.forEach((strand, i) => {
      const target = to[i]!
      const { pieces, lives, notes } = merged[i]!
      target.movedFrom = strand
      strand.act = { kind: "move", after: i > 0 ? from[i - 1]! : standingBefore(strands, target, from), by: moveIn(strand, "deletion")! }
      strand.alsoDeleted = target.act?.kind === "delete" ? target.act.by : null
      strand.deletedEnd = null
      strand.pieces = pieces
      strand.left = lives
      if (target.act?.kind === "join") {
        const { into, by } = target.act
        into.isJoinedTo = false
        strand.left = [...lives, { kind: "join", words: textOf(into.pieces), about: by.author ?? "" }]
      }
      strand.movedNotes = notes
    })
  }
}

function standingBefore(strands: readonly Strand[], target: Strand, moving: readonly Strand[]): Strand | null {
  for (let i = strands.indexOf(target) - 1; i >= 0; i--) {
    const strand = strands[i]!
    if (!strand.movedFrom && !moving.includes(strand) && hasWords(strand.pieces)) return strand
  }
  return null
}

import { anchorCharacter } from "../../../shared/schema/block.ts"
import { namesLacking } from "../authors.ts"
import { withTrueDates } from "../dates.ts"
import type { FileBlock, FileDraft, FileNote, FileRevision, FileWarning } from "../file-draft.ts"
import { glued } from "../flattened.ts"
import { oddLabels, withLabels } from "../labelled.ts"
import { changesOf, type Made, revisionsOf } from "./changes.ts"
import { commentsOf } from "./comments.ts"
import { type Item, type Piece, paragraphsIn } from "./items.ts"
import { warningsOfLeft } from "./left.ts"
import { boxesIn, leftIn, marginsOf, warningsOfMargins, wordsLeft } from "./margins.ts"
import { openWord, type WordPackage } from "./package.ts"
import { itemsOf } from "./paragraphs.ts"
import { barePiece, hasWords, isDeleted, isInserted, slicePieces, textOf } from "./pieces.ts"
import { recognizeStrands } from "./recognize-strands.ts"
import type { Revision } from "./revision.ts"
import { type Strand, strandsOf } from "./strands.ts"

/** The paragraphs of a note or a comment as one line of pieces; the number that opens a note is no part of it. */
function onOneLine(items: readonly Item[]): Piece[] {
  const lines = paragraphsIn(items).filter((paragraph) => hasWords(paragraph.pieces))
  return lines.flatMap((paragraph, i) => {
    return i < lines.length - 1 ? [...paragraph.pieces, barePiece(" ", paragraph.mark)] : paragraph.pieces
  })
}

/** Footnotes and endnotes in the order in which they are called. */
class Notes {
  readonly notes: FileNote[] = []
  readonly made: Made[] = []
  readonly items: { readonly note: string; readonly items: readonly Item[] }[] = []
  readonly #word: WordPackage
  readonly #warnings: FileWarning[]
  readonly #called = new Set<string>()

  constructor(word: WordPackage, warnings: FileWarning[]) {
    this.#word = word
    this.#warnings = warnings
  }

  /** A call at an offset of a block. `copy`: what calls it moves, and at its new place calls a copy of it. */
  call(name: string, block: string, at: number, copy: { readonly name: string; readonly by: Revision } | null = null): void {
    const note = this.#note(name)
    if (!note) this.#warnings.push({ code: "NOTE", block, message: "A footnote is called here that the file does not hold." })
    const moved = copy && this.#note(copy.name)
    const items = moved && this.#isSame(note, moved) ? moved : (note ?? [])
    const line = onOneLine(items).filter((piece) => piece.note === null)
    const own = copy ? withoutMover(line, copy.by) : line
    const start = textOf(own).length - textOf(own).trimStart().length
    const end = textOf(own).trimEnd().length
    const pieces = slicePieces(own, start, Math.max(start, end)).map((piece) => ({ ...piece, text: piece.text.replaceAll("\t", " ") }))
    const id = `f${this.notes.length + 1}`
    this.notes.push({ id, label: String(this.notes.length + 1), text: textOf(pieces), block, at })
    this.made.push({ id, pieces, strand: null })
    this.items.push({ note: id, items })
  }

  /** Words of notes that nothing in the text calls. */
  uncalled(): string[] {
    const all = [...this.#word.footnotes.keys()].map((id) => `f${id}`).concat([...this.#word.endnotes.keys()].map((id) => `e${id}`))
    return all.filter((name) => !this.#called.has(name)).flatMap((name) => textOf(onOneLine(this.#note(name) ?? [])).trim() || [])
  }

  #note(name: string): Item[] | null {
    const notes = name.startsWith("f") ? this.#word.footnotes : this.#word.endnotes
    const note = notes.get(name.slice(1))
    if (note) this.#called.add(name)
    return note ? itemsOf(note, this.#word.looks, this.#word.carried) : null
  }

  /** Whether two notes are copies of each other, but for what was done to the second since. */
  #isSame(note: readonly Item[] | null, copy: readonly Item[]): boolean {
    const agreed = (items: readonly Item[]): string =>
      onOneLine(items)
        .filter((piece) => !isInserted(piece) || piece.revisions.length === 0)
        .map(({ text }) => text)
        .join("")
        .trim()
    const all = (items: readonly Item[]): string => textOf(onOneLine(items)).trim()
    return note !== null && (agreed(note) === agreed(copy) || all(note) === all(copy))
  }
}

/** The words of a note that is called by what moved: the copies at both ends are put in and struck as wholes, which is the move itself. */
const withoutMover = (pieces: readonly Piece[], mover: Revision): readonly Piece[] => {
  const isMovers = (revision: Revision): boolean => revision.author === mover.author
  const isWhole = pieces.every((piece) => piece.text.trim() === "" || piece.revisions.some(isMovers))
  return isWhole ? pieces.map((piece) => ({ ...piece, revisions: piece.revisions.filter((own) => !isMovers(own)) })) : pieces
}

/**
 * Reads a Word file: its paragraphs as blocks by style, list and words; its revisions as changes that bear the file's literal author and date, their
 * source not stated; its comments as threads; footnotes. Nothing in it is fetched or run. Throws a DomainError that says what is wrong with the file.
 */
export function readWord(bytes: Uint8Array, name = "The file"): FileDraft {
  const word = openWord(bytes, name)
  const items = itemsOf(word.body, word.looks, word.carried)
  const strands = strandsOf(items)
  const shown = strands.filter((strand) => hasWords(strand.pieces) && !strand.movedFrom)
  const { profile, told, cover, debris } = recognizeStrands(shown, word)
  const warnings: FileWarning[] = [...word.warnings]
  const notes = new Notes(word, warnings)
  const blocks: FileBlock[] = []
  const made: Made[] = []
  const renumbered: FileRevision[] = []
  for (const { strand, block, isRtl, pieces, renumbering, warnings: own } of told) {
    const id = `b${blocks.length + 1}`
    const text = textOf(pieces)
    const numberWas = renumbering && { was: renumbering.was, source: null, enteredBy: renumbering.author, date: renumbering.date }
    blocks.push({
      ...block,
      id,
      ...(numberWas && block.type === "clause" ? { importedLabel: renumbering.now, renumbered: numberWas } : {}),
      ...(isRtl ? { dir: "rtl" as const } : {}),
      text,
    })
    made.push({ id, pieces, strand })
    warnings.push(
      ...own.map((warning) => ({ ...warning, block: id })),
      ...glued(textOf(pieces.filter((piece) => !isDeleted(piece)))).map((message) => ({ code: "FLAT", block: id, message })),
    )
    if (renumbering)
      renumbered.push({
        kind: "numbering",
        enteredBy: renumbering.author,
        date: renumbering.date,
        block: id,
        text: `“${renumbering.was}” → “${renumbering.now}”`,
      })
    let at = 0
    for (const piece of pieces) {
      if (piece.note !== null && piece.text === anchorCharacter) notes.call(piece.note, id, at, copyOf(strand, piece.note))
      at += piece.text.length
    }
  }
  if (blocks.length === 0 && cover.length === 0) blocks.push({ id: "b1", type: "paragraph", text: "" })
  const all = [...made, ...notes.made]
  const changes = changesOf(all)
  const labelled = withLabels(blocks, profile, changes)
  if (labelled.some((block) => block.type === "head")) warnings.push(...oddLabels(labelled))
  const blockOf = blockFinder(strands, made)
  const notesOf = new Map(notes.items.flatMap(({ note, items: own }) => own.map((item) => [item, note] as const)))
  const placeOf = (item: Item): string | null => notesOf.get(item) ?? blockOf(item)
  const comments = commentsOf(word, all, pointsOf([...items, ...notesOf.keys()], placeOf), warnings)
  const margins = marginsOf(word)
  const revisions = [
    ...revisionsOf(items, blockOf),
    ...notes.items.flatMap((note) => revisionsOf(note.items, placeOf)),
    ...renumbered,
    ...boxesIn(items).flatMap((box) => revisionsOf(box, () => null).map((revision) => ({ ...revision, story: "text box" as const }))),
    ...margins.flatMap(({ story, items: own }) => revisionsOf(own, () => null).map((revision) => ({ ...revision, story }))),
  ]
  warnings.push(
    ...warningsOfLeft([
      ...leftIn(items, placeOf),
      ...notes.items.flatMap((note) => leftIn(note.items, placeOf)),
      ...made.flatMap(({ id, strand }) => (strand?.left ?? []).map((left) => ({ block: id, left }))),
    ]),
    ...warningsOfMargins(margins),
    ...notes.uncalled().map((text) => ({ code: "NOTE", message: `Nothing in the text calls this footnote; it was left out: “${text}”.` })),
  )
  const lacking = namesLacking({ changes, comments, blocks: labelled, revisions })
  if (lacking) warnings.push(lacking)
  return withTrueDates({
    profile,
    cover,
    blocks: labelled,
    changes,
    comments,
    notes: notes.notes,
    debris: [
      ...debris,
      ...boxesIn(items).map((box) => `[text box: ${wordsLeft(box)}]`),
      ...margins
        .map(({ items: own }) => wordsLeft(own))
        .filter(Boolean)
        .map((text) => `[header or footer: ${text}]`),
    ],
    warnings,
    revisions,
  })
}

/** The footnote that is called where a strand moves to, of one that is called where it stood. */
const copyOf = ({ act, movedNotes }: Strand, note: string): { name: string; by: Revision } | null => {
  const name = movedNotes.get(note)
  return name !== undefined && act?.kind === "move" ? { name, by: act.by } : null
}

/** The block that each comment without a range stands in. */
function pointsOf(items: readonly Item[], blockOf: (item: Item) => string | null): Map<string, string> {
  const points = new Map<string, string>()
  for (const item of items) {
    const block = blockOf(item)
    if (block !== null) for (const { points: own } of paragraphsIn([item])) for (const comment of own) points.set(comment, block)
  }
  return points
}

/** Which block a paragraph or a table of the file became; of a clause that moves both its ends. */
function blockFinder(strands: readonly Strand[], made: readonly Made[]): (item: Item) => string | null {
  const idOf = new Map(made.map(({ strand, id }) => [strand, id]))
  const byItem = new Map(
    strands.flatMap((strand) => strand.items.map((item) => [item, idOf.get(strand.movedFrom ?? strand) ?? null] as const)),
  )
  return (item) => byItem.get(item) ?? null
}

import { anchorCharacter } from "../../../shared/schema/block.ts"
import { glued } from "../flattened.ts"
import type { ImportedBlock, ImportedComment, ImportedDraft, ImportedNote, ImportedRevision, ImportWarning } from "../imported.ts"
import { oddLabels, withLabels } from "../labelled.ts"
import { childrenOf, wordsOf, type XmlElement } from "../xml.ts"
import { changesOf, type Made, revisionsOf } from "./changes.ts"
import { openWord, type WordPackage } from "./package.ts"
import { type Item, itemsOf, type Paragraph, type Piece } from "./paragraphs.ts"
import { slicePieces, tellStrands } from "./recognized.ts"
import { hasWords, isDeleted, type Strand, strandsOf } from "./strands.ts"

/** Names that stand for nobody: Word and others put them where a document was scrubbed of its authors. Lower case. */
const scrubbed = new Set([
  "author",
  "auteur",
  "autor",
  "autore",
  "autorin",
  "verfasser",
  "författare",
  "forfatter",
  "автор",
  "المؤلف",
  "作者",
  "unknown",
])

const paragraphsIn = (items: readonly Item[]): Paragraph[] =>
  items.flatMap((item) => (item.kind === "table" ? item.rows.flatMap((row) => row.cells.flat()) : [item]))

const textOf = (pieces: readonly Piece[]): string => pieces.map((piece) => piece.text).join("")

/** The paragraphs of a note or a comment as one line of pieces; the number that opens a note is no part of it. */
function onOneLine(items: readonly Item[]): Piece[] {
  const lines = paragraphsIn(items).filter((paragraph) => hasWords(paragraph.pieces))
  return lines.flatMap((paragraph, i) => {
    const blank: Piece = { text: " ", revisions: paragraph.mark, comments: [], note: null, isItalic: false }
    return i < lines.length - 1 ? [...paragraph.pieces, blank] : paragraph.pieces
  })
}

/** Footnotes and endnotes in the order in which they are called. */
class Notes {
  readonly notes: ImportedNote[] = []
  readonly made: Made[] = []
  readonly items: { readonly note: string; readonly items: readonly Item[] }[] = []
  readonly #word: WordPackage
  readonly #warnings: ImportWarning[]

  constructor(word: WordPackage, warnings: ImportWarning[]) {
    this.#word = word
    this.#warnings = warnings
  }

  /** A call at an offset of a block. */
  call(name: string, block: string, at: number): void {
    const note = (name.startsWith("f") ? this.#word.footnotes : this.#word.endnotes).get(name.slice(1))
    if (!note) this.#warnings.push({ code: "NOTE", block, message: "A footnote is called here that the file does not hold." })
    const items = note ? itemsOf(note) : []
    const line = onOneLine(items).filter((piece) => piece.note === null)
    const start = textOf(line).length - textOf(line).trimStart().length
    const end = textOf(line).trimEnd().length
    const pieces = slicePieces(line, start, Math.max(start, end)).map((piece) => ({ ...piece, text: piece.text.replaceAll("\t", " ") }))
    const id = `f${this.notes.length + 1}`
    this.notes.push({ id, label: String(this.notes.length + 1), text: textOf(pieces), block, at })
    this.made.push({ id, pieces, strand: null })
    this.items.push({ note: id, items })
  }
}

/** Where each comment stands: the first block that it is about, and what of it. */
type Places = Map<string, { block: string; from: number; to: number }>

function placesIn(made: readonly Made[]): Places {
  const places: Places = new Map()
  for (const { id, pieces } of made) {
    let at = 0
    for (const piece of pieces) {
      const to = at + piece.text.length
      for (const comment of piece.comments) {
        const known = places.get(comment)
        if (!known) places.set(comment, { block: id, from: at, to })
        else if (known.block === id) known.to = to
      }
      at = to
    }
  }
  return places
}

const lastParagraphId = (comment: XmlElement): string => childrenOf(comment, "w:p").at(-1)?.attrs["w14:paraId"] ?? ""

/** The comments of a file as threads: replies under what they answer, however deep the file nests them. */
function commentsOf(
  word: WordPackage,
  made: readonly Made[],
  points: ReadonlyMap<string, string>,
  warnings: ImportWarning[],
): ImportedComment[] {
  const places = placesIn(made)
  const textById = new Map(made.map(({ id, pieces }) => [id, textOf(pieces)]))
  const byParagraph = new Map(word.comments.map((comment) => [lastParagraphId(comment), comment]))
  const rootOf = (comment: XmlElement): XmlElement => {
    let root = comment
    for (const seen = new Set([root]); ; seen.add(root)) {
      const parent = word.commentStates.get(lastParagraphId(root))?.parent
      const next = parent ? byParagraph.get(parent) : undefined
      if (!next || seen.has(next)) return root
      root = next
    }
  }
  const remark = (comment: XmlElement): Pick<ImportedComment, "by" | "date" | "text"> => ({
    by: comment.attrs["w:author"] ?? null,
    date: comment.attrs["w:date"] ?? null,
    text: paragraphsIn(itemsOf(comment))
      .map((paragraph) => textOf(paragraph.pieces).trim())
      .filter(Boolean)
      .join("\n"),
  })
  const roots = word.comments.filter((comment) => rootOf(comment) === comment)
  return roots.map((comment, i) => {
    const id = comment.attrs["w:id"] ?? ""
    const place = places.get(id)
    const block = place?.block ?? points.get(id) ?? null
    if (block === null)
      warnings.push({
        code: "COMMENT",
        message: `A comment by ${comment.attrs["w:author"] ?? "somebody"} has no place in the text; it is put on the document.`,
      })
    const replies = word.comments.filter((other) => other !== comment && rootOf(other) === comment).map(remark)
    return {
      id: `k${i + 1}`,
      ...remark(comment),
      block,
      quote: place ? textById.get(place.block)!.slice(place.from, place.to) : "",
      replies,
      resolved: word.commentStates.get(lastParagraphId(comment))?.isResolved ?? false,
      ...(place ? { at: { from: place.from, to: place.to } } : {}),
    }
  })
}

/**
 * Reads a Word file: its paragraphs as blocks by style, list and words; its revisions as changes that bear the file's literal author and date, their
 * source not stated; its comments as threads; footnotes. Nothing in it is fetched or run. Throws a DomainError that says what is wrong with the file.
 */
export function readWord(bytes: Uint8Array, name = "The file"): ImportedDraft {
  const word = openWord(bytes, name)
  const items = itemsOf(word.body)
  const strands = strandsOf(items)
  const shown = strands.filter((strand) => hasWords(strand.pieces) && !strand.isMoveTarget)
  const { profile, told, cover, debris } = tellStrands(shown, word)
  const warnings: ImportWarning[] = [...word.warnings]
  const notes = new Notes(word, warnings)
  const blocks: ImportedBlock[] = []
  const made: Made[] = []
  const renumbered: ImportedRevision[] = []
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
      if (piece.note !== null && piece.text === anchorCharacter) notes.call(piece.note, id, at)
      at += piece.text.length
    }
  }
  if (blocks.length === 0 && cover.length === 0) blocks.push({ id: "b1", type: "paragraph", text: "" })
  const all = [...made, ...notes.made]
  const changes = changesOf(all)
  const labelled = withLabels(blocks, profile, changes)
  if (labelled.some((block) => block.type === "head")) warnings.push(...oddLabels(labelled))
  const comments = commentsOf(word, all, pointsOf(shown, made), warnings)
  const blockOf = blockFinder(made)
  const revisions = [
    ...revisionsOf(items, blockOf),
    ...notes.items.flatMap((note) => revisionsOf(note.items, () => note.note)),
    ...renumbered,
  ]
  warnOfNames(revisions, comments, warnings)
  for (const strand of shown)
    for (const box of strand.paragraph?.boxes ?? []) debris.length < 1_000 && (debris as string[]).push(`[text box: ${box}]`)
  return {
    profile,
    cover,
    blocks: labelled,
    changes,
    comments,
    notes: notes.notes,
    debris: [
      ...debris,
      ...word.margins
        .map((margin) => wordsOf(margin).trim())
        .filter(Boolean)
        .map((text) => `[header or footer: ${text}]`),
    ],
    warnings,
    revisions,
  }
}

/** The block that each comment without a range stands in. */
function pointsOf(strands: readonly Strand[], made: readonly Made[]): Map<string, string> {
  const idOf = new Map(made.map(({ strand, id }) => [strand, id]))
  return new Map(
    strands.flatMap((strand) =>
      (strand.paragraph?.points ?? []).flatMap((comment) => {
        const block = idOf.get(strand)
        return block === undefined ? [] : [[comment, block] as const]
      }),
    ),
  )
}

/** Which block a paragraph of the file became. Of those that became one only the last is known. */
function blockFinder(made: readonly Made[]): (paragraph: Paragraph) => string | null {
  const byParagraph = new Map(made.flatMap(({ strand, id }) => (strand?.paragraph ? [[strand.paragraph, id] as const] : [])))
  return (paragraph) => byParagraph.get(paragraph) ?? null
}

function warnOfNames(revisions: readonly ImportedRevision[], comments: readonly ImportedComment[], warnings: ImportWarning[]): void {
  const names = new Set([
    ...revisions.map((revision) => revision.enteredBy),
    ...comments.flatMap((comment) => [comment.by, ...comment.replies.map((reply) => reply.by)]),
  ])
  const nobody = [...names].filter((name) => name === null || name.trim() === "" || scrubbed.has(name.trim().toLowerCase()))
  if (nobody.length > 0)
    warnings.push({
      code: "AUTHOR",
      message: `Names were removed from this file: changes or comments are by ${nobody.map((name) => (name?.trim() ? `“${name}”` : "nobody")).join(", ")}. Whose they are must be stated.`,
    })
}

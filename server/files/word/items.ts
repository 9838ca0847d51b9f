import type { Carried } from "./carried.ts"
import type { Revision } from "./revision.ts"

/** Text under one set of revisions, the outermost first. */
export interface Piece {
  readonly text: string
  readonly revisions: readonly Revision[]
  /** Ids of the comments that are about it. */
  readonly comments: readonly string[]
  /** The footnote ("f") or endnote ("e") that it calls, with its id. */
  readonly note: string | null
  readonly isItalic: boolean
}

/** A change of looks or of a list number: listed, and no change of text. */
export interface Formatting {
  readonly kind: "formatting" | "numbering"
  readonly author: string | null
  readonly date: string | null
  readonly what: string
}

/** Something in the file that a draft does not take, or takes otherwise than the file shows it. */
export interface Left {
  readonly kind: LeftKind
  /** Its words, or what it is called; "" where it has neither. */
  readonly words: string
  /** What they stand over or in, or what gives them: the base of a reading, the name of an element. */
  readonly about: string
}

export type LeftKind =
  | "altChunk"
  | "box"
  | "carried"
  | "chart"
  | "code"
  | "drawing"
  | "field"
  | "formula"
  | "hidden"
  | "join"
  | "level"
  | "loose"
  | "moved"
  | "nestedTable"
  | "noteSign"
  | "object"
  | "picture"
  | "ruby"
  | "struck"
  | "subdocument"
  | "underlined"
  | "unknown"

export interface Paragraph {
  readonly kind: "paragraph"
  readonly pieces: readonly Piece[]
  readonly style: string | null
  readonly list: { readonly id: string | null; readonly level: number | null } | null
  readonly isRtl: boolean
  /** Revisions of the paragraph mark: its insertion splits, its deletion joins with the next. */
  readonly mark: readonly Revision[]
  readonly formatting: readonly Formatting[]
  /** Comments that begin or are referred to here: those without words of their own are about this paragraph. */
  readonly points: readonly string[]
  /** What stands in each of its text boxes, which stand beside the text. */
  readonly boxes: readonly (readonly Item[])[]
  readonly left: readonly Left[]
  /** What our bookmarks in it say of it as a whole. */
  readonly marks: readonly ParagraphMark[]
}

/** A bookmark of ours with what it means. */
export interface ParagraphMark {
  readonly name: string
  readonly carried: Carried & { readonly kind: "act" | "place" }
}

export interface Table {
  readonly kind: "table"
  /** Rows of cells of paragraphs. A row that was inserted or deleted as a whole says so. */
  readonly rows: readonly TableRow[]
  /** Rows of tables within its cells that were inserted or deleted as a whole. */
  readonly innerRows: readonly Revision[]
  readonly formatting: readonly Formatting[]
  readonly left: readonly Left[]
}

export interface TableRow {
  readonly cells: readonly (readonly Paragraph[])[]
  readonly revisions: readonly Revision[]
}

export type Item = Paragraph | Table

export const paragraphsIn = (items: readonly Item[]): Paragraph[] =>
  items.flatMap((item) => (item.kind === "table" ? item.rows.flatMap((row) => row.cells.flat()) : [item]))

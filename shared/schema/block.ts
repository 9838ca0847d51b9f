/**
 * The draft as plain values: a flat list of blocks, each a list of runs of text under marks. Everything that is computed from a draft (labels,
 * changes, projections, comparison) is computed from this, so that it gives the same on the server, which reads Yjs, and in the browser, which
 * reads ProseMirror.
 */
export type BlockType = "designation" | "title" | "formula" | "head" | "clause" | "paragraph" | "quote" | "note" | "heading" | "table"
export type Part = "preamble" | "operative"
export type MarkName = "insertion" | "deletion" | "comment" | "noteRef"

/** A mark in force on a run. `changeId` is the change it belongs to: `of`, or its own id where it joined none. */
export interface Mark {
  readonly name: MarkName
  readonly key: string
  readonly id: string
  readonly of: string
  readonly source: string
  readonly changeId: string
  /** Insertions only: ids of the insertions and deletions it was typed in, outermost first. */
  readonly within: readonly string[]
  /** Deletions only: ids of the foreign open insertions it objects to. */
  readonly over: readonly string[]
  /** Deletions only: the server's clock as its writer knew it, in decimal; "" where it does not say. */
  readonly heard: string
  /** noteRef only: the footnote it calls. */
  readonly noteId: string
}

/** Text under one set of marks, in the order in which they were opened. */
export interface Run {
  readonly text: string
  readonly marks: readonly Mark[]
}

/**
 * A proposal about a block as a whole (TRK5). It lies in the root `structure` under its own id, is written by its source alone, and moves nothing
 * before it is accepted. `changeId` is the change it belongs to: `of`, or its own id where it joined none.
 */
export type StructuralProposal = {
  readonly id: string
  readonly of: string
  readonly source: string
  readonly block: string
  readonly changeId: string
} & StructuralAct

export type StructuralAct =
  | { readonly kind: "delete" }
  /**
   * Its words go to the end of another block. `apart`, which only the server writes: of a block that was cut off from `into` since that was to be joined
   * to another. Its words follow there as a block of their own, as if they had been cut off after the join (RES6).
   */
  | { readonly kind: "join"; readonly into: string; readonly apart?: true }
  /** It goes behind another block; null: before the first. */
  | { readonly kind: "move"; readonly after: string | null }
  | { readonly kind: "level"; readonly level: number }

export interface BlockAttrs {
  readonly id: string
  readonly type: BlockType
  /** The block of the text in force that it comes from; null for what was added since. */
  readonly origin: string | null
  readonly insertedBy: string | null
  readonly insertedId: string | null
  readonly dir: "ltr" | "rtl"
  readonly part: Part
  readonly level: number
  readonly importedLabel: string | null
  readonly noteId: string | null
  /**
   * Where its words are now: a block that was joined or moved stays as an empty, undrawn place, from which words that arrive late are carried over
   * (GATE8). Null for every block that is part of the text.
   */
  readonly joined: string | null
}

export interface Block extends BlockAttrs {
  readonly runs: readonly Run[]
  /** Open proposals about it as a whole. */
  readonly structure: readonly StructuralProposal[]
}

/** The attribute of a block that differs from these is written; the rest is understood. */
export const defaultAttrs: Omit<BlockAttrs, "id" | "type"> = {
  origin: null,
  insertedBy: null,
  insertedId: null,
  dir: "ltr",
  part: "preamble",
  level: 1,
  importedLabel: null,
  noteId: null,
  joined: null,
}

/** What a block has that nobody proposes anything about. */
export const noStructure: readonly StructuralProposal[] = []

/** Which attributes a type has, beside the common ones. */
export const attrsOfType: Readonly<Record<BlockType, readonly (keyof BlockAttrs)[]>> = {
  designation: [],
  title: [],
  formula: [],
  head: ["part"],
  clause: ["level", "importedLabel"],
  paragraph: [],
  quote: [],
  note: ["noteId"],
  heading: [],
  table: [],
}

export const blockTypes = Object.keys(attrsOfType) as BlockType[]
export const commonAttrs: readonly (keyof BlockAttrs)[] = ["id", "origin", "insertedBy", "insertedId", "dir", "joined"]

/** A table is text: cells are separated by tabs, rows by line feeds. */
export const cellSeparator = "\t"
export const rowSeparator = "\n"

/** One U+FFFC stands for a footnote anchor. */
export const anchorCharacter = "\ufffc"

/** A proposed split: one U+2029 with an insertion mark, drawn as a pilcrow. Agreed text holds none (TRK5). */
export const splitCharacter = "\u2029"

/** Whether a mark proposes something: it puts words in or takes them out. */
export const isProposal = (mark: Mark): boolean => mark.name === "insertion" || mark.name === "deletion"

/** Ids of what a mark was put inside of, or objects to. */
export const namedBy = (mark: Mark): readonly string[] => (mark.name === "insertion" ? mark.within : mark.over)

/** How deep proposals stand in one another: as many ids a mark names at most (TRK2, GATE11). */
export const deepestNesting = 8

const isIn = (list: readonly string[], id: string): boolean => list.includes(id)

const ownerCache = new WeakMap<readonly Mark[], Mark | null>()

/**
 * The insertion that owns a character under these marks: the innermost, which is the one that no other names in its `within`; where that does not
 * decide, the one opened last (TRK2). Null for agreed text.
 */
export function ownerOf(marks: readonly Mark[]): Mark | null {
  if (marks.length === 0) return null
  let owner = ownerCache.get(marks)
  if (owner === undefined) {
    const insertions = marks.filter((mark) => mark.name === "insertion")
    const innermost = insertions.filter((mark) => !insertions.some((other) => other !== mark && isIn(other.within, mark.id)))
    owner = innermost.at(-1) ?? insertions.at(-1) ?? null
    ownerCache.set(marks, owner)
  }
  return owner
}

/**
 * Whether a deletion takes effect on a character with these marks: on agreed text always; on open text only where it was made over it. A deletion
 * that somebody typed inside is inherited and inert there (TRK2).
 */
export function isDeletionInEffect(deletion: Mark, marks: readonly Mark[]): boolean {
  const owner = ownerOf(marks)
  if (!owner) return true
  if (isIn(owner.within, deletion.id)) return false
  return marks.some((mark) => mark.name === "insertion" && isIn(deletion.over, mark.id))
}

/** All characters of a block, open and struck ones too. */
export const textOf = (block: Block): string => block.runs.map((run) => run.text).join("")

/** The words of a block that are agreed. */
export const agreedTextOf = ({ runs }: Block): string => runs.flatMap(({ text, marks }) => (ownerOf(marks) === null ? [text] : [])).join("")

/** Whether a block is part of the text: not the empty place that a join or a move left behind. */
export const isPresent = (block: BlockAttrs): boolean => block.joined === null

/** Whether a block is part of the agreed text: there, and not proposed. */
export const isAgreed = (block: BlockAttrs): boolean => block.insertedBy === null && isPresent(block)

/**
 * Whether a block is proposed and holds nothing: not begun yet, or its words were taken back. It is no change, has no label and is not drawn, but for who
 * is just about to write in it (NUM10).
 */
export const isBlank = (block: Block): boolean => block.insertedBy !== null && block.runs.length === 0

/** Runs with neighbours of equal marks joined and empty ones dropped. */
export function joinRuns(runs: readonly Run[]): Run[] {
  const joined: Run[] = []
  for (const run of runs) {
    if (run.text === "") continue
    const last = joined.at(-1)
    if (last && sameMarks(last.marks, run.marks)) joined[joined.length - 1] = { text: last.text + run.text, marks: last.marks }
    else joined.push(run)
  }
  return joined
}

/** Whether two sets of marks hold the same keys, in whatever order. */
export function sameMarks(a: readonly Mark[], b: readonly Mark[]): boolean {
  if (a === b) return true
  return a.length === b.length && a.every((mark) => b.some((other) => other.key === mark.key))
}

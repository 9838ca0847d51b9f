import { rowSeparator } from "../../shared/schema/block.ts"
import type { FileBlock, FileDraft, FileWarning } from "../files/file-draft.ts"
import { firstWordsOf } from "./first-words.ts"

/** By which a row is known again in a text that has no tables: its letters and digits, for the reader of a line may take the first cell for a label. */
const keyOf = (text: string): string => text.normalize("NFC").replace(/[^\p{L}\p{N}]/gu, "")
const lineOf = ({ label = "", text }: FileBlock): string => keyOf(label + text)
const rowsOf = ({ text }: FileBlock): string[] => text.split(rowSeparator).map(keyOf).filter(Boolean)

/**
 * Plain text has no tables: each row is a line there, and reads as a paragraph or a clause. Rows that another text has as a table, all of them in a row,
 * are that table again; where only some of them are found a warning says that the others come and go as lines.
 */
export function withTablesOf(draft: FileDraft, other: FileDraft): { readonly draft: FileDraft; readonly warnings: readonly FileWarning[] } {
  const tables = other.blocks.filter(({ type }) => type === "table")
  if (tables.length === 0 || draft.blocks.some(({ type }) => type === "table")) return { draft, warnings: [] }
  const hasNotes = new Set(draft.notes.map(({ block }) => block))
  let { blocks, comments } = draft
  const warnings: FileWarning[] = []
  let from = 0
  for (const table of tables) {
    const rows = rowsOf(table)
    const lines = blocks.map(lineOf)
    const isHere = (at: number): boolean => rows.every((row, i) => lines[at + i] === row && !hasNotes.has(blocks[at + i]!.id))
    const at = rows.length === 0 ? -1 : lines.findIndex((_, i) => i >= from && isHere(i))
    if (at < 0) {
      const known = new Set(lines)
      if (rows.some((row) => known.has(row))) warnings.push(asLines(table))
      continue
    }
    const [first, ...rest] = blocks.slice(at, at + rows.length)
    const gone = new Set([first!.id, ...rest.map(({ id }) => id)])
    const { id, dir } = first!
    blocks = [
      ...blocks.slice(0, at),
      { id, type: "table", ...(dir === undefined ? {} : { dir }), text: table.text },
      ...blocks.slice(at + rows.length),
    ]
    comments = comments.map((comment) => {
      const { at: _, further = [], ...rest } = comment
      const isIn = comment.block !== null && gone.has(comment.block)
      // A remark on a row, or on words of one, is on the table.
      return isIn || further.some(({ block }) => gone.has(block)) ? { ...rest, block: isIn ? id : comment.block } : comment
    })
    from = at + 1
  }
  return { draft: blocks === draft.blocks ? draft : { ...draft, blocks, comments }, warnings }
}

const asLines = ({ text }: FileBlock): FileWarning => ({
  code: "TABLE",
  message: `Plain text has no tables: the rows of the table “${firstWordsOf(text.replaceAll(/[\t\n]/g, " "))}” are lines in it, so that the table goes and its rows come as paragraphs and clauses. Compare a Word file, or our own JSON, instead.`,
})

// The words of a block in Akoma Ntoso: with what is proposed and said about them, and the footnotes that they call.
import { countsOn } from "../../../shared/changes/changes.ts"
import {
  anchorCharacter,
  type Block,
  cellSeparator,
  defaultAttrs,
  type Mark,
  type Run,
  rowSeparator,
  splitCharacter,
} from "../../../shared/schema/block.ts"
import { classOfLevel } from "../../files/akn/names.ts"
import { escaped, tag } from "../../files/markup.ts"

/** What a block says of itself in `class`, for the standard has no place for it. */
export const classesOf = ({ type, level, dir, insertedBy, insertedId }: Block): string =>
  [
    type,
    ...(type === "clause" ? [classOfLevel(level)] : []),
    ...(dir === defaultAttrs.dir ? [] : [dir]),
    ...(insertedBy ? ["inserted", insertedId!] : []),
  ].join(" ")

/** Writes words. `notes`: by the id of a footnote its body and number; `isMarked`: whether what is proposed is marked. */
export class WordsWriter {
  readonly #notes: ReadonlyMap<string, { readonly block: Block; readonly number: number }>
  readonly #isMarked: boolean

  constructor(notes: ReadonlyMap<string, { readonly block: Block; readonly number: number }>, isMarked: boolean) {
    this.#notes = notes
    this.#isMarked = isMarked
  }

  /** All that a block holds, as what stands in an element. */
  content(block: Block): string {
    if (block.type !== "table") return tag("p", {}, this.inline(block))
    const rows = cellsOf(block.runs).map((row) => tag("tr", {}, row.map((cell) => tag("td", {}, tag("p", {}, this.#runs(cell)))).join("")))
    return tag("table", {}, rows.join(""))
  }

  /** Its words, as what stands in a line. */
  inline(block: Block): string {
    return this.#runs(block.runs)
  }

  /** Runs with what stands on them, the outer marks outside; neighbours share what they can. */
  #runs(runs: readonly Run[]): string {
    let markup = ""
    for (const run of runs) {
      // Words belong to one insertion, as everywhere: the others merely surround them.
      const isShown = (mark: Mark): boolean => mark.name === "comment" || countsOn(mark, run.marks)
      const marks = this.#isMarked ? run.marks.filter(isShown) : []
      const note = run.marks.find((mark) => mark.name === "noteRef")
      markup += marks.reduceRight((inner, mark) => this.#marked(mark, inner), this.#words(run.text, note))
    }
    return markup
  }

  #marked(mark: Mark, inner: string): string {
    if (mark.name === "comment") return tag("inline", { name: "comment", class: mark.id }, inner)
    return tag(mark.name === "insertion" ? "ins" : "del", { class: mark.changeId }, inner)
  }

  #words(text: string, note: Mark | undefined): string {
    return text
      .split(/(\u2029|\ufffc)/)
      .map((part) => {
        if (part === splitCharacter) return tag("eol", { class: "split" })
        if (part !== anchorCharacter) return escaped(part)
        const body = note && this.#notes.get(note.noteId)
        return body
          ? tag(
              "authorialNote",
              { marker: body.number, placement: "bottom", eId: `fn_${body.number}`, wId: body.block.id, class: classesOf(body.block) },
              tag("p", {}, this.#runs(body.block.runs)),
            )
          : ""
      })
      .join("")
  }
}

/** The runs of a table's cells, row by row. Separators bear no marks here. */
function cellsOf(runs: readonly Run[]): Run[][][] {
  const rows: Run[][][] = [[[]]]
  for (const run of runs)
    for (const part of run.text.split(/(\t|\n)/)) {
      if (part === rowSeparator) rows.push([[]])
      else if (part === cellSeparator) rows.at(-1)!.push([])
      else if (part)
        rows
          .at(-1)!
          .at(-1)!
          .push({ ...run, text: part })
    }
  return rows
}

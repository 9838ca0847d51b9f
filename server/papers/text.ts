// A draft as plain text, which is what a person would type: it has no marks, so that changes are told in words (`marked-text`).
import { withStanding } from "../../shared/comments/place-of.ts"
import { anchorCharacter, type Block, splitCharacter, textOf } from "../../shared/schema/block.ts"
import type { FileNote } from "../files/file-draft.ts"
import { notesOf, sourceOf } from "./file-draft-of.ts"
import { MarkedText } from "./marked-text.ts"
import { labelsOfView } from "./paper-labels.ts"
import { nameOf, type PaperView, type Printable, remarkFrom, showsChanges } from "./printable.ts"
import type { Marks, Sheet, SheetOptions, SheetRun } from "./sheet.ts"
import { sheetOf } from "./sheet-of.ts"
import { blocksOfView } from "./view-blocks.ts"

const spaceBefore: ReadonlySet<Block["type"]> = new Set(["head", "formula", "title", "heading"])

export interface TextOptions {
  readonly hasComments?: boolean
  readonly marks?: Marks
}

/**
 * Plain text as a person would type it: one block a line, labels with a tab, footnotes at the end. Reading it back gives the same blocks; where it shows
 * changes they are marked, and it is refused.
 */
export function writePlainText(draft: Printable, view: PaperView, { hasComments = false, marks = "delegation" }: TextOptions = {}): string {
  return showsChanges(view) ? markedText(draft, { view, marks, hasComments }) : plainText(draft, view)
}

class Lines {
  readonly #lines: string[] = []

  constructor(draft: Printable) {
    for (const field of draft.cover) this.#lines.push(field.text)
  }

  add({ type, level }: Pick<Block, "type" | "level">, label: string | undefined, words: string): void {
    if (spaceBefore.has(type) && this.#lines.length > 0) this.#lines.push("")
    // A tab counts as space to the reader, but words would join across it: labels are the only place for one.
    this.#lines.push(label ? `${"\t".repeat(level - 1)}${label}\t${words}` : words)
  }

  text(first: string | null = null): string {
    return `${[...(first === null ? [] : [first]), ...this.#lines].join("\n")}\n`
  }
}

function plainText(draft: Printable, view: PaperView): string {
  const blocks = blocksOfView(draft, view)
  const { labels } = labelsOfView(draft, view, blocks)
  const notes = notesOf(blocks)
  const lines = new Lines(draft)
  let called = 0
  for (const block of blocks) {
    if (block.type === "note") continue
    const words = textOf(block)
      .replaceAll(splitCharacter, "¶")
      .replaceAll(anchorCharacter, () => noteCall(notes[called++]))
    lines.add(block, labels.get(block.id), words)
  }
  return lines.text()
}

function markedText(draft: Printable, options: SheetOptions): string {
  const sheet = sheetOf(draft, options)
  const marked = new MarkedText(options.marks === "delegation")
  const lines = new Lines(draft)
  const notes = new Map(
    sheet.notes.map(({ number, runs }) => [
      number,
      { label: String(number), text: marked.words(runs, (run) => run.text.replaceAll(anchorCharacter, "")) },
    ]),
  )
  const callOf = (run: SheetRun): string =>
    run.text.replaceAll(anchorCharacter, () => (run.note === null ? "" : noteCall(notes.get(run.note))))
  const remarks = remarksByHome(draft, sheet)
  for (const block of sheet.blocks) {
    const label = marked.label(block)
    const { id } = block.block
    const said = block.moved?.end === "to" ? "" : (remarks.get(id) ?? "")
    // A clause of the text in force can stand at two places.
    if (said !== "") remarks.delete(id)
    lines.add(block.block, label, marked.block(block, callOf) + said)
  }
  return lines.text(marked.isMarked ? marked.legend : null)
}

/** What is said about each block, as a conversion to text writes it behind the words. What is about a footnote stands where that is called. */
function remarksByHome(draft: Printable, { threads, notes, blocks }: Sheet): Map<string, string> {
  const callers = new Map(
    notes.map(({ number, block }) => [block.id, blocks.find(({ runs }) => runs.some((run) => run.note === number))?.block.id]),
  )
  const oneLine = (text: string): string => text.replace(/\s+/g, " ").replaceAll("Comment by", "comment by").trim()
  const said = new Map<string, string>()
  for (const { thread, home, said: about } of threads) {
    const at = home === null ? undefined : (callers.get(home) ?? home)
    if (at === undefined) continue
    const remarks = thread.remarks.map((remark, i) => {
      const { person, source, text } = remark
      const from = remarkFrom(remark, draft.people)
      // Whom a file names has said nothing here: the delegation has that brought it.
      const by = from === null ? nameOf(person, draft.people) : null
      const name = oneLine(by ?? sourceOf(source) ?? "somebody").replaceAll(":", " ")
      const words = `${from === null ? "" : `(${from}) `}${oneLine(text)}`
      return `\tComment by ${name.slice(0, 80)}: ${withStanding(i === 0 ? about : null, words)}`
    })
    said.set(at, (said.get(at) ?? "") + remarks.join(""))
  }
  return said
}

const noteCall = (note: Pick<FileNote, "label" | "text"> | undefined): string =>
  note ? `[footnoteRef:${note.label}]${note.label}[${note.label}: ${note.text} ]` : ""

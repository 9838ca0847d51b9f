import { labelIn } from "../../shared/clauses/label-forms.ts"
import type { Profile } from "../../shared/clauses/labels.ts"
import { anchorCharacter } from "../../shared/schema/block.ts"
import { DomainError } from "../problems.ts"
import { cleaned } from "./characters.ts"
import type { CoverField, FileBlock, FileComment, FileDraft, FileNote, FileWarning } from "./file-draft.ts"
import { glued } from "./flattened.ts"
import { oddLabels, withLabels } from "./labelled.ts"
import { refuseMarked } from "./marked-text.ts"
import { endsSentence, findStart, isHead, isRightToLeft, openingOf, Recognizer, wordCount } from "./recognize.ts"
import { type Line, linesOf } from "./text-lines.ts"

/** Largest text that is read, in UTF-16 units. */
export const longestText = 20_000_000

class Reader {
  readonly blocks: FileBlock[] = []
  readonly comments: FileComment[] = []
  readonly notes: FileNote[] = []
  readonly warnings: FileWarning[] = []
  readonly debris: string[]
  readonly #recognizer: Recognizer

  constructor(profile: Profile, debris: string[]) {
    this.#recognizer = new Recognizer(profile)
    this.debris = debris
  }

  warn(code: string, block: string, message: string): void {
    this.warnings.push({ code, block, message })
  }

  /** Adds a block for a line; what a conversion inlined in it becomes notes and comments. */
  add(line: Line, block: Omit<FileBlock, "id" | "text">, text: string): FileBlock {
    const id = `b${this.blocks.length + 1}`
    const made: FileBlock = {
      ...block,
      id,
      ...(isRightToLeft(text) ? { dir: "rtl" as const } : {}),
      text: text.replace(/\t/g, " ").trim(),
    }
    this.blocks.push(made)
    this.debris.push(...line.debris)
    for (const remark of line.comments) {
      const n = this.comments.length + 1
      this.comments.push({ id: `k${n}`, by: remark.by, date: null, block: id, quote: "", text: remark.text, replies: [], resolved: false })
    }
    let at = -1
    for (const note of line.notes) {
      at = made.text.indexOf(anchorCharacter, at + 1)
      this.notes.push({ id: `f${this.notes.length + 1}`, label: note.number, text: note.text, block: id, at })
    }
    for (const message of glued(made.text)) this.warn("FLAT", id, message)
    return made
  }

  /** `bullets`: whether a bullet is the label of what stands behind it; on a page of the web it stands before everything. */
  read(line: Line, bullets: "labels" | "debris"): void {
    const { bullet, text } = line
    // A row of a table.
    if (bullet === null && text.indexOf("\t") !== text.lastIndexOf("\t")) {
      this.#recognizer.passed(text)
      return void this.add(line, { type: "paragraph" }, text)
    }
    const isLabel = bullet !== null && bullets === "labels" && labelIn(text) === null && !isHead(text)
    if (bullet !== null && !isLabel) this.debris.push(bullet)
    const { block, skip, warnings } = isLabel
      ? this.#recognizer.labelled({ literal: bullet, kind: "dash", value: "" }, 0)
      : this.#recognizer.line(text, bullet !== null)
    const made = this.add(line, block, text.slice(skip))
    for (const { code, message } of warnings) this.warn(code, made.id, message)
  }
}

/**
 * Reads a resolution from plain text: cover, designation, title, formula, heads, clauses, quotations, comments and footnotes. Glued revisions are
 * kept as they stand and flagged; who proposed what is not in such a text, and never guessed. Throws a DomainError where there is no text.
 * Every word of the file is in a block, a label, a thread, a note, the cover or the debris.
 */
export function readText(text: string): FileDraft {
  if (text.length > longestText)
    throw new DomainError("too-large", `This text has ${text.length} characters; at most ${longestText} are read.`)
  refuseMarked(text)
  const { lines, debris } = linesOf(cleaned(text.replace(/\r\n?|[\f\u2028\u2029]/g, "\n")))
  if (lines.length === 0) throw new DomainError("bad-input", "This file holds no text.")
  const { formula, profile } = findStart(lines.map((line) => line.text))
  const reader = new Reader(profile, debris)
  const cover: CoverField[] = []
  const start = readOpening(lines, formula, reader, cover)
  const { body, tail } = withoutTail(lines.slice(start))
  const isOfWeb = body.some((line) => line.bullet !== null && isHead(line.text))
  for (const line of body) reader.read(line, isOfWeb ? "debris" : "labels")
  for (const line of tail) debris.push(...(line.bullet ?? []), line.text, ...line.debris)
  const blocks = withLabels(reader.blocks, profile, [])
  reader.warnings.push(...oddLabels(blocks))
  const isFlattened = reader.warnings.some((warning) => warning.code === "FLAT")
  if (isFlattened) {
    const message =
      "This text seems to hold tracked changes that were flattened: old and new words stand side by side. They are kept as they stand; whose they were is not stated."
    reader.warnings.unshift({ code: "FLAT", message })
  }
  if (!blocks.some((block) => block.type === "head" || block.type === "clause"))
    reader.warnings.unshift({ code: "STR", message: "No head and no clause was found: every line is kept as a paragraph." })
  return {
    profile,
    cover,
    blocks,
    changes: [],
    comments: reader.comments,
    notes: reader.notes,
    debris: debris.filter(Boolean),
    warnings: reader.warnings,
  }
}

/** Cover, designation, title and formula; the index of the first line behind them. */
function readOpening(lines: readonly Line[], formula: number, reader: Reader, cover: CoverField[]): number {
  const opening = openingOf(
    lines.map((line) => line.text),
    formula,
    (i) => lines[i]!.field,
  )
  for (const line of lines.slice(0, opening.coverEnd)) {
    const bullet = line.bullet === null ? "" : `${line.bullet} `
    cover.push({ field: line.field, text: bullet + line.text.replace(/\t/g, " ") })
    reader.debris.push(...line.debris)
  }
  const named = opening.designation === null ? [] : [lines[opening.designation]!]
  for (const { bullet } of [...named, ...(formula < 0 ? [] : lines.slice(opening.titleFrom, formula + 1))])
    if (bullet !== null) reader.debris.push(bullet)
  if (opening.designation !== null) reader.add(lines[opening.designation]!, { type: "designation" }, lines[opening.designation]!.text)
  if (formula < 0) return opening.bodyFrom
  const title = lines.slice(opening.titleFrom, formula)
  if (title.length > 0) {
    const first = title[0]!
    const joined: Line = {
      ...first,
      comments: title.flatMap((line) => line.comments),
      notes: title.flatMap((line) => line.notes),
      debris: title.flatMap((line) => line.debris),
    }
    reader.add(joined, { type: "title" }, title.map((line) => line.text).join(" "))
  }
  reader.add(lines[formula]!, { type: "formula" }, lines[formula]!.text)
  return opening.bodyFrom
}

/** Lines behind the end of the text ("Leave a Response"): short, unlabelled, without end punctuation, after a full stop. */
function withoutTail(lines: readonly Line[]): { body: readonly Line[]; tail: readonly Line[] } {
  let end = lines.length
  while (end > 1) {
    const line = lines[end - 1]!
    const isLoose =
      !labelIn(line.text) && !endsSentence(line.text) && wordCount(line.text) <= 6 && !isHead(line.text) && line.comments.length === 0
    if (!isLoose || !/[.,]$/.test(lines[end - 2]!.text)) break
    end--
  }
  return { body: lines.slice(0, end), tail: lines.slice(end) }
}

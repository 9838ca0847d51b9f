import { leadWords, nearestHead, partOfHead } from "../../shared/clauses/heads.ts"
import { computedLabels, letterOf, type Profile } from "../../shared/clauses/labels.ts"
import { anchorCharacter, defaultAttrs, noStructure, type Part } from "../../shared/schema/block.ts"
import { DomainError } from "../problems.ts"
import { glued } from "./flattened.ts"
import type { CoverField, ImportedBlock, ImportedComment, ImportedDraft, ImportedNote, ImportWarning } from "./imported.ts"
import { type Line, linesOf } from "./text-lines.ts"

/** Largest text that is read, in UTF-16 units. */
export const longestText = 20_000_000

const designation =
  /^(?:draft (?:resolution|decision)$|(?:(?:draft|new|revised|pp|council|wtdc|wtsa|wrc|mod|add|sup)\s+)*(?:resolution|decision|recommendation|القرار|قرار)\s+\S+)/i
const annex = /^(?:annex|appendix|attachment|الملحق)\b[^.;,]{0,60}$/i
const arabicLetters = /[\u0590-\u08ff]/
const latinLetters = /[A-Za-z]/

const endsInComma = (text: string): boolean => /[,،]$/.test(text)
const endsSentence = (text: string): boolean => /[;:.,،؛]$/.test(text.replaceAll(anchorCharacter, "").trim())
/** An adopting formula: a body that speaks, with its comma or, where that was forgotten, by the body's name. */
const isFormula = (text: string): boolean =>
  wordCount(text) < 40 &&
  (endsInComma(text) || (/^the\b.*\b(?:conference|council|assembly|union|commission|committee)\b/i.test(text) && !endsSentence(text)))
const wordCount = (text: string): number => text.split(/\s+/).length

const letterLabel = /^(\(?([a-z]{1,2}|[ivxl]{1,6})((?: |\u00a0)(?:bis|ter|quater))?\))[\s]*/
const arabicLabel = /^(\(?([\u0621-\u064a])\s?\))[\s]*/
const numberLabel = /^(\(?(\d{1,3}(?:\.\d{1,3})*)((?: |\u00a0)(?:bis|ter|quater))?[.)]?)(?:\t+|\s+(?=[\p{Ll}\p{Lo}“"(]|\p{Lu}))/u
const emptyLabel = /^(\))[\s]+/
const dashLabel = /^([–—-])\s+/

interface Label {
  readonly literal: string
  readonly kind: "letter" | "number" | "empty" | "dash"
  readonly value: string
  readonly rest: string
}

function labelIn(text: string): Label | null {
  const letter = letterLabel.exec(text) ?? arabicLabel.exec(text)
  if (letter) return { literal: letter[1]!, kind: "letter", value: letter[2]!, rest: text.slice(letter[0].length) }
  const number = numberLabel.exec(text)
  if (number) return { literal: number[1]!, kind: "number", value: number[2]!, rest: text.slice(number[0].length) }
  const empty = emptyLabel.exec(text)
  if (empty) return { literal: empty[1]!, kind: "empty", value: "", rest: text.slice(empty[0].length) }
  const dash = dashLabel.exec(text)
  return dash ? { literal: dash[1]!, kind: "dash", value: "", rest: text.slice(dash[0].length) } : null
}

/** A line that stands as head over clauses: known first words, short, bare of end punctuation and of a label. */
function isHead(line: Line): boolean {
  const { text } = line
  if (text.length > 160 || endsSentence(text) || labelIn(text) || wordCount(text) > 18) return false
  if (partOfHead(text) !== null) return true
  return wordCount(text) === 1 && nearestHead(text) !== null
}

/** Where the text proper begins: the first head, or the first paragraph with lead words, behind the adopting formula. */
function findStart(lines: readonly Line[]): { formula: number; profile: Profile } {
  for (let i = 1; i < lines.length; i++) if (isHead(lines[i]!) && isFormula(lines[i - 1]!.text)) return { formula: i - 1, profile: "itu" }
  for (let i = 1; i < lines.length; i++)
    if (endsInComma(lines[i - 1]!.text) && wordCount(lines[i - 1]!.text) < 20 && leadWords(lines[i]!.text))
      return { formula: i - 1, profile: "un" }
  const first = lines.findIndex(
    (line, i) => isHead(line) && i + 1 < lines.length && (labelIn(lines[i + 1]!.text) !== null || endsSentence(lines[i + 1]!.text)),
  )
  return { formula: first >= 0 ? first - 1 : -1, profile: "itu" }
}

class Reader {
  readonly blocks: ImportedBlock[] = []
  readonly comments: ImportedComment[] = []
  readonly notes: ImportedNote[] = []
  readonly warnings: ImportWarning[] = []
  readonly debris: string[]
  readonly #profile: Profile
  #part: Part | null = null
  #isUnderHead = false
  #clausesUnderHead = 0
  #lastLevel = 1
  #lastOfLevel = new Map<number, string>()
  #lastText = ""

  constructor(profile: Profile, debris: string[]) {
    this.#profile = profile
    this.debris = debris
  }

  warn(code: string, block: string, message: string): void {
    this.warnings.push({ code, block, message })
  }

  /** Adds a block for a line; what a conversion inlined in it becomes notes and comments. */
  add(line: Line, block: Omit<ImportedBlock, "id" | "text">, text: string): ImportedBlock {
    const id = `b${this.blocks.length + 1}`
    const isRtl = arabicLetters.test(text) && (!latinLetters.test(text) || text.search(arabicLetters) < text.search(latinLetters))
    const made: ImportedBlock = { ...block, id, ...(isRtl ? { dir: "rtl" as const } : {}), text: text.replace(/\t/g, " ").trim() }
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
    this.#lastText = made.text
    return made
  }

  head(line: Line): void {
    const nearest = partOfHead(line.text) === null ? nearestHead(line.text) : null
    const part = partOfHead(line.text) ?? nearest?.part ?? this.#part ?? "preamble"
    const block = this.add(line, { type: "head", part }, line.text)
    if (nearest) this.warn("HEAD", block.id, `“${line.text}” is not a known head. Is it “${nearest.head}”?`)
    if (part === "preamble" && this.#part === "operative")
      this.warn("HEAD", block.id, `“${line.text}” belongs to the preamble but stands after an operative head.`)
    this.#part = part
    this.#isUnderHead = true
    this.#clausesUnderHead = 0
    this.#lastOfLevel = new Map()
    this.#lastLevel = 1
  }

  body(line: Line): void {
    const label = labelIn(line.text)
    if (label) return this.#labelled(line, label)
    if (/^[“"«„]/.test(line.text)) return void this.add(line, { type: "quote" }, line.text)
    if (annex.test(line.text)) return void this.add(line, { type: "heading" }, line.text)
    if (this.#profile === "un") return this.#unParagraph(line)
    const opensItem = /^(?:to|that|the|and|how|its)\b|^[\u0600-\u06ff]/.test(line.text)
    const isFirst = this.#isUnderHead && this.#clausesUnderHead === 0
    const isNext = this.#isUnderHead && (line.hasBullet || (opensItem && /[;]$/.test(this.#lastText) && /^(?:to|that)\b/.test(line.text)))
    if (!isFirst && !isNext) return void this.add(line, { type: "paragraph" }, line.text)
    const block = this.add(line, { type: "clause", level: 1 }, line.text)
    this.#clausesUnderHead++
    if (!isFirst) this.warn("NUM", block.id, "This clause has no label in the file.")
  }

  #unParagraph(line: Line): void {
    this.add(line, { type: "paragraph" }, line.text)
  }

  #labelled(line: Line, label: Label): void {
    const isGluedAddition = isGluedNumber(label.value, this.#lastOfLevel.get(2))
    const isGluedNeighbour = isGluedPair(label.value, this.#lastOfLevel.get(1))
    const level = isGluedAddition ? 2 : isGluedNeighbour ? 1 : this.#levelOf(label)
    const block = this.add(line, { type: "clause", level, importedLabel: label.literal }, label.rest)
    if (isGluedAddition || isGluedNeighbour)
      this.warn("FLAT", block.id, `The label “${label.literal}” looks like two labels glued together.`)
    if (label.kind === "empty") this.warn("NUM", block.id, "The label of this clause is empty in the file.")
    this.#lastLevel = level
    this.#lastOfLevel.set(level, isGluedNeighbour ? label.value.slice(label.value.length / 2) : label.value)
    for (const deeper of [...this.#lastOfLevel.keys()]) if (deeper > level) this.#lastOfLevel.delete(deeper)
    this.#clausesUnderHead++
  }

  #levelOf(label: Label): number {
    if (label.kind === "number") return Math.min(4, label.value.split(".").length)
    if (label.kind === "empty") return 1
    if (label.kind === "dash") return Math.min(4, this.#clausesUnderHead === 0 ? 1 : Math.max(2, this.#lastLevel))
    const previous = this.#lastOfLevel.get(1)
    const isNumbered = previous !== undefined && /^\d/.test(previous)
    if (isNumbered) {
      if (!/^[ivxl]+$/.test(label.value)) return 2
      return this.#lastOfLevel.has(2) && !/^[ivxl]+$/.test(this.#lastOfLevel.get(2)!) ? 3 : 2
    }
    // "i)" after "h)" is the ninth letter; after anything else it opens a list within the clause.
    const isNextLetter =
      previous === undefined || !/^[ivxl]+$/.test(label.value) || (label.value.length > 1 === false && isLetterAfter(previous, label.value))
    return isNextLetter ? 1 : 2
  }
}

const isLetterAfter = (previous: string, value: string): boolean => {
  for (let n = 1; n <= 52; n++) if (letterOf(n) === previous) return letterOf(n + 1) === value || letterOf(n + 2) === value
  return false
}

/** "1.2" and "1.3" glued to "1.21.3". */
const isGluedNumber = (value: string, previous: string | undefined): boolean => {
  const match = /^(\d+)\.(\d+?)\1\.(\d+)$/.exec(value)
  return match !== null && (previous === undefined || previous.startsWith(`${match[1]}.`))
}

/** "4" and "5" glued to "45" behind "4". */
const isGluedPair = (value: string, previous: string | undefined): boolean => {
  if (!/^\d{2,4}$/.test(value) || value.length % 2 || previous === undefined || !/^\d+$/.test(previous)) return false
  const half = value.length / 2
  const [first, second] = [Number(value.slice(0, half)), Number(value.slice(half))]
  return second === first + 1 && Number(previous) + 1 !== Number(value) && (Number(previous) === first || Number(previous) + 1 === first)
}

/**
 * Reads a resolution from plain text: cover, designation, title, formula, heads, clauses, quotations, comments and footnotes. Glued revisions are
 * kept as they stand and flagged; who proposed what is not in such a text, and never guessed. Throws a DomainError where there is no text.
 * Every word of the file is in a block, a label, a thread, a note, the cover or the debris.
 */
export function readText(text: string): ImportedDraft {
  if (text.length > longestText)
    throw new DomainError("too-large", `This text has ${text.length} characters; at most ${longestText} are read.`)
  const { lines, debris } = linesOf(text)
  if (lines.length === 0) throw new DomainError("bad-input", "This file holds no text.")
  const { formula, profile } = findStart(lines)
  const reader = new Reader(profile, debris)
  const cover: CoverField[] = []
  const start = readOpening(lines, formula, reader, cover)
  const { body, tail } = withoutTail(lines.slice(start))
  for (const line of body) {
    if (profile === "itu" && isHead(line)) reader.head(line)
    else reader.body(line)
  }
  for (const line of tail) debris.push(line.text, ...line.debris)
  const blocks = withLabels(reader.blocks, profile)
  compareLabels(blocks, reader)
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
  const end = Math.max(0, formula)
  const named = lines.slice(0, end).findLastIndex((line) => designation.test(line.text) && line.text.length < 200 && !line.field)
  const titleFrom = named >= 0 ? named + 1 : firstOfTitle(lines, end)
  const coverEnd = named >= 0 ? named : titleFrom
  for (const line of lines.slice(0, coverEnd)) {
    cover.push({ field: line.field, text: line.text.replace(/\t/g, " ") })
    reader.debris.push(...line.debris)
  }
  if (named >= 0) reader.add(lines[named]!, { type: "designation" }, lines[named]!.text)
  if (formula < 0) return coverEnd + (named >= 0 ? 1 : 0)
  const title = lines.slice(titleFrom, formula)
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
  return formula + 1
}

// Without a designation the title is what stands right before the formula, as far as it is no cover field and no sentence.
function firstOfTitle(lines: readonly Line[], formula: number): number {
  let from = formula
  while (
    from > 0 &&
    formula - from < 3 &&
    !lines[from - 1]!.field?.match(/^(?:Source|Title|Meeting|Doc)/) &&
    !/[.:]$/.test(lines[from - 1]!.text)
  )
    from--
  return from
}

/** Lines behind the end of the text ("Leave a Response"): short, unlabelled, without end punctuation, after a full stop. */
function withoutTail(lines: readonly Line[]): { body: readonly Line[]; tail: readonly Line[] } {
  let end = lines.length
  while (end > 1) {
    const line = lines[end - 1]!
    const isLoose =
      !labelIn(line.text) && !endsSentence(line.text) && wordCount(line.text) <= 6 && !isHead(line) && line.comments.length === 0
    if (!isLoose || !/[.,]$/.test(lines[end - 2]!.text)) break
    end--
  }
  return { body: lines.slice(0, end), tail: lines.slice(end) }
}

function withLabels(blocks: readonly ImportedBlock[], profile: Profile): ImportedBlock[] {
  const labels = computedLabels(
    blocks.map((block) => ({
      ...defaultAttrs,
      ...block,
      part: block.part ?? "preamble",
      level: block.level ?? 1,
      importedLabel: null,
      origin: null,
      runs: [],
      structure: noStructure,
    })),
    profile,
  )
  return blocks.map((block) => (block.type === "clause" ? { ...block, label: labels.get(block.id) ?? "" } : block))
}

const foldLabel = (label: string): string => label.replace(/[().\s]/g, "").toLowerCase()

/** Literal labels against computed ones: duplicates, gaps, mixed styles are evidence for the checks, never corrected in silence. */
function compareLabels(blocks: readonly ImportedBlock[], reader: Reader): void {
  for (const block of blocks) {
    if (block.importedLabel === undefined || !block.label || block.importedLabel === ")") continue
    if (foldLabel(block.importedLabel) !== foldLabel(block.label))
      reader.warn("NUM", block.id, `The file labels this clause “${block.importedLabel}”; in its place it is “${block.label}”.`)
  }
}

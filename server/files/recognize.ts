import { isAnnexLine } from "../../shared/clauses/annexes.ts"
import { leadWords, nearestHead, partOfHead } from "../../shared/clauses/heads.ts"
import { formOf, type Label, labelIn } from "../../shared/clauses/label-forms.ts"
import { letterOf, type Profile } from "../../shared/clauses/labels.ts"
import { anchorCharacter, type BlockType, type Part } from "../../shared/schema/block.ts"
import type { FileBlock, FileWarning } from "./file-draft.ts"

/**
 * What the lines of a resolution are, told by their words: the same for plain text and for a Word file whose styles do not say it. A tab stands between
 * a label and its words.
 */

export const designation =
  /^(?:draft (?:resolution|decision)$|(?:(?:draft|new|revised|pp|council|wtdc|wtsa|wrc|mod|add|sup)\s+)*(?:resolution|decision|recommendation|القرار|قرار)\s+\S+)/i
/** A part of a text with a number of its own: "SECTION 1", "CHAPTER II – Conduct of work". */
export const division =
  /^(?:section|chapter|part|title|chapitre|partie|titre|sección|capítulo|parte|título|раздел|глава|часть|القسم|الفصل|第[一二三四五六七八九十\d]+[章节編编])(?:\s+(?:\d+(?:\.\d+)*(?:bis|ter)?|[ivxlc]+|[a-z]))?(?:\s*[–—:.-]?\s.{0,80})?$/i
const arabicLetters = /[\u0590-\u08ff]/
const latinLetters = /[A-Za-z]/

/** Whether a text runs from right to left: Arabic or Hebrew letters, and none of ours before them. */
export const isRightToLeft = (text: string): boolean =>
  arabicLetters.test(text) && (!latinLetters.test(text) || text.search(arabicLetters) < text.search(latinLetters))

const endsInComma = (text: string): boolean => /[,،]$/.test(text)
export const endsSentence = (text: string): boolean => /[;:.,،؛]$/.test(text.replaceAll(anchorCharacter, "").trim())
/** An adopting formula: a body that speaks, with its comma or, where that was forgotten, by the body's name. */
export const isFormula = (text: string): boolean =>
  wordCount(text) < 40 &&
  labelIn(text) === null &&
  (endsInComma(text) || (/^the\b.*\b(?:conference|council|assembly|union|commission|committee)\b/i.test(text) && !endsSentence(text)))
export const wordCount = (text: string): number => text.split(/\s+/).length

/** A line that stands as head over clauses: known first words, short, bare of end punctuation and of a label. */
export function isHead(text: string): boolean {
  if (text.length > 160 || endsSentence(text) || labelIn(text) || wordCount(text) > 18) return false
  if (partOfHead(text) !== null) return true
  return wordCount(text) === 1 && nearestHead(text) !== null
}

/** Where the text proper begins: the first head, or the first paragraph with lead words, behind the adopting formula. */
export function findStart(lines: readonly string[]): { formula: number; profile: Profile } {
  for (let i = 1; i < lines.length; i++) if (isHead(lines[i]!) && isFormula(lines[i - 1]!)) return { formula: i - 1, profile: "itu" }
  for (let i = 1; i < lines.length; i++)
    if (endsInComma(lines[i - 1]!) && labelIn(lines[i - 1]!) === null && wordCount(lines[i - 1]!) < 20 && leadWords(lines[i]!))
      return { formula: i - 1, profile: "un" }
  const first = lines.findIndex(
    (line, i) => isHead(line) && i + 1 < lines.length && (labelIn(lines[i + 1]!) !== null || endsSentence(lines[i + 1]!)),
  )
  return { formula: first >= 0 ? first - 1 : -1, profile: "itu" }
}

/** What stands before the first head: cover lines, one line of designation, those of the title, the adopting formula. */
export interface Opening {
  readonly coverEnd: number
  readonly designation: number | null
  readonly titleFrom: number
  /** The first line behind it. */
  readonly bodyFrom: number
}

/** Finds the opening of a text whose formula is known (-1: it has none). `fieldOf`: the name of the cover field that a line is marked as. */
export function openingOf(lines: readonly string[], formula: number, fieldOf: (line: number) => string | null): Opening {
  const end = Math.max(0, formula)
  const named = lines.slice(0, end).findLastIndex((line, i) => designation.test(line) && line.length < 200 && !fieldOf(i))
  const titleFrom = named >= 0 ? named + 1 : firstOfTitle(lines, end, fieldOf)
  const coverEnd = named >= 0 ? named : titleFrom
  return {
    coverEnd,
    designation: named >= 0 ? named : null,
    titleFrom,
    bodyFrom: formula < 0 ? coverEnd + (named >= 0 ? 1 : 0) : formula + 1,
  }
}

// Without a designation the title is what stands right before the formula, as far as it is no cover field and no sentence.
function firstOfTitle(lines: readonly string[], formula: number, fieldOf: (line: number) => string | null): number {
  let from = formula
  while (from > 0 && formula - from < 3 && !fieldOf(from - 1)?.match(/^(?:Source|Title|Meeting|Doc)/) && !/[.:]$/.test(lines[from - 1]!))
    from--
  return from
}

/** What a line became. */
export interface Recognized {
  readonly block: Pick<FileBlock, "type" | "part" | "level" | "importedLabel">
  /** How many characters of the line are its label. */
  readonly skip: number
  readonly warnings: readonly Pick<FileWarning, "code" | "message">[]
}

/** Follows a text line by line, below its opening, and says what each is: heads, clauses with their level, quotations, annexes, paragraphs. */
export class Recognizer {
  readonly #profile: Profile
  #part: Part | null = null
  #isUnderHead = false
  #clausesUnderHead = 0
  #lastLevel = 1
  #lastOfLevel = new Map<number, string>()
  /** The level of each form of label that the list at hand has. */
  #levelOfForm = new Map<string, number>()
  #lastText = ""

  constructor(profile: Profile) {
    this.#profile = profile
  }

  /** One that goes on from here by itself. */
  copy(): Recognizer {
    const copy = new Recognizer(this.#profile)
    copy.#part = this.#part
    copy.#isUnderHead = this.#isUnderHead
    copy.#clausesUnderHead = this.#clausesUnderHead
    copy.#lastLevel = this.#lastLevel
    copy.#lastOfLevel = new Map(this.#lastOfLevel)
    copy.#levelOfForm = new Map(this.#levelOfForm)
    copy.#lastText = this.#lastText
    return copy
  }

  /** A line that was not shown to it: what follows is told by what stood before. */
  passed(text: string): void {
    this.#lastText = text
  }

  line(text: string, hasBullet: boolean): Recognized {
    const found = this.#profile === "itu" && isHead(text) ? this.head(text) : this.#body(text, hasBullet)
    this.#lastText = text.slice(found.skip).trim()
    return found
  }

  /** `inForce`: as the head stands without what is proposed in it: where it is known by that, it stays what it is. */
  head(text: string, inForce = text): Recognized {
    const known = partOfHead(text) ?? partOfHead(inForce)
    const nearest = known === null ? nearestHead(text) : null
    const part = known ?? nearest?.part ?? this.#part ?? "preamble"
    const warnings: Recognized["warnings"][number][] = []
    if (nearest) warnings.push({ code: "HEAD", message: `“${text}” is not a known head. Is it “${nearest.head}”?` })
    if (part === "preamble" && this.#part === "operative")
      warnings.push({ code: "HEAD", message: `“${text}” belongs to the preamble but stands after an operative head.` })
    this.#part = part
    this.#isUnderHead = true
    this.#clausesUnderHead = 0
    this.#lastOfLevel = new Map()
    this.#levelOfForm = new Map()
    this.#lastLevel = 1
    this.#lastText = text
    return { block: { type: "head", part }, skip: 0, warnings }
  }

  #body(text: string, hasBullet: boolean): Recognized {
    const label = labelIn(text)
    if (label) return this.labelled(label, text.length - label.rest.length)
    const plain = (type: BlockType): Recognized => ({ block: { type }, skip: 0, warnings: [] })
    if (/^[“"«„]/.test(text)) return plain("quote")
    if (isAnnexLine(text) || (division.test(text) && !endsSentence(text))) return plain("heading")
    if (this.#profile === "un") return plain("paragraph")
    const opensItem = /^(?:to|that|the|and|how|its)\b|^[\u0600-\u06ff]/.test(text)
    const isFirst = this.#isUnderHead && this.#clausesUnderHead === 0
    const isNext = this.#isUnderHead && (hasBullet || (opensItem && /[;]$/.test(this.#lastText) && /^(?:to|that)\b/.test(text)))
    return isFirst || isNext ? this.unlabelled() : plain("paragraph")
  }

  /** A clause without a label: the only one under its head has none. */
  unlabelled(): Recognized {
    const isFirst = this.#clausesUnderHead++ === 0
    const warnings = isFirst ? [] : [{ code: "NUM", message: "This clause has no label in the file." }]
    return { block: { type: "clause", level: 1 }, skip: 0, warnings }
  }

  /** `level`: where the file says it by other means than the label. */
  labelled(label: Pick<Label, "literal" | "kind" | "value">, skip: number, level?: number): Recognized {
    const isGluedAddition = isGluedNumber(label.value, this.#lastOfLevel.get(2))
    const isGluedNeighbour = isGluedPair(label.value, this.#lastOfLevel.get(1))
    const at = level ?? (isGluedAddition ? 2 : isGluedNeighbour ? 1 : this.#levelOf(label))
    const warnings: Recognized["warnings"][number][] = []
    if (isGluedAddition || isGluedNeighbour)
      warnings.push({ code: "FLAT", message: `The label “${label.literal}” looks like two labels glued together.` })
    if (label.kind === "empty") warnings.push({ code: "NUM", message: "The label of this clause is empty in the file." })
    this.#lastLevel = at
    this.#lastOfLevel.set(at, isGluedNeighbour ? label.value.slice(label.value.length / 2) : label.value)
    for (const deeper of [...this.#lastOfLevel.keys()]) if (deeper > at) this.#lastOfLevel.delete(deeper)
    for (const [form, own] of this.#levelOfForm) if (own > at) this.#levelOfForm.delete(form)
    this.#levelOfForm.set(formOf(label.literal), at)
    this.#clausesUnderHead++
    return { block: { type: "clause", level: at, importedLabel: label.literal }, skip, warnings }
  }

  #levelOf(label: Pick<Label, "kind" | "literal" | "value">): number {
    if (label.kind === "empty") return 1
    if (label.kind === "dash" || label.kind === "sign") return this.#levelOfList(label.literal)
    if (label.kind === "number") {
      // "1)" below "a)" or "2" is a list of its own; "1" is a clause, and so is "4)" behind "3" where no list has begun.
      const above = this.#lastOfLevel.get(1)
      const isList = above !== undefined && (label.value === "1" || !/^\d/.test(above) || this.#levelOfForm.has(formOf(label.literal)))
      const isBelow = /[()（）]/.test(label.literal) && !label.value.includes(".") && isList
      return isBelow ? this.#levelOfList(label.literal) : Math.min(4, label.value.split(".").length)
    }
    return this.#levelOfLetter(label.value)
  }

  /** That of the same form before; a new form begins a list below what stands before it. */
  #levelOfList(literal: string): number {
    return this.#levelOfForm.get(formOf(literal)) ?? (this.#clausesUnderHead === 0 ? 1 : Math.min(4, this.#lastLevel + 1))
  }

  /** How deep the numbers go that stand above all letters; 0: none do. */
  #numberedLevel(): number {
    let deepest = 0
    for (let level = 1; level <= 4; level++) {
      const own = this.#lastOfLevel.get(level)
      if (own === undefined) continue
      if (!/^\d/.test(own)) break
      deepest = level
    }
    return deepest
  }

  #levelOfLetter(value: string): number {
    const isRoman = /^[ivxl]+$/.test(value)
    const numbered = this.#numberedLevel()
    const before = this.#lastOfLevel.get(numbered + 1)
    if (numbered > 0) {
      const isBelow = isRoman && before !== undefined && !/^[ivxl]+$/.test(before) && !isLetterAfter(before, value)
      return Math.min(4, numbered + (isBelow ? 2 : 1))
    }
    // "i)" after "h)" is the ninth letter; after anything else it opens a list within the clause.
    const isNextLetter = before === undefined || !isRoman || (value.length === 1 && isLetterAfter(before, value))
    return isNextLetter ? 1 : 2
  }
}

const isLetterAfter = (previous: string, value: string): boolean => {
  for (let n = 1; n <= 52; n++) if (letterOf(n) === previous) return letterOf(n + 1) === value || letterOf(n + 2) === value
  return false
}

/** "1.2" and "1.3" glued to "1.21.3". */
const isGluedNumber = (value: string, previous: string | undefined): boolean => {
  const match = /^(\d{1,4})\.(\d{1,4}?)\1\.(\d{1,4})$/.exec(value)
  return match !== null && (previous === undefined || previous.startsWith(`${match[1]}.`))
}

/** "4" and "5" glued to "45" behind "4". */
const isGluedPair = (value: string, previous: string | undefined): boolean => {
  if (!/^\d{2,4}$/.test(value) || value.length % 2 || previous === undefined || !/^\d+$/.test(previous)) return false
  const half = value.length / 2
  const [first, second] = [Number(value.slice(0, half)), Number(value.slice(half))]
  return second === first + 1 && Number(previous) + 1 !== Number(value) && (Number(previous) === first || Number(previous) + 1 === first)
}

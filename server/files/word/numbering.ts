import { han } from "../../../shared/clauses/additions.ts"
import { beginningOf } from "../../../shared/schema/letters.ts"
import { childOf, childrenOf, type XmlElement } from "../xml.ts"
import { listLevel } from "./markup.ts"

interface Level {
  readonly start: number
  readonly format: string
  /** "%1.%2", each %n the counter of that level. */
  readonly text: string
  /** All its numbers in Western digits, whatever the other levels show. */
  readonly isLegal: boolean
  /** The level, counted from 1, whose next paragraph begins it anew; 0: none does. Null: every higher one. */
  readonly restart: number | null
}

interface List {
  readonly abstract: string
  readonly levels: ReadonlyMap<number, Level>
  /** Levels that begin anew where this list does. */
  readonly restarts: ReadonlyMap<number, number>
}

/** The lists of a Word file by their `numId`. */
export type Numbering = ReadonlyMap<string, List>

const valOf = (element: XmlElement | undefined): string | undefined => element?.attrs["w:val"]

/** Says what of the lists cannot be so, and was read otherwise. */
type Tell = (sentence: string) => void

/** The number that a list, or a level of it, begins with. */
function startIn(value: string | undefined, tell: Tell): number | undefined {
  if (value === undefined) return undefined
  if (/^-?\d{1,9}$/.test(value)) return Number(value)
  tell(`A list of the file begins with “${beginningOf(value, 20)}”, which is no number: it was read as 1.`)
  return 1
}

/** The level that an element describes, if it is one. */
function levelIn(element: XmlElement, tell: Tell): number | null {
  const value = element.attrs["w:ilvl"] ?? "0"
  const level = listLevel(value)
  if (level === null) tell(`The file describes a level “${beginningOf(value, 20)}” of a list, which is none: it was left out.`)
  return level
}

const levelOf = (element: XmlElement, tell: Tell): Level => ({
  start: startIn(valOf(childOf(element, "w:start")), tell) ?? 1,
  format: valOf(childOf(element, "w:numFmt")) ?? "decimal",
  text: valOf(childOf(element, "w:lvlText")) ?? "",
  isLegal: !["0", "false", undefined].includes(childOf(element, "w:isLgl") && (valOf(childOf(element, "w:isLgl")) ?? "1")),
  restart: wholeNumber(valOf(childOf(element, "w:lvlRestart"))),
})

const wholeNumber = (value: string | undefined): number | null => (value !== undefined && /^\d+$/.test(value) ? Number(value) : null)

const levelsOf = (element: XmlElement | undefined, tell: Tell): [number, Level][] =>
  childrenOf(element, "w:lvl").flatMap((found): [number, Level][] => {
    const level = levelIn(found, tell)
    return level === null ? [] : [[level, levelOf(found, tell)]]
  })

/** Reads numbering.xml: abstract lists, and the lists that use them with their overrides. */
export function numberingOf(root: XmlElement | null, tell: Tell): Numbering {
  const elements = childrenOf(root ?? undefined, "w:abstractNum")
  const byStyle = new Map(elements.map((abstract) => [valOf(childOf(abstract, "w:styleLink")), abstract]))
  const abstracts = new Map(
    elements.map((abstract) => {
      // A list that only names a style is that style's.
      const linked = valOf(childOf(abstract, "w:numStyleLink"))
      return [abstract.attrs["w:abstractNumId"] ?? "", new Map(levelsOf((linked && byStyle.get(linked)) || abstract, tell))]
    }),
  )
  return new Map(
    childrenOf(root ?? undefined, "w:num").map((num): [string, List] => {
      const abstract = valOf(childOf(num, "w:abstractNumId")) ?? ""
      const levels = new Map(abstracts.get(abstract))
      const restarts = new Map<number, number>()
      for (const override of childrenOf(num, "w:lvlOverride")) {
        const level = levelIn(override, tell)
        if (level === null) continue
        const start = startIn(valOf(childOf(override, "w:startOverride")), tell)
        for (const [, replaced] of levelsOf(override, tell)) levels.set(level, replaced)
        if (start !== undefined) restarts.set(level, start)
      }
      return [num.attrs["w:numId"] ?? "", { abstract, levels, restarts }]
    }),
  )
}

const roman = (n: number): string =>
  (
    [
      [1000, "m"],
      [900, "cm"],
      [500, "d"],
      [400, "cd"],
      [100, "c"],
      [90, "xc"],
      [50, "l"],
      [40, "xl"],
      [10, "x"],
      [9, "ix"],
      [5, "v"],
      [4, "iv"],
      [1, "i"],
    ] as const
  ).reduce(({ rest, text }, [value, sign]) => ({ rest: rest % value, text: text + sign.repeat(Math.floor(rest / value)) }), {
    rest: Math.min(n, 3_999),
    text: "",
  }).text

/** Behind z Word doubles the letter: aa, bb. */
const letter = (n: number): string => String.fromCharCode(97 + ((n - 1) % 26)).repeat(Math.min(8, Math.ceil(n / 26)))

const cyrillic = "абвгдежзиклмнопрстуфхцчшщыэюя"
const arabicAlphabet = "أبتثجحخدذرزسشصضطظعغفقكلمنهوي"
const arabicAbjad = "أبجدهوزحطيكلمنسعفصقرشتثخذضظغ"
const inTurn = (letters: string, n: number): string => letters[(n - 1) % letters.length]!

const suffixes: Readonly<Record<number, string>> = { 1: "st", 2: "nd", 3: "rd" }
const ordinal = (n: number): string => `${n}${(n % 100 > 10 && n % 100 < 14 ? undefined : suffixes[n % 10]) ?? "th"}`
/** One sign that holds the number, as far as there are any. */
const signed = (first: number, last: number, n: number): string => (n <= last ? String.fromCodePoint(first + n - 1) : String(n))

/** Ways of counting, by their names in Word. What is not here is counted in Western digits. */
const formats: Readonly<Record<string, (n: number) => string>> = {
  lowerLetter: letter,
  upperLetter: (n) => letter(n).toUpperCase(),
  lowerRoman: roman,
  upperRoman: (n) => roman(n).toUpperCase(),
  decimalZero: (n) => String(n).padStart(2, "0"),
  ordinal,
  numberInDash: (n) => `- ${n} -`,
  russianLower: (n) => inTurn(cyrillic, n),
  russianUpper: (n) => inTurn(cyrillic, n).toUpperCase(),
  arabicAlpha: (n) => inTurn(arabicAlphabet, n),
  arabicAbjad: (n) => inTurn(arabicAbjad, n),
  hindiNumbers: (n) => String(n).replace(/\d/g, (digit) => String.fromCodePoint(0x966 + Number(digit))),
  decimalFullWidth: (n) => String(n).replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
  chineseCounting: han,
  chineseCountingThousand: han,
  japaneseCounting: han,
  ideographDigital: (n) => String(n).replace(/\d/g, (digit) => "〇一二三四五六七八九"[Number(digit)]!),
  taiwaneseCounting: han,
  taiwaneseCountingThousand: han,
  decimalEnclosedCircle: (n) => signed(0x2460, 20, n),
  decimalEnclosedCircleChinese: (n) => signed(0x2460, 20, n),
  decimalEnclosedParen: (n) => signed(0x2474, 20, n),
  decimalEnclosedFullstop: (n) => signed(0x2488, 20, n),
  ideographEnclosedCircle: (n) => signed(0x3280, 10, n),
  none: () => "",
}

const formatted = (n: number, format: string): string =>
  Number.isSafeInteger(n) && n > 0 && n < 10_000 && Object.hasOwn(formats, format) ? formats[format]!(n) : String(n)

/** What a numbered paragraph shows: its label, or a bullet. */
export type ShownNumber = { readonly label: string; readonly isBullet: boolean } | null

/** Bullets of the fonts that draw signs in the place of letters. */
const drawnBullets: ReadonlyMap<string, string> = new Map([
  ["o", "◦"],
  ["\uf06f", "◦"],
  ["\uf0a7", "▪"],
  ["\uf0fc", "✓"],
  ["\uf0d8", "➢"],
])

function bulletOf(text: string): string {
  const sign = text.trim()
  const drawn = drawnBullets.get(sign)
  if (drawn) return drawn
  return [...sign].length === 1 && /[\p{P}\p{S}]/u.test(sign) ? sign : "•"
}

/** A longer one is no label. */
const longestLabel = 40

/** Counts the numbered paragraphs of a text in order. */
export class Counter {
  readonly #numbering: Numbering
  readonly #counts = new Map<string, number[]>()
  readonly #begun = new Set<string>()

  constructor(numbering: Numbering) {
    this.#numbering = numbering
  }

  /** What the next paragraph of a list at a level, counted from 0, would show. */
  shown(id: string, level: number): ShownNumber {
    return this.#at(id, level, this.#advanced(id, level))
  }

  /** The same, and that it has been shown. */
  next(id: string, level: number): ShownNumber {
    const counts = this.#advanced(id, level)
    const list = this.#numbering.get(id)
    if (list && list.levels.get(level)?.format !== "bullet") {
      this.#counts.set(list.abstract, counts)
      this.#begun.add(`${id}/${level}`)
    }
    return this.#at(id, level, counts)
  }

  #advanced(id: string, level: number): number[] {
    const list = this.#numbering.get(id)
    const counts = [...((list && this.#counts.get(list.abstract)) ?? [])]
    const restart = this.#begun.has(`${id}/${level}`) ? undefined : list?.restarts.get(level)
    counts[level] = restart ?? (counts[level] === undefined ? (list?.levels.get(level)?.start ?? 1) : counts[level] + 1)
    for (let deeper = level + 1; deeper < counts.length; deeper++) {
      const restart = list?.levels.get(deeper)?.restart ?? null
      if (restart === null || level < restart) delete counts[deeper]
    }
    return counts
  }

  #at(id: string, level: number, counts: readonly number[]): ShownNumber {
    const list = this.#numbering.get(id)
    const own = list?.levels.get(level)
    if (!list || !own || id === "0") return null
    if (own.format === "bullet") return { label: bulletOf(own.text), isBullet: true }
    const label = own.text
      .replace(/%(\d)/g, (_, n: string) => {
        const at = Number(n) - 1
        const shown = list.levels.get(at)
        const format = own.isLegal && shown?.format !== "none" ? "decimal" : (shown?.format ?? "decimal")
        return formatted(counts[at] ?? shown?.start ?? 1, format)
      })
      .trim()
    return label === "" || label.length > longestLabel ? null : { label, isBullet: false }
  }
}

import { childOf, childrenOf, type XmlElement } from "../xml.ts"

interface Level {
  readonly start: number
  readonly format: string
  /** "%1.%2", each %n the counter of that level. */
  readonly text: string
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

const levelOf = (element: XmlElement): Level => ({
  start: Number(valOf(childOf(element, "w:start")) ?? "1"),
  format: valOf(childOf(element, "w:numFmt")) ?? "decimal",
  text: valOf(childOf(element, "w:lvlText")) ?? "",
})

const levelsOf = (element: XmlElement | undefined): [number, Level][] =>
  childrenOf(element, "w:lvl").map((level) => [Number(level.attrs["w:ilvl"] ?? "0"), levelOf(level)])

/** Reads numbering.xml: abstract lists, and the lists that use them with their overrides. */
export function numberingOf(root: XmlElement | null): Numbering {
  const abstracts = new Map(
    childrenOf(root ?? undefined, "w:abstractNum").map((abstract) => [
      abstract.attrs["w:abstractNumId"] ?? "",
      new Map(levelsOf(abstract)),
    ]),
  )
  return new Map(
    childrenOf(root ?? undefined, "w:num").map((num): [string, List] => {
      const abstract = valOf(childOf(num, "w:abstractNumId")) ?? ""
      const levels = new Map(abstracts.get(abstract))
      const restarts = new Map<number, number>()
      for (const override of childrenOf(num, "w:lvlOverride")) {
        const level = Number(override.attrs["w:ilvl"] ?? "0")
        const start = valOf(childOf(override, "w:startOverride"))
        for (const [, replaced] of levelsOf(override)) levels.set(level, replaced)
        if (start !== undefined) restarts.set(level, Number(start))
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

const arabicLetter = (n: number): string => "أبجدهوزحطيكلمنسعفصقرشتثخذضظغ"[(n - 1) % 28]!

function formatted(n: number, format: string): string {
  if (n < 1) return String(n)
  switch (format) {
    case "lowerLetter":
      return letter(n)
    case "upperLetter":
      return letter(n).toUpperCase()
    case "lowerRoman":
      return roman(n)
    case "upperRoman":
      return roman(n).toUpperCase()
    case "decimalZero":
      return String(n).padStart(2, "0")
    case "arabicAlpha":
    case "arabicAbjad":
      return arabicLetter(n)
    case "none":
      return ""
    default:
      return String(n)
  }
}

/** What a numbered paragraph shows: its label, or that it is a bullet. */
export type ShownNumber = { readonly label: string } | "bullet" | null

/** Counts the numbered paragraphs of a text in order. */
export class Counter {
  readonly #numbering: Numbering
  readonly #counts = new Map<string, number[]>()
  readonly #begun = new Set<string>()

  constructor(numbering: Numbering) {
    this.#numbering = numbering
  }

  /** The next paragraph of a list at a level, counted from 0. */
  next(id: string, level: number): ShownNumber {
    const list = this.#numbering.get(id)
    const own = list?.levels.get(level)
    if (!list || !own || id === "0") return null
    if (own.format === "bullet") return "bullet"
    const counts = this.#counts.get(list.abstract) ?? []
    this.#counts.set(list.abstract, counts)
    const restart = this.#begun.has(`${id}/${level}`) ? undefined : list.restarts.get(level)
    this.#begun.add(`${id}/${level}`)
    counts[level] = restart ?? (counts[level] === undefined ? own.start : counts[level] + 1)
    counts.length = level + 1
    const label = own.text.replace(/%(\d)/g, (_, n: string) => {
      const at = Number(n) - 1
      const shown = list.levels.get(at)
      return formatted(counts[at] ?? shown?.start ?? 1, shown?.format ?? "decimal")
    })
    return label.trim() === "" ? null : { label: label.trim() }
  }
}

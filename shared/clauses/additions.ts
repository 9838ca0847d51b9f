/**
 * Labels of clauses that stand between others: "2 bis", "b)bis", "1bis", "2之二", in whatever way the text at hand spells them. Source: the treaties and
 * resolutions of ITU in six languages.
 */

const low = ["semel", "bis", "ter", "quater", "quinquies", "sexies", "septies", "octies", "novies"]
const tens = ["decies", "vicies", "tricies", "quadragies", "quinquagies", "sexagies", "septuagies", "octogies", "nonagies"]
const before = ["un", "duo", "ter", "quater", "quin", "sex", "sept", "octo", "novo"]
const hundreds = [
  "centies",
  "ducenties",
  "trecenties",
  "quadringenties",
  "quingenties",
  "sescenties",
  "septingenties",
  "octingenties",
  "nongenties",
]

/** The Latin adverb of a number from 1: semel, bis, ter ... decies, undecies ... There is one for every number, and no two are alike. */
function latin(n: number): string {
  const [thousands, rest, units] = [Math.floor(n / 1_000), n % 1_000, n % 10]
  const ten = Math.floor((rest % 100) / 10)
  /** The nth of a list; of none of it nothing is said. */
  const nth = (words: readonly string[], of: number): string => words[of - 1] ?? ""
  const end = ten > 0 ? nth(before, units) + nth(tens, ten) : nth(low, units)
  return (thousands > 1 ? latin(thousands) : "") + (thousands > 0 ? "milies" : "") + nth(hundreds, Math.floor(rest / 100)) + end
}

const hanDigits = "一二三四五六七八九"

/** A number in Chinese: 二, 十, 二十一. */
export function han(n: number): string {
  if (n >= 100) return `${han(Math.floor(n / 100))}百${n % 100 === 0 ? "" : n % 100 < 10 ? `零${han(n % 100)}` : han(n % 100)}`
  const [ten, unit] = [Math.floor(n / 10), n % 10]
  return (ten > 1 ? hanDigits.charAt(ten - 1) : "") + (ten > 0 ? "十" : "") + hanDigits.charAt(unit - 1)
}

const arabicOrdinals = ["ثانياً", "ثالثاً", "رابعاً", "خامساً", "سادساً", "سابعاً", "ثامناً", "تاسعاً", "عاشراً"]

/** Ways of saying "the second of this number", "the third" ... */
const series = {
  latin,
  capitals: (n: number): string => latin(n).toUpperCase(),
  han: (n: number): string => `之${han(n)}`,
  arabic: (n: number): string => (n === 2 ? "مكرراً" : `مكرراً ${arabicOrdinals[n - 3] ?? String(n - 1)}`),
} as const
type Series = keyof typeof series

const variants = ["quinques", "nonies", "sedecies", "septendecies", "septiesdecies", "octiesdecies", "noviesdecies", "quinquiesdecies"]
const latinWords = [...Array.from({ length: 98 }, (_, i) => latin(i + 2)), "semel", ...variants].sort((a, b) => b.length - a.length)
const latinWord = `(?:[a-z]{0,60}(?:[cg]enties|milies))?(?:${latinWords.join("|")})|[a-z]{0,60}(?:[cg]enties|milies)`
const capitals = latinWords.map((own) => own.toUpperCase()).join("|")
const hanWord = "之[一二三四五六七八九十百零]+"
const arabicWord = "مكرر(?:اً|ًا|ا)?(?: (?:[\\u0621-\\u064a\\u064b]+|\\d+))?"

/** One of them behind a label, as the source of a regular expression: "bis", " bis", "之二". */
export const additionSource = `(?:[ \\u00a0\\u202f-]?(?:${latinWord}|${capitals}|${hanWord}|${arabicWord}))`

/** Letters and digits, and signs that hold one: ㈠, ①, ⒜. */
const word = "\\p{L}\\p{N}\\u249c-\\u24e9"
const withAddition = new RegExp(`^(.*?[${word}]\\p{M}*)([^${word}]*?)(${additionSource})([^${word}]*)$`, "u")
const bare = new RegExp(`^(.*[${word}]\\p{M}*)([^${word}]*)$`, "u")

/** How a text writes an addition. */
interface Spelling {
  readonly series: Series
  /** What stands before the word. */
  readonly gap: string
  /** Whether it stands behind the sign that closes the label: "b)bis". */
  readonly isOutside: boolean
}

/** A label taken apart. "b)bis": core "b", sign ")". */
interface Parts {
  readonly core: string
  readonly sign: string
  readonly spelling: Spelling | null
  /** Which it is: 2 for "bis"; 1 for none, and for one that is not known. */
  readonly ordinal: number
}

const ordinals = new Map<string, number>()
for (let n = 2; n < 100; n++) for (const say of Object.values(series)) ordinals.set(say(n), n)

/** What is longer is taken for no label, and not looked into. */
const longestLabel = 64

function seriesOf(addition: string): Series {
  if (addition.includes("之")) return "han"
  if (/\p{Script=Arabic}/u.test(addition)) return "arabic"
  return /[A-Z]/.test(addition) ? "capitals" : "latin"
}

/** Null for a label that neither a letter nor a digit tells: a dash, a bullet. */
function partsOf(label: string): Parts | null {
  if (label.length > longestLabel) return null
  const found = withAddition.exec(label)
  if (found) {
    const [, core, inner, addition, outer] = found
    const gap = /^[ \u00a0\u202f-]?/.exec(addition!)![0]
    // A blank before the word is the word's, not the sign's.
    const sign = inner!.trimEnd()
    const own = seriesOf(addition!)
    const isOutside = sign !== ""
    const ordinal = ordinals.get(addition!.slice(gap.length)) ?? 1
    return { core: core!, sign: isOutside ? sign : outer!, spelling: { series: own, gap, isOutside }, ordinal }
  }
  const plain = bare.exec(label)
  return plain ? { core: plain[1]!, sign: plain[2]!, spelling: null, ordinal: 1 } : null
}

/** The spelling of a text that shows none, by the script of the label. */
function usualFor(core: string): Spelling {
  if (/\p{Script=Arabic}$/u.test(core)) return { series: "arabic", gap: " ", isOutside: false }
  if (/[\p{Script=Han}\u3220-\u3229\u3280-\u3289]$/u.test(core)) return { series: "han", gap: "", isOutside: false }
  return { series: "latin", gap: " ", isOutside: false }
}

interface Example {
  readonly isNumber: boolean
  readonly sign: string
  readonly spelling: Spelling
}

const isNumber = (core: string): boolean => /\d$/.test(core)
const examplesOf = new WeakMap<object, readonly Example[]>()

/** The additions among the labels of a text: how it spells them. */
function examplesIn(frozen: Readonly<Record<string, string>>): readonly Example[] {
  let examples = examplesOf.get(frozen)
  if (!examples) {
    examples = Object.values(frozen).flatMap((label) => {
      const found = partsOf(label)
      return found?.spelling ? [{ isNumber: isNumber(found.core), sign: found.sign.trim(), spelling: found.spelling }] : []
    })
    examplesOf.set(frozen, examples)
  }
  return examples
}

/** The spelling that most labels of the nearest kind have: digits like digits, then what closes with the same sign, then any. */
function spellingFor({ core, sign }: Parts, frozen: Readonly<Record<string, string>>): Spelling {
  const examples = examplesIn(frozen)
  const same = examples.filter((other) => other.sign === sign.trim())
  const near = [same.filter((other) => other.isNumber === isNumber(core)), same, examples].find((list) => list.length > 0)
  if (!near) return usualFor(core)
  const counts = new Map<string, { spelling: Spelling; count: number }>()
  for (const { spelling } of near) {
    const key = JSON.stringify(spelling)
    counts.set(key, { spelling, count: (counts.get(key)?.count ?? 0) + 1 })
  }
  const [most] = [...counts.values()].sort((a, b) => b.count - a.count)
  return most!.spelling
}

/** A label by which it is told apart from others: signs, blanks and case say nothing. */
export function foldLabel(label: string): string {
  const folded = label.replace(/[()（）\s]|[.．](?=\p{L}|$)/gu, "").toLowerCase()
  return folded === "" ? label : folded
}

/**
 * The label of a clause that stands behind another, and is none of those that are taken (folded): "2" gives "2 bis", then "2 ter", without end, in the
 * spelling of the label itself or, where it has no addition, of the text's others. What has no letter and no digit, a dash, is given again.
 */
export function labelBehind(label: string, taken: ReadonlySet<string>, frozen: Readonly<Record<string, string>>): string {
  const own = partsOf(label)
  if (!own) return label
  const { core, sign } = own
  const { series: name, gap, isOutside } = own.spelling ?? spellingFor(own, frozen)
  for (let n = own.ordinal + 1; ; n++) {
    const added = `${gap}${series[name](n)}`
    const next = isOutside ? `${core}${sign}${added}` : `${core}${added}${sign}`
    if (!taken.has(foldLabel(next))) return next
  }
}

/** A label without its addition: that of the clause that it was added to. */
export function rootOf(label: string): string {
  const own = partsOf(label)
  return own?.spelling ? own.core + own.sign : label
}

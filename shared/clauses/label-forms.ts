import { additionSource } from "./additions.ts"

/** A label that opens a line. */
export interface Label {
  readonly literal: string
  /** `sign`: one of a form that neither counts by parts nor by letters: ㈠, (一), 1(a), § 3. */
  readonly kind: "letter" | "number" | "empty" | "dash" | "sign"
  /** What counts in it, without signs and additions: "2.1" of "2.1bis", "b" of "b)bis". */
  readonly value: string
  readonly rest: string
}

const add = additionSource
// Western, Arabic-Indic, Persian and full-width digits.
const digit = "[0-9\\u0660-\\u0669\\u06f0-\\u06f9\\uff10-\\uff19]"
const han = "[一二三四五六七八九十百]{1,4}"
/** One letter of any alphabet, one that is repeated (aa, bb), two small ones, or a Roman numeral. */
const letter = "(?:[a-z]{1,2}|([a-z])\\2{2,7}|[ivxl]{1,6}|[IVXL]{1,6}|(?!\\p{Script=Han})\\p{L}[\\p{M}\\u0640]?)"
const number = `(?:${digit}{1,3}(?:${add})?(?:[.．]${digit}{1,3}(?:${add})?)*)`
/** Signs that hold a number or a letter: ① ⑴ ⒈ ⒜ Ⅳ ㈠ ㊀ ❶. */
const sign = "[\\u2460-\\u24ff\\u2160-\\u217f\\u2776-\\u2793\\u3220-\\u3229\\u3280-\\u3289]"
const open = "[(（]"
const close = "[)）]"
/** Where a label ends that no sign closes: a tab, or a blank before words. */
const end = '(?:\\t+|\\s+(?=[\\p{Ll}\\p{Lo}“"(]|\\p{Lu}))'
const behind = `(?:${add}(?=\\s|$))?`

const at = (pattern: string): RegExp => new RegExp(`^${pattern}`, "u")

// Letters are closed by a sign; an addition stands before it or behind it.
const letters = at(`(${open}?(?:${letter})(?:${add})?[ \\u00a0]?${close}${behind})\\s*`)
const letterValue = /[^\s()（）]+/u
// Four digits before a space are a year; before a tab they count a clause.
const numbers = at(
  `(${open}?(?:${number}|${digit}{4}(?=[.)]?\\t))(?:[.．]${behind}|[ \\u00a0]?${close}${behind}|、)?)(?:${end}|(?<=[)）、．])(?=\\p{Script=Han}))`,
)
const arabicNumbers = at(`(${open}?${number}[ \\u00a0]?[-–])(?:\\t+|[ \\u00a0]*(?=[\\u0621-\\u064a]))`)
const signs = at(
  `((?:${sign}(?:${add})?[.、)]?|${han}[、．.]|${open}${han}${close}${behind}|${open}?${digit}{1,3}[a-z]${close}|‘${digit}{1,3}’)(?:${add})?)\\s*`,
)
const empty = /^(\))\s+/
/** Signs that stand before an item and count nothing. */
export const bulletSigns = "•◦▪‣∙·*●○■□◆✓➢►"
const dashes = new RegExp(`^([–—-]|[${bulletSigns}](?=\\t))\\s+`, "u")

// Before a tab more can be a label, for a tab is what sets it off.
const name =
  "(?:(?:Article|Artículo|Art\\.|Section|Sección|Sec\\.|Chapter|Chapitre|Part|Rule|Règle|Regla|Clause|Para\\.|No\\.|Статья|Раздел|Пункт|المادة)[ \\u00a0]|(?:№|§§?)[ \\u00a0]?)"
const token = `(?:${digit}{1,3}(?:[A-Za-z]{1,2}(?![A-Za-z])|${add})?|[A-Za-z]${digit}{1,3}|[ivxl]{1,6}|[IVXL]{1,6}|${han}|${sign}|\\p{L}\\p{M}?)`
const between = "[.．()（） \\u00a0–-]{1,3}"
const closing = "[.)）、\\]’°º–-]"
const beforeTab = new RegExp(
  `^((?:\\[|[(（‘]){0,2}(${name})?${token}(${between}${token}){0,6}(?:${add})?[ \\u00a0]?(${closing}{0,3})(?:${add})?${closing}?|第(${han}|${digit}+)[条條章节款])\\t+`,
  "u",
)
const isCounting = new RegExp(`${digit}|${sign}|[(（]|${han}|[a-z](?:bis|ter|quater|ies)`, "u")

function tabbedLabel(text: string): RegExpExecArray | null {
  const match = beforeTab.exec(text)
  if (!match) return null
  const [, literal, named, further, sign = ""] = match
  // Letters alone are a label where one is closed by a sign: "a.", "IV." but not "e.g." or "A".
  return named || isCounting.test(literal!) || (further === undefined && sign !== "") ? match : null
}

const western = (digits: string): string =>
  digits.replace(/[\u0660-\u0669\u06f0-\u06f9\uff10-\uff19]/g, (own) => String(own.charCodeAt(0) & 15))

/** The numbers of a label by their parts: "1bis.2" counts as 1.2. */
const numberValue = (literal: string): string => (western(literal).match(/\d+/g) ?? []).join(".")

/** A longer one is no label. */
const longest = 40

function plainLabelIn(text: string): Label | null {
  const found = (match: RegExpExecArray, kind: Label["kind"], value: (literal: string) => string = () => ""): Label => {
    const literal = match[1]!
    return { literal, kind, value: value(literal), rest: text.slice(match[0].length) }
  }
  const short = (): Label | null => {
    const lettered = letters.exec(text)
    if (lettered) return found(lettered, "letter", (literal) => withoutAddition(letterValue.exec(literal)![0]))
    const numbered = numbers.exec(text) ?? arabicNumbers.exec(text)
    if (numbered) return found(numbered, "number", numberValue)
    const signed = signs.exec(text)
    if (signed) return found(signed, "sign", (literal) => literal)
    const hollow = empty.exec(text)
    if (hollow) return found(hollow, "empty")
    const dash = dashes.exec(text)
    return dash && found(dash, "dash")
  }
  const label = short()
  const match = tabbedLabel(text)
  // What goes on up to the tab is one label: "c)1)", "1 a)".
  const whole = match && match[1]!.length > (label?.literal.length ?? 0) ? found(match, "sign", (literal) => literal) : label
  return whole && whole.literal.length <= longest ? whole : null
}

/** Marks that only turn the direction of what stands beside them. */
const directionMarks = /[\u200e\u200f\u061c]/g
const isMark = (sign: string | undefined): boolean => sign !== undefined && "\u200e\u200f\u061c".includes(sign)

/** The place in a text behind so many signs that turn no direction, and behind the marks that follow them. */
function behindSigns(text: string, signs: number): number {
  let at = 0
  for (let left = signs; left > 0 || isMark(text[at]); at++) if (!isMark(text[at])) left--
  return at
}

/** The label that opens a line, of whatever form; a tab may stand between it and the words. Null where there is none. */
export function labelIn(text: string): Label | null {
  const bare = text.replace(directionMarks, "")
  if (bare === text) return plainLabelIn(text)
  const label = plainLabelIn(bare)
  if (!label) return null
  const literal = text.slice(0, behindSigns(text, label.literal.length))
  const taken = behindSigns(text, bare.length - label.rest.length)
  return { ...label, literal, rest: text.slice(taken) }
}

const anyAddition = new RegExp(`(?<=[\\p{L}\\p{N}()（）.])(?:${add})(?!\\p{L})`, "iu")
const ending = new RegExp(`(?<=.)(?:${add})+$`, "iu")
const withoutAddition = (core: string): string => core.replace(ending, "")

const part = new RegExp(`^[\\s(（.]*(?:[\\p{N}.\\-–]+|\\p{L}{1,2}|[ivxlcdm]+)?(?:${add})*[\\s.)）°–-]*(?:${add})*\\s*$`, "iu")

/** Whether characters before or in a label can be of a label themselves: "4", "a)", "viii.", "1.2 bis"; all else are words. */
export const isPartOfLabel = (text: string): boolean => {
  const short = text.replace(/\s+/g, " ")
  return short.length <= longest && part.test(short)
}

/** The form of a label, by which those of one list are alike: its signs, and of what kind what counts is. */
export const formOf = (literal: string): string =>
  western(literal.replace(directionMarks, ""))
    .replace(anyAddition, "")
    .replace(/\d+/g, "1")
    .replace(/[\u2460-\u24ff\u2776-\u2793]/g, "①")
    .replace(/[\u3220-\u3229\u3280-\u3289]/g, "㈠")
    .replace(/[一二三四五六七八九十百]+/g, "㊀")
    .replace(/\p{L}+/gu, "a")
    .replace(/\s/g, "")

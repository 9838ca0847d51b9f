import { quoted } from "../clauses/notes.ts"

const names: Readonly<Record<string, string>> = {
  " ": "space",
  "\u00a0": "no-break space",
  "\u202f": "narrow no-break space",
  "\t": "tab",
  "\n": "line break",
  "\u2028": "line break",
  "\u00ad": "soft hyphen",
  "\u200b": "zero-width space",
  "\u200c": "zero-width non-joiner",
  "\u200d": "zero-width joiner",
  "\u200e": "left-to-right mark",
  "\u200f": "right-to-left mark",
  "\u2060": "word joiner",
}

const isUnseen = /^[\p{White_Space}\p{Cf}]+$/u

const nameOf = (sign: string): string => names[sign] ?? `sign U+${sign.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`

/** A noun of ours with its article. Names of people, delegations and files have none: nobody knows how they are spoken. */
export const withArticle = (noun: string): string => `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`

const counted = (n: number, name: string): string => (n > 1 ? `${n} ${name}s` : withArticle(name))

/** Signs that nobody sees by their names: "a space", "2 spaces and a tab"; null where there is a letter among them, or nothing at all. */
export function unseenNamed(text: string): string | null {
  if (!isUnseen.test(text)) return null
  const parts: { name: string; n: number }[] = []
  for (const sign of text) {
    const last = parts.at(-1)
    if (last?.name === nameOf(sign)) last.n++
    else parts.push({ name: nameOf(sign), n: 1 })
  }
  const said = parts.map(({ name, n }) => counted(n, name))
  return said.length > 1 ? `${said.slice(0, -1).join(", ")} and ${said.at(-1)}` : said[0]!
}

/** Words as they are quoted in a sentence: a space is called a space. `most`: letters that are quoted, beginning and end. */
export const inQuotes = (text: string, most = Number.POSITIVE_INFINITY): string =>
  unseenNamed(text) ?? `“${quoted(shortenMiddle(text, most))}”`

/** Whether two texts read the same to an eye: they differ by spaces and signs that nobody sees. */
export const isSameToTheEye = (a: string, b: string): boolean => a !== b && seen(a) === seen(b) && seen(a) !== ""

const seen = (text: string): string => text.replaceAll(/[\p{White_Space}\p{Cf}]+/gu, "")

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" })

/** A text with its middle left out where it is longer than `most` letters: beginning and end stay, cut between words where one is near. */
export function shortenMiddle(text: string, most: number): string {
  if (text.length <= most) return text
  // Far longer than it can be: no need to count the letters of a whole clause.
  const letters = [...graphemes.segment(text.length > most * 16 ? `${text.slice(0, most * 4)}${text.slice(-most * 4)}` : text)].map(
    ({ segment }) => segment,
  )
  if (letters.length <= most) return text
  const first = Math.ceil((most - 1) * 0.6)
  const last = most - 1 - first
  return `${letters.slice(0, first).join("").trimEnd()}…${last > 0 ? letters.slice(-last).join("").trimStart() : ""}`
}

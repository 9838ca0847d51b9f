import { shortened } from "../../shared/schema/letters.ts"

/**
 * What no text takes from a file: control characters, overrides and isolates of the direction, which would show other words than are there (GATE1), and
 * the sign that stands for the call of a footnote, which only we write.
 */
const unwanted = /[\u0000-\u0008\u000b-\u001f\u007f\ufffc\u202a-\u202e\u2066-\u2069]/g

/** The words of a file without what no text takes. Tabs and line feeds stay. */
export const cleaned = (words: string): string => words.replace(unwanted, "")

/** One tab where there are blanks and a tab, else one blank for many. */
export const singleBlanks = (text: string): string =>
  text.replace(/[ \u00a0\t]+/g, (blanks) => (blanks.includes("\t") ? "\t" : blanks.replace(/ {2,}/g, " "))).trim()

/** Longest name of somebody in a file, in UTF-16 units. Source: ISO/IEC 29500, where names of authors are as long at most. */
const longestName = 255

/** A name as a file has it, on one line and without signs that no text takes; what is no name any more by its length is cut. */
export function nameIn(value: string | undefined): string | null {
  if (value === undefined) return null
  return shortened(cleaned(value.replace(/[\t\n\r]+/g, " ")), longestName)
}

const refused =
  /[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/** The first sign in a text of ours that no text takes, as "U+202E"; null where there is none. */
export function strangeSign(text: string): string | null {
  const sign = refused.exec(text)?.[0]
  return sign === undefined ? null : `U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`
}

/** What a file says, in quotes, so that it cannot be taken for our own words: on one line, without signs that no text takes, not too long. */
export const shown = (text: string): string => `“${shortened(cleaned(text).replace(/\s+/g, " "), 80)}”`

import { anchorCharacter } from "../../shared/schema/block.ts"
import { refusedSign, withoutRefused } from "../../shared/schema/characters.ts"
import { shortened } from "../../shared/schema/letters.ts"

/** The words of a file without what no text takes (GATE1), nor the call of a footnote, which only we write. Tabs and line feeds stay. */
export const cleaned = (words: string): string => withoutRefused(words).replaceAll(anchorCharacter, "")

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

/** The first sign in a text of ours that no text takes, as "U+202E"; null where there is none. */
export const strangeSign = refusedSign

/** What a file says, in quotes, so that it cannot be taken for our own words: on one line, without signs that no text takes, not too long. */
export const shown = (text: string): string => `“${shortened(cleaned(text).replace(/\s+/g, " "), 80)}”`

import { cleaned } from "../characters.ts"
import type { XmlElement } from "../xml.ts"

/** Longest name of somebody in a file, in characters. Source: ISO/IEC 29500, ST_String of names. */
const longestName = 255

/** A name as the file has it, without signs that no text takes; one that is no name any more by its length is cut. */
export function nameIn(value: string | undefined): string | null {
  if (value === undefined) return null
  const signs = [...cleaned(value.replace(/[\t\n\r]+/g, " "))]
  return signs.length > longestName ? `${signs.slice(0, longestName - 1).join("")}…` : signs.join("")
}

/**
 * Whose something is, and when it was made. Word writes the local time into `w:date` and marks it as UTC; where a newer program says the true time too,
 * that is taken.
 */
export const saidBy = ({ attrs }: XmlElement): { author: string | null; date: string | null } => ({
  author: nameIn(attrs["w:author"]),
  date: attrs["w16du:dateUtc"] ?? attrs["w:date"] ?? null,
})

import { nameIn } from "../characters.ts"
import type { XmlElement } from "../xml.ts"

/**
 * Whose something is, and when it was made. Word writes the local time into `w:date` and marks it as UTC; where a newer program says the true time too,
 * that is taken.
 */
export const saidBy = ({ attrs }: XmlElement): { author: string | null; date: string | null } => ({
  author: nameIn(attrs["w:author"]),
  date: attrs["w16du:dateUtc"] ?? attrs["w:date"] ?? null,
})

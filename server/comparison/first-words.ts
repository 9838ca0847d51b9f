import { quoted } from "../../shared/clauses/notes.ts"
import { shortened } from "../../shared/schema/letters.ts"

/** The first words of something, in a sentence about it. */
export const firstWordsOf = (text: string): string => quoted(shortened(text, 60))

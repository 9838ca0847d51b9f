/**
 * Words as they are compared where one of several is written in the name of all: composed letters, one form of quotation marks and of spaces. By another dash, or an invisible sign, another text is proposed (RIVAL1).
 */
export const folded = (words: string): string =>
  words
    .normalize("NFC")
    .replace(/[“”„‟«»]/g, '"')
    .replace(/[‘’‚‛‹›]/g, "'")
    // Not the sign of a split, which JavaScript takes for a space.
    .replace(/(?:(?!\u2029)\s)+/g, " ")

/** Words as what is there already is known again: composed, one form of quotation marks, hyphens and spaces, nothing invisible; case is kept. */
export const normal = (words: string): string =>
  folded(words.replace(/[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/g, "-").replace(/[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]/g, ""))

/** Signs that a tracked change was flattened: the struck and the new words stand glued together. Source: the five documents behind rules.md, FLAT. */
const signs: readonly {
  readonly pattern: RegExp
  readonly isMeant?: (found: string) => boolean
  readonly say: (found: string) => string
}[] = [
  { pattern: /\b(?:19|20)\d{2}(?:19|20)\d{2}\b/g, say: (found) => `“${found}” looks like two years glued together.` },
  { pattern: /\b(?:C\d{2}){2,}\b/g, say: (found) => `“${found}” looks like two sessions of the Council glued together.` },
  {
    pattern: /\b\p{Lu}\p{Ll}{2,}\p{Lu}\p{Ll}{2,}\b/gu,
    say: (found) => `“${found}” looks like two words glued together.`,
  },
  {
    pattern: /\b(\p{L})(\1)\p{Ll}{4,}\b/giu,
    isMeant: (found) => found[0] !== found[1] || found[0] === found[0]?.toLowerCase(),
    say: (found) => `“${found}” begins with a doubled letter.`,
  },
  { pattern: /\b20\d{3}\b(?!\s?(?:000|\d{3}))/g, say: (found) => `“${found}” looks like a year with a digit of another glued to it.` },
  {
    pattern: /\b\d{3,4}(?= per cent)/g,
    isMeant: (found) => Number(found) > 150,
    say: (found) => `“${found} per cent” looks like two figures glued together.`,
  },
  { pattern: /;;|\.,|; ,|,;/g, say: (found) => `“${found}”: two punctuation marks stand together.` },
]

/** Sentences about each suspected glue in a text; empty where there is none. Suspicions only: nothing is changed. */
export function glued(text: string): string[] {
  return signs.flatMap(({ pattern, isMeant, say }) =>
    [...text.matchAll(pattern)].filter((match) => isMeant?.(match[0]) ?? true).map((match) => say(match[0])),
  )
}

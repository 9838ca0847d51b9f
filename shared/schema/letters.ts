/** Letters as people count them: what stands on one base is never cut, and no half of a pair of UTF-16 units is left. */
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" })

/** The longest letter that is kept whole; signs piled higher are cut between two of them. */
const longestLetter = 64
/** How far before a place one looks, at least: of flags in a row the first tells which two signs are one. */
const lookBack = 4_096

/** Where a text may be cut at or before a place. */
function cutBefore(text: string, at: number): number {
  const from = Math.max(0, at - lookBack)
  const cut = from + (graphemes.segment(text.slice(from, at + longestLetter)).containing(at - from)?.index ?? 0)
  if (at - cut <= longestLetter) return cut
  return /[\udc00-\udfff]/.test(text[at] ?? "") && /[\ud800-\udbff]/.test(text[at - 1] ?? "") ? at - 1 : at
}

/** Whether a text may be cut at a place: no letter stands on both sides of it. */
export const isBetweenLetters = (text: string, at: number): boolean => at <= 0 || at >= text.length || cutBefore(text, at) === at

/** The beginning of a text, at most so many UTF-16 units, cut between two letters. */
export const beginningOf = (text: string, most: number): string => (text.length <= most ? text : text.slice(0, cutBefore(text, most)))

/** The end of a text, at most so many UTF-16 units, cut between two letters. */
export function endOf(text: string, most: number): string {
  if (text.length <= most) return text
  const at = text.length - most
  const cut = cutBefore(text, at)
  if (cut === at) return text.slice(at)
  const letter = graphemes.segment(text.slice(cut, cut + 2 * longestLetter)).containing(0)?.segment.length ?? 1
  return text.slice(cut + letter)
}

/** A text that is not longer than so many UTF-16 units, with "…" where it goes on. */
export const shortened = (text: string, most: number): string => (text.length > most ? `${beginningOf(text, most - 1)}…` : text)

/** Where in a value of plain data half a letter stands, as "comments.0.text"; null: nowhere. No half is taken in: it would be another sign, or none, elsewhere. */
export function halfLetterIn(value: unknown, path = ""): string | null {
  if (typeof value === "string") return value.isWellFormed() ? null : path || "it"
  if (typeof value !== "object" || value === null) return null
  for (const [key, part] of Object.entries(value)) {
    if (!key.isWellFormed()) return path || "it"
    const found = halfLetterIn(part, path === "" ? key : `${path}.${key}`)
    if (found !== null) return found
  }
  return null
}

// Scripts that are written without blanks, and the signs that belong to them: nothing there is glued.
const unspaced = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff01-\uff60`
const letter = String.raw`(?![${unspaced}])[\p{L}\p{M}\p{N}]`
const endsInLetter = new RegExp(`${letter}$`, "u")
const beginsWithLetter = new RegExp(`^${letter}`, "u")

/** Whether two words would be read as one where two texts meet, in whatever script has blanks. All that asks for blanks is made of this. */
export const areGlued = (before: string, after: string): boolean => endsInLetter.test(before) && beginsWithLetter.test(after)

const closing = /[,;:.!?)\]”’»%]$|[^\s\p{Ps}\p{Pi}]"$/u
const opening = /^[([“‘«]|^"\S/u

/** Whether a blank lacks between two texts that are read one after the other: words are glued, or to a sign that closes or opens something. */
export const lacksBlank = (before: string, after: string): boolean =>
  areGlued(before, after) || ((closing.test(before) || endsInLetter.test(before)) && (opening.test(after) || beginsWithLetter.test(after)))

const takesBlankBehind = new RegExp(`[^\\s\\p{Ps}\\p{Pi}${unspaced}]$`, "u")
const takesBlankBefore = new RegExp(`^[^\\s\\p{Pe}\\p{Pf}.,;:!?${unspaced}]`, "u")

/** Whether two texts that are put together are parted by a blank, as paragraphs that become one are: unless a sign opens or closes there. */
export const takesBlank = (before: string, after: string): boolean => takesBlankBehind.test(before) && takesBlankBefore.test(after)

/** Whether a place is between two letters of one word. */
export const isInWord = (text: string, at: number): boolean =>
  /[\p{L}\p{M}\p{N}]$/u.test(text.slice(0, at)) && /^[\p{L}\p{M}\p{N}]/u.test(text.slice(at))

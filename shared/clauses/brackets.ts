/** A passage in square brackets, as a range of its block's text, brackets included: words that the meeting has not agreed. */
export interface Bracketed {
  readonly from: number
  readonly to: number
}

/** "[…]" and "[...]" leave something out of a quotation. */
const omission = /^\[\s*(?:…|\.{3}|\. \. \.)\s*\]$/
const longestOmission = 64

/** What stands deeper than in so many brackets is told as part of the innermost of them. */
const deepestBracket = 8

/** The passages in square brackets, outer ones before what stands in them; an omission is none, nor is a bracket without its other end (BRK1). */
export function bracketsIn(text: string): Bracketed[] {
  const pairs: Bracketed[] = []
  const open: number[] = []
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "[") open.push(at)
    if (text[at] !== "]") continue
    const from = open.pop()
    if (from !== undefined && !omission.test(text.slice(from, Math.min(at + 1, from + longestOmission)))) pairs.push({ from, to: at + 1 })
  }
  return notTooDeep(pairs.sort((a, b) => a.from - b.from))
}

/** Without the passages that stand in too many others. */
function notTooDeep(pairs: readonly Bracketed[]): Bracketed[] {
  const around: number[] = []
  return pairs.filter(({ from, to }) => {
    while (around.length > 0 && around.at(-1)! <= from) around.pop()
    around.push(to)
    return around.length <= deepestBracket
  })
}

/** How many passages stand in square brackets, those in others not counted. */
export function countBrackets(text: string): number {
  let count = 0
  let end = 0
  for (const { from, to } of bracketsIn(text)) {
    if (from < end) continue
    count++
    end = to
  }
  return count
}

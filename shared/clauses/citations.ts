/** What is cited: another text with its number and edition, or a date. People decide on it as one thing, so that no change of it comes in pieces (UNIT). */
export interface Cited {
  readonly from: number
  readonly to: number
}

/**
 * An edition in parentheses, of any of the six languages and with either form of parenthesis: it holds a year, or a session such as C09. Struck and
 * inserted words may stand in it side by side.
 */
const edition = /[(（][^()（）\n]{0,80}?\d{2}[^()（）\n]{0,80}[)）]/gu

/** What may stand before an edition and belongs to it: the kind of text and its number, "Resolution 179 ", "UIT-R 38-3 ", "第179号决议". */
const cited = /(?:\p{L}[\p{L}\p{M}-]{2,40}\s{1,2})?(?:[№第]\s?)?\d[\d./-]{0,12}(?:号\p{L}{0,6})?\s{0,2}$/u

/** "18 September 2019", "18 de septiembre de 2019", "2019年9月18日", "18 сентября 2019". */
const date = /\d{1,2}(?:er|\.)?\s(?:de\s)?\p{L}[\p{L}\p{M}]{2,14}(?:\sde|,)?\s\d{4}|\d{4}年\d{1,2}月(?:\d{1,2}日)?/gu

/** The citations and dates in a text, in its order, none in another. Offsets are UTF-16 units. */
export function citationsIn(text: string): Cited[] {
  const found: Cited[] = []
  for (const match of text.matchAll(edition)) {
    const before = text.slice(Math.max(0, match.index - 110), match.index)
    const named = cited.exec(before)
    found.push({ from: match.index - (named ? named[0].length : 0), to: match.index + match[0].length })
  }
  for (const match of text.matchAll(date)) {
    const from = match.index
    const to = from + match[0].length
    if (!found.some((other) => other.from < to && from < other.to)) found.push({ from, to })
  }
  return found.sort((a, b) => a.from - b.from)
}

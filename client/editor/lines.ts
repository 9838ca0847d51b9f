import type { Slice } from "prosemirror-model"
import { withoutStrange } from "../../shared/schema/characters.ts"
import { takesBlank } from "../../shared/schema/letters.ts"
import { withoutLayout, withoutTypedLabels } from "./typed-labels.ts"

// What is typed or pasted, as the lines that the text can take.

/**
 * Text as it may be typed or pasted between two texts: line ends and tabs become spaces, what has a meaning of its own here goes, and so do invisible
 * signs where no script needs them (TRK9, GATE1).
 */
export const typeable = (text: string, before = "", after = ""): string =>
  withoutStrange(text.replace(/[\t\n\r\u2028]+/g, " ").replace(/[\u2029\ufffc]/g, ""), before, after)

/** A paragraph of what is pasted: its words, and how many levels deeper than the outermost list it stands. */
export interface PastedLine {
  readonly text: string
  readonly level: number
}

/** The paragraphs of a slice as they came. */
export function paragraphsOf({ content }: Slice): string[] {
  if (content.size === 0) return []
  return content.firstChild!.isTextblock ? content.content.map((node) => node.textContent) : [content.textBetween(0, content.size)]
}

/**
 * The lines of a slice that comes between two texts. Where its paragraph becomes a clause blanks before it are layout, a label that was typed is no words,
 * and tabs before it tell its level.
 */
export function linesOf(slice: Slice, before: string, after: string, isOfClauses: boolean): PastedLine[] {
  const paragraphs = paragraphsOf(slice)
  const begins = before === ""
  const isStart = (i: number): boolean => i > 0 || begins
  const levels = paragraphs.map((line) => /^\t*/.exec(line)![0].length)
  const own = paragraphs.map((line, i) => (isStart(i) ? withoutLayout(line, paragraphs.length) : line))
  const words = isOfClauses ? withoutTypedLabels(own, begins).lines : own
  const last = words.length - 1
  return words
    .map((line, i): PastedLine => ({ level: levels[i]!, text: typeable(line, i === 0 ? before : "", i === last ? after : "") }))
    .filter(({ text }, i) => text !== "" || i === 0)
}

/** Several paragraphs between two texts: no word of them is glued to what stands there. One, or a part of one, comes just as it is. */
export function setApart(lines: readonly PastedLine[], before: string, after: string): readonly PastedLine[] {
  if (lines.length < 2) return lines
  return lines.map(({ text, level }, i) => {
    const start = i === 0 && takesBlank(before, text) ? " " : ""
    const end = i === lines.length - 1 && takesBlank(text, after) ? " " : ""
    return { level, text: start + text + end }
  })
}

import { type Label, labelIn } from "../../shared/clauses/label-forms.ts"

/** Paragraphs that are pasted, without the labels that were typed before their words. */
export interface Unlabelled {
  readonly lines: readonly string[]
  /** What was taken off, in order. */
  readonly labels: readonly string[]
}

/** A label that no tab sets off is one only where a sign tells it from a word: "a)", "(i)", "1.", "2.1", a dash. */
const isTold = ({ literal, kind, rest }: Label): boolean =>
  rest !== "" && kind !== "empty" && (kind === "dash" || /[.)）．、\]]$|\d[.．]\d/u.test(literal))

const tabBehind = (line: string, { literal }: Label): RegExpExecArray | null => /^[ \u00a0]*\t\s*/.exec(line.slice(literal.length))

/**
 * Paragraphs that become clauses, which have labels of their own, without those that were typed before them. Before a tab what looks like a label is one;
 * before a blank where more than one paragraph has one: a list. `begins`: whether the first begins a clause, or goes on with the words of one.
 */
export function withoutTypedLabels(lines: readonly string[], begins: boolean): Unlabelled {
  const found = lines.map(labelIn)
  const isList = found.filter((label, i) => label !== null && !tabBehind(lines[i]!, label) && isTold(label)).length > 1
  const labels: string[] = []
  const left = lines.map((line, i) => {
    const label = found[i]
    if (!label || (i === 0 && !begins)) return line
    const tab = tabBehind(line, label)
    if (!tab && !(isList && isTold(label))) return line
    labels.push(label.literal.trim())
    return tab ? line.slice(label.literal.length + tab[0].length) : label.rest
  })
  return { lines: left, labels }
}

/** A paragraph without the tabs before it, and where it is one of several without the blanks: one alone may be a blank that somebody types. */
export const withoutLayout = (line: string, paragraphs: number): string => line.replace(paragraphs > 1 ? /^[\t \u00a0]+/ : /^\t+/, "")

const mostNamed = 4

/** The labels that were taken off, in words: the labels “a)”, “b)”; "" where there were none. */
export function labelsTold(labels: readonly string[]): string {
  if (labels.length === 0) return ""
  const quoted = labels.map((label) => `“${label}”`)
  const named = labels.length > mostNamed ? `${quoted[0]} … ${quoted.at(-1)}` : quoted.join(", ")
  return labels.length === 1 ? `the label ${named}` : `the labels ${named}`
}

/** One operation: a line of a trace. Places are letters, blocks and changes by their names (`Names`), so that a line means the same without the others. */
export interface Op {
  /** The number of the line that it had when the trace was made. */
  readonly at: number
  readonly do: string
  readonly who?: string
  readonly [more: string]: unknown
}

/** What a simulation begins with. */
export interface Plan {
  /** The clauses of the draft. */
  readonly texts: readonly string[]
  /** In their place: a random Word file with tracked changes, by its number. */
  readonly file?: number
  /** Each look at the clock takes so long, in ms: acts come in slices. */
  readonly lookMs?: number
  /** Every letter that is typed is another: then none may be lost or come twice. */
  readonly areLettersOwn?: boolean
}

export interface Trace {
  readonly name: string
  /** The law that failed when it was kept, and what was mended. */
  readonly law?: string
  readonly about?: string
  readonly plan: Plan
  readonly ops: readonly Op[]
}

/** The first line is what it begins with, every other one operation. */
export function traceText({ ops, ...head }: Trace): string {
  return `${[head, ...ops].map((line) => JSON.stringify(line)).join("\n")}\n`
}

export function traceIn(text: string): Trace {
  const [head, ...ops] = text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as unknown)
  return { ...(head as Omit<Trace, "ops">), ops: ops as Op[] }
}

/** Something that must always hold did not. */
export class LawBroken extends Error {
  readonly law: string
  constructor(law: string, detail: string) {
    super(`${law}: ${detail}`)
    this.law = law
  }
}

/** An open socket of somebody who is signed in. */
export interface Line {
  /** Hash of the cookie that it was opened with. */
  readonly signIn: string
  readonly person: string
  /** Ends it for good; the sentence says why. */
  end(sentence: string): void
  /** Says that who is at the meeting, or its sitting, is not what it was. */
  tell(): void
}

/** How often an open line is asked whether somebody is still at its other end. */
export const pingMs = 5_000
/** Who was not heard for so long is not here. Time for four pings, for a reload, and for a line that breaks and comes back. */
export const hereMs = 20_000

/** Who is here: open sockets, and when each person was last heard. */
export class Attendance {
  readonly #lines = new Set<Line>()
  readonly #seen = new Map<string, number>()
  readonly #now: () => Date

  constructor(now: () => Date) {
    this.#now = now
  }

  came(line: Line): void {
    this.#lines.add(line)
    this.saw(line.person)
  }

  went(line: Line): void {
    this.#lines.delete(line)
  }

  /** Something came by a line, the answer to a ping too. Of a line that has ended, or whose person has left, nothing counts that comes late. */
  heard(line: Line): void {
    if (this.#lines.has(line)) this.saw(line.person)
  }

  /** A person was heard just now. */
  saw(person: string): void {
    this.#seen.set(person, this.#now().getTime())
  }

  /** A person has left: what was heard before does not say any more that it is here. */
  left(person: string): void {
    this.#seen.delete(person)
  }

  /** Everybody who has a socket open. */
  here(): ReadonlySet<string> {
    return new Set([...this.#lines].map(({ person }) => person))
  }

  /**
   * Whether a person is here at this moment. An open line answers each ping; one that does not, of a laptop that was shut or a cable that was pulled, stays
   * open for minutes and is nobody's presence. Who has no line is here for a while after it was heard, where that was not before `since` (ms).
   */
  isHere(person: string, since: number): boolean {
    const seen = this.lastSeen(person) ?? Number.NEGATIVE_INFINITY
    return seen >= this.#now().getTime() - hereMs && (seen >= since || this.here().has(person))
  }

  /** When a person was last heard (ms), or null. */
  lastSeen(person: string): number | null {
    return this.#seen.get(person) ?? null
  }

  /** Ends the sockets for which there is a sentence that says why. */
  endWhere(reasonFor: (line: Line) => string | null): void {
    for (const line of [...this.#lines]) {
      const reason = reasonFor(line)
      if (reason !== null) line.end(reason)
    }
  }

  tellAll(): void {
    for (const line of this.#lines) line.tell()
  }
}

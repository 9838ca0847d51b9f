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
    if (this.#lines.delete(line)) this.saw(line.person)
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

  /** Whether a person is here, or was heard since a moment (ms). */
  wasHere(person: string, since: number): boolean {
    if ((this.#seen.get(person) ?? Number.NEGATIVE_INFINITY) >= since) return true
    return [...this.#lines].some((line) => line.person === person)
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

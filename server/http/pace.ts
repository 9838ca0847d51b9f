import type { Shares } from "../pace/shares.ts"

/** What a line does when its person has taken their share for now: it reads no further, so that the other end waits. */
interface Brake {
  pause(): void
  resume(): void
}

/**
 * The frames of one line, each in its person's turn (rule SOCK9). While the person waits nothing more is read from the line, so that what waits here is
 * what was on its way; it is dealt with also where the line closes meanwhile, for it may be the last words before a lid was shut.
 */
export class Pace {
  readonly #shares: Shares
  readonly #person: string
  readonly #brake: Brake
  readonly #handle: (frame: Uint8Array) => void
  readonly #waiting: Uint8Array[] = []
  #isPlanned = false
  #whenDone: (() => void) | null = null

  constructor(shares: Shares, person: string, brake: Brake, handle: (frame: Uint8Array) => void) {
    this.#shares = shares
    this.#person = person
    this.#brake = brake
    this.#handle = handle
  }

  take(frame: Uint8Array): void {
    if (this.#waiting.length === 0 && this.#shares.wait(this.#person) === 0) return this.#now(frame)
    this.#waiting.push(frame)
    this.#brake.pause()
    this.#plan()
  }

  /** The line has closed: `done` is called once what it brought is dealt with. */
  end(done: () => void): void {
    if (this.#waiting.length === 0) done()
    else this.#whenDone = done
  }

  #now(frame: Uint8Array): void {
    this.#shares.spending(this.#person, () => this.#handle(frame))
  }

  #plan(): void {
    if (this.#isPlanned) return
    this.#isPlanned = true
    setTimeout(() => this.#goOn(), Math.max(1, this.#shares.wait(this.#person))).unref()
  }

  #goOn(): void {
    this.#isPlanned = false
    while (this.#waiting.length > 0 && this.#shares.wait(this.#person) === 0) this.#now(this.#waiting.shift()!)
    if (this.#waiting.length > 0) return this.#plan()
    this.#brake.resume()
    this.#whenDone?.()
  }
}

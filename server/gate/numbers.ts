/**
 * The highest number of a mark, entry or block that each client is known to have written: with that a redo is told from something new. A number is known
 * with the clock at which it was written, so that what a failed commit took back is forgotten with it.
 */
export class Numbers {
  /** By client, in the order of both clocks and numbers. */
  readonly #written = new Map<number, { readonly clock: number; readonly n: number }[]>()
  /** How far each client's clock was when the draft was opened. */
  #opened: ReadonlyMap<number, number> = new Map()

  note(client: number, n: number, clock: number): void {
    const list = this.#written.get(client) ?? []
    if (n <= (list.at(-1)?.n ?? -1)) return
    list.push({ clock, n })
    // What is long committed is not taken back any more.
    if (list.length > longest) list.splice(0, longest / 2)
    this.#written.set(client, list)
  }

  lastOf(client: number): number {
    return this.#written.get(client)?.at(-1)?.n ?? -1
  }

  /** What was gone already when a draft was opened has left no number, but room for one: a mark takes a client two clocks. */
  opened(states: ReadonlyMap<number, number>): void {
    this.#opened = states
  }

  /** Whether a client may have written a mark of this number. */
  mayHaveWritten(client: number, n: number): boolean {
    return n <= Math.max(this.lastOf(client), Math.floor((this.#opened.get(client) ?? 0) / 2))
  }

  /** Forgets what was written at or beyond each client's clock in a state. */
  takeBack(clockOf: (client: number) => number): void {
    for (const [client, list] of this.#written) {
      const end = clockOf(client)
      const kept = list.findLastIndex(({ clock }) => clock < end) + 1
      list.splice(kept)
    }
  }
}

const longest = 256

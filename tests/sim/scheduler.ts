import type { Clock } from "../../server/pace/clock.ts"

interface Task {
  readonly run: () => void
  readonly at: number
  readonly n: number
}

/** All microtasks that are due, and what they make due. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** The only clock of a simulation: time passes when an operation says so, and what waits runs in the order in which it is due. */
export class Scheduler implements Clock {
  #tasks: Task[] = []
  #count = 0
  #elapsed = 0
  /** How far the date is from the time that has passed: it may be set back. */
  #offset = Date.parse("2026-11-22T09:00:00Z")
  /** What each look at the clock takes, in ms: on a slow machine acts are done in slices. */
  lookMs = 0

  now = (): Date => new Date(this.#offset + this.#elapsed)

  elapsedMs = (): number => {
    this.#elapsed += this.lookMs
    return this.#elapsed
  }

  later = (run: () => void, ms: number): void => void this.#tasks.push({ run, at: this.#elapsed + ms, n: ++this.#count })

  setDate(byMs: number): void {
    this.#offset += byMs
  }

  /** What a process that has died had planned never happens. */
  forget(): void {
    this.#tasks = []
  }

  /** Runs what is due now, once. */
  async turn(): Promise<void> {
    await this.#runUntil(this.#elapsed)
  }

  async pass(ms: number): Promise<void> {
    const until = this.#elapsed + ms
    for (;;) {
      const next = this.#tasks.reduce<number>((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY)
      if (next > until) break
      this.#elapsed = Math.max(this.#elapsed, next)
      await this.#runUntil(next)
    }
    this.#elapsed = Math.max(this.#elapsed, until)
    await settled()
  }

  async #runUntil(until: number): Promise<void> {
    await settled()
    const due = this.#tasks.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at || a.n - b.n)
    if (due.length === 0) return
    const isDue = new Set(due)
    this.#tasks = this.#tasks.filter((task) => !isDue.has(task))
    for (const { run } of due) {
      run()
      await settled()
    }
  }

  get isIdle(): boolean {
    return this.#tasks.every(({ at }) => at > this.#elapsed + 1_000)
  }
}

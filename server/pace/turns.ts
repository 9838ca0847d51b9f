import { DomainError } from "../problems.ts"

/** For whom a piece of work is done, and what ends it: who asked has gone away. */
export interface Asker {
  /** Whose turn it takes; "" for the server itself. */
  readonly person: string
  readonly signal?: AbortSignal | undefined
}

/** Work that nobody in particular asked for. */
export const theServer: Asker = { person: "" }

export interface TurnLimits {
  /** Pieces of work that run at once. */
  readonly atOnce: number
  /** Of them, those of one person. */
  readonly ofOne: number
  /** Pieces that one person may have waiting, and all people together. */
  readonly waitingOfOne: number
  readonly waitingInAll: number
  /** What is waited for, in the plural: "papers". */
  readonly what: string
}

interface Waiting {
  readonly begin: () => void
}

/** Work was ended by who asked for it. */
export const cancelled = (): DomainError => new DomainError("bad-input", "The work on this file was cancelled.")

/**
 * Work in fair turns: people are served one after the other, however much one of them has asked for; nobody runs more than a part of it at once, and
 * what waits is bounded. Who goes away gives the turn back.
 */
export class Turns {
  readonly #limits: TurnLimits
  /** Those who wait, in the order in which they are served next. */
  readonly #waiting = new Map<string, Waiting[]>()
  readonly #running = new Map<string, number>()
  #runningInAll = 0
  #waitingInAll = 0

  constructor(limits: TurnLimits) {
    this.#limits = limits
  }

  /** Runs a task when its turn comes. Throws where too much waits already, or where the asker goes away first. */
  async run<Result>(asker: Asker, task: () => Promise<Result>): Promise<Result> {
    await this.#turn(asker)
    try {
      if (asker.signal?.aborted) throw cancelled()
      return await task()
    } finally {
      this.#ended(asker.person)
    }
  }

  #turn({ person, signal }: Asker): Promise<void> {
    if (signal?.aborted) throw cancelled()
    if (this.#mayRun(person)) return Promise.resolve(this.#began(person))
    this.#demandRoom(person)
    return new Promise((resolve, reject) => {
      const queue = this.#waiting.get(person) ?? []
      const waiting: Waiting = {
        begin: () => {
          signal?.removeEventListener("abort", gone)
          resolve()
        },
      }
      const gone = (): void => {
        this.#take(person, queue, queue.indexOf(waiting))
        reject(cancelled())
      }
      signal?.addEventListener("abort", gone, { once: true })
      queue.push(waiting)
      this.#waiting.set(person, queue)
      this.#waitingInAll++
    })
  }

  #demandRoom(person: string): void {
    const { waitingOfOne, waitingInAll, what } = this.#limits
    const own = this.#waiting.get(person)?.length ?? 0
    if (own >= waitingOfOne)
      throw new DomainError("too-many", `You have ${own} ${what} waiting already. Wait until one of them is there, then ask again.`)
    if (this.#waitingInAll >= waitingInAll)
      throw new DomainError("too-many", `Many people wait for ${what} just now. Ask again in a moment.`)
  }

  #mayRun(person: string): boolean {
    return this.#runningInAll < this.#limits.atOnce && (this.#running.get(person) ?? 0) < this.#limits.ofOne
  }

  #began(person: string): void {
    this.#runningInAll++
    this.#running.set(person, (this.#running.get(person) ?? 0) + 1)
  }

  #ended(person: string): void {
    this.#runningInAll--
    const left = this.#running.get(person)! - 1
    if (left > 0) this.#running.set(person, left)
    else this.#running.delete(person)
    this.#beginNext()
  }

  #beginNext(): void {
    for (const [person, queue] of this.#waiting) {
      if (!this.#mayRun(person)) continue
      const next = this.#take(person, queue, 0)
      // Whoever had a turn goes behind all others.
      if (queue.length > 0) {
        this.#waiting.delete(person)
        this.#waiting.set(person, queue)
      }
      this.#began(person)
      return next.begin()
    }
  }

  #take(person: string, queue: Waiting[], at: number): Waiting {
    const [taken] = queue.splice(at, 1)
    this.#waitingInAll--
    if (queue.length === 0) this.#waiting.delete(person)
    return taken!
  }
}

import { AsyncLocalStorage } from "node:async_hooks"

/** Of each second of the server's time, what one person may take, and what is saved up, in ms. Typing takes a thousandth of it. */
const perSecond = 100
const most = 500
/** People who took something lately, at most; whoever took it longest ago is forgotten. */
const mostKept = 10_000

interface Account {
  left: number
  at: number
}

/**
 * What of the server's time people take. One thread serves all rooms: whoever sends what takes long waits for the next turn, so that others do not.
 * Counted by person, not by line: coming again does not help.
 */
export class Shares {
  readonly #elapsedMs: () => number
  readonly #accounts = new Map<string, Account>()
  readonly #payers = new AsyncLocalStorage<string>()

  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs
  }

  /** Does something for a person; what it costs later, in the queue of a room too, is theirs. */
  spending<Result>(person: string, work: () => Result): Result {
    return this.#payers.run(person, work)
  }

  /** For whom something is being done; null: for the server itself. */
  payer(): string | null {
    return this.#payers.getStore() ?? null
  }

  /** Runs something at once and counts what it took. */
  charged<Result>(person: string | null, work: () => Result): Result {
    if (person === null) return work()
    const from = this.#elapsedMs()
    try {
      return work()
    } finally {
      this.charge(person, this.#elapsedMs() - from)
    }
  }

  charge(person: string, ms: number): void {
    this.#account(person).left -= ms
  }

  /** Milliseconds until a person has a turn again; 0: now. */
  wait(person: string): number {
    if (!this.#accounts.has(person)) return 0
    const { left } = this.#account(person)
    return left >= 0 ? 0 : Math.ceil((-left / perSecond) * 1_000)
  }

  #account(person: string): Account {
    const now = this.#elapsedMs()
    const known = this.#accounts.get(person)
    const account = known ?? { left: most, at: now }
    account.left = Math.min(most, account.left + ((now - account.at) / 1_000) * perSecond)
    account.at = now
    this.#accounts.delete(person)
    this.#accounts.set(person, account)
    if (this.#accounts.size > mostKept) this.#accounts.delete(this.#accounts.keys().next().value!)
    return account
  }
}

// Who is in a room, and how far each of them is. A seat has two sides, and each goes one way: it hears (`joining`, then `reading`), and it writes (`joining`,
// then `writing`, and `refused` for good). They are apart because a standard provider may write before it has asked what it lacks.
import type { Clock } from "../pace/clock.ts"
import type { Session } from "../people/session.ts"

/**
 * Before a session has asked what it lacks it hears of no commit: its document could not place it, would keep the deletions for later, and would list them
 * as its own where the line breaks before the answer.
 */
export type Hearing = "joining" | "reading"

/** `joining`: it has not sent its step2, which brings all that the room lacks; `early`: what came before that and leans on what only that brings. */
export type Writing =
  | { readonly is: "joining"; readonly early: Uint8Array[] }
  | { readonly is: "writing" }
  /** What it sends leans on what was refused, and is passed over (GATE10). */
  | { readonly is: "refused" }

export interface Seat {
  hears: Hearing
  writes: Writing
  /** The server's clock as the session knew it when it asked what it lacks; before that it is taken to know all. */
  heard: number
  received: number
  acknowledged: number
  waiters: { n: number; run: (isSettled: boolean) => void }[]
  tokens: number
  refilledAt: number
}

/** A session may send this many messages a second, and save up this many. */
const messagesPerSecond = 500
/** So many bytes of a message count as another. */
const bytesPerMessage = 2_000
const burst = 5_000

export const isRefused = ({ writes }: Seat): boolean => writes.is === "refused"

/** Whether a session sends no faster than it may, this message counted. */
export function mayGoOn(seat: Seat, bytes: number, clock: Clock): boolean {
  // By a clock that only goes forward: the date of a server may be set while it runs.
  const now = clock.elapsedMs()
  seat.tokens = Math.min(burst, seat.tokens + ((now - seat.refilledAt) / 1_000) * messagesPerSecond)
  seat.refilledAt = now
  seat.tokens -= 1 + bytes / bytesPerMessage
  return seat.tokens >= 0
}

export class Seats {
  readonly #seats = new Map<Session, Seat>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get sessions(): Iterable<Session> {
    return this.#seats.keys()
  }

  get size(): number {
    return this.#seats.size
  }

  of(session: Session): Seat | undefined {
    return this.#seats.get(session)
  }

  take(session: Session): void {
    this.#seats.set(session, {
      hears: "joining",
      writes: { is: "joining", early: [] },
      heard: Number.POSITIVE_INFINITY,
      received: 0,
      acknowledged: 0,
      waiters: [],
      tokens: burst,
      refilledAt: this.#clock.elapsedMs(),
    })
  }

  /** Whether it was there. Nobody knows then what arrived of what it sent last. */
  leave(session: Session): boolean {
    for (const waiter of this.#seats.get(session)?.waiters.splice(0) ?? []) waiter.run(false)
    return this.#seats.delete(session)
  }

  /** The sessions that hear of commits. */
  *readers(): Iterable<Session> {
    for (const [session, { hears }] of this.#seats) if (hears === "reading") yield session
  }

  /** The session of a client id: its browser may have come back on another line. */
  ofClient(client: number | null): Session | undefined {
    return [...this.#seats.keys()].find((session) => session.client === client)
  }

  isPresent(source: string): boolean {
    return [...this.#seats.keys()].some((session) => session.source === source)
  }

  /** The first `n` updates of a session are durable: who waits for that is told. */
  acknowledge(seat: Seat, n: number): void {
    seat.acknowledged = n
    seat.waiters = seat.waiters.filter((waiter) => {
      if (waiter.n > n) return true
      waiter.run(true)
      return false
    })
  }

  /**
   * Resolves once the `n` updates that a client id's socket has sent are committed or refused; false where that takes too long, or where the socket ends
   * before: nobody knows then what of them arrived.
   */
  settled(client: number, n: number, timeoutMs: number): Promise<boolean> {
    const session = this.ofClient(client)
    const seat = session && this.#seats.get(session)
    if (n === 0 || (seat && seat.acknowledged >= n)) return Promise.resolve(true)
    if (!seat) return Promise.resolve(false)
    return new Promise((resolve) => {
      const waiter = { n, run: (isSettled: boolean) => resolve(isSettled) }
      seat.waiters.push(waiter)
      this.#clock.later(() => {
        seat.waiters = seat.waiters.filter((other) => other !== waiter)
        resolve(false)
      }, timeoutMs)
    })
  }
}

import type { Clock } from "../pace/clock.ts"

/** How things are opened, and closed when nobody uses them any more. */
export interface Keeping<Thing> {
  readonly open: (id: string) => Promise<Thing>
  /** Whether nobody is in it and nothing of it is under way. */
  readonly isIdle: (thing: Thing) => boolean
  /** What is to be done before it is closed; it may be taken up again meanwhile. */
  readonly prepare: (thing: Thing) => Promise<void>
  readonly closed: (id: string, thing: Thing) => void
  readonly onCount: (count: number) => void
  readonly idleMs: number
  readonly clock: Clock
}

interface Kept<Thing> {
  readonly opening: Promise<Thing>
  thing: Thing | null
  usedAt: number
}

/** Things that are opened once for all who come, and closed a while after the last has gone. Time is counted by a clock that only goes forward. */
export class KeptOpen<Thing> {
  readonly #keeping: Keeping<Thing>
  readonly #kept = new Map<string, Kept<Thing>>()
  /** How many hold a thing, whether or not it is open yet. */
  readonly #held = new Map<string, number>()
  readonly #everyMs: number
  #isStopped = false

  constructor(keeping: Keeping<Thing>) {
    this.#keeping = keeping
    this.#everyMs = Math.max(50, Math.min(15_000, keeping.idleMs / 2))
    this.#plan()
  }

  #plan(): void {
    this.#keeping.clock.later(() => {
      if (this.#isStopped) return
      void this.closeIdle()
      this.#plan()
    }, this.#everyMs)
  }

  get(id: string): Promise<Thing> {
    const now = this.#keeping.clock.elapsedMs()
    const kept = this.#kept.get(id) ?? this.#opened(id, now)
    kept.usedAt = now
    return kept.opening
  }

  #opened(id: string, now: number): Kept<Thing> {
    const kept: Kept<Thing> = { opening: this.#keeping.open(id), thing: null, usedAt: now }
    this.#kept.set(id, kept)
    kept.opening.then(
      (thing) => {
        kept.thing = thing
        this.#count()
      },
      () => this.#forget(id, kept),
    )
    return kept
  }

  #forget(id: string, kept: Kept<Thing>): void {
    if (this.#kept.get(id) === kept) this.#kept.delete(id)
    this.#count()
  }

  #count(): void {
    this.#keeping.onCount(this.#kept.size)
  }

  /** The thing where it is open already; to look at it keeps nothing open. */
  async found(id: string): Promise<Thing | null> {
    return (await this.#kept.get(id)?.opening.catch(() => null)) ?? null
  }

  /** What is open stays open until the work is done. */
  async hold<Result>(id: string, work: () => Promise<Result>): Promise<Result> {
    this.#held.set(id, (this.#held.get(id) ?? 0) + 1)
    try {
      return await work()
    } finally {
      const left = (this.#held.get(id) ?? 1) - 1
      if (left > 0) this.#held.set(id, left)
      else this.#held.delete(id)
    }
  }

  /** All that is open. */
  async all(): Promise<Thing[]> {
    const opened = await Promise.allSettled([...this.#kept.values()].map(({ opening }) => opening))
    return opened.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []))
  }

  async closeIdle(): Promise<void> {
    for (const [id, kept] of [...this.#kept]) {
      const thing = await this.found(id)
      if (!thing || !this.#isIdle(id, kept, thing)) continue
      await this.#keeping.prepare(thing)
      // Somebody may have come while it was prepared.
      if (this.#isIdle(id, kept, thing)) this.drop(id, thing)
    }
  }

  #isIdle(id: string, kept: Kept<Thing>, thing: Thing): boolean {
    const now = this.#keeping.clock.elapsedMs()
    const isUsed = this.#held.has(id) || !this.#keeping.isIdle(thing)
    // The while is counted from when the last has gone, and not from when they came.
    if (isUsed) kept.usedAt = now
    return this.#kept.get(id) === kept && !isUsed && now - kept.usedAt >= this.#keeping.idleMs
  }

  /** Closes a thing now: who comes opens another. */
  drop(id: string, thing: Thing): void {
    if (this.#kept.get(id)?.thing !== thing) return
    this.#kept.delete(id)
    this.#keeping.closed(id, thing)
    this.#count()
  }

  /** Nothing is closed by itself any more. */
  stop(): void {
    this.#isStopped = true
  }
}

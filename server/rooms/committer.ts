// Group commit: what arrives while the store writes shares the next commit. It knows when a commit begins and in which order its steps follow; what is written,
// sent and told is the room's.
import type { Clock } from "../pace/clock.ts"

/** The steps of a commit, in their order. */
export interface CommitSteps<Waiting> {
  /** Makes a batch durable, and gives the number of its last row; null where nothing of it is to be. */
  readonly append: (batch: readonly Waiting[]) => Promise<number> | null
  readonly appended: (batch: readonly Waiting[], seq: number | null, seconds: number) => void
  /** Gives it to everybody; whether there was anything to give. */
  readonly broadcast: (batch: readonly Waiting[]) => boolean
  readonly acknowledge: (batch: readonly Waiting[]) => void
  /** The store has not taken it: neither the batch nor what waited behind it will be committed. */
  readonly failed: (dropped: readonly Waiting[], error: unknown) => void
  /** An exception after the append: all is durable, so the steps that follow are done all the same. */
  readonly fault: (error: unknown) => void
}

/** After a broadcast the room rests so many times as long as one takes, at most so long. Measured: with one time as long 300 people cost twice the CPU. */
const restPerBroadcast = 3
export const longestRestMs = 50
/** How much of the last broadcast is in what one is taken to take. */
const smoothing = 0.3

/**
 * A commit begins when the last one has returned and something waits; after a broadcast the room rests a while. So two people wait for nothing, and
 * where there are hundreds they share commits and frames, and broadcasting takes about a quarter of a core (ROOM6).
 */
export class Committer<Waiting> {
  readonly #clock: Clock
  readonly #steps: CommitSteps<Waiting>
  #waiting: Waiting[] = []
  #committing: readonly Waiting[] = []
  #isPlanned = false
  /** What a broadcast takes, smoothed, and until when the room rests after the last. */
  #broadcastMs = 0
  #restsUntil = 0

  constructor(clock: Clock, steps: CommitSteps<Waiting>) {
    this.#clock = clock
    this.#steps = steps
  }

  /** What is not durable yet, in the order in which it will be. */
  get pending(): readonly Waiting[] {
    return [...this.#committing, ...this.#waiting]
  }

  get isWorking(): boolean {
    return this.#waiting.length > 0 || this.#committing.length > 0
  }

  add(waiting: Waiting): void {
    this.#waiting.push(waiting)
    this.#plan()
  }

  #plan(): void {
    if (this.#isPlanned || this.#committing.length > 0 || this.#waiting.length === 0) return
    this.#isPlanned = true
    const rest = this.#restsUntil - this.#clock.elapsedMs()
    this.#clock.later(() => this.#flush(), rest < 1 ? 0 : rest)
  }

  #flush(): void {
    this.#isPlanned = false
    const batch = this.#waiting
    this.#waiting = []
    this.#committing = batch
    if (batch.length > 0) void this.#commit(batch)
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const started = this.#clock.elapsedMs()
    let seq: number | null
    try {
      const appending = this.#steps.append(batch)
      // Where nothing is to be durable nobody waits for the store.
      seq = appending && (await appending)
    } catch (error) {
      return this.#fail(batch, error)
    }
    this.#committing = []
    this.#steps.appended(batch, seq, (this.#clock.elapsedMs() - started) / 1_000)
    this.#apart(() => this.#broadcast(batch))
    this.#apart(() => this.#steps.acknowledge(batch))
    this.#plan()
  }

  #broadcast(batch: readonly Waiting[]): void {
    const from = this.#clock.elapsedMs()
    if (!this.#steps.broadcast(batch)) return
    const until = this.#clock.elapsedMs()
    this.#broadcastMs += smoothing * (until - from - this.#broadcastMs)
    this.#restsUntil = until + Math.min(longestRestMs, restPerBroadcast * this.#broadcastMs)
  }

  #apart(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#steps.fault(error)
    }
  }

  #fail(batch: readonly Waiting[], error: unknown): void {
    const dropped = [...batch, ...this.#waiting]
    this.#committing = []
    this.#waiting = []
    this.#steps.failed(dropped, error)
  }
}

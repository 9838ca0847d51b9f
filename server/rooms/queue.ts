// The one queue of a room (ROOM2): everything that reads or writes the shadow takes it, so that nothing sees an act that is half done.
import type { Sliced } from "../../shared/changes/slices.ts"
import type { Clock } from "../pace/clock.ts"
import type { Shares } from "../pace/shares.ts"

export interface QueueOptions {
  readonly clock: Clock
  /** How long an act on a large draft may run before others have their turn, in ms. */
  readonly sliceMs: number
  /** Whose time what is done takes; without it nobody's is counted. */
  readonly shares?: Pick<Shares, "payer" | "charged"> | undefined
  /** A task that was held and failed: it costs the others nothing (ROOM7). */
  readonly onFault: (error: unknown) => void
}

/** An act that runs slice by slice, and what follows it. */
export interface InSlices<Result> {
  readonly work: Sliced<Result>
  /** Throws where what it works on is no longer there; asked before each slice. */
  readonly demandGround: () => void
  readonly done: (result: Result) => void
  readonly failed: (error: unknown) => void
}

export class Queue {
  readonly #options: QueueOptions
  /** What came while an act runs in slices: it has its turn afterwards, in the order in which it came. */
  #held: (() => void)[] | null = null

  constructor(options: QueueOptions) {
    this.#options = options
  }

  /** Whether an act is under way, between its slices. */
  get isHeld(): boolean {
    return this.#held !== null
  }

  /** A task that takes the time of whoever it is done for now, whenever it runs. */
  charged(task: () => void): () => void {
    const { shares } = this.#options
    const payer = shares?.payer() ?? null
    return shares && payer !== null ? () => shares.charged(payer, task) : task
  }

  inTurn(task: () => void): void {
    const run = this.charged(task)
    if (this.#held) this.#held.push(run)
    else run()
  }

  /** Runs an act that is in its turn by now, as many slices at once as its time allows; the queue is held until it is done. */
  run<Result>(act: InSlices<Result>): void {
    const { clock, sliceMs } = this.#options
    const until = clock.elapsedMs() + sliceMs
    let isDone = false
    try {
      act.demandGround()
      for (let isFirst = true; !isDone && (isFirst || clock.elapsedMs() < until); isFirst = false) {
        const step = act.work.next()
        if (step.done) act.done(step.value)
        isDone = step.done ?? false
      }
    } catch (error) {
      act.failed(error)
      isDone = true
    }
    // Not within the above: what was held is no part of this act, and its faults are not this one's.
    if (isDone) return this.#release()
    this.#held ??= []
    clock.later(
      this.charged(() => this.run(act)),
      0,
    )
  }

  /** An act is done: what was held has its turn, up to the next act that runs in slices. */
  #release(): void {
    const held = this.#held ?? []
    this.#held = null
    for (const task of held) {
      try {
        this.inTurn(task)
      } catch (error) {
        this.#options.onFault(error)
      }
    }
  }
}

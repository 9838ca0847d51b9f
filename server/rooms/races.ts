// What was decided a moment ago: who writes there did not know of it yet, and a refusal tells so.
import type { Clock } from "../pace/clock.ts"

/** A refusal this soon after a decision on the same block is taken for a race. */
const raceMs = 10_000

export class Races {
  readonly #clock: Clock
  readonly #decidedAt = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Notes that blocks are decided on now; gives what takes the note back, where that is not committed. */
  note(blocks: readonly string[]): () => void {
    const before = blocks.map((block) => [block, this.#decidedAt.get(block)] as const)
    for (const block of blocks) this.#decidedAt.set(block, this.#clock.elapsedMs())
    return () => {
      for (const [block, at] of before) {
        if (at === undefined) this.#decidedAt.delete(block)
        else this.#decidedAt.set(block, at)
      }
    }
  }

  isRaced(block: string | null): boolean {
    const decidedAt = block === null ? undefined : this.#decidedAt.get(block)
    return decidedAt !== undefined && this.#clock.elapsedMs() - decidedAt < raceMs
  }
}

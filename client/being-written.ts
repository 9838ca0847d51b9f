import { type ReadonlySignal, signal } from "@preact/signals"
import type { Change } from "../shared/changes/changes.ts"

/** So long after its last letter a change counts as being written. */
const writingMs = 2_000

const wordsOf = ({ inserted, deleted }: Change): string => `${deleted}\n${inserted}`

/** Which open changes have had other words in the last moments, by their ids. */
export class BeingWritten {
  readonly #ids = signal<ReadonlySet<string>>(new Set())
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>()
  #words: ReadonlyMap<string, string> | null = null

  get ids(): ReadonlySignal<ReadonlySet<string>> {
    return this.#ids
  }

  /** The changes as they are now. Those of a draft that has just been opened are no news. */
  follow(changes: readonly Change[]): void {
    const before = this.#words
    this.#words = changes.length === 0 && before === null ? null : new Map(changes.map((change) => [change.id, wordsOf(change)]))
    if (!before || !this.#words) return
    for (const [id, words] of this.#words) if (before.get(id) !== words) this.#note(id)
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
  }

  #note(id: string): void {
    clearTimeout(this.#timers.get(id))
    this.#timers.set(
      id,
      setTimeout(() => this.#forget(id), writingMs),
    )
    if (!this.#ids.peek().has(id)) this.#ids.value = new Set([...this.#ids.peek(), id])
  }

  #forget(id: string): void {
    this.#timers.delete(id)
    this.#ids.value = new Set([...this.#ids.peek()].filter((other) => other !== id))
  }
}

import { type ReadonlySignal, signal } from "@preact/signals"
import type { Change } from "../../shared/changes/changes.ts"

/** So long after its last letter a change counts as being written. */
const writingMs = 2_000

const isSame = (was: Change | undefined, is: Change): boolean =>
  was !== undefined && (was === is || (was.inserted === is.inserted && was.deleted === is.deleted))

/** Which open changes have had other words in the last moments, by their ids. */
export class BeingWritten {
  readonly #ids = signal<ReadonlySet<string>>(new Set())
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>()
  #open: ReadonlyMap<string, Change> | null = null

  get ids(): ReadonlySignal<ReadonlySet<string>> {
    return this.#ids
  }

  /** The changes as they are now. Those of a draft that has just been opened are no news. */
  follow(changes: readonly Change[]): void {
    const before = this.#open
    this.#open = changes.length === 0 && before === null ? null : new Map(changes.map((change) => [change.id, change]))
    if (!before || !this.#open) return
    for (const [id, change] of this.#open) if (!isSame(before.get(id), change)) this.#note(id)
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

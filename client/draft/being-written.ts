import { effect, type ReadonlySignal, signal, untracked } from "@preact/signals"
import type { Change } from "../../shared/changes/changes.ts"
import type { Caret } from "../editor/carets.ts"

/** So long after its last letter a change counts as being written. */
const writingMs = 2_000

const isSame = (was: Change | undefined, is: Change): boolean =>
  was !== undefined && (was === is || (was.inserted === is.inserted && was.deleted === is.deleted))

export interface BeingWrittenParts {
  /** For whom others type at this moment. */
  readonly typing: ReadonlySignal<readonly Pick<Caret, "source" | "by">[]>
  readonly nameOf: (source: string) => string
}

/** Which open changes have had other words in the last moments, and who writes them. */
export class BeingWritten {
  readonly #parts: BeingWrittenParts
  readonly #ids = signal<ReadonlySet<string>>(new Set())
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>()
  #open: ReadonlyMap<string, Change> | null = null

  constructor(parts: BeingWrittenParts) {
    this.#parts = parts
  }

  /** Who else writes a change at this moment, in a sentence: its delegation, or the secretariat for it; null: nobody. */
  said({ id, source }: Change): string | null {
    if (!this.#ids.value.has(id)) return null
    const { typing, nameOf } = this.#parts
    const writers = typing.value.filter((caret) => caret.source === source)
    if (writers.length === 0) return null
    return writers.every(({ by }) => by !== null)
      ? `The secretariat is entering this for ${nameOf(source)}.`
      : `${nameOf(source)} is still writing this.`
  }

  /** Follows the changes of a text. Returns how to stop. */
  watch(changes: ReadonlySignal<readonly Change[]>): () => void {
    const stop = effect(() => {
      const now = changes.value
      untracked(() => this.#follow(now))
    })
    return () => {
      stop()
      for (const timer of this.#timers.values()) clearTimeout(timer)
    }
  }

  /** The changes as they are now. Those of a draft that has just been opened are no news. */
  #follow(changes: readonly Change[]): void {
    const before = this.#open
    this.#open = changes.length === 0 && before === null ? null : new Map(changes.map((change) => [change.id, change]))
    if (!before || !this.#open) return
    for (const [id, change] of this.#open) if (!isSame(before.get(id), change)) this.#note(id)
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

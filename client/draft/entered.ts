import { type ReadonlySignal, type Signal, signal } from "@preact/signals"
import type { Answer } from "../../shared/api/contract.ts"
import { call } from "../meeting/api.ts"

/** Who entered a change and when: for its own delegation, for another, or in a file. */
export type Entered = Answer<"changeEntered">

/** Asks the server who entered a change when somebody looks at it, and remembers the answer. */
export class EnteredBook {
  readonly #draft: string
  readonly #known = new Map<string, Signal<Entered | null>>()

  constructor(draft: string) {
    this.#draft = draft
  }

  /** Who entered a change; null until the server has said it. */
  of(change: string): ReadonlySignal<Entered | null> {
    let known = this.#known.get(change)
    if (!known) this.#known.set(change, (known = signal(null)))
    return known
  }

  /** Somebody looks at a change: asks, unless it is known. What is just being typed is known a moment later. */
  async ask(change: string): Promise<void> {
    const known = this.of(change) as Signal<Entered | null>
    if (known.value !== null) return
    try {
      const answer = await call("changeEntered", { params: { draft: this.#draft, change } })
      if (answer.by !== null || answer.broughtBy !== null) known.value = answer
    } catch {
      // Without a line the card says the rest; it is asked again when it is looked at again.
    }
  }
}

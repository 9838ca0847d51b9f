import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals"
import { remember, remembered } from "../meeting/shelf.ts"
import type { RoomHere } from "./room.ts"

/** How many of the own delegation's changes were decided since one last looked what became of them: this browser remembers it. */
export class OwnFates {
  readonly #room: RoomHere
  readonly #hat: ReadonlySignal<string | null>
  readonly #seen: Signal<number> = signal(0)
  readonly fresh: ReadonlySignal<number> = computed(() => Math.max(0, this.#decided - this.#seen.value))

  constructor(room: RoomHere, hat: ReadonlySignal<string | null>) {
    this.#room = room
    this.#hat = hat
  }

  /** Reads again what was seen once one writes for another delegation. Returns how to stop. */
  watch(): () => void {
    return effect(() => {
      this.#seen.value = Number(remembered(this.#shelf) ?? 0)
    })
  }

  /** The person has looked what became of them. */
  look(): void {
    this.#sees(this.#decided)
  }

  /** So many are about to be decided by oneself: nobody needs to be told. */
  decides(count: number): void {
    this.#sees(this.#seen.value + count)
  }

  get #decided(): number {
    return this.#room.proposals.value.filter(([, entry]) => entry.source === this.#hat.value).length
  }

  get #shelf(): string {
    return `clausula.fates.${this.#room.summary.id}.${this.#hat.value}`
  }

  #sees(count: number): void {
    this.#seen.value = count
    remember(this.#shelf, String(count))
  }
}

import type { Logger } from "pino"
import { goneDamage } from "../damage.ts"
import type { Metrics } from "../metrics.ts"
import { DomainError } from "../problems.ts"
import type { Proof, Store } from "../storage/store.ts"

/** What of each draft can be proven, as it was found last; the operator hears of each damage once. */
export class Proofs {
  readonly #store: Store
  readonly #log: Logger
  readonly #metrics: Metrics
  /** Drafts that were proven, and whether each was found damaged last. */
  readonly #found = new Map<string, boolean>()
  /** What the operator was told of damaged drafts. */
  readonly #told = new Map<string, string>()

  constructor(store: Store, log: Logger, metrics: Metrics) {
    this.#store = store
    this.#log = log
    this.#metrics = metrics
  }

  /** What can be proven of a draft. Throws where there is none. */
  async of(id: string): Promise<Proof> {
    const proof = await this.lookAt(id)
    if (proof) return proof
    const gone = (await this.#store.losses()).find(({ draft, isGone }) => isGone && draft === id)
    throw new DomainError("not-found", gone ? goneDamage(gone).sentence : "There is no draft under this address.")
  }

  /** Proves a draft, so that the operator hears of damage; null: there is none. */
  async lookAt(id: string): Promise<Proof | null> {
    const proof = await this.#store.examine(id)
    if (proof) this.tell(proof)
    return proof
  }

  /** Proves every draft, one after the other, so that the operator hears of damage before anybody comes upon it. */
  async lookThrough(): Promise<void> {
    for (const id of await this.#store.draftIds()) await this.lookAt(id)
  }

  tell({ draft, title, damage }: Proof): void {
    this.#found.set(draft, damage !== null)
    this.#metrics.damaged.set(this.damaged().damaged)
    if (damage === null || this.#told.get(draft) === damage) return
    this.#told.set(draft, damage)
    this.#log.error({ draft, title, damage }, "draft damaged")
  }

  /** A draft that was just made is whole. */
  made(id: string): void {
    this.#found.set(id, false)
  }

  /** How many of the drafts that were proven are damaged. */
  damaged(): { readonly damaged: number; readonly known: number } {
    return { damaged: [...this.#found.values()].filter(Boolean).length, known: this.#found.size }
  }
}

import { DamageError, type Store } from "./store.ts"

/** A failure of the store: what was asked of it, what it answered, and whether the same was heard a moment ago. */
export interface StoreFailure {
  readonly call: string
  readonly error: Error
  readonly isRepeated: boolean
}

const writing: ReadonlySet<string> = new Set([
  "createDraft",
  "append",
  "saveFile",
  "saveSetting",
  "savePerson",
  "assignClient",
  "saveSignIn",
])

/** A failure that is heard again so soon is not news. */
const newsAfterMs = 10_000
/** How long a failure counts where nothing was written since. */
const countsForMs = 30_000

/** The failures of a store, heard in one place, whoever asked. */
export class StoreWatch {
  readonly #onFailure: (failure: StoreFailure) => void
  readonly #heard = new Map<string, number>()
  #failedAt = Number.NEGATIVE_INFINITY

  constructor(onFailure: (failure: StoreFailure) => void) {
    this.#onFailure = onFailure
  }

  /** Whether it has failed just now, and written nothing since. */
  get isFailing(): boolean {
    return performance.now() - this.#failedAt < countsForMs
  }

  /** The store, watched. */
  over(store: Store): Store {
    store.onTrouble((error) => this.#failed("heads", error))
    return new Proxy(store, {
      get: (target, call: keyof Store & string) => {
        const work: unknown = Reflect.get(target, call)
        return typeof work === "function" ? (...values: unknown[]) => this.#asked(call, () => Reflect.apply(work, target, values)) : work
      },
    })
  }

  #asked(call: string, work: () => unknown): unknown {
    const answer = work()
    if (!(answer instanceof Promise)) return answer
    return answer.then(
      (value: unknown) => {
        if (writing.has(call)) this.#failedAt = Number.NEGATIVE_INFINITY
        return value
      },
      (error: Error) => {
        // Damage that was found is an answer; the store is well.
        if (!(error instanceof DamageError)) this.#failed(call, error)
        throw error
      },
    )
  }

  #failed(call: string, error: Error): void {
    const now = performance.now()
    const key = `${call} ${error.message}`
    const isRepeated = now - (this.#heard.get(key) ?? Number.NEGATIVE_INFINITY) < newsAfterMs
    if (!isRepeated) this.#heard.set(key, now)
    this.#failedAt = now
    this.#onFailure({ call, error, isRepeated })
  }
}

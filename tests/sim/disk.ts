import { DomainError } from "../../server/problems.ts"
import type { Commit, Snapshot, Store } from "../../server/storage/store.ts"

/** What the disk does with what is written: at once, when an operation says so, or not at all, for it is full. */
export type DiskState = "prompt" | "slow" | "full"

interface Waiting {
  readonly write: () => Promise<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/**
 * The disk under one life of the server: the product's own store, whose writes wait until they are let through, fail, or, where the process dies,
 * never come back. What is durable is told the moment it is.
 */
export class Disk {
  state: DiskState = "prompt"
  #waiting: Waiting[] = []
  #isDead = false
  readonly store: Store

  constructor(store: Store, onDurable: (draft: string, commit: Commit) => void) {
    const gated = <Result>(write: () => Promise<Result>): Promise<Result> => this.#gated(write) as Promise<Result>
    this.store = Object.assign(Object.create(store) as Store, {
      append: (draft: string, commit: Commit) =>
        gated(async () => {
          const seq = await store.append(draft, commit)
          onDurable(draft, commit)
          return seq
        }),
      saveSnapshot: (draft: string, snapshot: Snapshot) => gated(() => store.saveSnapshot(draft, snapshot)),
    })
  }

  #gated(write: () => Promise<unknown>): Promise<unknown> {
    if (this.#isDead) return new Promise(() => undefined)
    if (this.state === "full") return Promise.reject(full())
    if (this.state === "prompt" && this.#waiting.length === 0) return write()
    return new Promise((resolve, reject) => this.#waiting.push({ write, resolve, reject }))
  }

  get waits(): number {
    return this.#waiting.length
  }

  /** Lets so many writes through; on a disk that is full they fail. */
  async go(count = Number.POSITIVE_INFINITY): Promise<void> {
    for (let i = 0; i < count && this.#waiting.length > 0; i++) {
      const { write, resolve, reject } = this.#waiting.shift()!
      if (this.state === "full") reject(full())
      else await write().then(resolve, reject)
    }
  }

  /** The process dies. What waits was written by then, or was not: nobody hears of it. */
  async die(written: number): Promise<void> {
    this.#isDead = true
    for (const { write } of this.#waiting.splice(0).slice(0, written)) await write().catch(() => undefined)
  }
}

const full = (): DomainError => new DomainError("store-failed", "The disk is full.")

// What is sent to who joins: the committed state. Joiners come in crowds, and to write all of a draft anew for each takes too long.
import * as Y from "yjs"
import { serverClient } from "../../shared/schema/keys.ts"
import type { Clock } from "../pace/clock.ts"
import { longestRestMs } from "./committer.ts"
import { mergeBytes } from "./frames.ts"

/** After the state was encoded anew for who joins that is not done again for so many times as long as it took, at most as long as the rest. */
const restPerEncoding = 3
/** Updates after which the state is encoded anew for those who join. */
const mostSince = 200

/** The committed state as it was encoded last, and what was committed since. */
export class CommittedState {
  readonly #main: Y.Doc
  readonly #clock: Clock
  #encoded: Uint8Array | null = null
  #since: Uint8Array[] = []
  /** Until when the state is not encoded again for who joins, and who waits for that. */
  #encodesFrom = 0
  #asking: (() => void)[] = []

  constructor(main: Y.Doc, clock: Clock) {
    this.#main = main
    this.#clock = clock
  }

  /** Bytes of the state as it was encoded last. */
  get bytes(): number {
    return this.#encoded?.length ?? 0
  }

  /** As one update; kept until the next commit. */
  encoded(): Uint8Array {
    if (!this.#encoded || this.#since.length > 0) {
      const from = this.#clock.elapsedMs()
      this.#encoded = Y.encodeStateAsUpdate(this.#main)
      this.#since = []
      const until = this.#clock.elapsedMs()
      this.#encodesFrom = until + Math.min(longestRestMs, restPerEncoding * (until - from))
    }
    return this.#encoded
  }

  /** As one large update, a moment old, and what was committed since: to write all of it anew takes too long. */
  parts(): Uint8Array[] {
    return [this.#encoded ?? this.encoded(), ...this.#since]
  }

  /** Notes what is committed. */
  note(updates: readonly Uint8Array[]): void {
    if (!this.#encoded) return
    this.#since.push(...updates)
    const bytes = this.#since.reduce((sum, update) => sum + update.length, 0)
    if (this.#since.length <= mostSince && bytes <= mergeBytes) return
    this.#encoded = null
    this.#since = []
  }

  /** Does what needs the state as one update. To write all of it anew for each of a crowd takes too long: they wait a moment for one. */
  whenEncoded(work: () => void): void {
    const rest = this.#encodesFrom - this.#clock.elapsedMs()
    const isEncoded = this.#encoded !== null && this.#since.length === 0
    if (this.#asking.length === 0 && (isEncoded || rest < 1)) return work()
    this.#asking.push(work)
    if (this.#asking.length > 1) return
    this.#clock.later(() => {
      for (const waiting of this.#asking.splice(0)) waiting()
    }, rest)
  }

  /** Gives its memory back; who waits gets no answer any more. */
  forget(): void {
    this.#encoded = null
    this.#asking = []
  }
}

/** What a session lacks of a document, by its state vector. */
export interface Lacking {
  /** The server's clock as the session knows it. */
  readonly heard: number
  /** Null: it knows nothing, and all is to be sent. */
  readonly update: Uint8Array | null
}

/** Null where that is no state vector. */
export function lackingOf(main: Y.Doc, stateVector: Uint8Array): Lacking | null {
  if (stateVector.length <= 1) return { heard: 0, update: null }
  try {
    return { heard: Y.decodeStateVector(stateVector).get(serverClient) ?? 0, update: Y.encodeStateAsUpdate(main, stateVector) }
  } catch {
    return null
  }
}

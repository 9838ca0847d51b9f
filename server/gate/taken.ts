/** What accepted changes took out, by the identity of the letters: the root `taken`, of which each entry is read once, for it only grows. */
import type * as Y from "yjs"
import type { Stretch } from "../../shared/schema/runs.ts"
import type { Taken } from "../../shared/sync/roots.ts"
import type { TakenLetters } from "./case.ts"

/** The entries of one client in the order of their clocks. Two changes may have taken the same letters, so they may overlap. */
interface OfClient {
  readonly entries: TakenLetters[]
  /** Where the furthest of the entries up to each ends. */
  ends: readonly number[]
}

/** Looked up by binary search: a conference has thousands of entries, and an update asks about each piece of the text that it strikes. */
export class TakenIndex {
  readonly #root: Y.Array<Taken>
  readonly #byClient = new Map<number, OfClient>()
  #read = 0

  constructor(root: Y.Array<Taken>) {
    this.#root = root
  }

  get isEmpty(): boolean {
    return this.#root.length === 0
  }

  /** What of some characters was taken, in their order. */
  within({ client, clock, length }: Stretch): TakenLetters[] {
    this.#readOn()
    const { entries, ends } = this.#byClient.get(client) ?? none
    const found: TakenLetters[] = []
    for (let i = countBelow(entries, clock + length) - 1; i >= 0 && ends[i]! > clock; i--) {
      const entry = entries[i]!
      const from = Math.max(clock, entry.clock)
      const to = Math.min(clock + length, entry.clock + entry.length)
      if (from < to)
        found.push({ ...entry, clock: from, length: to - from, words: entry.words.slice(from - entry.clock, to - entry.clock) })
    }
    return found.reverse()
  }

  #readOn(): void {
    if (this.#read === this.#root.length) return
    const grown = new Set<OfClient>()
    for (const [client, clock, length, since, by, words] of this.#root.slice(this.#read)) {
      let own = this.#byClient.get(client)
      if (!own) this.#byClient.set(client, (own = { entries: [], ends: [] }))
      own.entries.push({ client, clock, length, since, by, words })
      grown.add(own)
    }
    this.#read = this.#root.length
    for (const own of grown) {
      own.entries.sort((a, b) => a.clock - b.clock)
      let end = 0
      own.ends = own.entries.map(({ clock, length }) => (end = Math.max(end, clock + length)))
    }
  }
}

const none: OfClient = { entries: [], ends: [] }

/** How many entries begin before a clock. */
function countBelow(entries: readonly TakenLetters[], clock: number): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (entries[middle]!.clock < clock) low = middle + 1
    else high = middle
  }
  return low
}

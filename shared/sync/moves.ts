import { serverClient } from "../schema/keys.ts"
import type { ItemId, Stretch } from "../schema/runs.ts"
import type { Brought, Relocation } from "./roots.ts"

/** A stretch, and where it was written anew. */
export interface Moved {
  readonly from: ItemId
  readonly to: ItemId
  readonly length: number
}

interface Entry {
  readonly clock: number
  readonly length: number
  readonly to: ItemId
  /** In `back`, of what was gone for a time: the server's clock since which it was; until it wrote it anew. */
  readonly goneSince?: number | undefined
  /** In `back`: whether it was restored where it stood. */
  readonly isRestored?: boolean
}

/** Entries of one client in the order of their clocks; they do not overlap. */
type Index = Map<number, Entry[]>

function insert(index: Index, client: number, entry: Entry): void {
  let list = index.get(client)
  if (!list) index.set(client, (list = []))
  let at = list.length
  while (at > 0 && list[at - 1]!.clock > entry.clock) at--
  list.splice(at, 0, entry)
}

/** How many entries begin at or before a clock. */
function countTo(list: readonly Entry[], clock: number): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (list[middle]!.clock <= clock) low = middle + 1
    else high = middle
  }
  return low
}

function entryAt(index: Index, { client, clock }: ItemId): Entry | null {
  const list = index.get(client)
  const entry = list?.[countTo(list, clock) - 1]
  return entry && clock < entry.clock + entry.length ? entry : null
}

function find(index: Index, id: ItemId): ItemId | null {
  const entry = entryAt(index, id)
  return entry && { client: entry.to.client, clock: entry.to.clock + id.clock - entry.clock }
}

function stretchesIn(index: Index, { client, clock }: ItemId, length: number): Moved[] {
  const found: Moved[] = []
  const list = index.get(client) ?? []
  for (let i = Math.max(0, countTo(list, clock) - 1); i < list.length && list[i]!.clock < clock + length; i++) {
    const entry = list[i]!
    const start = Math.max(clock, entry.clock)
    const end = Math.min(clock + length, entry.clock + entry.length)
    if (start >= end) continue
    const to = { client: entry.to.client, clock: entry.to.clock + start - entry.clock }
    found.push({ from: { client, clock: start }, to, length: end - start })
  }
  return found
}

const pageSize = 1_024

/**
 * Which characters and markers the server wrote anew, and for whom it wrote what files brought: plain look-ups, each by binary search. A block's start
 * is known by the id of its element.
 */
export class Moves {
  readonly #forward: Index = new Map()
  readonly #back: Index = new Map()
  readonly #restored: Index = new Map()
  /** Stretches of the server's characters in the order in which they were noted, by the page of clocks that they begin or go on in. */
  readonly #brought = new Map<number, Brought[]>()

  get isEmpty(): boolean {
    return this.#forward.size === 0 && this.#restored.size === 0
  }

  note([client, clock, length, toClient, toClock, isRestored, goneSince]: Relocation): void {
    insert(isRestored ? this.#restored : this.#forward, client, { clock, length, to: { client: toClient, clock: toClock } })
    insert(this.#back, toClient, { clock: toClock, length, to: { client, clock }, goneSince, isRestored: isRestored ?? false })
  }

  noteBrought(brought: Brought): void {
    const [clock, length] = brought
    for (let page = Math.floor(clock / pageSize); page * pageSize < clock + length; page++)
      if (!this.#brought.get(page)?.push(brought)) this.#brought.set(page, [brought])
  }

  /** For which source the server wrote a character that a file brought; null for any other. */
  broughtFor({ client, clock }: ItemId): string | null {
    if (client !== serverClient) return null
    const page = this.#brought.get(Math.floor(clock / pageSize))
    return page?.findLast(([from, length]) => from <= clock && clock < from + length)?.[2] ?? null
  }

  /** Where an item was written anew, or null where it never was. */
  next(id: ItemId): ItemId | null {
    return find(this.#forward, id)
  }

  /** Where an item is after everything that happened to it: itself where it was never written anew. */
  latest(id: ItemId): ItemId {
    let at = id
    for (let next = this.next(at); next; next = this.next(at)) at = next
    return at
  }

  /** The item that one was written anew from, or null where it is itself the first. */
  before(id: ItemId): ItemId | null {
    return find(this.#back, id)
  }

  /** The item as its writer wrote it, however often the server wrote it anew. */
  original(id: ItemId): ItemId {
    let at = id
    for (let before = this.before(at); before; before = this.before(at)) at = before
    return at
  }

  /** The same for the beginning of a stretch; `length` says how much of it goes on with what its writer wrote behind that. */
  originalOf({ client, clock, length }: Stretch): Stretch {
    let at: ItemId = { client, clock }
    let rest = length
    for (;;) {
      const list = this.#back.get(at.client) ?? []
      const count = countTo(list, at.clock)
      const entry = list[count - 1]
      const isIn = entry !== undefined && at.clock < entry.clock + entry.length
      const end = isIn ? entry.clock + entry.length : (list[count]?.clock ?? Number.POSITIVE_INFINITY)
      rest = Math.min(rest, end - at.clock)
      if (!isIn) return { ...at, length: rest }
      at = { client: entry.to.client, clock: entry.to.clock + at.clock - entry.clock }
    }
  }

  /**
   * What a character was to one who had heard of the server's clock, followed back through what has come back where it stood; null where it was gone
   * then, for a decision had taken it out that was taken back later.
   */
  asHeard(id: ItemId, heard: number): ItemId | null {
    let at = id
    for (let entry = entryAt(this.#back, at); entry; entry = entryAt(this.#back, at)) {
      if (at.clock < heard) return at
      if (entry.goneSince !== undefined && entry.goneSince <= heard) return null
      at = { client: entry.to.client, clock: entry.to.clock + at.clock - entry.clock }
    }
    return at
  }

  /** What of a stretch was there, as `asHeard` says, for one who had heard of the server's clock: in its order, none of the parts beside another. */
  thereFor({ client, clock, length }: Stretch, heard: number): Stretch[] {
    const list = this.#back.get(client) ?? []
    const end = clock + length
    const there: Stretch[] = []
    const add = (from: number, to: number): void => {
      const last = there.at(-1)
      if (last && last.clock + last.length === from) there[there.length - 1] = { ...last, length: to - last.clock }
      else if (from < to) there.push({ client, clock: from, length: to - from })
    }
    let done = clock
    for (let i = Math.max(0, countTo(list, clock) - 1); i < list.length && list[i]!.clock < end; i++) {
      const entry = list[i]!
      const from = Math.max(done, entry.clock)
      const to = Math.min(end, entry.clock + entry.length)
      if (from >= to) continue
      const unheard = Math.min(to, Math.max(from, heard))
      add(done, unheard)
      if (unheard < to && (entry.goneSince === undefined || entry.goneSince > heard)) {
        const before = { client: entry.to.client, clock: entry.to.clock + unheard - entry.clock, length: to - unheard }
        const back = unheard - before.clock
        for (const part of this.thereFor(before, heard)) add(part.clock + back, part.clock + back + part.length)
      }
      done = to
    }
    add(done, end)
    return there
  }

  /** Whether a character has come back where it stood. */
  isRestored(id: ItemId): boolean {
    return entryAt(this.#back, id)?.isRestored ?? false
  }

  /** What has come back for a stretch where that stood, and for what that has become, step by step. */
  cameBackFor(id: ItemId, length: number): Stretch[] {
    const found: Stretch[] = []
    const rest: Stretch[] = [{ ...id, length }]
    for (let next = rest.pop(); next; next = rest.pop()) {
      const back = this.restoredIn(next, next.length).map(({ to, length: size }) => ({ ...to, length: size }))
      found.push(...back)
      rest.push(...back, ...this.within(next, next.length).map(({ to, length: size }) => ({ ...to, length: size })))
    }
    return found
  }

  /** A stretch, and all that was written anew or has come back for it, step by step. */
  allOf(letters: Stretch): Stretch[] {
    const found: Stretch[] = []
    const rest = [letters]
    for (let next = rest.pop(); next; next = rest.pop()) {
      found.push(next)
      const anew = [...this.within(next, next.length), ...this.restoredIn(next, next.length)]
      rest.push(...anew.map(({ to, length }) => ({ ...to, length })))
    }
    return found
  }

  /** The last of `length` items from an id that was written anew, or null. */
  lastIn({ client, clock }: ItemId, length: number): ItemId | null {
    const list = this.#forward.get(client)
    const entry = list?.[countTo(list, clock + length - 1) - 1]
    if (!entry || entry.clock + entry.length <= clock) return null
    return { client, clock: Math.min(clock + length, entry.clock + entry.length) - 1 }
  }

  /** The stretches of `length` items from an id that were written anew, with where they went. */
  within(id: ItemId, length: number): Moved[] {
    return stretchesIn(this.#forward, id, length)
  }

  /** What of a stretch was written anew, or is itself what something was written anew as. */
  touched({ client, clock, length }: Stretch): Stretch[] {
    // The server alone writes anew.
    if (client === serverClient) return [{ client, clock, length }]
    return this.within({ client, clock }, length).map((part) => ({ ...part.from, length: part.length }))
  }

  /** The stretches of `length` items from an id that were restored where they stood, with what they are now. */
  restoredIn(id: ItemId, length: number): Moved[] {
    return stretchesIn(this.#restored, id, length)
  }
}

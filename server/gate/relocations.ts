import type * as Y from "yjs"
import { ownerOf } from "../../shared/schema/block.ts"
import { serverClient } from "../../shared/schema/keys.ts"
import { runsOfText } from "../../shared/sync/read.ts"
import { type Brought, type Relocation, roots } from "../../shared/sync/roots.ts"

/** A character or marker by its Yjs identity. */
export interface ItemId {
  readonly client: number
  readonly clock: number
}

interface Stretch {
  readonly clock: number
  readonly length: number
  readonly to: ItemId
}

/** Stretches of one client in the order of their clocks. */
type Index = Map<number, Stretch[]>

function insert(index: Index, client: number, stretch: Stretch): void {
  let list = index.get(client)
  if (!list) index.set(client, (list = []))
  let at = list.length
  while (at > 0 && list[at - 1]!.clock > stretch.clock) at--
  list.splice(at, 0, stretch)
}

/** The last stretch that begins at or before a clock. */
function lastFrom(list: readonly Stretch[], clock: number): Stretch | undefined {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (list[middle]!.clock <= clock) low = middle + 1
    else high = middle
  }
  return list[low - 1]
}

function find(index: Index, { client, clock }: ItemId): ItemId | null {
  const list = index.get(client)
  const stretch = list && lastFrom(list, clock)
  if (!stretch || clock >= stretch.clock + stretch.length) return null
  return { client: stretch.to.client, clock: stretch.to.clock + clock - stretch.clock }
}

/**
 * Which characters and markers the server wrote anew when it split, joined or moved blocks, or carried late words over (GATE8). It lies in the room's
 * document, so that an offline browser may come days later, after a restart or to another machine. A block's start is known by the id of its element.
 */
export class Relocations {
  readonly #list: Y.Array<Relocation>
  readonly #forward: Index = new Map()
  readonly #back: Index = new Map()
  readonly #restored: Index = new Map()
  readonly #broughtList: Y.Array<Brought>
  /** Stretches of the server's characters in the order in which they were noted, by the block of clocks that they begin or go on in. */
  readonly #brought = new Map<number, Brought[]>()

  constructor(doc: Y.Doc) {
    this.#list = roots.relocations(doc)
    this.#broughtList = roots.brought(doc)
    for (const relocation of this.#list.toArray()) this.#keep(relocation)
    for (const brought of this.#broughtList.toArray()) this.#keepBrought(brought)
  }

  get isEmpty(): boolean {
    return this.#forward.size === 0 && this.#restored.size === 0
  }

  /** Records that `length` items beginning with `from` are now those beginning with `to`. Call it inside the transaction that writes them. */
  add(from: ItemId, to: ItemId, length: number): void {
    const relocation: Relocation = [from.client, from.clock, length, to.client, to.clock]
    this.#list.push([relocation])
    this.#keep(relocation)
  }

  /** Records who wrote what the server restored: `length` characters beginning with `from` came back as those beginning with `to`. */
  addRestored(from: ItemId, to: ItemId, length: number): void {
    const relocation: Relocation = [from.client, from.clock, length, to.client, to.clock, true]
    this.#list.push([relocation])
    this.#keep(relocation)
  }

  /** Notes whose the words of an element are that a file has brought: who they are marked for may take them back like words of its own (GATE7). */
  bring(text: Y.XmlText): void {
    for (const { client, clock, text: words, marks } of runsOfText(text)) {
      const source = ownerOf(marks)?.source
      const isElsewhereToo = find(this.#back, { client, clock }) !== null
      if (source === undefined || client !== serverClient || isElsewhereToo || this.broughtFor({ client, clock }) === source) continue
      const brought: Brought = [clock, words.length, source]
      this.#broughtList.push([brought])
      this.#keepBrought(brought)
    }
  }

  #keepBrought(brought: Brought): void {
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

  #keep([client, clock, length, toClient, toClock, isRestored]: Relocation): void {
    insert(isRestored ? this.#restored : this.#forward, client, { clock, length, to: { client: toClient, clock: toClock } })
    insert(this.#back, toClient, { clock: toClock, length, to: { client, clock } })
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

  /** The item as its writer wrote it, however often the server wrote it anew. */
  original(id: ItemId): ItemId {
    let at = id
    for (let before = find(this.#back, at); before; before = find(this.#back, at)) at = before
    return at
  }

  /** The last of `length` items from an id that was written anew, or null. */
  lastIn({ client, clock }: ItemId, length: number): ItemId | null {
    const list = this.#forward.get(client)
    const stretch = list && lastFrom(list, clock + length - 1)
    if (!stretch || stretch.clock + stretch.length <= clock) return null
    return { client, clock: Math.min(clock + length, stretch.clock + stretch.length) - 1 }
  }

  /** The stretches of `length` items from an id that were written anew, with where they went. */
  within(id: ItemId, length: number): { from: ItemId; to: ItemId; length: number }[] {
    return stretchesIn(this.#forward, id, length)
  }

  /** The stretches of `length` items from an id that were restored where they stood, with what they are now. */
  restoredIn(id: ItemId, length: number): { from: ItemId; to: ItemId; length: number }[] {
    return stretchesIn(this.#restored, id, length)
  }
}

const pageSize = 1_024

function stretchesIn(index: Index, { client, clock }: ItemId, length: number): { from: ItemId; to: ItemId; length: number }[] {
  const found: { from: ItemId; to: ItemId; length: number }[] = []
  for (const stretch of index.get(client) ?? []) {
    const start = Math.max(clock, stretch.clock)
    const end = Math.min(clock + length, stretch.clock + stretch.length)
    if (start >= end) continue
    const to = { client: stretch.to.client, clock: stretch.to.clock + start - stretch.clock }
    found.push({ from: { client, clock: start }, to, length: end - start })
  }
  return found
}

import * as Y from "yjs"
import type { Ground } from "../comments/place-of.ts"
import type { FirstAndLast } from "../comments/thread.ts"
import type { Block } from "../schema/block.ts"
import type { ItemId } from "../schema/runs.ts"
import { Moves } from "./moves.ts"
import { runsOfText } from "./read.ts"
import { roots } from "./roots.ts"

interface Read {
  readonly moves: Moves
  count: number
}

const reads = new WeakMap<Y.Doc, Read>()

/** What the server wrote anew, as a document tells it. The list only grows, so that each entry is read once. */
export function movesOf(doc: Y.Doc): Moves {
  const list = roots.relocations(doc)
  let read = reads.get(doc)
  if (!read || read.count > list.length) reads.set(doc, (read = { moves: new Moves(), count: 0 }))
  for (const relocation of list.slice(read.count)) read.moves.note(relocation)
  read.count = list.length
  return read.moves
}

/** The first and the last of the letters [from, to) of a text, as they were first written. Null where there is none. */
export function lettersOf(
  text: Y.XmlText,
  from: number,
  to: number,
  original: (letter: ItemId) => ItemId = (letter) => letter,
): FirstAndLast | null {
  let at = 0
  let first: ItemId | null = null
  let last: ItemId | null = null
  for (const { text: words, client, clock } of runsOfText(text)) {
    const [start, end] = [Math.max(from - at, 0), Math.min(to - at, words.length)]
    if (start < end) {
      first ??= { client, clock: clock + start }
      last = { client, clock: clock + end - 1 }
    }
    at += words.length
  }
  if (!first || !last) return null
  const [one, other] = [original(first), original(last)]
  return [one.client, one.clock, other.client, other.clock]
}

/** What a room's document says of where its threads are; `blocks` are those of the document, or what an editor shows of it. */
export function groundOf(doc: Y.Doc, blocks: readonly Block[]): Ground {
  const proposals = roots.proposals(doc)
  const stood = roots.stood(doc)
  return {
    blocks,
    near: (letter) => new Nearest(doc).of(letter),
    stood: (block) => stood.get(block),
    proposal: (change) => proposals.get(change),
  }
}

/** Finds the place nearest to a letter that went: behind what stands before it now, wherever that was moved to. */
class Nearest {
  readonly #doc: Y.Doc
  readonly #moves: Moves
  readonly #seen = new Set<Y.Item>()

  constructor(doc: Y.Doc) {
    this.#doc = doc
    this.#moves = movesOf(doc)
  }

  of(letter: ItemId): { block: string; at: number } | null {
    const { client, clock } = this.#latest(letter)
    const structs = this.#doc.store.clients.get(client)
    if (!structs || Y.getState(this.#doc.store, client) <= clock) return null
    const item = structs[Y.findIndexSS(structs, clock)]
    // With its clause its letters go: of them nothing is left but that they were.
    if (!(item instanceof Y.Item) || !(item.parent instanceof Y.XmlText)) return null
    return this.#from(item, clock - item.id.clock, item.parent)
  }

  /** Where a letter is that was written anew, also in the place where it stood. */
  #latest(letter: ItemId): ItemId {
    let at = letter
    for (let next: ItemId | null = at; next; next = this.#moves.next(at) ?? this.#moves.restoredIn(at, 1)[0]?.to ?? null) at = next
    return at
  }

  #from(start: Y.Item, offset: number, text: Y.XmlText): { block: string; at: number } | null {
    const element = text.parent
    if (!(element instanceof Y.XmlElement) || element._item?.deleted !== false) return null
    const block = element.getAttribute("id") as unknown as string
    if (!start.deleted && start.countable) return { block, at: lengthBefore(start) + offset }
    const wentBefore = this.#wentIn(start, offset)
    if (wentBefore) return wentBefore
    for (let item = start.left; item && !this.#seen.has(item); item = item.left) {
      this.#seen.add(item)
      if (!item.deleted && item.countable) return { block, at: lengthBefore(item) + item.length }
      const found = item.deleted ? this.#wentIn(item, item.length) : null
      if (found) return found
    }
    if (element.getAttribute("joined") === undefined) return { block, at: 0 }
    // All of this clause went to another, behind whose own words a sign tells where it begins.
    const { id } = element._item
    const began = this.#moves.next(id)
    return began && this.of(began)
  }

  /** Behind the last of the first letters of a tombstone that was written anew elsewhere. */
  #wentIn({ id }: Y.Item, length: number): { block: string; at: number } | null {
    const last = length > 0 ? this.#moves.lastIn(id, length) : null
    const went = last && this.#moves.next(last)
    return went && this.#behind(went)
  }

  /** Right behind an item that was written anew. */
  #behind(id: ItemId): { block: string; at: number } | null {
    const latest = this.#latest(id)
    const found = this.of(latest)
    const structs = this.#doc.store.clients.get(latest.client)
    const item = structs?.[Y.findIndexSS(structs, latest.clock)]
    const isLetter = item instanceof Y.Item && !item.deleted && item.countable
    return found && isLetter ? { ...found, at: found.at + 1 } : found
  }
}

function lengthBefore(start: Y.Item): number {
  let length = 0
  for (let item = start.left; item; item = item.left) if (!item.deleted && item.countable) length += item.length
  return length
}

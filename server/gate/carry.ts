/**
 * Words for a place that is gone (GATE8): what a browser typed, struck or removed before it heard that the words around it had been split off, joined
 * or moved is carried over to where those words are now, in the transaction that takes it.
 */
import * as Y from "yjs"
import { type Mark, ownerOf } from "../../shared/schema/block.ts"
import { serverClient } from "../../shared/schema/keys.ts"
import { newMark } from "../../shared/schema/schema.ts"
import { markOfMarker, type PlacedRun, runsOfText, textOfElement } from "../../shared/sync/read.ts"
import { removeText, slotAt, writeMark, writeText } from "../../shared/sync/write.ts"
import type { ItemId, Relocations } from "./relocations.ts"
import { serverMarkId } from "./repairs.ts"
import { caps, type Fresh } from "./shapes.ts"

/** A visible or struck character of the draft: its text and its offset there. */
interface Standing {
  readonly text: Y.XmlText
  readonly offset: number
  readonly isVisible: boolean
}

export interface Carried {
  /** Blocks that something was carried into. */
  readonly into: ReadonlySet<Y.XmlElement>
  /** Words whose place is gone for good. */
  readonly lost: readonly string[]
}

/** What an update deletes, by client. */
export type DeleteSet = ReturnType<typeof Y.decodeUpdate>["ds"]

interface Job {
  readonly item: Y.Item
  readonly words: string
  readonly behind: ItemId
  /** The own insertion that the words were typed in, where it is in force. */
  readonly mark: Mark | null
}

interface Strike {
  readonly mark: Mark
  /** Tombstones that it reaches over, with the server's clock when their words were written anew. */
  over: { from: ItemId; length: number; clock: number }[]
  readonly opening: Y.Item
}

/** What of an update stands among the tombstones of words that went elsewhere. */
interface Misplaced {
  readonly jobs: Job[]
  readonly strikes: Strike[]
  /** Own insertion markers among the tombstones: they would draw in what is typed there later. */
  readonly markers: Y.Item[]
}

export class Carrier {
  readonly #doc: Y.Doc
  readonly #relocations: Relocations
  readonly #fresh: Fresh
  readonly #source: string
  readonly #isOwn: (id: ItemId) => boolean
  readonly #isDecided: (key: string) => boolean
  /** Markers that the server put back to where they were made, with those that their writer made: only these tell what it had heard of. */
  readonly #tightened: ReadonlyMap<Y.Item, Y.Item>
  readonly #into = new Set<Y.XmlElement>()
  readonly #lost: string[] = []

  constructor(
    doc: Y.Doc,
    relocations: Relocations,
    fresh: Fresh,
    source: string,
    isOwn: (id: ItemId) => boolean,
    isDecided: (key: string) => boolean,
    tightened: ReadonlyMap<Y.Item, Y.Item>,
  ) {
    this.#doc = doc
    this.#relocations = relocations
    this.#fresh = fresh
    this.#source = source
    this.#isOwn = isOwn
    this.#isDecided = isDecided
    this.#tightened = tightened
  }

  /** `heard`: the server's clock that the sender knew of when it deleted; what was written anew before that it did not delete by mistake. */
  carry(tr: Y.Transaction, touched: Iterable<Y.XmlElement>, ds: DeleteSet, heard: number): Carried {
    const misplaced = [...touched].flatMap((element) => {
      const text = textOfElement(element)
      return text ? [this.#misplacedIn(element, text)] : []
    })
    // Before anything is carried: what one block loses may stand where another's words arrive.
    for (const { markers, jobs } of misplaced) for (const item of [...markers, ...jobs.map((job) => job.item)]) item.delete(tr)
    for (const { jobs } of misplaced) for (const job of jobs) this.#carryWords(tr, job)
    for (const { strikes } of misplaced) for (const strike of strikes) this.#carryStrike(tr, strike)
    this.#carryRemovals(tr, ds, heard)
    return { into: this.#into, lost: this.#lost }
  }

  #isFresh(item: Y.Item): boolean {
    const known = this.#fresh.known.get(item.id.client)
    return known !== undefined && item.id.clock >= known
  }

  /** What the writer of a deletion had heard of: as it says; else as what it had written by then shows. */
  #heardByStrike({ mark, opening }: Strike, closing: Y.Item): number {
    return mark.heard === "" ? Math.max(this.#heardBy(opening), this.#heardBy(closing)) : Number(mark.heard)
  }

  /** The server's clock that a marker's writer had surely heard of: that of what stood beside anything it had written by then. */
  #heardBy(marker: Y.Item): number {
    const written = this.#tightened.get(marker) ?? marker
    const { client, clock } = written.id
    let heard = heardOf(written)
    for (const struct of this.#doc.store.clients.get(client) ?? []) {
      if (struct.id.clock > clock) break
      if (struct instanceof Y.Item) heard = Math.max(heard, heardOf(struct))
    }
    return heard
  }

  #misplacedIn(element: Y.XmlElement, text: Y.XmlText): Misplaced {
    const found: Misplaced = { jobs: [], strikes: [], markers: [] }
    const start = idOf(element._item!)
    let behind = this.#relocations.next(start) ? start : null
    const open = new Map<string, Strike>()
    let inForce: Mark[] = []
    const marks = new Map(runsOfText(text).flatMap((run) => run.marks.map((mark) => [mark.key, mark])))
    for (let item = text._start; item; item = item.right) {
      if (item.deleted) {
        for (const { to, length } of this.#relocations.restoredIn(idOf(item), item.length))
          for (const strike of open.values()) strike.over.push({ from: to, length, clock: to.clock })
        const last = this.#relocations.lastIn(idOf(item), item.length)
        if (!last) continue
        behind = last
        for (const { from, to, length } of this.#relocations.within(idOf(item), item.length))
          for (const strike of open.values()) strike.over.push({ from, length, clock: to.clock })
      } else if (item.content instanceof Y.ContentFormat) {
        const { key, value } = item.content
        const isOpening = (value as unknown) !== null
        if (this.#fresh.markers.has(key) && key.startsWith("deletion--") && !this.#isDecided(key)) {
          if (isOpening) open.set(key, { mark: markOfMarker(item.content)!, over: [], opening: item })
          else if (open.has(key)) {
            const strike = open.get(key)!
            if (strike.over.length > 0) {
              const heard = this.#heardByStrike(strike, item)
              strike.over = strike.over.filter(({ clock }) => clock >= heard)
            }
            found.strikes.push(strike)
            open.delete(key)
          }
        }
        if (key.startsWith("insertion--") && this.#isFresh(item) && behind) found.markers.push(item)
        const mark = marks.get(key)
        inForce = inForce.filter((other) => other.key !== key)
        if (isOpening && mark) inForce.push(mark)
      } else if (item.countable) {
        if (behind && this.#isFresh(item)) {
          const owner = ownerOf(inForce)
          const words = (item.content as Y.ContentString).str
          // A mark that an undo brought back after its decision is stripped; its words need another.
          const isOwn = owner?.source === this.#source && !this.#isDecided(owner.key)
          found.jobs.push({ item, words, behind, mark: isOwn ? owner : null })
          behind = { client: item.id.client, clock: item.id.clock + item.length - 1 }
        } else behind = null
      }
    }
    const keys = new Set(found.markers.map((marker) => (marker.content as Y.ContentFormat).key))
    for (let item = text._start; item; item = item.right)
      if (!item.deleted && item.content instanceof Y.ContentFormat && keys.has(item.content.key) && !found.markers.includes(item))
        found.markers.push(item)
    return found
  }

  /** Where an item stands, or null where its block is gone. A tombstone stands behind what is left of it, wherever that went. */
  #standing(id: ItemId): Standing | null {
    // Words that went and came back have led to each other: then what is left nearest before them is as near as it gets.
    const seen = new Set<Y.Item>()
    for (let at = this.#relocations.latest(id); ; ) {
      const item = Y.getItem(this.#doc.store, Y.createID(at.client, at.clock)) as Y.Item | Y.GC
      if (!(item instanceof Y.Item) || !isInDraft(item)) return null
      const text = item.parent as Y.XmlText
      const isVisible = !item.deleted && item.countable
      const elsewhere = isVisible ? null : this.#goneBefore(item, at.clock - item.id.clock)
      if (!elsewhere || seen.has(item)) return { text, offset: offsetOf(item) + (isVisible ? at.clock - item.id.clock : 0), isVisible }
      seen.add(item)
      at = this.#relocations.latest(elsewhere)
    }
  }

  /** What was written anew elsewhere nearest before a tombstone, unless something is left nearer; the start of a block whose words all went. */
  #goneBefore(tombstone: Y.Item, within: number): ItemId | null {
    const inItem = within > 0 ? this.#relocations.lastIn(idOf(tombstone), within) : null
    if (inItem) return inItem
    for (let item = tombstone.left; item; item = item.left) {
      if (!item.deleted && item.countable) return null
      const last = item.deleted ? this.#relocations.lastIn(idOf(item), item.length) : null
      if (last) return last
    }
    const start = idOf(elementItem(tombstone))
    return this.#relocations.next(start) ? start : null
  }

  #carryWords(tr: Y.Transaction, { item, words, behind, mark }: Job): void {
    const standing = this.#standing(this.#relocations.latest(behind))
    const from = idOf(item)
    if (!standing) {
      this.#lost.push(words)
      return
    }
    const { text, offset, isVisible } = standing
    const slot = slotAt(tr, text, isVisible ? offset + 1 : offset, this.#source)
    const around = slot.marks.filter((other) => other.name === "insertion" || other.name === "deletion")
    const own = this.#ownMark(tr, text, around, mark)
    const clock = Y.getState(tr.doc.store, tr.doc.clientID) + own.length
    writeText(tr, text, slot, words, own)
    this.#relocations.add(from, { client: tr.doc.clientID, clock }, words.length)
    this.#into.add(text.parent as Y.XmlElement)
  }

  /** The insertion that carried words need: none inside an own one; the one that they were typed in; else a new one of the same change. */
  #ownMark(tr: Y.Transaction, text: Y.XmlText, around: readonly Mark[], mark: Mark | null): Mark[] {
    if (ownerOf(around)?.source === this.#source) return []
    if (mark && !isLive(text, mark.key)) return [mark]
    const within = around.map((other) => other.id).slice(0, caps.listedIds)
    const parts = { id: serverMarkId(tr.doc, this.#source), source: this.#source, within }
    return [newMark("insertion", mark ? { ...parts, of: mark.changeId } : parts)]
  }

  #carryStrike(tr: Y.Transaction, { mark, over }: Strike): void {
    const ids = over.flatMap(({ from, length }) => Array.from({ length }, (_, i) => ({ client: from.client, clock: from.clock + i })))
    this.#strike(tr, ids, mark)
  }

  /** Strikes what some characters are now, with this mark or, where it cannot be used twice, others of the same change. */
  #strike(tr: Y.Transaction, ids: readonly ItemId[], mark: Mark): void {
    for (const [text, offsets] of this.#visible(ids)) {
      const places = placesOf(text)
      const isStruck = (offset: number): boolean =>
        places[offset]!.marks.some((other) => other.name === "deletion" && other.changeId === mark.changeId)
      for (const [from, to] of ranges(offsets.filter((offset) => !isStruck(offset)))) {
        const isAnew = isLive(text, mark.key)
        const parts = { id: serverMarkId(tr.doc, this.#source), source: this.#source, of: mark.changeId, over: mark.over }
        writeMark(tr, text, from, to, isAnew ? newMark("deletion", parts) : mark)
        this.#into.add(text.parent as Y.XmlElement)
      }
    }
  }

  /** The visible characters behind some ids, as offsets in their texts. */
  #visible(ids: readonly ItemId[]): Map<Y.XmlText, number[]> {
    const found = new Map<Y.XmlText, number[]>()
    for (const id of ids) {
      const { client, clock } = this.#relocations.latest(id)
      const item = Y.getItem(this.#doc.store, Y.createID(client, clock)) as Y.Item | Y.GC
      // What is gone is not struck, and nothing else in its place is.
      if (!(item instanceof Y.Item) || item.deleted || !item.countable || !isInDraft(item)) continue
      const text = item.parent as Y.XmlText
      const offset = offsetOf(item) + clock - item.id.clock
      const offsets = found.get(text)
      if (offsets) offsets.push(offset)
      else found.set(text, [offset])
    }
    return found
  }

  /** Own open words that were removed late go where they are now; own words that are agreed by now are struck (GATE7). */
  #carryRemovals(tr: Y.Transaction, ds: DeleteSet, heard: number): void {
    const unheard: ItemId[] = []
    for (const [client, list] of ds.clients)
      for (const { clock, len } of list)
        for (const { from, to, length } of this.#relocations.within({ client, clock }, len))
          if (to.clock >= heard) for (let i = 0; i < length; i++) unheard.push({ client: from.client, clock: from.clock + i })
    for (const [text, offsets] of this.#visible(unheard)) {
      const places = placesOf(text)
      const open = offsets.filter((offset) => ownerOf(places[offset]!.marks)?.source === this.#source)
      const agreed = offsets.filter((offset) => this.#isOwnAgreed(places[offset]!))
      for (const [from, to] of ranges(agreed)) {
        writeMark(tr, text, from, to, newMark("deletion", { id: serverMarkId(tr.doc, this.#source), source: this.#source }))
        this.#into.add(text.parent as Y.XmlElement)
      }
      for (const [from, to] of ranges(open).toReversed()) {
        removeText(tr, text, from, to)
        this.#into.add(text.parent as Y.XmlElement)
      }
    }
  }

  #isOwnAgreed({ id, marks }: { id: ItemId; marks: readonly Mark[] }): boolean {
    const isStruck = marks.some((mark) => mark.name === "deletion" && mark.source === this.#source)
    return ownerOf(marks) === null && !isStruck && this.#isOwn(this.#relocations.original(id))
  }
}

const heardOf = ({ origin, rightOrigin }: Y.Item): number =>
  Math.max(...[origin, rightOrigin].map((id) => (id?.client === serverClient ? id.clock + 1 : 0)))

/** The item of the block that a character stands in. */
const elementItem = (item: Y.Item): Y.Item => ((item.parent as Y.XmlText).parent as Y.XmlElement)._item!

const isInDraft = (item: Y.Item): boolean => item.parent instanceof Y.XmlText && !item.parent._item!.deleted && !elementItem(item).deleted

/** How many characters stand before an item. */
function offsetOf(item: Y.Item): number {
  let offset = 0
  for (let other = (item.parent as Y.XmlText)._start; other && other !== item; other = other.right)
    if (!other.deleted && other.countable) offset += other.length
  return offset
}

const idOf = (item: Y.Item): ItemId => ({ client: item.id.client, clock: item.id.clock })

function isLive(text: Y.XmlText, key: string): boolean {
  for (let item = text._start; item; item = item.right)
    if (!item.deleted && item.content instanceof Y.ContentFormat && item.content.key === key) return true
  return false
}

/** Each character of a text with its id and marks. */
function placesOf(text: Y.XmlText): { id: ItemId; marks: readonly Mark[] }[] {
  return runsOfText(text).flatMap((run: PlacedRun) =>
    Array.from({ length: run.text.length }, (_, i) => ({ id: { client: run.client, clock: run.clock + i }, marks: run.marks })),
  )
}

function ranges(offsets: readonly number[]): [number, number][] {
  const found: [number, number][] = []
  for (const offset of [...new Set(offsets)].sort((a, b) => a - b)) {
    const last = found.at(-1)
    if (last?.[1] === offset) last[1] = offset + 1
    else found.push([offset, offset + 1])
  }
  return found
}

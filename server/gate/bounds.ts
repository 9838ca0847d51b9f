/**
 * What an update may cost (rules GATE11, GATE13): judged from its bytes before it is applied, and from the texts that it touched before anything is read
 * of them. Each bound is far above what people do and far below what would make others wait.
 */
import * as Y from "yjs"
import { parseKey } from "../../shared/schema/keys.ts"
import type { Repair } from "./repairs.ts"

/**
 * Of one update: new items, and how many of them hold letters; cuts of items that are there; items beside others of the same origin, between which Yjs
 * must look for the order; pieces that must be mended, for each is looked up in its text and written by itself.
 */
export const costs = { items: 20_000, texts: 5_000, cuts: 5_000, crossings: 500, mended: 1_000 } as const

/** Of how many pieces repairs are. */
export const piecesOf = (repairs: readonly Repair[]): number =>
  repairs.reduce((sum, repair) => sum + ("letters" in repair && Array.isArray(repair.letters) ? repair.letters.length : 1), 0)

/** On one letter: insertions in one another, deletions of one source, marks in all. `openAtOnce`: marks between which no letter stands. */
export const crowd = { insertions: 9, deletionsOfOne: 4, marks: 64, openAtOnce: 512 } as const

type Decoded = ReturnType<typeof Y.decodeUpdate>

/** Why an update would cost too much to apply, or null. */
export function tooCostly({ structs, ds }: Decoded, shadow: Y.Doc): "too-large" | "too-deep" | "malformed" | null {
  const { store } = shadow
  let items = 0
  let texts = 0
  let cuts = 0
  let crossings = 0
  let markers = 0
  const lastAt = structs.length > 1 ? new Map<string, Y.ID>() : null
  for (const struct of structs) {
    if (!(struct instanceof Y.Item) || struct.id.clock + struct.length <= Y.getState(store, struct.id.client)) continue
    items++
    if (struct.content instanceof Y.ContentString) texts++
    const { origin, rightOrigin } = struct
    if (origin && isInside(store, origin.client, origin.clock + 1)) cuts++
    if (rightOrigin && isInside(store, rightOrigin.client, rightOrigin.clock)) cuts++
    if (struct.content instanceof Y.ContentFormat) markers++
    // One alone, as a key that is struck brings it, crosses nothing.
    if (!lastAt) continue
    const place = origin ? `${origin.client} ${origin.clock}` : parentOf(struct)
    const last = lastAt.get(place)
    // What stands right before the last one that was written there needs no looking.
    if (last && (rightOrigin?.client !== last.client || rightOrigin.clock !== last.clock)) crossings++
    lastAt.set(place, struct.id)
  }
  for (const [client, ranges] of ds.clients) {
    if (isOverlapping(ranges)) return "malformed"
    for (const { clock, len } of ranges) {
      if (isInside(store, client, clock)) cuts++
      if (isInside(store, client, clock + len)) cuts++
    }
  }
  if (items > costs.items || texts > costs.texts || cuts > costs.cuts || crossings > costs.crossings) return "too-large"
  return markers > crowd.insertions && isDeepInItself(structs, shadow) ? "too-deep" : null
}

/** A new item, or a place beside which new ones stand, and what comes behind it. */
interface Link {
  readonly item: Y.Item | null
  next: Link | null
}

/**
 * Whether the marks that an update brings lie over one another too deep, whatever they lie in: its items are put in the order in which their writer
 * wrote them, each right behind its origin. So nothing need be applied and taken back.
 */
function isDeepInItself(structs: Decoded["structs"], { store }: Y.Doc): boolean {
  const places = new Map<string, Link>()
  const written = new Map<number, Link[]>()
  const linkAt = ({ client, clock }: Y.ID): Link | null => {
    const links = written.get(client)
    if (!links || links[0]!.item!.id.clock > clock) return null
    let [low, high] = [0, links.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (links[middle]!.item!.id.clock <= clock) low = middle
      else high = middle
    }
    return links[low]!
  }
  for (const struct of structs) {
    if (!(struct instanceof Y.Item) || struct.id.clock < Y.getState(store, struct.id.client)) continue
    const { origin } = struct
    let left = origin && linkAt(origin)
    if (!left) {
      const place = origin ? `${origin.client} ${origin.clock}` : parentOf(struct)
      left = places.get(place) ?? { item: null, next: null }
      places.set(place, left)
    }
    left.next = { item: struct, next: left.next }
    const links = written.get(struct.id.client)
    if (links) links.push(left.next)
    else written.set(struct.id.client, [left.next])
  }
  return [...places.values()].some((place) => isCrowdedIn(place))
}

function isCrowdedIn(place: Link): boolean {
  const open = new Set<string>()
  let insertions = 0
  for (let link = place.next; link; link = link.next) {
    const { content } = link.item!
    if (content instanceof Y.ContentString && (insertions > crowd.insertions || open.size > crowd.marks)) return true
    if (!(content instanceof Y.ContentFormat)) continue
    const isInsertion = parseKey(content.key)?.name === "insertion"
    if (open.delete(content.key) && isInsertion) insertions--
    if ((content.value as unknown) === null) continue
    open.add(content.key)
    if (isInsertion) insertions++
    if (open.size > crowd.openAtOnce) return true
  }
  return false
}

const parentOf = ({ parent, parentSub }: Y.Item): string =>
  `${parent instanceof Y.ID ? `${parent.client} ${parent.clock}` : typeof parent === "string" ? parent : ""} ${parentSub ?? ""}`

/** Whether a clock lies within a visible item of the store, so that it would be cut there. */
function isInside(store: Y.Doc["store"], client: number, clock: number): boolean {
  const structs = store.clients.get(client)
  if (!structs || clock <= 0 || clock >= Y.getState(store, client)) return false
  const struct = structs[Y.findIndexSS(structs, clock)]!
  return struct.id.clock < clock && !struct.deleted
}

/** Yjs goes through a stretch as often as it is named. */
function isOverlapping(ranges: readonly { readonly clock: number; readonly len: number }[]): boolean {
  const sorted = [...ranges].sort((a, b) => a.clock - b.clock)
  return sorted.some(({ clock }, i) => i > 0 && sorted[i - 1]!.clock + sorted[i - 1]!.len > clock)
}

/** Whether marks lie over one another in a text more than anything that people do. One walk, before the marks of any letter are listed. */
export function isCrowded(text: Y.XmlText | null): boolean {
  const open = new Map<string, string>()
  const counts = new Map<string, number>()
  const count = (name: string, by: 1 | -1): void => void counts.set(name, (counts.get(name) ?? 0) + by)
  let insertions = 0
  let isOver = false
  const change = (key: string, source: string, by: 1 | -1): void => {
    const name = parseKey(key)?.name
    if (name === "insertion") insertions += by
    if (name === "deletion") count(source, by)
  }
  for (let item = text?._start ?? null; item; item = item.right) {
    if (item.deleted) continue
    if (item.content instanceof Y.ContentFormat) {
      const { key, value } = item.content as { key: string; value: unknown }
      const before = open.get(key)
      if (before !== undefined) change(key, before, -1)
      open.delete(key)
      if (value === null) continue
      const source = String((value as { source?: unknown }).source)
      open.set(key, source)
      change(key, source, 1)
      if (open.size > crowd.openAtOnce) return true
      isOver ||= insertions > crowd.insertions || open.size > crowd.marks || (counts.get(source) ?? 0) > crowd.deletionsOfOne
    } else if (item.countable && isOver) {
      if (insertions > crowd.insertions || open.size > crowd.marks || [...counts.values()].some((n) => n > crowd.deletionsOfOne))
        return true
      isOver = false
    }
  }
  return false
}

import * as Y from "yjs"
import { mostLinked } from "../../shared/changes/links.ts"
import type { Mark } from "../../shared/schema/block.ts"
import { holdsInvisible, holdsRefused, isSurelyStrange } from "../../shared/schema/characters.ts"
import { parseMarkId } from "../../shared/schema/keys.ts"
import { longestBlockId } from "../../shared/schema/structure.ts"
import { blocksRoot, markOfMarker, structureRoot } from "../../shared/sync/read.ts"
import { linksRoot } from "../../shared/sync/roots.ts"
import type { FreshText, Structs } from "./fresh.ts"
import { standInSign } from "./halves.ts"
import { type Binding, type BindingOf, badMarker, caps } from "./shapes.ts"

type Decoded = ReturnType<typeof Y.decodeUpdate>

/** What an update deletes, by client. */
export type DeleteSet = Decoded["ds"]

/** Kinds of content that an update may bring. What a text, a block or a root may hold of them is seen once they are there: `strayItem`. */
export const contentKinds: readonly unknown[] = [Y.ContentString, Y.ContentFormat, Y.ContentType, Y.ContentAny, Y.ContentDeleted]

/** The roots that a client may write in. */
const clientRoots: ReadonlySet<string> = new Set([blocksRoot, structureRoot, linksRoot])

/**
 * Whether an update names a client's structs in any way but one after the other: of a client that it names twice Yjs takes the last list alone, so what
 * was read of the others would never come.
 */
export function isDisordered({ structs }: Decoded): boolean {
  const ends = new Map<number, number>()
  for (const { id, length } of structs) {
    if ((ends.get(id.client) ?? id.clock) !== id.clock) return true
    ends.set(id.client, id.clock + length)
  }
  return false
}

/** Whether all that was read of an update has come once it was applied. */
export const isComplete = ({ structs }: Decoded, { store }: Y.Doc): boolean =>
  structs.every((struct) => struct instanceof Y.Skip || struct.id.clock + struct.length <= Y.getState(store, struct.id.client))

/** Signs of ours: what they mean hangs on where they stand. */
const ownSigns = /[\t\n\ufffc\u2029]/
const isPlain = (text: string): boolean => /^[\x20-\x7e]*$/.test(text)

/** Why the new structs of an update may not come from this person under this hat, or what they are. Nothing is applied yet (GATE1). */
export function readStructs({ structs, ds }: Decoded, shadow: Y.Doc, who: Binding, bindingOf: BindingOf): Structs | { refused: string } {
  const known = new Map<number, number>()
  const texts: FreshText[] = []
  const marks = new Map<string, Mark | null>()
  // A source spells the keys of its marks under the client that writes them.
  const isOwnClient = (client: number): boolean => known.has(client)
  const items: Y.Item[] = []
  let characters = 0
  let types = 0
  let hasSigns = false
  for (const struct of structs) {
    const { client, clock } = struct.id
    // Under whatever id it stands, Yjs notes that client as known by it.
    if (struct.length === 0) return { refused: "malformed" }
    const state = Y.getState(shadow.store, client)
    if (clock + struct.length <= state) {
      // Yjs passes over what it has, but makes the root that it names.
      if (struct instanceof Y.Item && typeof struct.parent === "string" && !shadow.share.has(struct.parent))
        return { refused: "foreign-root" }
      continue
    }
    if (struct instanceof Y.Skip) return { refused: "gap" }
    if (!known.has(client)) {
      const owner = bindingOf(client)
      if (owner?.source !== who.source || owner.person !== who.person) return { refused: "foreign-client" }
      if (clock > state) return { refused: "gap" }
      known.set(client, state)
    }
    // What is gone already takes room and time like words.
    if (struct instanceof Y.GC || struct.content instanceof Y.ContentDeleted) characters += clock + struct.length - Math.max(clock, state)
    if (struct instanceof Y.GC) continue
    if (clock < state && !goesOn(struct as Y.Item, shadow)) return { refused: "malformed" }
    if (typeof struct.parent === "string" && !clientRoots.has(struct.parent)) return { refused: "foreign-root" }
    items.push(struct as Y.Item)
    const { content } = struct as Y.Item
    if (!contentKinds.includes(content.constructor)) return { refused: "content-kind" }
    if (content instanceof Y.ContentString) {
      const text = clock < state ? content.str.slice(state - clock) : content.str
      characters += text.length
      if (!isPlain(text)) {
        if (holdsRefused(text) || isSurelyStrange(text)) return { refused: "characters" }
        hasSigns ||= ownSigns.test(text) || holdsInvisible(text)
      }
      texts.push({ client, clock: Math.max(clock, state), text })
    } else if (content instanceof Y.ContentFormat) {
      const bad = badMarker(content, who.source, isOwnClient)
      if (bad) return { refused: bad }
      const mark = markOfMarker(content)
      if (mark || !marks.has(content.key)) marks.set(content.key, mark)
    } else if (content instanceof Y.ContentType) {
      if (!(content.type instanceof Y.XmlElement) && !(content.type instanceof Y.XmlText)) return { refused: "content-kind" }
      types++
    } else if (content instanceof Y.ContentAny && !content.arr.every(isSmall)) return { refused: "block-shape" }
  }
  if (standInSign(items, shadow.store)) return { refused: "within-sign" }
  if (characters > caps.newCharacters || types > caps.newTypesInUpdate) return { refused: "too-large" }
  const takesBack =
    ds.clients.size > 0 && [...known].some(([client, state]) => ds.clients.get(client)?.some((range) => range.clock + range.len > state))
  return { known, texts, marks, takesBack, hasSigns }
}

/**
 * Whether an item of which the first part is known already says of it what is known. Else Yjs would put the rest behind what is known but count it where
 * the item says to stand, until the draft is read anew.
 */
function goesOn({ id, origin, rightOrigin }: Y.Item, { store }: Y.Doc): boolean {
  const known = Y.getItem(store, id) as Y.Item | Y.GC
  if (!(known instanceof Y.Item)) return true
  const before = known.id.clock < id.clock ? Y.createID(id.client, id.clock - 1) : known.origin
  return Y.compareIDs(origin, before) && Y.compareIDs(rightOrigin, known.rightOrigin)
}

const isSmallValue = (value: unknown): boolean =>
  value === null || typeof value === "number" || (typeof value === "string" && value.length <= caps.attributeLength)

const isSmall = (value: unknown): boolean => isSmallValue(value) || isSmallEntry(value)

/** The changes of a link. */
const isIdList = (value: unknown): boolean =>
  Array.isArray(value) && value.length <= mostLinked && value.every((id) => typeof id === "string" && id.length <= longestBlockId)

/** An entry of the root `structure` or `links`: a flat object of a few short values. */
const isSmallEntry = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.keys(value).length <= 8 &&
  Object.values(value).every((part) => isSmallValue(part) || isIdList(part))

/**
 * Why something that an update brought may not be where it is, or null: blocks in the list of blocks, one text in a block, characters and markers in a
 * text, values under the names of a block or of the roots `structure` and `links`. Anything elsewhere nobody would see, and it could come to mean something one day.
 */
export function strayItem(shadow: Y.Doc, known: ReadonlyMap<number, number>, source: string): string | null {
  const blocks = shadow.getXmlFragment(blocksRoot) as unknown
  const maps: readonly unknown[] = [shadow.getMap(structureRoot), shadow.getMap(linksRoot)]
  const order = new Order()
  for (const [client, clock] of known) {
    const structs = shadow.store.clients.get(client) ?? []
    if (clock >= Y.getState(shadow.store, client)) continue
    for (let i = Y.findIndexSS(structs, clock); i < structs.length; i++) {
      const item = structs[i]!
      if (!(item instanceof Y.Item)) continue
      if (!isBesideBoth(item) && (isTorn(item, shadow) || !order.isBetween(item, shadow.store))) return "malformed"
      const bad = item.deleted ? null : strayReason(item, blocks, maps)
      if (bad) return bad
      if (isForeignAttribute(item, blocks, source)) return "block-attributes"
    }
  }
  return null
}

/**
 * Whether an item lies elsewhere than what it says to stand beside. Of a stretch whose first part is known already, under these clocks but in another
 * place, Yjs takes the rest, where the stretch says, and writes it down as standing where the first part is: whoever reads that has another draft.
 */
const isTorn = (item: Y.Item, { store }: Y.Doc): boolean => isApart(item, item.origin, store) || isApart(item, item.rightOrigin, store)

function isApart(item: Y.Item, id: Y.ID | null, store: Y.Doc["store"]): boolean {
  const beside = id && (Y.getItem(store, id) as Y.Item | Y.GC)
  return beside instanceof Y.Item && !isInList(item, beside)
}

/** Whether an item stands right between the two that it says to have been written between, in their list, as nearly all do: then it is where it says. */
const isBesideBoth = (item: Y.Item): boolean =>
  (item.origin === null || (item.left !== null && isAt(item.origin, item.left.lastId) && isInList(item, item.left))) &&
  (item.rightOrigin === null || (item.right !== null && isAt(item.rightOrigin, item.right.id) && isInList(item, item.right)))

const isAt = (one: Y.ID, other: Y.ID): boolean => one.client === other.client && one.clock === other.clock

const isInList = ({ parent, parentSub }: Y.Item, beside: Y.Item): boolean => beside.parent === parent && beside.parentSub === parentSub

/**
 * Where items stand in their lists. An item stands between what it says to have been written between; else Yjs has put it in another place in each copy,
 * by what that had heard of when.
 */
class Order {
  readonly #places = new Map<Y.AbstractType<unknown>, ReadonlyMap<Y.Item, number>>()

  isBetween(item: Y.Item, store: Y.Doc["store"]): boolean {
    const [before, behind] = [item.origin, item.rightOrigin].map((id) => id && (Y.getItem(store, id) as Y.Item | Y.GC))
    // Of a list that is gone no order is left.
    return (!(before instanceof Y.Item) || this.#isInOrder(before, item)) && (!(behind instanceof Y.Item) || this.#isInOrder(item, behind))
  }

  #isInOrder(first: Y.Item, second: Y.Item): boolean {
    const { parent, parentSub } = first
    if (!(parent instanceof Y.AbstractType)) return true
    // Under a name of a map each value stands behind what it was before.
    if (parentSub !== null) return isLeftOf(first, second)
    let places = this.#places.get(parent)
    if (!places) this.#places.set(parent, (places = placesIn(parent)))
    return places.get(first)! < places.get(second)!
  }
}

function isLeftOf(first: Y.Item, second: Y.Item): boolean {
  for (let item = second.left; item; item = item.left) if (item === first) return true
  return false
}

function placesIn({ _start }: Y.AbstractType<unknown>): Map<Y.Item, number> {
  const places = new Map<Y.Item, number>()
  for (let item = _start; item; item = item.right) places.set(item, places.size)
  return places
}

/**
 * Whether an item stands under a name that is not this source's to write, also where it was taken back at once: its tombstone lies where the block's
 * owner may come to write without having heard of it, and one of the two wins by its client's number. What is written in roots the judge looks at.
 */
function isForeignAttribute({ parent, parentSub }: Y.Item, blocks: unknown, source: string): boolean {
  if (parentSub === null || !(parent instanceof Y.AbstractType) || parent._item === null) return false
  if (!isBlock(parent, blocks)) return true
  const { id, insertedBy, joined } = parent.getAttributes() as Record<string, unknown>
  return insertedBy !== source && joined === undefined && parseMarkId(String(id).slice(1))?.source !== source
}

const isBlock = (type: unknown, blocks: unknown): type is Y.XmlElement => type instanceof Y.XmlElement && type._item?.parent === blocks

function strayReason({ content, parent, parentSub, length }: Y.Item, blocks: unknown, maps: readonly unknown[]): string | null {
  const isRoot = parent instanceof Y.AbstractType && parent._item === null
  if (isRoot && (parent as unknown) !== blocks && !maps.includes(parent)) return "foreign-root"
  if (content instanceof Y.ContentString || content instanceof Y.ContentFormat) {
    if (parentSub !== null) return "block-shape"
    if (parent instanceof Y.XmlText && isBlock(parent._item?.parent, blocks)) return null
    return maps.includes(parent) ? "structure-shape" : "block-shape"
  }
  if (content instanceof Y.ContentType) {
    if (parentSub !== null) return "block-shape"
    if (content.type instanceof Y.XmlElement) return (parent as unknown) === blocks ? null : "block-shape"
    return isBlock(parent, blocks) ? null : (parent as unknown) === blocks ? "block-type" : "block-shape"
  }
  if (!(content instanceof Y.ContentAny)) return null
  if (maps.includes(parent)) return parentSub === null || length !== 1 ? "structure-shape" : null
  return isBlock(parent, blocks) && parentSub !== null && length === 1 ? null : "block-shape"
}

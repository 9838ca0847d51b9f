import * as Y from "yjs"
import type { Mark } from "../../shared/schema/block.ts"
import type { ItemId } from "../../shared/schema/runs.ts"
import { markOfMarker } from "../../shared/sync/read.ts"

/** Letters that stand side by side, one writer's, in their order. */
export interface KeptLetters extends ItemId {
  readonly text: string
}

/**
 * Letters that are struck, or of one's own and taken out; `by`: the clock of the marker that strikes them, or at which they were taken out. That is as much
 * on its way as the words are.
 */
export interface StruckLetters extends KeptLetters {
  readonly by: number
}

/** Letters of a text that the room has, and that one took out of it: of one's own, for which no marker stands. */
export interface TakenLetters extends StruckLetters {
  readonly text: string
  readonly from: Y.XmlText
}

/** Where words stood whose block is gone. It may come back: a decision is taken back. */
export interface PlaceGone {
  /** Of words whose place is gone: the block in which they stood, where that is known. */
  readonly stoodIn?: string
  /** And the letter behind which they stood there, null at its beginning; absent where that is not known. */
  readonly stoodAfter?: ItemId | null
  /** What they were to replace, as it stood before them; absent where they were added. */
  readonly struck?: readonly KeptLetters[]
}

/** What a client wrote at one place of a text from a clock on. */
export interface StandingPiece {
  /** Its letters' clocks, in their order. */
  readonly clocks: readonly (readonly [clock: number, length: number])[]
  readonly text: string
  /** The last letter before it that is not among them; null at the beginning of its block. */
  readonly after: ItemId | null
  /** The last that is still read. */
  readonly behind: ItemId | null
  /** What the client struck there from that clock on, which these words are to replace. */
  readonly struck: readonly StruckLetters[]
}

/** One unit of what a client typed, by its clock. */
export interface OwnLetter {
  readonly clock: number
  readonly unit: string
}

/** What stands at one clock of a client's writing: a letter, or what is none. */
interface Entry {
  readonly clock: number
  readonly unit: string | null
  readonly isGone: boolean
}

/** A gap between what others wrote, and what a client wrote there. */
type Place = Entry[]

/** Which places a client wrote at: each of its items knows beside what it was written, also where no document holds that any more. */
class Places {
  readonly all: Place[] = []
  readonly #of = new Map<number, Place>()
  readonly #client: number

  constructor(client: number) {
    this.#client = client
  }

  add(item: Y.Item, from: number): void {
    const entries = entriesOf(item, from).filter(({ clock }) => !this.#of.has(clock))
    if (entries.length === 0) return
    const left = from > item.id.clock ? { client: this.#client, clock: from - 1 } : item.origin
    const [behind, before] = [this.#holding(left), this.#holding(item.rightOrigin)]
    const place: Place = behind?.place ?? before?.place ?? []
    insert(place, behind ? behind.at + 1 : (before?.at ?? 0), entries)
    if (!behind && !before) this.all.push(place)
    for (const { clock } of entries) this.#of.set(clock, place)
  }

  #holding(id: ItemId | null): { readonly place: Place; readonly at: number } | null {
    const place = id?.client === this.#client ? this.#of.get(id.clock) : undefined
    // Who types goes on at the end.
    return place ? { place, at: place.findLastIndex(({ clock }) => clock === id!.clock) } : null
  }
}

/** One by one: what was pasted may be longer than what one call takes. */
function insert(place: Place, at: number, entries: readonly Entry[]): void {
  const rest = place.splice(at)
  for (const entry of entries) place.push(entry)
  for (const entry of rest) place.push(entry)
}

function entriesOf({ id, length, content, deleted }: Y.Item, from: number): Entry[] {
  const entries: Entry[] = []
  for (let i = Math.max(0, from - id.clock); i < length; i++)
    entries.push({ clock: id.clock + i, unit: content instanceof Y.ContentString ? content.str[i]! : null, isGone: deleted })
  return entries
}

/**
 * What a client wrote from a clock on, by the place where it stood, each in its order there: what is typed at one place is one piece, in however many parts
 * and turns, whatever markers stand between its letters. `isWanted`: which letters; others of its letters that stand somewhere part a piece.
 */
export function piecesOf(
  structs: readonly (Y.Item | Y.GC | Y.Skip)[],
  client: number,
  from: number,
  isWanted: (clock: number) => boolean,
  isGone: (clock: number) => boolean = () => false,
): OwnLetter[][] {
  const places = new Places(client)
  for (const struct of structs)
    if (struct instanceof Y.Item && struct.id.client === client && struct.id.clock + struct.length > from) places.add(struct, from)
  return places.all.flatMap((place) => {
    const pieces: OwnLetter[][] = [[]]
    for (const { clock, unit, ...entry } of place) {
      if (unit === null) continue
      if (isWanted(clock)) pieces.at(-1)!.push({ clock, unit })
      else if (!entry.isGone && !isGone(clock)) pieces.push([])
    }
    return pieces.filter(({ length }) => length > 0)
  })
}

export const wordsOf = (letters: readonly OwnLetter[]): string => letters.map(({ unit }) => unit).join("")

/**
 * Where a piece stood whose block is gone: behind the last letter that the room has, null where there is none, `known` being what it has of its writer's;
 * nothing where the block is not known. `isLetter`: whether text counts as standing there.
 */
export function placeOfPiece(
  item: Y.Item,
  clock: number,
  known: number,
  isLetter: (item: Y.Item) => boolean,
): { readonly stoodIn?: string; readonly stoodAfter?: ItemId | null } {
  const stoodIn = blockAround(item.parent as Y.XmlText)
  return stoodIn === undefined ? {} : { stoodIn, stoodAfter: letterBefore(item, clock, known, isLetter) }
}

function letterBefore(item: Y.Item, before: number, known: number, isLetter: (item: Y.Item) => boolean): ItemId | null {
  const { client } = item.id
  if (before > item.id.clock && before <= known) return { client, clock: before - 1 }
  for (let { left } = item; left; left = left.left) {
    const length = left.id.client === client ? Math.min(left.length, known - left.id.clock) : left.length
    if (length > 0 && left.content instanceof Y.ContentString && isLetter(left))
      return { client: left.id.client, clock: left.id.clock + length - 1 }
  }
  return null
}

/** The id of the block of a text, also of one that is gone. */
export function blockAround({ _item }: Y.XmlText): string | undefined {
  const id = (_item?.parent as Y.XmlElement | undefined)?._map.get("id")?.content
  return id instanceof Y.ContentAny ? (id.arr[0] as string) : undefined
}

/** The innermost insertion that a letter stands in; null: none, or none of this source. */
export function insertionAround({ left }: Y.Item, source?: string): Mark | null {
  const closed = new Set<string>()
  for (let item = left; item; item = item.left) {
    if (!(item.content instanceof Y.ContentFormat)) continue
    const { key } = item.content
    const mark = markOfMarker(item.content)
    if (mark === null) closed.add(key)
    else if (!closed.has(key) && mark.name === "insertion" && (source === undefined || mark.source === source)) return mark
  }
  return null
}

/** Whether a text is that of a block which is there, and no place that one left when it moved or was joined to another. */
export function isPartOfText({ _item }: Y.XmlText): boolean {
  return _item?.deleted === false && (_item.parent as Y.XmlElement).getAttribute("joined") === undefined
}

interface Growing extends StandingPiece {
  readonly clocks: [number, number][]
  text: string
  readonly struck: StruckLetters[]
}

/** Which markers of a client, from a clock on, strike what follows, as one reads along a text. */
class Striking {
  readonly #client: number
  readonly #from: number
  readonly #open = new Map<string, number>()

  constructor(client: number, from: number) {
    this.#client = client
    this.#from = from
  }

  hear({ client, clock }: ItemId, marker: Y.ContentFormat): void {
    const isFresh = client === this.#client && clock >= this.#from
    if (isFresh && markOfMarker(marker)?.name === "deletion") this.#open.set(marker.key, clock)
    else this.#open.delete(marker.key)
  }

  /** The clock of the last of them; undefined: nothing is struck here. */
  get by(): number | undefined {
    return [...this.#open.values()].at(-1)
  }
}

/** What a transaction takes out of texts, of letters that the room has: of the client's own those before `known`. Asked before the document forgets it. */
export function takenOut(tr: Y.Transaction, client: number, known: number): TakenLetters[] {
  const by = tr.beforeState.get(client) ?? 0
  const taken: TakenLetters[] = []
  Y.iterateDeletedStructs(tr, tr.deleteSet, (item) => {
    if (!(item instanceof Y.Item) || !(item.content instanceof Y.ContentString) || !(item.parent instanceof Y.XmlText)) return
    const { id, parent, content } = item
    const text = id.client === client ? content.str.slice(0, Math.max(0, known - id.clock)) : content.str
    if (text !== "") taken.push({ client: id.client, clock: id.clock, text, by, from: parent })
  })
  return taken
}

/** Which letters of an item were taken out. */
export function takenIn({ id, length }: Y.Item, taken: readonly TakenLetters[]): StruckLetters[] {
  return taken.flatMap(({ client, clock, text, by }) => {
    const from = Math.max(0, id.clock - clock)
    const letters = client === id.client ? text.slice(from, Math.max(from, id.clock + length - clock)) : ""
    return letters === "" ? [] : [{ client, clock: clock + from, text: letters, by }]
  })
}

/** What of a text is there. */
const isStanding = ({ deleted }: Y.Item): boolean => !deleted

/**
 * What a client wrote in a text from a clock on, in its order; each piece with what was struck beside it: what the client strikes is replaced by what it
 * writes behind that, else by what it wrote before. `taken`: what it took out at once, which nothing in the text tells.
 */
export function standingPieces(
  text: Y.XmlText | null,
  client: number,
  from: number,
  isThere = isStanding,
  taken: readonly TakenLetters[] = [],
): StandingPiece[] {
  const takenHere = taken.filter((one) => one.from === text)
  const pieces: Growing[] = []
  const striking = new Striking(client, from)
  let after: ItemId | null = null
  let behind: ItemId | null = null
  let isOpen = false
  /** What was struck since the last piece, and whether nothing else stands between them. */
  let struck: StruckLetters[] = []
  let isBeside = false
  const endStruck = (): void => {
    if (isBeside) pieces.at(-1)!.struck.push(...struck)
    struck = []
    isBeside = false
  }
  for (let item = text?._start ?? null; item; item = item.right) {
    const { id, content, length } = item
    if (content instanceof Y.ContentFormat) {
      if (isThere(item)) striking.hear(id, content)
      continue
    }
    const isFresh = id.client === client && id.clock + length > from
    const heard = isFresh ? Math.max(0, from - id.clock) : length
    const { by } = striking
    if (heard > 0) {
      after = { client: id.client, clock: id.clock + heard - 1 }
      // What is gone parts no words: nobody sees it.
      if (isThere(item)) {
        isOpen = false
        behind = after
        if (by === undefined || !(content instanceof Y.ContentString)) endStruck()
        else struck.push({ client: id.client, clock: id.clock, text: content.str.slice(0, heard), by })
      } else
        for (const letters of takenIn(item, takenHere)) {
          // Nor do these part words; the room still reads them.
          ;(isOpen ? pieces.at(-1)!.struck : struck).push(letters)
          behind = { client: letters.client, clock: letters.clock + letters.text.length - 1 }
        }
    }
    if (!isFresh || !isThere(item) || !(content instanceof Y.ContentString)) continue
    if (!isOpen) pieces.push({ clocks: [], text: "", after, behind, struck: [] })
    const piece = pieces.at(-1)!
    piece.clocks.push([id.clock + heard, length - heard])
    piece.text += content.str.slice(heard)
    piece.struck.push(...struck)
    struck = []
    isOpen = true
    isBeside = true
  }
  endStruck()
  return pieces
}

/** What a client struck in a text from a clock on, in its order; what stands side by side is one stretch. */
export function struckLetters(text: Y.XmlText | null, client: number, from: number): StruckLetters[][] {
  const striking = new Striking(client, from)
  const stretches: StruckLetters[][] = []
  let isOpen = false
  for (let item = text?._start ?? null; item; item = item.right) {
    const { id, content, deleted } = item
    if (deleted) continue
    if (content instanceof Y.ContentFormat) striking.hear(id, content)
    else {
      const { by } = striking
      const isStruck = by !== undefined && content instanceof Y.ContentString
      if (isStruck && !isOpen) stretches.push([])
      if (isStruck) stretches.at(-1)!.push({ client: id.client, clock: id.clock, text: content.str, by })
      isOpen = isStruck
    }
  }
  return stretches
}

/** What pieces of typing that stand were to replace, those of some letters. */
export function struckWith(
  standing: readonly StandingPiece[],
  letters: readonly OwnLetter[],
): { readonly struck?: readonly StruckLetters[] } {
  const struck = standing.filter(holdsOf(letters)).flatMap((piece) => piece.struck)
  return struck.length > 0 ? { struck } : {}
}

const holdsOf =
  (letters: readonly OwnLetter[]) =>
  ({ clocks }: Pick<StandingPiece, "clocks">): boolean =>
    letters.some((letter) => clocks.some(([clock, length]) => letter.clock >= clock && letter.clock < clock + length))

/** Some things in the order in which a draft has them, also where they are gone; each begins at an item, at a clock of it. */
export function inOrderOf<One>(draft: Y.XmlFragment, all: readonly One[], beginOf: (one: One) => [Y.Item, number]): One[] {
  if (all.length < 2) return [...all]
  const order = new Map<Y.Item, number>()
  const note = (first: Y.Item | null): void => {
    for (let item = first; item; item = item.right) order.set(item, order.size)
  }
  note(draft._start)
  for (const text of new Set(all.map((one) => beginOf(one)[0].parent as Y.XmlText))) note(text._start)
  const blockOf = (item: Y.Item): number => order.get((item.parent as Y.XmlText).parent?._item as Y.Item) ?? 0
  return all.toSorted((a, b) => {
    const [[one, from], [other, to]] = [beginOf(a), beginOf(b)]
    return blockOf(one) - blockOf(other) || order.get(one)! - order.get(other)! || from - to
  })
}

/** What a client had written in a block that the room had not heard, as it stood after one of its changes. */
export interface RecordedBlock {
  readonly block: string
  /** Which block of the draft it was. */
  readonly index: number
  readonly pieces: readonly Pick<StandingPiece, "clocks" | "behind" | "struck">[]
}

/**
 * Where some letters stood as their client last wrote in their block, however little of that is left; null: it is not known. `known`: so much the room has
 * of the client. `isNowhere`: of what it has, what it holds nowhere: that strikes nothing any more.
 */
export function recordedPlace<Recorded extends RecordedBlock>(
  recorded: readonly Recorded[],
  client: number,
  letters: readonly OwnLetter[],
  known: number,
  isNowhere: (clock: number) => boolean = () => false,
): {
  readonly record: Recorded
  readonly order: number
  readonly stoodAfter: ItemId | null
  readonly struck: readonly StruckLetters[]
} | null {
  const isIn = holdsOf(letters)
  const record = recorded.findLast(({ pieces }) => pieces.some(isIn))
  if (!record) return null
  const order = record.pieces.findIndex(isIn)
  const { clocks, behind } = record.pieces[order]!
  // What the room has of the piece comes back with the block.
  const own = clocks.flatMap(([clock, length]) => Array.from({ length }, (_, i) => clock + i))
  const first = own.indexOf(letters[0]!.clock)
  const heard = own.slice(0, Math.max(0, first)).findLast((clock) => clock < known)
  const struck = record.pieces.filter(isIn).flatMap((piece) => piece.struck.filter(({ by }) => by >= known || isNowhere(by)))
  return { record, order, stoodAfter: heard === undefined ? behind : { client, clock: heard }, struck }
}

/** What a piece was to replace as its client last wrote in its block, also what is gone since; of what the room has not from `known` on. */
export function struckAsWritten(
  { clocks, struck }: StandingPiece,
  recorded: readonly RecordedBlock[],
  client: number,
  known: number,
): readonly KeptLetters[] {
  const letters = clocks.map(([clock]) => ({ clock, unit: "" }))
  return recordedPlace(recorded, client, letters, known)?.struck ?? struck
}

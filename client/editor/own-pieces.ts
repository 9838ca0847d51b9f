import * as Y from "yjs"
import type { ItemId } from "../../shared/schema/runs.ts"

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
function blockAround({ _item }: Y.XmlText): string | undefined {
  const id = (_item?.parent as Y.XmlElement | undefined)?._map.get("id")?.content
  return id instanceof Y.ContentAny ? (id.arr[0] as string) : undefined
}

/** Whether a text is that of a block which is there, and no place that one left when it moved or was joined to another. */
export function isPartOfText({ _item }: Y.XmlText): boolean {
  return _item?.deleted === false && (_item.parent as Y.XmlElement).getAttribute("joined") === undefined
}

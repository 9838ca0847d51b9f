/**
 * What an update may do to markers (GATE5, GATE7). They are judged by structs, for what is visible does not tell everything: those of others stay; a
 * pair is one opening and one closing in one block; own ones that go, go all at once. What an undo or redo brings back in part, or too late, is
 * stripped.
 */
import { type Mark, ownerOf } from "../../shared/schema/block.ts"
import { parseKey, serverClient } from "../../shared/schema/keys.ts"
import type { ItemId, PlacedRun, Stretch } from "../../shared/schema/runs.ts"
import { struckAlong } from "./along.ts"
import { type Case, type Dropped, isOwnKey, isRevived, isWrittenBy, type Refused, refused, type State, wasWritten } from "./case.ts"
import { isSameForOthers } from "./others.ts"
import { type BlockReading, type Marker, type Piece, runsOfPieces } from "./reading.ts"
import type { At } from "./repairs.ts"
import { isOverOthers } from "./words.ts"

/** The texts of an update as they are once what is stripped has gone. */
export interface Stripped {
  readonly items: readonly Stretch[]
  /** Keys of which nothing is left. */
  readonly keys: ReadonlySet<string>
  /** Own keys that the update takes back. */
  readonly taken: ReadonlySet<string>
  readonly pieces: ReadonlyMap<At, readonly Piece[]>
}

const isServers = (piece: { readonly client: number }): boolean => piece.client === serverClient

const noMarkers: readonly Marker[] = []

/** A text as it is written, with its markers by their keys: an update may bring thousands of keys, and each is asked about. */
class Written {
  readonly pieces: readonly Piece[]
  readonly #markers = new Map<string, Marker[]>()
  #letters: Map<string, Piece> | null = null

  constructor(pieces: readonly Piece[]) {
    this.pieces = pieces
    for (const piece of pieces)
      if (piece.kind === "marker" && !this.#markers.get(piece.key)?.push(piece)) this.#markers.set(piece.key, [piece])
  }

  get keys(): Iterable<string> {
    return this.#markers.keys()
  }

  markersOf(key: string): readonly Marker[] {
    return this.#markers.get(key) ?? noMarkers
  }

  /** The letters that begin with one. */
  lettersFrom({ client, clock }: ItemId): Piece | null {
    this.#letters ??= new Map(this.pieces.flatMap((piece) => (piece.kind === "letters" ? [[`${piece.client} ${piece.clock}`, piece]] : [])))
    return this.#letters.get(`${client} ${clock}`) ?? null
  }
}

/** Takes pieces out of texts, and remembers which. */
class Stripping {
  readonly keys = new Set<string>()
  readonly taken = new Set<string>()
  readonly #texts = new Map<At, Written>()
  readonly #placesOf = new Map<string, Set<At>>()
  readonly #gone = new Set<Piece>()

  constructor(pieces: ReadonlyMap<At, readonly Piece[]>) {
    for (const [at, list] of pieces) this.add(at, new Written(list))
  }

  /** Another text, of which something goes too. */
  add(at: At, text: Written): void {
    if (this.#texts.has(at)) return
    this.#texts.set(at, text)
    for (const key of text.keys) {
      const places = this.#placesOf.get(key)
      if (places) places.add(at)
      else this.#placesOf.set(key, new Set([at]))
    }
  }

  get places(): Iterable<At> {
    return this.#texts.keys()
  }

  textAt(at: At): Written | undefined {
    return this.#texts.get(at)
  }

  /** The texts that held markers of a key. */
  placesOf(key: string): Iterable<At> {
    return this.#placesOf.get(key) ?? []
  }

  /** Those markers of a key in a text that are left. */
  markersAt(at: At, key: string): readonly Marker[] {
    return (
      this.#texts
        .get(at)
        ?.markersOf(key)
        .filter((marker) => !this.#gone.has(marker)) ?? noMarkers
    )
  }

  markersOf(key: string): Marker[] {
    return [...this.placesOf(key)].flatMap((at) => this.markersAt(at, key))
  }

  strip(pieces: Iterable<Piece>): void {
    for (const piece of pieces) this.#gone.add(piece)
  }

  /** Takes a key's markers out but for a pair that the server wrote. */
  stripOwn(key: string): void {
    const left = this.markersOf(key)
    this.strip(left.filter((marker) => !isServers(marker)))
    if (!left.some(isServers)) this.keys.add(key)
  }

  stripKey(key: string): void {
    this.keys.add(key)
    this.strip(this.markersOf(key))
  }

  /** The pieces of a text that are left: what was taken out is gone. */
  left(at: At): readonly Piece[] {
    const pieces = this.#texts.get(at)?.pieces ?? []
    if (!pieces.some((piece) => this.#gone.has(piece))) return pieces
    return pieces.map(
      (piece): Piece => (this.#gone.has(piece) ? { kind: "gone", client: piece.client, clock: piece.clock, length: piece.length } : piece),
    )
  }

  done(): Stripped {
    const pieces = new Map([...this.#texts.keys()].map((at) => [at, this.left(at)]))
    return { items: [...this.#gone], keys: this.keys, taken: this.taken, pieces }
  }
}

/** What becomes of an update's markers. */
export function judgeMarkers(update: Case): Refused | Dropped | Stripped {
  const { fresh } = update
  if (fresh.cuts.length === 0 && fresh.marks.size === 0 && fresh.unheard.keys.size === 0)
    return { items: [], keys: new Set(), taken: new Set(), pieces: fresh.pieces }
  const stripping = new Stripping(fresh.pieces)
  // GATE0: Yjs's clean-up on receiving peers deletes markers of pairs that hold nothing; where it would change what is seen it is judged as any.
  if (fresh.isMarkersOnly && looksSame(update)) return cleanUp(update, stripping)
  const foreign = fresh.cuts.find((cut) => !cut.isFresh && !isOwnKey(update, cut.key))
  if (foreign) return refused("foreign-marker-deleted", foreign.at)
  takeBack(
    update,
    stripping,
    fresh.cuts.filter((cut) => !cut.isFresh).map((cut) => cut.key),
  )
  stripHalves(update, stripping)
  const broken = brokenPair(update, stripping)
  if (broken) return refused("broken-pair", broken)
  stripEnded(update, stripping)
  return stripping.done()
}

const looksSame = ({ before, after }: Case): boolean =>
  [...before.blocks].every(([at, was]) => {
    const now = after.blocks.get(at)
    return was && now && isSameForOthers(was.runs, now.runs, "") && was.end.length === now.end.length
  })

/** An empty pair goes whole; of one that holds words nothing goes, for what is half a pair bleeds one day. */
function cleanUp(update: Case, stripping: Stripping): Dropped | Stripped {
  const { fresh, after } = update
  const keys = new Set(fresh.cuts.map((cut) => cut.key))
  // Its source's own markers alone tell whether it meant to take the mark back: the rest of it may have been written anew since.
  const isLeft = (key: string): boolean => stripping.markersOf(key).some((marker) => !isServers(marker))
  takeBack(
    update,
    stripping,
    [...keys].filter((key) => isOwnKey(update, key) && !isLeft(key)),
  )
  for (const key of stripping.taken) keys.delete(key)
  for (const at of stripping.places) {
    const runs = after.blocks.get(at)?.runs ?? []
    if (runs.some((run) => run.marks.some((mark) => keys.has(mark.key)))) return { dropped: true }
    stripping.strip(stripping.left(at).filter((piece) => piece.kind === "marker" && keys.has(piece.key)))
  }
  return stripping.done()
}

/**
 * A mark that its source takes back goes everywhere: where a split, a move or a repair has written its pair anew the rest of it goes too, with the
 * words that an insertion has there, but for those that a colleague typed into it. So does what the server struck along with a deletion.
 */
function takeBack(update: Case, stripping: Stripping, cut: Iterable<string>): void {
  const { fresh, before, rest } = update
  for (const key of cut) stripping.taken.add(key)
  for (const key of fresh.unheard.keys) if (isOwnKey(update, key) && !isDecidedKey(update, key)) stripping.taken.add(key)
  const keys = stripping.taken
  if (keys.size === 0) return
  for (const key of struckAlong(update, keys)) keys.add(key)
  const held = heldIn(stripping.places, before.blocks)
  const others = new Map<At, Written>()
  for (const key of keys)
    for (const at of new Set([...rest.blocksWith(key), ...stripping.placesOf(key), ...(held.get(key) ?? [])])) {
      let text = stripping.textAt(at) ?? others.get(at)
      if (!text) others.set(at, (text = new Written(rest.piecesOf(at))))
      // As it was before: what is left of a pair of which one marker is cut surrounds more than it did.
      const reading = before.blocks.get(at) ?? rest.readingOf(at)
      const markers = text.markersOf(key).filter(isServers)
      const owned = (reading ? serversBy(reading).get(key) : undefined) ?? []
      const going = owned.filter((run) => (markers.length > 0 ? !isColleagues(update, key, run) : cameBackFor(update, key, run)))
      if (markers.length === 0 && going.length === 0) continue
      stripping.add(at, text)
      stripping.strip([...markers, ...going.flatMap((run) => text.lettersFrom(run) ?? [])])
    }
}

/** Of the insertions of which the server wrote words the texts that hold these, by their keys. */
function heldIn(places: Iterable<At>, blocks: State["blocks"]): Map<string, At[]> {
  const held = new Map<string, At[]>()
  for (const at of places) {
    const reading = blocks.get(at)
    if (reading) for (const key of serversBy(reading).keys()) if (!held.get(key)?.push(at)) held.set(key, [at])
  }
  return held
}

const serversByReading = new WeakMap<BlockReading, ReadonlyMap<string, readonly PlacedRun[]>>()

/** The words of a block that the server wrote, by the insertion that they are words of. */
function serversBy(reading: BlockReading): ReadonlyMap<string, readonly PlacedRun[]> {
  let known = serversByReading.get(reading) as Map<string, PlacedRun[]> | undefined
  if (!known) {
    known = new Map()
    for (const run of reading.runs) {
      const key = isServers(run) ? ownerOf(run.marks)?.key : undefined
      if (key !== undefined && !known.get(key)?.push(run)) known.set(key, [run])
    }
    serversByReading.set(reading, known)
  }
  return known
}

/** Whether a mark is part of a change that was decided, and waits. */
function isDecidedKey({ rest }: Case, key: string): boolean {
  const mark = rest.markOf(key)
  return mark !== null && rest.isDecided(mark.changeId)
}

/** Whether words that came back when a decision was taken back are of who made a mark: for its undo, which knows only what it wrote, they are those. */
function cameBackFor({ rest: { moves } }: Case, key: string, run: PlacedRun): boolean {
  return moves.isRestored(run) && moves.original(run).client === parseKey(key)?.client
}

/** Whether another browser of the same delegation typed words into an insertion: who made that takes back only its own. */
function isColleagues({ rest: { moves } }: Case, key: string, run: PlacedRun): boolean {
  const maker = parseKey(key)?.client
  const { client } = moves.original(run)
  return maker !== undefined && maker !== serverClient && client !== serverClient && client !== maker
}

/**
 * Of a pair that the server has rewritten a redo brings back what its source wrote: one of both is enough, the server's where it holds words that came
 * back when a decision was taken back. Half a pair is none.
 */
function stripHalves(update: Case, stripping: Stripping): void {
  for (const key of update.fresh.marks.keys()) {
    if (!isRevived(update, key)) continue
    let isHalf = false
    for (const at of stripping.placesOf(key)) {
      const markers = stripping.markersAt(at, key)
      const opening = markers.filter(({ mark }) => mark !== null)
      if (opening.some(isServers) && !opening.every(isServers)) {
        const was = update.before.blocks.get(at)
        const isKept = holdsServers(was, key) || holdsColleagues(was, key) || isLate(update, key)
        stripping.strip(markers.filter((marker) => isServers(marker) !== isKept))
      }
      const left = stripping.markersAt(at, key)
      isHalf ||= left.filter(({ mark }) => mark !== null).length * 2 !== left.length
    }
    if (isHalf) stripping.stripKey(key)
  }
}

/**
 * Whether a mark comes back as part of a change that was decided. Where a pair is there that the server has written, that is part of another change by
 * now, or waits for its host.
 */
const isLate = ({ fresh, rest }: Case, key: string): boolean => {
  const mark = fresh.marks.get(key)?.mark
  return mark !== undefined && mark !== null && (rest.isDecided(mark.id) || rest.isDecided(mark.changeId))
}

/** Whether an insertion holds words of its maker's colleagues: for them it stayed when that one took it back. */
const holdsColleagues = (reading: BlockReading | null | undefined, key: string): boolean =>
  reading?.runs.some((run) => ownerOf(run.marks)?.key === key && !isServers(run) && run.client !== parseKey(key)?.client) ?? false

/** Whether an insertion holds words that the server wrote. */
const holdsServers = (reading: BlockReading | null | undefined, key: string): boolean => (reading ? serversBy(reading).has(key) : false)

/** The block in which a key is no whole pair: new ones come as one pair in one block, deleted ones go all at once, or marks would bleed or vanish. */
function brokenPair({ fresh }: Case, stripping: Stripping): At | null {
  const cut = new Set(fresh.cuts.map(({ key }) => key))
  const watched = new Set([...cut, ...fresh.marks.keys()])
  const written = new Set<string>()
  for (const at of stripping.places) {
    const open = new Map<string, { isOpen: boolean; isWritten: boolean }>()
    for (const piece of stripping.left(at)) {
      if (piece.kind !== "marker" || !watched.has(piece.key)) continue
      const { key } = piece
      if (cut.has(key) && !fresh.marks.has(key)) return at
      const pair = open.get(key)
      if (piece.mark === null) {
        if (!pair?.isOpen) return at
        pair.isOpen = false
      } else {
        if (pair) return at
        open.set(key, { isOpen: true, isWritten: !isServers(piece) })
      }
    }
    for (const [key, { isOpen, isWritten }] of open) {
      if (isOpen || (isWritten && written.has(key))) return at
      if (isWritten) written.add(key)
    }
  }
  return null
}

/**
 * A mark that was decided, and one that would surround what is agreed by now, or what others have written there since and never put into it, is not
 * brought back: its words get tight pairs. By markers, not by what is visible, for an empty pair would close around words that are restored later.
 */
function stripEnded(update: Case, stripping: Stripping): void {
  const { fresh, rest } = update
  const isEnded = (mark: Mark | null): boolean => mark !== null && rest.isDecided(mark.id)
  const revived = new Set([...fresh.marks].flatMap(([key, { mark }]) => (isEnded(mark) || isRevived(update, key) ? [key] : [])))
  if (revived.size === 0) return
  const stray = new Set<string>()
  for (const at of stripping.places)
    for (const run of runsOfPieces(stripping.left(at)).runs)
      for (const mark of run.marks) if (revived.has(mark.key) && !stray.has(mark.key) && isStrayOn(update, mark, run)) stray.add(mark.key)
  for (const key of revived)
    if (stray.has(key)) stripping.stripKey(key)
    else if (isLate(update, key)) stripping.stripOwn(key)
}

/** Whether a mark that comes back stands around words that are none of it. */
function isStrayOn(update: Case, mark: Mark, run: PlacedRun): boolean {
  const { key } = mark
  if (ownerOf(run.marks) === mark) return !isWrittenBy(update, { ...run, length: run.text.length })
  return mark.name === "insertion" && wasWritten(update, key) && isOverOthers(mark, run)
}

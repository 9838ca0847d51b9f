/**
 * What of an update stands among the tombstones of words that have gone elsewhere (GATE8): what a browser typed, struck or removed before it heard
 * that the words around it had been split off, joined or moved.
 *
 * Its place is read from what stands beside it. New words behind a tombstone that leads elsewhere go behind what that has become; a deletion that
 * reaches over such tombstones strikes what they have become, but for what its writer must have meant otherwise, having heard of it.
 */
import { type Mark, ownerOf } from "../../shared/schema/block.ts"
import { serverClient } from "../../shared/schema/keys.ts"
import type { ItemId, Stretch } from "../../shared/schema/runs.ts"
import type { Moves } from "../../shared/sync/moves.ts"
import { costs, piecesOf } from "./bounds.ts"
import { type Case, isWrittenBy, startOf } from "./case.ts"
import { isFresh } from "./fresh.ts"
import type { Marker, Piece } from "./reading.ts"
import type { At, Repair } from "./repairs.ts"

const isDeletionKey = (key: string): boolean => key.startsWith("deletion--")
const isInsertionKey = (key: string): boolean => key.startsWith("insertion--")

/** Some pieces, and where among them each is: a text may have thousands of markers, and each is looked for. */
class Places {
  readonly pieces: Piece[]
  readonly #at = new Map<Piece, number>()
  /** How many that are no markers come before each. */
  readonly #others: number[] = [0]
  readonly #index: PieceIndex<Piece>

  constructor(pieces: readonly Piece[]) {
    this.pieces = [...pieces]
    this.#index = new PieceIndex(pieces)
    this.#count(0, pieces.length)
  }

  #count(from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const piece = this.pieces[i]!
      this.#at.set(piece, i)
      this.#others[i + 1] = this.#others[i]! + (piece.kind === "marker" ? 0 : 1)
    }
  }

  of(piece: Piece): number {
    return this.#at.get(piece) ?? -1
  }

  /** Where the piece is that holds a letter; -1: none does. */
  holding(id: ItemId): number {
    const piece = this.#index.holding(id)
    return piece ? this.of(piece) : -1
  }

  /** Whether nothing but markers is in a range. */
  isOnlyMarkers(from: number, to: number): boolean {
    return from >= to || this.#others[from] === this.#others[to]
  }

  /** Puts a piece where another is, before it. */
  move(piece: Piece, place: number): void {
    const from = this.of(piece)
    const to = place > from ? place - 1 : place
    this.pieces.splice(from, 1)
    this.pieces.splice(to, 0, piece)
    this.#count(Math.min(from, to), Math.max(from, to) + 1)
  }
}

/** Which of some pieces holds a letter, by binary search. */
class PieceIndex<Part extends Stretch> {
  readonly #byClient = new Map<number, Part[]>()

  constructor(pieces: readonly Part[]) {
    for (const piece of pieces) if (!this.#byClient.get(piece.client)?.push(piece)) this.#byClient.set(piece.client, [piece])
    for (const list of this.#byClient.values()) list.sort((a, b) => a.clock - b.clock)
  }

  holding(id: ItemId): Part | null {
    const list = this.#byClient.get(id.client) ?? []
    let low = 0
    let high = list.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (list[middle]!.clock <= id.clock) low = middle + 1
      else high = middle
    }
    const found = list[low - 1]
    return found && holds(found, id) ? found : null
  }
}

/**
 * Where a marker belongs among some pieces, and beside which letter: the index that it should stand at; null: it stands there. What has come back for the
 * letter that its writer saw there, and stands right beside that, was struck with it, be it gone again or not.
 */
function tightPlace(places: Places, marker: Marker, moves: Moves): { at: number; beside: ItemId } | null {
  const { pieces } = places
  let { beside } = marker
  let target = beside === null ? -1 : places.holding(beside)
  if (beside === null || target < 0) return null
  const isOpening = marker.mark !== null
  const step = isOpening ? -1 : 1
  const cameBack = moves.isEmpty ? [] : moves.cameBackFor(beside, 1)
  for (let i = target + step; cameBack.length > 0 && pieces[i]; i += step) {
    const piece = pieces[i]!
    if (piece.kind === "marker") continue
    const edge = isOpening ? piece.clock : piece.clock + piece.length - 1
    if (!cameBack.some(({ client, clock }) => client === piece.client && clock === edge)) break
    target = i
    beside = { client: piece.client, clock: edge }
  }
  const at = places.of(marker)
  const [from, to] = at < target === isOpening ? [Math.min(at, target) + 1, Math.max(at, target)] : [target, target + 1]
  return places.isOnlyMarkers(from, to) ? null : { at: isOpening ? target : target + 1, beside }
}

const holds = (piece: Stretch, { client, clock }: ItemId): boolean =>
  piece.client === client && piece.clock <= clock && clock < piece.clock + piece.length

/**
 * GATE7: a deletion keeps to what its writer struck. Where others wrote at its edge before it arrived, its markers can come to stand beyond that; Yjs
 * tells what stood beside each when it was written, and there it is put back.
 */
export function tightened(update: Case, pieces: readonly Piece[]): { repairs: Repair[]; pieces: readonly Piece[] } {
  const repairs: Repair[] = []
  let places: Places | null = null
  for (const piece of pieces) {
    if (piece.kind !== "marker" || !isDeletionKey(piece.key) || !isFresh(update.fresh, piece)) continue
    places ??= new Places(pieces)
    const place = tightPlace(places, piece, update.rest.moves)
    if (place === null) continue
    repairs.push({ kind: "tighten", marker: piece, beside: place.beside })
    // It is refused: so much is not mended.
    if (repairs.length > costs.mended) break
    places.move(piece, place.at)
  }
  return { repairs, pieces: places && repairs.length > 0 ? places.pieces : pieces }
}

/** Words of a text that must go elsewhere, and what else of the update stands among tombstones there. */
export interface Misplaced {
  readonly repairs: readonly Repair[]
  /** Ids of the letters that go. */
  readonly letters: readonly Stretch[]
  /** Own insertions of which a marker stands among the tombstones: they would draw in what is typed there later, and go from this text. */
  readonly keys: ReadonlySet<string>
}

/** What a deletion reaches over: from where on, and up to where, of the tombstones of a text, of those that lead elsewhere, and of the server's letters. */
interface Reach {
  readonly mark: Mark
  readonly heard: number
  readonly from: Passed
  readonly to: Passed
}

type Passed = Readonly<Record<"gone" | "leading" | "around", number>>

/** What became of a tombstone: looked up once, however many deletions lie over it. */
interface Leading {
  readonly written: readonly Stretch[]
  readonly cameBack: readonly Stretch[]
  /** The server's clock behind the last of it. */
  readonly until: number
}

/** Of a text what deletions may reach over, in its order. */
interface Passing {
  readonly gone: Stretch[]
  readonly leading: Leading[]
  readonly around: Stretch[]
}

/** `nameOf`: a new mark as it will be written. */
export function misplacedIn(update: Case, at: At, pieces: readonly Piece[], nameOf: (mark: Mark) => Mark): Misplaced {
  const { fresh, rest, source } = update
  const { moves } = rest
  const carries: (Repair & { readonly kind: "carry" })[] = []
  const keys = new Set<string>()
  const reaching = new Map<string, Reach>()
  const reached: Reach[] = []
  const passing: Passing = { gone: [], leading: [], around: [] }
  const passed = (): Passed => ({ gone: passing.gone.length, leading: passing.leading.length, around: passing.around.length })
  let behind: ItemId | null = moves.next(startOf(at)) ? startOf(at) : null
  let inForce: Mark[] = []
  for (const piece of pieces) {
    if (reaching.size > 0) pass(passing, piece, moves)
    if (piece.kind === "gone") {
      const last = moves.lastIn(piece, piece.length)
      if (last) behind = last
    } else if (piece.kind === "marker") {
      const { key, mark } = piece
      const found = fresh.marks.get(key)
      if (found && isDeletionKey(key)) {
        // A pair that the server has written anew holds what it is to hold.
        if (mark && isFresh(fresh, piece)) reaching.set(key, { mark: nameOf(mark), heard: found.heard, from: passed(), to: passed() })
        else if (!mark && reaching.has(key)) {
          reached.push({ ...reaching.get(key)!, to: passed() })
          reaching.delete(key)
        }
      }
      if (isInsertionKey(key) && isFresh(fresh, piece) && behind) keys.add(key)
      inForce = inForce.filter((other) => other.key !== key)
      if (mark) inForce.push(mark)
    } else if (behind && isFresh(fresh, piece)) {
      const owner = ownerOf(inForce)
      // A change that was decided gets nothing new.
      const isOwn = owner?.source === source && !rest.isDecided(nameOf(owner).changeId)
      carries.push({ kind: "carry", letters: piece, words: piece.text, behind, mark: isOwn ? nameOf(owner) : null })
      behind = { client: piece.client, clock: piece.clock + piece.length - 1 }
    } else behind = null
  }
  return { repairs: [...carries, ...meantByAll(reached, passing, moves)], letters: carries.map((carry) => carry.letters), keys }
}

function pass({ gone, leading, around }: Passing, piece: Piece, moves: Moves): void {
  if (piece.kind === "letters" && piece.client === serverClient) around.push(piece)
  if (piece.kind !== "gone") return
  gone.push(piece)
  const cameBack = moves.cameBackFor(piece, piece.length)
  // Of words that were never written anew there is nothing elsewhere, however many they are.
  const written = moves.touched(piece)
  if (written.length === 0 && cameBack.length === 0) return
  let until = 0
  for (const { client, clock, length } of [...written, ...cameBack])
    for (let at = clock; at < clock + length; at++) until = Math.max(until, moves.latest({ client, clock: at }).clock + 1)
  leading.push({ written, cameBack, until })
}

/** What deletions of a text mean; no more of it than one update may have mended, for that is refused. */
function meantByAll(reached: readonly Reach[], passing: Passing, moves: Moves): Repair[] {
  const repairs: Repair[] = []
  let index: PieceIndex<Stretch & { readonly at: number }> | null = null
  const placeOf = (id: ItemId): number => {
    index ??= new PieceIndex(passing.gone.map(({ client, clock, length }, at) => ({ client, clock, length, at })))
    return index.holding(id)?.at ?? -1
  }
  for (const reach of reached) {
    repairs.push(...meantBy(reach, passing, placeOf, moves))
    if (piecesOf(repairs) > costs.mended) break
  }
  return repairs
}

/**
 * A deletion means what its writer saw. What that has become since is struck wherever it is, and what has come to stand in it is not: letters that were
 * gone then, and such as stood beside it.
 */
function meantBy({ mark, heard, from, to }: Reach, passing: Passing, placeOf: (id: ItemId) => number, moves: Moves): Repair[] {
  const isInReach = (id: ItemId): boolean => {
    const at = placeOf(id)
    return at >= from.gone && at < to.gone
  }
  // What its writer had heard of it saw where it is.
  const leading = passing.leading.slice(from.leading, to.leading).filter(({ until }) => until > heard)
  const over = [...leading.flatMap(({ written }) => written), ...leading.flatMap(({ cameBack }) => cameBack)]
  const struck = lettersWhere(over, (id) => {
    const now = moves.latest(id)
    const then = moves.asHeard(now, heard)
    return then !== null && then !== now && isInReach(then)
  })
  const spared = lettersWhere(passing.around.slice(from.around, to.around), (id) => {
    const then = moves.asHeard(id, heard)
    return then === null || (then !== id && !isInReach(then))
  })
  const repairs: Repair[] = []
  if (struck.length > 0) repairs.push({ kind: "strike", letters: struck, mark })
  if (spared.length > 0) repairs.push({ kind: "spare", letters: spared, mark })
  return repairs
}

/** Of stretches the letters that are such. */
function lettersWhere(stretches: readonly Stretch[], isSuch: (id: ItemId) => boolean): Stretch[] {
  const found: Stretch[] = []
  for (const { client, clock, length } of stretches)
    for (let at = clock; at < clock + length; at++) {
      if (!isSuch({ client, clock: at })) continue
      const last = found.at(-1)
      if (last?.client === client && last.clock + last.length === at) found[found.length - 1] = { ...last, length: last.length + 1 }
      else found.push({ client, clock: at, length: 1 })
    }
  return found
}

/** Own open words that were removed late go where they are now; own words that are agreed by now, or accepted and waiting, are struck (GATE7). */
export function removalsElsewhere(update: Case): Repair[] {
  const { fresh, rest, source } = update
  const open: Stretch[] = []
  const agreed: Stretch[] = []
  const waiting: Repair[] = []
  for (const item of fresh.unheard.items)
    for (const part of rest.standing(item)) {
      const owner = ownerOf(part.marks)
      const isStruck = part.marks.some((mark) => mark.name === "deletion" && mark.source === source)
      if (owner?.source === source && rest.isDecided(owner.changeId)) {
        if (!isStruck) waiting.push({ kind: "strike", letters: [part], mark: null, over: owner.id })
      } else if (owner?.source === source) open.push(part)
      else if (owner === null && !isStruck && isWrittenBy(update, part)) agreed.push(part)
    }
  const repairs = waiting
  if (open.length > 0) repairs.push({ kind: "strip", items: open })
  if (agreed.length > 0) repairs.push({ kind: "strike", letters: agreed, mark: null })
  return repairs
}

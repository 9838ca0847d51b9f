/**
 * What of an update stands among the tombstones of words that have gone elsewhere (GATE8): what a browser typed, struck or removed before it heard
 * that the words around it had been split off, joined or moved.
 *
 * Its place is read from what stands beside it. New words behind a tombstone that leads elsewhere go behind what that has become; a deletion that
 * reaches over such tombstones strikes what they have become, but for what its writer must have meant otherwise, having heard of it.
 */
import { type Mark, ownerOf } from "../../shared/schema/block.ts"
import { serverClient } from "../../shared/schema/keys.ts"
import type { ItemId, Moves, Stretch } from "../../shared/sync/moves.ts"
import { type Case, isWrittenBy, startOf } from "./case.ts"
import { isFresh } from "./fresh.ts"
import type { Marker, Piece } from "./reading.ts"
import type { At, Repair } from "./repairs.ts"

const isDeletionKey = (key: string): boolean => key.startsWith("deletion--")
const isInsertionKey = (key: string): boolean => key.startsWith("insertion--")

/**
 * Where a marker belongs among some pieces, and beside which letter: the index that it should stand at; null: it stands there. What has come back for the
 * letter that its writer saw there, and stands right beside that, was struck with it, be it gone again or not.
 */
function tightPlace(pieces: readonly Piece[], marker: Marker, moves: Moves): { at: number; beside: ItemId } | null {
  let { beside } = marker
  let target = beside === null ? -1 : pieces.findIndex((piece) => holds(piece, beside!))
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
  const at = pieces.indexOf(marker)
  const [from, to] = at < target === isOpening ? [Math.min(at, target) + 1, Math.max(at, target)] : [target, target + 1]
  for (let i = from; i < to; i++) if (pieces[i]!.kind !== "marker") return { at: isOpening ? target : target + 1, beside }
  return null
}

const holds = (piece: Stretch, { client, clock }: ItemId): boolean =>
  piece.client === client && piece.clock <= clock && clock < piece.clock + piece.length

/**
 * GATE7: a deletion keeps to what its writer struck. Where others wrote at its edge before it arrived, its markers can come to stand beyond that; Yjs
 * tells what stood beside each when it was written, and there it is put back.
 */
export function tightened(update: Case, pieces: readonly Piece[]): { repairs: Repair[]; pieces: readonly Piece[] } {
  const repairs: Repair[] = []
  let now = pieces
  for (const piece of pieces) {
    if (piece.kind !== "marker" || !isDeletionKey(piece.key) || !isFresh(update.fresh, piece)) continue
    const place = tightPlace(now, piece, update.rest.moves)
    if (place === null) continue
    repairs.push({ kind: "tighten", marker: piece, beside: place.beside })
    const index = now.indexOf(piece)
    const rest = now.filter((other) => other !== piece)
    const to = place.at > index ? place.at - 1 : place.at
    now = [...rest.slice(0, to), piece, ...rest.slice(to)]
  }
  return { repairs, pieces: now }
}

/** Words of a text that must go elsewhere, and what else of the update stands among tombstones there. */
export interface Misplaced {
  readonly repairs: readonly Repair[]
  /** Ids of the letters that go. */
  readonly letters: readonly Stretch[]
  /** Own insertions of which a marker stands among the tombstones: they would draw in what is typed there later, and go from this text. */
  readonly keys: ReadonlySet<string>
}

interface Reach {
  readonly mark: Mark
  readonly heard: number
  /** The tombstones that it reaches over. */
  readonly over: Stretch[]
  /** The server's letters that it reaches over. */
  readonly around: Stretch[]
}

/** `nameOf`: a new mark as it will be written. */
export function misplacedIn(update: Case, at: At, pieces: readonly Piece[], nameOf: (mark: Mark) => Mark): Misplaced {
  const { fresh, rest, source } = update
  const { moves } = rest
  const carries: (Repair & { readonly kind: "carry" })[] = []
  const strikes: Repair[] = []
  const keys = new Set<string>()
  const reaching = new Map<string, Reach>()
  let behind: ItemId | null = moves.next(startOf(at)) ? startOf(at) : null
  let inForce: Mark[] = []
  for (const piece of pieces) {
    if (piece.kind === "letters" && piece.client === serverClient) for (const { around } of reaching.values()) around.push(piece)
    if (piece.kind === "gone") {
      const last = moves.lastIn(piece, piece.length)
      for (const { over } of reaching.values()) over.push(piece)
      if (last) behind = last
    } else if (piece.kind === "marker") {
      const { key, mark } = piece
      const found = fresh.marks.get(key)
      if (found && isDeletionKey(key)) {
        // A pair that the server has written anew holds what it is to hold.
        if (mark && isFresh(fresh, piece)) reaching.set(key, { mark: nameOf(mark), heard: found.heard, over: [], around: [] })
        else if (!mark && reaching.has(key)) {
          strikes.push(...meantBy(reaching.get(key)!, moves))
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
  return { repairs: [...carries, ...strikes], letters: carries.map((carry) => carry.letters), keys }
}

/**
 * A deletion means what its writer saw. What that has become since is struck wherever it is, and what has come to stand in it is not: letters that were
 * gone then, and such as stood beside it.
 */
function meantBy({ mark, heard, over, around }: Reach, moves: Moves): Repair[] {
  const cameBack = over.flatMap((piece) => moves.cameBackFor(piece, piece.length))
  const isInReach = (id: ItemId): boolean => over.some((piece) => holds(piece, id))
  // Of words that were never written anew there is nothing elsewhere, however many they are.
  const written = over.flatMap((piece) => moves.touched(piece))
  const struck = lettersWhere([...written, ...cameBack], (id) => {
    const now = moves.latest(id)
    const then = moves.asHeard(now, heard)
    return then !== null && then !== now && isInReach(then)
  })
  const spared = lettersWhere(around, (id) => {
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

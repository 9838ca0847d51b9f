/**
 * What an update may do to markers (GATE5, GATE7). They are judged by structs, for what is visible does not tell everything: those of others stay; a
 * pair is one opening and one closing in one block; own ones that go, go all at once. What an undo or redo brings back in part, or too late, is
 * stripped.
 */
import { type Mark, ownerOf } from "../../shared/schema/block.ts"
import { parseKey, serverClient } from "../../shared/schema/keys.ts"
import type { Stretch } from "../../shared/sync/moves.ts"
import type { PlacedRun } from "../../shared/sync/read.ts"
import { type Case, type Dropped, isOwnKey, isRevived, isWrittenBy, type Refused, refused, wasWritten } from "./case.ts"
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

const isMarkerOf =
  (key: string) =>
  (piece: Piece): piece is Marker =>
    piece.kind === "marker" && piece.key === key

const isServers = (piece: { readonly client: number }): boolean => piece.client === serverClient

/** Takes pieces out of texts, and remembers which. */
class Stripping {
  readonly items: Stretch[] = []
  readonly keys = new Set<string>()
  readonly taken = new Set<string>()
  readonly pieces: Map<At, readonly Piece[]>

  constructor(pieces: ReadonlyMap<At, readonly Piece[]>) {
    this.pieces = new Map(pieces)
  }

  strip(at: At, isGone: (piece: Piece) => boolean): void {
    const pieces = this.pieces.get(at)
    if (!pieces) return
    const gone = pieces.filter(isGone)
    if (gone.length === 0) return
    this.items.push(...gone)
    this.pieces.set(
      at,
      pieces.map(
        (piece): Piece => (isGone(piece) ? { kind: "gone", client: piece.client, clock: piece.clock, length: piece.length } : piece),
      ),
    )
  }

  /** Takes a key's markers out but for a pair that the server wrote. */
  stripOwn(key: string): void {
    for (const at of this.pieces.keys()) this.strip(at, (piece) => isMarkerOf(key)(piece) && !isServers(piece))
    if (![...this.pieces.values()].some((pieces) => pieces.some(isMarkerOf(key)))) this.keys.add(key)
  }

  stripKey(key: string): void {
    this.keys.add(key)
    for (const at of this.pieces.keys()) this.strip(at, isMarkerOf(key))
  }
}

/** What becomes of an update's markers. */
export function judgeMarkers(update: Case): Refused | Dropped | Stripped {
  const { fresh } = update
  const stripping = new Stripping(fresh.pieces)
  if (fresh.cuts.length === 0 && fresh.marks.size === 0 && fresh.unheard.keys.size === 0) return stripping
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
  return stripping
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
  const isLeft = (key: string): boolean =>
    [...stripping.pieces.values()].some((pieces) => pieces.some((piece) => isMarkerOf(key)(piece) && !isServers(piece)))
  takeBack(
    update,
    stripping,
    [...keys].filter((key) => isOwnKey(update, key) && !isLeft(key)),
  )
  for (const key of stripping.taken) keys.delete(key)
  for (const at of stripping.pieces.keys()) {
    const runs = after.blocks.get(at)?.runs ?? []
    if (runs.some((run) => run.marks.some((mark) => keys.has(mark.key)))) return { dropped: true }
    stripping.strip(at, (piece) => piece.kind === "marker" && keys.has(piece.key))
  }
  return stripping
}

/**
 * A mark that its source takes back goes everywhere: where a split, a move or a repair has written its pair anew the rest of it goes too, with the
 * words that an insertion has there.
 */
function takeBack(update: Case, stripping: Stripping, cut: Iterable<string>): void {
  const { fresh, before, rest } = update
  for (const key of cut) stripping.taken.add(key)
  for (const key of [
    ...stripping.taken,
    ...[...fresh.unheard.keys].filter((other) => isOwnKey(update, other) && !isDecidedKey(update, other)),
  ])
    for (const at of new Set([...rest.blocksWith(key), ...stripping.pieces.keys()])) {
      const pieces = stripping.pieces.get(at) ?? rest.piecesOf(at)
      // As it was before: what is left of a pair of which one marker is cut surrounds more than it did.
      const reading = before.blocks.get(at) ?? rest.readingOf(at)
      const isRewritten = pieces.some((piece) => isMarkerOf(key)(piece) && isServers(piece))
      const owned = (reading?.runs ?? []).filter(
        (run) => ownerOf(run.marks)?.key === key && isServers(run) && (isRewritten || cameBackFor(update, key, run)),
      )
      if (!isRewritten && owned.length === 0) continue
      stripping.pieces.set(at, pieces)
      stripping.strip(
        at,
        (piece) =>
          isServers(piece) &&
          (isMarkerOf(key)(piece) ||
            (piece.kind === "letters" && owned.some((run) => run.clock === piece.clock && run.client === piece.client))),
      )
    }
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

/**
 * Of a pair that the server has rewritten a redo brings back what its source wrote: one of both is enough, the server's where it holds words that came
 * back when a decision was taken back. Half a pair is none.
 */
function stripHalves(update: Case, stripping: Stripping): void {
  for (const key of update.fresh.marks.keys()) {
    if (!isRevived(update, key)) continue
    let isHalf = false
    for (const [at, pieces] of stripping.pieces) {
      const opening = pieces.filter((piece) => isMarkerOf(key)(piece) && piece.mark !== null)
      if (opening.some(isServers) && !opening.every(isServers)) {
        const isKept = holdsServers(update.before.blocks.get(at), key) || isLate(update, key)
        stripping.strip(at, (piece) => isMarkerOf(key)(piece) && isServers(piece) !== isKept)
      }
      const left = stripping.pieces.get(at)!.filter(isMarkerOf(key))
      isHalf ||= left.filter((piece) => piece.mark !== null).length * 2 !== left.length
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

/** Whether an insertion holds words that the server wrote. */
const holdsServers = (reading: BlockReading | null | undefined, key: string): boolean =>
  reading?.runs.some((run) => ownerOf(run.marks)?.key === key && isServers(run)) ?? false

/** The block in which a key is no whole pair: new ones come as one pair in one block, deleted ones go all at once, or marks would bleed or vanish. */
function brokenPair({ fresh }: Case, stripping: Stripping): At | null {
  const cut = new Set(fresh.cuts.map(({ key }) => key))
  const watched = new Set([...cut, ...fresh.marks.keys()])
  const written = new Set<string>()
  for (const [at, pieces] of stripping.pieces) {
    const open = new Map<string, { isOpen: boolean; isWritten: boolean }>()
    for (const piece of pieces) {
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
  const revived = [...fresh.marks].filter(([key, { mark }]) => isEnded(mark) || isRevived(update, key))
  if (revived.length === 0) return
  const runs = [...stripping.pieces.values()].flatMap((pieces) => runsOfPieces(pieces).runs)
  for (const [key] of revived) {
    const isStrayOn = (run: PlacedRun): boolean => {
      const mark = run.marks.find((other) => other.key === key)
      if (mark === undefined) return false
      return ownerOf(run.marks) === mark
        ? !isWrittenBy(update, { ...run, length: run.text.length })
        : mark.name === "insertion" && wasWritten(update, key) && isOverOthers(mark, run)
    }
    if (runs.some(isStrayOn)) stripping.stripKey(key)
    else if (isLate(update, key)) stripping.stripOwn(key)
  }
}

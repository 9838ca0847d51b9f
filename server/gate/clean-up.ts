/**
 * Yjs's clean-up of markers as a peer may send it, judged before it is applied (GATE0, GATE13): one that would be dropped leaves its sender's line open, and
 * to take it out of the shadow again would mean to build that anew, for any number of them.
 */
import * as Y from "yjs"
import type { Case, Rest } from "./case.ts"
import { nothingFresh } from "./fresh.ts"
import { judgeMarkers } from "./markers.ts"
import { atOf } from "./places.ts"
import { type BlockReading, type Piece, piecesOf, runsOfPieces } from "./reading.ts"
import type { At } from "./repairs.ts"

interface CleanUp {
  /** The markers that it deletes. */
  readonly hit: ReadonlySet<Y.Item>
  readonly source: string
  readonly rest: Rest
  readonly readingOf: (element: Y.XmlElement) => BlockReading | undefined
}

/** Whether a clean-up of markers would be dropped. */
export function isDroppedUnapplied({ hit, source, rest, readingOf }: CleanUp): boolean {
  const before = new Map<At, BlockReading>()
  const after = new Map<At, BlockReading>()
  const pieces = new Map<At, readonly Piece[]>()
  const cuts: { key: string; at: At; isFresh: false }[] = []
  for (const item of hit) {
    const element = (item.parent as Y.XmlText).parent
    const reading = element instanceof Y.XmlElement ? readingOf(element) : undefined
    // What is in no block is told by another judge.
    if (!reading) return false
    const at = atOf(element as Y.XmlElement)
    cuts.push({ key: (item.content as Y.ContentFormat).key, at, isFresh: false })
    if (before.has(at)) continue
    const left = piecesOf(item.parent as Y.XmlText, hit)
    before.set(at, reading)
    after.set(at, { ...reading, ...runsOfPieces(left) })
    pieces.set(at, left)
  }
  const entries = new Map<string, never>()
  const update: Case = {
    before: { blocks: before, entries },
    after: { blocks: after, entries },
    fresh: { ...nothingFresh, isMarkersOnly: true, cuts, pieces },
    source,
    rest,
  }
  return "dropped" in judgeMarkers(update)
}

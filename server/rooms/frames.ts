// Committed updates as the frames that bring them to everybody: few, for each is sent to hundreds, and none too large to merge (ROOM4).
import * as Y from "yjs"
import { encodeMessage } from "../../shared/sync/protocol.ts"

/** Most rows that one broadcast frame merges: `Y.mergeUpdates` is superlinear. */
const mergeLimit = 64
/** Most bytes that one broadcast frame merges. */
export const mergeBytes = 256_000

/** The frames of these updates, each merged as it is asked for. */
export function* framesOf(updates: readonly Uint8Array[]): Generator<Uint8Array> {
  for (const part of partsOf(updates)) yield encodeMessage({ kind: "update", update: mergedOf(part) })
}

/** Updates in parts that one frame each merges: few enough, and small enough. */
function partsOf(updates: readonly Uint8Array[]): Uint8Array[][] {
  const parts: Uint8Array[][] = []
  let bytes = 0
  for (const update of updates) {
    const last = parts.at(-1)
    if (last && last.length < mergeLimit && bytes + update.length <= mergeBytes) last.push(update)
    else parts.push([update])
    bytes = (parts.at(-1) === last ? bytes : 0) + update.length
  }
  return parts
}

const mergedOf = (part: readonly Uint8Array[]): Uint8Array => (part.length === 1 ? part[0]! : Y.mergeUpdates([...part]))

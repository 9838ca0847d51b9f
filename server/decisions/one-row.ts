import { writeVarUint } from "lib0/encoding"
import * as Y from "yjs"
import type { Sliced } from "../../shared/changes/slices.ts"

type DeleteSet = Y.Transaction["deleteSet"]

/** How many items, or stretches of deletions, are written between two pauses: a few milliseconds. */
const atOnce = 512

/**
 * What one client wrote from a clock on, and what was deleted meanwhile, as one update. `Y.mergeUpdates` makes the same of the updates of many
 * transactions, but decodes them all without a pause: of a decision on thousands of changes that would keep everybody waiting.
 */
export function* oneRow(doc: Y.Doc, client: number, from: number, deleted: readonly DeleteSet[]): Sliced<Uint8Array> {
  const encoder = new Y.UpdateEncoderV1()
  yield* writeStructs(encoder, doc, client, from)
  yield* writeDeleteSet(encoder, Y.mergeDeleteSets([...deleted]))
  return encoder.toUint8Array()
}

function* writeStructs(encoder: Y.UpdateEncoderV1, doc: Y.Doc, client: number, from: number): Sliced<void> {
  const structs = doc.store.clients.get(client) ?? []
  if (Y.getState(doc.store, client) <= from) return writeVarUint(encoder.restEncoder, 0)
  const first = Y.findIndexSS(structs, from)
  writeVarUint(encoder.restEncoder, 1)
  writeVarUint(encoder.restEncoder, structs.length - first)
  encoder.writeClient(client)
  writeVarUint(encoder.restEncoder, from)
  for (let i = first; i < structs.length; i++) {
    if ((i - first) % atOnce === atOnce - 1) yield
    const struct = structs[i]!
    struct.write(encoder, Math.max(0, from - struct.id.clock))
  }
}

/** The form is that of Yjs: clients from the highest down, of each the clocks and lengths of what went. */
function* writeDeleteSet(encoder: Y.UpdateEncoderV1, { clients }: DeleteSet): Sliced<void> {
  writeVarUint(encoder.restEncoder, clients.size)
  for (const [client, stretches] of [...clients].sort(([a], [b]) => b - a)) {
    encoder.resetDsCurVal()
    writeVarUint(encoder.restEncoder, client)
    writeVarUint(encoder.restEncoder, stretches.length)
    let n = 0
    for (const { clock, len } of stretches) {
      if (n++ % atOnce === atOnce - 1) yield
      encoder.writeDsClock(clock)
      encoder.writeDsLen(len)
    }
  }
}

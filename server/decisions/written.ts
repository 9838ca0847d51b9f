import * as Y from "yjs"
import type { Sliced } from "../../shared/changes/slices.ts"
import { serverClient } from "../../shared/schema/keys.ts"
import { blocksRoot } from "../../shared/sync/read.ts"
import type { Gate } from "../gate/gate.ts"
import type { Site } from "../gate/restructure.ts"
import { oneRow } from "./one-row.ts"

/** How many blocks or changes are written in one transaction on the shadow: a few milliseconds. */
const writtenAtOnce = 24

/** Runs a writer on the shadow, `writtenAtOnce` of its steps in a transaction, with a pause after each; one row comes of it. */
export function* written(gate: Gate, writer: (site: Site) => Sliced<void>): Sliced<Uint8Array | null> {
  const { shadow } = gate
  const from = Y.getState(shadow.store, serverClient)
  const rows: Uint8Array[] = []
  const deleted: Y.Transaction["deleteSet"][] = []
  let under: { site: Site; steps: Sliced<void> } | null = null
  for (let isDone = false; !isDone; ) {
    const row = gate.act((tr) => {
      if (under) under.site.tr = tr
      else {
        const site = { tr, fragment: shadow.getXmlFragment(blocksRoot), relocations: gate.relocations }
        under = { site, steps: writer(site) }
      }
      for (let i = 0; i < writtenAtOnce && !isDone; i++) isDone = under.steps.next().done ?? false
    })
    if (row) {
      rows.push(row)
      deleted.push(under!.site.tr.deleteSet)
    }
    if (!isDone) yield
  }
  return rows.length > 1 ? yield* oneRow(shadow, serverClient, from, deleted) : (rows[0] ?? null)
}

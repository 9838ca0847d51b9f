// What the deletions of an update would do to the shadow, asked before it is applied: a clean-up of Yjs brings nothing that counts (GATE0).
import * as Y from "yjs"
import { parseKey } from "../../shared/schema/keys.ts"
import { runsOfText } from "../../shared/sync/read.ts"
import { isSameForOthers } from "./others.ts"
import type { Relocations } from "./relocations.ts"
import type { BindingOf } from "./shapes.ts"
import type { DeleteSet } from "./structs.ts"

/** What of the shadow deletions would hit that is still there; null where they name what it has never seen. */
export function hitBy(ds: DeleteSet, shadow: Y.Doc): (Y.Item | Y.GC)[] | null {
  const hit: (Y.Item | Y.GC)[] = []
  for (const [client, ranges] of ds.clients) {
    const structs = shadow.store.clients.get(client)
    if (!structs) return null
    const state = Y.getState(shadow.store, client)
    for (const { clock, len } of ranges) {
      if (clock + len > state) return null
      for (let i = Y.findIndexSS(structs, clock); i < structs.length && structs[i]!.id.clock < clock + len; i++)
        if (!structs[i]!.deleted) hit.push(structs[i]!)
    }
  }
  return hit
}

export function reachOf(ds: DeleteSet, shadow: Y.Doc): "nothing" | "markers" | "text" {
  const hit = hitBy(ds, shadow)
  if (hit?.length === 0) return "nothing"
  return hit?.every((struct) => struct instanceof Y.Item && struct.content instanceof Y.ContentFormat) ? "markers" : "text"
}

/** Whether deletions of markers are more than Yjs's clean-up: they take back a mark of the sender's own, or would change what anybody sees. */
export function isMeant(ds: DeleteSet, shadow: Y.Doc, source: string, bindingOf: BindingOf): boolean {
  const hit = new Set(hitBy(ds, shadow) as Y.Item[])
  const isOwn = (key: string): boolean => bindingOf(parseKey(key)?.client ?? -1)?.source === source
  for (const item of hit) if (isOwn((item.content as Y.ContentFormat).key)) return true
  const texts = new Set([...hit].map((item) => item.parent as Y.XmlText))
  return [...texts].some((text) => !isSameForOthers(runsOfText(text), runsOfText(text, hit), ""))
}

/** Whether deletions hit what was written anew without their maker having heard: then they are meant for what it is now (GATE8). */
export function removesRelocated(ds: DeleteSet, relocations: Relocations, heard: number): boolean {
  if (relocations.isEmpty) return false
  for (const [client, list] of ds.clients)
    for (const { clock, len } of list) if (relocations.within({ client, clock }, len).some(({ to }) => to.clock >= heard)) return true
  return false
}

/** Whether the shadow holds a struct already. */
export const isKnown = (struct: ReturnType<typeof Y.decodeUpdate>["structs"][number], doc: Y.Doc): boolean =>
  struct.length > 0 && struct.id.clock + struct.length <= Y.getState(doc.store, struct.id.client)

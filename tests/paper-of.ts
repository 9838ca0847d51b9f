import type * as Y from "yjs"
import type { Printable } from "../server/papers/printable.ts"
import { inPlaceOrder, placesOf } from "../shared/comments/place-of.ts"
import type { Block } from "../shared/schema/block.ts"
import { groundOf } from "../shared/sync/ground.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { forestalledToldIn, metaOfDoc, otherSidesIn, roots, threadsOf, twinsIn } from "../shared/sync/roots.ts"

/** A room's document as a writer of papers needs it, with nothing around it. */
export function paperOf(doc: Y.Doc, force: readonly Block[] | null = null): Printable {
  const { profile, labels, renumbered } = metaOfDoc(doc)
  const [blocks, threads] = [blocksOf(doc), threadsOf(doc)]
  const places = placesOf(threads, groundOf(doc, blocks))
  return {
    profile,
    labels,
    renumbered,
    blocks,
    force,
    threads: inPlaceOrder(threads, places, blocks),
    twins: twinsIn(doc),
    late: forestalledToldIn(doc),
    sides: otherSidesIn(doc),
    places,
    accepted: [...roots.proposals(doc).values()].filter((entry) => entry.status === "accepted"),
    cover: [],
    debris: [],
    warnings: [],
    entered: new Map(),
    people: new Map(),
    sources: new Map(),
    body: "",
    version: null,
    date: null,
  }
}

import * as Y from "yjs"
import type { Moment } from "../changes/moment.ts"
import type { LetterId } from "../changes/sight.ts"
import type { Block } from "../schema/block.ts"
import { serverClient } from "../schema/keys.ts"
import { blocksOf, elementsOf, structureOf } from "./read.ts"
import { frozenLabelsIn, linksIn, roots, twinsIn } from "./roots.ts"
import { newDraftDoc } from "./write.ts"

/** What a room's document says at this moment. `blocks`: where they have been read already. */
export function momentOf(doc: Y.Doc, blocks: readonly Block[] = blocksOf(doc)): Moment {
  const elements = new Map<string, LetterId>()
  for (const element of elementsOf(doc)) {
    const { client, clock } = element._item!.id
    elements.set(element.getAttribute("id") as string, { client, clock })
  }
  return {
    heard: Y.getState(doc.store, serverClient),
    blocks,
    elements,
    entries: new Map(structureOf(doc).map((entry) => [entry.id, entry])),
    proposals: new Map(roots.proposals(doc).entries()),
    labels: frozenLabelsIn(doc),
    given: new Map(roots.given(doc).entries()),
    twins: twinsIn(doc),
    anchors: new Map([...roots.threads(doc).entries()].map(([key, { anchor }]) => [key, anchor.block])),
    links: new Map(linksIn(doc).map((link) => [link.id, link])),
  }
}

/** The draft right before and right after one row of its log. `updates`: a state and the rows behind it, the last of them this row. */
export function momentsAround(updates: readonly Uint8Array[]): { before: Moment; after: Moment } {
  const doc = newDraftDoc()
  doc.transact(() => {
    for (const update of updates.slice(0, -1)) Y.applyUpdate(doc, update)
  })
  const before = momentOf(doc)
  Y.applyUpdate(doc, updates.at(-1)!)
  return { before, after: momentOf(doc) }
}

import * as Y from "yjs"
import type { Link } from "../changes/links.ts"
import type { Twins } from "../changes/rivals.ts"
import type { LetterId } from "../changes/sight.ts"
import type { FrozenLabels } from "../clauses/labels.ts"
import type { Block, StructuralProposal } from "../schema/block.ts"
import { serverClient } from "../schema/keys.ts"
import { blocksOf, elementsOf, structureOf } from "./read.ts"
import { frozenLabelsIn, linksIn, type ProposalEntry, roots, twinsIn } from "./roots.ts"
import { newDraftDoc } from "./write.ts"

/** All that decisions change in a draft, at one moment, as plain values. */
export interface Moment {
  /** What the server had written by then: its clock. */
  readonly heard: number
  /** In their order, the empty places of blocks that went elsewhere too; runs know the letters they came from. */
  readonly blocks: readonly Block[]
  /** Which element each block is, by its id: a block that moved is another. */
  readonly elements: ReadonlyMap<string, LetterId>
  readonly entries: ReadonlyMap<string, StructuralProposal>
  readonly proposals: ReadonlyMap<string, ProposalEntry>
  readonly labels: FrozenLabels
  readonly twins: Twins
  readonly links: ReadonlyMap<string, Link>
  /** On which block each thread of comments is, by its key. */
  readonly anchors: ReadonlyMap<string, string>
}

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

import * as Y from "yjs"
import type { DraftSummary } from "../../shared/api/contract.ts"
import { type Change, changesIn } from "../../shared/changes/changes.ts"
import { countsOf } from "../../shared/changes/counts.ts"
import { workingTextOf } from "../../shared/changes/projections.ts"
import { type Block, textOf } from "../../shared/schema/block.ts"
import { blocksOf } from "../../shared/sync/read.ts"
import { metaOfDoc, notedIn, threadsOf } from "../../shared/sync/roots.ts"
import { newDraftDoc } from "../../shared/sync/write.ts"
import { type Damage, damageOf } from "../damage.ts"
import type { DraftRecord, LogRow, Proof, Snapshot } from "../storage/store.ts"

/** A draft's document out of what is stored of it. */
export function docOf({ snapshot, rows }: { snapshot: Snapshot | null; rows: readonly Pick<LogRow, "update">[] }): Y.Doc {
  const doc = newDraftDoc()
  doc.transact(() => {
    if (snapshot) Y.applyUpdate(doc, snapshot.state)
    for (const { update } of rows) Y.applyUpdate(doc, update)
  })
  return doc
}

/** The changes on which nothing is decided; what was accepted and waits for the proposal around it is. */
function openIn(doc: Y.Doc, blocks: readonly Block[]): Change[] {
  const noted = notedIn(doc)
  return changesIn(blocks).filter(({ id }) => !noted.has(id))
}

/** What a list of drafts says of one, whatever sitting it is. */
export type Listed = Omit<DraftSummary, "sitting">

export function summaryOf(record: DraftRecord, doc: Y.Doc, proof: Proof, blocks: readonly Block[] = blocksOf(doc)): Listed {
  const { stage, profile } = metaOfDoc(doc)
  const openComments = threadsOf(doc).filter((thread) => !thread.isResolved).length
  const { id, createdAt } = record
  const working = workingTextOf(blocks)
  const wordsOf = (type: Block["type"]): string =>
    working
      .filter((block) => block.type === type)
      .map(textOf)
      .join(" ")
      .trim()
  const title = wordsOf("title") || record.title
  const { loss } = proof
  return {
    ...{ id, title, designation: wordsOf("designation"), stage, profile, openComments, createdAt },
    openChanges: countsOf(openIn(doc, blocks)).all,
    damage: damageOf(proof),
    loss: loss && { epoch: loss.epoch, at: loss.at, sentence: loss.sentence },
  }
}

/** What a list says of a draft of which nothing can be shown. */
export const lostSummary = (id: string, title: string, damage: Damage): Listed => ({
  ...{ id, title, designation: "", stage: "drafting", profile: "itu", openChanges: 0, openComments: 0, createdAt: "", loss: null },
  damage,
})

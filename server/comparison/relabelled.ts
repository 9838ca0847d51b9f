import type * as Y from "yjs"
import { labelsOf } from "../../shared/clauses/labels.ts"
import { blocksOf } from "../../shared/sync/read.ts"
import { metaOfDoc } from "../../shared/sync/roots.ts"
import type { FileBlock, FileDraft } from "../files/file-draft.ts"
import { firstWordsOf } from "./first-words.ts"

/** A clause that a file adds under another label than it has in the draft, where it is labelled after what stands before it (NUM4). */
export interface Relabelled {
  readonly what: string
  readonly theirs: string
  readonly ours: string
}

/** The clauses that a file adds and labels. */
function labelledAdditions({ blocks, changes }: FileDraft): FileBlock[] {
  const isNew = new Set(changes.flatMap((change) => change.newBlocks ?? []))
  return blocks.filter(({ id, type, label }) => type === "clause" && label && isNew.has(id))
}

/** Of clauses that a file added those that it labels otherwise. `addedAs`: the id in the document of a block of the file that came there. */
export function relabelledIn(doc: Y.Doc, draft: FileDraft, addedAs: (block: string) => string | undefined): Relabelled[] {
  const added = labelledAdditions(draft).flatMap((block) => {
    const id = addedAs(block.id)
    return id === undefined ? [] : [{ block, id }]
  })
  if (added.length === 0) return []
  const { profile, labels: frozen } = metaOfDoc(doc)
  const labels = labelsOf(blocksOf(doc), profile, frozen)
  return added.flatMap(({ block: { label = "", shownLabel: theirs = label, text }, id }) => {
    const ours = labels.get(id) ?? ""
    return ours === theirs ? [] : [{ what: `“${firstWordsOf(text)}”`, theirs, ours }]
  })
}

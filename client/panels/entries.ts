import type { Change } from "../../shared/changes/changes.ts"
import type { Thread } from "../../shared/comments/thread.ts"
import type { Block } from "../../shared/schema/block.ts"
import type { Draft } from "../draft.ts"
import type { HalfWritten } from "../remarks.ts"

/** What stands in the margin at some place of the text. A change has one at each clause that it touches. */
export type Entry = {
  /** Of this entry alone. */
  readonly key: string
  /** Of the change, the thread or the remark. */
  readonly id: string
  readonly block: string
  readonly at: number
  /** Whose it is, for the margin to show each delegation at each clause; comments are one group. */
  readonly group: string
} & (
  | { readonly kind: "change"; readonly change: Change }
  | { readonly kind: "thread"; readonly thread: Thread }
  | { readonly kind: "remark"; readonly half: HalfWritten }
)

/** The group of comments, whoever made them: no source is called so. */
export const comments = "comments"

/** Where a change has words in each clause that it touches, in the order of the text. */
function placesOf(change: Change): Map<string, number> {
  const places = new Map<string, number>()
  for (const { block, from } of change.segments) if (!places.has(block)) places.set(block, from)
  for (const block of change.newBlocks) if (!places.has(block)) places.set(block, 0)
  for (const { proposal } of change.structure) if (!places.has(proposal.block)) places.set(proposal.block, 0)
  return places
}

/** Where each comment's words stand, in whichever clause they are now. */
function markedWords(blocks: readonly Block[]): Map<string, { block: string; at: number }> {
  const marked = new Map<string, { block: string; at: number }>()
  for (const block of blocks) {
    let at = 0
    for (const run of block.runs) {
      for (const mark of run.marks) if (mark.name === "comment" && !marked.has(mark.id)) marked.set(mark.id, { block: block.id, at })
      at += run.text.length
    }
  }
  return marked
}

/** Everything for the margin, by clause, in the order of the words. */
export function entriesOf(draft: Draft, showsResolved: boolean): Map<string, Entry[]> {
  const byBlock = new Map<string, Entry[]>()
  const put = (entry: Entry): void => {
    const list = byBlock.get(entry.block)
    if (list) list.push(entry)
    else byBlock.set(entry.block, [entry])
  }
  const source = draft.view.value === "source" ? draft.oneSource.value : null
  const open = new Set<string>()
  for (const change of draft.changes.value) {
    open.add(change.id)
    if (source !== null && change.source !== source) continue
    for (const [block, at] of placesOf(change))
      put({ kind: "change", key: `${change.id}@${block}`, id: change.id, block, at, group: change.source, change })
  }
  putThreads(draft, showsResolved, open, put)
  for (const half of draft.remarks.halfWritten.value) {
    const place = draft.placeOfRemark(half.target)
    const { key } = half
    put({ kind: "remark", key, id: key, block: place?.block ?? half.target.block, at: place?.from ?? 0, group: comments, half })
  }
  for (const list of byBlock.values()) list.sort((a, b) => a.at - b.at)
  return byBlock
}

function putThreads(draft: Draft, showsResolved: boolean, open: ReadonlySet<string>, put: (entry: Entry) => void): void {
  const marked = markedWords(draft.blocks.value)
  for (const thread of draft.threads.value) {
    // It stands on the card of its change.
    if (thread.anchor.on === "change" && open.has(thread.anchor.change)) continue
    if (thread.isResolved && !showsResolved && draft.chosen.value !== thread.id) continue
    const place = marked.get(thread.id)
    const block = place?.block ?? draft.placeOfRemark({ on: "clause", block: thread.anchor.block })?.block
    if (block === undefined) continue
    put({ kind: "thread", key: thread.id, id: thread.id, block, at: place?.at ?? 0, group: comments, thread })
  }
}

import { type Change, placesOf } from "../../shared/changes/changes.ts"
import type { Thread } from "../../shared/comments/thread.ts"
import type { Draft } from "../draft/draft.ts"
import type { HalfWritten } from "../draft/remarks.ts"

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

/**
 * Everything for the margin, by clause, in the order of the words. `isList`: whoever is
 * shown alone in the text, and threads on changes too, which in the margin stand on the cards of these.
 */
export function entriesOf(draft: Draft, showsResolved: boolean, isList = false): Map<string, Entry[]> {
  const byBlock = new Map<string, Entry[]>()
  const put = (entry: Entry): void => {
    const list = byBlock.get(entry.block)
    if (list) list.push(entry)
    else byBlock.set(entry.block, [entry])
  }
  const source = !isList && draft.page.view.value === "source" ? draft.page.oneSource.value : null
  /** Changes on whose cards a thread stands. */
  const open = new Set<string>()
  for (const change of draft.text.changes.value) {
    if (source !== null && change.source !== source) continue
    if (!isList) open.add(change.id)
    for (const [block, at] of placesOf(change))
      put({ kind: "change", key: `${change.id}@${block}`, id: change.id, block, at, group: change.source, change })
  }
  putThreads(draft, showsResolved, open, put)
  for (const half of draft.remarks.halfWritten.value) {
    const place = draft.remarks.placeOf(half.target)
    const { key } = half
    put({ kind: "remark", key, id: key, block: place?.block ?? half.target.block, at: place?.from ?? 0, group: comments, half })
  }
  for (const list of byBlock.values()) list.sort((a, b) => a.at - b.at)
  return byBlock
}

function putThreads(draft: Draft, showsResolved: boolean, open: ReadonlySet<string>, put: (entry: Entry) => void): void {
  const places = draft.text.places.value
  for (const thread of draft.room.threads.value) {
    const place = places.get(thread.id)
    // It stands on the card of its change.
    if (place?.change?.status === "open" && open.has(place.change.id)) continue
    if (thread.isResolved && !showsResolved && draft.choice.chosen.value !== thread.id) continue
    if (!place || place.block === null) continue
    put({ kind: "thread", key: thread.id, id: thread.id, block: place.block, at: place.from, group: comments, thread })
  }
}

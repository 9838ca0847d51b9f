import * as Y from "yjs"
import type { Mark } from "../../shared/schema/block.ts"
import { marksAfter } from "../../shared/sync/read.ts"

/** What an event did to the text of one block, as visible steps from left to right. */
export type TextDelta =
  | { readonly kind: "keep"; length: number; readonly lifted: readonly Mark[]; readonly added: readonly Mark[] }
  | { readonly kind: "insert"; readonly text: string; readonly marks: readonly Mark[] }
  | { readonly kind: "delete"; readonly length: number }

/** Whether two marks say the same: the server may have written one anew that belongs to another change, or names other marks. */
const isSame = (a: Mark, b: Mark): boolean =>
  a === b || (a.key === b.key && a.of === b.of && a.within.join() === b.within.join() && a.over.join() === b.over.join())

const without = (marks: readonly Mark[], others: readonly Mark[]): readonly Mark[] =>
  marks.filter((mark) => !others.some((other) => isSame(mark, other)))

/**
 * What is to be lifted and added, one after the other, so that marks become others, in their order: which of two insertions was opened last decides
 * whose a letter is (TRK2). One that came to stand around others is added before them, so these are lifted and added again.
 */
function difference(before: readonly Mark[], after: readonly Mark[]): { lifted: readonly Mark[]; added: readonly Mark[] } {
  let same = 0
  const kept = before.filter((mark) => after.some((other) => isSame(mark, other)))
  while (same < kept.length && same < after.length && isSame(kept[same]!, after[same]!)) same++
  const stays = after.slice(0, same)
  return { lifted: without(before, stays), added: without(after, stays) }
}

/**
 * The change that an event made, by a pure walk over the items. `YTextEvent.delta` must not be read: its getter deletes markers in Yjs 13.6 (BIND2).
 */
export function textDelta(event: Y.YEvent<Y.XmlText>): TextDelta[] {
  const delta: TextDelta[] = []
  let before: readonly Mark[] = []
  let after: readonly Mark[] = []
  let lifted: readonly Mark[] = []
  let added: readonly Mark[] = []
  let isStale = false
  for (let item = event.target._start; item; item = item.right) {
    const isNew = event.adds(item)
    const isGone = item.deleted
    const wasVisible = !isNew && (!isGone || event.deletes(item))
    const { content } = item
    if (content instanceof Y.ContentFormat) {
      if (!isGone) after = marksAfter(after, content)
      if (wasVisible) before = marksAfter(before, content)
      isStale = true
      continue
    }
    if (!item.countable || (isGone && !wasVisible)) continue
    if (isGone) delta.push({ kind: "delete", length: item.length })
    else if (isNew) delta.push({ kind: "insert", text: (content as Y.ContentString).str, marks: after })
    else {
      if (isStale) {
        ;({ lifted, added } = difference(before, after))
        isStale = false
      }
      const last = delta.at(-1)
      if (last?.kind === "keep" && last.lifted === lifted && last.added === added) last.length += item.length
      else delta.push({ kind: "keep", length: item.length, lifted, added })
    }
  }
  return delta
}

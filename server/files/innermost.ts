// Each letter is put in by one change. A program may say that one puts in a stretch and another a part of it: that part is the inner one's.
import type { FileChange, FileDraft } from "./file-draft.ts"

type Segment = NonNullable<FileChange["segments"]>[number]

const holds = (outer: Segment, inner: Segment): boolean =>
  outer.block === inner.block && outer.from <= inner.from && inner.to <= outer.to && inner.to - inner.from < outer.to - outer.from

/** A draft in which what a change puts into another's words is no longer the other's too. What meets otherwise stays as it is, and is refused (IMP13). */
export function withInnermost(draft: FileDraft): FileDraft {
  const put = new Map<string, { readonly change: FileChange; readonly segment: Segment }[]>()
  for (const change of draft.changes)
    for (const segment of change.segments ?? [])
      if (segment.kind === "insertion") put.set(segment.block, [...(put.get(segment.block) ?? []), { change, segment }])
  for (const list of put.values()) list.sort((a, b) => a.segment.from - b.segment.from || b.segment.to - a.segment.to)
  const textOf = new Map([...draft.blocks, ...draft.notes].map(({ id, text }) => [id, text]))
  const wordsOf = ({ block, from, to }: Segment): string => textOf.get(block)?.slice(from, to) ?? ""
  const changes = draft.changes.map((change): FileChange => {
    const { segments = [] } = change
    const parts = segments.flatMap((segment) =>
      segment.kind === "insertion" ? outside(segment, change, put.get(segment.block) ?? []) : [segment],
    )
    if (parts.length === segments.length && parts.every((part, i) => part === segments[i])) return change
    const come = parts.map((part) => (part.kind === "insertion" ? wordsOf(part) : "")).join("")
    return { ...change, segments: parts, ...(change.kind === "replacement" ? { replacedBy: come } : { text: come }) }
  })
  return { ...draft, changes }
}

/** What is left of a stretch without what others put into it: `put`, all that comes in its block, those that begin first and reach furthest before others. */
function outside(
  segment: Segment,
  change: FileChange,
  put: readonly { readonly change: FileChange; readonly segment: Segment }[],
): Segment[] {
  const left: Segment[] = []
  let at = segment.from
  for (const other of put) {
    if (other.segment.from >= segment.to) break
    if (other.change === change || !holds(segment, other.segment) || other.segment.to <= at) continue
    if (other.segment.from > at) left.push({ ...segment, from: at, to: other.segment.from })
    at = Math.max(at, other.segment.to)
  }
  if (at === segment.from) return [segment]
  return at < segment.to ? [...left, { ...segment, from: at }] : left
}

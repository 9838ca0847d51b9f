import { type Cited, citationsIn } from "../../shared/clauses/citations.ts"
import { splitCharacter } from "../../shared/schema/block.ts"
import type { FileChange, FileDraft } from "../files/file-draft.ts"

type Segment = NonNullable<FileChange["segments"]>[number]

/** How far apart in time the revisions of one citation may be that one person made. */
const atOnceMs = 3_600_000

/**
 * A draft in which what a person means is one change: the revisions that one author made in one citation, and those that only spaces and punctuation
 * part. "Busan, 2014" made into "Bucharest, 2022" is decided once (UNIT1). What others put inside such a change stays inside it.
 */
export function withUnits(draft: FileDraft): FileDraft {
  const textOf = new Map([...draft.blocks, ...draft.notes].map(({ id, text }) => [id, text]))
  const byBlock = new Map<string, FileChange[]>()
  for (const change of draft.changes) if (isPlain(change)) byBlock.set(change.block, [...(byBlock.get(change.block) ?? []), change])
  const mergedInto = new Map<string, string>()
  const merged = new Map<string, FileChange>()
  for (const [block, changes] of byBlock) {
    const text = textOf.get(block) ?? ""
    const covered = coveredIn(draft.changes, block, text.length)
    const citations = citationsIn(text)
    let last: FileChange | null = null
    for (const change of changes.toSorted((a, b) => startOf(a) - startOf(b))) {
      if (last && isOneWith(last, change, text, covered, citations)) {
        mergedInto.set(change.id, last.id)
        last = joined(last, change, text)
        merged.set(last.id, last)
      } else last = change
    }
  }
  if (mergedInto.size === 0) return draft
  const renamed = (ids: readonly string[]): string[] => [...new Set(ids.map((id) => mergedInto.get(id) ?? id))]
  const changes = draft.changes
    .filter(({ id }) => !mergedInto.has(id))
    .map((change) => merged.get(change.id) ?? change)
    .map((change) => (change.inside ? { ...change, inside: renamed(change.inside) } : change))
  return { ...draft, changes }
}

/** Whether a change is words of one block and nothing else, in nobody's. */
const isPlain = ({ kind, segments = [], structure = [], newBlocks = [], inside = [], block }: FileChange): boolean =>
  (kind === "insertion" || kind === "deletion" || kind === "replacement") &&
  structure.length + newBlocks.length + inside.length === 0 &&
  segments.length > 0 &&
  segments.every((segment) => segment.block === block)

const startOf = ({ segments = [] }: FileChange): number => Math.min(...segments.map(({ from }) => from))
const endOf = ({ segments = [] }: FileChange): number => Math.max(...segments.map(({ to }) => to))

/** Which letters of a block some change inserts or strikes. */
function coveredIn(changes: readonly FileChange[], block: string, length: number): readonly boolean[] {
  const covered = new Array<boolean>(length).fill(false)
  for (const { segments = [] } of changes)
    for (const segment of segments) if (segment.block === block) covered.fill(true, segment.from, segment.to)
  return covered
}

function isOneWith(a: FileChange, b: FileChange, text: string, covered: readonly boolean[], citations: readonly Cited[]): boolean {
  if (a.source !== b.source || a.enteredBy !== b.enteredBy) return false
  const [from, to] = [endOf(a), startOf(b)]
  if (from > to) return false
  const between = text.slice(from, to)
  // What another did between them keeps them apart.
  for (let i = from; i < to; i++) if (covered[i]) return false
  if (between.includes(splitCharacter)) return false
  if (/^[\s\p{P}]*$/u.test(between) && between !== "" && a.date === b.date) return true
  const isAtOnce =
    a.date === b.date || (a.date !== null && b.date !== null && Math.abs(Date.parse(a.date) - Date.parse(b.date)) <= atOnceMs)
  return isAtOnce && citations.some((cited) => cited.from <= startOf(a) && endOf(b) <= cited.to)
}

function joined(a: FileChange, b: FileChange, text: string): FileChange {
  const segments = [...(a.segments ?? []), ...(b.segments ?? [])]
  const words = (kind: Segment["kind"]): string =>
    segments
      .filter((segment) => segment.kind === kind)
      .map((segment) => text.slice(segment.from, segment.to))
      .join(" … ")
  const [gone, come] = [words("deletion"), words("insertion")]
  const kind = gone && come ? "replacement" : gone ? "deletion" : "insertion"
  const { replacedBy: _, ...rest } = a
  return { ...rest, kind, text: gone || come, ...(kind === "replacement" ? { replacedBy: come } : {}), segments }
}

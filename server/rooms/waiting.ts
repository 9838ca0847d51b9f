// What waits to be committed, and what its batch is to the store.
import type { Session } from "../people/session.ts"
import type { Commit, LogRow, RegisterEntry, SourceRecord } from "../storage/store.ts"

export type Row = Omit<LogRow, "seq">

export interface Waiting {
  /** Whose message it is, and how many of that session's are dealt with once it is committed. */
  readonly sent?: { readonly session: Session; readonly n: number }
  readonly row?: Row | null
  readonly entry?: RegisterEntry
  /** What comes on the roster with it. */
  readonly sources?: readonly SourceRecord[]
  /** What its writer must have heard of before it is told that all is saved: words that are not in the draft. */
  readonly tell?: () => void
  readonly committed?: () => void
  readonly failed?: (error: unknown) => void
}

export const rowsOf = (batch: readonly Waiting[]): Row[] => batch.flatMap(({ row }) => row ?? [])

/** A batch as the store takes it: an entry of the record names the row that was written with it. */
export function commitOf(batch: readonly Waiting[]): Commit {
  const rows: Row[] = []
  const entries: Commit["entries"][number][] = []
  for (const { row, entry } of batch) {
    if (row) rows.push(row)
    if (entry) entries.push(row ? { ...entry, ofRow: rows.length - 1 } : entry)
  }
  return { rows, entries, sources: batch.flatMap((part) => part.sources ?? []) }
}

/** Of each session of a batch the last of its messages. */
export function lastSent(batch: readonly Waiting[]): Map<Session, number> {
  const last = new Map<Session, number>()
  for (const { sent } of batch) if (sent) last.set(sent.session, sent.n)
  return last
}

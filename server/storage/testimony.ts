import { hashOfSnapshot, isSameHash } from "./chain.ts"
import { snapshotVersion } from "./draft-log.ts"
import { readOr } from "./failures.ts"
import type { Sql } from "./sql.ts"
import type { Loss } from "./store.ts"

/** A row that a draft's log had: its number and the chain there. */
interface HadRow {
  readonly seq: number
  readonly chain: Uint8Array
}

/** An act that a person did, as the log has it. */
export interface ActRow {
  readonly seq: number
  readonly at: string
  readonly person: string
}

/** The row that a draft's snapshot was made of, where the snapshot proves itself: so far the log went once. Null: it tells nothing. */
export function rowOfSnapshot(sql: Sql, draft: string): HadRow | null {
  const row = readOr(
    () => sql.prepare("SELECT seq, chain, hash, state FROM snapshots WHERE draft = ? AND version = ?").get(draft, snapshotVersion),
    () => undefined,
  )
  if (!(row?.chain instanceof Uint8Array && row.state instanceof Uint8Array)) return null
  const [seq, chain] = [Number(row.seq), new Uint8Array(row.chain)]
  return isSameHash(row.hash, hashOfSnapshot(draft, seq, chain, new Uint8Array(row.state))) ? { seq, chain } : null
}

/**
 * How many acts of people in a log have no entry in the record of decisions: each that a person did was written together with its entry. What was
 * lost when the operator accepted a loss is known, and not counted again.
 */
export function actsWithoutEntry(sql: Sql, draft: string, acts: readonly ActRow[]): number {
  const entered = new Set<string>()
  let excused = 0
  for (const row of sql.prepare("SELECT seq, entry FROM register WHERE draft = ?").all(draft)) {
    const { act, at, enteredBy } = valuesIn(String(row.entry))
    entered.add(`${at} ${enteredBy}`)
    if (act === "acceptLoss") excused = Math.max(excused, Number(row.seq))
  }
  return acts.filter(({ seq, at, person }) => seq > excused && !entered.has(`${at} ${person}`)).length
}

/** Whether a loss that was accepted stands in the record of decisions, as it does since it was. */
export const isLossEntered = (sql: Sql, draft: string, loss: Loss): boolean =>
  sql
    .prepare("SELECT entry FROM register WHERE draft = ?")
    .all(draft)
    .some((row) => {
      const { act, details } = valuesIn(String(row.entry))
      return act === "acceptLoss" && (details as { epoch?: unknown } | null)?.epoch === loss.epoch
    })

function valuesIn(entry: string): { act?: unknown; at?: unknown; enteredBy?: unknown; details?: unknown } {
  try {
    return (JSON.parse(entry) as object | null) ?? {}
  } catch {
    return {}
  }
}

import { hashOfSnapshot, isSameHash, snapshotVersion } from "./chain.ts"
import { readOr } from "./failures.ts"
import type { Head } from "./heads.ts"
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

/** Under what name in `settings` stands where a draft ends. */
const endSetting = (draft: string): string => `${endsWith}${draft}`
const endsWith = "end of "

/** Keeps where a draft ends, in the transaction that brought it there: so the database knows it too where the heads beside it are lost. */
export function keepEnd(sql: Sql, head: Head): void {
  sql.prepare("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)").run(endSetting(head.draft), JSON.stringify(head))
}

/** Forgets it, for a loss was accepted. */
export function forgetEnd(sql: Sql, draft: string): void {
  sql.prepare("DELETE FROM settings WHERE name = ?").run(endSetting(draft))
}

/** Forgets all of them: they are of chains that are made anew. */
export function forgetEnds(sql: Sql): void {
  sql.exec(`DELETE FROM settings WHERE name GLOB '${endsWith}*'`)
}

/** Under what name in `settings` stands what a draft that is gone was called. */
const goneSetting = (draft: string): string => `gone ${draft}`

/** Keeps what a draft of which nothing is left was called. */
export function keepGoneTitle(sql: Sql, draft: string, title: string): void {
  sql.prepare("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)").run(goneSetting(draft), title)
}

/** What a draft of which nothing is left was called; its id where that is not known. */
export function goneTitle(sql: Sql, draft: string): string {
  const row = readOr(
    () => sql.prepare("SELECT value FROM settings WHERE name = ?").get(goneSetting(draft)),
    () => undefined,
  )
  return row === undefined ? draft : String(row.value)
}

/** Where a draft ended when it was last written to, as the database itself knows it. Null: it does not. */
export function keptEnd(sql: Sql, draft: string): Head | null {
  const row = readOr(
    () => sql.prepare("SELECT value FROM settings WHERE name = ?").get(endSetting(draft)),
    () => undefined,
  )
  const head = valuesIn(String(row?.value ?? "")) as Partial<Head>
  const areNumbers = [head.epoch, head.seq, head.register].every((value) => typeof value === "number")
  const areTexts = [head.title, head.chain, head.registerChain].every((value) => typeof value === "string")
  return head.draft === draft && areNumbers && areTexts ? (head as Head) : null
}

/** Every draft of which anything at all is left: a row of its log, an entry of its record, or where it ended. */
export function testifiedDrafts(sql: Sql): string[] {
  const names = (query: string): string[] =>
    readOr(
      () =>
        sql
          .prepare(query)
          .all()
          .map(({ name }) => String(name)),
      () => [],
    )
  // From one draft's rows to the next one's, however many there are of each.
  const inTable = (table: string): string[] =>
    names(
      `WITH RECURSIVE one (name) AS (SELECT MIN(draft) FROM ${table}
       UNION ALL SELECT (SELECT MIN(draft) FROM ${table} WHERE draft > name) FROM one WHERE name IS NOT NULL)
       SELECT name FROM one WHERE name IS NOT NULL`,
    )
  const ended = names(`SELECT substr(name, ${endsWith.length + 1}) AS name FROM settings WHERE name GLOB '${endsWith}*'`)
  return [...inTable("log"), ...inTable("register"), ...ended]
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

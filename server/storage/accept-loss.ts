import { serverClient } from "../../shared/schema/keys.ts"
import { beginning, entryChainOf, sealOf } from "./chain.ts"
import type { DraftLog } from "./draft-log.ts"
import { hourOf } from "./hour.ts"
import type { Sql } from "./sql.ts"
import type { Loss, Proof, RegisterEntry } from "./store.ts"
import { forgetEnd, keepGoneTitle } from "./testimony.ts"

/** Client ids that may have been given in what is lost are not given again. */
const spared = 1_000

/** Where in `settings` stands up to which number no client id is given any more, of any draft. */
const sparedSetting = "last client of all"

/** Ids that were given and not yet written with are known to the table of clients alone: where it is lost none of that time is given again. */
export function spareClients(sql: Sql): void {
  const ids = ["clients", "log", "lost_log"].map(
    (table) => sql.prepare(`SELECT MAX(client) AS last FROM ${table} WHERE client < ?`).get(serverClient)?.last,
  )
  const last = Math.max(sparedClient(sql), ...ids.map((id) => Number(id ?? 0))) + spared
  sql.prepare("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)").run(sparedSetting, String(last))
}

/** The number up to which no client id is given any more; 0: nothing was lost. */
export const sparedClient = (sql: Sql): number =>
  Number(sql.prepare("SELECT value FROM settings WHERE name = ?").get(sparedSetting)?.value ?? 0)

/** The operator acts in no sitting. */
const noSitting = { body: "", room: "", date: "", chair: "" }

const entriesOf = (count: number): string => (count === 1 ? "1 entry" : `${count} entries`)

const goneSentence = (title: string): string =>
  `Nothing of it can be proven: the draft “${title}” is gone from the meeting, and its place in the list says so.`

/** What a draft loses when it is set back to what can be proven, in words. */
function lossSentence({ seq, at, damage, title }: Proof, rows: number, entries: number, isGone: boolean): string {
  const taken = [
    rows > 0 ? `${entriesOf(rows)} of its log behind entry ${seq}` : "",
    entries > 0 ? `${entriesOf(entries)} of its record of decisions` : "",
  ].filter(Boolean)
  const goesOn = isGone ? ` ${goneSentence(title)}` : at ? ` The draft goes on as it was on ${hourOf(at)}.` : ""
  return `${damage ?? ""}${goesOn}${taken.length > 0 ? ` Taken out and kept apart: ${taken.join(" and ")}.` : ""}`
}

/**
 * Sets a draft back to what can be proven of it. Rows behind that, and what was entered on them, are moved to tables of their own; what is left of the
 * record of decisions is chained again, and its last entry says what was lost.
 */
export function acceptLoss(sql: Sql, drafts: DraftLog, proof: Proof, headEpoch: number, at: string): Loss {
  const { draft, seq, title } = proof
  const epoch = Math.max(proof.epoch, headEpoch) + 1
  const lastClient = lastClientOf(sql, draft) + spared
  return sql.transaction(() => {
    const taken = (table: string, where: string): number => {
      sql.prepare(`INSERT INTO lost_${table} SELECT ?, * FROM ${table} WHERE ${where}`).run(epoch, draft, seq)
      return Number(sql.prepare(`DELETE FROM ${table} WHERE ${where}`).run(draft, seq).changes)
    }
    const record = seq === 0 ? null : drafts.record(draft, title)
    const rows = taken("log", "draft = ? AND seq > ?")
    const entries = taken(
      "register",
      `draft = ? AND (seq > ? OR seq IS NULL OR n NOT BETWEEN 1 AND ${Number.MAX_SAFE_INTEGER} OR NOT json_valid(entry)${record ? "" : " OR TRUE"})`,
    )
    const isProven = record !== null && "record" in (drafts.found(draft) ?? {})
    if (!isProven) taken("drafts", "id = ? AND ? >= 0")
    const sentence = lossSentence(proof, rows, entries, record === null)
    sql
      .prepare("INSERT INTO losses (draft, epoch, at, sentence, last_client, gone) VALUES (?, ?, ?, ?, ?, ?)")
      .run(draft, epoch, at, sentence, lastClient, record ? 0 : 1)
    sql.prepare("DELETE FROM snapshots WHERE draft = ?").run(draft)
    forgetEnd(sql, draft)
    if (!record) keepGoneTitle(sql, draft, title)
    if (record) {
      const seal = sealOf(record)
      if (!isProven) sql.prepare("INSERT INTO drafts (id, record, seal) VALUES (?, ?, ?)").run(draft, JSON.stringify(record), seal)
      const entry: RegisterEntry = {
        ...{ act: "acceptLoss", at, decidedBy: "operator", enteredBy: "operator", source: "", sitting: noSitting },
        details: { epoch, sentence, seq, until: proof.at },
      }
      chainAgain(sql, draft, seal, seq, JSON.stringify(entry))
    }
    drafts.forget(draft)
    return { draft, epoch, at, sentence, lastClient, isGone: record === null, title: record === null ? title : "" }
  })
}

function chainAgain(sql: Sql, draft: string, seal: Uint8Array, seq: number, added: string): void {
  let chain = seal
  let n = 0
  const chained = (entry: { n: number; seq: number; entry: string }): Uint8Array => {
    const log = sql.prepare("SELECT chain FROM log WHERE draft = ? AND seq = ?").get(draft, entry.seq)?.chain
    return entryChainOf(chain, { draft, ...entry }, log instanceof Uint8Array ? log : beginning)
  }
  for (const row of sql.prepare("SELECT n, seq, entry FROM register WHERE draft = ? ORDER BY n").all(draft)) {
    n = Number(row.n)
    chain = chained({ n, seq: Number(row.seq), entry: String(row.entry) })
    sql.prepare("UPDATE register SET chain = ? WHERE draft = ? AND n = ?").run(chain, draft, n)
  }
  sql
    .prepare("INSERT INTO register (draft, n, seq, entry, chain) VALUES (?, ?, ?, ?, ?)")
    .run(draft, n + 1, seq, added, chained({ n: n + 1, seq, entry: added }))
}

function lastClientOf(sql: Sql, draft: string): number {
  const ids = ["clients", "log", "lost_log"].map(
    (table) => sql.prepare(`SELECT MAX(client) AS last FROM ${table} WHERE draft = ? AND client < ?`).get(draft, serverClient)?.last,
  )
  return Math.max(0, ...ids.map((id) => Number(id ?? 0)))
}

import { beginning, entryChainOf, sealOf } from "./chain.ts"
import { lastClientOf, spared } from "./client-ids.ts"
import type { DraftLog } from "./draft-log.ts"
import { hourOf } from "./hour.ts"
import type { Sql } from "./sql.ts"
import type { Loss, Proof, RegisterEntry } from "./store.ts"
import { forgetEnd, keepGoneTitle } from "./testimony.ts"

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

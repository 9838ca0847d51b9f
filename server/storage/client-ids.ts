import { serverClient } from "../../shared/schema/keys.ts"
import type { Sql } from "./sql.ts"

/** First client id that is given to a person; lower ones are nobody's. */
export const firstClient = 16

/** From here on none is given: no meeting comes near, so what says that one was is damaged, and would leave too few. */
export const endOfClients = Math.floor(serverClient / 2)

/** Client ids that may have been given in what is lost are not given again. */
export const spared = 1_000

/** Where in `settings` stands up to which number no client id is given any more, of any draft. */
const sparedSetting = "last client of all"

const tables = ["clients", "log", "lost_log"] as const

function highest(sql: Sql, draft?: string): number {
  const where = draft === undefined ? "" : "draft = ? AND "
  const ids = tables.map(
    (table) =>
      sql
        .prepare(`SELECT MAX(client) AS last FROM ${table} WHERE ${where}client < ?`)
        .get(...(draft === undefined ? [] : [draft]), endOfClients)?.last,
  )
  return Math.max(0, ...ids.map((id) => Number(id ?? 0)))
}

/** The highest client id of a draft that is known anywhere. */
export const lastClientOf = (sql: Sql, draft: string): number => highest(sql, draft)

/** Ids that were given and not yet written with are known to the table of clients alone: where it is lost none of that time is given again. */
export function spareClients(sql: Sql): void {
  const last = Math.max(sparedClient(sql), highest(sql)) + spared
  sql.prepare("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)").run(sparedSetting, String(last))
}

const sparedIn = (sql: Sql): string | null => {
  const row = sql.prepare("SELECT value FROM settings WHERE name = ?").get(sparedSetting)
  return row === undefined ? null : String(row.value)
}

const isClient = (text: string): boolean => /^\d{1,8}$/.test(text) && Number(text) < endOfClients

/** The number up to which no client id is given any more; 0: nothing was lost. Where that was altered, one far enough behind all that are known. */
export function sparedClient(sql: Sql): number {
  const text = sparedIn(sql)
  if (text === null) return 0
  return isClient(text) ? Number(text) : highest(sql) + spared
}

/** What is wrong with that number, in a sentence; null: nothing. */
export function sparedProblem(sql: Sql): string | null {
  const text = sparedIn(sql)
  if (text === null || isClient(text)) return null
  return "The number up to which no client id is given any more was altered; ids are given from far behind all that are known (table settings)."
}

/** The highest id that was given of each draft, as the list of client ids has it. */
export const givenClients = (sql: Sql): Map<string, number> =>
  new Map(
    sql
      .prepare("SELECT draft, MAX(client) AS last FROM clients WHERE client < ? GROUP BY draft")
      .all(endOfClients)
      .map(({ draft, last }) => [String(draft), Number(last)]),
  )

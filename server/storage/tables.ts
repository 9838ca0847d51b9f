import { DomainError } from "../problems.ts"
import { beginning, entryChainOf, sealOf } from "./chain.ts"
import type { Sql } from "./sql.ts"
import type { DraftRecord } from "./store.ts"

const first = `
  CREATE TABLE IF NOT EXISTS drafts (id TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS log (draft TEXT NOT NULL, seq INTEGER NOT NULL, client INTEGER NOT NULL, person TEXT NOT NULL, source TEXT NOT NULL,
    kind TEXT NOT NULL, at TEXT NOT NULL, bytes BLOB NOT NULL, chain BLOB NOT NULL, PRIMARY KEY (draft, seq)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS snapshots (draft TEXT PRIMARY KEY, seq INTEGER NOT NULL, state BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS register (draft TEXT NOT NULL, n INTEGER NOT NULL, entry TEXT NOT NULL, PRIMARY KEY (draft, n)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS files (hash TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS sources (code TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS people (id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, hats TEXT NOT NULL, revoked INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS invitations (token TEXT PRIMARY KEY, role TEXT NOT NULL, hats TEXT NOT NULL, person TEXT, expires TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS sign_ins (cookie TEXT PRIMARY KEY, person TEXT NOT NULL, expires TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS sittings (id TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS clients (draft TEXT NOT NULL, client INTEGER NOT NULL, person TEXT NOT NULL, source TEXT NOT NULL,
    PRIMARY KEY (draft, client)) STRICT, WITHOUT ROWID;
`

/**
 * What each version of the tables adds to the one before; the version is SQLite's `user_version`. A folder of any earlier version opens. What is
 * added here never changes again.
 */
const versions: readonly ((sql: Sql) => void)[] = [addPeopleColumns, addProofs]

const peopleColumns: readonly (readonly [table: string, column: string, definition: string])[] = [
  ["people", "invitation", "TEXT"],
  ["people", "since", "TEXT"],
  ["invitations", "made", "TEXT NOT NULL DEFAULT ''"],
  ["invitations", "made_by", "TEXT"],
  ["invitations", "withdrawn", "INTEGER NOT NULL DEFAULT 0"],
]

/** What is known of people and invitations beside their names; there are folders of this version that have it without saying so. */
function addPeopleColumns(sql: Sql): void {
  for (const [table, column, definition] of peopleColumns) {
    const has = sql.prepare(`SELECT 1 FROM pragma_table_info('${table}') WHERE name = ?`).get(column)
    if (!has) sql.exec(`ALTER TABLE ${table} ADD COLUMN ${column} ${definition}`)
  }
}

/**
 * The record of decisions gets a chain of its own that leans on the log's, a draft's record its seal, a snapshot what it takes to know it again. Of
 * what was written before, the chain begins with what is there now.
 */
function addProofs(sql: Sql): void {
  sql.exec(`
    ALTER TABLE drafts ADD COLUMN seal BLOB;
    ALTER TABLE register ADD COLUMN seq INTEGER;
    ALTER TABLE register ADD COLUMN chain BLOB;
    ALTER TABLE snapshots ADD COLUMN chain BLOB;
    ALTER TABLE snapshots ADD COLUMN hash BLOB;
    ALTER TABLE snapshots ADD COLUMN version INTEGER;
    CREATE TABLE losses (draft TEXT NOT NULL, epoch INTEGER NOT NULL, at TEXT NOT NULL, sentence TEXT NOT NULL, last_client INTEGER NOT NULL,
      gone INTEGER NOT NULL, PRIMARY KEY (draft, epoch)) STRICT, WITHOUT ROWID;
    CREATE TABLE lost_drafts AS SELECT 0 AS epoch, * FROM drafts WHERE 0;
    CREATE TABLE lost_log AS SELECT 0 AS epoch, * FROM log WHERE 0;
    CREATE TABLE lost_register AS SELECT 0 AS epoch, * FROM register WHERE 0;
  `)
  for (const { id, record } of sql.prepare("SELECT id, record FROM drafts").all()) {
    const seal = sealOfText(String(record))
    if (!seal) continue
    sql.prepare("UPDATE drafts SET seal = ? WHERE id = ?").run(seal, String(id))
    let chain = seal
    for (const entry of sql.prepare("SELECT n, entry FROM register WHERE draft = ? ORDER BY n").all(String(id))) {
      chain = entryChainOf(chain, { draft: String(id), n: Number(entry.n), seq: 0, entry: String(entry.entry) }, beginning)
      sql.prepare("UPDATE register SET seq = 0, chain = ? WHERE draft = ? AND n = ?").run(chain, String(id), Number(entry.n))
    }
  }
}

function sealOfText(record: string): Uint8Array | null {
  try {
    return sealOf(JSON.parse(record) as DraftRecord)
  } catch {
    return null
  }
}

/** The version of the tables that are there; 0 where there are none, or those of the first version. */
export const tablesVersion = (sql: Sql): number => Number(Object.values(sql.prepare("PRAGMA user_version").get() ?? {})[0] ?? 0)

/** Makes the tables, or brings those of an earlier version up to now. Throws where they are of a later one. */
export function makeTables(sql: Sql): void {
  const found = tablesVersion(sql)
  if (found > versions.length)
    throw new DomainError(
      "store-failed",
      `The meeting was written by a later version of Clausula (tables of version ${found}; this one knows ${versions.length}). Start it with that one.`,
    )
  if (found === versions.length) return
  sql.transaction(() => {
    sql.exec(first)
    // Another process may have come first.
    for (const add of versions.slice(tablesVersion(sql))) add(sql)
    sql.exec(`PRAGMA user_version = ${versions.length}`)
  })
}

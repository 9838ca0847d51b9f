import { withArticle } from "../../shared/changes/wording.ts"
import { DomainError } from "../problems.ts"
import { beginning, entryChainOf, sealOf } from "./chain.ts"
import { inItsPlace, StoreFailure } from "./failures.ts"
import type { Sql } from "./sql.ts"
import type { DraftRecord } from "./store.ts"
import { forgetEnds } from "./testimony.ts"

/** Tables as the first version had them; what came later is added below. None of it ever changes. */
const tables = `
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
  CREATE TABLE IF NOT EXISTS clients (draft TEXT NOT NULL, client INTEGER NOT NULL, person TEXT NOT NULL, source TEXT NOT NULL,
    PRIMARY KEY (draft, client)) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS sittings (id TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS losses (draft TEXT NOT NULL, epoch INTEGER NOT NULL, at TEXT NOT NULL, sentence TEXT NOT NULL,
    last_client INTEGER NOT NULL, gone INTEGER NOT NULL, PRIMARY KEY (draft, epoch)) STRICT, WITHOUT ROWID;
`

/** Columns that came later. */
const columns: readonly (readonly [table: string, column: string, definition: string])[] = [
  ["people", "invitation", "TEXT"],
  ["people", "since", "TEXT"],
  ["invitations", "made", "TEXT NOT NULL DEFAULT ''"],
  ["invitations", "made_by", "TEXT"],
  ["invitations", "withdrawn", "INTEGER NOT NULL DEFAULT 0"],
  ["clients", "pass", "TEXT NOT NULL DEFAULT ''"],
  ["drafts", "seal", "BLOB"],
  ["register", "seq", "INTEGER"],
  ["register", "chain", "BLOB"],
  ["snapshots", "chain", "BLOB"],
  ["snapshots", "hash", "BLOB"],
  ["snapshots", "version", "INTEGER"],
]

/** What is taken out of a draft whose loss was accepted is kept in tables of the same columns. */
const takenFrom = ["drafts", "log", "register"] as const

/** SQLite's `user_version` of a folder whose records of decisions are chained. */
const chainedVersion = 2

const lackedColumns = (sql: Sql): typeof columns =>
  columns.filter(([table, column]) => !sql.prepare(`SELECT 1 FROM pragma_table_info('${table}') WHERE name = ?`).get(column))

function addColumns(sql: Sql): void {
  for (const [table, column, definition] of lackedColumns(sql)) sql.exec(`ALTER TABLE ${table} ADD COLUMN ${column} ${definition}`)
  for (const table of takenFrom) sql.exec(`CREATE TABLE IF NOT EXISTS lost_${table} AS SELECT 0 AS epoch, * FROM ${table} WHERE 0`)
}

/**
 * The record of decisions gets a chain of its own that leans on the log's, and a draft's record its seal. Of what was written before there were any,
 * the chain begins with what is there now.
 */
function chainWhatIsThere(sql: Sql): void {
  forgetEnds(sql)
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

/** The version of the tables that are there; 0 where there are none, or those of a version without chains. */
export const tablesVersion = (sql: Sql): number => Number(Object.values(sql.prepare("PRAGMA user_version").get() ?? {})[0] ?? 0)

function tablesIn(sql: Sql): Set<string> {
  const rows = sql.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  return new Set(rows.map((row) => String(row.name)))
}

/** All tables of a meeting. */
export const expectedTables: readonly string[] = [...tables.matchAll(/EXISTS (\w+)/g)]
  .map((match) => match[1]!)
  .concat(takenFrom.map((table) => `lost_${table}`))

/** How many of the two columns there are that prove: seals of drafts, chains of records of decisions. */
export const chainColumns = (sql: Sql): number =>
  [
    ["drafts", "seal"],
    ["register", "chain"],
  ].filter(([table, column]) => sql.prepare(`SELECT 1 FROM pragma_table_info('${table}') WHERE name = ?`).get(column!) !== undefined).length

/** Throws where something else has the name of a table, or acts on what is written to one. */
export function demandTables(sql: Sql): void {
  const others = sql.prepare("SELECT name, type FROM sqlite_schema WHERE type <> 'table'").all()
  const trigger = others.find(({ type }) => type === "trigger")
  if (trigger)
    throw new StoreFailure(
      `The database is damaged: a trigger called ${String(trigger.name)} was put in, which may swallow what is written. Put a backup in its place.`,
      true,
    )
  const other = others.find(({ name }) => expectedTables.includes(String(name)))
  if (other)
    throw new StoreFailure(
      `The database is damaged: ${withArticle(String(other.type))} stands where its table of ${String(other.name)} was. Put a backup in its place.`,
      true,
    )
}

/** Tables that a meeting of this version has and that are missing; none where they are yet to be made. */
export function missingTables(sql: Sql): readonly string[] {
  const there = tablesIn(sql)
  // What has chains is of this version, whatever number stands in the file.
  const isMade = tablesVersion(sql) === chainedVersion || chainColumns(sql) > 0
  return isMade ? expectedTables.filter((table) => !there.has(table)) : []
}

/** What every folder has had since the first version. */
const firstTables = ["drafts", "log", "register", "people", "settings"]

/** Throws where a database has tables and they are none of ours: nothing is written into what belongs to another program. */
export function demandOurs(sql: Sql, path: string): void {
  const there = tablesIn(sql)
  const isOurs = tablesVersion(sql) === chainedVersion || chainColumns(sql) > 0 || firstTables.every((table) => there.has(table))
  if (there.size === 0 || isOurs) return
  // A later version is told by its number.
  if (tablesVersion(sql) > chainedVersion) return
  const names = [...there].slice(0, 5).join(", ")
  throw new StoreFailure(
    `${path} is a database, but no meeting's: it has tables of another program (${names}). Nothing was written. ${inItsPlace}`,
    true,
  )
}

/** Throws where tables are of a later version: what they mean is not known here, nor whether they are whole. */
export function demandNotLater(sql: Sql): void {
  const found = tablesVersion(sql)
  if (found <= chainedVersion) return
  throw new DomainError(
    "store-failed",
    `The meeting was written by a later version of Clausula (tables of version ${found}; this one knows ${chainedVersion}). Use that one.`,
  )
}

/** Throws where tables are missing: made anew they would be empty, and nothing would tell of what was in them. */
export function demandAllTables(sql: Sql, path: string, directory: string): void {
  demandTables(sql)
  const missing = missingTables(sql)
  if (missing.length === 0) return
  const which = missing.length === 1 ? `its table ${missing[0]}` : `${missing.length} of its tables (${missing.join(", ")})`
  throw new StoreFailure(
    `The database ${path} is damaged: it lacks ${which}, with all that was in there. Nothing was written. Put a backup of the folder ${directory} in its place; or go on without that: clausula accept-loss --all --data ${directory}`,
    true,
  )
}

/**
 * Makes the tables, brings those of an earlier version up to now, and makes anew those that are missing: what was in them is then missing from the
 * drafts, and told there. Throws where they are of a later version.
 */
export function makeTables(sql: Sql): void {
  demandNotLater(sql)
  const found = tablesVersion(sql)
  const there = tablesIn(sql)
  demandTables(sql)
  if (
    found === chainedVersion &&
    expectedTables.every((table) => there.has(table)) &&
    chainColumns(sql) === 2 &&
    lackedColumns(sql).length === 0
  )
    return
  sql.transaction(() => {
    // What has seals has chains, whatever number stands in the file: they are proven, never made anew. Another process may have come first, too.
    const isEarlier = tablesVersion(sql) < chainedVersion && chainColumns(sql) === 0
    sql.exec(tables)
    addColumns(sql)
    if (isEarlier) chainWhatIsThere(sql)
    sql.exec(`PRAGMA user_version = ${chainedVersion}`)
  })
}

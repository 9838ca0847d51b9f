import { createRequire } from "node:module"

/** The part of `node:sqlite`'s API that the store uses; `@photostructure/sqlite` gives the same on Node 20. */
export interface Statement {
  run(...values: SqlValue[]): { changes: number | bigint; lastInsertRowid: number | bigint }
  get(...values: SqlValue[]): Record<string, SqlValue> | undefined
  all(...values: SqlValue[]): Record<string, SqlValue>[]
  setReadBigInts?(enabled: boolean): void
}
export type SqlValue = string | number | bigint | null | Uint8Array
export interface Database {
  exec(sql: string): void
  prepare(sql: string): Statement
  close(): void
}

/** First SQLite with the WAL fixes that durability leans on. */
const firstSound = [3, 51, 3] as const

function isSound(version: string | undefined): boolean {
  const parts = (version ?? "0").split(".").map(Number)
  for (const [i, least] of firstSound.entries()) {
    const part = parts[i] ?? 0
    if (part !== least) return part > least
  }
  return true
}

interface SqliteModule {
  DatabaseSync: new (path: string, options?: { readOnly?: boolean }) => Database
  backup?: unknown
}

/** Opens a database with the built-in driver where it is new enough, else with the prebuilt package of the same API. */
export function openDatabase(path: string, options: { readOnly?: boolean } = {}): Database {
  const require = createRequire(import.meta.url)
  const { sqlite } = process.versions as Record<string, string | undefined>
  if (isSound(sqlite)) {
    const builtIn = require("node:sqlite") as SqliteModule
    if (builtIn.backup) return new builtIn.DatabaseSync(path, options)
  }
  const { DatabaseSync } = require("@photostructure/sqlite") as SqliteModule
  return new DatabaseSync(path, options)
}

import { chmodSync, existsSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { DomainError } from "../problems.ts"
import { isReadOnlyPlace, storeFailure } from "./failures.ts"
import { Sql } from "./sql.ts"
import { openDatabase } from "./sqlite-driver.ts"
import { makeTables, tablesVersion } from "./tables.ts"

/** How a meeting's folder is opened. */
export interface Opening {
  /** Drafts that must not all be missing: a database that was emptied is not taken for a new one. */
  readonly expected?: readonly string[]
  /** Nothing is written: for who only looks. */
  readonly isReadOnly?: boolean
}

export interface OpenedMeeting {
  readonly sql: Sql
  /** It was made just now, or is of a version that kept no heads. */
  readonly isNew: boolean
}

export const databasePath = (directory: string): string => join(directory, "clausula.db")

/** The database holds none of the drafts that the heads beside it know. */
export class MeetingLost extends DomainError {
  constructor(directory: string, what: string, count: number) {
    super("store-failed", lostSentence(directory, what, count))
  }
}

const lostSentence = (directory: string, what: string, count: number): string =>
  `${what} ${count === 1 ? "the draft that was" : `all ${count} drafts that were`} in it, as the file heads beside it tells. Nothing was written. Put a backup of the folder ${directory} in its place; or go on without them: clausula accept-loss --all --data ${directory}`

/** Opens the database of a meeting, made where there is none yet. Throws a DomainError with a sentence where it cannot be used as it is. */
export function openMeeting(directory: string, { expected = [], isReadOnly = false }: Opening): OpenedMeeting {
  const path = databasePath(directory)
  if (expected.length > 0 && !existsSync(path)) throw new MeetingLost(directory, `The database ${path} is missing, with`, expected.length)
  try {
    return isReadOnly ? openToLook(path) : openToWrite(directory, path, expected)
  } catch (error) {
    throw storeFailure(error, path)
  }
}

function openToLook(path: string): OpenedMeeting {
  const sql = sqlToLook(path)
  // A folder of an earlier version has nothing yet that could be proven.
  if (tablesVersion(sql) > 0) return { sql, isNew: false }
  sql.close()
  return openToWrite("", path, [])
}

/** A database on a disk that only reads has no room for SQLite's own files: then it is read as one that nobody changes. */
function sqlToLook(path: string): Sql {
  const opened = (address: string): Sql => {
    const sql = new Sql(openDatabase(address, { readOnly: true }))
    sql.exec("PRAGMA busy_timeout=5000")
    sql.prepare("SELECT count(*) FROM sqlite_schema").get()
    return sql
  }
  try {
    return opened(path)
  } catch (error) {
    if (!isReadOnlyPlace(error) || !existsSync(path) || existsSync(`${path}-wal`)) throw error
    return opened(`${pathToFileURL(path).href}?immutable=1`)
  }
}

function openToWrite(directory: string, path: string, expected: readonly string[]): OpenedMeeting {
  if (directory) mkdirSync(directory, { recursive: true, mode: 0o700 })
  const sql = new Sql(openDatabase(path))
  try {
    sql.exec("PRAGMA busy_timeout=5000")
    if (expected.length > 0 && !expected.some((draft) => isKnown(sql, draft)))
      throw new MeetingLost(directory, `The database ${path} was emptied or replaced: it lacks`, expected.length)
    sql.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL")
    const mode = sql.prepare("PRAGMA synchronous").get()
    if (Number(Object.values(mode ?? {})[0]) !== 2) throw new Error("SQLite did not take synchronous=FULL")
    const isNew = tablesVersion(sql) === 0
    makeTables(sql)
    chmodSync(path, 0o600)
    return { sql, isNew }
  } catch (error) {
    sql.abandon()
    throw error
  }
}

/** Whether a database holds anything of a draft, be it that its loss was accepted. */
function isKnown(sql: Sql, draft: string): boolean {
  const tables = new Set(
    sql
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .all()
      .map((row) => String(row.name)),
  )
  const holds = (table: string, column: string): boolean =>
    tables.has(table) && sql.prepare(`SELECT 1 FROM ${table} WHERE ${column} = ? LIMIT 1`).get(draft) !== undefined
  return holds("drafts", "id") || holds("log", "draft") || holds("losses", "draft")
}

import { chmodSync, existsSync, mkdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { DomainError } from "../problems.ts"
import { isSameHash } from "./chain.ts"
import type { DraftLog } from "./draft-log.ts"
import { proveRest, unproven } from "./draft-proof.ts"
import { storeFailure } from "./failures.ts"
import type { ProvenAnew } from "./guard.ts"
import { openToLook } from "./look.ts"
import { Sql } from "./sql.ts"
import { openDatabase } from "./sqlite-driver.ts"
import { demandTables, makeTables, tablesVersion } from "./tables.ts"

/** How a meeting's folder is opened. */
export interface Opening {
  /** Drafts that must not all be missing: a database that was emptied is not taken for a new one. */
  readonly expected?: readonly string[]
  /** Nothing is written: for who only looks. */
  readonly isReadOnly?: boolean
  /** It serves the meeting: nobody else does from now on. */
  readonly isServer?: boolean
  /** It does one thing, maybe beside a server that guards the files. */
  readonly isBeside?: boolean
}

export interface OpenedMeeting {
  readonly sql: Sql
  /** It was made just now, or is of a version that kept no heads. */
  readonly isNew: boolean
  /** Takes away what was made to look at it. */
  readonly discard?: () => void
}

export const databasePath = (directory: string): string => join(directory, "clausula.db")

/** The database holds none of the drafts that the heads beside it know. */
export class MeetingLost extends DomainError {
  constructor(directory: string, what: string, count: number) {
    super("store-failed", lostSentence(directory, what, count))
  }
}

/** A file without a byte is none that we make: a meeting that is new has none at all. */
class EmptyDatabase extends DomainError {
  constructor(path: string) {
    super(
      "store-failed",
      `The database ${path} is empty: it has not one byte. Nothing was written. Put a backup of the folder in its place; or, where no meeting was ever kept here, remove that file and start again.`,
    )
  }
}

const lostSentence = (directory: string, what: string, count: number): string =>
  `${what} ${count === 1 ? "the draft that was" : `all ${count} drafts that were`} in it, as the file heads beside it tells. Nothing was written. Put a backup of the folder ${directory} in its place; or go on without them: clausula accept-loss --all --data ${directory}`

/** Opens the database of a meeting, made where there is none yet. Throws a DomainError with a sentence where it cannot be used as it is. */
export function openMeeting(directory: string, { expected = [], isReadOnly = false }: Opening): OpenedMeeting {
  const path = databasePath(directory)
  if (expected.length > 0 && !existsSync(path)) throw new MeetingLost(directory, `The database ${path} is missing, with`, expected.length)
  try {
    // SQLite tells of a folder in its place as of a file that is not there.
    if (existsSync(path) && statSync(path).isDirectory()) throw Object.assign(new Error(`${path} is a folder`), { code: "EISDIR" })
    if (expected.length === 0 && existsSync(path) && statSync(path).size === 0) throw new EmptyDatabase(path)
    return isReadOnly ? lookedAt(openToLook(directory, path, (copy) => openToWrite("", copy, []))) : openToWrite(directory, path, expected)
  } catch (error) {
    throw storeFailure(error, path)
  }
}

function lookedAt(opened: OpenedMeeting): OpenedMeeting {
  try {
    demandTables(opened.sql)
    return opened
  } catch (error) {
    opened.sql.abandon()
    opened.discard?.()
    throw error
  }
}

function openToWrite(directory: string, path: string, expected: readonly string[]): OpenedMeeting {
  if (directory) mkdirSync(directory, { recursive: true, mode: 0o700 })
  const sql = new Sql(openDatabase(path))
  try {
    sql.exec("PRAGMA busy_timeout=5000")
    if (expected.length > 0 && !expected.some((draft) => isKnown(sql, draft)))
      throw new MeetingLost(directory, `The database ${path} was emptied or replaced: it lacks`, expected.length)
    sql.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0")
    const mode = sql.prepare("PRAGMA synchronous").get()
    if (Number(Object.values(mode ?? {})[0]) !== 2) throw new Error("SQLite did not take synchronous=FULL")
    const isNew = tablesVersion(sql) === 0
    makeTables(sql)
    if ((statSync(path).mode & 0o777) !== 0o600) chmodSync(path, 0o600)
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

/**
 * Reads a database anew, by a connection of its own: whether its pages fit together, and whether each draft that is known ends where it was left, with a
 * log that proves itself.
 */
export function provenAnew(path: string, known: DraftLog): ProvenAnew {
  const sql = new Sql(openDatabase(path, { readOnly: true }))
  try {
    const [line] = sql.prepare("PRAGMA quick_check(1)").all()
    const said = String(Object.values(line ?? {})[0])
    if (said !== "ok") return { problem: said.replace(/\s+/g, " "), drafts: [] }
    const changed = [...known.ends()].filter(([draft, { seq, chain }]) => {
      const log = proveRest(sql, draft, unproven)
      return log.problem !== null || log.seq !== seq || !isSameHash(log.chain, chain)
    })
    return { problem: null, drafts: changed.map(([draft]) => draft) }
  } finally {
    sql.abandon()
  }
}

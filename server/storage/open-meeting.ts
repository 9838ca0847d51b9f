import { accessSync, chmodSync, constants, realpathSync, statSync } from "node:fs"
import { join } from "node:path"
import { DomainError } from "../problems.ts"
import { DraftLog, type Left } from "./draft-log.ts"
import { proveDraft, proveRest, unproven } from "./draft-proof.ts"
import { demandFile, inItsPlace, isBusy, isDamage, StoreFailure, standsAt, storeFailure } from "./failures.ts"
import { makeFolder } from "./folder.ts"
import type { ProvenAnew } from "./guard.ts"
import { readHeads } from "./heads.ts"
import { alone, isHeld } from "./lock.ts"
import { openToLook } from "./look.ts"
import { makeAnew } from "./made-anew.ts"
import type { OpenedMeeting } from "./opened-meeting.ts"
import { plainFaults } from "./salvage.ts"
import { Sql } from "./sql.ts"
import { openDatabase } from "./sqlite-driver.ts"
import { addressAlone, setAside, strayFound, strayInTheWay, strayWal } from "./stray-wal.ts"
import { demandAllTables, demandNotLater, demandOurs, makeTables, missingTables, tablesVersion } from "./tables.ts"

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
  /** It goes on with what is left: tables that are missing, or cannot be read, are made anew. */
  readonly acceptsLoss?: boolean
  /** A file whose pages do not fit together is made anew of what can be read, as a server does. */
  readonly makesAnew?: boolean
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

/** Only heads are left of a meeting, and they tell nothing. */
class DatabaseMissing extends DomainError {
  constructor(path: string, directory: string) {
    super("store-failed", `The database ${path} is missing. Nothing was written. Put a backup of the folder ${directory} in its place.`)
  }
}

const lostSentence = (directory: string, what: string, count: number): string =>
  `${what} ${count === 1 ? "the draft that was" : `all ${count} drafts that were`} in it, as the file heads beside it tells. Nothing was written. Put a backup of the folder ${directory} in its place; or go on without them: clausula accept-loss --all --data ${directory}`

/** Opens the database of a meeting, made where there is none yet. Throws a DomainError with a sentence where it cannot be used as it is. */
export function openMeeting(directory: string, opening: Opening): OpenedMeeting {
  const { expected = [], isReadOnly = false } = opening
  const there = standsAt(databasePath(directory))
  // SQLite keeps its write-ahead log beside the file that a link leads to.
  const path = there ? realpathSync(databasePath(directory)) : databasePath(directory)
  const isBesideNothing = opening.isBeside === true && opening.acceptsLoss !== true && !there
  if (isBesideNothing && expected.length === 0) throw new DatabaseMissing(path, directory)
  if (expected.length > 0 && !there) throw new MeetingLost(directory, `The database ${path} is missing, with`, expected.length)
  try {
    // SQLite tells of a folder in the place of one of its files as of a file that is not there, or that may not be written; and waits at a pipe.
    for (const end of ["", "-wal", "-shm", "-journal"]) demandFile(`${path}${end}`)
    // Where heads tell what was in it the operator may go on without that.
    const isKnownLoss = opening.acceptsLoss === true && standsAt(join(directory, "heads")) !== null
    if (expected.length === 0 && there?.size === 0 && !isKnownLoss) throw new EmptyDatabase(path)
    const heads = [...readHeads(directory).heads.values()]
    const ends = new Map(heads.map(({ draft, seq }) => [draft, seq]))
    const { isServer = false, acceptsLoss = false, makesAnew = isServer } = opening
    // Beside a server the write-ahead log is that one's.
    const stray = (there?.size ?? 0) > 0 && (isServer || !isHeld(directory)) ? strayWal(path, heads) : null
    if (isReadOnly)
      return lookedAt(
        openToLook(directory, path, { bringUp: (copy) => openToWrite("", copy, {}, path), ends, isAlone: stray !== null }),
        directory,
        stray && strayFound(stray),
      )
    if (stray && !makesAnew) throw new StoreFailure(strayInTheWay(stray), true)
    const moved = stray && (isServer ? setAside(stray, path) : alone(directory, () => setAside(stray, path)))
    const demandEnough = (sql: Sql): void =>
      demandKnown(sql, expected, directory, `The database ${path} is damaged: nothing can be read of`)
    const making = { directory, isServer, acceptsLoss, ends, demandEnough }
    const made = makesAnew && (there?.size ?? 0) > 0 ? makeAnew(path, making) : null
    return { ...openToWrite(directory, path, opening), unsound: made, keptAs: made?.keptAs ?? null, setAside: moved }
  } catch (error) {
    throw unusable(storeFailure(error, path), directory, opening)
  }
}

/** Of a file that cannot be used this is said too: how to go on where there is no backup. */
function unusable(failure: unknown, directory: string, { isServer = false, isReadOnly = false, makesAnew = isServer }: Opening): unknown {
  if (!(failure instanceof StoreFailure && failure.isDamage && failure.message.endsWith(inItsPlace))) return failure
  const isAll = makesAnew || isReadOnly
  const look = `What of it can be read is told by clausula verify --data ${directory}`
  const move = `Where there is none, move that file away and go on without what was in it: clausula accept-loss --all --data ${directory}`
  const hasHeads = standsAt(join(directory, "heads")) !== null
  if (isAll && !hasHeads) return failure
  return new StoreFailure(`${failure.message} ${isAll ? move : look}`, true, { cause: failure, told: failure.told })
}

/** Tables that are missing from the database of a meeting; none where there is no database, or one that cannot be read, which is told elsewhere. */
export function missingIn(directory: string): readonly string[] {
  const path = databasePath(directory)
  if (!standsAt(path)?.isFile()) return []
  try {
    const isAlone = !isHeld(directory) && strayWal(path, [...readHeads(directory).heads.values()]) !== null
    const sql = new Sql(openDatabase(isAlone ? addressAlone(path) : path, { readOnly: true }))
    try {
      return missingTables(sql)
    } finally {
      sql.abandon()
    }
  } catch (error) {
    if (!isDamage(error) && !isBusy(error)) throw storeFailure(error, path)
    return []
  }
}

function lookedAt(opened: OpenedMeeting, directory: string, stray: string | null): OpenedMeeting {
  try {
    demandOurs(opened.sql, databasePath(directory))
    demandNotLater(opened.sql)
    demandAllTables(opened.sql, databasePath(directory), directory)
    return { ...opened, stray }
  } catch (error) {
    opened.sql.abandon()
    opened.discard?.()
    throw error
  }
}

function openToWrite(
  directory: string,
  path: string,
  { expected = [], isServer = false, isBeside = false, acceptsLoss = false }: Opening,
  // Where it is a copy that is looked at, sentences name what it was made of.
  named = path,
): OpenedMeeting {
  if (directory) makeFolder(directory)
  // SQLite opens what may not be written as one that is read, and tells of it as late as at the first writing.
  if (standsAt(path)) accessSync(path, constants.R_OK | constants.W_OK)
  const sql = new Sql(openDatabase(path))
  try {
    sql.exec("PRAGMA busy_timeout=5000")
    demandOurs(sql, named)
    demandKnown(sql, expected, directory, `The database ${path} was emptied or replaced: it lacks`)
    if ((isServer || isBeside) && !acceptsLoss) demandAllTables(sql, path, directory)
    sql.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0")
    const mode = sql.prepare("PRAGMA synchronous").get()
    if (Number(Object.values(mode ?? {})[0]) !== 2) throw new Error("SQLite did not take synchronous=FULL")
    const isNew = tablesVersion(sql) === 0
    const lacked = missingTables(sql)
    makeTables(sql)
    if ((statSync(path).mode & 0o777) !== 0o600) chmodSync(path, 0o600)
    return { sql, isNew, lacked }
  } catch (error) {
    sql.abandon()
    throw error
  }
}

function demandKnown(sql: Sql, expected: readonly string[], directory: string, what: string): void {
  if (expected.length > 0 && !expected.some((draft) => isKnown(sql, draft))) throw new MeetingLost(directory, what, expected.length)
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
 * Reads a database anew, by a connection of its own: whether each draft that is known is as it was left, to the last entry of its log and of its record
 * of decisions, and, `isFileToo`, whether the pages of the file fit together.
 */
export function provenAnew(path: string, known: readonly Left[], { isFileToo = false } = {}): ProvenAnew {
  const sql = new Sql(openDatabase(path, { readOnly: true }))
  try {
    const [line] = isFileToo ? sql.prepare("PRAGMA quick_check(1)").all() : []
    const said = String(Object.values(line ?? { all: "ok" })[0])
    if (said !== "ok") return { problem: plainFaults(said)[0] ?? said, drafts: [] }
    const log = new DraftLog(sql)
    return { problem: null, drafts: sql.reading(() => known.filter((left) => !isAsLeft(sql, log, left))).map(({ draft }) => draft) }
  } finally {
    sql.abandon()
  }
}

function isAsLeft(sql: Sql, log: DraftLog, left: Left): boolean {
  const { draft, title, seq, chain, register, registerChain } = left
  const isRecordAsLeft = log.recordProblem(draft, null) === left.problem
  const now = proveDraft(sql, log, draft, left, proveRest(sql, draft, unproven))?.head
  const isAtEnd = now?.seq === seq && now.chain === chain && now.register === register && now.registerChain === registerChain
  return isAtEnd && now.title === title && isRecordAsLeft
}

import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { DomainError } from "../problems.ts"
import { isFull, unwritableFor } from "./failures.ts"
import { isHeld } from "./lock.ts"
import { bytesCut, cutSentence, fillUp, salvagedFrom } from "./made-anew.ts"
import type { OpenedMeeting } from "./opened-meeting.ts"
import { Sql } from "./sql.ts"
import { openDatabase } from "./sqlite-driver.ts"
import { addressAlone } from "./stray-wal.ts"
import { chainColumns } from "./tables.ts"

/** A folder for copies. Throws with a sentence about that place, not about the database. */
function folderToLookIn(): string {
  try {
    return mkdtempSync(join(tmpdir(), "clausula-look-"))
  } catch (error) {
    throw noRoomToLook(error)
  }
}

const noRoomToLook = (error: unknown): DomainError =>
  new DomainError(
    "bad-input",
    `A copy of the database is read in the folder for temporary files, and ${tmpdir()} cannot be used (${unwritableFor(error)}). Set TMPDIR to another.`,
    {},
    { cause: error },
  )

function opened(address: string): Sql {
  const sql = new Sql(openDatabase(address, { readOnly: true }))
  sql.exec("PRAGMA busy_timeout=5000")
  sql.prepare("SELECT count(*) FROM sqlite_schema").get()
  return sql
}

/** How a database is looked at. */
interface Looking {
  readonly bringUp: (copy: string) => OpenedMeeting
  /** How far the log of each draft is known to go. */
  readonly ends: ReadonlyMap<string, number>
  /** What stands beside it is not its own. */
  readonly isAlone: boolean
}

/**
 * Opens a database and leaves its folder as it is, to the last file: SQLite would make files of its own beside one that it only reads, and clear away
 * after one that was killed. Beside a server they are there. Where there is no write-ahead log the database is read as one that nobody changes; else,
 * and where it has to be brought up from an earlier version, a copy is read.
 */
export function openToLook(directory: string, path: string, looking: Looking): OpenedMeeting {
  const { bringUp, ends, isAlone } = looking
  // Beside a server that makes it longer just now nothing is missing.
  const lacking = isHeld(directory) || isAlone ? null : cutSentence(bytesCut(path))
  return asFarAsReadable(asItLies(directory, path, looking), basename(path), bringUp, { ends, lacking })
}

/** Where its pages do not fit together, what can be read of it is looked at instead. */
function asFarAsReadable(
  found: OpenedMeeting,
  name: string,
  bringUp: (copy: string) => OpenedMeeting,
  { ends, lacking }: { ends: ReadonlyMap<string, number>; lacking: string | null },
): OpenedMeeting {
  const folder = folderToLookIn()
  const copy = join(folder, name)
  let isKept = false
  try {
    const unsound = salvagedFrom(found.sql, copy, ends, lacking)
    if (unsound === null) return found
    found.sql.abandon()
    const discard = (): void => {
      rmSync(folder, { recursive: true, force: true })
      found.discard?.()
    }
    isKept = true
    const sql = opened(copy)
    if (chainColumns(sql) > 0) return { sql, isNew: false, discard, unsound }
    sql.abandon()
    return { ...bringUp(copy), discard, unsound }
  } finally {
    if (!isKept) rmSync(folder, { recursive: true, force: true })
  }
}

function asItLies(directory: string, path: string, { bringUp, isAlone }: Looking): OpenedMeeting {
  const ends = isAlone ? [""] : ["", "-wal"]
  const hasWal = !isAlone && existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0
  const isServed = isHeld(directory)
  if (!isServed && (hasWal || bytesCut(path) > 0)) return openCopy(path, ends, bringUp)
  const sql = opened(isServed ? path : addressAlone(path))
  if (chainColumns(sql) > 0) return { sql, isNew: false }
  sql.abandon()
  return openCopy(path, ends, bringUp)
}

function copied(path: string, copy: string, ends: readonly string[]): void {
  try {
    for (const end of ends) if (existsSync(`${path}${end}`)) copyFileSync(`${path}${end}`, `${copy}${end}`)
    fillUp(copy)
  } catch (error) {
    // All else is about what is copied.
    throw isFull(error) ? noRoomToLook(error) : error
  }
}

function openCopy(path: string, ends: readonly string[], bringUp: (copy: string) => OpenedMeeting): OpenedMeeting {
  const folder = folderToLookIn()
  const discard = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    const copy = join(folder, basename(path))
    copied(path, copy, ends)
    const sql = opened(copy)
    if (chainColumns(sql) > 0) return { sql, isNew: false, discard }
    sql.abandon()
    return { ...bringUp(copy), discard }
  } catch (error) {
    discard()
    throw error
  }
}

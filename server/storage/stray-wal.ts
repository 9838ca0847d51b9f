import { copyFileSync, mkdtempSync, renameSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import { isRow } from "./draft-proof.ts"
import { isDamage, isFull } from "./failures.ts"
import type { Head } from "./heads.ts"
import { lengthSaid, syncFolder, unusedName } from "./made-anew.ts"
import { faultsOf } from "./salvage.ts"
import { Sql } from "./sql.ts"
import { openDatabase } from "./sqlite-driver.ts"
import { pagesLacking, WriteAheadLog } from "./wal.ts"

/** A write-ahead log that stands beside a database and was never written for it as it is. */
export interface StrayWal {
  readonly path: string
  /** What shows it, in words that end no sentence. */
  readonly why: string
}

/**
 * The write-ahead log beside a database, where it is provably not that database's: by itself the database is whole, and with that log it is not, or
 * lacks pages that neither of the two has, or goes back to what it was once, though heads tell otherwise. SQLite knows a log by its place alone, so who
 * copies a backup over the folder of a killed server, and leaves the later log there, gets both mixed. Null: it belongs, or nothing proves that it does
 * not. Both are looked at in a copy: a connection to them that is let go of still has them open for a while.
 */
export function strayWal(path: string, heads: readonly Head[]): StrayWal | null {
  const beside = `${path}-wal`
  if (!(statSync(beside, { throwIfNoEntry: false })?.isFile() && statSync(path).size > 0)) return null
  const wal = new WriteAheadLog(beside)
  wal.follow()
  if (wal.pages.size === 0) return null
  const { said } = lengthSaid(path)
  if (said === 0 || said > statSync(path).size) return null
  const lacking = pagesLacking(wal, Math.floor(statSync(path).size / wal.pageBytes))
  const alone = stateOf(addressAlone(path), heads)
  if (alone.fault !== null) return null
  const why = lacking > 0 ? `${lacking} of the pages are lacking that the two should have` : whyNot(alone, stateOfCopy(path, heads))
  return why === null ? null : { path: beside, why }
}

/** What a database says of itself. */
interface State {
  /** The first thing that is wrong with its pages; null: nothing. */
  readonly fault: string | null
  /** How far the log of each draft goes. */
  readonly ends: ReadonlyMap<string, number>
  /** Whether it goes through all that the heads know. */
  readonly hasHeads: boolean
}

function whyNot(alone: State, both: State | null): string | null {
  if (both === null || both.fault !== null) return both?.fault ?? null
  const isBack = [...alone.ends].some(([draft, seq]) => (both.ends.get(draft) ?? 0) < seq)
  const isOn = [...both.ends].some(([draft, seq]) => (alone.ends.get(draft) ?? 0) < seq)
  return isBack && !isOn && alone.hasHeads && !both.hasHeads ? "drafts lack their last entries" : null
}

function stateOf(address: string, heads: readonly Head[]): State {
  const sql = new Sql(openDatabase(address, { readOnly: true }))
  try {
    const [fault = null] = faultsOf(sql, 1)
    if (fault !== null) return { fault, ends: new Map(), hasHeads: false }
    const rows = sql.prepare("SELECT draft, MAX(seq) AS seq FROM log GROUP BY draft").all()
    const hasHeads = heads.length > 0 && heads.every((head) => isRow(sql, head.draft, head))
    return { fault, ends: new Map(rows.map(({ draft, seq }) => [String(draft), Number(seq)])), hasHeads }
  } catch (error) {
    if (!isDamage(error)) throw error
    return { fault: (error as Error).message, ends: new Map(), hasHeads: false }
  } finally {
    sql.abandon()
  }
}

/** Null where there is no room for a copy: then nothing is known. */
function stateOfCopy(path: string, heads: readonly Head[]): State | null {
  let folder: string
  try {
    folder = mkdtempSync(join(tmpdir(), "clausula-wal-"))
  } catch {
    return null
  }
  try {
    const copy = join(folder, basename(path))
    for (const end of ["", "-wal"]) copyFileSync(`${path}${end}`, `${copy}${end}`)
    return stateOf(copy, heads)
  } catch (error) {
    if (!isFull(error)) throw error
    return null
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A database as it is without what stands beside it. */
export const addressAlone = (path: string): string => `${pathToFileURL(path).href}?immutable=1`

const strays = ({ path, why }: StrayWal): string =>
  `The write-ahead log ${path} does not belong to the database beside it, which is whole without it: with it, ${why}. As a rule it was left there when a backup was copied over the folder.`

/** What is said of one that was found and is still there. */
export const strayFound = (stray: StrayWal): string =>
  `${strays(stray)} Move it away; a server does so as it starts, and keeps it. The database is shown as it is without it.`

/** What is said where one is in the way of who may not move it. */
export const strayInTheWay = (stray: StrayWal): string =>
  `${strays(stray)} Nothing was written. Move that file away; a server does so as it starts, and keeps it.`

/** Moves one aside, and keeps it; gives what is said of that. */
export function setAside(stray: StrayWal, database: string): string {
  const keptAs = unusedName(`${stray.path}.other`)
  renameSync(stray.path, keptAs)
  rmSync(`${database}-shm`, { force: true })
  syncFolder(dirname(database))
  return `${strays(stray)} It was moved aside and is kept as ${basename(keptAs)}; the meeting goes on with the database alone.`
}

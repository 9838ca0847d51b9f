import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs"
import { DomainError } from "../problems.ts"
import { StoreFailure } from "./failures.ts"
import { alone, isHeld } from "./lock.ts"
import { faultsOf, type Hurt, salvage } from "./salvage.ts"
import { Sql } from "./sql.ts"
import { openDatabase } from "./sqlite-driver.ts"
import { WriteAheadLog } from "./wal.ts"

/** Tables that hold what is of one draft, or can be had again: what is missing from them is told where it is missed, and hurts nobody else. */
const spared: ReadonlySet<string> = new Set(
  ["drafts", "log", "register", "snapshots", "files", "sign_ins"].concat(["lost_drafts", "lost_log", "lost_register"]),
)

/** What is in the tables that the whole meeting leans on, in an operator's words. */
export const contentOf: Readonly<Record<string, string>> = {
  people: "the people",
  settings: "the settings",
  sources: "the roster of delegations",
  invitations: "the links",
  clients: "the client ids",
  sittings: "the sittings",
  losses: "the losses that were accepted",
}

const named = ({ table }: Hurt): string => (contentOf[table] === undefined ? table : `${table} (${contentOf[table]})`)

/** What was found of a file whose pages do not fit together. */
export interface Unsound {
  /** Tables that could not be read to their end, and that the whole meeting leans on. */
  readonly ofMeeting: readonly Hurt[]
  /** What is wrong, in sentences. */
  readonly sentences: readonly string[]
}

/** Of whole tables and indexes SQLite tells a line a page: so many are enough. */
const mostFaults = 20

function found(faults: readonly string[], hurts: readonly Hurt[]): Unsound {
  const ofMeeting = hurts.filter(({ table }) => !spared.has(table))
  return {
    ofMeeting,
    sentences: [
      ...faults.map((line) => `SQLite finds its file damaged: ${line}.`),
      ...hurts.map((hurt) => `The table ${named(hurt)} cannot be read to its end.`),
    ],
  }
}

/** Why a file cannot be used, with what can be done about it. */
export const damagedSentence = (path: string, directory: string, hurts: readonly Hurt[]): string =>
  `The database ${path} is damaged: of ${hurts.length === 1 ? "its table" : "its tables"} ${hurts.map(named).join(", ")} not all can be read (SQLite: ${hurts[0]!.why}). Nothing was written. Put a backup of the folder ${directory} in its place; or go on with what can be read: clausula accept-loss --all --data ${directory}`

/** How many bytes a database, and each page of it, has by its own first page; 0: that says nothing. Source: https://sqlite.org/fileformat2.html#the_database_header */
export function lengthSaid(path: string): { readonly said: number; readonly pageBytes: number } {
  const file = openSync(path, "r")
  try {
    const header = Buffer.alloc(100)
    if (readSync(file, header, 0, 100, 0) < 100 || header.toString("latin1", 0, 15) !== "SQLite format 3") return { said: 0, pageBytes: 1 }
    const stored = header.readUInt16BE(16)
    const pageBytes = stored === 1 ? 65_536 : stored
    return { said: header.readUInt32BE(28) * pageBytes, pageBytes }
  } finally {
    closeSync(file)
  }
}

/** More than this is no length of a file of ours, but bytes that were altered. */
const mostBytes = 1e12

/** How many bytes a file lacks that was cut; 0: none. Pages that wait in a write-ahead log are not lacking. */
export function bytesCut(path: string): number {
  const { said, pageBytes } = lengthSaid(path)
  const { size } = statSync(path)
  if (said > mostBytes || said <= size) return 0
  const waiting = pagesWaiting(path)
  for (let page = Math.floor(size / pageBytes) + 1; page * pageBytes <= said; page++) if (!waiting.has(page)) return said - size
  return 0
}

function pagesWaiting(path: string): ReadonlyMap<number, unknown> {
  const wal = new WriteAheadLog(`${path}-wal`)
  wal.follow()
  return wal.pages
}

/** That the end of a file is missing, in words; null: it is there. */
export const cutSentence = (bytes: number): string | null =>
  bytes === 0 ? null : `its last ${bytes.toLocaleString("en")} bytes are missing`

/** Gives a cut file its length again, with nothing in what is lost: SQLite reads not one page of a file that lacks some. */
export const fillUp = (path: string): void => truncateSync(path, statSync(path).size + bytesCut(path))

/**
 * Reads all that can be read of an open database into a new file; null: its pages fit together, and no file was made. `lacking`: what is missing at its
 * end, which was filled up with nothing: SQLite takes that for the words of a long row.
 */
export function salvagedFrom(from: Sql, to: string, ends: ReadonlyMap<string, number>, lacking: string | null): Unsound | null {
  const faults = [...(lacking === null ? [] : [lacking]), ...faultsOf(from, mostFaults)]
  if (faults.length === 0) return null
  removeDatabase(to)
  const into = new Sql(openDatabase(to))
  try {
    return found(
      faults,
      from.reading(() => salvage(from, into, ends)),
    )
  } finally {
    into.abandon()
  }
}

const removeDatabase = (path: string): void => {
  for (const end of ["", "-wal", "-shm", "-journal"]) rmSync(`${path}${end}`, { force: true })
}

/** How a file that must be made anew is met. */
export interface MakingAnew {
  readonly directory: string
  /** Its server comes: then nobody else has the folder. */
  readonly isServer: boolean
  /** What cannot be read of the meeting's own tables may be lost. */
  readonly acceptsLoss: boolean
  /** How far the log of each draft is known to go. */
  readonly ends: ReadonlyMap<string, number>
  /** Throws where too little could be read for the new file to be put in the place of the damaged one. */
  readonly demandEnough: (made: Sql) => void
}

/** What was found of a file, and where it is kept since another was made of it. */
export interface MadeAnew extends Unsound {
  readonly keptAs: string
}

/**
 * Makes a file whose pages do not fit together anew of all that can be read, for SQLite can write to none of it in safety; the damaged one is kept
 * beside it, to the last byte. Null: it is sound. Throws with a sentence, and leaves all as it is, where the meeting's own tables would lose something
 * and nobody has accepted that, or while a server has it open.
 */
export function makeAnew(path: string, making: MakingAnew): MadeAnew | null {
  const { directory, isServer } = making
  const lacking = cutSentence(bytesCut(path))
  const source = lacking === null ? path : `${path}.filled`
  try {
    if (lacking !== null) {
      for (const end of ["", "-wal"]) if (existsSync(`${path}${end}`)) copyFileSync(`${path}${end}`, `${source}${end}`)
      fillUp(source)
    }
    const made = (): MadeAnew | null => madeAnew(path, source, lacking, making)
    if (isServer) return made()
    if (!isHeld(directory)) return alone(directory, made)
    if (lacking !== null || !isSound(source)) throw heldSentence(path, directory)
    return null
  } finally {
    if (lacking !== null) removeDatabase(source)
  }
}

function isSound(path: string): boolean {
  const sql = new Sql(openDatabase(path, { readOnly: true }))
  try {
    return faultsOf(sql, 1).length === 0
  } finally {
    sql.abandon()
  }
}

const heldSentence = (path: string, directory: string): DomainError =>
  new DomainError(
    "conflict",
    `The file ${path} itself is damaged, and can only be made anew while no server has it open. Stop the server of ${directory}, say this again, and start it.`,
  )

function madeAnew(
  path: string,
  source: string,
  lacking: string | null,
  { directory, acceptsLoss, ends, demandEnough }: MakingAnew,
): MadeAnew | null {
  const to = `${path}.anew`
  const from = new Sql(openDatabase(source))
  try {
    from.exec("PRAGMA busy_timeout=5000")
    const unsound = salvagedFrom(from, to, ends, lacking)
    if (unsound === null) return null
    if (unsound.ofMeeting.length > 0 && !acceptsLoss) throw new StoreFailure(damagedSentence(path, directory, unsound.ofMeeting), true)
    demandEnoughIn(to, demandEnough)
    const keptAs = unusedName(`${path}.damaged`)
    // What waits in the write-ahead log goes where it belongs first: beside the new file it would be read into that one.
    bringIn(from)
    from.abandon()
    for (const end of ["-wal", ""])
      if ((statSync(`${path}${end}`, { throwIfNoEntry: false })?.size ?? 0) > 0) keepAs(`${path}${end}`, `${keptAs}${end}`)
    for (const end of ["-wal", "-shm"]) rmSync(`${path}${end}`, { force: true })
    renameSync(to, path)
    syncFolder(directory)
    return { ...unsound, keptAs }
  } finally {
    from.abandon()
    removeDatabase(to)
  }
}

function demandEnoughIn(path: string, demandEnough: (made: Sql) => void): void {
  const made = new Sql(openDatabase(path, { readOnly: true }))
  try {
    demandEnough(made)
  } finally {
    made.abandon()
  }
}

/** As far as the disk lets it: what cannot be brought in is kept beside the damaged file. */
function bringIn(sql: Sql): void {
  try {
    sql.exec("PRAGMA wal_checkpoint(TRUNCATE)")
  } catch (error) {
    if (!(error instanceof Error)) throw error
  }
}

/** A second name for the same bytes; where a disk knows none, the only one. */
function keepAs(path: string, other: string): void {
  try {
    linkSync(path, other)
  } catch {
    renameSync(path, other)
  }
}

/** A name with a number behind it that nothing has yet. */
export function unusedName(name: string): string {
  for (let n = 1; ; n++) if (!existsSync(`${name}-${n}`)) return `${name}-${n}`
}

/** Makes a rename in a folder durable. */
export function syncFolder(directory: string): void {
  try {
    const folder = openSync(directory, "r")
    fsyncSync(folder)
    closeSync(folder)
  } catch {
    // Where folders cannot be opened, as on Windows, the rename is all there is.
  }
}

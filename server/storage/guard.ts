import { randomUUID } from "node:crypto"
import { type BigIntStats, realpathSync, statSync } from "node:fs"
import { isDamage, isFull, StoreFailure } from "./failures.ts"
import { Pages } from "./pages.ts"
import type { Sql } from "./sql.ts"
import { type Followed, WriteAheadLog } from "./wal.ts"

/** What the guard needs to know of a database that something else has touched. */
export interface Guarded {
  readonly path: string
  readonly sql: Sql
  /** What is not as this process has left it, read through a connection of its own. */
  readonly proveAnew: (options: { readonly isFileToo: boolean }) => ProvenAnew
  /** Another program has written into a draft: nobody writes to it until it is proven anew. */
  readonly onChanged: (draft: string) => void
  /** Only a server says that the folder is its own: who comes later takes it over. */
  readonly isServer: boolean
}

export interface ProvenAnew {
  /** What is wrong with the file, in words; null: nothing. */
  readonly problem: string | null
  /** Drafts that do not end where they were left. */
  readonly drafts: readonly string[]
}

/** The write-ahead log is brought into the database once so many bytes are committed in it: then all of the database is read. */
const longestWal = 4_000_000
/** Where in `settings` stands which server writes. */
const writerSetting = "writer"

const stopSentence = (what: string): string => `${what} while the server runs: nothing more is saved. Put it back and start again.`

const toldOfStop =
  "The place where the meeting is kept was changed while the server runs: nothing more is saved. What is typed stays in the browsers. The operator puts the folder right and starts the server again."

/** What a file is known by: its own number, and when it was last written, to the nanosecond. */
interface Seen {
  readonly file: string
  readonly size: bigint
  readonly changed: bigint
}

/** Whether what was committed may be gone with its write-ahead log. */
const isSpoilt = (followed: Followed): boolean => followed !== "asLeft" && followed !== "grown"

const seen = ({ dev, ino, size, ctimeNs }: BigIntStats): Seen => ({ file: `${dev}/${ino}`, size, changed: ctimeNs })

/**
 * Stands between the store and its disk: nothing is acknowledged unless the path still names the file that was written, nobody else wrote there, and
 * what was committed is read back from the write-ahead log, behind all that was there before. SQLite itself goes on writing to a file that was removed,
 * to a write-ahead log that nobody will find, and over an older copy. The looks cost some 100 µs a commit. What it has found once holds until the next
 * start.
 */
export class Guard {
  readonly #guarded: Guarded
  readonly #writer = randomUUID()
  /** Where the path leads, if it is a link: there stands the write-ahead log. */
  readonly #real: string
  #stopped: StoreFailure | null = null
  readonly #pages: Pages
  readonly #log: WriteAheadLog
  #database: Seen
  #wal: Seen
  #heard: number
  /** Another program has committed since all was proven last. */
  #hadOthers = false

  constructor(guarded: Guarded) {
    this.#guarded = guarded
    const { sql, isServer } = guarded
    // Only who guards the database brings the write-ahead log into it: all other writing there is another's.
    sql.exec("PRAGMA wal_autocheckpoint=0")
    if (isServer) sql.prepare("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)").run(writerSetting, this.#writer)
    else sql.prepare("SELECT count(*) FROM sqlite_schema").get()
    this.#real = realpathSync(guarded.path)
    this.#database = this.#look("")
    this.#pages = new Pages(guarded.path)
    this.#log = new WriteAheadLog(`${this.#real}-wal`)
    this.#log.follow()
    this.#wal = this.#look("-wal")
    this.#heard = this.#dataVersion()
  }

  /** Does something that writes. Throws where it is not to be found afterwards. */
  writing<Result>(work: () => Result): Result {
    this.demand()
    const result = work()
    this.#demandFiles()
    const followed = this.#log.follow()
    this.#wal = this.#look("-wal")
    // Whoever writes over the files does so at any moment, also in the middle of this.
    if (this.#isDatabaseAnother() || isSpoilt(followed)) this.#proveAnew(followed, this.#heard !== this.#dataVersion())
    if (this.#log.committedBytes > longestWal) this.#bringIn()
    return result
  }

  mayWrite(): boolean {
    try {
      this.demand()
      this.demandOwn()
      return true
    } catch {
      return false
    }
  }

  /** Inside a transaction: throws where another server has taken the folder over. */
  demandOwn(): void {
    if (!this.#guarded.isServer) return
    const row = this.#guarded.sql.prepare("SELECT value FROM settings WHERE name = ?").get(writerSetting)
    if (row?.value === this.#writer) return
    const what = row
      ? "Another server has taken this folder over, or an older copy was put in its place"
      : `The table of settings in ${this.#guarded.path} was emptied`
    this.#stop(row ? `${what}: nothing more is saved by this one. Stop one of the two.` : stopSentence(what))
  }

  /** Looks whether all is as it was left. Throws, from then on for ever, where it is not. */
  demand(): void {
    if (this.#stopped) throw this.#stopped
    const [, wal] = this.#demandFiles()
    const heard = this.#dataVersion()
    const isOrderly = heard !== this.#heard
    const followed = this.#log.follow()
    // Another process of ours may write people into the write-ahead log; the database itself is written by nobody else.
    if (this.#isDatabaseAnother() || isSpoilt(followed) || (wal.changed !== this.#wal.changed && !isOrderly))
      this.#proveAnew(followed, isOrderly)
    else if (isOrderly) {
      this.#wal = wal
      this.#heard = heard
      this.#hadOthers = true
      this.demandOwn()
      const { drafts } = this.#provenAnew(false)
      for (const draft of drafts) this.#guarded.onChanged(draft)
    }
  }

  #isDatabaseAnother(): boolean {
    const { size, changed } = this.#look("")
    return size !== this.#database.size || changed !== this.#database.changed
  }

  #dataVersion(): number {
    return Number(Object.values(this.#guarded.sql.prepare("PRAGMA data_version").get() ?? {})[0])
  }

  #look(end: "" | "-wal"): Seen {
    const path = end ? `${this.#real}${end}` : this.#guarded.path
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
    if (!stats) return this.#stop(stopSentence(`${path} was removed or replaced`))
    return seen(stats)
  }

  /** Both files as they are now. Throws where one is another. */
  #demandFiles(): readonly [Seen, Seen] {
    const [database, wal] = [this.#look(""), this.#look("-wal")]
    const other = database.file !== this.#database.file ? "" : wal.file !== this.#wal.file ? "-wal" : null
    if (other !== null) this.#stop(stopSentence(`${this.#guarded.path}${other} was removed or replaced`))
    return [database, wal]
  }

  /**
   * Something was written that we did not write: all that we have is proven once more, and where it is there we go on. `isOrderly`: SQLite has heard of
   * it, so a program wrote entries, and not over the file; then it hurts the drafts that it wrote to.
   */
  #proveAnew(followed: Followed, isOrderly: boolean): void {
    const { path, onChanged } = this.#guarded
    const heard = this.#dataVersion()
    const { problem: found, drafts } = this.#provenAnew(true)
    for (const draft of drafts) onChanged(draft)
    // A commit shows in the file a moment before SQLite tells of it.
    const hasOthers = isOrderly || this.#dataVersion() !== this.#heard
    const problem = found ?? this.#overwritten(followed, hasOthers, drafts)
    if (problem !== null) this.#stop(stopSentence(`${path} was overwritten (${problem.replace(/\.$/, "")})`))
    this.demandOwn()
    if (hasOthers) this.#hadOthers = true
    // What came since that is heard of with the next look.
    this.#heard = heard
    // Whatever happened to the write-ahead log, what is in the database needs it no longer.
    this.#bringIn()
    if (this.#hadOthers) this.#pages.readAnew()
    this.#hadOthers = false
  }

  /** What shows that somebody wrote over the files, in words; null: nothing. No program takes back what SQLite has committed. */
  #overwritten(followed: Followed, isOrderly: boolean, drafts: readonly string[]): string | null {
    const isBack = followed === "another" || this.#log.follow({ isWhole: true }) === "another"
    if (isBack) return "its write-ahead log is an older or another one"
    // Where another program has committed, a page may be any, also what it was once: the drafts that it wrote to are told.
    if (isOrderly || this.#hadOthers) return null
    const page = this.#pages.firstOther(this.#log)
    if (page !== null) return `page ${page} of it is not what was written`
    return drafts.length === 0 ? null : `the log of draft ${drafts[0]} is not what was written`
  }

  #provenAnew(isFileToo: boolean): ProvenAnew {
    try {
      return this.#guarded.proveAnew({ isFileToo })
    } catch (error) {
      if (!isDamage(error)) throw error
      return { problem: (error as Error).message, drafts: [] }
    }
  }

  #bringIn(): void {
    const { path } = this.#guarded
    const isWhole = this.#isBroughtIn()
    if (isWhole) this.#pages.broughtIn(this.#log)
    // By this moment all later writing is told. What was written over while we wrote ourselves shows in the pages alone.
    const [database, wal] = this.#demandFiles()
    this.#database = database
    this.#wal = wal
    // What another program committed just now was brought in with it, unread: the next look proves it.
    if (this.#dataVersion() !== this.#heard) this.#hadOthers = true
    const page = this.#hadOthers ? null : this.#pages.firstOther(this.#log, isWhole)
    if (page !== null) this.#stop(stopSentence(`${path} was overwritten (page ${page} of it is not what was written)`))
    if (isWhole) this.#log.broughtIn()
  }

  /** Whether all that was committed stands in the database now. One who reads just now keeps a part of it out, a full disk too: that comes with the next. */
  #isBroughtIn(): boolean {
    try {
      const { log, checkpointed } = this.#guarded.sql.prepare("PRAGMA wal_checkpoint(PASSIVE)").get() ?? {}
      return log === checkpointed
    } catch (error) {
      if (!isFull(error)) throw error
      return false
    }
  }

  #stop(sentence: string): never {
    this.#stopped = new StoreFailure(sentence, false, { told: toldOfStop, isStopped: true })
    throw this.#stopped
  }
}

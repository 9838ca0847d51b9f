import { randomUUID } from "node:crypto"
import { type BigIntStats, statSync } from "node:fs"
import { isDamage, StoreFailure } from "./failures.ts"
import type { Sql } from "./sql.ts"

/** What the guard needs to know of a database that something else has touched. */
export interface Guarded {
  readonly path: string
  readonly sql: Sql
  /** What is not as this process has left it, read through a connection of its own. */
  readonly proveAnew: () => ProvenAnew
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

/** The write-ahead log is brought into the database once it has so many bytes. */
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

const seen = ({ dev, ino, size, ctimeNs }: BigIntStats): Seen => ({ file: `${dev}/${ino}`, size, changed: ctimeNs })

/**
 * Stands between the store and its disk: nothing is acknowledged unless the path still names the file that was written, and nobody else wrote there.
 * SQLite itself goes on writing to a file that was removed, and to a write-ahead log that nobody will find. Two looks at the disk cost some 20 µs a
 * commit. What it has found once holds until the next start.
 */
export class Guard {
  readonly #guarded: Guarded
  readonly #writer = randomUUID()
  #stopped: StoreFailure | null = null
  #database: Seen
  #wal: Seen
  #heard: number

  constructor(guarded: Guarded) {
    this.#guarded = guarded
    const { sql, isServer } = guarded
    // Only who guards the database brings the write-ahead log into it: all other writing there is another's.
    sql.exec("PRAGMA wal_autocheckpoint=0")
    if (isServer) sql.prepare("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)").run(writerSetting, this.#writer)
    else sql.prepare("SELECT count(*) FROM sqlite_schema").get()
    this.#database = this.#look("")
    this.#wal = this.#look("-wal")
    this.#heard = this.#dataVersion()
  }

  /** Does something that writes. Throws where it is not to be found afterwards. */
  writing<Result>(work: () => Result): Result {
    this.demand()
    const result = work()
    this.#demandFiles()
    this.#wal = this.#look("-wal")
    if (this.#wal.size > longestWal) this.#bringIn()
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
    const what = row ? "Another server has taken this folder over" : `The table of settings in ${this.#guarded.path} was emptied`
    this.#stop(row ? `${what}: nothing more is saved by this one. Stop one of the two.` : stopSentence(what))
  }

  /** Looks whether all is as it was left. Throws, from then on for ever, where it is not. */
  demand(): void {
    if (this.#stopped) throw this.#stopped
    const [database, wal] = this.#demandFiles()
    const heard = this.#dataVersion()
    // Another process of ours may write people into the write-ahead log; the database itself is written by nobody else.
    const isOthers = database.size !== this.#database.size || database.changed !== this.#database.changed
    const isSpoilt = wal.size < this.#wal.size || (wal.changed !== this.#wal.changed && heard === this.#heard)
    if (isOthers || isSpoilt) this.#proveAnew(heard !== this.#heard)
    else if (heard !== this.#heard) {
      this.#wal = wal
      this.#heard = heard
      this.demandOwn()
    }
  }

  #dataVersion(): number {
    return Number(Object.values(this.#guarded.sql.prepare("PRAGMA data_version").get() ?? {})[0])
  }

  #look(end: "" | "-wal"): Seen {
    const path = `${this.#guarded.path}${end}`
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
  #proveAnew(isOrderly: boolean): void {
    const { path, onChanged } = this.#guarded
    const { problem: found, drafts } = this.#provenAnew()
    const problem = found ?? (isOrderly || drafts.length === 0 ? null : `the log of draft ${drafts[0]} is not what was written`)
    for (const draft of drafts) onChanged(draft)
    if (problem !== null) this.#stop(stopSentence(`${path} was overwritten (${problem.replace(/\.$/, "")})`))
    this.demandOwn()
    // Whatever happened to the write-ahead log, what is in the database needs it no longer.
    this.#bringIn()
  }

  #provenAnew(): ProvenAnew {
    try {
      return this.#guarded.proveAnew()
    } catch (error) {
      if (!isDamage(error)) throw error
      return { problem: (error as Error).message, drafts: [] }
    }
  }

  #bringIn(): void {
    this.#guarded.sql.exec("PRAGMA wal_checkpoint(PASSIVE)")
    this.#database = this.#look("")
    this.#wal = this.#look("-wal")
    this.#heard = this.#dataVersion()
  }

  #stop(sentence: string): never {
    this.#stopped = new StoreFailure(sentence, false, { told: toldOfStop, isStopped: true })
    throw this.#stopped
  }
}

import { createHash } from "node:crypto"
import { readFileSync, statSync } from "node:fs"
import { open, rename } from "node:fs/promises"
import { join } from "node:path"
import { StoreFailure, storeFailure, unreadableFor } from "./failures.ts"

/** Where the log and the record of a draft ended when they were last known to be whole. */
export interface Head {
  readonly draft: string
  readonly title: string
  /** Counted from 1; another one after a loss was accepted. */
  readonly epoch: number
  /** The last row of the log, and the chain there, hexadecimal. */
  readonly seq: number
  readonly chain: string
  /** The last entry of the record of decisions, and the chain there, hexadecimal. */
  readonly register: number
  readonly registerChain: string
}

/** Who hears of what fails, and says whether the folder is still ours to write to. */
export interface HeadsWatch {
  readonly onTrouble: (error: Error) => void
  /** Hears of each time that they were written. */
  readonly onWritten: () => void
  /** Rejects where it is not. */
  readonly demand: () => Promise<void>
}

/** How long heads may wait to be written after a commit. With the time that writing takes they are at most a second behind. */
const writeAfterMs = 500

/** More than this the heads of no meeting have. */
const mostBytes = 64_000_000

const checkOf = (heads: readonly Head[]): string => createHash("sha256").update(JSON.stringify(heads)).digest("hex")

/** The file as it lies there: heads by draft, and what is wrong with it. `exists`: whether there is one at all. */
export function readHeads(directory: string): {
  readonly heads: Map<string, Head>
  readonly exists: boolean
  readonly problem: string | null
  /** What stands in it; null: it cannot be read. */
  readonly text: string | null
} {
  let text: string
  try {
    const path = join(directory, "heads")
    const there = statSync(path)
    const isFile = there.isFile() || there.isDirectory()
    if (!isFile || there.size > mostBytes) {
      const problem = isFile ? "it was overwritten: no heads are that long" : "a pipe, a socket or a device stands in its place"
      return { heads: new Map(), exists: true, problem, text: null }
    }
    text = readFileSync(path, "utf8")
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT"
    return { heads: new Map(), exists: !isMissing, problem: isMissing ? null : `it cannot be read (${unreadableFor(error)})`, text: null }
  }
  try {
    const { heads, check } = JSON.parse(text) as { heads: Head[]; check: string }
    if (checkOf(heads) === check) return { heads: new Map(heads.map((head) => [head.draft, head])), exists: true, problem: null, text }
  } catch {
    // Told below: cut short or overwritten is as bad as altered.
  }
  return { heads: new Map(), exists: true, problem: "it was altered or cut short", text }
}

/**
 * The file `heads` beside the database: SQLite opens a database that was emptied, or whose write-ahead log was cut, without a word, and this tells.
 * It never runs ahead of what is durable, and is replaced as a whole.
 */
export class Heads {
  readonly #directory: string
  readonly #heads: Map<string, Head>
  readonly #watch: HeadsWatch
  /** What is wrong with the file that was found; null: nothing, or there was none. */
  readonly problem: string | null
  /** Whether there was a file at all. */
  readonly exists: boolean
  /** Whether there was one that knows of no draft. */
  readonly wasEmpty: boolean
  #isUnreadable: boolean
  /** The file as it was read or written last, and the folder that it is in. */
  #text: string | null
  readonly #folder: number | null
  #isDirty = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #writing: Promise<void> | null = null

  constructor(directory: string, watch: HeadsWatch) {
    const { heads, problem, exists, text } = readHeads(directory)
    this.#text = text
    this.#folder = fileAt(directory)
    this.problem = problem
    this.exists = exists
    this.wasEmpty = exists && problem === null && heads.size === 0
    this.#directory = directory
    this.#heads = heads
    this.#watch = watch
    this.#isUnreadable = problem !== null
  }

  get(draft: string): Head | null {
    return this.#heads.get(draft) ?? null
  }

  all(): Head[] {
    return [...this.#heads.values()]
  }

  set(head: Head): void {
    const known = this.#heads.get(head.draft)
    // What was once known to be there is never forgotten within an epoch.
    if (known && known.epoch === head.epoch && (head.seq < known.seq || head.register < known.register)) return
    if (known && known.chain === head.chain && known.registerChain === head.registerChain && known.epoch === head.epoch) return
    this.#heads.set(head.draft, head)
    this.#plan()
  }

  /** A draft of which all is lost, and that loss accepted. */
  drop(draft: string): void {
    if (this.#heads.delete(draft)) this.#plan()
  }

  #plan(): void {
    this.#isDirty = true
    this.#timer ??= setTimeout(() => void this.flush().catch(() => undefined), writeAfterMs).unref()
  }

  /** Writes what has changed; resolves once it is durable. A failure is told, and tried again. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (this.#writing) await this.#writing.catch(() => undefined)
    if (!this.#isDirty) return
    this.#isDirty = false
    this.#writing = this.#write()
    try {
      await this.#writing
      this.#watch.onWritten()
    } catch (error) {
      const failure = storeFailure(error, join(this.#directory, "heads")) as Error
      this.#watch.onTrouble(failure)
      if (!(failure instanceof StoreFailure && failure.isStopped)) this.#plan()
      throw failure
    } finally {
      this.#writing = null
    }
  }

  /**
   * Where the database is not what it was left as any more, what was acknowledged is still true, and tells after a restart what is lost: only over a
   * file of somebody else it is not written.
   */
  async #demand(): Promise<void> {
    try {
      await this.#watch.demand()
    } catch (error) {
      if (!(error instanceof StoreFailure && error.isStopped)) throw error
      const isOurs = fileAt(this.#directory) === this.#folder && readHeads(this.#directory).text === this.#text
      if (!isOurs) throw error
    }
  }

  async #write(): Promise<void> {
    await this.#demand()
    const path = join(this.#directory, "heads")
    const heads = this.all()
    const text = `{"heads": [\n${heads.map((head) => JSON.stringify(head)).join(",\n")}\n],\n"check": "${checkOf(heads)}"}\n`
    if (this.#isUnreadable) await rename(path, `${path}.unreadable`)
    this.#isUnreadable = false
    const file = await open(`${path}.new`, "w", 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${path}.new`, path)
    this.#text = text
    await syncFolder(this.#directory)
  }
}

/** The number of a file or folder; null: there is none. */
const fileAt = (path: string): number | null => statSync(path, { throwIfNoEntry: false })?.ino ?? null

/** Makes a rename durable. Where folders cannot be opened, as on Windows, the rename is all there is. */
async function syncFolder(directory: string): Promise<void> {
  const folder = await open(directory, "r").catch(() => null)
  await folder?.sync().catch(() => undefined)
  await folder?.close()
}

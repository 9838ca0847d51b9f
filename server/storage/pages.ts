import { openSync, readSync } from "node:fs"
import { hashOfPage, type WriteAheadLog } from "./wal.ts"

/** So many bytes of the database are read in one go: a multiple of every size that a page can have. */
const chunkBytes = 1 << 20

/** Where the size of a page stands in the first one; 1 stands for 65,536. Source: https://sqlite.org/fileformat2.html#page_size */
const pageSizeAt = 16

/**
 * What stands in the database itself, page by page, by a file of its own that is never closed: where a process closes one it loses all its locks on it,
 * those of its other connections too (https://sqlite.org/howtocorrupt.html, 2.2). Nobody writes there but who brings the write-ahead log in, and then only what was committed in it: a
 * page that is another was written over. Some 20 bytes a page.
 */
export class Pages {
  readonly #file: number
  #known: readonly string[]

  constructor(path: string) {
    this.#file = openSync(path, "r")
    this.#known = this.#read()
  }

  /** All that the log had committed stands in the database now. */
  broughtIn(wal: WriteAheadLog): void {
    const known = [...this.#known]
    for (const [number, hashes] of wal.pages) known[number - 1] = hashes.at(-1)!
    this.#known = known
  }

  /**
   * The number of the first page that is neither what it was nor what was committed since, or that is what it was though a later one was committed;
   * null: there is none. `isBroughtIn`: all that was committed stands there, so that nothing else may.
   */
  firstOther(wal: WriteAheadLog, isBroughtIn = false): number | null {
    const found = this.#read()
    for (let i = 0; i < Math.max(found.length, this.#known.length); i++) {
      const hash = found[i]
      if (!isBroughtIn && hash !== undefined && wal.pages.get(i + 1)?.includes(hash)) continue
      const isKnown = hash !== undefined && hash === this.#known[i]
      if (!isKnown || (!isBroughtIn && wal.isGone(i + 1))) return i + 1
    }
    return null
  }

  /** Takes what stands there now for what is known: another program has written in order, and what it wrote was proven. */
  readAnew(): void {
    this.#known = this.#read()
  }

  #read(): string[] {
    const hashes: string[] = []
    const chunk = Buffer.allocUnsafe(chunkBytes)
    let pageBytes = 0
    for (let at = 0; ; ) {
      const length = readSync(this.#file, chunk, 0, chunkBytes, at)
      if (length === 0) return hashes
      if (at === 0) pageBytes = pageBytesOf(chunk.subarray(0, length))
      // A file that begins otherwise is no database: one page that is like no other.
      if (pageBytes === 0) return [hashOfPage(chunk.subarray(0, length))]
      for (let i = 0; i < length; i += pageBytes) hashes.push(hashOfPage(chunk.subarray(i, Math.min(i + pageBytes, length))))
      at += length
    }
  }
}

function pageBytesOf(beginning: Buffer): number {
  const said = beginning.length < pageSizeAt + 2 ? 0 : beginning.readUInt16BE(pageSizeAt)
  return said === 1 ? 65_536 : said < 512 ? 0 : said
}

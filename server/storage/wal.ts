import { hash } from "node:crypto"
import { closeSync, fstatSync, openSync, readSync } from "node:fs"

/**
 * What was found in a write-ahead log: as it was left, with more behind that, begun anew or without a byte though not all of it was known to be in the
 * database, or another one.
 */
export type Followed = "asLeft" | "grown" | "begunAnew" | "emptied" | "another"

const headerBytes = 32
const frameHeaderBytes = 24
/** How each log begins, with the order of bytes in its checksums as the last bit. */
const magic = 0x377f0682

/** What a page is known by. */
export const hashOfPage = (page: Uint8Array): string => hash("sha1", page, "base64").slice(0, 16)

interface Sums {
  readonly a: number
  readonly b: number
}

/** SQLite's checksum of a write-ahead log: it runs on from frame to frame, so the last one stands for all before it. */
function summed({ a, b }: Sums, bytes: Buffer, isBigEndian: boolean): Sums {
  let [one, two] = [a, b]
  for (let i = 0; i < bytes.length; i += 8) {
    one = (one + (isBigEndian ? bytes.readUInt32BE(i) : bytes.readUInt32LE(i)) + two) >>> 0
    two = (two + (isBigEndian ? bytes.readUInt32BE(i + 4) : bytes.readUInt32LE(i + 4)) + one) >>> 0
  }
  return { a: one, b: two }
}

const sumsAt = (bytes: Buffer, at: number): Sums => ({ a: bytes.readUInt32BE(at), b: bytes.readUInt32BE(at + 4) })
const areSame = (one: Sums, two: Sums): boolean => one.a === two.a && one.b === two.b

/**
 * The write-ahead log, read as SQLite would read it after a crash: what is committed in it, and that it still goes through all that was read before.
 * Source: https://sqlite.org/fileformat2.html#the_write_ahead_log
 */
export class WriteAheadLog {
  readonly #path: string
  readonly #bytesAt: typeof bytesAt
  /** The salt of this log: each that is begun has its own. */
  #salt: Sums = { a: 0, b: 0 }
  /** So many frames are committed, and the checksum there. */
  #frames = 0
  #sums: Sums = { a: 0, b: 0 }
  #pageBytes = 0
  /** How many pages the database has, as the last commit says. */
  #databasePages = 0
  #isBigEndian = false
  /** What was committed of each page since it was last known to be in the database: any of it may stand there. */
  readonly #pages = new Map<number, readonly string[]>()
  /** Pages of a log that is gone: they must stand in the database. */
  readonly #gone = new Set<number>()

  constructor(path: string, read: typeof bytesAt = bytesAt) {
    this.#path = path
    this.#bytesAt = read
  }

  /** What the pages may be that were written since, the last of each behind the others. */
  get pages(): ReadonlyMap<number, readonly string[]> {
    return this.#pages
  }

  /** How many bytes of it are committed since it was begun; the file keeps the length that it once had, and is written over from its first byte on. */
  get committedBytes(): number {
    return this.#offset(this.#frames)
  }

  /** How many bytes a page has, as the log says; 0: it says nothing. */
  get pageBytes(): number {
    return this.#pageBytes
  }

  /** How many pages the database has with all that is committed here; 0: nothing is. */
  get databasePages(): number {
    return this.#databasePages
  }

  /** Whether a page was in a log that is gone, so that no more is to be had of it than what stands in the database. */
  isGone(page: number): boolean {
    return this.#gone.has(page)
  }

  /** All that was read is in the database. */
  broughtIn(): void {
    this.#pages.clear()
    this.#gone.clear()
  }

  /** Reads on from where it was left. `isWhole`: from its first byte on, for what was read before may have been altered. */
  follow({ isWhole = false } = {}): Followed {
    const file = opened(this.#path)
    if (file === null) return "another"
    try {
      const followed = this.#followed(file, isWhole)
      // One that was brought in and emptied, or begun anew, between two looks is no other.
      return followed === "another" && this.#hasEnded(file) ? this.#followed(file, false) : followed
    } finally {
      closeSync(file)
    }
  }

  #followed(file: number, isWhole: boolean): Followed {
    const header = this.#bytesAt(file, 0, headerBytes)
    if (!header) return this.#frames === 0 ? "asLeft" : fstatSync(file).size === 0 ? this.#ended("emptied") : "another"
    if (header.readUInt32BE(0) >>> 1 !== magic >>> 1) return "another"
    if (!areSame(sumsAt(header, 16), this.#salt)) {
      const ended = this.#ended("begunAnew")
      this.#begin(header)
      this.#read(file)
      return ended
    }
    const left = this.#frames
    if (!this.#isAsLeft(file, header)) return "another"
    if (isWhole) this.#begin(header)
    this.#read(file)
    if (this.#frames < left) {
      this.#frames = left
      return "another"
    }
    return this.#frames > left ? "grown" : "asLeft"
  }

  #hasEnded(file: number): boolean {
    const header = this.#bytesAt(file, 0, headerBytes)
    if (!header) return fstatSync(file).size === 0
    return header.readUInt32BE(0) >>> 1 === magic >>> 1 && !areSame(sumsAt(header, 16), this.#salt)
  }

  /** One that was brought in to its end may be begun anew. */
  #ended(how: "emptied" | "begunAnew"): Followed {
    for (const [page, hashes] of this.#pages) this.#pages.set(page, hashes.slice(-1))
    for (const page of this.#pages.keys()) this.#gone.add(page)
    this.#frames = 0
    return this.#gone.size === 0 ? "grown" : how
  }

  #begin(header: Buffer): void {
    this.#isBigEndian = (header.readUInt32BE(0) & 1) === 1
    this.#pageBytes = header.readUInt32BE(8)
    this.#salt = sumsAt(header, 16)
    this.#sums = sumsAt(header, 24)
    this.#frames = 0
  }

  /** Whether the last frame that was read stands where it stood. */
  #isAsLeft(file: number, header: Buffer): boolean {
    if (this.#frames === 0) return areSame(sumsAt(header, 24), this.#sums)
    const frame = this.#bytesAt(file, this.#offset(this.#frames - 1), frameHeaderBytes)
    return frame !== null && areSame(sumsAt(frame, 8), this.#salt) && areSame(sumsAt(frame, 16), this.#sums)
  }

  /** Reads what is committed behind. What is not, or no longer, is written over by who comes next. */
  #read(file: number): void {
    let sums = this.#sums
    let pages: (readonly [number, string])[] = []
    for (let n = this.#frames; ; n++) {
      const frame = this.#bytesAt(file, this.#offset(n), frameHeaderBytes + this.#pageBytes)
      if (!frame || !areSame(sumsAt(frame, 8), this.#salt)) return
      const page = frame.subarray(frameHeaderBytes)
      sums = summed(summed(sums, frame.subarray(0, 8), this.#isBigEndian), page, this.#isBigEndian)
      if (!areSame(sumsAt(frame, 16), sums)) return
      pages.push([frame.readUInt32BE(0), hashOfPage(page)])
      // A frame that ends a commit says how many pages the database then has.
      if (frame.readUInt32BE(4) === 0) continue
      for (const [number, hash] of pages) this.#pages.set(number, [...(this.#pages.get(number) ?? []), hash])
      pages = []
      this.#frames = n + 1
      this.#databasePages = frame.readUInt32BE(4)
      this.#sums = sums
    }
  }

  #offset(frame: number): number {
    return headerBytes + frame * (frameHeaderBytes + this.#pageBytes)
  }
}

/** How many pages neither a database of so many pages has nor the log beside it, though the log's last commit counts them. */
export function pagesLacking(wal: WriteAheadLog, pagesOfDatabase: number): number {
  let lacking = 0
  for (let page = pagesOfDatabase + 1; page <= wal.databasePages; page++) if (!wal.pages.has(page)) lacking++
  return lacking
}

/** Null where it is gone: SQLite itself removes it where it finds the database without a byte. */
function opened(path: string): number | null {
  try {
    return openSync(path, "r")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error
    return null
  }
}

/** Bytes of a file; null: there are not so many. */
export function bytesAt(file: number, at: number, length: number): Buffer | null {
  const bytes = Buffer.allocUnsafe(length)
  return readSync(file, bytes, 0, length, at) === length ? bytes : null
}

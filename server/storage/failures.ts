import { type Stats, statSync } from "node:fs"
import { DomainError } from "../problems.ts"

/** Result codes of SQLite with its own words for them, https://sqlite.org/rescode.html: some drivers tell only the words. */
const results = {
  busy: [5, "database is locked"],
  locked: [6, "database table is locked"],
  readOnly: [8, "attempt to write a readonly database"],
  failing: [10, "disk I/O error"],
  corrupt: [11, "database disk image is malformed"],
  full: [13, "database or disk is full"],
  cannotOpen: [14, "unable to open database file"],
  notDatabase: [26, "file is not a database"],
} as const

type Result = keyof typeof results

/** What SQLite answered, or what the system's own code for a file comes to; null: something else. */
function resultOf(error: unknown): Result | "wrongKind" | "noFile" | "loop" | "tooLong" | "altered" | "denied" | null {
  const { errcode, code, message = "" } = error as { errcode?: number; code?: string; message?: string }
  // SQLite has no code of its own for tables that are not what they were.
  if (/no such (table|column)|has no column|cannot (modify|be indexed)|because it is a view/.test(message)) return "altered"
  for (const [name, [number, words]] of Object.entries(results) as [Result, readonly [number, string]][])
    if (errcode === undefined ? message.includes(words) : (errcode & 0xff) === number) return name
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return "full"
    case "EROFS":
      return "readOnly"
    case "EACCES":
    case "EPERM":
      return "denied"
    case "EIO":
      return "failing"
    case "ENOENT":
      return "cannotOpen"
    case "ENOTDIR":
    case "EEXIST":
    case "EISDIR":
      return "wrongKind"
    case noFile:
      return "noFile"
    case "ELOOP":
      return "loop"
    case "ENAMETOOLONG":
      return "tooLong"
    default:
      return null
  }
}

/** What stands where a file is needed and is neither that nor a folder: who opens one may wait for ever. */
const noFile = "ENOTFILE"

const kept = "What was saved before is kept."
/** How each sentence ends about a file that cannot be read at all. */
export const inItsPlace = "Put a backup in its place."

/** Why a place on a disk could not be used, as a sentence; null where the error tells of something else. */
function sentenceOf(error: unknown, place: string): string | null {
  const { message } = error as Error
  switch (resultOf(error)) {
    case "busy":
    case "locked":
      return `${place} is in use by another program. Try again in a moment.`
    case "readOnly":
      return `${place} cannot be written: its disk or folder is read-only for this user. ${kept}`
    case "denied":
      return `${place} cannot be opened or written by this user: its permissions, or those of a folder above it, forbid that. ${kept}`
    case "failing":
      return `The disk that holds ${place} fails (${message}). ${kept}`
    case "corrupt":
      return `${place} is damaged (SQLite: ${message}). ${inItsPlace}`
    case "altered":
      return `${place} was altered: a table of it is missing or another (SQLite: ${message}). ${inItsPlace}`
    case "full":
      return `The disk that holds ${place} is full. ${kept} Free some space, or move the folder to a larger disk.`
    case "cannotOpen":
      return `${place} cannot be opened: there is no such place, or it may not be read or written.`
    case "notDatabase":
      return `${place} is not a database, or its beginning was overwritten. ${inItsPlace}`
    case "wrongKind":
      return `${place} cannot be used: a file stands where a folder is needed, or the other way round.`
    case "noFile":
      return `${place} cannot be used: a pipe, a socket or a device stands where a file is needed.`
    case "loop":
      return `${place} cannot be used: it is a link that leads back to itself, or stands behind one.`
    case "tooLong":
      return `${place} cannot be used: its name is too long.`
    default:
      return null
  }
}

/** What a failure is about, beside its sentence for the operator. */
interface About {
  readonly draft: string | null
  readonly isStopped: boolean
  /** The sentence for everybody. */
  readonly told: string
}

/** What a disk or SQLite answered, as a sentence for people. */
export class StoreFailure extends DomainError {
  /** What is stored cannot be read, where other failures pass. */
  readonly isDamage: boolean
  /** The one draft that it is about; null: the store itself. */
  readonly draft: string | null
  /** Nothing is written any more until the server is started again. */
  readonly isStopped: boolean
  readonly #told: string
  constructor(sentence: string, isDamage: boolean, options: ErrorOptions & Partial<About> = {}) {
    super("store-failed", sentence, {}, options)
    this.isDamage = isDamage
    this.draft = options.draft ?? null
    this.isStopped = options.isStopped ?? false
    this.#told = options.told ?? sentence
  }

  override get told(): string {
    return this.#told
  }
}

/** One draft is not what it was left as: it is written to by nobody until it is proven anew. */
export const draftDamaged = (draft: string, damage: string): StoreFailure =>
  new StoreFailure(`The draft ${draft} is damaged. ${damage} Nothing is written to it.`, true, { draft })

/** Whether another process holds the database. */
export const isBusy = (error: unknown): boolean => ["busy", "locked"].includes(resultOf(error) ?? "")

/** Whether SQLite could open or make no file at a place. */
export const isNotOpened = (error: unknown): boolean => resultOf(error) === "cannotOpen"

/** Whether a store cannot write, though what it holds can be read: who comes in then reads (DAM15). */
export const cannotWrite = (error: unknown): boolean => error instanceof StoreFailure && (error.isStopped || !error.isDamage)

/** Whether the disk takes no more. */
export const isFull = (error: unknown): boolean => resultOf(error) === "full"

/** Whether what is stored cannot be read, where other failures pass. */
export const isDamage = (error: unknown): boolean =>
  error instanceof StoreFailure ? error.isDamage : ["failing", "corrupt", "notDatabase", "altered"].includes(resultOf(error) ?? "")

/** What a disk or SQLite answered, as a sentence for the operator; other errors as they are. */
export function storeFailure(error: unknown, place: string): unknown {
  if (error instanceof DomainError) return error
  const sentence = sentenceOf(error, place)
  const told = (sentenceOf(error, "the meeting's store") ?? "").replace(/^t/, "T")
  return sentence === null ? error : new StoreFailure(sentence, isDamage(error), { cause: error, told })
}

/** What stands at a place; null: nothing. Throws with a sentence where this user may not look: that is not nothing. */
export function standsAt(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null
  } catch (error) {
    throw storeFailure(error, path)
  }
}

/** The file that stands at a place; null: nothing. Throws with a sentence where something else does, before anybody opens that. */
export function demandFile(path: string): Stats | null {
  const there = standsAt(path)
  if (there === null || there.isFile()) return there
  const code = there.isDirectory() ? "EISDIR" : noFile
  throw storeFailure(Object.assign(new Error(`${path} is no file`), { code }), path)
}

/** Why a file could not be read, in words that end no sentence. */
export function unreadableFor(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === "EISDIR") return "a folder stands in its place"
  if (resultOf(error) === "denied") return "this user may not read it"
  return resultOf(error) === "failing" ? "its disk fails" : message
}

/** Why nothing could be written at a place, in words that end no sentence. */
export function unwritableFor(error: unknown): string {
  switch (resultOf(error)) {
    case "full":
      return "its disk is full"
    case "cannotOpen":
      return "there is no such folder"
    case "denied":
    case "readOnly":
      return "this user may not write there"
    default:
      return unreadableFor(error)
  }
}

/** Something read; where the disk gives it no more, what is said of that. */
export function readOr<Value>(read: () => Value, lost: (message: string) => Value): Value {
  try {
    return read()
  } catch (error) {
    if (!isDamage(error)) throw error
    return lost((error as Error).message)
  }
}

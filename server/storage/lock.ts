import { rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { DomainError } from "../problems.ts"
import { demandFile, isBusy, isDamage, isNotOpened, standsAt, storeFailure } from "./failures.ts"
import { makeFolder } from "./folder.ts"
import { openDatabase } from "./sqlite-driver.ts"

/** A lock that was removed by hand is taken again so soon. */
const lookEveryMs = 1_000

interface Lock {
  readonly file: number
  readonly letGo: () => void
}

/**
 * Takes the directory for one server alone, until the process ends, however it ends: the lock is SQLite's on a file beside the database, so that the
 * operating system lets go of it. Where its file is removed while it is held, it is taken again. Throws a DomainError where another holds it, or where
 * the folder cannot be written. Who comes in between takes the database over (`Guard`).
 */
export function lockDirectory(directory: string): () => void {
  const path = join(directory, "serve.lock")
  let lock = taken(directory, path)
  const timer = setInterval(() => {
    if (statSync(path, { throwIfNoEntry: false })?.ino === lock.file) return
    try {
      const again = taken(directory, path)
      lock.letGo()
      lock = again
    } catch {
      // Another has it, or the folder is gone: both are told by the store.
    }
  }, lookEveryMs)
  timer.unref()
  return () => {
    clearInterval(timer)
    lock.letGo()
  }
}

function taken(directory: string, path: string, mayReplace = true): Lock {
  try {
    makeFolder(directory)
    // SQLite tells of a folder in its place as of a file that is not there, and waits at a pipe.
    demandFile(path)
    const lock = openDatabase(path)
    try {
      lock.exec("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=DELETE; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS held (at TEXT);")
      return { file: statSync(path).ino, letGo: () => lock.close() }
    } catch (error) {
      lock.close()
      throw error
    }
  } catch (error) {
    // A lock that is no lock is nobody's.
    if (isDamage(error) && mayReplace) {
      rmSync(path, { force: true })
      return taken(directory, path, false)
    }
    if (!isBusy(error)) throw notTaken(error, directory, path)
    const sentence = `Another server already uses ${directory}. Stop it first, or give this one its own directory with --data.`
    throw new DomainError("conflict", sentence, {}, { cause: error })
  }
}

/** Where the lock is there, it is what may not be used; else the folder takes none. */
function notTaken(error: unknown, directory: string, path: string): unknown {
  const isThere = error instanceof DomainError || standsAt(directory) === null ? false : standsAt(path)?.isFile() === true
  if (!isThere) return storeFailure(noFileMade(error, directory), directory)
  const isForbidden = isNotOpened(error)
  return storeFailure(
    isForbidden ? Object.assign(new Error("the lock may not be opened", { cause: error }), { code: "EACCES" }) : error,
    path,
  )
}

/** SQLite says of a folder that takes no file what it says of one that is not there. */
function noFileMade(error: unknown, directory: string): unknown {
  if (!isNotOpened(error) || standsAt(directory) === null) return error
  return Object.assign(new Error("the folder takes no file", { cause: error }), { code: "EROFS" })
}

/** Whether a server holds the directory at this moment. Nothing is written. */
export function isHeld(directory: string): boolean {
  const path = join(directory, "serve.lock")
  if (!standsAt(path)?.isFile()) return false
  try {
    const lock = openDatabase(path, { readOnly: true })
    try {
      lock.prepare("SELECT count(*) FROM sqlite_schema").get()
      return false
    } finally {
      lock.close()
    }
  } catch (error) {
    return isBusy(error)
  }
}

/** Does something while no server can take the directory. Throws a DomainError where one holds it. */
export function alone<Result>(directory: string, work: () => Result): Result {
  const release = lockDirectory(directory)
  try {
    return work()
  } finally {
    release()
  }
}

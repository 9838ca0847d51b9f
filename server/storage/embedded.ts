import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { Worker } from "node:worker_threads"
import { DomainError } from "../problems.ts"
import { type DatabaseCall, EmbeddedDatabase } from "./embedded-database.ts"
import { openDatabase } from "./sqlite-driver.ts"
import { DamageError, type Store } from "./store.ts"

const calls: readonly DatabaseCall[] = [
  "createDraft",
  "drafts",
  "draft",
  "append",
  "rows",
  "snapshot",
  "saveSnapshot",
  "register",
  "saveFile",
  "file",
  "setting",
  "saveSetting",
  "sources",
  "saveSource",
  "people",
  "savePerson",
  "invitation",
  "invitations",
  "saveInvitation",
  "signIn",
  "saveSignIn",
  "removeSignIn",
  "removeSignInsOf",
  "sittings",
  "saveSitting",
  "writtenBeside",
  "assignClient",
  "clients",
  "close",
] // prettier-ignore

const storeOver = (run: (call: DatabaseCall, values: unknown[]) => Promise<unknown>): Store =>
  Object.fromEntries(calls.map((call) => [call, (...values: unknown[]) => run(call, values)])) as unknown as Store

/** The embedded store, its SQLite in a worker. Beside a running server others may open the same directory: invitations, exports. */
export function openEmbeddedStore(directory: string): Store {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  let next = 0
  let broken: Error | null = null
  const worker = new Worker(new URL("./embedded-worker.js", import.meta.url), { workerData: { directory } })
  worker.on("message", ({ id, result, error, saved }: { id: number; result: unknown; error?: string; saved: number | null }) => {
    const call = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) call?.resolve(result)
    else call?.reject(saved === null ? new Error(error) : new DamageError(error, saved))
  })
  const fail = (error: Error): void => {
    broken = error
    for (const call of waiting.values()) call.reject(error)
    waiting.clear()
  }
  worker.on("error", fail)
  worker.on("exit", () => fail(new Error("the store is closed")))
  return storeOver((call, values) => {
    if (broken) return Promise.reject(broken)
    return new Promise((resolve, reject) => {
      waiting.set(++next, { resolve, reject })
      worker.postMessage({ id: next, call, values })
    })
  })
}

/** The same store without a worker: for commands that do one thing, and for tests. */
export function openInlineStore(directory: string): Store {
  const database = new EmbeddedDatabase(directory)
  return storeOver(async (call, values) => (database[call] as (...values: unknown[]) => unknown).apply(database, values))
}

/**
 * Takes the directory for one server alone, until the process ends, however it ends: the lock is SQLite's on a file beside the database, so that the
 * operating system lets go of it. Throws a DomainError where another holds it.
 */
export function lockDirectory(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const lock = openDatabase(join(directory, "serve.lock"))
  try {
    lock.exec("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=DELETE; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS held (at TEXT);")
  } catch (error) {
    lock.close()
    throw new DomainError(
      "conflict",
      `Another server already uses ${directory}. Stop it first, or give this one its own directory with --data.`,
      {},
      { cause: error },
    )
  }
  return () => lock.close()
}

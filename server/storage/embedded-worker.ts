import { parentPort, workerData } from "node:worker_threads"
import { DomainError } from "../problems.ts"
import { type DatabaseCall, EmbeddedDatabase } from "./embedded-database.ts"
import { isDamage, StoreFailure, storeFailure } from "./failures.ts"
import type { Opening } from "./open-meeting.ts"
import { DamageError } from "./store.ts"

/** A failure as it travels from the worker. */
export interface SentFailure {
  readonly message: string
  readonly isStore: boolean
  readonly isDamage: boolean
  /** How many rows can be trusted, of damage; null of any other failure. */
  readonly saved: number | null
  /** What a failure of the store is about, beside its sentence. */
  readonly about: { readonly draft: string | null; readonly isStopped: boolean; readonly told: string } | null
}

const sent = (error: unknown): SentFailure => ({
  message: (error as Error).message,
  isStore: error instanceof DomainError,
  isDamage: isDamage(error),
  saved: error instanceof DamageError ? error.saved : null,
  about: error instanceof StoreFailure ? { draft: error.draft, isStopped: error.isStopped, told: error.told } : null,
})

const port = parentPort
if (!port) throw new Error("the store's worker was started as a program")
const { directory, opening } = workerData as { directory: string; opening: Opening }
let database: EmbeddedDatabase | null = null
let failure: unknown = null
try {
  database = new EmbeddedDatabase(directory, opening)
} catch (error) {
  failure = error
}

port.on("message", ({ id, call, values }: { id: number; call: DatabaseCall; values: unknown[] }) => {
  try {
    if (!database && call !== "close") throw failure
    const result = database?.ask(call, values)
    port.postMessage({ id, result })
  } catch (error) {
    port.postMessage({ id, failure: sent(storeFailure(error, directory)) })
  }
  if (call === "close") port.close()
})

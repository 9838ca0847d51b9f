import { parentPort, workerData } from "node:worker_threads"
import { type DatabaseCall, EmbeddedDatabase } from "./embedded-database.ts"
import { DamageError } from "./store.ts"

const port = parentPort
if (!port) throw new Error("the store's worker was started as a program")
const database = new EmbeddedDatabase((workerData as { directory: string }).directory)

port.on("message", ({ id, call, values }: { id: number; call: DatabaseCall; values: unknown[] }) => {
  try {
    const result = (database[call] as (...values: unknown[]) => unknown).apply(database, values)
    port.postMessage({ id, result })
  } catch (error) {
    port.postMessage({ id, error: (error as Error).message, saved: error instanceof DamageError ? error.saved : null })
  }
  if (call === "close") port.close()
})

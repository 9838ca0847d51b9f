import { setPriority } from "node:os"
import { parentPort, workerData } from "node:worker_threads"
import { DomainError } from "../problems.ts"
import type { DeskOrder, DeskResult } from "./desk.ts"
import { fileWork } from "./file-work.ts"

const port = parentPort
if (!port) throw new Error("the worker of the desk was started as a program")
// The meeting goes first. On Linux this is said of the calling thread alone; elsewhere it would be of the whole program.
if (process.platform === "linux") setPriority(10)
const { task, request } = workerData as DeskOrder

let result: DeskResult
try {
  result = { done: fileWork[task](request as never) }
} catch (error) {
  if (!(error instanceof DomainError)) throw error
  result = { kind: error.kind, message: error.message, details: { ...error.details } }
}
port.postMessage(result)

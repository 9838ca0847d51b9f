import { parentPort, workerData } from "node:worker_threads"
import { DomainError } from "../problems.ts"
import { readTexts } from "./read-file.ts"
import type { ReadingResult } from "./reading.ts"

const port = parentPort
if (!port) throw new Error("the reader's worker was started as a program")
const { bytes, name } = workerData as { bytes: Uint8Array; name: string }

let result: ReadingResult
try {
  result = { texts: readTexts(bytes, name) }
} catch (error) {
  if (!(error instanceof DomainError)) throw error
  result = { kind: error.kind, message: error.message, details: { ...error.details } }
}
port.postMessage(result)

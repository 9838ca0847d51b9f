import { Worker } from "node:worker_threads"
import { DomainError, type ProblemKind } from "../problems.ts"
import type { LibraryText } from "./akn/read.ts"
import { readTexts } from "./read-file.ts"

/** Reads a file that somebody sent. The signal ends the reading: who sent it has gone away. */
export type FileReader = (bytes: Uint8Array, name: string, signal?: AbortSignal) => Promise<LibraryText[]>

/** Reads in this thread: for tests and the command line, where nobody else waits. */
export const readInline: FileReader = async (bytes, name) => readTexts(bytes, name)

/** What a file may take, whatever it is. */
export const readingLimits = { ms: 60_000, megabytes: 1_024 } as const

export type ReadingResult =
  | { readonly texts: LibraryText[] }
  | { readonly kind: ProblemKind; readonly message: string; readonly details: Record<string, unknown> }

/**
 * Reads in a worker of its own, with a limit on time and memory: a hostile file costs that worker, not the meeting. Needs the built program.
 */
export const readInWorker: FileReader = (bytes, name, signal) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./reading-worker.js", import.meta.url), {
      workerData: { bytes, name },
      resourceLimits: { maxOldGenerationSizeMb: readingLimits.megabytes, stackSizeMb: 8 },
    })
    const tooMuch = (what: string): DomainError =>
      new DomainError("too-large", `${name} takes too ${what} to read. Perhaps it is damaged; save it again in Word, or in parts.`)
    const timer = setTimeout(() => end(tooMuch("long")), readingLimits.ms)
    const end = (outcome: LibraryText[] | Error): void => {
      clearTimeout(timer)
      signal?.removeEventListener("abort", gone)
      void worker.terminate()
      if (outcome instanceof Error) reject(outcome)
      else resolve(outcome)
    }
    const gone = (): void => end(new DomainError("bad-input", "The reading was cancelled."))
    signal?.addEventListener("abort", gone)
    worker.on("message", (result: ReadingResult) =>
      end("texts" in result ? result.texts : new DomainError(result.kind, result.message, result.details)),
    )
    worker.on("error", (error: NodeJS.ErrnoException) => end(error.code === "ERR_WORKER_OUT_OF_MEMORY" ? tooMuch("much memory") : error))
    worker.on("exit", (code) => {
      if (code !== 0) end(tooMuch("much memory"))
    })
  })

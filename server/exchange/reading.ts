import { Worker } from "node:worker_threads"
import { DomainError, type ProblemKind } from "../problems.ts"
import type { LibraryText } from "./akn/read.ts"
import { readTexts } from "./read-file.ts"

/** Reads a file that somebody sent. The signal ends the reading: who sent it has gone away. */
export type FileReader = (bytes: Uint8Array, name: string, signal?: AbortSignal) => Promise<LibraryText[]>

/** Reads in this thread: for tests and the command line, where nobody else waits. */
export const readInline: FileReader = async (bytes, name) => readTexts(bytes, name)

/** What a file may take, whatever it is; and how many are read at once, the others waiting for their turn. */
export const readingLimits = { ms: 60_000, megabytes: 1_024, atOnce: 2 } as const

export type ReadingResult =
  | { readonly texts: LibraryText[] }
  | { readonly kind: ProblemKind; readonly message: string; readonly details: Record<string, unknown> }

/**
 * Reads in workers, each with a limit on time and memory: a hostile file costs that worker, and several no more than a few of them. Needs the built
 * program.
 */
export function readInWorkers(): FileReader {
  const waiting: (() => void)[] = []
  let free: number = readingLimits.atOnce
  const turn = (): Promise<void> => {
    if (free === 0) return new Promise((resolve) => void waiting.push(resolve))
    free--
    return Promise.resolve()
  }
  return async (bytes, name, signal) => {
    await turn()
    try {
      if (signal?.aborted) throw cancelled()
      return await readInWorker(bytes, name, signal)
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}

const cancelled = (): DomainError => new DomainError("bad-input", "The reading was cancelled.")

const readInWorker: FileReader = (bytes, name, signal) =>
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
    const gone = (): void => end(cancelled())
    signal?.addEventListener("abort", gone)
    worker.on("message", (result: ReadingResult) =>
      end("texts" in result ? result.texts : new DomainError(result.kind, result.message, result.details)),
    )
    worker.on("error", (error: NodeJS.ErrnoException) => end(error.code === "ERR_WORKER_OUT_OF_MEMORY" ? tooMuch("much memory") : error))
    worker.on("exit", (code) => {
      if (code !== 0) end(tooMuch("much memory"))
    })
  })

import { Worker } from "node:worker_threads"
import { DomainError, type ProblemKind } from "../problems.ts"
import { type FileTask, type FileWork, fileWork } from "./file-work.ts"

/** Where work on files is done. The signal ends it: who asked for it has gone away. */
export type Desk = { readonly [Task in FileTask]: Work<Task> }

type Work<Task extends FileTask> = (request: Parameters<FileWork[Task]>[0], signal?: AbortSignal) => Promise<ReturnType<FileWork[Task]>>

/** Works in this thread: for tests and the command line, where nobody else waits. */
export const inlineDesk: Desk = {
  read: async (request) => fileWork.read(request),
  readBeside: async (request) => fileWork.readBeside(request),
  open: async (request) => fileWork.open(request),
  stateAt: async (request) => fileWork.stateAt(request),
  compare: async (request) => fileWork.compare(request),
  tryTemplate: async (request) => fileWork.tryTemplate(request),
  write: async (request) => fileWork.write(request),
}

/** What a piece of work may take, whatever the file is; and how much is done at once of what was sent, and of our own, the rest waiting its turn. */
export const deskLimits = { ms: 60_000, megabytes: 1_024, atOnce: 2 } as const

export interface DeskOrder {
  readonly task: FileTask
  readonly request: unknown
}

export type DeskResult =
  | { readonly done: unknown }
  | { readonly kind: ProblemKind; readonly message: string; readonly details: Record<string, unknown> }

/**
 * Works in threads of their own, each with a limit on time and memory: a hostile file costs that thread, and several no more than a few of them; what
 * the meeting writes does not queue behind them. Needs the built program.
 */
export function deskInWorkers(): Desk {
  const sent = turns(deskLimits.atOnce)
  const own = turns(deskLimits.atOnce)
  const work =
    <Task extends FileTask>(task: Task, turn: Turns, nameOf: (request: Parameters<FileWork[Task]>[0]) => string): Work<Task> =>
    (request, signal) =>
      turn(async () => {
        if (signal?.aborted) throw cancelled()
        return (await inWorker({ task, request }, nameOf(request), signal)) as ReturnType<FileWork[Task]>
      })
  return {
    read: work("read", sent, ({ name }) => name),
    readBeside: work("readBeside", sent, ({ name }) => name),
    open: work("open", own, () => "The draft"),
    tryTemplate: work("tryTemplate", sent, ({ name }) => name),
    stateAt: work("stateAt", own, () => "The draft"),
    compare: work("compare", own, () => "The draft"),
    write: work("write", own, () => "The draft"),
  }
}

type Turns = <Result>(task: () => Promise<Result>) => Promise<Result>

/** Runs so many at once; others wait for their turn. */
function turns(atOnce: number): Turns {
  const waiting: (() => void)[] = []
  let free = atOnce
  return async (task) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await task()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}

const cancelled = (): DomainError => new DomainError("bad-input", "The work on this file was cancelled.")

function inWorker(order: DeskOrder, name: string, signal: AbortSignal | undefined): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./desk-worker.js", import.meta.url), {
      workerData: order,
      resourceLimits: { maxOldGenerationSizeMb: deskLimits.megabytes, stackSizeMb: 8 },
    })
    const tooMuch = (what: string): DomainError =>
      new DomainError("too-large", `${name} takes too ${what} to work on. Perhaps it is damaged; save it again in Word, or in parts.`)
    const ended = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener("abort", gone)
      void worker.terminate()
    }
    const failed = (error: Error): void => {
      ended()
      reject(error)
    }
    const timer = setTimeout(() => failed(tooMuch("long")), deskLimits.ms)
    const gone = (): void => failed(cancelled())
    signal?.addEventListener("abort", gone)
    worker.on("message", (result: DeskResult) => {
      if (!("done" in result)) return failed(new DomainError(result.kind, result.message, result.details))
      ended()
      resolve(result.done)
    })
    worker.on("error", (error: NodeJS.ErrnoException) => failed(error.code === "ERR_WORKER_OUT_OF_MEMORY" ? tooMuch("much memory") : error))
    worker.on("exit", (code) => {
      if (code !== 0) failed(tooMuch("much memory"))
    })
  })
}

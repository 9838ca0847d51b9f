import { Worker } from "node:worker_threads"
import { type Asker, cancelled, Turns, theServer } from "../pace/turns.ts"
import { DomainError, type ProblemDetails, type ProblemKind } from "../problems.ts"
import { type FileTask, type FileWork, fileWork } from "./file-work.ts"

/** Where work on files is done, for whoever asks: people have fair turns, and it ends where they go away. */
export type Desk = { readonly [Task in FileTask]: Work<Task> }

type RequestOf<Task extends FileTask> = Parameters<FileWork[Task]>[0]

/** What is costly to gather is gathered when the turn comes: then the request is a function. */
type Work<Task extends FileTask> = (
  request: RequestOf<Task> | (() => Promise<RequestOf<Task>>),
  asker?: Asker,
) => Promise<ReturnType<FileWork[Task]>>

const gathered = async <Task extends FileTask>(request: Parameters<Work<Task>>[0]): Promise<RequestOf<Task>> =>
  typeof request === "function" ? await request() : request

/** Works in this thread: for tests and the command line, where nobody else waits. */
export const inlineDesk: Desk = {
  read: async (request) => fileWork.read(await gathered<"read">(request)),
  readBeside: async (request) => fileWork.readBeside(await gathered<"readBeside">(request)),
  review: async (request) => fileWork.review(await gathered<"review">(request)),
  open: async (request) => fileWork.open(await gathered<"open">(request)),
  stateAt: async (request) => fileWork.stateAt(await gathered<"stateAt">(request)),
  momentsAround: async (request) => fileWork.momentsAround(await gathered<"momentsAround">(request)),
  comesFirst: async (request) => fileWork.comesFirst(await gathered<"comesFirst">(request)),
  idsIn: async (request) => fileWork.idsIn(await gathered<"idsIn">(request)),
  compare: async (request) => fileWork.compare(await gathered<"compare">(request)),
  tryTemplate: async (request) => fileWork.tryTemplate(await gathered<"tryTemplate">(request)),
  write: async (request) => fileWork.write(await gathered<"write">(request)),
}

/** What a piece of work may take, whatever the file is. */
export const deskLimits = { ms: 60_000, megabytes: 1_024 } as const

/** How much is done at once, of what was sent and of our own; of one person one piece, so that two slow files of one leave a place to others. */
const turnLimits = { atOnce: 2, ofOne: 1, waitingOfOne: 8, waitingInAll: 200, what: "files" } as const

export interface DeskOrder {
  readonly task: FileTask
  readonly request: unknown
}

export type DeskResult =
  | { readonly done: unknown }
  | { readonly kind: ProblemKind; readonly message: string; readonly details: ProblemDetails }

/**
 * Works in threads of their own, each with a limit on time and memory: a hostile file costs that thread, and several no more than a few of them; what
 * the meeting writes does not queue behind them. Needs the built program.
 */
export function deskInWorkers(): Desk {
  const sent = new Turns(turnLimits)
  const own = new Turns(turnLimits)
  const work =
    <Task extends FileTask>(task: Task, turns: Turns, nameOf: (request: RequestOf<Task>) => string): Work<Task> =>
    (request, asker = theServer) =>
      turns.run(asker, async () => {
        const order = { task, request: await gathered<Task>(request) }
        return (await inWorker(order, nameOf(order.request), asker.signal)) as ReturnType<FileWork[Task]>
      })
  return {
    read: work("read", sent, ({ name }) => name),
    readBeside: work("readBeside", sent, ({ name }) => name),
    review: work("review", sent, ({ name }) => name),
    open: work("open", own, () => "The draft"),
    tryTemplate: work("tryTemplate", sent, ({ name }) => name),
    stateAt: work("stateAt", own, () => "The draft"),
    momentsAround: work("momentsAround", own, () => "The draft"),
    comesFirst: work("comesFirst", own, () => "The draft"),
    idsIn: work("idsIn", own, () => "The draft"),
    compare: work("compare", own, () => "The draft"),
    write: work("write", own, () => "The draft"),
  }
}

function inWorker(order: DeskOrder, name: string, signal: AbortSignal | undefined): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./file-worker.js", import.meta.url), {
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

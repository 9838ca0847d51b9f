import { join } from "node:path"
import { Worker } from "node:worker_threads"
import { unproven } from "./draft-proof.ts"
import { type DatabaseCall, EmbeddedDatabase } from "./embedded-database.ts"
import type { SentFailure } from "./embedded-worker.ts"
import { isDamage, StoreFailure, storeFailure } from "./failures.ts"
import { type Head, Heads, readHeads } from "./heads.ts"
import type { Opening } from "./open-meeting.ts"
import type { ProvenDraft } from "./proven-draft.ts"
import { type Commit, DamageError, type DraftRecord, Finding, type Loss, type Proof, type Store } from "./store.ts"
import { peopleNote } from "./watched.ts"

/** Calls that are the database's own, as they are. */
const plainCalls = [
  "rows",
  "snapshot",
  "snapshotProblem",
  "saveSnapshot",
  "dropSnapshot",
  "register",
  "losses",
  "hasHead",
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
  "altered",
  "tryWriting",
  "peopleProblems",
  "acceptedProblems",
  "acceptProblems",
  "madeAnew",
  "setAside",
  "tablesHurt",
  "assignClient",
  "clients",
] as const satisfies readonly DatabaseCall[] // prettier-ignore

type Run = (call: DatabaseCall, values: unknown[]) => Promise<unknown>

/** So many rows of a log are proven in one go: others have their turn in between. */
const proofPage = 1_000

/** What is said where the heads that were kept tell nothing. */
export const headsSentence = (directory: string, what: string): string =>
  `The file ${join(directory, "heads")} tells nothing: ${what}. Whether the last entries of the drafts are all there cannot be proven this once; the server writes it anew.`

/** What everybody is told of what was found at the start. */
const notes = {
  anew: "The file of the meeting was damaged at the start, and was made anew of all that could be read. Drafts that lost something say so.",
  stray:
    "A write-ahead log that did not belong to the database was found at the start and moved aside: the meeting is as the database alone has it. The server's log says where it is kept.",
  heads: "The file heads told nothing at the start: whether the last entries of the drafts are all there could not be proven.",
  people: peopleNote,
} as const

/** A database with the heads that are kept beside it; who only looks leaves them as they are. */
function storeOver(ask: Run, directory: string, { isReadOnly = false }: Opening = {}): Store {
  const listeners: ((error: Error) => void)[] = []
  const written: (() => void)[] = []
  const heads = new Heads(directory, {
    onTrouble: (error) => {
      for (const listener of listeners) listener(error)
    },
    onWritten: () => {
      for (const listener of written) listener()
    },
    demand: async () => void (await ask("look", [])),
  })
  // What is found amiss is told after a restart by what was acknowledged before: where drafts ended is written down at once.
  const run: Run = (call, values) =>
    ask(call, values).catch((error: unknown) => {
      if (!isReadOnly && error instanceof StoreFailure && (error.isStopped || error.isDamage)) heads.flush().catch(() => undefined)
      throw error
    })
  const headsProblem = async (): Promise<string | null> => {
    const hasNone = heads.wasEmpty || (!heads.exists && !(await run("isNew", [])))
    const isLacking = hasNone && ((await run("draftIds", [])) as string[]).length > 0
    const what = isLacking ? (heads.exists ? "it names no draft" : "it is missing") : heads.problem
    return what && headsSentence(directory, what)
  }
  // Where the list itself cannot be read the heads know what there was.
  const idsInTable = async (known: readonly string[]): Promise<readonly string[]> =>
    run("draftIds", []).then(
      (ids) => ids as string[],
      (error: unknown) => (isDamage(error) && known.length > 0 ? [] : Promise.reject(error)),
    )
  const examine = async (draft: string): Promise<Proof | null> => {
    let log = unproven
    while (!log.isEnd) log = (await run("proveLog", [draft, log, proofPage])) as typeof log
    const found = (await run("proveDraft", [draft, heads.get(draft), log])) as ProvenDraft | null
    if (!found && !isReadOnly) heads.drop(draft)
    if (found?.head && !isReadOnly) heads.set(found.head)
    return found?.proof ?? null
  }
  const own = {
    createDraft: async (draft: DraftRecord, commit: Commit) => {
      heads.set((await run("createDraft", [draft, commit])) as Head)
    },
    append: async (draft: string, commit: Commit) => {
      const head = (await run("append", [draft, commit, heads.get(draft)])) as Head
      heads.set(head)
      return head.seq
    },
    draftIds: async () => {
      const gone = new Map(((await run("losses", [])) as Loss[]).flatMap((loss) => (loss.isGone ? [[loss.draft, loss.epoch]] : [])))
      const accepted = heads.all().filter(({ draft, epoch }) => epoch < (gone.get(draft) ?? 1))
      if (!isReadOnly) for (const { draft } of accepted) heads.drop(draft)
      const known = heads.all().flatMap(({ draft }) => (accepted.some((head) => head.draft === draft) ? [] : [draft]))
      return [...new Set([...(await idsInTable(known)), ...known])]
    },
    draft: (id: string) => run("draft", [id, heads.get(id)?.title ?? ""]),
    examine,
    recordProblem: (draft: string) => run("recordProblem", [draft, heads.get(draft)?.title ?? null]),
    head: async (draft: string) => {
      const { seq = 0, chain = "" } = heads.get(draft) ?? {}
      return seq > 0 ? { seq, chain } : null
    },
    acceptLoss: async (draft: string, at: string, found?: Proof | null) => {
      const proof = found ?? (await examine(draft))
      return proof?.damage ? run("acceptLoss", [proof, heads.get(draft)?.epoch ?? 1, at]) : null
    },
    problems: async () => {
      const lines = (await run("fileProblems", [])) as string[]
      const problem = await headsProblem()
      return [...((await run("peopleProblems", [])) as string[]), ...lines, ...(problem ? [problem] : [])]
    },
    onTrouble: (listener: (error: Error) => void, whenHeadsWritten: () => void = () => undefined) => {
      listeners.push(listener)
      written.push(whenHeadsWritten)
      // A database that cannot be opened is told to who asks first.
      const tell = async (): Promise<void> => {
        const told = (note: string | null, lines: readonly string[]): void => {
          for (const line of lines) listener(new Finding(line, note))
        }
        const [anew, ...lost] = (await run("madeAnew", [])) as string[]
        if (anew !== undefined) told(notes.anew, [anew])
        told(null, lost)
        told(notes.stray, (await run("setAside", [])) as string[])
        const problem = await headsProblem()
        if (problem) told(notes.heads, [problem])
        told(notes.people, (await run("peopleProblems", [])) as string[])
      }
      tell().catch(() => undefined)
    },
    close: async () => {
      await heads.flush().catch(() => undefined)
      await run("close", [])
    },
  }
  const plain = Object.fromEntries(plainCalls.map((call) => [call, (...values: unknown[]) => run(call, values)]))
  return { ...plain, ...own } as unknown as Store
}

function received({ message, isStore, isDamage: isUnreadable, saved, about }: SentFailure): Error {
  if (isStore) return new StoreFailure(message, isUnreadable, about ?? {})
  return saved === null ? new Error(message) : new DamageError(message, saved)
}

/** What a server demands of its folder: that not all drafts are missing which the heads know. */
export const expected = (directory: string): Opening => ({ expected: [...readHeads(directory).heads.keys()] })

/** The embedded store, its SQLite in a worker. Beside a running server others may open the same directory: invitations, exports. */
export function openEmbeddedStore(directory: string): Store {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  let next = 0
  let broken: Error | null = null
  const worker = new Worker(new URL("./embedded-worker.js", import.meta.url), {
    workerData: { directory, opening: { ...expected(directory), isServer: true } },
  })
  worker.on("message", ({ id, result, failure }: { id: number; result: unknown; failure?: SentFailure }) => {
    const call = waiting.get(id)
    waiting.delete(id)
    if (failure === undefined) call?.resolve(result)
    else call?.reject(received(failure))
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
  }, directory)
}

/** The same store without a worker: for commands that do one thing, and for tests. Throws where the folder cannot be used. */
export function openInlineStore(directory: string, opening: Opening = expected(directory)): Store {
  const database = new EmbeddedDatabase(directory, opening)
  return storeOver(
    async (call, values) => {
      try {
        return database.ask(call, values)
      } catch (error) {
        throw storeFailure(error, directory)
      }
    },
    directory,
    opening,
  )
}

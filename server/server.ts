import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { type Logger, pino } from "pino"
import { closeCode } from "../shared/sync/protocol.ts"
import { type Acts, actsOf } from "./acts/acts.ts"
import { Papers } from "./acts/papers.ts"
import { Procedure } from "./acts/procedure.ts"
import type { Config } from "./config.ts"
import { Drafts } from "./drafts/drafts.ts"
import { KeptFiles } from "./drafts/kept-files.ts"
import { OpenChanges } from "./drafts/open-changes.ts"
import { Admission } from "./http/admission.ts"
import { newApp } from "./http/app.ts"
import { mountSockets } from "./http/sockets.ts"
import { errorOutput, LogLines } from "./log-lines.ts"
import { newMetrics } from "./metrics.ts"
import { systemClock } from "./pace/clock.ts"
import { Shares } from "./pace/shares.ts"
import type { Invitations } from "./people/invitations.ts"
import { Meeting } from "./people/meeting.ts"
import type { People } from "./people/people.ts"
import type { Sittings } from "./people/sittings.ts"
import { DomainError } from "./problems.ts"
import { readinessOf, stopping } from "./readiness.ts"
import type { Store } from "./storage/store.ts"
import { StoreWatch } from "./storage/watched.ts"
import { type Desk, inlineDesk } from "./workers/desk.ts"

export interface RunningServer {
  readonly port: number
  readonly drafts: Drafts
  readonly meeting: Meeting
  readonly people: People
  readonly invitations: Invitations
  readonly sittings: Sittings
  readonly acts: Acts
  readonly openChanges: OpenChanges
  /** Refuses new work, commits what waits, sends everybody away to come again, closes the store. */
  stop(): Promise<void>
}

export interface ServerParts {
  readonly config: Config
  readonly store: Store
  readonly clientFolder: string
  readonly version: string
  /** Where files are read and written; the built program does so in workers. */
  readonly desk?: Desk
  readonly now?: () => Date
  /** Milliseconds by a clock that only goes forward: durations are measured by it. */
  readonly elapsedMs?: () => number
  readonly log?: Logger
  /** Where its lines go, if no log is given. */
  readonly logLines?: LogLines
}

/** Why nobody can listen there, in a sentence. */
export function portProblem(error: NodeJS.ErrnoException, { port, host }: Pick<Config, "port" | "host">): DomainError {
  const sentences: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} is in use. Give another with --port.`,
    EACCES: `Port ${port} may not be used by this user: ports below 1024 want more rights. Give another with --port.`,
    EADDRNOTAVAIL: `${host} is no address of this machine. Give another with --host.`,
    ENOTFOUND: `${host} is no name that leads to an address. Give another with --host.`,
    EAI_AGAIN: `${host} is no name that leads to an address at this moment. Give another with --host.`,
  }
  const sentence = sentences[error.code ?? ""] ?? `Cannot listen on ${host}:${port}: ${error.message}.`
  return new DomainError("conflict", sentence, {}, { cause: error })
}

function listen(server: Server, config: Config): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(portProblem(error, config)))
    server.listen(config.port, config.host, () => resolve((server.address() as AddressInfo).port))
  })
}

const readMeanwhile = "Meanwhile this draft is read as it was saved, and nobody writes. It goes on by itself."

/** Connects the parts of a server and starts it. */
export async function startServer(parts: ServerParts): Promise<RunningServer> {
  const { config, clientFolder, version } = parts
  const now = parts.now ?? systemClock.now
  const elapsedMs = parts.elapsedMs ?? systemClock.elapsedMs
  // Logs go to stderr: stdout is for the addresses, and for programs that read them.
  const metrics = newMetrics()
  const lines = parts.logLines ?? new LogLines(errorOutput().write, now)
  lines.whenLost(() => metrics.logLinesLost.inc())
  const log = parts.log ?? pino({ level: config.logLevel }, lines)
  let hasStarted = false
  const storeWatch = new StoreWatch(({ call, error, isRepeated }) => {
    metrics.storeFailures.inc({ call })
    if (storeWatch.stopped !== null) metrics.stopped.set(1)
    // Until it has started, who starts it is told.
    const isFound = call === "start" || call === "found"
    if ((hasStarted || isFound) && !isRepeated)
      log.error({ call, reason: error.message }, isFound ? "the store was found damaged" : "the store failed")
  })
  const store = storeWatch.over(parts.store)
  const meeting = await Meeting.open(store, now)
  const { people, invitations, sittings } = meeting
  meeting.whenWrittenBeside(() => {
    // What fails here is told by the store's watch.
    store
      .peopleProblems()
      .then((problems) => storeWatch.tellOfPeople(problems))
      .catch(() => undefined)
  })
  const desk = parts.desk ?? inlineDesk
  const shares = new Shares(elapsedMs)
  const drafts = new Drafts({
    unwritable: () => storeWatch.stopped ?? (storeWatch.failing === null ? null : `${storeWatch.failing} ${readMeanwhile}`),
    store,
    meeting,
    clock: { ...systemClock, now, elapsedMs },
    shares,
    log,
    metrics,
    desk,
    idleRoomMs: config.roomIdleSeconds * 1_000,
  })
  storeWatch.whenWell(() => {
    // What fails here is told by the store's watch.
    meeting.writeDown().catch(() => undefined)
    // Who reads meanwhile joins again.
    meeting.attendance.tellAll()
  })
  const procedure = new Procedure(meeting, now)
  const acts = actsOf(procedure, drafts.history)
  const openChanges = new OpenChanges((draft) => drafts.history.enteredOf(draft))
  const files = new KeptFiles({ store, log, onCount: (count) => metrics.filesDamaged.set(count) })
  const papers = new Papers({ store, files, drafts, procedure, desk, now })
  const admission = new Admission({ config, meeting, drafts, elapsedMs })
  let isReady = true
  const app = newApp({
    config,
    drafts,
    meeting,
    acts,
    procedure,
    openChanges,
    papers,
    metrics,
    log,
    version,
    clientFolder,
    desk,
    admission,
    shares,
    whyNot: () => (isReady ? null : stopping),
    readiness: () => readinessOf({ isStopping: !isReady, storeWatch, proofs: drafts.proofs, files, linesLost: lines.lost }),
  })
  const server = createServer(app)
  // Longer than proxies and browsers keep a line that nobody uses: else a request now and then comes just as we close it.
  server.keepAliveTimeout = 75_000
  const closeSockets = mountSockets(server, {
    config,
    drafts,
    meeting,
    metrics,
    log,
    admission,
    shares,
    whyNot: () => (isReady ? storeWatch.stopped : stopping),
  })
  const stopWatching = watch(meeting, log)
  const stopProbing = storeWatch.probing(store)
  const port = await listen(server, config)
  hasStarted = true
  // What fails here is told by the store's watch; where the server stops meanwhile there is nothing to tell.
  drafts.proofs
    .lookThrough()
    .then(() => files.lookThrough())
    .catch(() => undefined)
  const stop = async (): Promise<void> => {
    if (!isReady) return
    isReady = false
    stopWatching()
    stopProbing()
    await drafts.drain(closeCode.restarting)
    closeSockets()
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
    await store.close()
  }
  return { port, drafts, meeting, people, invitations, sittings, acts, openChanges, stop }
}

const watchMs = 250

/** Looks again and again who is there, whether a sign-in has come to its hour, and whether another process has written about people. */
function watch(meeting: Meeting, log: Logger): () => void {
  let isLooking = false
  const timer = setInterval(() => {
    meeting.look()
    if (isLooking) return
    isLooking = true
    meeting
      .catchUp()
      .catch((error: unknown) => {
        // What the store says is told by its watch.
        if (!(error instanceof DomainError)) log.warn({ err: error }, "people could not be read again")
      })
      .finally(() => (isLooking = false))
  }, watchMs)
  timer.unref()
  return () => clearInterval(timer)
}

import { existsSync } from "node:fs"
import { join } from "node:path"
import express, { type Express, type RequestHandler } from "express"
import helmet from "helmet"
import type { Logger } from "pino"
import type { z } from "zod"
import { apiRoot, type RouteName, routes } from "../../shared/api/contract.ts"
import { openApi } from "../../shared/api/openapi.ts"
import type { Route } from "../../shared/api/route.ts"
import { byItself, chairNotPresent } from "../../shared/people/sitting.ts"
import { halfLetterIn } from "../../shared/schema/letters.ts"
import type { Acts } from "../acts/acts.ts"
import type { Papers } from "../acts/papers.ts"
import type { Procedure } from "../acts/procedure.ts"
import type { Config } from "../config.ts"
import { asShown } from "../decisions/recorded.ts"
import { changeEntered } from "../drafts/change-entered.ts"
import type { Drafts } from "../drafts/drafts.ts"
import type { OpenChanges } from "../drafts/open-changes.ts"
import type { OpenDraft } from "../drafts/open-draft.ts"
import type { Metrics } from "../metrics.ts"
import type { Shares } from "../pace/shares.ts"
import type { Meeting } from "../people/meeting.ts"
import type { Person } from "../people/session.ts"
import { DomainError } from "../problems.ts"
import type { Readiness } from "../readiness.ts"
import type { Desk } from "../workers/desk.ts"
import { actHandlers } from "./acts.ts"
import type { Admission } from "./admission.ts"
import { Bodies } from "./bodies.ts"
import { fileHandlers } from "./files.ts"
import { answered, type Call, type Handler, type Handlers, openedFor } from "./handler.ts"
import { mountPublicPage, paperHandlers } from "./papers.ts"
import { patience } from "./patience.ts"
import { peopleHandlers } from "./people.ts"
import { problemHandler, sendProblem } from "./problems.ts"

export interface AppParts {
  readonly config: Config
  readonly drafts: Drafts
  readonly meeting: Meeting
  readonly acts: Acts
  readonly procedure: Procedure
  readonly openChanges: OpenChanges
  readonly metrics: Metrics
  readonly log: Logger
  readonly version: string
  /** Whether the server takes new work, and why not. */
  readonly readiness: () => Readiness
  /** Why nothing new is begun, in a sentence; null: it is. */
  readonly whyNot: () => string | null
  /** Folder of the built browser client. */
  readonly clientFolder: string
  readonly papers: Papers
  readonly desk: Desk
  readonly admission: Admission
  readonly shares: Shares
}

/** Checks a value against its validator, or says what is wrong and where. */
function checked(shape: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (!shape) return undefined
  const read = shape.safeParse(value)
  if (read.success) {
    const half = halfLetterIn(read.data)
    if (half === null) return read.data
    throw new DomainError("bad-input", `The ${where} is not as expected: ${half} holds half of a letter. Write it again.`)
  }
  const [issue] = read.error.issues
  throw new DomainError(
    "bad-input",
    `The ${where} is not as expected: ${[issue?.path.join("."), issue?.message.replace(/\.$/, "")].filter(Boolean).join(": ")}.`,
  )
}

/** The HTTP surface: the routes of the contract, health, metrics, and the browser client. */
export function newApp(parts: AppParts): Express {
  const { config, log, metrics } = parts
  const app = express()
  app.disable("x-powered-by")
  app.set("trust proxy", config.proxies)
  app.use(
    helmet({
      contentSecurityPolicy: {
        directives: {
          defaultSrc: ["'self'"],
          connectSrc: ["'self'", "ws:", "wss:"],
          imgSrc: ["'self'", "data:"],
          upgradeInsecureRequests: config.isSecure ? [] : null,
        },
      },
      strictTransportSecurity: config.isSecure,
    }),
  )
  const description = openApi(parts.version)
  app.get("/healthz", (_request, response) => void response.json({ status: "ok" }))
  app.get("/readyz", (_request, response) => {
    const readiness = parts.readiness()
    response.status(readiness.ready ? 200 : 503).json(readiness)
  })
  app.get("/metrics", async (_request, response) => void response.type(metrics.registry.contentType).send(await metrics.registry.metrics()))
  app.get(`${apiRoot}/openapi.json`, (_request, response) => void response.json(description))
  // What was begun is brought to its end; what comes now would be cut off in its midst.
  app.use([apiRoot, "/public"], (_request, response, next) => {
    const sentence = parts.whyNot()
    if (sentence === null) next()
    else sendProblem(response, "store-failed", sentence)
  })
  mountRoutes(app, parts, parts.admission)
  mountPublicPage(app, parts)
  app.use(apiRoot, (_request, response) =>
    sendProblem(response, "not-found", "There is nothing under this address of the interface. See /api/v1/openapi.json."),
  )
  mountClient(app, parts.clientFolder)
  app.use(problemHandler(log))
  return app
}

function mountRoutes(app: Express, parts: AppParts, admission: Admission): void {
  const { drafts, shares } = parts
  const inTurn = patience(shares)
  const handlers = handlersOf(parts)
  const bodies = new Bodies()
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    // Checked by the validators of its own route, a call is what its handler takes: the compiler does not follow a name through two tables.
    const handler = handlers[name] as (call: Call) => unknown
    const answer: RequestHandler = async (request, response) => {
      const body = route.takesFile ? fileIn(request.body) : checked(route.body, request.body ?? undefined, "body")
      const query = checked(route.query, request.query, "address")
      const { person } = response.locals as { person: Person | null }
      const { draft = "" } = request.params as { readonly draft?: string }
      const call = { request, response, person, body, query, params: request.params, draft } as unknown as Call
      const handle = (): Promise<unknown> => drafts.hold(draft, async () => handler(call))
      const answer = await (person ? shares.spending(person.id, handle) : handle())
      if (answer === answered) return
      if (answer === undefined) response.status(route.status ?? 204).end()
      else shares.charged(person?.id ?? null, () => response.status(route.status ?? 200).json(answer))
    }
    const reader = bodies.reader(name, route.takesFile ?? false)
    app[route.method](`${apiRoot}${route.path}`, admission.door(name), inTurn, ...reader, answer)
  }
}

/** The bytes of a body that is a file. */
const fileIn = (body: unknown): Uint8Array => new Uint8Array(Buffer.isBuffer(body) ? body : Buffer.alloc(0))

function handlersOf(parts: AppParts): Handlers {
  const { drafts, meeting, openChanges } = parts
  const { people } = meeting
  /** A handler to which the draft is given opened. */
  const withDraft =
    <Name extends RouteName>(act: (draft: OpenDraft, call: Call<Name>) => ReturnType<Handler<Name>>): Handler<Name> =>
    async (call) =>
      act(await openedFor(call, drafts), call)
  return {
    ...peopleHandlers(parts),
    drafts: () => drafts.list(),
    ...fileHandlers(parts),
    ...paperHandlers({ ...parts, people }),
    ...actHandlers(parts),
    draft: withDraft((draft) => drafts.summaries.of(draft)),
    force: withDraft((draft) => drafts.whole.force(draft.record)),
    join: withDraft(async (draft, { person, body }) => {
      const { hat } = parts.procedure.actor(person, body.as)
      const { record, proof, room } = draft
      const joined = await drafts.join(draft, person.id, hat ?? "")
      return { ...joined, as: hat, log: record.createdAt, epoch: proof.epoch, seq: room.seq }
    }),
    changes: withDraft(async (draft, { response }) => {
      // Of thousands it is written in slices, as JSON.
      const json = await openChanges.json(draft)
      response.type("json").send(json)
      return answered
    }),
    changeEntered: withDraft(async (draft, { params }) => changeEntered(await drafts.history.enteredOf(draft), params.change, people)),
    register: withDraft(async (draft) => {
      const entries = await drafts.history.record(draft)
      return entries.map((entry) => {
        const decidedBy = entry.decidedBy !== "" ? people.nameOf(entry.decidedBy) : entry.enteredBy === "" ? byItself : chairNotPresent
        const enteredBy = entry.enteredBy === "" ? byItself : people.nameOf(entry.enteredBy)
        return { ...asShown(entry), decidedBy, enteredBy }
      })
    }),
  }
}

/** The built client: files with hashed names for ever, the page for every other address. */
function mountClient(app: Express, folder: string): void {
  const page = join(folder, "index.html")
  app.use("/assets", express.static(join(folder, "assets"), { immutable: true, maxAge: "1y", fallthrough: false }))
  app.use(express.static(folder, { index: false }))
  app.use((request, response, next) => {
    if (request.method !== "GET" && request.method !== "HEAD") return next()
    if (!existsSync(page)) return sendProblem(response, "not-found", "The browser client is not built. Run `npm run build`.")
    response.sendFile(page)
  })
}

import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Logger, pino } from "pino"
import { expect } from "vitest"
import { WebSocket } from "ws"
import { WebsocketProvider } from "y-websocket"
import * as Y from "yjs"
import { readConfig } from "../server/config.ts"
import type { FileDraft } from "../server/files/file-draft.ts"
import { readText } from "../server/files/text.ts"
import { sampleSitting } from "../server/sample.ts"
import { type RunningServer, startServer } from "../server/server.ts"
import { openInlineStore } from "../server/storage/embedded.ts"
import type { Store } from "../server/storage/store.ts"
import type { Answer, RequestBody, RouteName } from "../shared/api/contract.ts"
import { apiRoot, routes } from "../shared/api/contract.ts"
import { problemDetails, problemShape, problems } from "../shared/api/problems.ts"
import type { Route } from "../shared/api/route.ts"
import type { Role } from "../shared/policy/policy.ts"
import { decodeMessage, encodeMessage, type Message } from "../shared/sync/protocol.ts"
import { newDraftDoc } from "../shared/sync/write.ts"

export const newFolder = (): string => mkdtempSync(join(tmpdir(), "clausula-"))

const smallText = `RESOLUTION 7 (Geneva, 2024)
On the lighting of harbours
The Council,
considering
a)	that ships arrive by night;
b)	that lamps fail in storms,
resolves
1	to keep a lamp at every mole;
2	to count the lamps each year,
instructs the Secretary-General
to report to the Council.
`
export const smallDraft = (): FileDraft => readText(smallText)

/** One person signed in over HTTP, with its cookie. */
export class Guest {
  readonly meeting: Meeting
  readonly cookie: string
  readonly id: string
  constructor(meeting: Meeting, cookie: string, id: string) {
    this.meeting = meeting
    this.cookie = cookie
    this.id = id
  }

  async request(
    method: string,
    path: string,
    options: { body?: unknown; raw?: BodyInit; headers?: Record<string, string> } = {},
  ): Promise<{ status: number; body: unknown; type: string }> {
    const json = options.body === undefined ? {} : { "Content-Type": "application/json" }
    const response = await fetch(`${this.meeting.url}${path}`, {
      method,
      headers: { Cookie: this.cookie, ...json, ...options.headers },
      ...(options.raw !== undefined ? { body: options.raw } : options.body !== undefined ? { body: JSON.stringify(options.body) } : {}),
    })
    const type = response.headers.get("content-type") ?? ""
    const body = type.includes("json") ? await response.json() : await response.text()
    if (type.includes("json")) demandDescribed(method, path, response.status, body)
    return { status: response.status, type, body }
  }

  /** Calls a route; its answer, or the problem with its status. */
  async call<Name extends RouteName>(
    name: Name,
    params: Record<string, string> = {},
    body?: RequestBody<Name>,
  ): Promise<Answer<Name> & { status?: number; detail?: string }> {
    const path = routes[name].path.replace(/:(\w+)/g, (_, key: string) => params[key] ?? "")
    const { body: answer } = await this.request(
      routes[name].method.toUpperCase(),
      `${apiRoot}${path}`,
      body === undefined && routes[name].method === "get" ? {} : { body: body ?? {} },
    )
    return answer as never
  }

  join(draft: string, as?: string): Promise<Answer<"join">> {
    return this.call("join", { draft }, as === undefined ? {} : { as }) as Promise<Answer<"join">>
  }

  /** A socket of our own protocol, its frames kept. */
  socket(draft: string, client: number | null, options: { origin?: string; ours?: boolean; pass?: string } = {}): Line {
    const search = new URLSearchParams({
      ...(options.pass === undefined ? {} : { pass: options.pass }),
      ...(client === null ? {} : { client: String(client) }),
      ...(options.ours === false ? {} : { v: "1" }),
    })
    return new Line(`${this.meeting.url.replace("http", "ws")}/sync/${draft}?${search}`, this.cookie, options.origin)
  }

  /** A standard provider with a document whose client id is the joined one. */
  provider(draft: string, client: number | null): { doc: Y.Doc; provider: WebsocketProvider } {
    const { cookie } = this
    const doc = newDraftDoc()
    if (client !== null) doc.clientID = client
    class WithCookie extends WebSocket {
      constructor(address: string | URL) {
        super(address, { headers: { Cookie: cookie } })
      }
    }
    const provider = new WebsocketProvider(`${this.meeting.url.replace("http", "ws")}/sync`, draft, doc, {
      WebSocketPolyfill: WithCookie as unknown as typeof globalThis.WebSocket,
      disableBc: true,
      ...(client === null ? {} : { params: { client: String(client) } }),
    })
    return { doc, provider }
  }
}

/** Every answer that a test gets is as the contract describes it, to the last member (ACT6). */
function demandDescribed(method: string, address: string, status: number, body: unknown): void {
  const [path = ""] = address.split("?")
  const isOf = (route: Route): boolean =>
    route.method === method.toLowerCase() && new RegExp(`^${apiRoot}${route.path.replace(/:\w+/g, "[^/]+")}$`).test(path)
  if (status >= 400) {
    const problem = problemShape.parse(body)
    expect(Object.values(problems).map((kind) => kind.status)).toContain(status)
    expect(problem).toMatchObject({ status, ...problemDetails.parse(problem) })
    return
  }
  const route = (Object.values(routes) as Route[]).find(isOf)
  if (route?.answer) expect(route.answer.parse(body), `${method} ${path}`).toEqual(body)
}

/** A raw websocket that keeps every message it gets. */
export class Line {
  readonly messages: Message[] = []
  readonly socket: WebSocket
  readonly doc = newDraftDoc()
  closed: number | null = null
  failed: string | null = null
  #waiters: { test: () => boolean; done: () => void }[] = []

  constructor(address: string, cookie: string, origin?: string) {
    this.socket = new WebSocket(address, { headers: { Cookie: cookie, ...(origin ? { Origin: origin } : {}) } })
    this.socket.on("message", (data: Buffer) => {
      const message = decodeMessage(new Uint8Array(data))
      if (message?.kind === "update" || message?.kind === "step2") Y.applyUpdate(this.doc, message.update)
      if (message) this.messages.push(message)
      this.#look()
    })
    this.socket.on("close", (code) => {
      this.closed = code
      this.#look()
    })
    this.socket.on("unexpected-response", (_request, response) => {
      this.failed = String(response.statusCode)
      this.socket.terminate()
      this.#look()
    })
    this.socket.on("error", (error) => {
      this.failed ??= error.message
      this.#look()
    })
  }

  #look(): void {
    this.#waiters = this.#waiters.filter(({ test, done }) => {
      if (!test()) return true
      done()
      return false
    })
  }

  /** Resolves when a test of what came so far holds. */
  until(test: () => boolean): Promise<void> {
    return new Promise((done, reject) => {
      if (test()) return done()
      const timer = setTimeout(
        () =>
          reject(
            new Error(`never came: ${test.toString()}; closed ${this.closed}, failed ${this.failed}, ${this.messages.map((m) => m.kind)}`),
          ),
        15_000,
      )
      this.#waiters.push({
        test,
        done: () => {
          clearTimeout(timer)
          done()
        },
      })
    })
  }

  /** Opens, asks for the state, answers the server's question with `answer` or an empty document's. */
  async ready(): Promise<this> {
    await this.until(() => this.socket.readyState === WebSocket.OPEN)
    this.send({ kind: "step1", stateVector: Y.encodeStateVector(new Y.Doc()) })
    await this.until(() => this.messages.some((message) => message.kind === "step2"))
    return this
  }

  send(message: Message): void {
    this.socket.send(encodeMessage(message))
  }

  get acknowledged(): number {
    return this.messages.reduce((most, message) => (message.kind === "acknowledged" ? Math.max(most, message.n) : most), 0)
  }

  get refusal(): string | null {
    const found = this.messages.find((message) => message.kind === "refused")
    return found?.kind === "refused" ? found.refused.reason : null
  }

  close(): void {
    this.socket.close()
  }
}

export interface MeetingOptions {
  readonly now?: () => Date
  /** As an operator meets it first, without roster and sitting. */
  readonly isBare?: boolean
  readonly env?: Readonly<Record<string, string>>
  /** Puts a store of the test's own over the real one: one that fails, or is slow. */
  readonly over?: (store: Store) => Store
  readonly log?: Logger
}

/** A server in this process on a free port, with its store in a folder of its own. */
export class Meeting {
  readonly server: RunningServer
  readonly folder: string
  private constructor(server: RunningServer, folder: string) {
    this.server = server
    this.folder = folder
  }

  static async open(folder = newFolder(), { now, isBare = false, env = {}, over, log }: MeetingOptions = {}): Promise<Meeting> {
    const config = readConfig({ data: folder, port: "0" }, env)
    const inline = openInlineStore(folder)
    const store = over ? over(inline) : inline
    const server = await startServer({
      config,
      store,
      clientFolder: "dist/client",
      version: "test",
      log: log ?? pino({ level: "silent" }),
      ...(now ? { now } : {}),
    })
    if (isBare) return new Meeting(server, folder)
    await server.sittings.open(sampleSitting(new Date("2026-11-22")))
    for (const code of ["S", "B", "EUR"]) await server.people.addSource({ code, name: `Land ${code}` })
    return new Meeting(server, folder)
  }

  get url(): string {
    return `http://127.0.0.1:${this.server.port}`
  }

  async guest(role: Role, hats: readonly string[] = [], name = `${role} ${hats.join("+")}`.trim()): Promise<Guest> {
    const own = role === "chair" ? ["CHAIR"] : role === "secretary" ? ["SEC"] : [...hats]
    const id = `p-${role}-${hats.join("-")}-${Math.random().toString(36).slice(2, 8)}`
    await this.server.people.save({ id, name, role, hats: own, isRevoked: false })
    const { token } = await this.server.invitations.invite({ role, hats: own, person: id, days: 1 })
    return this.enter({ token })
  }

  /** Enters by a link, on a device of its own. Throws what the server answers where it lets nobody in. */
  async enter(body: RequestBody<"signIn">, cookie = ""): Promise<Guest> {
    const response = await fetch(`${this.url}${apiRoot}/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(cookie ? { Cookie: cookie } : {}) },
      body: JSON.stringify(body),
    })
    const answer = (await response.json()) as { id: string; name: string; status?: number; detail?: string }
    if (response.status !== 201) throw Object.assign(new Error(answer.detail), { answer })
    return new Guest(this, response.headers.get("set-cookie")!.split(";")[0]!, answer.id)
  }

  draft(imported: FileDraft = smallDraft()): Promise<string> {
    return this.server.drafts.create(imported, { enteredBy: "p-secretary" })
  }

  stop(): Promise<void> {
    return this.server.stop()
  }
}

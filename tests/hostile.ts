import { readFileSync } from "node:fs"
import { WebSocket } from "ws"
import * as Y from "yjs"
import { apiRoot, type RouteName, routes } from "../shared/api/contract.ts"
import { newMark } from "../shared/schema/schema.ts"
import { decodeMessage, encodeMessage } from "../shared/sync/protocol.ts"
import { elementsOf, textOfElement } from "../shared/sync/read.ts"
import { newDraftDoc, slotAt, writeText } from "../shared/sync/write.ts"
import type { Serving } from "./process.ts"

/** `s`: a new delegate of Sweden in each attack, so that none is still paying for the one before. */
export type Who = "chair" | "secretary" | "s" | "b" | "observer" | "stranger"

export interface Asking {
  readonly as: Who
  /** Of the path, beside `:draft`. */
  readonly params?: Readonly<Record<string, string>>
  readonly query?: string
  readonly body?: unknown
  readonly raw?: Uint8Array | string
}

/** A meeting in a process of its own that is attacked from here, and in which somebody goes on typing. */
export class Siege {
  readonly serving: Serving
  readonly draft: string
  readonly #cookies: ReadonlyMap<Who, string>
  readonly #fresh: readonly string[]
  #attack = 0

  /** `fresh`: cookies of delegates of Sweden. */
  constructor(serving: Serving, cookies: ReadonlyMap<Who, string>, fresh: readonly string[], draft: string) {
    this.serving = serving
    this.#cookies = cookies
    this.#fresh = fresh
    this.draft = draft
  }

  nextAttacker(): void {
    this.#attack++
  }

  cookie(who: Who): string {
    if (who === "s") return this.#fresh[this.#attack % this.#fresh.length]!
    return this.#cookies.get(who) ?? `clausula=made-up-${Math.random()}`
  }

  /** What the server's process holds in memory, in MB. */
  get megabytes(): number {
    const pages = Number(readFileSync(`/proc/${this.serving.child.pid}/statm`, "utf8").split(" ")[1])
    return (pages * 4_096) / 1_048_576
  }

  async ask(name: RouteName, { as, params = {}, query, body, raw }: Asking, signal?: AbortSignal): Promise<number> {
    const path = routes[name].path.replace(/:(\w+)/g, (_, key: string) => (key === "draft" ? this.draft : (params[key] ?? "1")))
    const isJson = raw === undefined && routes[name].method === "post"
    // A signal of its own: fetch takes its listener from a signal only once that request is swept, and a siege asks thousands of times.
    const own = new AbortController()
    const end = (): void => own.abort()
    signal?.addEventListener("abort", end, { once: true })
    if (signal?.aborted) end()
    try {
      const answer = await fetch(`${this.serving.url}${apiRoot}${path}${query ? `?${query}` : ""}`, {
        method: routes[name].method.toUpperCase(),
        headers: { Cookie: this.cookie(as), ...(isJson ? { "Content-Type": "application/json" } : {}) },
        ...(raw !== undefined ? { body: raw as BodyInit } : isJson ? { body: JSON.stringify(body ?? {}) } : {}),
        signal: own.signal,
      })
      await answer.arrayBuffer()
      return answer.status
    } finally {
      signal?.removeEventListener("abort", end)
    }
  }

  /** Many requests at once, again and again, until the signal; how often each status came. */
  async flood(name: RouteName, askings: readonly Asking[], signal: AbortSignal, atOnce = 8): Promise<Map<number, number>> {
    const statuses = new Map<number, number>()
    const worker = async (i: number): Promise<void> => {
      for (let n = i; !signal.aborted; n++) {
        const status = await this.ask(name, askings[n % askings.length]!, signal).catch(() => 0)
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, (_, i) => worker(i)))
    return statuses
  }

  async line(who: Who): Promise<Typist> {
    const joined = await fetch(`${this.serving.url}${apiRoot}/drafts/${this.draft}/join`, {
      method: "POST",
      headers: { Cookie: this.cookie(who), "Content-Type": "application/json" },
      body: "{}",
    })
    const { clientId } = (await joined.json()) as { clientId: number }
    const url = `${this.serving.url.replace("http", "ws")}/sync/${this.draft}?client=${clientId}&v=1`
    return new Typist(new WebSocket(url, { headers: { Cookie: this.cookie(who) } }), clientId)
  }
}

/** One end of a line: types, and hears when its words are durable. */
export class Typist {
  readonly socket: WebSocket
  readonly doc = newDraftDoc()
  readonly #waiting = new Map<number, () => void>()
  readonly #synced: Promise<void>
  closed: number | null = null
  #sent = 0
  #marks = 0

  constructor(socket: WebSocket, client: number) {
    this.socket = socket
    this.#synced = new Promise((resolve) => {
      socket.on("open", () => socket.send(encodeMessage({ kind: "step1", stateVector: Y.encodeStateVector(new Y.Doc()) })))
      socket.on("message", (data: Buffer) => {
        const message = decodeMessage(new Uint8Array(data))
        if (message?.kind === "update" || message?.kind === "step2") Y.applyUpdate(this.doc, message.update)
        if (message?.kind === "step2") {
          this.doc.clientID = client
          resolve()
        }
        if (message?.kind === "acknowledged") this.#acknowledged(message.n)
      })
    })
    socket.on("close", (code) => (this.closed = code))
    socket.on("error", () => undefined)
  }

  get ready(): Promise<void> {
    return this.#synced
  }

  #acknowledged(n: number): void {
    for (const [m, done] of this.#waiting) {
      if (m > n) continue
      this.#waiting.delete(m)
      done()
    }
  }

  /** Types a letter in a clause; how long it took until it was durable, in ms. */
  type(source: string, block: number): Promise<number> {
    const before = Y.encodeStateVector(this.doc)
    const id = `${source}.${this.doc.clientID}.${++this.#marks}`
    this.doc.transact((tr) => {
      const text = textOfElement(elementsOf(this.doc)[block]!)!
      writeText(tr, text, slotAt(tr, text, 3, source, "avoid-own"), "x", [newMark("insertion", { id, source })])
    })
    const from = performance.now()
    this.send(encodeMessage({ kind: "update", update: Y.encodeStateAsUpdate(this.doc, before) }))
    return new Promise((resolve) => this.#waiting.set(this.#sent, () => resolve(performance.now() - from)))
  }

  /** An update or an answer, which the server counts. */
  send(frame: Uint8Array): void {
    this.#sent++
    this.socket.send(frame)
  }
}

/** The share of a list that is below what is given back. */
export const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN

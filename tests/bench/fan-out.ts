import { type ChildProcess, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { WebSocket } from "ws"
import * as Y from "yjs"
import { newMark } from "../../shared/schema/schema.ts"
import { decodeMessage, encodeMessage } from "../../shared/sync/protocol.ts"
import { blocksRoot, elementsOf, textOfElement } from "../../shared/sync/read.ts"
import { newDraftDoc, slotAt, writeText } from "../../shared/sync/write.ts"
import { type Measure, quantile, round, spread } from "./measure.ts"

const rounds = 3
const seconds = 6
const writingShare = 0.2
const keysPerSecond = 2
/** Letters that are not counted, and how far apart they come: a server that has been up for minutes runs code that is compiled. */
const warming = 200
const warmingMs = 10

interface Peer {
  readonly name: string
  start(
    clients: number,
  ): Promise<{ child: ChildProcess; address: (i: number) => { url: string; cookie?: string; client: number }; cpuUrl: string }>
}

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

function started(child: ChildProcess): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    let out = ""
    child.stdout!.on("data", (data: Buffer) => {
      out += data.toString()
      if (out.includes("\n")) resolve(JSON.parse(out) as Record<string, unknown>)
    })
    child.once("exit", (code) => reject(new Error(`a server of the benchmark ended with ${code}`)))
  })
}

// Each client comes from an address of its own, as people do.
const loopback = (i: number): string => `127.0.${1 + Math.floor(i / 250)}.${1 + (i % 250)}`

const ours: Peer = {
  name: "Clausula (gate, embedded store)",
  start: async (clients) => {
    const child = spawn(process.execPath, [here("./ours.js"), String(clients)], { stdio: ["ignore", "pipe", "inherit"] })
    const info = (await started(child)) as { port: number; cpuPort: number; seats: { client: number; token: string }[] }
    return {
      child,
      cpuUrl: `http://127.0.0.1:${info.cpuPort}`,
      address: (i) => ({
        url: `ws://127.0.0.1:${info.port}/sync/bench?client=${info.seats[i]!.client}&v=1`,
        cookie: `clausula=${info.seats[i]!.token}`,
        client: info.seats[i]!.client,
      }),
    }
  },
}

const peer = (kind: string, name: string): Peer => ({
  name,
  start: async () => {
    const child = spawn(process.execPath, [here("../../tests/bench/peers.mjs"), kind], { stdio: ["ignore", "pipe", "inherit"] })
    const { port } = (await started(child)) as { port: number }
    return { child, cpuUrl: `http://127.0.0.1:${port}`, address: (i) => ({ url: `ws://127.0.0.1:${port}/bench`, client: 1_000 + i }) }
  },
})

const peers: readonly Peer[] = [ours, peer("yws", "y-websocket server 2.1"), peer("relay", "bare ws relay")]

interface Run {
  readonly delays: number[]
  readonly sent: number
  readonly delivered: number
  readonly cpuMs: number
  readonly loadShare: number
}

/** A writer types one letter at a time into its own clause; the letter's place in the alphabet of writers is looked up at the receivers by clock. */
class Writer {
  readonly doc: Y.Doc
  readonly #socket: WebSocket
  readonly #index: number
  #n = 0
  #tail = 0
  constructor(socket: WebSocket, client: number, index: number) {
    this.doc = newDraftDoc()
    this.doc.clientID = client
    this.#socket = socket
    this.#index = index
  }

  /** Types a letter; what identifies its update at the receivers. */
  type(): Uint8Array {
    const elements = elementsOf(this.doc)
    const text = textOfElement(elements[this.#index % elements.length]!)!
    let update: Uint8Array = new Uint8Array()
    const keep = (bytes: Uint8Array): void => {
      update = bytes
    }
    this.doc.on("update", keep)
    this.doc.transact((tr) => {
      const mark = this.#n++ === 0 ? [newMark("insertion", { id: `S.${this.doc.clientID}.1`, source: "S" })] : []
      const at = mark.length > 0 ? 5 : 5 + this.#tail
      writeText(tr, text, mark.length > 0 ? { ...slotAt(tr, text, 5, "S") } : slotAt(tr, text, Math.min(at, text.length), "S"), "x", mark)
    })
    this.doc.off("update", keep)
    this.#socket.send(encodeMessage({ kind: "update", update }))
    return update
  }
}

const cpuOf = async (url: string): Promise<number> => {
  const { user, system } = (await (await fetch(url)).json()) as { user: number; system: number }
  return (user + system) / 1_000
}

async function once(target: Peer, clients: number): Promise<Run> {
  const { child, address, cpuUrl } = await target.start(clients)
  const writers: Writer[] = []
  const sentAt = new Map<string, number>()
  const delays: number[] = []
  let delivered = 0
  const sockets: WebSocket[] = []
  // Only some listeners take updates apart: the rest count bytes, or the load would be the thing that is measured.
  const open = (i: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const { url, cookie, client } = address(i)
      const socket = new WebSocket(url, {
        localAddress: loopback(i),
        perMessageDeflate: false,
        ...(cookie ? { headers: { Cookie: cookie } } : {}),
      })
      sockets.push(socket)
      const isWriter = i < clients * writingShare
      const writer = isWriter ? new Writer(socket, client, i) : null
      if (writer) writers.push(writer)
      socket.on("error", reject)
      socket.on("open", () => {
        socket.send(encodeMessage({ kind: "step1", stateVector: Y.encodeStateVector(new Y.Doc()) }))
        if (target.name === "bare ws relay") resolve()
      })
      socket.on("message", (data: Buffer) => {
        const frame = new Uint8Array(data)
        if (frame[0] !== 0) return
        if (frame[1] === 0) {
          if (target.name !== "bare ws relay")
            socket.send(
              encodeMessage({ kind: "step2", update: target.name.startsWith("y-websocket") && i === 0 ? plain : Uint8Array.of(0, 0) }),
            )
          return
        }
        if (frame[1] === 1) {
          const message = decodeMessage(frame)
          if (writer && message?.kind === "step2" && target.name !== "bare ws relay") Y.applyUpdate(writer.doc, message.update)
          return resolve()
        }
        const now = performance.now()
        for (const [client2, clock] of newest(frame)) {
          const key = `${client2}:${clock}`
          const at = sentAt.get(key)
          if (at === undefined) continue
          delivered++
          delays.push(now - at)
        }
      })
    })
  for (let i = 0; i < clients; i += 25) await Promise.all(Array.from({ length: Math.min(25, clients - i) }, (_, k) => open(i + k)))
  const seed = writers.find((writer) => elementsOf(writer.doc).length > 0)
  for (const writer of writers)
    if (elementsOf(writer.doc).length === 0) Y.applyUpdate(writer.doc, seed ? Y.encodeStateAsUpdate(seed.doc) : plain)
  for (let i = 0; i < warming; i++) {
    writers[i % writers.length]!.type()
    await new Promise((resolve) => setTimeout(resolve, warmingMs))
  }
  const before = await cpuOf(cpuUrl)
  const loadBefore = process.cpuUsage()
  const started_ = performance.now()
  let sent = 0
  const spacing = 1_000 / (writers.length * keysPerSecond)
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const due = Math.floor((performance.now() - started_) / spacing)
      while (sent < due) {
        const writer = writers[sent++ % writers.length]!
        const update = writer.type()
        for (const [client, clock] of clocksOf(update)) sentAt.set(`${client}:${clock}`, performance.now())
      }
      if (performance.now() - started_ > seconds * 1_000) {
        clearInterval(timer)
        resolve()
      }
    }, 2)
  })
  const end = performance.now() + 3_000
  while (delivered < sent * clients && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 20))
  const load = process.cpuUsage(loadBefore)
  const loadShare = (load.user + load.system) / 1_000 / (performance.now() - started_)
  const cpuMs = (await cpuOf(cpuUrl)) - before
  for (const socket of sockets) socket.terminate()
  child.kill("SIGKILL")
  return { delays, sent, delivered, cpuMs, loadShare }
}

/** A document for peers that bring none: their load writes the same clauses. */
function plainState(): Uint8Array {
  const doc = new Y.Doc()
  doc.clientID = 1
  const elements = Array.from({ length: 60 }, () => {
    const element = new Y.XmlElement("clause")
    element.insert(0, [new Y.XmlText()])
    return element
  })
  doc.getXmlFragment(blocksRoot).insert(0, elements)
  for (const element of elements) (element.get(0) as Y.XmlText).insert(0, "that the Secretary-General shall report to the Council;")
  return Y.encodeStateAsUpdate(doc)
}

/** First clock of each client in an update: enough to know a letter by. */
function clocksOf(update: Uint8Array): [number, number][] {
  const seen = new Map<number, number>()
  for (const { id } of Y.decodeUpdate(update).structs) if (!seen.has(id.client)) seen.set(id.client, id.clock)
  return [...seen]
}

// y-websocket's server begins with nothing: the first client brings it the document.
const plain = plainState()

const decoded = new Map<string, [number, number][]>()

/** All first clocks of letters in a broadcast frame; the same bytes come to every client, so they are taken apart once. */
function newest(frame: Uint8Array): [number, number][] {
  const key = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString("latin1")
  let clocks = decoded.get(key)
  if (!clocks) {
    if (decoded.size > 200) decoded.clear()
    const message = decodeMessage(frame)
    clocks =
      message?.kind === "update" ? Y.decodeUpdate(message.update).structs.map(({ id }): [number, number] => [id.client, id.clock]) : []
    decoded.set(key, clocks)
  }
  return clocks
}

/** P2: how soon a letter reaches everybody, and what that costs the server. */
export async function fanOut(): Promise<Measure> {
  const rows: Measure["rows"][number][] = []
  const notes: string[] = []
  for (const clients of [100, 300]) {
    const runs = new Map<string, Run[]>(peers.map((target) => [target.name, []]))
    for (let i = 0; i < rounds; i++) for (const target of peers) runs.get(target.name)!.push(await once(target, clients))
    for (const target of peers) {
      const all = runs.get(target.name)!
      rows.push({
        name: `${clients} clients: ${target.name}`,
        "p50 ms": spread(all.map((run) => quantile(run.delays, 0.5))),
        "p95 ms": spread(all.map((run) => quantile(run.delays, 0.95))),
        "p99 ms": spread(all.map((run) => quantile(run.delays, 0.99))),
        reach: spread(
          all.map((run) => run.delivered / (run.sent * clients)),
          3,
        ),
        "server CPU us per letter and client": spread(
          all.map((run) => (run.cpuMs * 1_000) / (run.sent * clients)),
          2,
        ),
        "load of its core": spread(
          all.map((run) => run.loadShare),
          2,
        ),
      })
      if (all.some((run) => run.loadShare > 0.85))
        notes.push(`${clients} clients, ${target.name}: the load generator used more than 85 % of its core; that run is void.`)
    }
    const cost = (name: string): number =>
      quantile(
        runs.get(name)!.map((run) => run.cpuMs / run.sent),
        0.5,
      )
    notes.push(
      `${clients} clients: our CPU per letter is ${round(cost(peers[0]!.name) / cost(peers[1]!.name), 2)} of y-websocket's, ${round(cost(peers[0]!.name) / cost(peers[2]!.name), 2)} of the relay's.`,
    )
  }
  return {
    id: "P2",
    what: `fan-out: ${writingShare * 100} % of the clients write ${keysPerSecond} letters a second; min / median / max of ${rounds} runs`,
    rows,
    notes,
  }
}

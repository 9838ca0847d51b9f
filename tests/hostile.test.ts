import { zipSync } from "fflate"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { WebSocket } from "ws"
import * as Y from "yjs"
import { archiveCaps } from "../server/files/word/archive.ts"
import { apiRoot, type RouteName, routes } from "../shared/api/contract.ts"
import { newMark } from "../shared/schema/schema.ts"
import { encodeMessage, type Message } from "../shared/sync/protocol.ts"
import { elementsOf, textOfElement } from "../shared/sync/read.ts"
import { slotAt, writeText } from "../shared/sync/write.ts"
import { type Asking, quantile, Siege, type Typist, type Who } from "./hostile.ts"
import { newFolder } from "./meeting.ts"
import { kill, type Serving, serve } from "./process.ts"
import { ins, p, wordFile, words } from "./word-file.ts"

/**
 * How long each attack lasts, and what the 95th of a hundred acknowledgements of somebody else may take meanwhile: 250 ms on a machine that does nothing
 * else (`QUIET=1`); else more, by how busy the machine is, which an undisturbed typist tells.
 */
const lastsMs = process.env.QUIET ? 4_000 : 1_500
const p95Ms = (calmMs: number): number => (process.env.QUIET ? 250 : 1_500 + 10 * calmMs)
/** What the server may hold at any time. */
const mostMegabytes = 2_000
/** A machine that is busy with something else is slow once; what makes others wait does so each time. */
const again = { retry: process.env.QUIET ? 0 : 2 }

/** `ready` is called when what the attack needs is made: from then on the others are measured. */
type Attack = (siege: Siege, signal: AbortSignal, ready: () => void) => Promise<unknown>

const blanks = " ".repeat(200_000)
const deep = `${"[".repeat(40_000)}x${"]".repeat(40_000)}`
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const hostileTexts = [`resolves\n1\ta${blanks}b`, `resolves\n1\t${deep}`, "a\n".repeat(50_000)].map(bytesOf)
const once = <Made>(make: () => Made): (() => Made) => {
  let made: Made | undefined
  return () => (made ??= make())
}
const bomb = once(() =>
  wordFile({ body: p(words("a")), more: { "word/settings.xml": new Uint8Array(archiveCaps.entryBytes + 1).fill(32) } }),
)
const swollen = once(() =>
  wordFile({
    body: p(words("{{text}}")),
    more: Object.fromEntries([1, 2, 3, 4].map((n) => [`word/media/${n}.png`, new Uint8Array(archiveCaps.entryBytes).fill(32)])),
  }),
)
const marked = once(() => wordFile({ body: p(words("resolves")) + p(words("1\tto act") + ins("Ann", blanks)).repeat(300) }))
const seen = Array.from({ length: 5_000 }, (_, i) => ({ id: `S.${i}.1`, hash: "0".repeat(64) }))
const quote = "x".repeat(10_000)

const asking =
  (name: RouteName, ...askings: Asking[]): Attack =>
  (siege, signal, ready) => {
    ready()
    return siege.flood(
      name,
      [...askings, { as: "stranger", ...(routes[name].method === "post" ? { raw: "x".repeat(200_000) } : {}) }],
      signal,
    )
  }
const files =
  (name: RouteName, who: readonly Who[], query: string, made: readonly (() => Uint8Array)[]): Attack =>
  (siege, signal, ready) => {
    const askings = who.flatMap((as) => made.map((make): Asking => ({ as, query, raw: make() })))
    ready()
    return siege.flood(name, askings, signal)
  }

/** What is worst for each route. A new one does not compile without its case. */
const attacks: Record<RouteName, Attack> = {
  signIn: asking("signIn", { as: "stranger", body: { token: "x".repeat(200), name: "y".repeat(200) } }),
  // Signed out, the attacker would be nobody: it is tried with cookies that are nobody's.
  signOut: asking("signOut", { as: "stranger" }),
  me: asking("me", { as: "observer" }),
  lookAtInvitation: asking("lookAtInvitation", { as: "stranger", body: { token: "x".repeat(200) } }),
  people: asking("people", { as: "observer" }),
  drafts: asking("drafts", { as: "observer" }),
  importDraft: files("importDraft", ["secretary", "s"], "preview=true", [...hostileTexts.map((text) => () => text), bomb, marked]),
  importChanges: files(
    "importChanges",
    ["s", "observer"],
    `preview=true&compare=true&authors=${encodeURIComponent('{"":"S","Ann":"S"}')}`,
    [...hostileTexts.map((text) => () => text), bomb, marked],
  ),
  draft: asking("draft", { as: "observer" }),
  force: asking("force", { as: "observer" }),
  join: asking("join", { as: "s" }),
  changes: asking("changes", { as: "observer" }),
  changeEntered: asking("changeEntered", { as: "s", params: { change: "S.1.1" } }),
  decide: asking("decide", { as: "chair", body: { verdict: "accept", changes: seen } }),
  takeBack: asking("takeBack", { as: "chair", body: { n: 1 } }, { as: "s", body: { n: 2 } }),
  reopen: asking("reopen", { as: "chair", body: { change: "S.1.1" } }),
  withdraw: asking(
    "withdraw",
    { as: "s", body: { act: "withdraw", changes: seen } },
    { as: "s", body: { act: "incorporate", changes: seen } },
  ),
  attribute: asking("attribute", { as: "secretary", body: { source: "S", changes: seen } }),
  comment: asking(
    "comment",
    { as: "s", body: { anchor: { on: "words", block: "c3", from: 0, to: 10_000, quote }, text: "y".repeat(4_000) } },
    { as: "s", body: { anchor: { on: "clause", block: "c3" }, text: "y".repeat(4_000) } },
  ),
  reply: asking("reply", { as: "s", params: { thread: "S.1.1" }, body: { text: "y".repeat(4_000) } }),
  untie: asking("untie", { as: "chair", body: { change: "S.1.1" } }),
  resolveThread: asking("resolveThread", { as: "s", params: { thread: "S.1.1" }, body: { resolved: true } }),
  settings: asking("settings", { as: "chair", body: { secretaryOperates: true } }),
  openToPublic: asking("openToPublic", { as: "secretary", body: { view: "open" } }, { as: "secretary", body: { view: null } }),
  // Open changes stand in its way, so that the draft is not sealed.
  adopt: asking("adopt", { as: "chair", body: { stage: "adopted" } }),
  register: asking("register", { as: "observer" }),
  exportDraft: asking(
    "exportDraft",
    ...["docx", "html", "pdf", "akn", "txt"].map((format): Asking => ({ as: "s", query: `format=${format}&view=against` })),
  ),
  versions: asking("versions", { as: "observer" }),
  nameVersion: async (siege, signal, ready) => {
    ready()
    let n = 0
    while (!signal.aborted)
      await siege.ask("nameVersion", { as: "secretary", body: { name: `v${++n} ${Math.random()}` } }, signal).catch(() => 0)
  },
  publish: asking("publish", { as: "secretary", params: { version: "1" }, body: { format: "docx" } }),
  publishedFile: asking("publishedFile", { as: "observer", params: { version: "1", hash: "0".repeat(64) } }),
  compareVersions: asking(
    "compareVersions",
    { as: "s", params: { version: "1" }, query: "format=docx" },
    { as: "s", params: { version: "999" } },
  ),
  template: asking("template", { as: "observer" }),
  setTemplate: files("setTemplate", ["secretary", "s"], "name=x.dotx", [swollen, bomb, () => zipSync({ x: new Uint8Array() })]),
  removeTemplate: asking("removeTemplate", { as: "secretary" }),
  roster: asking("roster", { as: "secretary" }),
  readRoster: files("readRoster", ["secretary", "s"], "", [() => bytesOf("S,Sweden\n".repeat(100_000)), () => bytesOf(blanks)]),
  addDelegation: asking("addDelegation", { as: "secretary", body: { code: "not a code", name: quote } }),
  invite: asking("invite", { as: "secretary", body: { role: "delegate", hats: ["S"] } }, { as: "s", body: { role: "chair" } }),
  withdrawInvitation: asking("withdrawInvitation", { as: "secretary", params: { invitation: "0".repeat(16) } }),
  setAccess: asking("setAccess", { as: "secretary", params: { person: "nobody" }, body: { isRevoked: true } }),
  sittings: asking("sittings", { as: "observer" }),
  openSitting: asking("openSitting", { as: "s", body: { body: "x", room: "y", date: "2026-11-26", chair: "z" } }),
  changeSitting: asking("changeSitting", { as: "s", body: { room: quote } }),
}

/** What a line sends. `isFirst`: it is one of the three that the attack begins with, not one that was opened again. */
type Frames = (typist: Typist, n: number, isFirst: boolean) => Uint8Array

/** Three lines of an attacker, opened again where they are closed, that send what they are told. */
const sending =
  (what: Frames, perTurn = 20): Attack =>
  async (siege, signal, ready) => {
    const isOver = ended(signal)
    const open = async (): Promise<Typist> => {
      const typist = await siege.line("s")
      await Promise.race([typist.ready, isOver])
      return typist
    }
    const first = [await open(), await open(), await open()]
    for (const typist of first) for (const n of [0, 1]) what(typist, n, true)
    ready()
    const worker = async (typist: Typist, isFirst: boolean): Promise<void> => {
      for (let n = 0; !signal.aborted && typist.closed === null; n++) {
        for (let i = 0; i < perTurn && typist.socket.readyState === WebSocket.OPEN && typist.socket.bufferedAmount < 4_000_000; i++)
          typist.send(what(typist, n * perTurn + i, isFirst))
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      typist.socket.terminate()
      if (!signal.aborted) await worker(await open(), false)
    }
    await Promise.all(first.map((typist) => worker(typist, true)))
  }

const ended = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }))

/** Own insertions three thousand deep, as one update. */
function nested(typist: Typist): Uint8Array {
  const doc = new Y.Doc({ gc: false })
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(typist.doc))
  doc.clientID = typist.doc.clientID
  const before = Y.encodeStateVector(doc)
  doc.transact((tr) => {
    const text = textOfElement(elementsOf(doc)[5]!)!
    let place = slotAt(tr, text, 3, "S", "avoid-own")
    for (let n = 1; n <= 3_000; n++) {
      writeText(tr, text, place, "x", [newMark("insertion", { id: `S.${doc.clientID}.${n}`, source: "S" })])
      const letter = doc.store.clients
        .get(doc.clientID)!
        .findLast((item) => item instanceof Y.Item && item.content instanceof Y.ContentString) as Y.Item
      place = { left: letter, right: letter.right, marks: [] }
    }
  })
  return Y.encodeStateAsUpdate(doc, before)
}
const made = new WeakMap<Typist, Uint8Array>()
const garbage = new Uint8Array(900_000).fill(1)
/** Made for the lines that an attack begins with; it takes this process as long as the server to refuse it. */
function nestedUpdate(typist: Typist, isFirst: boolean): Uint8Array {
  if (!isFirst) return garbage
  let update = made.get(typist)
  if (!update) made.set(typist, (update = nested(typist)))
  return update
}

/** Every kind of message, the server's own too: a new one does not compile without its case. */
const floods: Record<Message["kind"], Attack> = {
  step1: async (siege, signal, ready) => {
    // Asks for the whole draft again and again, and reads none of it.
    const typist = await siege.line("s")
    await Promise.race([typist.ready, ended(signal)])
    typist.socket.pause()
    ready()
    const frame = encodeMessage({ kind: "step1", stateVector: Y.encodeStateVector(new Y.Doc()) })
    while (!signal.aborted) {
      for (let i = 0; i < 50 && typist.socket.readyState === WebSocket.OPEN; i++) typist.socket.send(frame)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    typist.socket.terminate()
  },
  step2: sending((typist, _, isFirst) => encodeMessage({ kind: "step2", update: nestedUpdate(typist, isFirst) }), 1),
  update: sending((typist, n, isFirst) => encodeMessage({ kind: "update", update: n % 2 ? nestedUpdate(typist, isFirst) : garbage }), 1),
  awareness: sending(() => encodeMessage({ kind: "awareness", update: new Uint8Array(100_000).fill(1) })),
  queryAwareness: sending(() => encodeMessage({ kind: "queryAwareness" }), 300),
  acknowledged: sending(() => encodeMessage({ kind: "acknowledged", n: 2 ** 40 })),
  refused: sending(() => encodeMessage({ kind: "refused", refused: { reason: deep, block: null, raced: false, clock: 0 } })),
  notice: sending(() => encodeMessage({ kind: "notice", notice: { kind: "kept", words: deep } })),
}

/** A draft of 1,200 clauses with 5,000 open changes, as our own JSON. */
function crowded(): Uint8Array {
  const text =
    "that the Secretary-General shall report to the Council on implementation of this resolution and its financial implications, item; "
  const changes: object[] = []
  const blocks = Array.from({ length: 1_200 }, (_, i) => {
    for (let j = 0; j < 5 && changes.length < 5_000; j++) {
      const [kind, from] = [j % 2 ? "insertion" : "deletion", 5 + j * 20]
      changes.push({
        ...{ id: `k${changes.length}`, kind, source: ["S", "B"][j % 2], block: `c${i}`, text: text.slice(from, from + 4) },
        segments: [{ block: `c${i}`, kind, from, to: from + 4 }],
      })
    }
    return { id: `c${i}`, type: "clause", part: "operative", text }
  })
  return bytesOf(JSON.stringify({ blocks: [{ id: "h", type: "head", part: "operative", text: "resolves" }, ...blocks], changes }))
}

describe.runIf(process.platform === "linux")("while somebody attacks", () => {
  let siege: Siege
  let serving: Serving
  let other: Typist
  let calm = 0
  const env = { CHROMIUM: process.env.CHROMIUM, SOFFICE: process.env.SOFFICE }
  beforeAll(async () => {
    // What a print costs is tried in turns.test.ts; here each fails at once.
    process.env.CHROMIUM = "/bin/false"
    process.env.SOFFICE = "/bin/false"
    serving = await serve(["--sample", "--data", newFolder(), "--port", "0"])
    const cookies = new Map<Who, string>()
    for (const who of ["chair", "secretary", "s", "b", "observer"] as const) {
      const { url } = serving.addresses.find((address) => address.url.includes(`//${who}.`))!
      const response = await fetch(`${serving.url}${apiRoot}/session`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ token: url.split("#")[1] }),
      })
      cookies.set(who, response.headers.get("set-cookie")!.split(";")[0]!)
    }
    const made = await fetch(`${serving.url}${apiRoot}/drafts`, {
      method: "POST",
      headers: { Cookie: cookies.get("secretary")! },
      body: crowded() as BodyInit,
    })
    const { id } = (await made.json()) as { id: string }
    const fresh: string[] = []
    for (let n = 0; n < Object.keys(attacks).length + Object.keys(floods).length; n++) {
      const invited = await fetch(`${serving.url}${apiRoot}/invitations`, {
        method: "POST",
        headers: { Cookie: cookies.get("secretary")!, "Content-Type": "application/json" },
        body: JSON.stringify({ role: "delegate", hats: ["S"], name: `Attacker ${n}` }),
      })
      const { token } = (await invited.json()) as { token: string }
      const entered = await fetch(`${serving.url}${apiRoot}/session`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ token }),
      })
      fresh.push(entered.headers.get("set-cookie")!.split(";")[0]!)
    }
    siege = new Siege(serving, cookies, fresh, id)
    await siege.ask("nameVersion", { as: "secretary", body: { name: "first" } })
    other = await siege.line("b")
    await other.ready
    await other.type("B", 10)
    const { acks } = await under(async (_siege, _signal, ready) => ready())
    calm = quantile(acks, 0.95)
  }, 180_000)
  afterAll(async () => {
    for (const [name, value] of Object.entries(env)) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
    await kill(serving, "SIGKILL")
  })

  /** Somebody types while an attack lasts; what it took until each letter was durable. */
  async function under(attack: Attack): Promise<{ acks: number[]; megabytes: number }> {
    siege.nextAttacker()
    const ends: Promise<unknown>[] = []
    const end = new AbortController()
    const attacking = new Promise<void>((begun, failed) => {
      ends.push(attack(siege, end.signal, begun).catch(failed))
    })
    await attacking
    const acks: Promise<number>[] = []
    let megabytes = 0
    const until = performance.now() + lastsMs
    for (let n = 0; performance.now() < until; n++) {
      acks.push(other.type("B", 10 + (n % 20)))
      megabytes = Math.max(megabytes, siege.megabytes)
      await new Promise((resolve) => setTimeout(resolve, 40))
    }
    end.abort()
    const times = await Promise.all(acks)
    await Promise.all(ends)
    return { acks: times, megabytes }
  }

  async function holds(name: string, attack: Attack): Promise<void> {
    const { acks, megabytes } = await under(attack)
    if (process.env.SHOW)
      console.log(`${name}: p50 ${quantile(acks, 0.5).toFixed(0)} p95 ${quantile(acks, 0.95).toFixed(0)} ms, ${megabytes.toFixed(0)} MB`)
    expect(acks.length).toBeGreaterThan(2)
    expect(quantile(acks, 0.95), "p95 of others' acknowledgements").toBeLessThan(p95Ms(calm))
    expect(megabytes, "memory of the server").toBeLessThan(mostMegabytes)
    expect(other.closed).toBeNull()
    expect((await fetch(`${serving.url}/healthz`)).status).toBe(200)
  }

  it("[FAIR4] every route and every kind of message has its attack", () => {
    expect(Object.keys(attacks).sort()).toEqual(Object.keys(routes).sort())
    expect(Object.keys(floods)).toHaveLength(8)
  })
  for (const [name, attack] of Object.entries(attacks)) it(`[FAIR4] on the route ${name}, others type on`, again, () => holds(name, attack))
  for (const [name, attack] of Object.entries(floods))
    it(`[FAIR4] with messages of the kind ${name}, others type on`, again, () => holds(name, attack))
})

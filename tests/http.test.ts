import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Y from "yjs"
import type { DecisionRecord } from "../server/decisions/decision-record.ts"
import { apiRoot, type Entry } from "../shared/api/contract.ts"
import { sha256Of } from "../shared/changes/hash.ts"
import { workingText } from "../shared/changes/projections.ts"
import { textOf } from "../shared/schema/block.ts"
import { newMark } from "../shared/schema/schema.ts"
import type { Message } from "../shared/sync/protocol.ts"
import { blocksOf, elementsOf, textOfElement } from "../shared/sync/read.ts"
import { metaOfDoc, threadsOf } from "../shared/sync/roots.ts"
import { slotAt, writeMark, writeText } from "../shared/sync/write.ts"
import { type Guest, type Line, Meeting } from "./meeting.ts"

let meeting: Meeting
let chair: Guest
let secretary: Guest
let sweden: Guest
let brazil: Guest
let observer: Guest
beforeAll(async () => {
  meeting = await Meeting.open()
  chair = await meeting.guest("chair")
  secretary = await meeting.guest("secretary")
  sweden = await meeting.guest("delegate", ["S"])
  brazil = await meeting.guest("delegate", ["B"])
  observer = await meeting.guest("observer")
})
afterAll(() => meeting.stop())

/** Types words as a delegation at a place of block `index`, over a real socket; done when they are durable. */
const propose = (guest: Guest, draft: string, source: string, index: number, at: number, words: string): Promise<Line> =>
  edit(guest, draft, source, index, (tr, text, client) =>
    writeText(tr, text, slotAt(tr, text, at, source), words, [newMark("insertion", { id: `${source}.${client}.1`, source })]),
  )

/** Proposes other words for "every mole". */
const replace = (guest: Guest, draft: string, source: string, words: string): Promise<Line> =>
  edit(guest, draft, source, 7, (tr, text, client) => {
    const id = `${source}.${client}.1`
    writeMark(tr, text, 18, 28, newMark("deletion", { id, source }))
    const insertion = newMark("insertion", { id: `${source}.${client}.2`, of: id, source })
    writeText(tr, text, slotAt(tr, text, 28, source), words, [insertion])
  })

/** Edits block `index` as a delegation, over a real socket; done when it is durable. */
async function edit(
  guest: Guest,
  draft: string,
  source: string,
  index: number,
  write: (tr: Y.Transaction, text: Y.XmlText, client: number) => void,
): Promise<Line> {
  const { clientId } = await guest.join(draft, source)
  const line = await guest.socket(draft, clientId).ready()
  line.doc.clientID = clientId
  line.doc.on("update", (update: Uint8Array, origin: unknown) => {
    if (origin === "mine") line.send({ kind: "update", update })
  })
  line.doc.transact((tr) => write(tr, textOfElement(elementsOf(line.doc)[index]!)!, clientId), "mine")
  await line.until(() => line.acknowledged >= 1 || line.closed !== null)
  return line
}

const seenOf = async (guest: Guest, draft: string): Promise<{ id: string; hash: string; inserted: string }[]> =>
  (await guest.call("changes", { draft })) as never

/** What a socket was told of decisions on changes of its delegation. */
const toldTo = (line: Line): string[] =>
  line.messages.flatMap((message) =>
    message.kind === "notice" && message.notice.kind === "decided"
      ? [
          `${message.notice.status} by ${message.notice.by}: ${message.notice.changes.map(({ what }) => what).join(", ")} ${message.notice.count}`,
        ]
      : [],
  )

describe("acts over HTTP", () => {
  it("[FATE1] a delegation is told what became of its changes: accepted, not retained, withdrawn for it; who did it is not told", async () => {
    const draft = await meeting.draft()
    const mine = await propose(sweden, draft, "S", 7, 7, "lit ")
    const theirs = await propose(brazil, draft, "B", 4, 0, "surely ")
    const acts = await propose(secretary, draft, "S", 8, 0, "soon ")
    const [surely, lit, soon] = await seenOf(chair, draft)
    await chair.call("decide", { draft }, { verdict: "accept", changes: [lit!] })
    await secretary.call("decide", { draft }, { verdict: "notRetain", changes: [surely!] })
    await secretary.call("withdraw", { draft }, { act: "withdraw", as: "S", changes: [soon!] })
    await mine.until(() => toldTo(mine).length > 1)
    await theirs.until(() => toldTo(theirs).length > 0)
    expect(toldTo(mine)).toEqual(["accepted by the chair: insert “lit ” 1", "withdrawn by the secretariat: insert “soon ” 1"])
    expect(toldTo(theirs)).toEqual([
      expect.stringMatching(/^notRetained by the (chair, entered by the )?secretariat.*: insert “surely ” 1$/),
    ])
    expect(toldTo(acts), "the secretary knows what it withdrew itself").toEqual(["accepted by the chair: insert “lit ” 1"])
    for (const line of [mine, theirs, acts]) line.close()
  })

  it("[BACK3] a decision is taken back by its number in the record; what was decided later at the same place is named first", async () => {
    const draft = await meeting.draft()
    const mine = await propose(sweden, draft, "S", 7, 7, "lit ")
    const working = (): string => textOf(workingText(blocksOf(mine.doc)[7]!))
    const lastEntry = async (): Promise<Entry> => (await chair.call("register", { draft })).at(-1)!
    const back = (guest: Guest, n: number): Promise<{ detail?: string; reopened?: readonly string[] }> =>
      guest.call("takeBack", { draft }, { n })
    const before = working()
    const [lit] = await seenOf(chair, draft)
    await chair.call("decide", { draft }, { verdict: "accept", changes: [lit!] })
    const { n } = await lastEntry()
    expect((await back(sweden, n)).detail).toMatch(/Only the chair takes a decision back/)
    const theirs = await propose(brazil, draft, "B", 7, 0, "well ")
    const [well] = await seenOf(chair, draft)
    await secretary.call("decide", { draft }, { verdict: "accept", changes: [well!] })
    const strikes = await edit(brazil, draft, "B", 7, (tr, text, client) =>
      writeMark(tr, text, 12, 15, newMark("deletion", { id: `B.${client}.1`, source: "B" })),
    )
    const [struck] = await seenOf(chair, draft)
    await chair.call("decide", { draft }, { verdict: "accept", changes: [struck!] })
    const last = await lastEntry()
    const refused = await back(chair, n)
    expect(refused).toMatchObject({ status: 409, detail: expect.stringContaining(`Take back entry ${last.n} first`), first: [last.n] })
    expect(await chair.call("reopen", { draft }, { change: struck!.id })).toEqual({ n: last.n, reopened: [struck!.id] })
    expect(await back(chair, n)).toEqual({ n, reopened: [lit!.id] })
    expect((await back(chair, n)).detail).toMatch(/taken back already/)
    const isTold = (message: Message): boolean => message.kind === "notice" && message.notice.kind === "reopened"
    await mine.until(() => mine.messages.some(isTold))
    expect(working()).toBe(`well ${before}`)
    const record = await lastEntry()
    expect(record).toMatchObject({ act: "takeBack", details: { undoes: n } })
    for (const line of [mine, theirs, strikes]) line.close()
  })

  it("[FATE1] of many changes some are told in words, and how many there are", async () => {
    const draft = await meeting.draft()
    const mine = await propose(sweden, draft, "S", 7, 7, "lit ")
    for (let i = 0; i < 11; i++) (await propose(sweden, draft, "S", 8, i * 2, `w${i} `)).close()
    const changes = await seenOf(chair, draft)
    await chair.call("decide", { draft }, { verdict: "notRetain", changes: changes.map(({ id, hash }) => ({ id, hash })) })
    await mine.until(() => toldTo(mine).length > 0)
    const [notice] = mine.messages.flatMap((message) =>
      message.kind === "notice" && message.notice.kind === "decided" ? [message.notice] : [],
    )
    expect([notice!.count, notice!.changes.length]).toEqual([changes.length, 10])
    mine.close()
  })

  it("[FATE2] who entered a change is told: its own delegation, the secretariat for it, a file; of moves and deletions of clauses too", async () => {
    const draft = await meeting.draft()
    const lines = [await propose(sweden, draft, "S", 7, 7, "lit "), await propose(secretary, draft, "B", 4, 0, "surely ")]
    const { clientId } = await brazil.join(draft, "B")
    const line = await brazil.socket(draft, clientId).ready()
    line.doc.clientID = clientId
    const id = `B.${clientId}.1`
    line.doc.on("update", (update: Uint8Array, origin: unknown) => origin === "mine" && line.send({ kind: "update", update }))
    line.doc.transact(
      () => line.doc.getMap("structure").set(id, { id, of: "", source: "B", block: blocksOf(line.doc)[8]!.id, kind: "delete" }),
      "mine",
    )
    await line.until(() => line.acknowledged >= 1)
    const changes = await seenOf(chair, draft)
    expect(changes.length).toBe(3)
    const entered = async (change: string): Promise<unknown> => {
      const { at, ...rest } = await chair.call("changeEntered", { draft, change })
      expect(at).toMatch(/^20\d\d-.*Z$/)
      return rest
    }
    const [surely, lit, deletion] = changes.map((change) => change.id)
    expect(await entered(lit!)).toEqual({ how: "own", by: "delegate S", broughtBy: null })
    expect(await entered(surely!)).toMatchObject({ how: "for", broughtBy: null })
    expect(await entered(deletion!)).toEqual({ how: "own", by: "delegate B", broughtBy: null })
    expect(await chair.call("changeEntered", { draft, change: "S.1.1" })).toEqual({ how: "own", by: null, at: null, broughtBy: null })
    for (const open of [...lines, line]) open.close()
  })
  it("[HASH2] the record proves a decision: what was hashed, and each clause before and after; a record of several names all", async () => {
    const draft = await meeting.draft()
    const first = await propose(sweden, draft, "S", 7, 7, "lit ")
    const second = await propose(brazil, draft, "B", 7, 7, "lit ")
    const seen = await seenOf(chair, draft)
    expect(seen.map((change) => change.inserted)).toEqual(["lit ", "lit "])
    const done = await chair.call("decide", { draft }, { verdict: "accept", changes: [{ id: seen[1]!.id, hash: seen[1]!.hash }] })
    expect([done.decided, done.identical]).toEqual([[seen[1]!.id], [seen[0]!.id]])
    const { details } = (await chair.call("register", { draft })).at(-1)! as unknown as { details: DecisionRecord }
    const [change] = details.changes
    expect(change!.hash).toBe(seen[1]!.hash)
    expect(sha256Of(change!.seen as string)).toBe(change!.hash)
    expect([...change!.sources].sort()).toEqual(["B", "S"])
    expect(details.blocks).toEqual([
      expect.objectContaining({
        address: "resolves 1",
        before: "to keep a lamp at every mole;",
        after: "to keeplit  a lamp at every mole;",
      }),
    ])
    await first.until(() => blocksOf(first.doc)[7]!.runs.every((run) => run.marks.length === 0))
    for (const line of [first, second]) line.close()
  })
  it("[RIVAL2] of proposals that compete only one is accepted; the other is overtaken, its source told; with `partial` both are listed", async () => {
    const draft = await meeting.draft()
    const lines = [await replace(sweden, draft, "S", "all harbours"), await replace(brazil, draft, "B", "each port")]
    const seen = await seenOf(chair, draft)
    const changes = seen.map(({ id, hash }) => ({ id, hash }))
    expect((await chair.call("decide", { draft }, { verdict: "accept", changes })).status).toBe(409)
    const partial = await chair.call("decide", { draft }, { verdict: "accept", changes, partial: true })
    expect(partial.detail).toContain("Choose among these proposals first.")
    const done = await chair.call("decide", { draft }, { verdict: "accept", changes: changes.slice(0, 1) })
    expect(done.overtaken).toEqual([changes[1]!.id])
    await lines[1]!.until(() => toldTo(lines[1]!).length > 0)
    expect(toldTo(lines[1]!)).toEqual(["overtaken by the chair: replace “every mole” by “each port” 1"])
    const text = blocksOf(lines[0]!.doc)[7]!
      .runs.map((run) => run.text)
      .join("")
    expect(text).toBe("to keep a lamp at all harbours;")
    for (const line of lines) line.close()
  })
  it("[ACT1] the chair accepts what it saw; it is agreed for all, in the register with who decided, and still marked against the text in force", async () => {
    const draft = await meeting.draft()
    const line = await propose(sweden, draft, "S", 7, 7, "lit ")
    const [change] = await seenOf(chair, draft)
    expect(change?.inserted).toBe("lit ")
    const done = await chair.call("decide", { draft }, { verdict: "accept", changes: [{ id: change!.id, hash: change!.hash }] })
    expect(done.decided).toEqual([change!.id])
    await line.until(() => blocksOf(line.doc)[7]!.runs.every((run) => run.marks.length === 0))
    expect(await seenOf(chair, draft)).toEqual([])
    const entry = (await chair.call("register", { draft })).at(-1)!
    expect([entry.act, entry.decidedBy, entry.enteredBy, entry.sitting.room]).toEqual(["accept", "chair", "chair", "Room C"])
    const force = await chair.call("force", { draft })
    expect(JSON.stringify(force.blocks)).not.toContain("lit ")
  })

  it("[NUM5] a clause added under frozen numbering keeps its label when it is accepted", async () => {
    const draft = await meeting.draft()
    const { clientId } = await sweden.join(draft)
    const { doc, provider } = sweden.provider(draft, clientId)
    await new Promise((resolve) => provider.once("sync", resolve))
    const element = new Y.XmlElement("clause")
    const text = new Y.XmlText()
    element.insert(0, [text])
    doc.transact((tr) => {
      doc.getXmlFragment("blocks").insert(8, [element])
      for (const [name, value] of Object.entries({ id: `nS.${clientId}.1`, insertedBy: "S", insertedId: `S.${clientId}.1` }))
        element.setAttribute(name, value)
      writeText(tr, text, slotAt(tr, text, 0, "S"), "to light them;", [newMark("insertion", { id: `S.${clientId}.1`, source: "S" })])
    })
    const { room } = await meeting.server.drafts.open(draft)
    const address = async (): Promise<string | undefined> => {
      const [change] = await chair.call("changes", { draft })
      return change?.address
    }
    while ((await address()) === undefined) await new Promise((resolve) => setImmediate(resolve))
    expect(await address()).toBe("resolves 1 bis")
    const [change] = await seenOf(chair, draft)
    await chair.call("decide", { draft }, { verdict: "accept", changes: [{ id: change!.id, hash: change!.hash }] })
    expect(metaOfDoc(room.main).labels[`nS.${clientId}.1`]).toBe("1 bis")
    expect(Object.values(metaOfDoc(room.main).labels).filter((label) => label === "2")).toHaveLength(1)
    provider.destroy()
  })

  it("[ACT2] a change that is no longer as it was seen decides nothing, and 409 brings its fresh state", async () => {
    const draft = await meeting.draft()
    await propose(sweden, draft, "S", 7, 7, "lit ")
    const [change] = await seenOf(chair, draft)
    const stale = await chair.request("POST", `${apiRoot}/drafts/${draft}/decisions`, {
      body: { verdict: "accept", changes: [{ id: change!.id, hash: "0".repeat(64) }] },
    })
    expect(stale.status).toBe(409)
    expect((stale.body as { fresh: { hash: string }[] }).fresh[0]?.hash).toBe(change!.hash)
    expect(await seenOf(chair, draft)).toHaveLength(1)
  })

  it("[ACT3] with `after` an act waits until the words before it are committed", async () => {
    const draft = await meeting.draft()
    const line = await propose(sweden, draft, "S", 7, 7, "lit ")
    const [change] = await seenOf(sweden, draft)
    const withdrawn = await sweden.call(
      "withdraw",
      { draft },
      { act: "withdraw", changes: [{ id: change!.id, hash: change!.hash }], after: { client: line.doc.clientID, n: 1 } },
    )
    expect(withdrawn.withdrawn).toEqual([change!.id])
  })

  it("[POL1] nobody but the chair, or the secretary on its word, decides; nobody withdraws for another", async () => {
    const draft = await meeting.draft()
    await propose(sweden, draft, "S", 7, 7, "lit ")
    const [change] = await seenOf(chair, draft)
    const seen = { id: change!.id, hash: change!.hash }
    for (const guest of [sweden, brazil, observer]) {
      const refused = await guest.call("decide", { draft }, { verdict: "accept", changes: [seen] })
      expect(refused).toMatchObject({ status: 403 })
    }
    expect(await brazil.call("withdraw", { draft }, { act: "withdraw", changes: [seen] })).toMatchObject({ status: 403 })
    expect(await observer.call("withdraw", { draft }, { act: "withdraw", changes: [seen] })).toMatchObject({ status: 403 })
    await chair.call("settings", { draft }, { secretaryOperates: false })
    expect(await secretary.call("decide", { draft }, { verdict: "accept", changes: [seen] })).toMatchObject({
      status: 403,
      detail: expect.stringContaining("secretary operate"),
    })
    expect(await secretary.call("settings", { draft }, { secretaryOperates: true })).toMatchObject({ status: 403 })
    await chair.call("settings", { draft }, { secretaryOperates: true })
    expect((await secretary.call("decide", { draft }, { verdict: "notRetain", changes: [seen] })).decided).toEqual([change!.id])
    const entry = (await chair.call("register", { draft })).at(-1)!
    expect([entry.act, entry.decidedBy, entry.enteredBy]).toEqual(["notRetain", "chair", "secretary"])
  })

  it("[ACT4] comments stand on words, a clause or a change; reply, resolve, reopen; an observer only reads them", async () => {
    const draft = await meeting.draft()
    await propose(sweden, draft, "S", 7, 7, "lit ")
    const [change] = await seenOf(chair, draft)
    const block = blocksOf((await meeting.server.drafts.open(draft)).room.main)[7]!.id
    const words = await brazil.call(
      "comment",
      { draft },
      { anchor: { on: "words", block, from: 3, to: 7, quote: "keep" }, text: "Why keep?" },
    )
    const clause = await brazil.call("comment", { draft }, { anchor: { on: "clause", block }, text: "On the whole." })
    const onChange = await brazil.call("comment", { draft }, { anchor: { on: "change", block, change: change!.id }, text: "Good." })
    expect(new Set([words.id, clause.id, onChange.id]).size).toBe(3)
    await sweden.call("reply", { draft, thread: words.id }, { text: "Because." })
    expect(await sweden.call("resolveThread", { draft, thread: words.id }, { resolved: true })).toMatchObject({ status: 403 })
    expect(await brazil.call("resolveThread", { draft, thread: words.id }, { resolved: true })).toEqual({ id: words.id, resolved: true })
    expect(await chair.call("resolveThread", { draft, thread: words.id }, { resolved: false })).toEqual({ id: words.id, resolved: false })
    expect(await observer.call("comment", { draft }, { anchor: { on: "clause", block }, text: "Hm." })).toMatchObject({ status: 403 })
    expect(
      await brazil.call("comment", { draft }, { anchor: { on: "words", block, from: 0, to: 4, quote: "nope" }, text: "?" }),
    ).toMatchObject({ status: 409 })
    for (const [from, to] of [
      [3, 100_000],
      [7, 3],
      [3, 8],
    ] as const) {
      const said = await brazil.call("comment", { draft }, { anchor: { on: "words", block, from, to, quote: "keep" }, text: "?" })
      expect([said.status, said.detail]).toEqual([400, expect.stringContaining(`from ${from} to ${to} is not that of the words`)])
    }
    const { room } = await meeting.server.drafts.open(draft)
    expect([...room.main.getMap("threads").keys()].sort()).toEqual([words.id, clause.id, onChange.id].sort())
  })

  it("[ACT4] a comment is on a change that is there, at its own clause; signs that nobody sees are refused in a sentence", async () => {
    const draft = await meeting.draft()
    await propose(sweden, draft, "S", 7, 7, "lit ")
    const [change] = await seenOf(chair, draft)
    const { room } = await meeting.server.drafts.open(draft)
    const [other, block] = [blocksOf(room.main)[4]!.id, blocksOf(room.main)[7]!.id]
    const on = (id: string) => ({ on: "change" as const, block: other, change: id })
    const gone = await brazil.call("comment", { draft }, { anchor: on("S.9.9"), text: "Good." })
    expect(threadsOf(room.main).find((thread) => thread.id === gone.id)?.anchor).toEqual({ on: "clause", block: other })
    const { id } = await brazil.call("comment", { draft }, { anchor: on(change!.id), text: "Good." })
    expect(threadsOf(room.main).find((thread) => thread.id === id)?.anchor).toEqual({ ...on(change!.id), block })
    for (const text of ["a\u0000b", "a\u001bb", "a\u202eb"]) {
      expect(await brazil.call("comment", { draft }, { anchor: { on: "clause", block }, text })).toMatchObject({ status: 400 })
      const reply = await brazil.call("reply", { draft, thread: id }, { text })
      expect([reply.status, reply.detail]).toEqual([400, expect.stringMatching(/holds signs that nobody sees/)])
    }
    await brazil.call("reply", { draft, thread: id }, { text: "two\nlines, \u{1f468}\u200d\u{1f33e}" })
    expect(threadsOf(room.main).find((thread) => thread.id === id)?.remarks).toHaveLength(2)
    await chair.call("decide", { draft }, { verdict: "accept", changes: [{ id: change!.id, hash: change!.hash }] })
    expect((await brazil.call("comment", { draft }, { anchor: on(change!.id), text: "Late." })).id).toBeTruthy()
  })

  it("[ACT5] adopting wants every change decided, then seals the text", async () => {
    const draft = await meeting.draft()
    const line = await propose(sweden, draft, "S", 7, 7, "lit ")
    expect(await chair.call("adopt", { draft }, { stage: "adopted" })).toMatchObject({ status: 409 })
    const [change] = await seenOf(chair, draft)
    await chair.call("decide", { draft }, { verdict: "accept", changes: [{ id: change!.id, hash: change!.hash }] })
    expect((await chair.call("adopt", { draft }, { stage: "adopted" })).stage).toBe("adopted")
    line.doc.transact((tr) => {
      const text = textOfElement(elementsOf(line.doc)[7]!)!
      writeText(tr, text, slotAt(tr, text, 0, "S"), "x", [newMark("insertion", { id: `S.${line.doc.clientID}.9`, source: "S" })])
    }, "mine")
    await line.until(() => line.closed !== null)
    expect(line.refusal).toBe("may-not-write")
  })

  it("[ACT6] OpenAPI describes every route", async () => {
    const { body } = await observer.request("GET", `${apiRoot}/openapi.json`)
    const paths = Object.keys((body as { paths: object }).paths)
    expect(paths).toContain("/api/v1/drafts/{draft}/decisions")
    expect(paths.length).toBeGreaterThan(15)
  })

  it("[ACT6] and says how one signs in, what must be given, and which problems an address can answer with", async () => {
    const { body } = await observer.request("GET", `${apiRoot}/openapi.json`)
    type Operation = Record<"parameters" | "security" | "requestBody" | "responses", unknown>
    const { paths, components, security } = body as {
      paths: Record<string, Record<string, Operation>>
      components: unknown
      security: unknown
    }
    const [signIn, decide, compare] = [
      paths["/api/v1/session"]!.post!,
      paths["/api/v1/drafts/{draft}/decisions"]!.post!,
      paths["/api/v1/drafts"]!.post!,
    ]
    expect(security).toEqual([{ signIn: [] }])
    expect(components).toMatchObject({ securitySchemes: { signIn: { type: "apiKey", in: "cookie", name: "clausula" } } })
    expect([signIn.security, decide.security]).toEqual([[], undefined])
    expect(decide.parameters).toEqual([{ name: "draft", in: "path", required: true, schema: { type: "string" } }])
    expect(decide.requestBody).toMatchObject({ required: true })
    expect(paths["/api/v1/drafts/{draft}/join"]!.post!.requestBody).toMatchObject({ required: false })
    expect(Object.keys(decide.responses as object)).toEqual(["200", "400", "401", "403", "404", "409", "413", "429", "503"])
    expect(Object.keys(compare.responses as object)).toContain("415")
    const { schemas } = components as { schemas: { Problem: { required: string[]; properties: Record<string, { enum?: string[] }> } } }
    expect(schemas.Problem.required).toEqual(["type", "title", "status", "detail"])
    expect(schemas.Problem.properties.type!.enum).toContain("urn:clausula:problem:conflict")
    expect(Object.keys(schemas.Problem.properties)).toEqual(
      expect.arrayContaining(["first", "stuck", "competing", "fresh", "needs", "seconds"]),
    )
  })
})

describe("bad input over HTTP gets a sentence and the right status, and hurts nothing", () => {
  const cases: readonly [string, () => Promise<{ status: number; body: unknown; type: string }>, number, RegExp][] = [
    ["a wrong token", () => sweden.request("POST", `${apiRoot}/session`, { body: { token: "nonsense-token" } }), 401, /not an invitation/],
    ["no cookie", () => sweden.request("GET", `${apiRoot}/drafts`, { headers: { Cookie: "" } }), 401, /invitation first/],
    ["an unknown draft", () => sweden.request("GET", `${apiRoot}/drafts/nowhere`), 404, /no draft/],
    ["an unknown address", () => sweden.request("GET", `${apiRoot}/nothing`), 404, /nothing under this address/],
    [
      "malformed JSON",
      () => sweden.request("POST", `${apiRoot}/session`, { raw: "{", headers: { "Content-Type": "application/json" } }),
      400,
      /not JSON/,
    ],
    ["JSON of another shape", () => sweden.request("POST", `${apiRoot}/session`, { body: { token: 3 } }), 400, /not as expected: token/],
    [
      "a page of another origin",
      () => sweden.request("POST", `${apiRoot}/session`, { body: { token: "x".repeat(20) }, headers: { Origin: "https://evil.example" } }),
      403,
      /another address/,
    ],
    [
      "a forged hat",
      async () =>
        sweden.request("POST", `${apiRoot}/drafts/${(await sweden.call("drafts"))[0]!.id}/join`, { body: { as: "not a source" } }),
      400,
      /as/,
    ],
    ["an empty file", () => secretary.request("POST", `${apiRoot}/drafts`, { raw: "" }), 400, /empty/],
    ["a binary file", () => secretary.request("POST", `${apiRoot}/drafts`, { raw: new Uint8Array([1, 0, 2, 0]) }), 415, /binary/],
    [
      "a Word file that is cut short",
      () => secretary.request("POST", `${apiRoot}/drafts`, { raw: "PK\u0003\u0004rest" }),
      400,
      /damaged.*Word/,
    ],
    ["30 MB of text", () => secretary.request("POST", `${apiRoot}/drafts`, { raw: "word ".repeat(6_000_000) }), 413, /larger/],
    [
      "a draft that is no draft",
      () => secretary.request("POST", `${apiRoot}/drafts`, { raw: '{"blocks": []}' }),
      400,
      /at least one block/,
    ],
    ["an import by a delegate", () => sweden.request("POST", `${apiRoot}/drafts`, { raw: "text" }), 403, /secretariat imports/],
    [
      "__proto__ in a body",
      () =>
        sweden.request("POST", `${apiRoot}/session`, {
          raw: '{"__proto__":{"token":"x"}}',
          headers: { "Content-Type": "application/json" },
        }),
      400,
      /token/,
    ],
  ]
  for (const [name, request, status, sentence] of cases)
    it(`[HTTP1] ${name}: ${status}`, async () => {
      const before = (await sweden.call("drafts")).length
      const answer = await request()
      expect([answer.status, answer.type.split(";")[0]]).toEqual([status, "application/problem+json"])
      expect((answer.body as { detail: string }).detail).toMatch(sentence)
      expect((await sweden.call("drafts")).length).toBe(before)
    })

  it("[HTTP2] a forged hat that exists is refused", async () => {
    const draft = await meeting.draft()
    expect(await sweden.call("join", { draft }, { as: "B" })).toMatchObject({ status: 403 })
  })

  it("[HTTP3] health, readiness and metrics answer; metrics hold no text and no name", async () => {
    expect((await observer.request("GET", "/healthz")).status).toBe(200)
    expect((await observer.request("GET", "/readyz")).status).toBe(200)
    const metrics = String((await observer.request("GET", "/metrics")).body)
    expect(metrics).toContain("clausula_updates_total")
    expect(metrics).not.toMatch(/harbour|delegate/)
  })
})

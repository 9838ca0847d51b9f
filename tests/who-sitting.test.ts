import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, describe, expect, it } from "vitest"
import { readText } from "../server/files/text.ts"
import { apiRoot, type Entry, routes } from "../shared/api/contract.ts"
import { chairNotPresent, missingIn } from "../shared/people/sitting.ts"
import { newMark } from "../shared/schema/schema.ts"
import { elementsOf, textOfElement } from "../shared/sync/read.ts"
import { slotAt, writeText } from "../shared/sync/write.ts"
import { type Guest, Meeting, newFolder, smallDraft } from "./meeting.ts"

const home = fileURLToPath(new URL("..", import.meta.url))
let meeting: Meeting
let nowMs = Date.parse("2026-11-26T08:00:00Z")
const now = (): Date => new Date(nowMs)
const hours = (n: number): void => void (nowMs += n * 3_600_000)
const bare = async (folder = newFolder()): Promise<void> => {
  nowMs = Date.parse("2026-11-26T08:00:00Z")
  meeting = await Meeting.open(folder, { now, isBare: true })
}
afterEach(() => meeting.stop())

const text = "RESOLUTION 7\nOn harbours\nThe Council,\nresolves\n1\tto keep a lamp at every mole;\n2\tto count the lamps each year.\n"

async function imported(guest: Guest, name = "a.txt"): Promise<string> {
  const { status, body } = await guest.request("POST", `${apiRoot}/drafts?name=${name}`, { raw: text })
  expect(status).toBe(201)
  return (body as { id: string }).id
}

let marks = 0
/** Types words as a delegation; the change as it is listed. */
async function proposes(guest: Guest, draft: string, words: string): Promise<{ id: string; hash: string }> {
  const { clientId, as } = await guest.join(draft)
  const line = await guest.socket(draft, clientId).ready()
  line.doc.clientID = clientId
  line.doc.on("update", (update: Uint8Array, origin: unknown) => {
    if (origin === "mine") line.send({ kind: "update", update })
  })
  line.doc.transact((tr) => {
    const place = textOfElement(elementsOf(line.doc)[4]!)!
    writeText(tr, place, slotAt(tr, place, 3, as!), words, [newMark("insertion", { id: `${as}.${clientId}.${++marks}`, source: as! })])
  }, "mine")
  await line.until(() => line.acknowledged >= 1 || line.closed !== null)
  line.close()
  const found = await guest.call("changes", { draft })
  const { id, hash } = found.find(({ inserted }) => inserted === words)!
  return { id, hash }
}

const decide = async (guest: Guest, draft: string, { id }: { id: string }): Promise<Entry> => {
  const seen = (await guest.call("changes", { draft })).find((change) => change.id === id)!
  await guest.call("decide", { draft }, { verdict: "accept", changes: [{ id, hash: seen.hash }] })
  const entry = ((await guest.call("register", { draft })) as Entry[]).at(-1)!
  expect(entry.act).toBe("accept")
  return entry
}

describe("the sitting", () => {
  it("[WHO1] a meeting that nobody has described has no name of the sample, in no answer and no file of its own; what is missing is told", async () => {
    await bare()
    const secretary = await meeting.guest("secretary", [], "Ana Costa")
    const sweden = await meeting.guest("delegate", ["S"], "Elin")
    const draft = await imported(secretary)
    const entry = await decide(secretary, draft, await proposes(sweden, draft, "big "))
    const { sitting } = await secretary.call("me")
    expect(sitting).toEqual({ id: null, body: "", room: "", date: expect.stringMatching(/^2026-11-26$/), chair: null, present: "" })
    expect(missingIn(sitting)).toEqual(["body", "room", "chairperson"])
    expect(entry.sitting).toEqual({ body: "", room: "", date: "2026-11-26", chair: "" })
    const sample = readFileSync(join(home, "server/sample.ts"), "utf8")
    const names = [...sample.matchAll(/(?:name|body|room): "([^"]{4,})"/g)].map((match) => match[1]!)
    expect(names.length).toBeGreaterThan(5)
    const reads = Object.values(routes).filter((route) => route.method === "get")
    let read = 0
    for (const { path } of reads) {
      const address = path.replace(":draft", draft).replace(":version", "1").replace(":hash", "0".repeat(64))
      const { body } = await secretary.request("GET", `${apiRoot}${address}`)
      for (const name of names) expect(JSON.stringify(body), `${address}: ${name}`).not.toContain(name)
      read++
    }
    expect(read).toBeGreaterThan(10)
    for (const format of ["html", "txt", "json", "akn"]) {
      const { body } = await secretary.request("GET", `${apiRoot}/drafts/${draft}/export?format=${format}&marks=body`)
      for (const name of names) expect(String(body)).not.toContain(name)
    }
  })

  it("[WHO2] each act bears the sitting in which it was done: its body, room, date and the chair who was there then", async () => {
    await bare()
    const secretary = await meeting.guest("secretary")
    const ada = await meeting.guest("chair", [], "Ada Lund")
    const bo = await meeting.guest("chair", [], "Bo Ek")
    const sweden = await meeting.guest("delegate", ["S"])
    await secretary.call("openSitting", {}, { body: "Committee 3", room: "Room A", date: "2026-11-26", chair: ada.id })
    await ada.call("me")
    const draft = await imported(secretary)
    await decide(secretary, draft, await proposes(sweden, draft, "one "))
    await secretary.call("changeSitting", {}, { room: "Room A bis" })
    await decide(ada, draft, await proposes(sweden, draft, "two "))
    hours(5)
    await secretary.call("openSitting", {}, { body: "Drafting group", room: "Room B", date: "2026-11-26", chair: "Bo Ek" })
    await bo.call("me")
    const last = await decide(secretary, draft, await proposes(sweden, draft, "three "))
    const entries = ((await secretary.call("register", { draft })) as Entry[]).filter(({ act }) => act === "import" || act === "accept")
    expect(entries.map(({ sitting: { body, room, chair }, decidedBy }) => [body, room, chair, decidedBy])).toEqual([
      ["Committee 3", "Room A", "Ada Lund", "secretary"],
      ["Committee 3", "Room A", "Ada Lund", "Ada Lund"],
      ["Committee 3", "Room A bis", "Ada Lund", "Ada Lund"],
      ["Drafting group", "Room B", "Bo Ek", "Bo Ek"],
    ])
    expect(last.enteredBy).toBe("secretary")
    const sittings = await secretary.call("sittings")
    expect(sittings.map(({ body, closedAt }) => [body, closedAt])).toEqual([
      ["Committee 3", "2026-11-26T13:00:00.000Z"],
      ["Drafting group", null],
    ])
  })

  it("[WHO2] a paper bears the sitting of its state: the draft that in force now, a version the one that named it", async () => {
    await bare()
    const secretary = await meeting.guest("secretary")
    await secretary.call("openSitting", {}, { body: "Committee 3", room: "A", date: "2026-11-26" })
    const draft = await imported(secretary)
    await secretary.call("nameVersion", { draft }, { name: "Rev.1" })
    hours(24)
    await secretary.call("openSitting", {}, { body: "Plenary", room: "B", date: "2026-11-27" })
    const paper = async (query: string): Promise<string> =>
      String((await secretary.request("GET", `${apiRoot}/drafts/${draft}/export?format=html${query}`)).body)
    expect(await paper("")).toMatch(/<span>Plenary<\/span>[\s\S]*2026-11-27/)
    expect(await paper("")).not.toContain("Committee 3")
    expect(await paper("&version=1")).toMatch(/<span>Committee 3<\/span>[\s\S]*2026-11-26/)
    expect((await secretary.call("draft", { draft })).sitting.body).toBe("Plenary")
  })

  it("[WHO2 PAPER3] so does the public page, though nobody has changed the draft", async () => {
    await bare()
    const secretary = await meeting.guest("secretary")
    await secretary.call("openSitting", {}, { body: "Committee 3", room: "A", date: "2026-11-26" })
    const draft = await imported(secretary)
    await secretary.call("openToPublic", { draft }, { view: "open" })
    const page = async (): Promise<string> => String((await secretary.request("GET", `/public/${draft}`)).body)
    expect(await page()).toContain("<span>Committee 3</span>")
    await secretary.call("openSitting", {}, { body: "Plenary", room: "B", date: "2026-11-26" })
    for (const end = Date.now() + 15_000; !(await page()).includes("<span>Plenary</span>"); ) expect(Date.now()).toBeLessThan(end)
  })

  it("[WHO2] a sitting of another day is over sixteen hours after it was opened; then nothing is said that nobody said", async () => {
    await bare()
    const secretary = await meeting.guest("secretary")
    await secretary.call("openSitting", {}, { body: "Plenary", room: "B", date: "2026-11-26" })
    hours(15.5)
    expect((await secretary.call("me")).sitting.body).toBe("Plenary")
    hours(1)
    expect((await secretary.call("me")).sitting).toMatchObject({ id: null, body: "", room: "", date: "2026-11-27" })
    expect(await secretary.call("changeSitting", {}, { room: "C" })).toMatchObject({
      status: 409,
      detail: expect.stringMatching(/No sitting/),
    })
  })

  it("[WHO2] is there after a restart, and what is wrong with one is told with its field", async () => {
    const folder = newFolder()
    await bare(folder)
    let secretary = await meeting.guest("secretary")
    await secretary.call("openSitting", {}, { body: "Plenary", room: "B", date: "2026-11-26" })
    await meeting.stop()
    await bare(folder)
    secretary = await meeting.guest("secretary")
    expect((await secretary.call("me")).sitting).toMatchObject({ body: "Plenary", room: "B" })
    const good = { body: "Plenary", room: "B", date: "2026-11-26" }
    const sweden = await meeting.guest("delegate", ["S"])
    const cases: readonly [string, Guest, object, number, RegExp][] = [
      ["no day", secretary, { ...good, date: "2026-02-30" }, 400, /date/],
      ["no body", secretary, { ...good, body: "  " }, 400, /body/],
      ["signs", secretary, { ...good, room: "A\u202eB" }, 400, /room.*no letters/],
      ["a chair who is none", secretary, { ...good, chair: "Nobody" }, 400, /No chair is called “Nobody”/],
      ["a delegate in the chair", secretary, { ...good, chair: sweden.id }, 400, /No chair is called/],
      ["a delegate's word", sweden, good, 403, /secretariat/],
    ]
    for (const [name, guest, body, status, sentence] of cases)
      expect(await guest.call("openSitting", {}, body as never), name).toMatchObject({ status, detail: expect.stringMatching(sentence) })
    expect((await secretary.call("sittings")).length).toBe(1)
  })
})

describe("who decided", () => {
  const begin = async (): Promise<{ secretary: Guest; sweden: Guest; draft: string }> => {
    await bare()
    const secretary = await meeting.guest("secretary")
    const sweden = await meeting.guest("delegate", ["S"])
    return { secretary, sweden, draft: await imported(secretary) }
  }

  it("[WHO3] a chair who was invited and never came decides nothing: the record says that no chair was there", async () => {
    const { secretary, sweden, draft } = await begin()
    await meeting.server.people.save({ id: "p-away", name: "Amara Away", role: "chair", hats: ["CHAIR"], isRevoked: false })
    await secretary.call("openSitting", {}, { body: "Plenary", room: "B", date: "2026-11-26", chair: "p-away" })
    const entry = await decide(secretary, draft, await proposes(sweden, draft, "big "))
    expect([entry.decidedBy, entry.enteredBy, entry.sitting.chair]).toEqual([chairNotPresent, "secretary", ""])
    const [first] = (await secretary.call("register", { draft })) as Entry[]
    expect([first!.act, first!.decidedBy]).toEqual(["import", "secretary"])
  })

  it("[WHO3] what a secretary does for its own source is its own: no chair is named, in the record or to others", async () => {
    const { secretary, draft } = await begin()
    const chair = await meeting.guest("chair", [], "Ada Lund")
    await chair.call("settings", { draft }, { secretaryOperates: false })
    const other = await meeting.guest("secretary", [], "Bea")
    const line = await other.socket(draft, (await other.join(draft)).clientId).ready()
    const last = async (): Promise<Entry> => ((await chair.call("register", { draft })) as Entry[]).at(-1)!
    const change = await proposes(secretary, draft, "big ")
    await secretary.call("withdraw", { draft }, { act: "withdraw", as: "SEC", changes: [change] })
    const withdrawn = await last()
    const back = await secretary.call("takeBack", { draft }, { n: withdrawn.n })
    expect(back.reopened).toEqual([change.id])
    const takenBack = await last()
    for (const { decidedBy, enteredBy } of [withdrawn, takenBack]) expect([decidedBy, enteredBy]).toEqual(["secretary", "secretary"])
    const told = line.messages.flatMap((message) =>
      message.kind === "notice" && (message.notice.kind === "decided" || message.notice.kind === "reopened") ? [message.notice] : [],
    )
    expect(told.map(({ kind, by }) => [kind, by])).toEqual([
      ["decided", "the secretariat"],
      ["reopened", "the secretariat"],
    ])
    expect(await secretary.call("takeBack", { draft }, { n: (await decide(chair, draft, change)).n })).toMatchObject({ status: 403 })
    line.close()
  })

  it("[WHO3] a decision that a secretary takes back is taken back on the chair's word", async () => {
    const { secretary, sweden, draft } = await begin()
    await meeting.guest("chair", [], "Ada Lund")
    const { n } = await decide(secretary, draft, await proposes(sweden, draft, "big "))
    await secretary.call("takeBack", { draft }, { n })
    const entry = ((await secretary.call("register", { draft })) as Entry[]).at(-1)!
    expect([entry.act, entry.decidedBy, entry.enteredBy]).toEqual(["takeBack", "Ada Lund", "secretary"])
  })

  it("[WHO3] adopting and not retaining on the chair's word say the same", async () => {
    const { secretary, sweden, draft } = await begin()
    const change = await proposes(sweden, draft, "big ")
    await secretary.call("decide", { draft }, { verdict: "notRetain", changes: [change] })
    await secretary.call("adopt", { draft }, { stage: "adopted" })
    const entries = (await secretary.call("register", { draft })) as Entry[]
    expect(entries.slice(-2).map(({ act, decidedBy }) => [act, decidedBy])).toEqual([
      ["notRetain", chairNotPresent],
      ["adopt", chairNotPresent],
    ])
  })

  it("[WHO3] who has signed out, was there before this sitting, or was heard too long ago is not there", async () => {
    const { secretary, sweden, draft } = await begin()
    const chair = await meeting.guest("chair", [], "Ada Lund")
    const by = async (words: string): Promise<string> => (await decide(secretary, draft, await proposes(sweden, draft, words))).decidedBy
    expect(await by("a")).toBe("Ada Lund")
    hours(1)
    await secretary.call("openSitting", {}, { body: "Plenary", room: "B", date: "2026-11-26" })
    expect(await by("b")).toBe(chairNotPresent)
    await chair.call("drafts")
    expect(await by("c")).toBe("Ada Lund")
    hours(12.5)
    await secretary.call("changeSitting", {}, { date: "2026-11-26" })
    expect(await by("d")).toBe(chairNotPresent)
    const line = await chair.socket(draft, null).ready()
    expect(await by("e")).toBe("Ada Lund")
    await chair.call("signOut")
    await line.until(() => line.closed !== null)
    expect(await by("f")).toBe(chairNotPresent)
  })

  it("[WHO3] a chair whose page was closed is there for as long as a reload takes, and then no more; one whose line is dead neither", async () => {
    const { secretary, sweden, draft } = await begin()
    const chair = await meeting.guest("chair", [], "Ada Lund")
    const by = async (words: string): Promise<string> => (await decide(secretary, draft, await proposes(sweden, draft, words))).decidedBy
    const { attendance } = meeting.server.meeting
    const seconds = (n: number): void => hours(n / 3600)
    const isHeard = async (): Promise<void> => {
      for (const end = Date.now() + 15_000; attendance.lastSeen(chair.id) !== nowMs; await new Promise((go) => setTimeout(go, 20)))
        expect(Date.now()).toBeLessThan(end)
    }
    const line = await chair.socket(draft, null).ready()
    await secretary.call("openSitting", {}, { body: "Plenary", room: "B", date: "2026-11-26" })
    seconds(3600)
    // Nothing is typed: the answer to a ping is enough.
    await isHeard()
    expect(await by("a"), "an open page").toBe("Ada Lund")
    line.close()
    await line.until(() => line.closed !== null)
    seconds(15)
    expect(await by("b"), "a reload").toBe("Ada Lund")
    seconds(6)
    const entry = await decide(secretary, draft, await proposes(sweden, draft, "c"))
    expect([entry.decidedBy, entry.sitting.chair]).toEqual([chairNotPresent, ""])
    expect((await secretary.call("me")).sitting.present).toBe("")
    const dead = await chair.socket(draft, null).ready()
    expect(await by("d")).toBe("Ada Lund")
    ;(dead.socket as unknown as { _socket: { pause(): void } })._socket.pause()
    seconds(21)
    expect(await by("e"), "a lid that was shut").toBe(chairNotPresent)
    expect(attendance.here().has(chair.id)).toBe(true)
    dead.socket.terminate()
  })

  it("[WHO3] a chair who sits in the hall without a page is there because the secretariat says so, and until it names another", async () => {
    const { secretary, sweden, draft } = await begin()
    const by = async (words: string): Promise<string> => (await decide(secretary, draft, await proposes(sweden, draft, words))).decidedBy
    for (const [id, name] of [
      ["p-ada", "Ada Lund"],
      ["p-bo", "Bo Ek"],
    ] as const)
      await meeting.server.people.save({ id, name, role: "chair", hats: ["CHAIR"], isRevoked: false })
    const terms = { body: "Plenary", room: "B", date: "2026-11-26" }
    expect(await secretary.call("openSitting", {}, { ...terms, inHall: true })).toMatchObject({
      status: 400,
      detail: expect.stringMatching(/Name the chairperson/),
    })
    await secretary.call("openSitting", {}, { ...terms, chair: "p-ada", inHall: true })
    expect((await secretary.call("me")).sitting).toMatchObject({ present: "Ada Lund", inHall: true })
    hours(3)
    expect(await by("a")).toBe("Ada Lund")
    await secretary.call("changeSitting", {}, { room: "C" })
    expect(await by("b"), "another room").toBe("Ada Lund")
    await secretary.call("changeSitting", {}, { chair: "p-bo" })
    expect(await by("c"), "of Bo nobody has said it").toBe(chairNotPresent)
    await secretary.call("changeSitting", {}, { inHall: true })
    expect(await by("d")).toBe("Bo Ek")
    await secretary.call("changeSitting", {}, { inHall: false })
    expect(await by("e")).toBe(chairNotPresent)
    await secretary.call("openSitting", {}, { ...terms, chair: "p-bo" })
    expect(await by("f"), "a new sitting begins without").toBe(chairNotPresent)
  })

  it("[WHO3] of two chairs the one whom the sitting names; where it names nobody and both are there, none", async () => {
    const { secretary, sweden, draft } = await begin()
    const ada = await meeting.guest("chair", [], "Ada Lund")
    await meeting.guest("chair", [], "Bo Ek")
    const by = async (words: string): Promise<string> => (await decide(secretary, draft, await proposes(sweden, draft, words))).decidedBy
    expect(await by("a")).toBe(chairNotPresent)
    hours(0.1)
    await secretary.call("openSitting", {}, { body: "Plenary", room: "B", date: "2026-11-26", chair: "bo ek" })
    await ada.call("me")
    expect(await by("b"), "Ada is there, and not in the chair").toBe(chairNotPresent)
    const entry = await decide(ada, draft, await proposes(sweden, draft, "c"))
    expect(entry.decidedBy, "who decides with her own hand is named").toBe("Ada Lund")
  })
})

it("[WHO3 WHO8] that the chair is there, or is there no longer, is told on open sockets", async () => {
  await bare()
  const secretary = await meeting.guest("secretary")
  const draft = await imported(secretary)
  const line = await secretary.socket(draft, null).ready()
  const told = (): number => line.messages.filter((message) => message.kind === "notice" && message.notice.kind === "meeting").length
  const chair = await meeting.guest("chair", [], "Ada Lund")
  // Once for the list that has one more, once for the chair who is there.
  await line.until(() => told() === 2)
  expect((await secretary.call("me")).sitting.present).toBe("Ada Lund")
  await chair.call("signOut")
  await line.until(() => told() === 3)
  expect((await secretary.call("me")).sitting.present).toBe("")
})

it("[WHO1] a draft keeps no sitting of its own", async () => {
  await bare()
  const id = await meeting.draft(smallDraft())
  expect(JSON.stringify((await meeting.server.drafts.open(id)).record)).not.toContain("sitting")
  expect(readText(text).blocks.length).toBeGreaterThan(3)
})

import { randomBytes } from "node:crypto"
import { cpSync, rmSync } from "node:fs"
import { afterEach, describe, expect, it } from "vitest"
import * as Y from "yjs"
import { verify } from "../server/commands/verify.ts"
import { hashOfSnapshot } from "../server/storage/chain.ts"
import { openInlineStore } from "../server/storage/embedded.ts"
import { type Database, openDatabase } from "../server/storage/sqlite-driver.ts"
import { apiRoot, routes } from "../shared/api/contract.ts"
import { textOf } from "../shared/schema/block.ts"
import { newMark } from "../shared/schema/schema.ts"
import { encodeMessage } from "../shared/sync/protocol.ts"
import { blocksOf, blocksRoot, elementsOf, structureRoot, textOfElement } from "../shared/sync/read.ts"
import { newDraftDoc, removeText, slotAt, writeText } from "../shared/sync/write.ts"
import { clause, draftState } from "./build.ts"
import { Cohort } from "./cohort.ts"
import { databaseIn, tamper, valueIn } from "./damage.ts"
import { Guest, type Line, Meeting, type MeetingOptions, newFolder } from "./meeting.ts"

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function open(folder = newFolder(), options: MeetingOptions = {}): Promise<Meeting> {
  const meeting = await Meeting.open(folder, options)
  stops.push(() => meeting.stop())
  return meeting
}

/** The same person at the server that came after. */
const again = (guest: Guest, meeting: Meeting): Guest => new Guest(meeting, guest.cookie, guest.id)

/** A delegate's line that writes words into the first operative clause, one change each, durable when it resolves. */
class Writer {
  readonly line: Line
  readonly client: number
  written = 0
  private constructor(line: Line, client: number) {
    this.line = line
    this.client = client
  }

  static async join(guest: Guest, draft: string): Promise<Writer> {
    const { clientId } = await guest.join(draft)
    const line = await guest.socket(draft, clientId).ready()
    line.doc.clientID = clientId
    return new Writer(line, clientId)
  }

  write(words: string): Promise<void> {
    const { line, client } = this
    return this.edit((tr) => {
      const text = textOfElement(elementsOf(line.doc)[7]!)!
      writeText(tr, text, slotAt(tr, text, 3, "S"), words, [newMark("insertion", { id: `S.${client}.${this.written}`, source: "S" })])
    })
  }

  async edit(change: (tr: Y.Transaction) => void): Promise<void> {
    const { line } = this
    const sent = ++this.written
    const updates: Uint8Array[] = []
    const keep = (update: Uint8Array): void => void updates.push(update)
    line.doc.on("update", keep)
    line.doc.transact(change)
    line.doc.off("update", keep)
    line.send({ kind: "update", update: updates[0]! })
    await line.until(() => line.acknowledged >= sent || line.closed !== null)
  }
}

const textIn = (doc: Y.Doc): string => blocksOf(doc).map(textOf).join("\n")

/** What a person who only reads gets over the wire. */
async function read(guest: Guest, draft: string): Promise<string> {
  const line = await guest.socket(draft, null).ready()
  line.close()
  return textIn(line.doc)
}

/** A folder with two drafts, in one of which Sweden wrote words one after the other, each a row of its own; the server has stopped. */
async function written(
  words: readonly string[],
): Promise<{ folder: string; draft: string; other: string; chair: Guest; sweden: Guest; writer: Writer }> {
  const meeting = await Meeting.open()
  const [chair, sweden] = [await meeting.guest("chair"), await meeting.guest("delegate", ["S"])]
  const [draft, other] = [await meeting.draft(), await meeting.draft()]
  const writer = await Writer.join(sweden, draft)
  for (const word of words) await writer.write(word)
  // Both were open, so both leave a snapshot.
  await read(chair, other)
  await meeting.stop()
  return { folder: meeting.folder, draft, other, chair, sweden, writer }
}

/** Puts another state into a draft's snapshot, with all its proofs. */
function keepState(db: Database, draft: string, state: Uint8Array): void {
  const { seq, chain } = db.prepare("SELECT seq, chain FROM snapshots WHERE draft = ?").get(draft)!
  const hash = hashOfSnapshot(draft, Number(seq), chain as Uint8Array, state)
  db.prepare("UPDATE snapshots SET state = ?, hash = ? WHERE draft = ?").run(state, hash, draft)
}

describe("a snapshot that proves nothing is never served", () => {
  /** [what happens, how: `d` is the draft, `o` another] */
  const spoilt: readonly (readonly [string, (d: string, o: string) => string])[] = [
    ["altered", (d) => `UPDATE snapshots SET state = CAST(replace(CAST(state AS TEXT), 'alpha', 'omega') AS BLOB) WHERE draft = '${d}'`],
    ["emptied", (d) => `UPDATE snapshots SET state = x'' WHERE draft = '${d}'`],
    ["an empty document", (d) => `UPDATE snapshots SET state = x'0000' WHERE draft = '${d}'`],
    [
      "another draft's state",
      (d, o) => `UPDATE snapshots SET state = (SELECT state FROM snapshots WHERE draft = '${o}') WHERE draft = '${d}'`,
    ],
    [
      "another draft's altogether",
      (d, o) => `INSERT OR REPLACE INTO snapshots SELECT '${d}', seq, state, chain, hash, version FROM snapshots WHERE draft = '${o}'`,
    ],
    ["of an earlier row under a later number", (d) => `UPDATE snapshots SET seq = seq - 1 WHERE draft = '${d}'`],
    ["beyond the log", (d) => `UPDATE snapshots SET seq = 9000 WHERE draft = '${d}'`],
    ["without its proof", (d) => `UPDATE snapshots SET state = x'0000', chain = NULL, hash = NULL, version = NULL WHERE draft = '${d}'`],
    ["of another version", (d) => `UPDATE snapshots SET version = 0, state = x'0000' WHERE draft = '${d}'`],
  ]
  for (const [name, sql] of spoilt)
    it(`[STO5] ${name}: the log is replayed`, async () => {
      const { folder, draft, other, chair } = await written(["alpha ", "beta ", "gamma "])
      expect(valueIn(folder, "SELECT count(*) FROM snapshots")).toBe(2)
      tamper(folder, sql(draft, other))
      const meeting = await open(folder)
      const text = await read(again(chair, meeting), draft)
      for (const word of ["alpha", "beta", "gamma", "On the lighting of harbours"]) expect(text).toContain(word)
      expect((await again(chair, meeting).call("drafts")).map(({ damage }) => damage)).toEqual([null, null])
    })

  it("[STO5] one with all its proofs that is no document: the log is replayed, and the operator is told", async () => {
    const { folder, draft, chair } = await written(["alpha "])
    const junk = randomBytes(500)
    const db = openDatabase(databaseIn(folder))
    keepState(db, draft, junk)
    db.close()
    expect((await verify(folder, draft)).drafts[0]?.findings).toEqual([expect.stringMatching(/cannot be read as a draft/)])
    const meeting = await open(folder)
    expect(await read(again(chair, meeting), draft)).toContain("alpha")
  })

  it("[DAM7] one with all its proofs that is not what the log gives: verify finds it", async () => {
    const { folder, draft } = await written(["alpha "])
    const store = openInlineStore(folder)
    const doc = new Y.Doc()
    for (const { update } of await store.rows(draft, 0)) Y.applyUpdate(doc, update)
    await store.close()
    doc.getMap("meta").set("stage", "adopted")
    const state = Buffer.from(Y.encodeStateAsUpdate(doc))
    const db = openDatabase(databaseIn(folder))
    keepState(db, draft, state)
    db.close()
    expect((await verify(folder, draft)).drafts[0]?.findings).toEqual([expect.stringMatching(/is not what its log gives/)])
  })

  /** A folder in which two delegations proposed something about clauses as a whole, the one that came first before the other. */
  async function proposed(): Promise<{ folder: string; draft: string }> {
    const meeting = await Meeting.open()
    const draft = await meeting.draft()
    const [first, second] = [await meeting.guest("delegate", ["S"]), await meeting.guest("delegate", ["B"])]
    const writers = [await Writer.join(first, draft), await Writer.join(second, draft)]
    for (const [n, source] of [
      [0, "S"],
      [1, "B"],
      [0, "S"],
    ] as const) {
      const { line, client } = writers[n]!
      const block = blocksOf(line.doc)[7 + n]!.id
      await writers[n]!.edit(() => {
        const id = `${source}.${client}.${50 + writers[n]!.written}`
        line.doc.getMap(structureRoot).set(id, { id, of: "", source, block, kind: "delete" })
      })
    }
    await meeting.stop()
    return { folder: meeting.folder, draft }
  }

  /** Rewrites a snapshot as a document with the same words in it, but for what `change` does. */
  async function rewritten(folder: string, draft: string, change: (doc: Y.Doc) => void): Promise<void> {
    const store = openInlineStore(folder)
    const doc = newDraftDoc()
    for (const { update } of await store.rows(draft, 0)) Y.applyUpdate(doc, update)
    await store.close()
    change(doc)
    const db = openDatabase(databaseIn(folder))
    keepState(db, draft, Buffer.from(Y.encodeStateAsUpdate(doc)))
    db.close()
  }

  it("[DAM7] one in which proposals stand in another order than they were made in is whole", async () => {
    const { folder, draft } = await proposed()
    expect((await verify(folder, draft)).drafts[0]?.findings).toEqual([])
  })

  /** [what differs, how]: each with the same number of items of the same writers. */
  const differing: readonly (readonly [string, (doc: Y.Doc) => void])[] = [
    ["a proposal is gone", (doc) => doc.getMap(structureRoot).delete([...doc.getMap(structureRoot).keys()][0]!)],
    ["a letter is gone", (doc) => doc.transact((tr) => removeText(tr, textOfElement(elementsOf(doc)[7]!)!, 3, 4))],
    ["a clause is gone", (doc) => doc.getXmlFragment(blocksRoot).delete(7, 1)],
  ]
  for (const [name, change] of differing)
    it(`[DAM7] one in which ${name}: verify finds it`, async () => {
      const { folder, draft } = await proposed()
      await rewritten(folder, draft, change)
      expect((await verify(folder, draft)).drafts[0]?.findings).toEqual([expect.stringMatching(/is not what its log gives/)])
    })
})

/** A route as far as this asks. */
interface Shown {
  readonly method: string
  readonly path: string
  readonly givesFile?: boolean
}

describe("a damaged draft", () => {
  it("[DAM2] is listed with its sentence beside the others, which are as they were", async () => {
    const { folder, draft, other, chair } = await written(["alpha ", "beta ", "gamma "])
    tamper(folder, `DELETE FROM log WHERE draft = '${draft}' AND seq > 2`)
    const meeting = await open(folder)
    const drafts = await again(chair, meeting).call("drafts")
    expect(drafts.map(({ id }) => id)).toEqual([draft, other])
    expect(drafts[0]?.damage?.sentence).toMatch(
      /^This draft is damaged\. The last 2 entries of its log are missing\. What is shown is the draft as it was on \d+ \w+ \d{4} at \d\d:\d\d UTC\. Nobody can write/,
    )
    expect(drafts[0]).toMatchObject({ damage: { isReadable: true, until: expect.stringMatching(/Z$/) }, openChanges: 1 })
    expect(drafts[1]).toMatchObject({ damage: null })
    const text = await read(again(chair, meeting), draft)
    expect([text.includes("alpha"), text.includes("beta")], "the good prefix and no more").toEqual([true, false])
    const writer = await Writer.join(again(await meeting.guest("delegate", ["S"]), meeting), other)
    await writer.write("delta ")
    expect(await read(again(chair, meeting), other)).toContain("delta")
  })

  it("[DAM2] of which nothing is left is listed, and says so where it is opened", async () => {
    const { folder, draft, other, chair } = await written(["alpha "])
    tamper(
      folder,
      ...["log", "register", "snapshots", "clients"].map((table) => `DELETE FROM ${table} WHERE draft = '${draft}'`),
      `DELETE FROM drafts WHERE id = '${draft}'`,
    )
    const meeting = await open(folder)
    const guest = again(chair, meeting)
    const drafts = await guest.call("drafts")
    expect(drafts.map(({ id }) => id)).toEqual([other, draft])
    expect(drafts[1]).toMatchObject({ title: "On the lighting of harbours", damage: { isReadable: false } })
    const opened = await guest.request("GET", `${apiRoot}/drafts/${draft}`)
    expect([opened.status, opened.type]).toEqual([503, "application/problem+json; charset=utf-8"])
    expect((opened.body as { detail: string }).detail).toMatch(/Nothing of it is left in the database\. Nothing of it can be shown\./)
  })

  it("[DAM2] is written by nobody and leaves the house in no paper, whatever the route", async () => {
    const { folder, draft, chair } = await written(["alpha ", "beta "])
    tamper(folder, `DELETE FROM log WHERE draft = '${draft}' AND seq > 2`)
    const meeting = await open(folder)
    const [guest, secretary] = [again(chair, meeting), await meeting.guest("secretary")]
    const change = (await guest.call("changes", { draft }))[0]!
    const seen = [{ id: change.id, hash: change.hash }]
    const anchor = { on: "clause", block: change.block }
    const bodies: Record<string, unknown> = {
      ...{ join: {}, decide: { verdict: "accept", changes: seen }, withdraw: { act: "withdraw", changes: seen } },
      ...{
        takeBack: { n: 1 },
        reopen: { change: change.id },
        attribute: { source: "S", changes: seen },
        untie: { change: change.id },
        comment: { anchor, text: "x" },
        reply: { text: "x" },
        resolveThread: { resolved: true },
      },
      ...{
        settings: { secretaryOperates: false },
        openToPublic: { view: "open" },
        adopt: { stage: "adopted" },
        nameVersion: { name: "v" },
      },
      publish: { format: "txt" },
    }
    for (const [name, { method, path, givesFile }] of Object.entries<Shown>(routes).filter(([, route]) => route.path.includes(":draft"))) {
      const address = `${apiRoot}${path.replace(":draft", draft).replace(":version", "1").replace(":thread", "t1").replace(":hash", "0")}`
      const asked = async (who: Guest) => who.request(method.toUpperCase(), address, method === "post" ? { body: bodies[name] ?? {} } : {})
      const answers = [await asked(guest), await asked(secretary)]
      // What only looks does so also here; what writes, or gives a paper, does not.
      if (method === "get" && !givesFile) expect([name, answers[0]!.status]).toEqual([name, 200])
      // Whom the policy lets do it hears why it cannot be done.
      else
        expect([name, answers.some(({ status }) => [503, 404].includes(status)), answers.every(({ status }) => status >= 400)]).toEqual([
          name,
          true,
          true,
        ])
      for (const { body } of answers) expect(JSON.stringify(body)).not.toMatch(/\.[jt]s:\d+/)
    }
    expect((await guest.request("GET", `/public/${draft}`)).status).toBeGreaterThanOrEqual(404)
    expect((await guest.request("GET", `/public/${draft}`)).body).toMatchObject({
      detail: expect.stringMatching(/what is kept of the draft is damaged/),
    })
    expect((await guest.call("register", { draft })).map(({ act }) => act)).toEqual(["import"])
  })

  it("[DAM2] sends away who holds more than it has, with how much it still has of theirs; standard providers are refused", async () => {
    const { folder, draft, sweden, writer } = await written(["alpha ", "beta "])
    tamper(folder, `DELETE FROM log WHERE draft = '${draft}' AND seq > 2`)
    const meeting = await open(folder)
    const guest = again(sweden, meeting)
    const line = guest.socket(draft, writer.client)
    await line.until(() => line.closed !== null)
    const refused = line.messages.find((message) => message.kind === "refused")
    expect([line.closed, refused?.kind === "refused" && refused.refused]).toEqual([
      4409,
      { reason: "damaged", block: null, raced: false, clock: Y.getState(await stateOf(meeting, draft), writer.client) },
    ])
    const stock = guest.socket(draft, writer.client, { ours: false })
    await stock.until(() => stock.failed !== null)
    expect(stock.failed).toBe("403")
  })

  it("[DAM5] goes on in a new epoch once the loss was accepted beside the running server; who comes with words of before starts again", async () => {
    const { folder, draft, chair, sweden, writer } = await written(["alpha ", "beta "])
    tamper(folder, `DELETE FROM log WHERE draft = '${draft}' AND seq > 2`)
    const meeting = await open(folder)
    const [head, guest] = [again(chair, meeting), again(sweden, meeting)]
    const reader = await head.socket(draft, null).ready()
    expect((await head.call("drafts"))[0]?.damage).not.toBeNull()
    const beside = openInlineStore(folder, {})
    await beside.acceptLoss(draft, "2026-11-23T08:00:00.000Z")
    await beside.close()
    const [listed] = await head.call("drafts")
    expect(listed).toMatchObject({
      damage: null,
      loss: { epoch: 2, sentence: expect.stringMatching(/The last entry of its log is missing/) },
    })
    const joined = await guest.join(draft)
    expect(joined.epoch).toBe(2)
    expect(joined.clientId).toBeGreaterThan(writer.client + 1)
    await reader.until(() => reader.closed !== null)
    const old = guest.socket(draft, writer.client)
    await old.until(() => old.closed !== null)
    expect([old.closed, old.refusal]).toEqual([4409, "epoch"])
    const fresh = await Writer.join(guest, draft)
    await fresh.write("delta ")
    const text = await read(head, draft)
    expect([text.includes("alpha"), text.includes("beta"), text.includes("delta")]).toEqual([true, false, true])
    expect((await head.call("register", { draft })).map(({ act, decidedBy }) => [act, decidedBy])).toContainEqual([
      "acceptLoss",
      "operator",
    ])
    await meeting.stop()
    const next = await open(folder)
    expect((await again(chair, next).call("drafts"))[0]).toMatchObject({ damage: null, loss: { epoch: 2 } })
    expect(await read(again(chair, next), draft)).toContain("delta")
  })
})

describe("a folder that was set back to a copy of before", () => {
  it("[SOCK13] gives client ids again: who has one from then is told to start again, and the draft has nothing of theirs", async () => {
    const { folder, draft, sweden } = await written(["alpha "])
    const copy = newFolder()
    cpSync(folder, copy, { recursive: true })
    let meeting = await open(folder)
    const laptop = await again(sweden, meeting).join(draft)
    const line = await again(sweden, meeting).socket(draft, laptop.clientId, { pass: laptop.pass }).ready()
    expect(line.refusal).toBeNull()
    await meeting.stop()
    rmSync(folder, { recursive: true })
    cpSync(copy, folder, { recursive: true })
    meeting = await open(folder)
    const guest = again(sweden, meeting)
    const told = async (): Promise<unknown> => {
      const old = guest.socket(draft, laptop.clientId, { pass: laptop.pass })
      await old.until(() => old.closed !== null)
      const refused = old.messages.find((message) => message.kind === "refused")
      return [old.closed, refused?.kind === "refused" && refused.refused]
    }
    const startAgain = [4409, { reason: "epoch", block: null, raced: false, clock: 0 }]
    expect(await told(), "nobody has it").toEqual(startAgain)
    const phone = await Writer.join(guest, draft)
    expect(phone.client, "it is given again").toBe(laptop.clientId)
    await phone.write("beta ")
    expect(await told(), "another has it").toEqual(startAgain)
    // What names no pass is as strange as ever.
    const stranger = guest.socket(draft, laptop.spare + 9)
    await stranger.until(() => stranger.failed !== null)
    expect(stranger.failed).toBe("403")
  })

  it("[SOCK13] a page to which the room shows less than it had told or acknowledged starts again", async () => {
    const cohort = new Cohort(draftState([clause("to report,", "c1")]))
    const [s, b] = [cohort.member("S"), cohort.member("B")]
    const frameOf = (doc: Y.Doc): Uint8Array => encodeMessage({ kind: "step1", stateVector: Y.encodeStateVector(doc) })
    const clone = (doc: Y.Doc): Y.Doc => {
      const copy = newDraftDoc()
      Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
      return copy
    }
    await cohort.settle()
    const before = clone(cohort.room.main)
    s.type(0, 2, " again")
    s.session.receive(frameOf(before))
    expect(s.session.isOver, "words that are on their way are no sign of it").toBe(false)
    await cohort.settle()
    const [own, others] = [clone(cohort.room.main), clone(cohort.room.main)]
    b.type(0, 0, "so ")
    await cohort.settle()
    s.session.receive(frameOf(own))
    expect(s.session.isOver, "what another wrote is there no more").toBe(true)
    b.session.receive(frameOf(others))
    expect(b.session.isOver, "what was acknowledged is there no more").toBe(true)
  })
})

const stateOf = async (meeting: Meeting, draft: string): Promise<Y.Doc["store"]> =>
  (await meeting.server.drafts.open(draft)).room.main.store

import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { afterEach, describe, expect, it } from "vitest"
import * as Y from "yjs"
import { acceptLosses, verify } from "../server/commands/verify.ts"
import { chainOf } from "../server/storage/chain.ts"
import { openInlineStore } from "../server/storage/embedded.ts"
import { openDatabase } from "../server/storage/sqlite-driver.ts"
import { textOf } from "../shared/schema/block.ts"
import { newMark } from "../shared/schema/schema.ts"
import { blocksOf, elementsOf, textOfElement } from "../shared/sync/read.ts"
import { slotAt, writeText } from "../shared/sync/write.ts"
import { databaseIn, headIn, tamper } from "./damage.ts"
import { Guest, type Line, Meeting } from "./meeting.ts"

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop().catch(() => undefined)
})

async function open(folder?: string): Promise<Meeting> {
  const meeting = folder === undefined ? await Meeting.open() : await Meeting.open(folder)
  stops.push(() => meeting.stop())
  return meeting
}

/** A delegate's line that writes words into an operative clause. */
async function writing(guest: Guest, draft: string): Promise<{ line: Line; write: (words: string) => Promise<void> }> {
  const { clientId } = await guest.join(draft)
  const line = await guest.socket(draft, clientId).ready()
  line.doc.clientID = clientId
  let sent = 0
  return {
    line,
    write: async (words) => {
      const updates: Uint8Array[] = []
      const keep = (update: Uint8Array): void => void updates.push(update)
      line.doc.on("update", keep)
      line.doc.transact((tr) => {
        const text = textOfElement(elementsOf(line.doc)[7]!)!
        writeText(tr, text, slotAt(tr, text, 3, "S"), words, [newMark("insertion", { id: `S.${clientId}.${++sent}`, source: "S" })])
      })
      line.doc.off("update", keep)
      line.send({ kind: "update", update: updates[0]! })
      await line.until(() => line.acknowledged >= sent || line.closed !== null)
    },
  }
}

async function read(guest: Guest, draft: string): Promise<string> {
  const line = await guest.socket(draft, null).ready()
  line.send({ kind: "step1", stateVector: Y.encodeStateVector(line.doc) })
  await line.until(() => line.messages.filter((message) => message.kind === "step2").length > 1)
  line.close()
  return blocksOf(line.doc).map(textOf).join("\n")
}

describe("a log that loses rows under the running server", () => {
  /** [what is done to draft `d` under the server, what its sentence says, the words of which are still shown] */
  const losses: readonly (readonly [string, (d: string) => string, RegExp, readonly boolean[]])[] = [
    [
      "its tail is cut",
      (d) => `DELETE FROM log WHERE draft = '${d}' AND seq > 2`,
      /The last 2 entries of its log are missing/,
      [true, false],
    ],
    ["all its rows are gone", (d) => `DELETE FROM log WHERE draft = '${d}'`, /Its log is missing/, []],
    [
      "its record of decisions is emptied",
      (d) => `DELETE FROM register WHERE draft = '${d}'`,
      /last entry of its record of decisions is missing/,
      [true, true],
    ],
    [
      "its last row is another",
      (d) => `UPDATE log SET chain = zeroblob(32) WHERE draft = '${d}' AND seq = 4`,
      /Entry 4 of its log was altered/,
      [true, true],
    ],
  ]
  for (const [name, sql, sentence, shown] of losses)
    it(`[DAM9] ${name}: nobody writes to the draft any more, heads stay, it is listed with its sentence, the others go on`, async () => {
      const meeting = await open()
      const [chair, sweden] = [await meeting.guest("chair"), await meeting.guest("delegate", ["S"])]
      const [draft, other] = [await meeting.draft(), await meeting.draft()]
      const writer = await writing(sweden, draft)
      for (const word of ["alpha ", "beta ", "gamma "]) await writer.write(word)
      await expect.poll(() => headIn(meeting.folder, draft)?.seq).toBe(4)
      tamper(meeting.folder, sql(draft))
      const anchor = { on: "clause" as const, block: blocksOf(writer.line.doc)[7]!.id }
      const answers: (number | undefined)[] = []
      for (let i = 0; i < 4; i++) answers.push((await chair.call("comment", { draft }, { anchor, text: `Remark ${i}` })).status)
      expect(answers).toEqual([503, 503, 503, 503])
      const [listed, whole] = await chair.call("drafts")
      expect([listed?.damage?.sentence, whole?.damage]).toEqual([expect.stringMatching(sentence), null])
      if (shown.length > 0) {
        const text = await read(chair, draft)
        expect(["alpha", "beta"].map((word) => text.includes(word))).toEqual(shown)
      }
      expect(writer.line.closed).not.toBeNull()
      const elsewhere = await writing(sweden, other)
      await elsewhere.write("delta ")
      expect(elsewhere.line.acknowledged).toBe(1)
      await meeting.stop()
      expect(headIn(meeting.folder, draft)).toMatchObject({ seq: 4 })
      const again = await open(meeting.folder)
      expect((await new Guest(again, chair.cookie, chair.id).call("drafts"))[0]?.damage?.sentence).toMatch(sentence)
      const found = await verify(meeting.folder, draft)
      expect(found.drafts[0]?.findings.join(" ")).toMatch(sentence)
    })

  it("[DAM9] another program's rows, well chained: the room is opened anew with them, and nothing is lost", async () => {
    const meeting = await open()
    const [chair, sweden] = [await meeting.guest("chair"), await meeting.guest("delegate", ["S"])]
    const draft = await meeting.draft()
    const writer = await writing(sweden, draft)
    await writer.write("alpha ")
    const beside = openInlineStore(meeting.folder, {})
    await beside.examine(draft)
    const doc = new Y.Doc()
    for (const { update } of await beside.rows(draft, 0)) Y.applyUpdate(doc, update)
    const before = Y.encodeStateVector(doc)
    doc.getMap("meta").set("stage", "adopted")
    const row = { client: 0, person: "", source: "SEC", kind: "act" as const, at: "2026-11-23T08:00:00.000Z" }
    await beside.append(draft, { rows: [{ ...row, update: Y.encodeStateAsUpdate(doc, before) }], entries: [] })
    await beside.close()
    await writer.write("beta ")
    expect(writer.line.closed).not.toBeNull()
    expect((await chair.call("drafts"))[0]).toMatchObject({ damage: null, stage: "adopted" })
    expect(await read(chair, draft)).toContain("alpha")
  })
})

describe("a row that another program changes under the running server", () => {
  const changes: readonly (readonly [string, string, RegExp])[] = [
    [
      "an entry of its record of decisions",
      "UPDATE register SET entry = replace(entry, 'import', 'adopt')",
      /Entry 1 of its record of decisions was/,
    ],
    ["the last entry of its record", "DELETE FROM register WHERE n = 2", /last entry of its record of decisions is missing/],
    ["a row in the middle of its log", "UPDATE log SET bytes = x'0000' WHERE seq = 2", /Entry 2 of its log was altered/],
    [
      "the text in force in its own record",
      "UPDATE drafts SET record = json_set(record, '$.force', '[]')",
      /Its own record .* was altered/,
    ],
    ["its own record, which is gone", "DELETE FROM drafts WHERE TRUE", /Its own record .* is missing/],
  ]
  for (const [name, sql, sentence] of changes)
    it(`[DAM9] ${name}: told without a word being written, nobody writes any more, the other drafts go on`, async () => {
      const meeting = await open()
      const [chair, sweden] = [await meeting.guest("chair"), await meeting.guest("delegate", ["S"])]
      const [draft, other] = [await meeting.draft(), await meeting.draft()]
      const writer = await writing(sweden, draft)
      for (const word of ["alpha ", "beta ", "gamma "]) await writer.write(word)
      const anchor = { on: "clause" as const, block: blocksOf(writer.line.doc)[7]!.id }
      await chair.call("comment", { draft }, { anchor, text: "A remark" })
      tamper(meeting.folder, `${sql} ${sql.includes("WHERE") ? "AND" : "WHERE"} ${sql.includes("drafts") ? "id" : "draft"} = '${draft}'`)
      await writer.line.until(() => writer.line.closed !== null)
      const damages = async (): Promise<Map<string, string | undefined>> =>
        new Map((await chair.call("drafts")).map(({ id, damage }) => [id, damage?.sentence]))
      expect((await damages()).get(draft)).toMatch(sentence)
      expect((await damages()).get(other)).toBeUndefined()
      expect((await chair.call("comment", { draft }, { anchor, text: "Another" })).status).toBe(503)
      const elsewhere = await writing(sweden, other)
      await elsewhere.write("delta ")
      expect(elsewhere.line.acknowledged).toBe(1)
    })

  it("[DAM9] its own title: the draft is opened anew", async () => {
    const meeting = await open()
    const [chair, sweden] = [await meeting.guest("chair"), await meeting.guest("delegate", ["S"])]
    const draft = await meeting.draft()
    const writer = await writing(sweden, draft)
    await writer.write("alpha ")
    tamper(meeting.folder, "UPDATE drafts SET record = json_set(record, '$.title', 'Another title')")
    await writer.line.until(() => writer.line.closed !== null)
    expect((await chair.call("drafts"))[0]).toMatchObject({ damage: null })
    expect(await read(chair, draft)).toContain("alpha")
  })

  it("[DAM9] rows about people: no draft is closed", async () => {
    const meeting = await open()
    const sweden = await meeting.guest("delegate", ["S"])
    const writer = await writing(sweden, await meeting.draft())
    tamper(meeting.folder, "UPDATE people SET name = 'Elsewhere'")
    await expect.poll(async () => JSON.stringify((await sweden.request("GET", "/api/v1/people")).body)).toContain("Elsewhere")
    await writer.write("alpha ")
    expect([writer.line.acknowledged, writer.line.closed]).toEqual([1, null])
  })
})

describe("papers while the place is changed under the server", () => {
  const formats = ["docx", "html", "txt", "akn", "json"] as const
  async function papered(): Promise<{
    meeting: Meeting
    secretary: Guest
    draft: string
    papers: readonly string[]
    statuses: () => Promise<number[]>
  }> {
    const meeting = await open()
    const secretary = await meeting.guest("secretary")
    const draft = await meeting.draft()
    const { status } = await secretary.call("nameVersion", { draft }, { name: "First" } as never)
    expect(status ?? 200).toBe(200)
    const { hash } = (await secretary.call("publish", { draft, version: "1" } as never, { format: "txt" } as never)) as unknown as {
      hash: string
    }
    await secretary.call("openToPublic", { draft }, { view: "open" } as never)
    const own = `/api/v1/drafts/${draft}`
    const papers = [
      ...formats.map((format) => `${own}/export?format=${format}`),
      ...[`${own}/export?format=txt&version=1`, `${own}/versions/1/files/${hash}`, `${own}/versions/1/compare`, `/public/${draft}`],
    ]
    const statuses = async (): Promise<number[]> => Promise.all(papers.map(async (path) => (await secretary.request("GET", path)).status))
    expect(await statuses(), papers.join()).toEqual(papers.map(() => 200))
    return { meeting, secretary, draft, papers, statuses }
  }

  it("[DAM2] an older copy over the database: none leaves the house, without a word being written, those kept ready neither", async () => {
    const { meeting, statuses, papers } = await papered()
    const path = databaseIn(meeting.folder)
    writeFileSync(path, Buffer.alloc(readFileSync(path).length, 0xa5))
    expect(await statuses()).toEqual(papers.map(() => 503))
  })

  it("[DAM2] entries of the draft altered: none of the ones it had leaves the house", async () => {
    const { meeting, draft, statuses, papers } = await papered()
    tamper(meeting.folder, `UPDATE register SET entry = replace(entry, 'import', 'adopt') WHERE draft = '${draft}'`)
    const found = await statuses()
    expect(papers.filter((_, i) => found[i]! < 400)).toEqual([])
  })
})

describe("what proves that there was more, without heads", () => {
  async function written(): Promise<{ folder: string; draft: string; chair: Guest }> {
    const meeting = await Meeting.open()
    const [chair, sweden] = [await meeting.guest("chair"), await meeting.guest("delegate", ["S"])]
    const draft = await meeting.draft()
    const writer = await writing(sweden, draft)
    for (const word of ["alpha ", "beta ", "gamma "]) await writer.write(word)
    await writer.line.until(() => writer.line.acknowledged === 3)
    const [change] = await chair.call("changes", { draft })
    await chair.call("decide", { draft }, { verdict: "accept", changes: [{ id: change!.id, hash: change!.hash }] } as never)
    await writer.write("delta ")
    await meeting.stop()
    return { folder: meeting.folder, draft, chair }
  }

  for (const [name, sql, sentence] of [
    ["the record of decisions was emptied", "DELETE FROM register", /2 acts of its log are missing in its record of decisions/],
    ["the last decision was taken out", "DELETE FROM register WHERE n = 2", /An act of its log is missing in its record of decisions/],
    [
      "the tail of the log was cut behind the last decision, and the snapshot is of more",
      "DELETE FROM log WHERE seq > 5",
      /The last entry of its log is missing/,
    ],
    [
      "the tail of the log was cut with what was decided on it",
      "DELETE FROM log WHERE seq > 3; DELETE FROM register WHERE seq > 3",
      /The last 3 entries of its log are missing/,
    ],
  ] as const)
    it(`[DAM10] ${name}: told, and written by nobody`, async () => {
      const { folder, draft, chair } = await written()
      const heads = `${folder}/heads`
      tamper(folder, sql)
      rmSync(heads)
      const meeting = await open(folder)
      const guest = new Guest(meeting, chair.cookie, chair.id)
      expect((await guest.call("drafts"))[0]?.damage?.sentence).toMatch(sentence)
      expect((await guest.call("join", { draft }, {})).status).toBe(503)
      expect((await verify(folder, null)).drafts[0]?.findings.join(" ")).toMatch(sentence)
      await meeting.stop()
      await acceptLosses(folder, draft, "2026-11-23T08:00:00.000Z")
      expect((await verify(folder, null)).drafts[0]?.findings).toEqual([])
      const db = openDatabase(databaseIn(folder))
      db.exec("DELETE FROM register")
      db.close()
      expect((await verify(folder, null)).drafts[0]?.findings.join(" ")).toMatch(/record of decisions/)
    })

  for (const [name, sql, sentence] of [
    ["the tail of its log, in which nothing was decided", "DELETE FROM log WHERE seq > 5", /The last entry of its log is missing/],
    [
      "the tail of its log and of its record",
      "DELETE FROM log WHERE seq > 2; DELETE FROM register WHERE seq > 2",
      /The last 4 entries of its log are missing/,
    ],
    [
      "the entry of its decision, with who decided,",
      "DELETE FROM register WHERE n = 2; UPDATE log SET person = '' WHERE kind = 'act'",
      /record of decisions is missing|was altered/,
    ],
    [
      "its log, its record and itself",
      "DELETE FROM log; DELETE FROM register; DELETE FROM drafts",
      /Nothing of it is left in the database/,
    ],
    ["itself", "DELETE FROM drafts", /Its own record .* is missing/],
  ] as const)
    it(`[DAM10] without heads and snapshots, ${name} is gone: the draft is listed and told, and written by nobody`, async () => {
      const { folder, draft, chair } = await written()
      tamper(folder, "DELETE FROM snapshots", sql)
      rmSync(`${folder}/heads`)
      expect((await verify(folder, null)).drafts[0]?.findings.join(" ")).toMatch(sentence)
      const meeting = await open(folder)
      const guest = new Guest(meeting, chair.cookie, chair.id)
      expect((await guest.call("drafts"))[0]?.damage?.sentence).toMatch(sentence)
      expect((await guest.call("join", { draft }, {})).status).toBe(503)
      await meeting.stop()
      await acceptLosses(folder, draft, "2026-11-23T08:00:00.000Z")
      expect((await verify(folder, null)).drafts.flatMap(({ findings }) => findings)).toEqual([])
    })

  it("[DAM10] rows that lean on words which are not there, though their chain is whole: what was before them is shown, nobody writes, verify tells", async () => {
    const { folder, draft, chair } = await written()
    // A row in the middle is taken out and all behind it is chained anew.
    const store = openInlineStore(folder)
    const rows = await store.rows(draft, 0)
    await store.close()
    const db = openDatabase(databaseIn(folder))
    db.exec(`DELETE FROM log WHERE draft = '${draft}'; DELETE FROM snapshots; DELETE FROM register WHERE n > 1`)
    let chain: Uint8Array = new Uint8Array(32)
    const kept = rows.filter(({ seq, kind }) => seq !== 2 && (kind === "edit" || seq === 1))
    for (const [i, row] of kept.entries()) {
      const put = { ...row, seq: i + 1 }
      chain = chainOf(chain, draft, put)
      db.prepare("INSERT INTO log (draft, seq, client, person, source, kind, at, bytes, chain) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)").run(
        ...[draft, put.seq, put.client, put.person, put.source, put.kind, put.at, put.update, chain],
      )
    }
    db.close()
    rmSync(`${folder}/heads`)
    const sentence = /Entry 2 of its log leans on words that are not in it/
    expect((await verify(folder, null)).drafts[0]?.findings.join(" ")).toMatch(sentence)
    const meeting = await open(folder)
    const guest = new Guest(meeting, chair.cookie, chair.id)
    expect((await guest.call("drafts"))[0]?.damage?.sentence).toMatch(sentence)
    expect((await guest.call("join", { draft }, {})).status).toBe(503)
    expect(await read(guest, draft)).not.toContain("beta")
    await meeting.stop()
    await acceptLosses(folder, draft, "2026-11-23T08:00:00.000Z")
    expect((await verify(folder, null)).drafts[0]?.findings).toEqual([])
  })
})

describe("words that were saved a moment ago, and lost with the write-ahead log", () => {
  for (const [name, spoil] of [
    ["cut", (wal: string) => truncateSync(wal, Math.floor(readFileSync(wal).length / 2))],
    ["emptied", (wal: string) => truncateSync(wal, 0)],
    ["removed", (wal: string) => rmSync(wal)],
  ] as const)
    it(`[DAM3] the log is ${name} before heads were written: the server writes down what it acknowledged, and the loss is told after a restart`, async () => {
      const meeting = await open()
      const sweden = await meeting.guest("delegate", ["S"])
      const draft = await meeting.draft()
      const writer = await writing(sweden, draft)
      await expect.poll(() => headIn(meeting.folder, draft)?.seq).toBe(1)
      for (let i = 0; i < 8; i++) await writer.write(`word${i} `)
      expect(writer.line.acknowledged).toBe(8)
      spoil(`${databaseIn(meeting.folder)}-wal`)
      await expect.poll(() => headIn(meeting.folder, draft)?.seq).toBe(9)
      await meeting.stop()
      expect(headIn(meeting.folder, draft)?.seq).toBe(9)
      // Whatever SQLite makes of the rest: what is not there is missed.
      const found = await verify(meeting.folder, null).then(({ drafts, findings }) => [
        ...drafts.flatMap((one) => one.findings),
        ...findings,
      ])
      expect(found.join(" ")).toMatch(/of its log (is|are) missing|was emptied or replaced|Its log is missing|Nothing of it is left/)
    })

  it("[DAM3] heads that another has put there meanwhile are left alone", async () => {
    const meeting = await open()
    const sweden = await meeting.guest("delegate", ["S"])
    const draft = await meeting.draft()
    const writer = await writing(sweden, draft)
    await expect.poll(() => headIn(meeting.folder, draft)?.seq).toBe(1)
    await writer.write("word ")
    const others = '{"heads": [], "check": "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"}'
    writeFileSync(`${meeting.folder}/heads`, others)
    rmSync(`${databaseIn(meeting.folder)}-wal`)
    await meeting.stop()
    expect(readFileSync(`${meeting.folder}/heads`, "utf8")).toBe(others)
  })
})

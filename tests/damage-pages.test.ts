import { copyFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { acceptLosses, verify } from "../server/commands/verify.ts"
import { hashOfBytes } from "../server/drafts/kept-files.ts"
import { expected, openInlineStore } from "../server/storage/embedded.ts"
import { lockDirectory } from "../server/storage/lock.ts"
import { contentOf } from "../server/storage/made-anew.ts"
import { openDatabase } from "../server/storage/sqlite-driver.ts"
import type { Store } from "../server/storage/store.ts"
import { databaseIn, tamper } from "./damage.ts"
import { newFolder } from "./meeting.ts"
import { draftRecord } from "./store-contract.ts"

const at = "2026-11-22T09:00:00.000Z"
const names = ["a", "b", "c"]
const rowOf = (draft: string, client: number) => ({
  ...{ client, person: "p1", source: "S", kind: "edit" as const, at },
  // An update that changes nothing, with room behind it.
  update: Buffer.concat([Buffer.from([0, 0]), Buffer.alloc(700, draft)]),
})
const sitting = { body: "Council", room: "A", date: "2026-11-22", chair: "" }
const entry = { act: "import", at, decidedBy: "p1", enteredBy: "p1", source: "SEC", sitting, details: {} }

const template = Buffer.alloc(9_000, 7)

/** A meeting with something in every table and three drafts of several pages each. */
async function meeting(): Promise<{ folder: string; clients: readonly number[] }> {
  const folder = newFolder()
  const store = openInlineStore(folder)
  await store.savePerson({ id: "p1", name: "Ada Lund", role: "chair", hats: ["CHAIR"], isRevoked: false })
  await store.saveSource({ code: "S", name: "Sweden" })
  await store.saveSetting("template", JSON.stringify({ name: "ours", hash: hashOfBytes(template) }))
  await store.saveSitting({ id: "s1", body: "Council", room: "A", date: "2026-11-22", chair: null, openedAt: at, closedAt: null })
  const terms = { role: "chair" as const, hats: ["CHAIR"], person: "p1", expiresAt: at, madeAt: at, madeBy: null, isWithdrawn: false }
  await store.saveInvitation({ tokenHash: "cd", ...terms })
  await store.saveSignIn({ cookieHash: "ef", person: "p1", expiresAt: at })
  await store.saveFile(hashOfBytes(template), template)
  const clients: number[] = []
  for (const draft of names) {
    await store.createDraft(draftRecord(draft), { rows: [rowOf(draft, 0)], entries: [entry] })
    clients.push(await store.assignClient(draft, "p1", "S", "k"))
    await store.append(draft, { rows: Array.from({ length: 60 }, () => rowOf(draft, clients.at(-1)!)), entries: [] })
    await store.saveSnapshot(draft, { seq: 61, state: Buffer.alloc(9_000, draft) })
  }
  await store.close()
  return { folder, clients }
}

const pageBytes = 4_096

/** Overwrites pages of a database, counted from 1, with what a failing disk may give. */
function spoil(folder: string, pages: readonly number[], fill = 0xa5): Buffer {
  const bytes = readFileSync(databaseIn(folder))
  for (const page of pages) bytes.fill(fill, (page - 1) * pageBytes, page * pageBytes)
  writeFileSync(databaseIn(folder), bytes)
  return bytes
}

function schemaIn(folder: string): readonly { name: string; table: string; root: number }[] {
  const db = openDatabase(databaseIn(folder), { readOnly: true })
  const rows = db.prepare("SELECT name, tbl_name, rootpage FROM sqlite_schema WHERE rootpage > 0").all()
  db.close()
  return rows.map((row) => ({ name: String(row.name), table: String(row.tbl_name), root: Number(row.rootpage) }))
}

/** Pages of the log that hold words of one draft and of no other. */
function pagesOf(folder: string, draft: string): number[] {
  const bytes = readFileSync(databaseIn(folder))
  const runs = (page: number, letter: string): number =>
    bytes.subarray((page - 1) * pageBytes, page * pageBytes).filter((byte) => byte === letter.charCodeAt(0)).length
  const pages = Array.from({ length: bytes.length / pageBytes }, (_, i) => i + 1)
  // A page of a snapshot is full of it.
  return pages.filter(
    (page) => runs(page, draft) > 1_500 && runs(page, draft) < 4_000 && names.every((other) => other === draft || runs(page, other) < 300),
  )
}

const asServer = (folder: string): Store => openInlineStore(folder, { ...expected(folder), isServer: true })

const damages = async (store: Store): Promise<(string | null | undefined)[]> =>
  Promise.all(names.map(async (draft) => (await store.examine(draft))?.damage))

const roots = await (async () => schemaIn((await meeting()).folder).map(({ name }) => name))()

describe("one bad page in a table or an index", () => {
  for (const name of roots)
    it(`[DAM11] ${name}: it is served, or refused with a sentence and left alone; accept-loss goes on, and the alarm is off`, async () => {
      const { folder, clients } = await meeting()
      const { root, table } = schemaIn(folder).find((part) => part.name === name)!
      const bytes = spoil(folder, [root])
      const isTable = name === table
      const isOfMeeting = isTable && contentOf[table] !== undefined
      const { findings } = await verify(folder, null)
      expect(findings.join(" ")).toMatch(/SQLite finds its file damaged: /)
      if (isTable) expect(findings.join(" ")).toMatch(new RegExp(`The table ${table}( \\([^)]+\\))? cannot be read to its end\\.`))
      if (isOfMeeting) {
        const sentence = new RegExp(
          `is damaged: of its table ${table} \\(.*\\) not all can be read .* Nothing was written\\. Put a backup .* accept-loss --all`,
        )
        expect(() => asServer(folder)).toThrow(sentence)
        await expect(acceptLosses(folder, "a", at)).rejects.toThrow(sentence)
        expect(readFileSync(databaseIn(folder)).equals(bytes)).toBe(true)
      } else await asServer(folder).close()
      const isOfDrafts = ["drafts", "log", "register"].includes(name)
      // The institution's template is a file that is missed.
      if (isOfMeeting || isOfDrafts || name === "files") {
        const { losses, hurt } = await acceptLosses(folder, null, at)
        expect([losses.length, hurt]).toEqual([isOfDrafts ? 3 : 0, isOfMeeting ? [table] : []])
      }
      expect(readFileSync(`${databaseIn(folder)}.damaged-1`).equals(bytes), "the damaged file is kept to the byte").toBe(true)
      expect((await verify(folder, null)).findings).toEqual([])
      const store = asServer(folder)
      if (isOfDrafts) expect(await damages(store)).toEqual(names.map(() => (name === "log" ? undefined : null)))
      else expect(await damages(store)).toEqual([null, null, null])
      if (!isOfMeeting || table !== "people") expect((await store.people()).map((person) => person.name)).toEqual(["Ada Lund"])
      if (name !== "log") for (const draft of names) await store.append(draft, { rows: [rowOf(draft, 0)], entries: [] })
      if (name !== "log") expect(await store.assignClient("a", "p1", "S", "k"), "no id is given twice").toBeGreaterThan(clients[0]!)
      await store.close()
    })
})

describe("bad pages that hurt one draft alone", () => {
  for (const [what, fill] of [
    ["overwritten", 0xa5],
    ["of nothing", 0],
  ] as const)
    it(`[DAM11] ${what}: the others are written to, the damaged one says what it lost, and that loss is accepted beside the server`, async () => {
      const { folder } = await meeting()
      const bytes = spoil(folder, pagesOf(folder, "b"), fill)
      const store = asServer(folder)
      const told: string[] = []
      store.onTrouble((error) => told.push(error.message))
      expect(await damages(store)).toEqual([null, expect.stringMatching(/of its log (is|are) missing/), null])
      expect(told[0]).toMatch(/was made anew of all that could be read; the damaged one is kept as .*clausula\.db\.damaged-1\.$/)
      expect(readFileSync(`${databaseIn(folder)}.damaged-1`).equals(bytes)).toBe(true)
      // Those that lie beside it in the file too, past the page that was broken.
      for (const draft of ["a", "c"])
        for (let n = 62; n < 92; n++) expect(await store.append(draft, { rows: [rowOf(draft, 0)], entries: [] })).toBe(n)
      await expect(store.append("b", { rows: [rowOf("b", 0)], entries: [] })).rejects.toThrow(/The draft b is damaged\./)
      const { losses } = await acceptLosses(folder, "b", at)
      expect(losses).toMatchObject([{ draft: "b", epoch: 2 }])
      expect(await damages(store)).toEqual([null, losses[0]?.isGone ? undefined : null, null])
      await store.close()
      expect((await verify(folder, null)).findings).toEqual([])
    })

  it("[DAM4] with pages of drafts cut off in the midst of one it is served: each draft says what it lost", async () => {
    const { folder } = await meeting()
    const pages = pagesOf(folder, "c")
    const length = pages.at(-1)! * pageBytes - 1_000
    truncateSync(databaseIn(folder), length)
    const store = asServer(folder)
    expect(await damages(store)).toEqual([null, null, expect.stringMatching(/of its log (is|are) missing/)])
    await store.close()
    expect(statSync(`${databaseIn(folder)}.damaged-1`).size).toBe(length)
    expect((await acceptLosses(folder, null, at)).losses).toMatchObject([{ draft: "c" }])
    expect((await verify(folder, null)).findings).toEqual([])
  })

  it("[DAM11] a number that is none of ours, in a file that is sound: told of the draft that has it, in a sentence", async () => {
    const { folder } = await meeting()
    tamper(
      folder,
      "UPDATE log SET client = 5374248273442940325 WHERE draft = 'b' AND seq = 30",
      "UPDATE snapshots SET seq = 5374248273442940325 WHERE draft = 'a'",
      "UPDATE clients SET client = 5374248273442940325 WHERE draft = 'c'",
    )
    const store = asServer(folder)
    expect(await damages(store)).toEqual([null, "Entry 30 of its log was altered.", null])
    expect([(await store.people()).length, (await store.clients("c")).length]).toEqual([1, 1])
    expect(await store.assignClient("c", "p1", "S", "k")).toBeLessThan(2 ** 32)
    tamper(folder, "UPDATE register SET n = 5374248273442940325 WHERE draft = 'b'")
    expect((await acceptLosses(folder, "b", at)).losses).toMatchObject([{ draft: "b", isGone: false }])
    expect(await damages(store)).toEqual([null, null, null])
    await store.close()
  })

  it("[DAM11] while a server has the file open it is made anew by nobody, and that is told", async () => {
    const { folder } = await meeting()
    const bytes = spoil(folder, pagesOf(folder, "b"))
    const release = lockDirectory(folder)
    await expect(acceptLosses(folder, null, at)).rejects.toThrow(
      /itself is damaged, and can only be made anew while no server has it open\. Stop the server of .*, say this again, and start it\./,
    )
    release()
    expect(readFileSync(databaseIn(folder)).equals(bytes)).toBe(true)
    expect((await acceptLosses(folder, null, at)).losses).toMatchObject([{ draft: "b" }])
  })

  it("[DAM11] what waits in the write-ahead log of a killed server is read too, and is not read twice", async () => {
    const { folder } = await meeting()
    const store = openInlineStore(folder)
    await store.append("c", { rows: [rowOf("c", 0)], entries: [] })
    const copy = newFolder()
    for (const name of ["clausula.db", "clausula.db-wal", "heads"]) copyFileSync(join(folder, name), join(copy, name))
    await store.close()
    const { root } = schemaIn(folder).find(({ name }) => name === "sqlite_autoindex_people_1")!
    spoil(copy, [root])
    const again = asServer(copy)
    expect(await damages(again)).toEqual([null, null, null])
    expect((await again.head("c"))?.seq).toBe(62)
    await again.close()
    expect(existsSync(`${databaseIn(copy)}.anew`)).toBe(false)
  })
})

describe("a file that was cut", () => {
  const bytesCut = [1, 700, 4_096, 8_192, 12_288, 45_056, 102_400]
  for (const less of bytesCut)
    it(`[DAM11] by ${less} bytes: verify finds it, accept-loss or the start makes it anew, and then it is served and whole`, async () => {
      const { folder } = await meeting()
      const length = statSync(databaseIn(folder)).size - less
      truncateSync(databaseIn(folder), length)
      const served = newFolder()
      for (const name of ["clausula.db", "heads"]) copyFileSync(join(folder, name), join(served, name))
      const { findings } = await verify(folder, null)
      expect(findings.join(" ")).toContain(`its last ${less.toLocaleString("en")} bytes are missing.`)
      expect((await acceptLosses(folder, null, at)).anew[0]).toMatch(/was made anew of all that could be read/)
      expect(statSync(`${databaseIn(folder)}.damaged-1`).size).toBe(length)
      const store = asServer(served)
      expect((await store.madeAnew())[0]).toMatch(/was made anew of all that could be read/)
      await store.close()
      expect((await verify(folder, null)).findings).toEqual([])
      await asServer(folder).close()
    })

  it("[DAM11] so that no draft can be read: the start is refused with what is so, and not a byte is another", async () => {
    const { folder } = await meeting()
    // What is read first of each draft lies in the pages of its tables, not in their roots.
    const { root } = schemaIn(folder).find(({ name }) => name === "drafts")!
    const others = schemaIn(folder).flatMap(({ name, root: page }) => (["log", "losses"].includes(name) ? [page] : []))
    spoil(folder, [root, ...others])
    const last = Math.max(...schemaIn(folder).map((part) => part.root))
    truncateSync(databaseIn(folder), last * pageBytes)
    const bytes = readFileSync(databaseIn(folder))
    expect(() => asServer(folder)).toThrow(/is damaged: /)
    expect(() => asServer(folder)).not.toThrow(/emptied or replaced/)
    expect(readFileSync(databaseIn(folder)).equals(bytes)).toBe(true)
    expect(existsSync(`${databaseIn(folder)}.damaged-1`)).toBe(false)
  })

  it("[DAM11] beside a write-ahead log: what waits there is not missing, and verify and the start are of one mind", async () => {
    const { folder } = await meeting()
    const store = openInlineStore(folder)
    for (let n = 0; n < 60; n++) await store.append("c", { rows: [rowOf("c", 0)], entries: [] })
    const copy = newFolder()
    for (const name of ["clausula.db", "clausula.db-wal", "heads"]) copyFileSync(join(folder, name), join(copy, name))
    await store.close()
    expect((await verify(copy, null)).findings).toEqual([])
    truncateSync(databaseIn(copy), statSync(databaseIn(copy)).size - pageBytes)
    const { findings } = await verify(copy, null)
    const again = asServer(copy)
    expect((await again.madeAnew()).length > 0).toBe(findings.length > 0)
    await again.close()
  })
})

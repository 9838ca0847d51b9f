import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it, vi } from "vitest"
import { DomainError } from "../server/problems.ts"
import { openInlineStore } from "../server/storage/embedded.ts"
import { lockDirectory } from "../server/storage/lock.ts"
import type { Proof, RegisterEntry } from "../server/storage/store.ts"
import { databaseIn, dropWal, headIn, rewriteHeads, tamper, valueIn } from "./damage.ts"
import { newFolder } from "./meeting.ts"
import { draftRecord } from "./store-contract.ts"

const sitting = { body: "Council", room: "A", date: "2026-11-22", chair: "Ms Chair" }
const rowAt = (minute: number, client = 20) => ({
  ...{ client, person: "p1", source: "S", kind: "edit" as const },
  at: `2026-11-22T09:0${minute}:00.000Z`,
  update: new TextEncoder().encode(`words of minute ${minute}`),
})
const entry = (act: string): RegisterEntry => ({
  ...{ act, at: "2026-11-22T09:00:01.000Z", decidedBy: "p0", enteredBy: "p1", source: "CHAIR", sitting },
  details: { changes: ["S.20.1"] },
})

/** A folder with two drafts, closed: d1 has five rows and three decisions, d2 three rows and one. */
async function meetingFolder(): Promise<string> {
  const folder = newFolder()
  const store = openInlineStore(folder)
  await store.createDraft(draftRecord("d1"), { rows: [rowAt(1)], entries: [entry("import")] })
  await store.createDraft(draftRecord("d2"), { rows: [rowAt(1), rowAt(2), rowAt(3)], entries: [entry("import")] })
  await store.append("d1", { rows: [rowAt(2)], entries: [entry("accept")] })
  await store.append("d1", { rows: [rowAt(3)], entries: [entry("notRetain")] })
  await store.append("d1", { rows: [rowAt(4), rowAt(5)], entries: [] })
  await store.close()
  return folder
}

async function examined(folder: string, draft: string): Promise<Proof | null> {
  const store = openInlineStore(folder)
  const proof = await store.examine(draft)
  await store.close()
  return proof
}

const log = "DELETE FROM log WHERE draft = 'd1'"

/** [what happens, how, which row can be trusted, which entry of the record, the sentence] */
const kinds: readonly (readonly [string, string | readonly string[], number, number, RegExp])[] = [
  ["the tail is cut", `${log} AND seq > 3`, 3, 3, /^The last 2 entries of its log are missing\.$/],
  ["the last row is cut", `${log} AND seq = 5`, 4, 3, /^The last entry of its log is missing\.$/],
  [
    "the tail is cut with what was decided on it",
    [`${log} AND seq > 1`, "DELETE FROM register WHERE draft = 'd1' AND n > 1"],
    ...[1, 1, /^The last 4 entries of its log are missing\.$/],
  ],
  ["a row is gone in the middle", `${log} AND seq = 3`, 2, 2, /^Entry 3 of its log is missing\.$/],
  ["rows are gone in the middle", `${log} AND seq IN (2, 3)`, 1, 1, /^Entry 2 of its log is missing\.$/],
  ["the first row is gone", `${log} AND seq = 1`, 0, 0, /^Entry 1 of its log is missing\.$/],
  ["all rows are gone", log, 0, 0, /^Its log is missing \(5 entries\)\.$/],
  [
    "a letter is changed",
    "UPDATE log SET bytes = CAST(replace(CAST(bytes AS TEXT), 'minute 3', 'minute 8') AS BLOB) WHERE draft = 'd1'",
    ...[2, 2, /^Entry 3 of its log was altered\.$/],
  ],
  ["a delegation is changed", "UPDATE log SET source = 'B' WHERE draft = 'd1' AND seq = 2", 1, 1, /^Entry 2 of its log was altered\.$/],
  [
    "an hour is changed",
    "UPDATE log SET at = '2026-11-22T08:00:00.000Z' WHERE draft = 'd1' AND seq = 5",
    4,
    3,
    /^Entry 5 of its log was altered\.$/,
  ],
  ["a chain is changed", "UPDATE log SET chain = zeroblob(32) WHERE draft = 'd1' AND seq = 4", 3, 3, /^Entry 4 of its log was altered\.$/],
  ["a chain is cut short", "UPDATE log SET chain = x'00' WHERE draft = 'd1' AND seq = 4", 3, 3, /^Entry 4 of its log was altered\.$/],
  [
    "a row is another draft's",
    "INSERT OR REPLACE INTO log SELECT 'd1', seq, client, person, source, kind, at, bytes, chain FROM log WHERE draft = 'd2' AND seq = 3",
    ...[2, 2, /^Entry 3 of its log was altered\.$/],
  ],
  [
    "two rows change places",
    [
      "UPDATE log SET seq = 99 WHERE draft = 'd1' AND seq = 2",
      "UPDATE log SET seq = 2 WHERE draft = 'd1' AND seq = 3",
      "UPDATE log SET seq = 3 WHERE seq = 99",
    ],
    ...[1, 1, /^Entry 2 of its log was altered\.$/],
  ],
  [
    "a row is added",
    "INSERT INTO log SELECT draft, 6, client, person, source, kind, at, bytes, chain FROM log WHERE draft = 'd1' AND seq = 5",
    ...[5, 3, /^Entry 6 of its log was altered\.$/],
  ],
  [
    "a decision is altered",
    "UPDATE register SET entry = replace(entry, 'accept', 'adopt') WHERE draft = 'd1' AND n = 2",
    5,
    1,
    /^Entry 2 of its record of decisions was altered or is missing\.$/,
  ],
  ["a decision is no JSON", "UPDATE register SET entry = '{' WHERE draft = 'd1' AND n = 2", 5, 1, /^Entry 2 of its record/],
  [
    "a decision is gone",
    "DELETE FROM register WHERE draft = 'd1' AND n = 2",
    5,
    1,
    /^Entry 2 of its record of decisions was altered or is missing\.$/,
  ],
  [
    "the last decision is gone",
    "DELETE FROM register WHERE draft = 'd1' AND n = 3",
    5,
    2,
    /^The last entry of its record of decisions is missing\.$/,
  ],
  [
    "all decisions are gone",
    "DELETE FROM register WHERE draft = 'd1'",
    5,
    0,
    /^The last 3 entries of its record of decisions are missing\.$/,
  ],
  [
    "a decision is added",
    "INSERT INTO register (draft, n, entry) SELECT draft, 4, entry FROM register WHERE draft = 'd1' AND n = 1",
    5,
    3,
    /^Entry 4 of its record/,
  ],
  [
    "a decision is another draft's",
    "INSERT OR REPLACE INTO register SELECT 'd1', 2, entry, seq, chain FROM register WHERE draft = 'd2' AND n = 1",
    ...[5, 1, /^Entry 2 of its record/],
  ],
  [
    "its own record is altered",
    `UPDATE drafts SET record = replace(record, '"force":null', '"force":"[]"') WHERE id = 'd1'`,
    5,
    3,
    /^Its own record .* was altered\.$/,
  ],
  ["its own record is no JSON", "UPDATE drafts SET record = 'null' WHERE id = 'd1'", 5, 3, /^Its own record .* was altered\.$/],
  ["its own record is gone", "DELETE FROM drafts WHERE id = 'd1'", 5, 3, /^Its own record .* is missing\.$/],
  [
    "all of it is gone",
    [log, "DELETE FROM drafts WHERE id = 'd1'", "DELETE FROM register WHERE draft = 'd1'", "DELETE FROM clients WHERE draft = 'd1'"],
    ...[0, 0, /^Nothing of it is left in the database\.$/],
  ],
] as never

describe("a damaged draft is told, with what of it can be trusted", () => {
  for (const [name, statements, seq, register, sentence] of kinds)
    it(`[DAM2] ${name}`, async () => {
      const folder = await meetingFolder()
      tamper(folder, ...[statements].flat())
      const proof = await examined(folder, "d1")
      expect(proof?.damage).toMatch(sentence)
      expect([proof?.seq, proof?.register]).toEqual([seq, register])
      const other = await examined(folder, "d2")
      expect([other?.damage, other?.seq], "one damaged draft hurts no other").toEqual([null, 3])
      // Looking at it changes nothing, and does not make it whole.
      expect((await examined(folder, "d1"))?.damage).toMatch(sentence)
    })

  for (const [name, statements, , , sentence] of kinds)
    it(`[DAM5] ${name}: the loss is accepted, and the draft goes on from what could be proven, in a new epoch`, async () => {
      const folder = await meetingFolder()
      tamper(folder, ...[statements].flat())
      const had = Number(valueIn(folder, "SELECT count(*) FROM log WHERE draft = 'd1'"))
      const before = await examined(folder, "d1")
      const store = openInlineStore(folder, {})
      const loss = await store.acceptLoss("d1", "2026-11-23T08:00:00.000Z")
      expect(loss).toMatchObject({ draft: "d1", epoch: 2, isGone: before?.seq === 0 })
      expect(loss?.sentence).toMatch(new RegExp(sentence.source.replace(/^\^|\$$/g, "")))
      await store.close()
      const again = openInlineStore(folder)
      const after = await again.examine("d1")
      if (before?.seq === 0) expect([after, await again.draftIds()]).toEqual([null, ["d2"]])
      else {
        expect(after).toMatchObject({ epoch: 2, seq: before?.seq, damage: null })
        const [last] = (await again.register("d1")).slice(-1)
        expect(last).toMatchObject({ act: "acceptLoss", enteredBy: "operator", details: { epoch: 2, seq: before?.seq } })
        expect(await again.append("d1", { rows: [rowAt(6)], entries: [entry("accept")] })).toBe(before!.seq + 1)
        expect((await again.examine("d1"))?.damage).toBeNull()
        expect(await again.acceptLoss("d1", "2026-11-23T09:00:00.000Z"), "nothing more to accept").toBeNull()
      }
      expect(await again.assignClient("d1", "p2", "B", "k"), "client ids of before are not given again").toBeGreaterThan(20)
      await again.close()
      if (before?.seq !== 0) expect((await examined(folder, "d1"))?.damage).toBeNull()
      expect((await examined(folder, "d2"))?.damage).toBeNull()
      const kept = "SELECT (SELECT count(*) FROM lost_log WHERE draft = 'd1') + (SELECT count(*) FROM log WHERE draft = 'd1')"
      expect(Number(valueIn(folder, kept)) - (before?.seq === 0 ? 0 : 1), "what is taken out is kept apart").toBe(had)
    })
})

describe("the file heads", () => {
  it("[DAM3] knows where each draft ended at most a second later, without being asked", async () => {
    const folder = newFolder()
    const store = openInlineStore(folder)
    await store.createDraft(draftRecord("d1"), { rows: [rowAt(1)], entries: [entry("import")] })
    // A second, and what a busy machine takes.
    await vi.waitFor(() => expect(headIn(folder, "d1")).toMatchObject({ seq: 1, register: 1, epoch: 1 }), { timeout: 1_400, interval: 20 })
    await store.append("d1", { rows: [rowAt(2), rowAt(3)], entries: [] })
    await vi.waitFor(() => expect(headIn(folder, "d1")).toMatchObject({ seq: 3 }), { timeout: 1_400, interval: 20 })
    expect(Buffer.from(valueIn(folder, "SELECT chain FROM log WHERE seq = 3") as Uint8Array).toString("hex")).toBe(
      headIn(folder, "d1")?.chain,
    )
    await store.close()
  })

  it("[DAM3] a log that was rewritten with a chain of its own is not the one that was kept", async () => {
    const folder = await meetingFolder()
    rewriteHeads(folder, (heads) => {
      heads[0]!.chain = "0".repeat(64)
    })
    expect((await examined(folder, "d1"))?.damage).toMatch(/not the one that was kept: up to entry 5/)
    rewriteHeads(folder, (heads) => {
      heads[0]!.chain = heads[1]!.chain
      heads[1]!.registerChain = "0".repeat(64)
    })
    expect((await examined(folder, "d2"))?.damage).toMatch(/record of decisions is not the one/)
  })

  it("[DAM3] a database that is older than its heads is not taken for whole", async () => {
    const folder = await meetingFolder()
    const old = readFileSync(databaseIn(folder))
    const store = openInlineStore(folder)
    await store.append("d1", { rows: [rowAt(6)], entries: [] })
    await store.close()
    writeFileSync(databaseIn(folder), old)
    dropWal(folder)
    expect((await examined(folder, "d1"))?.damage).toMatch(/The last entry of its log is missing/)
    expect((await examined(folder, "d2"))?.damage).toBeNull()
  })

  for (const [name, spoil] of [
    ["missing", (path: string) => rmSync(path)],
    ["empty", (path: string) => truncateSync(path)],
    ["cut short", (path: string) => truncateSync(path, 100)],
    ["altered", (path: string) => writeFileSync(path, readFileSync(path, "utf8").replace('"seq":5', '"seq":4'))],
    [
      "a folder",
      (path: string) => {
        rmSync(path)
        mkdirSync(path)
      },
    ],
  ] as const)
    it(`[DAM3] heads that are ${name} are told, and written anew; the drafts are proven by their chains alone`, async () => {
      const folder = await meetingFolder()
      spoil(join(folder, "heads"))
      const store = openInlineStore(folder)
      const told: string[] = []
      store.onTrouble((error) => told.push(error.message))
      expect((await store.examine("d1"))?.damage).toBeNull()
      await vi.waitFor(() => expect(told.join()).toMatch(/heads tells nothing: it .*cannot be proven/))
      await store.close()
      expect(headIn(folder, "d1")).toMatchObject({ seq: 5 })
      expect((await examined(folder, "d1"))?.damage).toBeNull()
    })

  it("[DAM3] without heads a tail that was cut behind a decision is still seen, by what was decided on it", async () => {
    const folder = await meetingFolder()
    tamper(folder, `${log} AND seq > 2`)
    rmSync(join(folder, "heads"))
    expect((await examined(folder, "d1"))?.damage).toMatch(/The last entry of its log is missing/)
  })

  it("[DAM3] heads that cannot be written are told, and are written when they can be", async () => {
    const folder = newFolder()
    const store = openInlineStore(folder)
    const told: string[] = []
    store.onTrouble((error) => told.push(error.message))
    mkdirSync(join(folder, "heads.new"))
    await store.createDraft(draftRecord("d1"), { rows: [rowAt(1)], entries: [] })
    await vi.waitFor(() => expect(told.join()).toMatch(/heads cannot be used/), { timeout: 2_000 })
    rmSync(join(folder, "heads.new"), { recursive: true })
    await vi.waitFor(() => expect(headIn(folder, "d1")).toMatchObject({ seq: 1 }), { timeout: 2_000 })
    await store.close()
  })
})

const ask = async (folder: string): Promise<unknown> => {
  const store = openInlineStore(folder)
  const ids = await store.draftIds()
  await store.close()
  return ids
}

describe("a database that cannot be served", () => {
  // A file of its own each time: a closed database of this process may still hold the old one.
  for (const [name, spoilt, sentence] of [
    ["missing", () => null, /is missing, with all 2 drafts .* Put a backup .* accept-loss --all/],
    ["empty", () => Buffer.alloc(0), /was emptied or replaced: it lacks all 2 drafts/],
    ["not a database", () => Buffer.from("nothing but words ".repeat(900)), /is not a database/],
    ["overwritten at its beginning", (bytes: Buffer) => bytes.fill(0xa5, 0, 200), /is not a database/],
    ["cut to its first pages", (bytes: Buffer) => bytes.subarray(0, 4_096 * 3), /is damaged/],
  ] as const)
    it(`[DAM4] ${name}: told in a sentence, and left as it is`, async () => {
      const folder = await meetingFolder()
      const path = databaseIn(folder)
      const bytes = spoilt(readFileSync(path))
      dropWal(folder)
      rmSync(path)
      if (bytes) writeFileSync(path, bytes)
      const failure = await ask(folder).catch((error: unknown) => error as Error)
      expect(failure).toBeInstanceOf(Error)
      expect((failure as Error).message).toMatch(sentence)
      expect((failure as Error).message).not.toMatch(/Error:|\n/)
      expect(existsSync(path)).toBe(bytes !== null)
      if (bytes) expect(readFileSync(path).equals(bytes)).toBe(true)
    })

  it("[DAM4] a folder in its place: told in a sentence", async () => {
    const folder = await meetingFolder()
    rmSync(databaseIn(folder))
    mkdirSync(databaseIn(folder))
    await expect(ask(folder)).rejects.toThrow(/cannot be used/)
  })

  it("[DAM4] wherever it is cut off, it is refused with a sentence, or each draft is whole or says what is missing", async () => {
    const folder = await meetingFolder()
    const bytes = readFileSync(databaseIn(folder))
    const heads = readFileSync(join(folder, "heads"))
    let refused = 0
    let damaged = 0
    for (let length = 0; length < bytes.length; length += 2_048) {
      const cut = newFolder()
      writeFileSync(databaseIn(cut), bytes.subarray(0, length))
      writeFileSync(join(cut, "heads"), heads)
      try {
        const store = openInlineStore(cut)
        for (const draft of await store.draftIds()) {
          const proof = await store.examine(draft)
          if (proof?.damage) damaged++
          else expect([draft, proof?.seq]).toEqual([draft, draft === "d1" ? 5 : 3])
        }
      } catch (error) {
        expect(error).toBeInstanceOf(DomainError)
        refused++
      }
    }
    expect(refused + damaged).toBeGreaterThan(10)
  })

  it("[DAM4] emptied of all rows: told in a sentence", async () => {
    const folder = await meetingFolder()
    tamper(folder, "DELETE FROM drafts; DELETE FROM log; DELETE FROM register; DELETE FROM snapshots")
    await expect(ask(folder)).rejects.toThrow(/was emptied or replaced: it lacks all 2 drafts/)
  })

  it("[DAM4] replaced by the new database of another folder: told in a sentence", async () => {
    const folder = await meetingFolder()
    const other = newFolder()
    await openInlineStore(other).close()
    writeFileSync(databaseIn(folder), readFileSync(databaseIn(other)))
    await expect(ask(folder)).rejects.toThrow(/was emptied or replaced/)
  })

  it("[DAM4] one that was never used may be missing; one without a byte was emptied, and is told", async () => {
    const folder = newFolder()
    await openInlineStore(folder).close()
    dropWal(folder)
    rmSync(databaseIn(folder))
    expect(await ask(folder)).toEqual([])
    const other = newFolder()
    writeFileSync(databaseIn(other), "")
    await expect(async () => ask(other)).rejects.toThrow(/is empty: it has not one byte/)
  })

  it("[DAM4] a file where the folder should be, and a folder below a file: told in a sentence", () => {
    const folder = newFolder()
    writeFileSync(join(folder, "file"), "")
    for (const place of [join(folder, "file"), join(folder, "file", "data")])
      expect(() => openInlineStore(place)).toThrow(/cannot be (used|opened)/)
  })

  for (const table of ["log", "register", "drafts", "snapshots", "clients", "losses", "lost_log", "files"])
    it(`[DAM4] without its table of ${table}: what was in it is missing from the drafts, or was not needed`, async () => {
      const folder = await meetingFolder()
      tamper(folder, `DROP TABLE ${table}`)
      const told = ["log", "register", "drafts"].includes(table)
      for (const [draft, seq] of [
        ["d1", 5],
        ["d2", 3],
      ] as const) {
        const proof = await examined(folder, draft)
        expect([draft, proof?.damage !== null, proof?.seq]).toEqual([draft, told, table === "log" ? 0 : seq])
      }
    })

  it("[DAM8] a database that is removed or replaced under the server: nothing more is called saved", async () => {
    for (const happens of [(path: string) => rmSync(path), (path: string) => writeFileSync(`${path}.copy`, readFileSync(path))]) {
      const folder = await meetingFolder()
      const path = databaseIn(folder)
      const store = openInlineStore(folder)
      await store.append("d1", { rows: [rowAt(6)], entries: [] })
      happens(path)
      if (existsSync(path)) renameSync(`${path}.copy`, path)
      const write = async (): Promise<string> =>
        store.append("d1", { rows: [rowAt(7)], entries: [] }).then(
          () => "saved",
          (error: Error) => error.message,
        )
      await vi.waitFor(async () => expect(await write()).toMatch(/was removed or replaced while the server runs/), { timeout: 3_000 })
    }
  })

  it("[DAM8] rows that are taken out under the server: nothing is written on top", async () => {
    const folder = await meetingFolder()
    const store = openInlineStore(folder)
    await store.append("d1", { rows: [rowAt(6)], entries: [] })
    tamper(folder, `${log} AND seq > 3`)
    await expect(store.append("d1", { rows: [rowAt(7)], entries: [] })).rejects.toThrow(/lost entries, while it was open/)
    await store.close()
    expect((await examined(folder, "d1"))?.damage).toMatch(/The last 3 entries of its log are missing/)
  })

  it("[DAM4] after the loss of everything was accepted the folder begins anew", async () => {
    const folder = await meetingFolder()
    rmSync(databaseIn(folder))
    const store = openInlineStore(folder, {})
    for (const draft of await store.draftIds())
      expect(await store.acceptLoss(draft, "2026-11-23T08:00:00.000Z")).toMatchObject({ isGone: true })
    await store.close()
    expect(await ask(folder)).toEqual([])
    const again = openInlineStore(folder)
    await again.createDraft(draftRecord("d1"), { rows: [rowAt(1)], entries: [] })
    expect(await again.examine("d1")).toMatchObject({ epoch: 2, damage: null })
    await again.close()
    expect(await examined(folder, "d1")).toMatchObject({ epoch: 2, damage: null })
  })

  it("[DAM4] a page that was overwritten damages the drafts that lie on it, and no others", async () => {
    const folder = newFolder()
    const store = openInlineStore(folder)
    for (const draft of ["a", "b", "c"]) {
      const rows = Array.from({ length: 200 }, (_, n) => ({ ...rowAt(n % 9), update: Buffer.alloc(900, draft) }))
      await store.createDraft(draftRecord(draft), { rows, entries: [entry("import")] })
    }
    await store.close()
    const spoilt = newFolder()
    const bytes = readFileSync(databaseIn(folder))
    writeFileSync(databaseIn(spoilt), bytes.fill(0xa5, ...pageOf(bytes, "b")))
    writeFileSync(join(spoilt, "heads"), readFileSync(join(folder, "heads")))
    const again = openInlineStore(spoilt)
    const found = await Promise.all(["a", "b", "c"].map((draft) => again.examine(draft)))
    expect(found.map((proof) => proof?.damage === null)).toEqual([true, false, true])
    expect(found[1]?.damage).toMatch(/cannot be read from entry|was altered|is missing/)
    expect(found[1]?.seq).toBeLessThan(200)
    expect(await again.draftIds()).toEqual(["a", "b", "c"])
    await again.close()
  })
})

/** Where in the file a page lies that holds words of one draft and of no other. */
function pageOf(bytes: Buffer, draft: string): [number, number] {
  const counted = (part: Buffer, letter: string): number => part.filter((byte) => byte === letter.charCodeAt(0)).length
  for (let at = 4_096; at < bytes.length; at += 4_096) {
    const part = bytes.subarray(at, at + 4_096)
    const [own, others] = [counted(part, draft), ["a", "b", "c"].filter((other) => other !== draft && counted(part, other) > 300)]
    if (own > 2_000 && others.length === 0) return [at, at + 4_096]
  }
  throw new Error(`no page of ${draft} alone`)
}

describe("folders of earlier versions", () => {
  /** Takes a folder back to what the first version wrote. */
  const age = (folder: string): void => {
    tamper(
      folder,
      "ALTER TABLE drafts DROP COLUMN seal",
      "ALTER TABLE register DROP COLUMN seq",
      "ALTER TABLE register DROP COLUMN chain",
      ...["chain", "hash", "version"].map((column) => `ALTER TABLE snapshots DROP COLUMN ${column}`),
      ...["losses", "lost_log", "lost_register", "lost_drafts"].map((table) => `DROP TABLE ${table}`),
      "PRAGMA user_version = 0",
    )
    rmSync(join(folder, "heads"))
  }

  it("[DAM6] a folder without heads and chains opens, is whole, and is kept like any other from then on", async () => {
    const folder = await meetingFolder()
    age(folder)
    const store = openInlineStore(folder)
    const told: string[] = []
    store.onTrouble((error) => told.push(error.message))
    expect(await store.examine("d1")).toMatchObject({ seq: 5, register: 3, damage: null, epoch: 1 })
    expect((await store.register("d1")).map(({ act }) => act)).toEqual(["import", "accept", "notRetain"])
    await store.append("d1", { rows: [rowAt(6)], entries: [entry("adopt")] })
    expect(await store.examine("d2")).toMatchObject({ damage: null })
    expect(await store.problems()).toEqual([])
    await store.close()
    expect(told).toEqual([])
    expect(headIn(folder, "d1")).toMatchObject({ seq: 6, register: 4 })
    tamper(folder, "UPDATE register SET entry = replace(entry, 'accept', 'adopt') WHERE draft = 'd1' AND n = 2")
    expect((await examined(folder, "d1"))?.damage).toMatch(/Entry 2 of its record/)
  })

  it("[DAM6] a log that was damaged before is told at once", async () => {
    const folder = await meetingFolder()
    age(folder)
    tamper(folder, `${log} AND seq = 3`)
    expect(await examined(folder, "d1")).toMatchObject({ seq: 2, damage: "Entry 3 of its log is missing." })
  })

  it("[DAM6] snapshots without a proof are not used", async () => {
    const folder = await meetingFolder()
    tamper(folder, "INSERT INTO snapshots (draft, seq, state) VALUES ('d1', 5, x'00')")
    const store = openInlineStore(folder)
    expect([await store.snapshot("d1"), await store.snapshotProblem("d1")]).toEqual([null, null])
    await store.close()
  })

  it("[DAM6] tables of a later version are left alone, with a sentence", () => {
    const folder = newFolder()
    tamper(folder, "PRAGMA user_version = 99")
    expect(() => openInlineStore(folder)).toThrow(/later version/)
  })
})

describe("snapshots", () => {
  const state = new TextEncoder().encode("the state of row four")

  /** [what happens, how] */
  const spoilt: readonly (readonly [string, string])[] = [
    ["a byte is altered", "UPDATE snapshots SET state = CAST(replace(CAST(state AS TEXT), 'four', 'five') AS BLOB) WHERE draft = 'd1'"],
    ["it is empty", "UPDATE snapshots SET state = x'' WHERE draft = 'd1'"],
    ["it is another draft's state", "UPDATE snapshots SET state = (SELECT state FROM snapshots WHERE draft = 'd2') WHERE draft = 'd1'"],
    [
      "it is wholly another draft's",
      "INSERT OR REPLACE INTO snapshots SELECT 'd1', seq, state, chain, hash, version FROM snapshots WHERE draft = 'd2'",
    ],
    ["it claims another row", "UPDATE snapshots SET seq = 3 WHERE draft = 'd1'"],
    ["it claims a row that is not there", "UPDATE snapshots SET seq = 5000 WHERE draft = 'd1'"],
    ["its hash is altered", "UPDATE snapshots SET hash = zeroblob(32) WHERE draft = 'd1'"],
    ["its chain is missing", "UPDATE snapshots SET chain = NULL WHERE draft = 'd1'"],
    ["its hash is missing", "UPDATE snapshots SET hash = NULL WHERE draft = 'd1'"],
    ["it is of another version", "UPDATE snapshots SET version = 99 WHERE draft = 'd1'"],
  ]
  for (const [name, sql] of spoilt)
    it(`[STO5] ${name}: it is not used, the draft is whole, and the next one takes its place`, async () => {
      const folder = await meetingFolder()
      const store = openInlineStore(folder)
      await store.saveSnapshot("d1", { seq: 4, state })
      await store.saveSnapshot("d2", { seq: 2, state: new TextEncoder().encode("another draft's") })
      expect(await store.snapshot("d1")).toEqual({ seq: 4, state })
      await store.close()
      tamper(folder, sql)
      const again = openInlineStore(folder)
      expect(await again.snapshot("d1")).toBeNull()
      expect((await again.examine("d1"))?.damage).toBeNull()
      await again.saveSnapshot("d1", { seq: 4, state })
      expect(await again.snapshot("d1")).toEqual({ seq: 4, state })
      await again.close()
    })
})

describe("client ids", () => {
  it("[STO3] one that the log knows is never given again, though the table of clients was emptied; who wrote is as the log says", async () => {
    const folder = await meetingFolder()
    const store = openInlineStore(folder)
    await store.append("d1", { rows: [rowAt(6, 41)], entries: [] })
    await store.close()
    tamper(folder, "DELETE FROM clients", "INSERT INTO clients (draft, client, person, source) VALUES ('d1', 41, 'p9', 'B')")
    const again = openInlineStore(folder)
    expect(await again.assignClient("d1", "p2", "B", "k")).toBe(42)
    expect((await again.clients("d1")).find(({ client }) => client === 41)).toMatchObject({ person: "p1", source: "S" })
    await again.close()
  })
})

describe("the folder's lock", () => {
  it("[STO7] a lock that is garbage is nobody's", () => {
    const folder = newFolder()
    writeFileSync(join(folder, "serve.lock"), "not a lock at all ".repeat(300))
    lockDirectory(folder)()
  })

  it("[DAM4] a folder that cannot be made is told as such, not as another server", () => {
    const folder = newFolder()
    writeFileSync(join(folder, "file"), "")
    expect(() => lockDirectory(join(folder, "file", "data"))).toThrow(/cannot be used/)
  })
})

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { pino } from "pino"
import { afterEach, describe, expect, it } from "vitest"
import * as Y from "yjs"
import { acceptLosses, verify } from "../server/commands/verify.ts"
import { expected, openInlineStore } from "../server/storage/embedded.ts"
import { expectedTables } from "../server/storage/tables.ts"
import { databaseIn, dropWal, tamper, valueIn } from "./damage.ts"
import { Guest, Meeting, newFolder } from "./meeting.ts"
import { commandBeside } from "./process.ts"
import { draftRecord } from "./store-contract.ts"

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop().catch(() => undefined)
})

async function used(): Promise<{ folder: string; chair: Guest; sweden: Guest; draft: string }> {
  const meeting = await Meeting.open()
  const [chair, sweden] = [await meeting.guest("chair"), await meeting.guest("delegate", ["S"])]
  const draft = await meeting.draft()
  await meeting.stop()
  return { folder: meeting.folder, chair, sweden, draft }
}

const filesIn = (folder: string): unknown =>
  readdirSync(folder)
    .sort()
    .map((name) => [name, statSync(join(folder, name)).mtimeMs, readFileSync(join(folder, name)).toString("base64").length])

describe("verify leaves a folder as it is", () => {
  for (const [name, spoil] of [
    ["at rest", () => undefined],
    ["with a lowered version", (folder: string) => tamper(folder, "PRAGMA user_version = 0")],
    [
      "of which a decision was altered and the version lowered",
      (folder: string) => tamper(folder, "UPDATE register SET entry = replace(entry, 'import', 'adopt'); PRAGMA user_version = 0"),
    ],
    ["without files beside its database", dropWal],
  ] as const)
    it(`[DAM7] a folder ${name}: no byte and no file is another afterwards`, async () => {
      const { folder } = await used()
      spoil(folder)
      const before = filesIn(folder)
      const found = await verify(folder, null)
      expect(filesIn(folder)).toEqual(before)
      expect(found.drafts[0]?.findings.join(" ")).toMatch(name.includes("decision") ? /Entry 1 of its record/ : /^$/)
    })

  it("[DAM6] a version that was lowered makes no chain anew: what was altered stays so", async () => {
    const { folder } = await used()
    tamper(folder, "UPDATE register SET entry = replace(entry, 'import', 'adopt')", "PRAGMA user_version = 0")
    const chain = valueIn(folder, "SELECT hex(chain) FROM register")
    await openInlineStore(folder).close()
    expect(valueIn(folder, "SELECT hex(chain) FROM register")).toBe(chain)
    expect((await verify(folder, null)).drafts[0]?.findings.join(" ")).toMatch(/Entry 1 of its record/)
  })
})

describe("one broken row about people", () => {
  for (const [name, sql, finding] of [
    ["a role is “king”", "UPDATE people SET role = 'king' WHERE id = '$s'", /cannot come in: its role is “king”/],
    ["hats are no JSON", "UPDATE people SET hats = '' WHERE id = '$s'", /cannot come in: what it may write for/],
    ["hats are null", "UPDATE people SET hats = 'null' WHERE id = '$s'", /cannot come in: what it may write for/],
  ] as const)
    it(`[WHO15] ${name}: it hurts that person alone, who is told; verify tells, all others come in`, async () => {
      const { folder, chair, sweden } = await used()
      tamper(folder, sql.replace("$s", sweden.id))
      expect((await verify(folder, null)).findings.join(" ")).toMatch(finding)
      const meeting = await Meeting.open(folder)
      stops.push(() => meeting.stop())
      const drafts = async (guest: Guest): Promise<{ status: number; body: unknown }> =>
        new Guest(meeting, guest.cookie, guest.id).request("GET", "/api/v1/drafts")
      expect((await drafts(chair)).status).toBe(200)
      const hurt = await drafts(sweden)
      expect([hurt.status, (hurt.body as { detail: string }).detail]).toEqual([401, expect.stringMatching(/stored about you is damaged/)])
    })

  for (const [name, sql, finding] of [
    ["a sitting is null", "INSERT INTO sittings VALUES ('x', 'null')", /1 sitting cannot be read/],
    [
      "a sitting has a nonsense hour",
      `INSERT INTO sittings VALUES ('x', '{"id":"x","body":"","room":"","date":"","chair":null,"openedAt":"soon","closedAt":null}')`,
      /1 sitting /,
    ],
    [
      "an invitation never ends",
      "UPDATE invitations SET expires = 'never' WHERE token = (SELECT token FROM invitations LIMIT 1)",
      /1 invitation /,
    ],
    ["a sign-in is nobody's", "INSERT INTO sign_ins VALUES ('c', 'p-none', '2030-01-01')", /1 sign-in /],
    ["a client id is of no draft", "INSERT INTO clients (draft, client, person, source) VALUES ('none', 20, 'p', 'S')", /1 client id /],
    ["a delegation has no code", "INSERT INTO sources VALUES ('', 'Nobody')", /1 delegation /],
  ] as const)
    it(`[WHO15] ${name}: verify tells, and the meeting opens`, async () => {
      const { folder, chair } = await used()
      tamper(folder, sql)
      expect((await verify(folder, null)).findings.join(" ")).toMatch(finding)
      const meeting = await Meeting.open(folder)
      stops.push(() => meeting.stop())
      expect((await new Guest(meeting, chair.cookie, chair.id).request("GET", "/api/v1/drafts")).status).toBe(200)
    })

  it("[WHO15] a sign-in whose hour is nonsense holds no longer", async () => {
    const { folder, chair } = await used()
    tamper(folder, "UPDATE sign_ins SET expires = 'never'")
    const meeting = await Meeting.open(folder)
    stops.push(() => meeting.stop())
    expect((await new Guest(meeting, chair.cookie, chair.id).request("GET", "/api/v1/drafts")).status).toBe(401)
  })
})

describe("a table that is missing", () => {
  for (const table of expectedTables)
    it(`[DAM4] ${table}: no server and no command begins it anew; verify tells; accept-loss goes on without what was in it`, async () => {
      const { folder, draft } = await used()
      tamper(folder, `DROP TABLE ${table}`)
      const before = readFileSync(databaseIn(folder))
      const sentence = new RegExp(
        `lacks its table ${table}, with all that was in there\\. Nothing was written\\. Put a backup .* accept-loss --all`,
      )
      for (const opening of [
        { ...expected(folder), isServer: true },
        { ...expected(folder), isBeside: true },
      ])
        expect(() => openInlineStore(folder, opening)).toThrow(sentence)
      expect((await verify(folder, null)).findings.join(" ")).toMatch(sentence)
      await expect(acceptLosses(folder, draft, "2026-11-23T08:00:00.000Z")).rejects.toThrow(sentence)
      expect(readFileSync(databaseIn(folder)).equals(before)).toBe(true)
      const { losses, tables } = await acceptLosses(folder, null, "2026-11-23T08:00:00.000Z")
      expect([tables, losses.length]).toEqual([[table], ["drafts", "log", "register"].includes(table) ? 1 : 0])
      const store = openInlineStore(folder, { ...expected(folder), isServer: true })
      await store.close()
    })

  it("[DAM4] several: they are named together; accept-loss says which begin anew", async () => {
    const { folder } = await used()
    tamper(folder, "DROP TABLE people", "DROP TABLE files")
    expect((await verify(folder, null)).findings.join(" ")).toMatch(/lacks 2 of its tables \(files, people\)/)
    const { code, out } = await commandBeside(["accept-loss", "--all", "--data", folder])
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^The table files was missing; .*\nThe table people was missing; it begins anew/),
    ])
    const { findings, accepted } = await verify(folder, null)
    expect(accepted.join(" "), "what is gone stays told").toMatch(
      /^Accepted as lost on .*: The list of people was emptied: .* \(table people\)\. /,
    )
    expect(findings, "and is an alarm no more").toEqual([])
  })

  for (const [table, finding] of [
    ["people", /The list of people was emptied/],
    ["clients", /The list of client ids was emptied/],
  ] as const)
    it(`[DAM4] ${table} without a row, while others tell that there were some: verify and readyz tell`, async () => {
      const { folder, sweden, draft } = await used()
      const store = openInlineStore(folder)
      const client = await store.assignClient(draft, sweden.id, "S", "k")
      const row = { client, person: sweden.id, source: "S", kind: "edit" as const, at: "2026-11-23T08:00:00.000Z" }
      await store.append(draft, { rows: [{ ...row, update: Y.encodeStateAsUpdate(new Y.Doc()) }], entries: [] })
      await store.close()
      expect((await verify(folder, null)).findings.join(" ")).toBe("")
      tamper(folder, `DELETE FROM ${table}`)
      expect((await verify(folder, null)).findings.join(" ")).toMatch(finding)
      const again = await Meeting.open(folder)
      stops.push(() => again.stop())
      const notes = async (): Promise<string> => JSON.stringify(await (await fetch(`${again.url}/readyz`)).json())
      await expect.poll(notes).toMatch(/stored about people is damaged/)
    })
})

describe("what a draft is called", () => {
  for (const [name, value] of [
    ["title", "On something else"],
    ["designation", "RESOLUTION 99"],
    ["forceHash", "f00d"],
  ] as const)
    it(`[DAM14] its ${name} altered in the database: verify finds it, it is shown as it was entered, and accept-loss ends the alarm`, async () => {
      const { folder, draft, chair } = await used()
      const findings = async (): Promise<string> => (await verify(folder, null)).drafts.flatMap((one) => one.findings).join()
      expect(await findings()).toBe("")
      const title = (await verify(folder, null)).drafts[0]?.title
      tamper(folder, `UPDATE drafts SET record = json_set(record, '$.${name}', '${value}')`)
      rmSync(join(folder, "heads"))
      expect(await findings()).toBe(
        `Its ${name === "forceHash" ? "hash of its text in force" : name} in the database is not what was entered: “${value}”.`,
      )
      expect((await verify(folder, null)).drafts[0]?.title).toBe(title)
      const store = openInlineStore(folder)
      expect((await store.draft(draft))?.[name]).not.toBe(value)
      await store.close()
      const meeting = await Meeting.open(folder)
      stops.push(() => meeting.stop())
      const guest = new Guest(meeting, chair.cookie, chair.id)
      expect((await guest.request("GET", `/api/v1/drafts/${draft}/force`)).status).toBe(200)
      expect(JSON.stringify((await guest.request("GET", "/api/v1/drafts")).body)).not.toContain(value)
      await acceptLosses(folder, draft, "2026-11-23T08:00:00.000Z")
      expect(await findings()).toBe("")
    })

  it("[DAM14] of an earlier version, whose first entry does not say it: heads know its title", async () => {
    const folder = newFolder()
    const store = openInlineStore(folder)
    await store.createDraft(draftRecord("d1"), { rows: [], entries: [] })
    await store.close()
    tamper(folder, "UPDATE drafts SET record = json_set(record, '$.title', 'On deserts')")
    expect((await verify(folder, null)).drafts[0]?.findings.join()).toMatch(
      /^Its title in the database is not what was entered: “On deserts”\.$/,
    )
    expect((await verify(folder, null)).drafts[0]?.title).not.toBe("On deserts")
  })

  for (const hasHeads of [true, false])
    it(`[DAM14] altered with what its seal covers, or another draft's${hasHeads ? "" : ", and heads are gone"}: verify and the list show its own`, async () => {
      const { folder, draft, chair } = await used()
      const store = openInlineStore(folder)
      await store.createDraft({ ...draftRecord("other"), title: "Another text" }, { rows: [], entries: [] })
      await store.close()
      const titles = async (): Promise<readonly (readonly string[])[]> =>
        (await verify(folder, null)).drafts.map(({ draft: id, title }) => [id, title]).sort()
      const before = await titles()
      const spoilt = [
        "UPDATE drafts SET record = json_set(record, '$.title', 'On deserts', '$.force', '[]')",
        `UPDATE drafts SET id = CASE id WHEN 'other' THEN '${draft}' ELSE 'other' END`,
      ]
      for (const sql of spoilt) {
        // Two ids change places, and none is there twice.
        tamper(folder, "CREATE TABLE kept AS SELECT * FROM drafts", "DELETE FROM drafts", sql.replace("drafts", "kept"))
        tamper(folder, "INSERT INTO drafts SELECT * FROM kept", "DROP TABLE kept")
        if (!hasHeads) rmSync(join(folder, "heads"), { force: true })
        expect(await titles()).toEqual(before)
      }
      const lines: string[] = []
      const meeting = await Meeting.open(folder, { log: pino({ level: "error" }, { write: (line: string) => void lines.push(line) }) })
      stops.push(() => meeting.stop())
      const listed = await new Guest(meeting, chair.cookie, chair.id).call("drafts")
      expect(listed.find(({ id }) => id === "other")?.title).toBe("Another text")
      await expect.poll(() => lines.filter((line) => line.includes("draft damaged")).length).toBe(2)
      expect(lines.join("")).not.toContain("On deserts")
    })

  it("[DAM7] verify says what it proves and what not", async () => {
    const { folder } = await used()
    const { out } = await commandBeside(["verify", "--data", folder])
    expect(out).toMatch(/\nProven is of each draft: .*its title.*\nNot proven are people, roster, links, sittings, client ids and settings/)
  })
})

describe("people who were lost", () => {
  it("[DAM12] are told by accept-loss, with how to begin anew; each reads that the meeting knows them no longer; the alarm is off, until it is news", async () => {
    const { folder, chair } = await used()
    tamper(folder, "DROP TABLE people")
    const { code, out } = await commandBeside(["accept-loss", "--all", "--data", folder])
    expect([code, out]).toEqual([0, expect.stringMatching(/Accepted as lost: The list of people was emptied/)])
    expect(out).toMatch(/clausula invite --role chair --name NAME --data .*clausula invite --role secretary --name NAME --data /)
    const meeting = await Meeting.open(folder, { isBare: true })
    stops.push(() => meeting.stop())
    const readyz = async (): Promise<{ ready: boolean; notes: string[] }> => (await fetch(`${meeting.url}/readyz`)).json() as never
    await expect.poll(readyz).toEqual({ ready: true, reasons: [], notes: [] })
    const answer = await new Guest(meeting, chair.cookie, chair.id).request("GET", "/api/v1/drafts")
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([401, expect.stringMatching(/what was stored about you is lost/)])
    const invited = await commandBeside(["invite", "--role", "chair", "--name", "Ada", "--data", folder, "--url", meeting.url, "--json"])
    const { url } = JSON.parse(invited.out) as { url: string }
    const ada = await meeting.enter({ token: url.split("#")[1]! })
    expect((await ada.request("GET", "/api/v1/drafts")).status).toBe(200)
    await meeting.stop()
    // A server looks at it again, and what comes later is told again.
    await openInlineStore(folder).close()
    tamper(folder, "DELETE FROM people")
    expect((await verify(folder, null)).findings.join()).toMatch(/The list of people was emptied/)
  })

  it("[DAM12] a snapshot that was altered is thrown away: the alarm is off", async () => {
    const { folder, draft } = await used()
    const store = openInlineStore(folder)
    await store.saveSnapshot(draft, { seq: 1, state: new Uint8Array([0, 0]) })
    await store.close()
    tamper(folder, "UPDATE snapshots SET state = x'0102'")
    const { losses, others } = await acceptLosses(folder, null, "2026-11-23T08:00:00.000Z")
    expect(losses).toEqual([])
    expect(others.join()).toMatch(/Its snapshot was altered\. It was thrown away: the log has all that it had\./)
    const { drafts, findings } = await verify(folder, null)
    expect([findings, drafts.map((one) => [one.draft, one.findings])]).toEqual([[], [[draft, []]]])
  })

  it("[DAM12] published files that are lost are accepted too, of one draft", async () => {
    const { folder, draft } = await used()
    const store = openInlineStore(folder)
    await store.examine(draft)
    const file = { hash: "ab".repeat(32), name: "paper.docx" }
    const sitting = { body: "", room: "", date: "", chair: "" }
    const entry = {
      act: "publish",
      at: "2026-11-23T08:00:00.000Z",
      decidedBy: "p",
      enteredBy: "p",
      source: "SEC",
      sitting,
      details: { file },
    }
    await store.append(draft, { rows: [], entries: [entry] })
    await store.close()
    const findings = async (): Promise<string> => (await verify(folder, null)).drafts.flatMap((one) => one.findings).join()
    expect(await findings()).toMatch(/The published file paper\.docx is missing/)
    const { others, next } = await acceptLosses(folder, draft, "2026-11-23T08:00:00.000Z")
    expect([others.join(), next.join()]).toEqual([expect.stringMatching(/paper\.docx is missing/), expect.stringMatching(/published anew/)])
    expect(await findings()).toBe("")
  })
})

describe("what stands in a table's place", () => {
  for (const table of expectedTables)
    it(`[DAM7] a view called ${table}: verify tells it, and no server, no command serves it`, async () => {
      const { folder } = await used()
      tamper(folder, `ALTER TABLE ${table} RENAME TO other`, `CREATE VIEW ${table} AS SELECT * FROM other`)
      const sentence = new RegExp(`a view stands where its table of ${table} was`)
      const { findings } = await verify(folder, null)
      expect(findings.join(" ")).toMatch(sentence)
      for (const opening of [{ isServer: true }, { isBeside: true }, {}])
        expect(() => openInlineStore(folder, { ...expected(folder), ...opening })).toThrow(/a view stands where|was emptied or replaced/)
      await expect(acceptLosses(folder, null, "2026-11-23T08:00:00.000Z")).rejects.toThrow(sentence)
    })

  it("[DAM7] a trigger on a table: verify tells it", async () => {
    const { folder } = await used()
    tamper(folder, "CREATE TRIGGER swallow BEFORE INSERT ON log BEGIN SELECT RAISE(IGNORE); END")
    expect((await verify(folder, null)).findings.join(" ")).toMatch(/a trigger called swallow was put in/)
  })

  it("[DAM4] a view where a table was, a folder where the database was: one sentence, whoever asks", async () => {
    const { folder } = await used()
    tamper(folder, "CREATE TABLE other AS SELECT * FROM people", "DROP TABLE people", "CREATE VIEW people AS SELECT * FROM other")
    expect(() => openInlineStore(folder)).toThrow(/a view stands where its table of people was/)
    const other = newFolder()
    mkdirSync(databaseIn(other))
    expect(() => openInlineStore(other)).toThrow(/a file stands where a folder is needed/)
    await expect(verify(other, null)).rejects.toThrow(/a file stands where a folder is needed/)
  })

  it("[DAM9] a table that is dropped under the server: a sentence without SQLite's own, without places", async () => {
    const meeting = await Meeting.open()
    stops.push(() => meeting.stop())
    const chair = await meeting.guest("chair")
    await meeting.draft()
    tamper(meeting.folder, "DROP TABLE register")
    const answers = [await chair.request("GET", "/api/v1/drafts"), await chair.request("GET", "/api/v1/people")]
    for (const { body } of answers) expect(JSON.stringify(body)).not.toMatch(/no such table|\/tmp|\.ts:/)
  })
})

it("[CLI7] a port that is in use leaves nothing behind in a new folder", async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve))
  const { port } = taken.address() as { port: number }
  const folder = join(newFolder(), "new")
  const { code, err } = await commandBeside(["serve", "--data", folder, "--port", String(port)])
  taken.close()
  expect([code, existsSync(folder)]).toEqual([2, false])
  expect(err).toMatch(/is in use/)
})

it("[DAM8] readyz says why: all drafts are damaged, or heads told nothing", async () => {
  const { folder } = await used()
  rmSync(join(folder, "heads"))
  const meeting = await Meeting.open(folder)
  stops.push(() => meeting.stop())
  const readyz = async (): Promise<{ ready: boolean; reasons: string[]; notes: string[] }> =>
    (await fetch(`${meeting.url}/readyz`)).json() as never
  await expect.poll(async () => (await readyz()).notes.join()).toMatch(/heads told nothing/)
  expect((await readyz()).ready).toBe(true)
  await meeting.stop()
  tamper(folder, "DELETE FROM log")
  const again = await Meeting.open(folder)
  stops.push(() => again.stop())
  await expect
    .poll(async () => ((await (await fetch(`${again.url}/readyz`)).json()) as { reasons: string[] }).reasons.join())
    .toMatch(/1 of 1 drafts is damaged/)
})

describe("a row that its chain proves and that is no draft's", () => {
  it.each([
    ["letters", new TextEncoder().encode("not an update")],
    ["nothing", new Uint8Array()],
    ["an update cut short", Y.encodeStateAsUpdate(new Y.Doc({ gc: false })).subarray(0, 1)],
  ])("[DAM4 DAM7] %s: verify says it in a sentence, and the loss of it can be accepted", async (_, update) => {
    const { folder, draft } = await used()
    const at = "2026-11-22T09:00:00.000Z"
    const store = openInlineStore(folder)
    const seq = await store.append(draft, { rows: [{ client: 0, person: "p", source: "SEC", kind: "edit", at, update }], entries: [] })
    await store.close()
    const sentence = `Entry ${seq} of its log is as it was written, but nothing that a draft is written in.`
    expect((await verify(folder, null)).drafts[0]!.findings[0]).toContain(sentence)
    expect((await acceptLosses(folder, null, at)).losses[0]!.sentence).toContain(sentence)
    expect((await verify(folder, null)).drafts[0]).toMatchObject({ entries: seq - 1, findings: [] })
  })
})

import { spawnSync } from "node:child_process"
import { cpSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest"
import { apiRoot } from "../shared/api/contract.ts"
import { textOf } from "../shared/schema/block.ts"
import { newMark } from "../shared/schema/schema.ts"
import { blocksOf, elementsOf, textOfElement } from "../shared/sync/read.ts"
import { slotAt, writeText } from "../shared/sync/write.ts"
import { databaseIn, dropWal, headIn, tamper } from "./damage.ts"
import { Line, newFolder } from "./meeting.ts"
import { command, kill, type Serving, serve } from "./process.ts"

const draft = "early-warning"
const others = ["night-sky", "water-arabic"]

/** What was started in a test and must end with it. */
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function serving(data: string): Promise<Serving> {
  const started = await serve(["--sample", "--data", data, "--port", "0"])
  ends.push(() => started.child.exitCode === null && started.child.signalCode === null && kill(started))
  return started
}

/** A person of the sample, signed in. */
class Person {
  readonly url: string
  readonly cookie: string
  private constructor(url: string, cookie: string) {
    this.url = url
    this.cookie = cookie
  }

  static async signIn({ url, addresses }: Serving, host: string): Promise<Person> {
    const token = addresses.find((address) => address.url.includes(`//${host}.`))!.url.split("#")[1]
    const response = await fetch(`${url}${apiRoot}/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token }),
    })
    return new Person(url, response.headers.get("set-cookie")?.split(";")[0] ?? "")
  }

  async ask(path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> & { detail?: string } }> {
    const response = await fetch(`${this.url}${apiRoot}${path}`, {
      headers: { Cookie: this.cookie, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    })
    const text = await response.text()
    expect(text).not.toMatch(/\.[jt]s:\d+/)
    return { status: response.status, body: JSON.parse(text) as Record<string, unknown> }
  }

  async list(): Promise<{ id: string; damage: { sentence: string; isReadable: boolean } | null }[]> {
    return (await this.ask("/drafts")).body as never
  }

  async read(id: string): Promise<string> {
    const line = await new Line(`${this.url.replace("http", "ws")}/sync/${id}?v=1`, this.cookie).ready()
    line.close()
    return blocksOf(line.doc).map(textOf).join("\n")
  }

  async writer(id: string): Promise<Writing> {
    const { clientId } = (await this.ask(`/drafts/${id}/join`, {})).body as unknown as { clientId: number }
    const line = await new Line(`${this.url.replace("http", "ws")}/sync/${id}?client=${clientId}&v=1`, this.cookie).ready()
    line.doc.clientID = clientId
    let sent = 0
    return {
      line,
      write: async (words) => {
        const updates: Uint8Array[] = []
        const keep = (update: Uint8Array): void => void updates.push(update)
        line.doc.on("update", keep)
        line.doc.transact((tr) => {
          const text = textOfElement(elementsOf(line.doc)[4]!)!
          writeText(tr, text, slotAt(tr, text, 3, "S"), words, [newMark("insertion", { id: `S.${clientId}.${sent + 1}`, source: "S" })])
        })
        line.doc.off("update", keep)
        const n = ++sent
        line.send({ kind: "update", update: updates[0]! })
        await line.until(() => line.acknowledged >= n || line.closed !== null)
      },
    }
  }
}

interface Writing {
  readonly line: Line
  write(words: string): Promise<void>
}

const seqOf = (data: string): unknown => headIn(data, draft)?.seq

/** A meeting that was used and stopped in order: Sweden wrote five pieces in one of three drafts. */
let used: string
/** The same, killed while it ran: its newest rows are in the write-ahead log alone. */
let killed: string
beforeAll(async () => {
  used = newFolder()
  const first = await serve(["--sample", "--data", used, "--port", "0"])
  const writer = await (await Person.signIn(first, "s")).writer(draft)
  for (const word of ["one ", "two ", "three ", "four ", "five "]) await writer.write(word)
  await vi.waitFor(() => expect(seqOf(used)).toBe(6), { timeout: 3_000 })
  killed = newFolder()
  cpSync(used, killed, { recursive: true })
  await kill(first, "SIGTERM")
})

/** A copy of a meeting's folder, for one test to spoil. */
function copyOf(folder: string): string {
  const copy = newFolder()
  cpSync(folder, copy, { recursive: true })
  return copy
}

/** One sentence for a person, and nothing else. */
function expectSentence({ code, out, err }: ReturnType<typeof command>, sentence: RegExp): void {
  expect([code, out]).toEqual([2, ""])
  expect(err).toMatch(sentence)
  expect(err).toMatch(/^clausula: [^\n]+\.?\n$/)
  expect(err).not.toMatch(/Error|\.js|undefined|\[object/)
}

describe("a start that can serve nothing: exit 2 and one sentence", () => {
  const spoilt: readonly (readonly [string, (data: string) => string | undefined, RegExp])[] = [
    ["the database is missing", (data) => void rmSync(databaseIn(data)), /clausula\.db is missing, with all 3 drafts .* Put a backup/],
    ["it is of no length", (data) => void writeFileSync(databaseIn(data), ""), /was emptied or replaced: it lacks all 3 drafts/],
    ["it is no database", (data) => void writeFileSync(databaseIn(data), "a letter to the chair ".repeat(500)), /is not a database/],
    ["it is cut short", (data) => void writeFileSync(databaseIn(data), readFileSync(databaseIn(data)).subarray(0, 10_000)), /is damaged/],
    [
      "it was emptied",
      (data) => tamper(data, "DELETE FROM drafts; DELETE FROM log; DELETE FROM register") as undefined,
      /was emptied or replaced/,
    ],
    ["its tables are gone", (data) => tamper(data, "DROP TABLE log; DROP TABLE drafts") as undefined, /was emptied or replaced/],
    [
      "the folder is a file",
      (data) => {
        writeFileSync(join(data, "file"), "")
        return join(data, "file")
      },
      /cannot be used: a file stands/,
    ],
    [
      "the folder is below a file",
      (data) => {
        writeFileSync(join(data, "file"), "")
        return join(data, "file", "data")
      },
      /cannot be used: a file stands/,
    ],
  ]
  for (const [name, spoil, sentence] of spoilt)
    it(`[DAM4] ${name}`, () => {
      const data = copyOf(used)
      dropWal(data)
      const place = spoil(data) ?? data
      expectSentence(command(["serve", "--data", place, "--port", "0"]), sentence)
      expectSentence(command(["serve", "--sample", "--data", place, "--port", "0"]), sentence)
      const invited = command(["invite", "--role", "delegate", "--source", "S", "--data", place])
      expect([invited.code, invited.err.includes("at ")]).toEqual([2, expect.anything()])
      expect(invited.err).toMatch(/^clausula: [^\n]+\n$/)
    })

  it("[DAM4] the folder may only be read by this user", () => {
    const data = copyOf(used)
    // Root writes everywhere: the server runs as another user here, or the test is skipped.
    if (process.getuid?.() !== 0 || spawnSync("setpriv", ["--version"]).status !== 0) return console.log("skipped: needs root and setpriv")
    spawnSync("chmod", ["-R", "a+rX,a-w", data])
    spawnSync("chmod", ["a+rx", data])
    const asNobody = (args: readonly string[]): ReturnType<typeof command> => {
      const { status, stdout, stderr } = spawnSync(
        "setpriv",
        ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath, join(process.cwd(), "dist/server/main.js"), ...args],
        { encoding: "utf8" },
      )
      return { code: status, out: stdout, err: stderr }
    }
    expectSentence(asNobody(["serve", "--data", data, "--port", "0"]), /cannot be (written|opened)/)
    expectSentence(asNobody(["serve", "--data", join(data, "new"), "--port", "0"]), /cannot be (written|opened)/)
  })
})

/** A file system of a megabyte of its own, or null where this user may mount none. */
function smallDisk(kilobytes: number): string | null {
  const place = newFolder()
  if (spawnSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", place]).status !== 0) {
    console.log("skipped: no file system can be mounted here")
    return null
  }
  ends.push(() => spawnSync("umount", ["-l", place]))
  return place
}

/** Fills a disk to its last byte. */
function fill(place: string): string {
  const path = join(place, "filler")
  spawnSync("dd", ["if=/dev/zero", `of=${path}`, "bs=1k"])
  return path
}

describe("a disk that is full, or only reads", () => {
  it("[DAM4] full from the start: a new meeting and one that is there are told in a sentence", () => {
    const disk = smallDisk(4_096)
    if (!disk) return
    cpSync(used, join(disk, "there"), { recursive: true })
    fill(disk)
    expectSentence(command(["serve", "--data", join(disk, "new"), "--port", "0"]), /is full|cannot be opened/)
    // What is there needs nothing more until somebody writes, or it is told.
    expectSentence(command(["serve", "--sample", "--data", join(disk, "there"), "--port", "0"]), /is full|cannot be opened/)
    const folder = readFileSync(databaseIn(join(disk, "there")))
    expect(folder.length).toBe(readFileSync(databaseIn(used)).length)
  })

  it("[DAM8] full while people write: they are told, nothing that was saved is lost, and it heals when there is room again", async () => {
    const disk = smallDisk(6_000)
    if (!disk) return
    const data = join(disk, "data")
    const server = await serving(data)
    let errors = ""
    server.child.stderr?.on("data", (bytes: Buffer) => (errors += bytes.toString()))
    const sweden = await Person.signIn(server, "s")
    const writer = await sweden.writer(draft)
    await writer.write("kept ")
    const filler = fill(disk)
    for (let i = 0; writer.line.closed === null && i < 400; i++) await writer.write(`${"long ".repeat(400)}${i} `)
    expect(writer.line.closed).toBe(1013)
    const { acknowledged } = writer.line
    const anchor = { on: "clause", block: "b5" }
    const refused = await sweden.ask(`/drafts/${draft}/threads`, { anchor, text: "x".repeat(3_900) })
    expect([refused.status, refused.body.detail]).toEqual([
      503,
      expect.stringMatching(/^The store cannot write at this moment\. Nothing was changed; try again\.$/),
    ])
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503)
    expect(await (await fetch(`${server.url}/metrics`)).text()).toMatch(/clausula_store_failures_total\{call="append"\} [1-9]/)
    expect(await sweden.read(draft)).toContain("kept ")
    await vi.waitFor(() => expect(errors).toMatch(/"call":"append","reason":"The disk that holds [^"]* is full/))
    expect(errors).not.toMatch(/\.js:\d+|"stack"/)
    rmSync(filler)
    const again = await sweden.writer(draft)
    await again.write("healed ")
    expect(again.line.closed).toBeNull()
    await kill(server)
    const next = await serving(data)
    const text = await (await Person.signIn(next, "s")).read(draft)
    expect([text.includes("kept "), text.includes("healed ")]).toEqual([true, true])
    for (let i = 0; i < acknowledged - 1; i++) expect(text).toContain(`long ${i} `)
    expect((await (await Person.signIn(next, "chair")).list()).map(({ damage }) => damage)).toEqual([null, null, null])
  }, 120_000)

  it("[DAM4] read-only: told in a sentence", () => {
    const disk = smallDisk(4_096)
    if (!disk) return
    cpSync(used, join(disk, "there"), { recursive: true })
    if (spawnSync("mount", ["-o", "remount,ro", disk]).status !== 0) return console.log("skipped: cannot be made read-only")
    for (const data of [join(disk, "there"), join(disk, "new")])
      expectSentence(command(["serve", "--data", data, "--port", "0"]), /cannot be (written|opened)/)
    const verified = command(["verify", "--data", join(disk, "there"), "--json"])
    expect([verified.code, verified.err]).toEqual([0, ""])
  })
})

describe("a server that starts on a damaged meeting", () => {
  const cut = (data: string): void => tamper(data, `DELETE FROM log WHERE draft = '${draft}' AND seq > 4`)

  it("[DAM2] serves the others, lists the damaged one with its sentence, shows what is left and lets nobody write", async () => {
    const data = copyOf(used)
    cut(data)
    const server = await serving(data)
    let errors = ""
    server.child.stderr?.on("data", (bytes: Buffer) => (errors += bytes.toString()))
    // The operator hears of it before anybody has come.
    await vi.waitFor(() => expect(errors).toMatch(/"draft":"early-warning".*The last 2 entries of its log are missing\..*draft damaged/))
    const [chair, sweden] = [await Person.signIn(server, "chair"), await Person.signIn(server, "s")]
    const listed = await chair.list()
    expect(listed.map(({ id, damage }) => [id, damage?.sentence ?? null])).toEqual([
      [
        draft,
        expect.stringMatching(
          /^This draft is damaged\. The last 2 entries of its log are missing\. What is shown is the draft as it was on/,
        ),
      ],
      ...others.map((id) => [id, null]),
    ])
    const text = await chair.read(draft)
    expect(["one ", "three ", "four ", "five "].map((word) => text.includes(word))).toEqual([true, true, false, false])
    const joined = await sweden.ask(`/drafts/${draft}/join`, {})
    expect([joined.status, joined.body.detail]).toEqual([503, listed[0]?.damage?.sentence])
    const other = await sweden.writer(others[0]!)
    await other.write("elsewhere ")
    expect(other.line.acknowledged).toBe(1)
    expect(errors.match(/draft damaged/g)).toHaveLength(1)
    expect(errors).not.toMatch(/\.js:\d+/)
  })

  it("[DAM5] goes on when the operator accepts the loss beside it; record and list tell it, before and after a restart", async () => {
    const data = copyOf(used)
    cut(data)
    const server = await serving(data)
    const chair = await Person.signIn(server, "chair")
    expect((await chair.list())[0]?.damage).not.toBeNull()
    const accepted = command(["accept-loss", draft, "--data", data])
    expect([accepted.code, accepted.out]).toEqual([
      0,
      expect.stringMatching(/^early-warning {2}The last 2 entries of its log are missing\./),
    ])
    expectSentence(command(["accept-loss", draft, "--data", data]), /is whole: there is no loss to accept/)
    const writer = await (await Person.signIn(server, "s")).writer(draft)
    await writer.write("six ")
    expect(writer.line.acknowledged).toBe(1)
    const tell = async (person: Person): Promise<unknown> => {
      const [first] = await person.list()
      const register = (await person.ask(`/drafts/${draft}/register`)).body as unknown as { act: string; details: { epoch: number } }[]
      return [
        first,
        register.filter(({ act }) => act === "acceptLoss").map(({ details }) => details.epoch),
        (await person.read(draft)).includes("six "),
      ]
    }
    const told = [expect.objectContaining({ id: draft, damage: null, loss: expect.objectContaining({ epoch: 2 }) }), [2], true]
    expect(await tell(chair)).toEqual(told)
    await kill(server)
    expect(await tell(await Person.signIn(await serving(data), "chair"))).toEqual(told)
    expect(command(["verify", "--data", data]).code).toBe(0)
  })

  it("[DAM3] after a kill -9 the write-ahead log is whole, and all is served", async () => {
    const data = copyOf(killed)
    expect(statSync(`${databaseIn(data)}-wal`).size).toBeGreaterThan(0)
    const chair = await Person.signIn(await serving(data), "chair")
    expect((await chair.list()).map(({ damage }) => damage)).toEqual([null, null, null])
    expect(await chair.read(draft)).toContain("five ")
  })

  const wal = (data: string, change: (bytes: Buffer) => Buffer | null): void => {
    const path = `${databaseIn(data)}-wal`
    const bytes = change(readFileSync(path))
    rmSync(`${databaseIn(data)}-shm`, { force: true })
    if (bytes) writeFileSync(path, bytes)
    else rmSync(path)
  }
  /** Where the frames of the last few commits begin. */
  const late = (bytes: Buffer): number => 32 + (4_096 + 24) * Math.floor((bytes.length - 32) / (4_096 + 24) - 4)
  for (const [name, change] of [
    ["cut before the last commits", (bytes: Buffer) => bytes.subarray(0, late(bytes))],
    ["overwritten in the middle of the last commits", (bytes: Buffer) => bytes.fill(0xa5, late(bytes), late(bytes) + 9_000)],
    [
      "with one bit of the last commits turned",
      (bytes: Buffer) => bytes.fill(bytes.readUInt8(late(bytes) + 2_000) ^ 1, late(bytes) + 2_000, late(bytes) + 2_001),
    ],
  ] as const)
    it(`[DAM3] a write-ahead log that was ${name}: the draft is not served as whole`, async () => {
      const data = copyOf(killed)
      wal(data, change)
      const chair = await Person.signIn(await serving(data), "chair")
      const listed = await chair.list()
      expect(listed.map(({ id }) => id)).toEqual([draft, ...others])
      expect(listed[0]?.damage?.sentence).toMatch(/of its log (is|are) missing/)
      expect(listed.slice(1).map(({ damage }) => damage)).toEqual([null, null])
      expect(await chair.read(draft)).toContain("one ")
    })

  for (const [name, change] of [
    ["missing altogether", () => null],
    ["empty", () => Buffer.alloc(0)],
    ["garbage", (bytes: Buffer) => bytes.fill(0xa5)],
  ] as const)
    it(`[DAM3] a write-ahead log that is ${name}, with all that was ever written in it: nothing is taken for a new meeting`, () => {
      const data = copyOf(killed)
      wal(data, change)
      expectSentence(command(["serve", "--sample", "--data", data, "--port", "0"]), /was emptied or replaced|is damaged/)
    })

  it("[DAM2] links of the sample that cannot be read are made anew", async () => {
    const data = copyOf(used)
    writeFileSync(join(data, "sample-links.json"), "{ no")
    const chair = await Person.signIn(await serving(data), "chair")
    expect((await chair.list()).map(({ id }) => id)).toEqual([draft, ...others])
  })
})

describe("clausula verify", () => {
  it("[DAM7] proves a whole meeting, at rest and beside the running server, and writes nothing", async () => {
    const data = copyOf(used)
    const before = readFileSync(databaseIn(data))
    const text = command(["verify", "--data", data])
    expect([text.code, text.err]).toEqual([0, ""])
    expect(text.out).toMatch(/^early-warning {2}.*: 6 entries, 1 in the record of decisions, whole$/m)
    expect(readFileSync(databaseIn(data)).equals(before)).toBe(true)
    const server = await serving(data)
    const writer = await (await Person.signIn(server, "s")).writer(draft)
    for (let i = 0; i < 3; i++) {
      await Promise.all([writer.write("a "), writer.write("b "), writer.write("c ")])
      const beside = command(["verify", draft, "--data", data, "--json"])
      expect([beside.code, JSON.parse(beside.out)]).toMatchObject([0, { drafts: [{ draft, findings: [] }], findings: [] }])
    }
  })

  const found: readonly (readonly [string, (data: string) => void, RegExp])[] = [
    [
      "a tail that was cut",
      (data) => tamper(data, `DELETE FROM log WHERE draft = '${draft}' AND seq > 4`),
      /The last 2 entries of its log are missing/,
    ],
    [
      "a letter that was changed",
      (data) =>
        tamper(data, `UPDATE log SET bytes = CAST(replace(CAST(bytes AS TEXT), 'three', 'thief') AS BLOB) WHERE draft = '${draft}'`),
      /Entry 4 of its log was altered/,
    ],
    [
      "a snapshot that was altered",
      (data) => tamper(data, `UPDATE snapshots SET state = x'0000' WHERE draft = '${draft}'`),
      /Its snapshot was altered\. It is not used/,
    ],
    [
      "a record that was altered",
      (data) => tamper(data, `UPDATE register SET entry = replace(entry, 'import', 'adopt') WHERE draft = '${draft}'`),
      /Entry 1 of its record/,
    ],
    ["heads that are missing", (data) => rmSync(join(data, "heads")), /heads tells nothing: it is missing/],
    ["heads that were altered", (data) => writeFileSync(join(data, "heads"), "{}"), /heads tells nothing: it was altered/],
    ["a database that is missing", (data) => rmSync(databaseIn(data)), /is missing, with all 3 drafts/],
    ["one that is empty", (data) => writeFileSync(databaseIn(data), ""), /emptied|lacks|is left/],
    ["one that is no database", (data) => writeFileSync(databaseIn(data), "words ".repeat(900)), /is not a database/],
    [
      "pages that were overwritten",
      (data) => writeFileSync(databaseIn(data), readFileSync(databaseIn(data)).fill(0xa5, 40_000, 60_000)),
      /SQLite|cannot be read|damaged|missing|altered/,
    ],
  ]
  for (const [name, spoil, sentence] of found)
    it(`[DAM7] finds ${name}: exit 1, in words and as JSON`, () => {
      const data = copyOf(used)
      spoil(data)
      const text = command(["verify", "--data", data])
      expect([text.code, text.err]).toEqual([1, ""])
      expect(text.out).toMatch(sentence)
      const json = command(["verify", "--data", data, "--json"])
      const { drafts, findings } = JSON.parse(json.out) as { drafts: { findings: string[] }[]; findings: string[] }
      expect([json.code, [...drafts.flatMap((part) => part.findings), ...findings].join(" ")]).toEqual([1, expect.stringMatching(sentence)])
    })

  it("[DAM7] finds published files that are missing or altered", async () => {
    const data = copyOf(used)
    const server = await serving(data)
    const secretary = await Person.signIn(server, "secretary")
    for (const n of [1, 2]) {
      expect((await secretary.ask(`/drafts/${draft}/versions`, { name: `v${n}` })).status).toBe(201)
      expect((await secretary.ask(`/drafts/${draft}/versions/${n}/files`, { format: "txt", view: "working" })).status).toBe(201)
    }
    await kill(server, "SIGTERM")
    expect(command(["verify", "--data", data]).code).toBe(0)
    tamper(data, "UPDATE files SET bytes = x'00'")
    expect(command(["verify", "--data", data]).out).toMatch(/The published file .* was altered/)
    tamper(data, "DELETE FROM files")
    expect(command(["verify", "--data", data]).out).toMatch(/The published file .* is missing/)
  })

  it("[DAM7] a published paper bears how the log ended; verify proves that it is still that log, and finds one that was written anew", async () => {
    const data = copyOf(used)
    const server = await serving(data)
    const secretary = await Person.signIn(server, "secretary")
    await secretary.ask(`/drafts/${draft}/versions`, { name: "First reading" })
    const { head, hash } = (await secretary.ask(`/drafts/${draft}/versions/1/files`, { format: "html", view: "working" }))
      .body as unknown as {
      head: { seq: number; chain: string }
      hash: string
    }
    const paper = await (
      await fetch(`${server.url}${apiRoot}/drafts/${draft}/versions/1/files/${hash}`, { headers: { Cookie: secretary.cookie } })
    ).text()
    expect([head.seq, paper.includes(`First reading · ${head.chain.slice(0, 16)}`)]).toEqual([7, true])
    await kill(server, "SIGTERM")
    for (const args of [
      ["--head", head.chain.slice(0, 16)],
      ["--head", head.chain.toUpperCase()],
      [draft, "--head", head.chain],
    ])
      expect([args, command(["verify", ...args, "--data", data]).code]).toEqual([args, 0])
    const other = command(["verify", "--head", "0123456789abcdef", "--data", data])
    expect([other.code, other.out]).toEqual([1, expect.stringMatching(/No log here ever ended as the paper says/)])
    expect(command(["verify", others[0]!, "--head", head.chain, "--data", data]).code).toBe(1)
    expectSentence(command(["verify", "--head", "first reading", "--data", data]), /16 digits/)
  })

  it("[DAM7] asked about nothing that is there: exit 2 and one sentence", () => {
    expectSentence(command(["verify", "--data", join(newFolder(), "none")]), /There is no meeting in/)
    expectSentence(
      command(["verify", "nowhere", "--data", used]),
      /There is no draft nowhere in .* There are: early-warning, night-sky, water-arabic/,
    )
    expectSentence(command(["accept-loss", "--data", used]), /Say which draft/)
    expectSentence(command(["accept-loss", draft, "--all", "--data", used]), /Say which draft/)
    expectSentence(command(["accept-loss", "nowhere", "--data", used]), /There is no draft nowhere/)
    expectSentence(command(["accept-loss", "--all", "--data", used]), /No draft is damaged/)
  })

  it.each([
    ["missing", (path: string) => rmSync(path)],
    ["emptied", (path: string) => writeFileSync(path, "")],
  ])("[DAM5] the database is %s: the loss of everything is accepted, and the folder begins anew", async (_, spoil) => {
    const data = copyOf(used)
    spoil(databaseIn(data))
    for (const end of ["-wal", "-shm"]) rmSync(`${databaseIn(data)}${end}`, { force: true })
    const accepted = command(["accept-loss", "--all", "--data", data, "--json"])
    expect([accepted.code, (JSON.parse(accepted.out) as { accepted: { isGone: boolean }[] }).accepted.map(({ isGone }) => isGone)]).toEqual(
      [0, [true, true, true]],
    )
    const server = await serving(data)
    expect((await (await Person.signIn(server, "chair")).list()).map(({ id, damage }) => [id, damage])).toEqual(
      [draft, ...others].map((id) => [id, null]),
    )
    expect(existsSync(databaseIn(data))).toBe(true)
  })

  it("[CLI4] verify and accept-loss explain themselves", () => {
    for (const verb of ["verify", "accept-loss"]) {
      const { code, out } = command([verb, "--help"])
      expect([code, out]).toEqual([0, expect.stringMatching(/--json[\s\S]*--data|--data[\s\S]*--json/)])
    }
  })
})

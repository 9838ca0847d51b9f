import { spawnSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { verify } from "../server/commands/verify.ts"
import { openInlineStore } from "../server/storage/embedded.ts"
import { StoreFailure, storeFailure } from "../server/storage/failures.ts"
import { lockDirectory } from "../server/storage/lock.ts"
import { openDatabase } from "../server/storage/sqlite-driver.ts"
import { databaseIn, dropWal, rewriteHeads, tamper } from "./damage.ts"
import { Meeting, newFolder } from "./meeting.ts"
import { commandBeside, home } from "./process.ts"

/** A meeting with a draft, at rest. */
async function used(): Promise<{ folder: string; draft: string }> {
  const meeting = await Meeting.open()
  const draft = await meeting.draft()
  await meeting.stop()
  return { folder: meeting.folder, draft }
}

const row = { client: 20, person: "p1", source: "S", kind: "edit" as const, at: "2026-11-22T09:00:00.000Z", update: new Uint8Array(2) }

describe("a database that is a link", () => {
  async function linked(): Promise<{ folder: string; draft: string; target: string }> {
    const { folder, draft } = await used()
    const target = join(newFolder(), "elsewhere.db")
    renameSync(databaseIn(folder), target)
    symlinkSync(target, databaseIn(folder))
    return { folder, draft, target }
  }

  it("[DAM8] is served like any other, and looked at like any other", async () => {
    const { folder, draft } = await linked()
    const store = openInlineStore(folder, { isServer: true })
    await store.examine(draft)
    for (let n = 0; n < 3; n++) await store.append(draft, { rows: [row], entries: [] })
    expect((await verify(folder, null)).drafts[0]).toMatchObject({ entries: 4, findings: [] })
    await store.close()
    expect((await verify(folder, null)).drafts[0]).toMatchObject({ entries: 4, findings: [] })
  })

  it("[DAM8] that leads elsewhere now: the very next write is not called saved", async () => {
    const { folder, draft } = await linked()
    const other = await used()
    const store = openInlineStore(folder, { isServer: true })
    await store.examine(draft)
    rmSync(databaseIn(folder))
    symlinkSync(databaseIn(other.folder), databaseIn(folder))
    await expect(store.append(draft, { rows: [row], entries: [] })).rejects.toThrow(/was removed or replaced while the server runs/)
    await store.close()
  })
})

describe("sentences about files", () => {
  it("[DAM4] a folder in the place of the lock: named as what it is", () => {
    const folder = newFolder()
    mkdirSync(join(folder, "serve.lock"))
    expect(() => lockDirectory(folder)).toThrow(
      /serve\.lock cannot be used: a file stands where a folder is needed, or the other way round/,
    )
  })

  it("[DAM3] a folder in the place of heads, and heads that name no draft: told, without the system's codes", async () => {
    const { folder, draft } = await used()
    rewriteHeads(folder, (heads) => void heads.splice(0))
    expect((await verify(folder, null)).findings.join()).toMatch(/heads tells nothing: it names no draft/)
    rmSync(join(folder, "heads"))
    mkdirSync(join(folder, "heads"))
    const { drafts, findings } = await verify(folder, null)
    expect(findings.join()).toMatch(/heads tells nothing: it cannot be read \(a folder stands in its place\)\./)
    expect(drafts.map((one) => one.draft)).toEqual([draft])
    const store = openInlineStore(folder)
    await store.examine(draft)
    await store.close()
    expect((await verify(folder, null)).findings, "written anew, the other put aside").toEqual([])
    expect(existsSync(join(folder, "heads.unreadable"))).toBe(true)
  })

  for (const [code, sentence] of [
    ["ENOSPC", "The disk that holds the meeting's store is full."],
    ["EIO", "The disk that holds the meeting's store fails (it fails)."],
    ["EROFS", "The meeting's store cannot be written:"],
    ["EACCES", "The meeting's store cannot be opened or written by this user:"],
  ] as const)
    it(`[DAM8] ${code}: people are told a sentence that begins with a capital and has none in its midst`, () => {
      const failure = storeFailure(Object.assign(new Error("it fails"), { code }), "/place")
      expect(failure).toBeInstanceOf(StoreFailure)
      expect((failure as StoreFailure).told.startsWith(sentence)).toBe(true)
      expect((failure as StoreFailure).told).not.toMatch(/[^.] The /)
    })

  it("[DAM4] a folder that this user may not look into is not taken for one without a meeting", async () => {
    // Root looks everywhere: the command runs as another user here, or the test is skipped.
    if (process.getuid?.() !== 0 || spawnSync("setpriv", ["--version"]).status !== 0) return console.log("skipped: needs root and setpriv")
    const { folder } = await used()
    chmodSync(folder, 0o000)
    const asNobody = ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath, join(home, "dist/server/main.js")]
    for (const verb of [
      ["serve", "--port", "0"],
      ["verify"],
      ["accept-loss", "--all"],
      ["invite", "--role", "delegate", "--source", "S"],
    ]) {
      const { status, stderr } = spawnSync("setpriv", [...asNobody, ...verb, "--data", folder], { encoding: "utf8" })
      expect([verb[0], status]).toEqual([verb[0], 2])
      expect(stderr).toMatch(
        /^clausula: .*cannot be opened or written by this user: its permissions, or those of a folder above it, forbid that\..*\n$/,
      )
    }
    chmodSync(folder, 0o700)
  })
})

describe("a database that is none, whoever asks", () => {
  /** Two drafts in a folder, and its database as a disk or a hand may leave it. */
  const spoilt: readonly (readonly [string, (path: string) => void, RegExp])[] = [
    ["cut inside its first page", (path) => truncateSync(path, 700), /clausula\.db is damaged \(SQLite: .*\)\. Put a backup/],
    [
      "cut inside a page of the meeting's tables",
      (path) => truncateSync(path, 12 * 4_096 - 900),
      /is damaged: of its tables? .* not all can be/,
    ],
    ["without a byte", (path) => truncateSync(path), /was emptied or replaced|Nothing of it is left/],
    [
      "a letter",
      (path) => writeFileSync(path, "Dear chair, ".repeat(900)),
      /is not a database, or its beginning was overwritten\. Put a backup/,
    ],
    [
      "another program's",
      (path) => {
        rmSync(path)
        const db = openDatabase(path)
        db.exec("CREATE TABLE people (photo TEXT); INSERT INTO people VALUES ('a face')")
        db.close()
      },
      /clausula\.db is a database, but no meeting's: it has tables of another program \(people\)\. Nothing was written\. Put a backup/,
    ],
  ]
  for (const [name, spoil, sentence] of spoilt)
    it(`[DAM4] ${name}: serve, verify, accept-loss and invite say so in one sentence, and leave it as it is`, async () => {
      const { folder, draft } = await used()
      spoil(databaseIn(folder))
      const before = readFileSync(databaseIn(folder))
      for (const args of [["serve", "--port", "0"], ["accept-loss", draft], ["invite", "--role", "chair", "--name", "Ada"], ["verify"]]) {
        const { code, out, err } = await commandBeside([...args, "--data", folder])
        const isVerify = args[0] === "verify"
        expect([args[0], code, isVerify ? err : out]).toEqual([args[0], isVerify ? 1 : 2, ""])
        if (args[0] !== "invite" && !isVerify) expect(err).toMatch(sentence)
        if (!isVerify) expect(err).toMatch(/^clausula: [^\n]+\n$/)
        expect(out + err).not.toMatch(/\.[jt]s:\d|nobody expected|clausula-look-/)
      }
      expect(readFileSync(databaseIn(folder)).equals(before)).toBe(true)
    })

  it("[DAM4] a folder that may only be read: accept-loss says so in a sentence, of one draft and of all", async () => {
    if (process.getuid?.() !== 0 || spawnSync("setpriv", ["--version"]).status !== 0) return console.log("skipped: needs root and setpriv")
    const { folder, draft } = await used()
    tamper(folder, "DELETE FROM log")
    dropWal(folder)
    spawnSync("chown", ["-R", "65534:65534", folder])
    chmodSync(databaseIn(folder), 0o444)
    chmodSync(folder, 0o555)
    for (const which of [draft, "--all"]) {
      const asNobody = ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath, join(home, "dist/server/main.js")]
      const { status, stderr } = spawnSync("setpriv", [...asNobody, "accept-loss", which, "--data", folder], { encoding: "utf8" })
      expect([which, status]).toEqual([which, 2])
      expect(stderr).toMatch(/^clausula: .* cannot be written: its disk or folder is read-only for this user\. .*\n$/)
    }
    chmodSync(folder, 0o700)
  })
})

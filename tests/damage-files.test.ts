import {
  copyFileSync,
  cpSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { openInlineStore } from "../server/storage/embedded.ts"
import { Guard } from "../server/storage/guard.ts"
import { Sql } from "../server/storage/sql.ts"
import { openDatabase } from "../server/storage/sqlite-driver.ts"
import type { Store } from "../server/storage/store.ts"
import { databaseIn, headIn, tamper, valueIn } from "./damage.ts"
import { newFolder } from "./meeting.ts"
import { draftRecord } from "./store-contract.ts"

const row = (words: string) => ({
  ...{ client: 20, person: "p1", source: "S", kind: "edit" as const, at: "2026-11-22T09:00:00.000Z" },
  update: new TextEncoder().encode(words.padEnd(600, ".")),
})
const written = async (store: Store, words: string): Promise<string> =>
  store.append("d1", { rows: [row(words)], entries: [] }).then(
    () => "saved",
    (error: Error) => error.message,
  )

/** A meeting with a draft of some rows, part of them in the database itself, and older bytes of it. */
async function meeting(): Promise<{ folder: string; path: string; older: Buffer; store: Store }> {
  const folder = newFolder()
  const path = databaseIn(folder)
  const first = openInlineStore(folder)
  await first.createDraft(draftRecord("d1"), { rows: [row("one")], entries: [] })
  await first.close()
  const older = readFileSync(path)
  const second = openInlineStore(folder)
  for (let i = 0; i < 40; i++) await second.append("d1", { rows: [row(`words ${i}`)], entries: [] })
  await second.close()
  const store = openInlineStore(folder, { isServer: true })
  await store.examine("d1")
  expect(await written(store, "last")).toBe("saved")
  return { folder, path, older, store }
}

/** What comes over a folder under the running server: the very next write is not acknowledged. */
const stops: readonly (readonly [string, (path: string, older: Buffer) => void, RegExp])[] = [
  ["the database is removed", (path) => rmSync(path), /was removed or replaced while the server runs: nothing more is saved/],
  ["its folder is removed", (path) => rmSync(join(path, ".."), { recursive: true }), /was removed or replaced/],
  ["its folder is moved away", (path) => renameSync(join(path, ".."), `${join(path, "..")}-away`), /was removed or replaced/],
  [
    "its folder is replaced by a copy",
    (path) => {
      const folder = join(path, "..")
      cpSync(folder, `${folder}-copy`, { recursive: true })
      renameSync(folder, `${folder}-away`)
      renameSync(`${folder}-copy`, folder)
    },
    /was removed or replaced/,
  ],
  [
    "another file takes its place",
    (path) => {
      writeFileSync(`${path}.other`, readFileSync(path))
      renameSync(`${path}.other`, path)
    },
    /was removed or replaced/,
  ],
  ["its write-ahead log is removed", (path) => rmSync(`${path}-wal`), /clausula\.db-wal was removed or replaced/],
  [
    "its write-ahead log is replaced",
    (path) => {
      copyFileSync(`${path}-wal`, `${path}-wal.copy`)
      renameSync(`${path}-wal.copy`, `${path}-wal`)
    },
    /clausula\.db-wal was removed or replaced/,
  ],
  ["its write-ahead log is emptied", (path) => truncateSync(`${path}-wal`), /was overwritten|fails|is damaged/],
  ["an older one is copied over it", (path, older) => writeFileSync(path, older), /was overwritten|is damaged/],
  ["nothing is copied over it", (path) => truncateSync(path), /was overwritten|is damaged|is not a database/],
  [
    "a letter is copied over it",
    (path) => writeFileSync(path, "Dear chair, ".repeat(9_000)),
    /was overwritten|is damaged|is not a database/,
  ],
  [
    "its middle is overwritten",
    (path) => {
      const file = openSync(path, "r+")
      writeSync(file, Buffer.alloc(12_000, 0xa5), 0, 12_000, 8_192)
    },
    /was overwritten|is damaged/,
  ],
]

describe("files that change under the running server", () => {
  for (const [name, spoil, sentence] of stops)
    it(`[DAM8] ${name}: the very next write is not called saved, nor any later one, and heads say what was, and no more`, async () => {
      const { folder, path, older, store } = await meeting()
      const told: string[] = []
      store.onTrouble((error) => told.push(error.message))
      spoil(path, older)
      expect(await written(store, "into nothing")).toMatch(sentence)
      expect(await written(store, "into nothing")).toMatch(sentence)
      await expect(store.writtenBeside(), "who only looks hears of it too").rejects.toThrow(sentence)
      const seq = headIn(folder, "d1")?.seq
      await store.close().catch(() => undefined)
      // In another folder than it was there is nothing to say; else what was acknowledged is missed after the next start.
      expect(headIn(folder, "d1")?.seq).toBe(name.startsWith("its folder") ? seq : 42)
    })

  for (const [name, touch] of [
    ["looked at by another program", (path: string) => void valueIn(join(path, ".."), "SELECT count(*) FROM log")],
    ["given another time", (path: string) => utimesSync(path, 1, 1)],
    ["given a second name by a backup", (path: string) => linkSync(path, `${path}.link`)],
    ["checkpointed by hand", (path: string) => tamper(join(path, ".."), "UPDATE settings SET value = value")],
  ] as const)
    it(`[DAM8] a database that is ${name}: what is there is proven once more, and all goes on`, async () => {
      const { folder, path, store } = await meeting()
      for (let i = 0; i < 3; i++) {
        touch(path)
        if (name.endsWith("backup")) rmSync(`${path}.link`)
        expect(await written(store, `after ${i}`)).toBe("saved")
      }
      expect(await store.examine("d1")).toMatchObject({ seq: 45, damage: null })
      await store.close()
      expect(headIn(folder, "d1")?.seq).toBe(45)
    })

  it("[DAM8] a long write-ahead log is brought into the database, and is no news", async () => {
    const { path, store } = await meeting()
    for (let i = 0; i < 30; i++) {
      const update = new Uint8Array(300_000).fill(i)
      expect(await store.append("d1", { rows: [{ ...row(""), update }], entries: [] })).toBe(43 + i)
    }
    expect(statSync(`${path}-wal`).size).toBeLessThan(7_000_000)
    expect(await store.examine("d1")).toMatchObject({ damage: null })
    await store.close()
  })

  it("[DAM8] once it has been brought in it is not again before it is long again: no commit costs more for what was committed before", async () => {
    const { path, store } = await meeting()
    const changes = new Set<bigint>()
    for (let i = 0; i < 60; i++) {
      const update = new Uint8Array(i < 20 ? 300_000 : 100).fill(i)
      await store.append("d1", { rows: [{ ...row(""), update }], entries: [] })
      if (i >= 20) changes.add(statSync(path, { bigint: true }).mtimeNs)
    }
    expect(changes.size).toBe(1)
    await store.close()
  })
})

it("[DAM8] a file that goes away while a commit is written: that commit is not called saved", async () => {
  for (const end of ["", "-wal"]) {
    const { folder, path, store } = await meeting()
    await store.close()
    const sql = new Sql(openDatabase(path))
    const guard = new Guard({ path, sql, isServer: true, proveAnew: () => ({ problem: null, drafts: [] }), onChanged: () => undefined })
    expect(guard.writing(() => "written")).toBe("written")
    expect(() => guard.writing(() => rmSync(`${path}${end}`)), `${end} in ${folder}`).toThrow(
      /was removed or replaced while the server runs/,
    )
    expect(() => guard.writing(() => "written")).toThrow(/nothing more is saved/)
    sql.close(false)
  }
})

describe("two servers on one folder", () => {
  it("[STO7] who comes later takes it over: the first writes nothing more, and nothing that was acknowledged is lost", async () => {
    const { folder, store } = await meeting()
    const second = openInlineStore(folder, { isServer: true })
    expect(await second.examine("d1")).toMatchObject({ seq: 42, damage: null })
    expect(await written(store, "by the first")).toMatch(/Another server has taken this folder over/)
    expect(await written(second, "by the second")).toBe("saved")
    expect(await written(store, "by the first")).toMatch(/Another server has taken this folder over/)
    await store.close()
    expect(await second.examine("d1")).toMatchObject({ seq: 43, damage: null })
    await second.close()
    expect(headIn(folder, "d1")?.seq).toBe(43)
  })
})

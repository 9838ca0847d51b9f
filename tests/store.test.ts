import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it } from "vitest"
import { DraftLog } from "../server/storage/draft-log.ts"
import { openInlineStore } from "../server/storage/embedded.ts"
import { lockDirectory } from "../server/storage/lock.ts"
import { Sql } from "../server/storage/sql.ts"
import { openDatabase, type Statement } from "../server/storage/sqlite-driver.ts"
import { DamageError } from "../server/storage/store.ts"
import { makeTables } from "../server/storage/tables.ts"
import { draftRecord, storeContract } from "./store-contract.ts"

const newDirectory = (): string => mkdtempSync(join(tmpdir(), "clausula-store-"))

storeContract("embedded", async () => {
  const directory = newDirectory()
  return { store: openInlineStore(directory), reopen: async () => openInlineStore(directory) }
})

const row = { client: 20, person: "p1", source: "S", kind: "edit" as const, at: "2026-11-22T09:00:01.000Z" }

it("[STO6] a log that was altered is reported with what can be saved, never served", async () => {
  const directory = newDirectory()
  const store = openInlineStore(directory)
  const rows = ["one", "two", "three"].map((text) => ({ ...row, update: new TextEncoder().encode(text) }))
  await store.createDraft(draftRecord("d1"), { rows, entries: [] })
  await store.close()
  const db = openDatabase(join(directory, "clausula.db"))
  db.prepare("UPDATE log SET source = 'B' WHERE seq = 2").run()
  db.close()
  const again = openInlineStore(directory)
  const failure = await again.rows("d1", 0).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(DamageError)
  expect((failure as DamageError).saved).toBe(1)
  await again.close()
})

it("[STO7] a second server on one directory is refused with a sentence", () => {
  const directory = newDirectory()
  const release = lockDirectory(directory)
  expect(() => lockDirectory(directory)).toThrow(/Another server already uses/)
  release()
  lockDirectory(directory)()
})

it("[STO2] an append reads neither the draft's own record nor its rows: it costs the same, however large they are", () => {
  const path = join(newDirectory(), "clausula.db")
  const asked: string[] = []
  class Heard extends Sql {
    override prepare(sql: string): Statement {
      asked.push(sql)
      return super.prepare(sql)
    }
  }
  const sql = new Heard(openDatabase(path))
  makeTables(sql)
  const log = new DraftLog(sql)
  const commit = { rows: [{ ...row, update: new Uint8Array(2) }], entries: [] }
  log.create(draftRecord("d1"), commit)
  asked.splice(0)
  expect(log.append("d1", commit)).toMatchObject({ seq: 2, title: draftRecord("d1").title })
  expect(asked.filter((text) => /record|losses|SELECT \*/.test(text))).toEqual([])
  sql.close(true)
})

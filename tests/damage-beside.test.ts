import { truncateSync, utimesSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { openInlineStore } from "../server/storage/embedded.ts"
import { Guard } from "../server/storage/guard.ts"
import { openMeeting, provenAnew } from "../server/storage/open-meeting.ts"
import { openDatabase } from "../server/storage/sqlite-driver.ts"
import { bytesAt, WriteAheadLog } from "../server/storage/wal.ts"
import { databaseIn } from "./damage.ts"
import { newFolder } from "./meeting.ts"
import { draftRecord } from "./store-contract.ts"

/** A guarded database, and a command beside it that commits in the midst of what the guard does. */
async function guarded() {
  const folder = newFolder()
  const path = databaseIn(folder)
  const made = openInlineStore(folder, { isServer: true })
  const row = { client: 20, person: "p1", source: "S", kind: "edit" as const, at: "2026-11-22T09:00:00.000Z", update: new Uint8Array(600) }
  await made.createDraft(draftRecord("d1"), { rows: [row], entries: [] })
  await made.close()
  const { sql } = openMeeting(folder, {})
  const other = openDatabase(path)
  other.exec("PRAGMA busy_timeout=5000; PRAGMA wal_autocheckpoint=0")
  const midst = { checkpoint: (): void => undefined, proof: (): readonly string[] => [] }
  const prepare = sql.prepare.bind(sql)
  sql.prepare = (text) => {
    const statement = prepare(text)
    if (!text.startsWith("PRAGMA wal_checkpoint")) return statement
    const get: typeof statement.get = () => {
      midst.checkpoint()
      return statement.get()
    }
    return { ...statement, get }
  }
  const changed: string[] = []
  const guard = new Guard({
    ...{ path, sql, isServer: true, onChanged: (draft) => changed.push(draft) },
    proveAnew: (options) => {
      const drafts = midst.proof()
      return { ...provenAnew(path, [], options), drafts }
    },
  })
  let n = 0
  const write = (): string => {
    try {
      guard.writing(() => sql.prepare("INSERT INTO sources (code, name) VALUES (?, ?)").run(`S${++n}`, "Land".repeat(200)))
      return "saved"
    } catch (error) {
      return (error as Error).message
    }
  }
  const commitBeside = (name: string): void =>
    other.exec(`INSERT INTO people (id, name, role, hats, revoked) VALUES ('${name}', '${"Ada ".repeat(2_000)}', 'chair', '["CHAIR"]', 0)`)
  return { path, write, commitBeside, midst, changed }
}

describe("a command beside a server, at any moment", () => {
  it("[DAM8] commits just as the write-ahead log is brought in: nothing was overwritten, and all goes on", async () => {
    const { path, write, commitBeside, midst } = await guarded()
    expect(write()).toBe("saved")
    midst.checkpoint = () => {
      midst.checkpoint = () => undefined
      commitBeside("ada")
    }
    // Its times are another's: all is proven anew and brought in.
    utimesSync(path, 1, 1)
    expect([write(), write(), write()]).toEqual(["saved", "saved", "saved"])
    utimesSync(path, 2, 2)
    expect([write(), write()]).toEqual(["saved", "saved"])
  })

  it("[DAM8] commits into a draft just as all is proven anew: that draft is told, and nothing else stops", async () => {
    const { path, write, commitBeside, midst, changed } = await guarded()
    expect(write()).toBe("saved")
    midst.proof = () => {
      midst.proof = () => []
      commitBeside("ada")
      return ["d1"]
    }
    utimesSync(path, 1, 1)
    expect([write(), write()]).toEqual(["saved", "saved"])
    expect(changed).toEqual(["d1"])
  })

  it("[DAM8] empties the write-ahead log between two looks at it: that is no other log", async () => {
    for (const isWhole of [false, true]) {
      const { path, write } = await guarded()
      expect([write(), write()]).toEqual(["saved", "saved"])
      let left = Number.POSITIVE_INFINITY
      const log = new WriteAheadLog(`${path}-wal`, (file, at, length) => {
        if (left-- === 0) truncateSync(`${path}-wal`)
        return bytesAt(file, at, length)
      })
      expect(log.follow()).not.toBe("another")
      left = 1
      expect(log.follow({ isWhole })).toBe("emptied")
    }
  })
})

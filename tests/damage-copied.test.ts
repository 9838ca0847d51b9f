import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { DraftLog } from "../server/storage/draft-log.ts"
import { proveDraft, proveRest, unproven } from "../server/storage/draft-proof.ts"
import { openInlineStore } from "../server/storage/embedded.ts"
import { Guard, type ProvenAnew } from "../server/storage/guard.ts"
import { openMeeting, provenAnew } from "../server/storage/open-meeting.ts"
import type { Commit, Store } from "../server/storage/store.ts"
import { databaseIn, valueIn } from "./damage.ts"
import { newFolder } from "./meeting.ts"
import { draftRecord } from "./store-contract.ts"

const commit = (words: string): Commit => ({
  rows: [
    {
      ...{ client: 20, person: "p1", source: "S", kind: "edit", at: "2026-11-22T09:00:00.000Z" },
      update: new TextEncoder().encode(words.padEnd(600, ".")),
    },
  ],
  entries: [],
})

const person = (n: number) => ({ id: `p${n}`, name: `Delegate ${n}`, role: "delegate" as const, hats: ["S"], isRevoked: false })

const ends = ["", "-wal", "-shm"] as const
type Backup = ReadonlyMap<string, Buffer>

/** What one copies who takes a backup with `cp`: the database alone, with its write-ahead log, or all that stands beside it. */
const backupOf = (path: string): Backup =>
  new Map(ends.flatMap((end) => (existsSync(`${path}${end}`) ? [[end, readFileSync(`${path}${end}`)]] : [])))

/** As `cp` does it: the files stay the same ones, and other bytes are in them. */
const copyBack = (path: string, backup: Backup): void => {
  for (const [end, bytes] of backup) writeFileSync(`${path}${end}`, bytes)
}

/** As `mv` does it: another file stands under the name. */
const moveBack = (path: string, backup: Backup): void => {
  for (const [end, bytes] of backup) {
    writeFileSync(`${path}${end}.back`, bytes)
    renameSync(`${path}${end}.back`, `${path}${end}`)
  }
}

const onlyOf = (backup: Backup, of: readonly string[]): Backup => new Map([...backup].filter(([end]) => of.includes(end)))

const answer = (work: () => unknown): string => {
  try {
    work()
    return "saved"
  } catch (error) {
    return (error as Error).message
  }
}

const entry = {
  act: "adopt",
  at: "",
  decidedBy: "",
  enteredBy: "",
  source: "",
  sitting: { body: "", room: "", date: "", chair: "" },
  details: {},
}

type Write = (words: string, during?: () => void) => string

/** What happens around the moment in which the write-ahead log is brought into the database. */
interface Checkpoint {
  before?: () => void
  after?: () => void
}

/** A meeting that is served after `then` was written into it; a backup of it as it was before that. `during`: what happens in the midst of a write. */
async function meeting(
  then: (store: Store) => Promise<unknown>,
): Promise<{ folder: string; path: string; backup: Backup; write: Write; checkpoint: Checkpoint }> {
  const folder = newFolder()
  const path = databaseIn(folder)
  const first = openInlineStore(folder, { isServer: true })
  await first.createDraft(draftRecord("d1"), commit("one"))
  await first.savePerson(person(1))
  await first.close()
  const backup = backupOf(path)
  const second = openInlineStore(folder, { isServer: true })
  await then(second)
  await second.close()
  const { sql } = openMeeting(folder, {})
  const checkpoint: Checkpoint = {}
  const prepare = sql.prepare.bind(sql)
  sql.prepare = (text) => {
    const statement = prepare(text)
    if (!text.startsWith("PRAGMA wal_checkpoint")) return statement
    const get = (): ReturnType<typeof statement.get> => {
      checkpoint.before?.()
      const answer = statement.get()
      checkpoint.after?.()
      return answer
    }
    return { get, all: () => statement.all(), run: () => statement.run() }
  }
  const log = new DraftLog(sql)
  log.proven(proveDraft(sql, log, "d1", null, proveRest(sql, "d1", unproven))!)
  const proveAnew = (options: { readonly isFileToo: boolean }): ProvenAnew => provenAnew(path, log.heads(), options)
  const guard = new Guard({ path, sql, isServer: true, proveAnew, onChanged: (draft) => log.changed(draft) })
  const write: Write = (words, during) => {
    const work = (): void => {
      log.append("d1", commit(words))
      during?.()
    }
    return answer(() => guard.writing(work))
  }
  for (let n = 0; n < 3; n++) expect(write(`words ${n}`)).toBe("saved")
  return { folder, path, backup, write, checkpoint }
}

const overwritten =
  /was overwritten.*while the server runs: nothing more is saved|taken this folder over, or an older copy|is damaged|disk I\/O error/

const stopped = /was overwritten|was removed or replaced|taken this folder over, or an older copy|is damaged|disk I\/O error/

describe("an older backup copied over the files while the server runs", () => {
  const many = async (work: (n: number) => Promise<unknown>): Promise<void> => {
    for (let n = 0; n < 12; n++) await work(n)
  }
  const files = (store: Store): Promise<void> => many((n) => store.saveFile(`${n}`.padStart(64, "0"), new Uint8Array(3_000).fill(n)))
  for (const [what, then] of [
    ["people", (store: Store) => many((n) => store.savePerson(person(n)))],
    ["a person's rights", (store: Store) => store.savePerson({ ...person(1), isRevoked: true })],
    ["files", files],
    ["a setting", (store: Store) => store.saveSetting("page", "open")],
    ["a snapshot", (store: Store) => store.saveSnapshot("d1", { seq: 1, state: new Uint8Array(500) })],
    ["the record of decisions", (store: Store) => store.append("d1", { ...commit("two"), entries: [entry] })],
    ["the words of many", (store: Store) => many((n) => store.append("d1", commit(`${n}`)))],
  ] as const) {
    it(`[DAM8] one that is older by ${what}: the very next write is not called saved, nor any later one`, async () => {
      const { path, backup, write } = await meeting(then)
      copyBack(path, onlyOf(backup, [""]))
      expect(write("after")).toMatch(overwritten)
      expect(write("after")).toMatch(overwritten)
    })

    it(`[DAM8] one that is older by ${what}, in the midst of a write: that one is not called saved, nor any later one`, async () => {
      const { path, backup, write } = await meeting(then)
      expect(write("now", () => copyBack(path, onlyOf(backup, [""])))).toMatch(overwritten)
      expect(write("after")).toMatch(overwritten)
    })
  }

  for (const moment of ["before", "after"] as const)
    for (const [how, put] of [
      ["copied", copyBack],
      ["moved", moveBack],
    ] as const)
      it(`[DAM8] one that is ${how} there right ${moment} the write-ahead log is brought in: that write is not called saved, nor any later one`, async () => {
        const { path, backup, write, checkpoint } = await meeting(files)
        let isThere = false
        checkpoint[moment] = () => {
          if (isThere) return
          isThere = true
          put(path, onlyOf(backup, [""]))
        }
        for (let n = 0; !isThere; n++) {
          const said = write(`word ${n}`)
          if (isThere) expect(said).toMatch(stopped)
          else expect(said).toBe("saved")
        }
        expect(write("after")).toMatch(stopped)
      })

  for (const of of [["-wal"], ["", "-wal"], ["", "-wal", "-shm"]] as const)
    for (const [moment, isDuring] of [
      ["between two writes", false],
      ["in the midst of a write", true],
    ] as const)
      for (const [which, isOfThisRun] of [
        ["an earlier run", false],
        ["this run", true],
      ] as const)
        it(`[DAM8] a backup of ${which} (${of.map((end) => end || "database").join(", ")}), ${moment}: what is written then is not called saved`, async () => {
          const { path, backup: ofEarlier, write } = await meeting((store) => many((n) => store.savePerson(person(n))))
          const earlier = onlyOf(new Map([["-wal", Buffer.alloc(0)], ["-shm", Buffer.alloc(32_768)], ...ofEarlier]), of)
          const backup = isOfThisRun ? onlyOf(backupOf(path), of) : earlier
          for (let n = 0; n < 3; n++) expect(write(`more ${n}`)).toBe("saved")
          const copy = (): void => copyBack(path, backup)
          if (!isDuring) copy()
          expect(write("now", isDuring ? copy : undefined)).not.toBe("saved")
          expect(write("after")).not.toBe("saved")
        })

  it("[DAM8] the same bytes copied over the database, between two writes or in the midst of one: nothing is lost, and all goes on", async () => {
    const { folder, path, write } = await meeting((store) => store.savePerson(person(2)))
    const same = onlyOf(backupOf(path), [""])
    copyBack(path, same)
    expect(write("after")).toBe("saved")
    expect(write("now", () => copyBack(path, onlyOf(backupOf(path), [""])))).toBe("saved")
    expect(write("after")).toBe("saved")
    expect(valueIn(folder, "SELECT MAX(seq) FROM log")).toBe(7)
  })
})

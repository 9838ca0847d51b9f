import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, it } from "vitest"
import { verify } from "../server/commands/verify.ts"
import { readConfig } from "../server/config.ts"
import { openSample } from "../server/sample.ts"
import { keepAddress } from "../server/storage/address.ts"
import { openInlineStore } from "../server/storage/embedded.ts"
import { isHeld, lockDirectory } from "../server/storage/lock.ts"
import { readRoster } from "../shared/people/roster-file.ts"
import { databaseIn, tamper } from "./damage.ts"
import { Meeting, newFolder } from "./meeting.ts"
import { command } from "./process.ts"
import { draftRecord } from "./store-contract.ts"

let used: string
beforeAll(async () => {
  used = newFolder()
  const store = openInlineStore(used)
  const row = { client: 20, person: "p1", source: "S", kind: "edit" as const, at: "2026-11-22T09:00:00.000Z", update: new Uint8Array(2) }
  await store.createDraft(draftRecord("d1"), { rows: [row], entries: [] })
  await store.close()
  for (const end of ["-wal", "-shm"]) rmSync(`${databaseIn(used)}${end}`, { force: true })
})

function copy(): string {
  const folder = newFolder()
  cpSync(used, folder, { recursive: true })
  return folder
}

const pipe = (path: string): void => {
  rmSync(path, { force: true })
  expect(spawnSync("mkfifo", [path]).status).toBe(0)
}

const loop = (path: string): void => {
  rmSync(path)
  symlinkSync(path, path)
}

/** What stands in the place of a file of the meeting: which, how it comes there, and what is said of it. */
const places: readonly (readonly [string, (path: string) => void, RegExp])[] = [
  ["clausula.db", loop, /clausula\.db cannot be used: it is a link that leads back to itself/],
  ["clausula.db", pipe, /clausula\.db cannot be used: a pipe, a socket or a device stands where a file is needed/],
  ["clausula.db-wal", mkdirSync, /clausula\.db-wal cannot be used: a file stands where a folder is needed, or the other way round/],
  ["clausula.db-shm", mkdirSync, /clausula\.db-shm cannot be used: a file stands where a folder is needed, or the other way round/],
]

describe("what stands in the place of a file of the meeting", () => {
  for (const [name, put, sentence] of places)
    it(`[DAM4] ${name}: ${sentence.source}, and nobody waits`, async () => {
      const folder = copy()
      put(join(folder, name))
      expect(() => openInlineStore(folder, { isServer: true })).toThrow(sentence)
      await expect(verify(folder, null)).rejects.toThrow(sentence)
    })

  it("[DAM4] a lock that is a pipe is named; nobody waits at it", () => {
    const folder = copy()
    pipe(join(folder, "serve.lock"))
    expect(() => lockDirectory(folder)).toThrow(/serve\.lock cannot be used: a pipe/)
    expect(isHeld(folder)).toBe(false)
  })

  it("[DAM3] heads that are a pipe, or longer than any, tell nothing, and verify says so", async () => {
    for (const [put, why] of [
      [pipe, "a pipe, a socket or a device stands in its place"],
      [(path: string) => truncateSync(path, 3e9), "it was overwritten: no heads are that long"],
    ] as const) {
      const folder = copy()
      put(join(folder, "heads"))
      const { drafts, findings } = await verify(folder, null)
      expect([drafts[0]?.findings, findings.join()]).toEqual([[], expect.stringContaining(`tells nothing: ${why}.`)])
    }
  })

  it("[DAM4] a folder called address is in nobody's way", () => {
    const folder = copy()
    mkdirSync(join(folder, "address"))
    expect(() => keepAddress(folder, "http://localhost")()).not.toThrow()
  })
})

describe("what an operator says", () => {
  it("[CLI4] an environment that is empty says nothing; one that is otherwise spelt is refused", () => {
    const empty = Object.fromEntries(
      ["PORT", "HOST", "SECURE", "INSECURE_LAN", "DATA", "ORIGINS", "PROXIES", "LOG", "ROOM_IDLE"].map((name) => [`CLAUSULA_${name}`, ""]),
    )
    expect(readConfig({}, empty)).toEqual(readConfig({}, {}))
    expect(readConfig({}, { CLAUSULA_SECURE: "1" }).isSecure).toBe(true)
    for (const name of ["CLAUSULA_SECURE", "CLAUSULA_INSECURE_LAN"])
      expect(() => readConfig({}, { [name]: "true" })).toThrow(`${name} is true; it is 1 for yes, 0 or nothing for no.`)
    for (const port of ["", " ", "1e3", "0x50", "-1", "65536"])
      expect(() => readConfig({ port }, {})).toThrow(/^The port is .*; it must be/)
    expect(() => readConfig({ data: "" }, {})).toThrow("Say where the meeting is kept: --data is empty.")
  })

  it("[CLI8] an address with something behind its path, an empty folder, a place that takes no file", () => {
    const data = copy()
    for (const url of ["https://x.example/p?q=1#frag", "https://x.example/#", "https://x.example?"])
      expect(command(["invite", "--role", "observer", "--url", url, "--data", data])).toEqual({
        ...{ code: 2, out: "" },
        err: expect.stringContaining("An address ends with its path: nothing with ? or # stands behind it."),
      })
    expect(command(["verify", "--data", ""])).toMatchObject({ code: 2, err: "clausula: Say where the meeting is kept: --data is empty.\n" })
    const text = join(data, "a.txt")
    writeFileSync(text, "RESOLUTION 7\nOn harbours\nThe Council,\nresolves\n1\tto keep a lamp.\n")
    for (const [out, why] of [
      ["/nowhere/a.docx", "there is no such folder"],
      [data, "a folder stands in its place"],
    ] as const)
      expect(command(["export", text, "--format", "txt", "-o", out])).toMatchObject({
        code: 2,
        err: `clausula: Cannot write ${out}: ${why}.\n`,
      })
  })

  it("[ROS4] a roster takes no name with signs that turn others round", () => {
    expect(readRoster("QQ,Qu\u202een\nS,Sweden\n", [])).toMatchObject({
      rows: [{ code: "S" }],
      errors: [{ line: 1, field: "name", say: expect.stringMatching(/^The name of QQ is too long or holds signs that are no letters/) }],
    })
  })
})

describe("the links of the sample", () => {
  it("[CLI8] that are gone, another sample's, or lost in the store are made anew; those that are good stay", async () => {
    const folder = newFolder()
    const file = join(folder, "sample-links.json")
    const seeds = newFolder()
    const opened = async (): Promise<string> => {
      const meeting = await Meeting.open(folder, { isBare: true })
      try {
        const addresses = await openSample(meeting.server, folder, seeds)
        for (const { url } of addresses) await meeting.enter({ token: url.split("#")[1]! })
        return addresses.map(({ url }) => url.split("#")[1]).join()
      } finally {
        await meeting.stop()
      }
    }
    const first = await opened()
    expect(await opened()).toBe(first)
    rmSync(file)
    const second = await opened()
    expect(second).not.toBe(first)
    const other = readFileSync(file, "utf8").replace(/": "..../g, '": "ABCD')
    writeFileSync(file, other)
    const third = await opened()
    tamper(folder, "DELETE FROM invitations")
    expect(await opened()).not.toBe(third)
  })
})

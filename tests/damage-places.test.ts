import { spawnSync } from "node:child_process"
import { chmodSync, cpSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, it } from "vitest"
import { verify } from "../server/commands/verify.ts"
import { readConfig } from "../server/config.ts"
import { portProblem } from "../server/server.ts"
import { openInlineStore } from "../server/storage/embedded.ts"
import { plainFaults } from "../server/storage/salvage.ts"
import { databaseIn, tamper } from "./damage.ts"
import { newFolder } from "./meeting.ts"
import { command, home, kill, serve } from "./process.ts"
import { draftRecord } from "./store-contract.ts"

/** A meeting of the sample that was stopped in order. */
let used: string
beforeAll(async () => {
  used = newFolder()
  await kill(await serve(["--sample", "--data", used, "--port", "0"]), "SIGTERM")
})

function copy(): string {
  const folder = newFolder()
  cpSync(used, folder, { recursive: true })
  return folder
}

const told = ({ code, err }: { code: number | null; err: string }): readonly [number | null, string] => [code, err]

describe("sentences that name the place which is wrong, and what is so", () => {
  it("[DAM4] the database is gone and heads are there: people and invite say so, and make none", () => {
    const data = copy()
    rmSync(databaseIn(data))
    const gone = [2, expect.stringMatching(/^clausula: The database \S+clausula\.db is missing, with all 3 drafts/)]
    expect(told(command(["people", "--data", data]))).toEqual(gone)
    expect(told(command(["invite", "--role", "observer", "--url", "http://localhost", "--data", data]))).toEqual(gone)
    writeFileSync(join(data, "heads"), "{")
    expect(told(command(["people", "--data", data]))).toEqual([
      2,
      expect.stringMatching(/The database \S+ is missing\. Nothing was written/),
    ])
    expect(readdirSync(data)).not.toContain("clausula.db")
    rmSync(join(data, "heads"))
    expect(told(command(["people", "--data", data]))).toEqual([2, expect.stringMatching(/There is no meeting in/)])
  })

  it("[DAM7] a database of a later version is called so by verify, and nothing of it whole", () => {
    const data = copy()
    tamper(data, "PRAGMA user_version = 9")
    expect(command(["verify", "--data", data])).toEqual({
      code: 2,
      out: "",
      err: expect.stringMatching(/was written by a later version of Clausula \(tables of version 9; this one knows \d\)/),
    })
  })

  it("[DAM7] where there is no folder for copies verify says that of it, not of the database", () => {
    const data = copy()
    truncateSync(databaseIn(data), statSync(databaseIn(data)).size - 4_096)
    expect(told(command(["verify", "--data", data], undefined, { TMPDIR: "/nowhere" }))).toEqual([
      2,
      expect.stringMatching(
        /folder for temporary files, and \/nowhere cannot be used \(there is no such folder\)\. Set TMPDIR to another\.\n$/,
      ),
    ])
  })

  it("[DAM4] a file that this user may not use is named, not its folder", () => {
    // Root may use every file: the server runs as another user here, or the test is skipped.
    if (process.getuid?.() !== 0 || spawnSync("setpriv", ["--version"]).status !== 0) return console.log("skipped: needs root and setpriv")
    const asNobody = (data: string): readonly [number | null, string] => {
      const user = ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath, join(home, "dist/server/main.js")]
      const { status, stderr } = spawnSync("setpriv", [...user, "serve", "--sample", "--data", data, "--port", "0"], { encoding: "utf8" })
      return [status, stderr]
    }
    for (const [name, mode] of [
      ["clausula.db", 0o444],
      ["serve.lock", 0o000],
      ["sample-links.json", 0o000],
    ] as const) {
      const data = copy()
      spawnSync("chown", ["-R", "65534:65534", data])
      chmodSync(join(data, name), mode)
      expect(asNobody(data)).toEqual([
        2,
        expect.stringMatching(new RegExp(`^clausula: \\S+/${name} cannot be opened or written by this user`)),
      ])
    }
  })

  it("[DAM7] a code of the roster that was altered: verify tells, and the sample starts", async () => {
    const data = copy()
    tamper(data, "UPDATE sources SET code = 'X' WHERE code = 'S'")
    const sentence = "The delegation S, for which people on the list write, is not on the roster (table sources)."
    const verified = command(["verify", "--data", data])
    expect([verified.code, verified.out]).toEqual([1, expect.stringContaining(sentence)])
    tamper(data, "DELETE FROM sources")
    expect(command(["verify", "--data", data]).out).toMatch(
      /The delegations B, S, for which people on the list write, are not on the roster/,
    )
    tamper(data, "INSERT INTO sources (code, name) VALUES ('X', 'Sweden')")
    await kill(await serve(["--sample", "--data", data, "--port", "0"]), "SIGTERM")
  })

  it("[DAM14] what verify cannot prove it names", () => {
    const { code, out } = command(["verify", "--data", used])
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/Not proven are people, roster, links, sittings, client ids and settings, .*emptied/),
    ])
  })

  it("[DAM3] another draft under the same id is called that, beside what is missing", async () => {
    const folders = await Promise.all(
      ["On harbours", "On deserts"].map(async (title, i) => {
        const folder = newFolder()
        const store = openInlineStore(folder)
        const at = "2026-11-22T09:00:00.000Z"
        const row = { ...{ client: 0, person: "p1", source: "SEC", kind: "act" as const, at }, update: new Uint8Array([0, 0]) }
        const sitting = { body: "", room: "", date: "", chair: "" }
        const entry = { act: "import", at, decidedBy: "p1", enteredBy: "p1", source: "SEC", sitting, details: { title } }
        await store.createDraft({ ...draftRecord("d1"), title }, { rows: [row], entries: [entry] })
        if (i === 0) await store.append("d1", { rows: [{ ...row, person: "" }], entries: [] })
        await store.close()
        return folder
      }),
    )
    cpSync(databaseIn(folders[1]!), databaseIn(folders[0]!))
    expect((await verify(folders[0]!, null)).drafts[0]?.findings[0]).toMatch(
      /^Another draft, “On deserts”, stands in its place under the same id\. The last entry of its log is missing\./,
    )
  })
})

describe("what cannot be used is said in plain words, and at once", () => {
  it("[CLI4] a folder, an address, a port, a page's origin, numbers and levels", () => {
    const refused = (args: readonly string[], env: Readonly<Record<string, string>> = {}): string => {
      const { code, err } = command(["serve", "--port", "0", "--data", join(newFolder(), "new"), ...args], undefined, env)
      expect([args, code]).toEqual([args, 2])
      return err
    }
    if (process.platform === "linux")
      expect(refused(["--data", "/proc/x"])).toMatch(/^clausula: \/proc\/x cannot be opened: there is no such place/)
    for (const origin of ["nonsense", "ftp://a.example", "https://a.example/room", "https://a.example?x"])
      expect(refused(["--origin", origin])).toMatch(/is no address that pages come from\. An origin is written as https:/)
    expect(refused(["--secure", "--host", "203.0.113.9"])).toBe(
      "clausula: 203.0.113.9 is no address of this machine. Give another with --host.\n",
    )
    expect(refused([], { CLAUSULA_PROXIES: "some" })).toMatch(/CLAUSULA_PROXIES is some; it must be a number/)
    expect(refused([], { CLAUSULA_LOG: "loud" })).toMatch(/CLAUSULA_LOG is loud; it is one of/)
  })

  it("[CLI4] an origin is taken as browsers write it", () => {
    expect(readConfig({ origin: ["https://Room.Example.org:443/", "http://a.example:8080"] }, {}).origins).toEqual([
      "https://room.example.org",
      "http://a.example:8080",
    ])
    expect(portProblem(Object.assign(new Error("listen EACCES"), { code: "EACCES" }), { port: 80, host: "::" }).message).not.toContain(
      "EACCES",
    )
  })

  it("[DAM7] what SQLite's check says is told a fault each, without the names of its functions", () => {
    const said =
      "*** in database main ***\nTree 8 page 63: btreeInitPage() returns error code 11\nTree 2 page 5 cell 0: invalid page number 9"
    expect(plainFaults(said)).toEqual(["Tree 8 page 63: it cannot be read", "Tree 2 page 5 cell 0: invalid page number 9"])
    expect(plainFaults("ok")).toEqual([])
  })
})

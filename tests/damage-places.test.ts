import { spawnSync } from "node:child_process"
import { chmodSync, cpSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, it } from "vitest"
import { databaseIn, tamper } from "./damage.ts"
import { newFolder } from "./meeting.ts"
import { command, home, kill, serve } from "./process.ts"

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
})

import { spawn, spawnSync } from "node:child_process"
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { LogLines } from "../server/log-lines.ts"
import { newFolder } from "./meeting.ts"
import { home } from "./process.ts"

const program = join(home, "dist/server/main.js")
const now = (): Date => new Date("2026-11-22T09:00:00.000Z")

/** A disk that takes so many bytes, and then none. */
class SmallDisk {
  written = ""
  room: number
  code = "ENOSPC"
  constructor(room: number) {
    this.room = room
  }
  readonly write = async (bytes: Uint8Array): Promise<number> => {
    const taken = Math.min(this.room, bytes.length)
    if (taken === 0) throw Object.assign(new Error(this.code), { code: this.code })
    this.room -= taken
    this.written += Buffer.from(bytes.subarray(0, taken)).toString()
    return taken
  }
}

describe("a log that cannot be written", () => {
  it("[DAM8] loses its lines and counts them; the first line that is written again says how many, on a line of its own", async () => {
    const disk = new SmallDisk(9)
    let lost = 0
    const lines = new LogLines(disk.write, now)
    lines.whenLost(() => lost++)
    for (const line of ["one\n", "second\n", "third\n"]) lines.write(line)
    await expect.poll(() => [disk.written, lost, lines.lost]).toEqual(["one\nsecon", 2, 2])
    disk.room = 1_000
    for (const line of ["fourth\n", "fifth\n"]) lines.write(line)
    const told = { level: 40, time: now().getTime(), lines: 2, msg: "lines of this log could not be written and are lost" }
    await expect.poll(() => disk.written).toBe(`one\nsecon\n${JSON.stringify(told)}\nfourth\nfifth\n`)
    expect([lost, lines.lost]).toEqual([2, 0])
  })

  it("[DAM8] waits for a reader that is slow, up to a bound, and keeps the order", async () => {
    const disk = new SmallDisk(0)
    disk.code = "EAGAIN"
    let lost = 0
    const lines = new LogLines(disk.write, now)
    lines.whenLost(() => lost++)
    for (let i = 0; i < 2_000; i++) lines.write(`${i} ${"x".repeat(990)}\n`)
    expect(lost).toBeGreaterThan(900)
    disk.room = 10_000_000
    const numbers = (): number[] => disk.written.split("\n").flatMap((line) => (/^\d/.test(line) ? [Number.parseInt(line, 10)] : []))
    await expect.poll(numbers).toEqual(Array.from({ length: 2_000 - lost }, (_, i) => i))
    expect(disk.written.match(new RegExp(`"lines":${lost},`, "g"))).toHaveLength(1)
  })
})

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

describe("a full disk where a process writes what it says", () => {
  const full = existsSync("/dev/full")

  it.runIf(full)("[DAM8] a server whose log has no room serves, says so in readyz and metrics, and ends in order", async () => {
    const err = openSync("/dev/full", "w")
    ends.push(() => closeSync(err))
    const data = newFolder()
    // What can never be written beside the database is a line of the log.
    mkdirSync(join(data, "heads", "in-its-place"), { recursive: true })
    const child = spawn(process.execPath, [program, "serve", "--json", "--sample", "--data", data, "--port", "0"], {
      stdio: ["ignore", "pipe", err],
    })
    ends.push(() => child.kill("SIGKILL"))
    const out = await new Promise<string>((resolve) => child.stdout!.once("data", (data: Buffer) => resolve(data.toString())))
    const url = (JSON.parse(out) as { url: string }).url.replace("localhost", "127.0.0.1")
    const asked = (path: string): Promise<string> => fetch(`${url}${path}`).then((answer) => answer.text())
    await expect.poll(() => asked("/metrics")).toMatch(/clausula_log_lines_lost_total [1-9]/)
    expect((JSON.parse(await asked("/readyz")) as { notes: string[] }).notes).toContain(
      "The server's log cannot be written: its disk may be full.",
    )
    const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)))
    child.kill("SIGTERM")
    expect(await ended).toBe(0)
  })

  it.runIf(full)("[CLI9] an answer that cannot be written is one sentence and exit 2; a reader that goes away is no fault", () => {
    const run = (line: string): { code: number | null; err: string } => {
      const { status, stderr } = spawnSync("sh", ["-c", line.replaceAll("clausula", `"${process.execPath}" "${program}"`)], {
        encoding: "utf8",
      })
      return { code: status, err: stderr }
    }
    for (const verb of [
      "--help",
      "--version",
      "serve --help",
      "export seeds/early-warning.txt --format html",
      "import seeds/early-warning.txt",
    ])
      expect([verb, run(`cd "${home}" && clausula ${verb} >/dev/full`)]).toEqual([
        verb,
        { code: 2, err: "clausula: The answer cannot be written to where it was directed: the disk is full.\n" },
      ])
    expect(run(`cd "${home}" && clausula frob 2>/dev/full`)).toEqual({ code: 2, err: "" })
    const gone = run(`cd "${home}" && { clausula import seeds/early-warning.txt; echo $? >&2; } | true`)
    expect(gone.err).toMatch(/^\d+ blocks[^\n]+\n0\n$/)
  })

  it.runIf(full)("[CLI9] a server that cannot say where it is serves all the same", async () => {
    const out = openSync("/dev/full", "w")
    ends.push(() => closeSync(out))
    const child = spawn(process.execPath, [program, "serve", "--data", newFolder(), "--port", "0"], { stdio: ["ignore", out, "pipe"] })
    ends.push(() => child.kill("SIGKILL"))
    const err = await new Promise<string>((resolve) => child.stderr!.once("data", (data: Buffer) => resolve(data.toString())))
    expect(err).toMatch(/^clausula: The answer cannot be written .*: the disk is full\. The server runs at http:\S+ all the same\.\n$/)
    const url = /http:\S+/.exec(err)![0].replace("localhost", "127.0.0.1")
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    const ended = new Promise((resolve) => child.once("exit", resolve))
    child.kill("SIGTERM")
    expect(await ended).toBe(0)
  })
})

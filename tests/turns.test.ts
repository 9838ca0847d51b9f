import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { Turns } from "../server/pace/turns.ts"
import { apiRoot } from "../shared/api/contract.ts"
import { Meeting, newFolder } from "./meeting.ts"

const limits = { atOnce: 2, ofOne: 1, waitingOfOne: 3, waitingInAll: 6, what: "papers" } as const

/** Work that ends when it is told to. */
class Bench {
  readonly turns = new Turns(limits)
  readonly begun: string[] = []
  readonly #ends = new Map<string, () => void>()

  ask(person: string, name: string, signal?: AbortSignal): Promise<string> {
    return this.turns.run({ person, signal }, () => {
      this.begun.push(name)
      return new Promise((resolve) => this.#ends.set(name, () => resolve(name)))
    })
  }

  async end(name: string): Promise<void> {
    this.#ends.get(name)!()
    await this.settled()
  }

  settled(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve))
  }
}

describe("fair turns", () => {
  it("[FAIR1] one person's second piece waits while others begin at once, and who asked last is not behind all that one person wants", async () => {
    const bench = new Bench()
    for (const name of ["a1", "a2", "a3"]) void bench.ask("a", name)
    void bench.ask("b", "b1")
    void bench.ask("c", "c1")
    await bench.settled()
    expect(bench.begun).toEqual(["a1", "b1"])
    await bench.end("b1")
    expect(bench.begun).toEqual(["a1", "b1", "c1"])
    await bench.end("a1")
    await bench.end("a2")
    expect(bench.begun).toEqual(["a1", "b1", "c1", "a2", "a3"])
  })

  it("[FAIR2] what waits is bounded for one and for all, and says so", async () => {
    const bench = new Bench()
    for (const name of ["a1", "a2", "a3", "a4"]) void bench.ask("a", name)
    await expect(bench.ask("a", "a5")).rejects.toThrow(
      "You have 3 papers waiting already. Wait until one of them is there, then ask again.",
    )
    for (const name of ["b1", "b2", "b3", "b4"]) void bench.ask("b", name)
    await expect(bench.ask("c", "c1")).rejects.toThrow("Many people wait for papers just now. Ask again in a moment.")
  })

  it("[FAIR3] who goes away gives up the place, waiting or before it has begun", async () => {
    const bench = new Bench()
    const gone = new AbortController()
    void bench.ask("a", "a1")
    const waiting = bench.ask("a", "a2", gone.signal)
    void bench.ask("a", "a3")
    gone.abort()
    await expect(waiting).rejects.toThrow(/cancelled/)
    await expect(bench.ask("b", "b1", gone.signal)).rejects.toThrow(/cancelled/)
    await bench.end("a1")
    expect(bench.begun).toEqual(["a1", "a3"])
  })

  it("[FAIR1] work that fails gives its turn back", async () => {
    const bench = new Bench()
    await expect(
      bench.turns.run({ person: "a" }, async () => {
        throw new Error("no")
      }),
    ).rejects.toThrow("no")
    void bench.ask("a", "a1")
    await bench.settled()
    expect(bench.begun).toEqual(["a1"])
  })
})

describe("PDF", () => {
  let meeting: Meeting
  beforeAll(async () => {
    meeting = await Meeting.open()
  })
  afterAll(() => meeting.stop())
  const chromium = process.env.CHROMIUM
  afterEach(() => {
    if (chromium === undefined) delete process.env.CHROMIUM
    else process.env.CHROMIUM = chromium
  })

  /** A program in the browser's place: it notes who it is, starts another as a browser does, and prints once it is told to. */
  function printer(): { started: () => number[]; release: () => void } {
    const folder = newFolder()
    const program = join(folder, "print.sh")
    writeFileSync(
      program,
      `#!/bin/sh
sleep 300 & echo $! >> ${folder}/children
while [ ! -e ${folder}/go ]; do sleep 0.02; done
kill $!
for a in "$@"; do case $a in --print-to-pdf=*) printf '%%PDF-' > "\${a#--print-to-pdf=}";; esac; done
`,
    )
    chmodSync(program, 0o755)
    process.env.CHROMIUM = program
    const children = join(folder, "children")
    return {
      started: () => (existsSync(children) ? readFileSync(children, "utf8").trim().split("\n").map(Number) : []),
      release: () => writeFileSync(join(folder, "go"), ""),
    }
  }
  const isAlive = (pid: number): boolean => {
    try {
      process.kill(pid, 0)
      return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ")
    } catch {
      return false
    }
  }
  const until = (test: () => boolean): Promise<void> => expect.poll(test, { timeout: 10_000, interval: 20 }).toBe(true)

  it.runIf(process.platform === "linux")(
    "[FAIR3] who goes away while a PDF is printed ends the browser with all its processes; the next asker has its turn",
    async () => {
      const { started, release } = printer()
      const draft = await meeting.draft()
      const [sweden, brazil] = [await meeting.guest("delegate", ["S"]), await meeting.guest("delegate", ["B"])]
      const path = `${meeting.url}${apiRoot}/drafts/${draft}/export?format=pdf`
      const gone = new AbortController()
      const first = fetch(path, { headers: { Cookie: sweden.cookie }, signal: gone.signal })
      await until(() => started().length === 1)
      const second = fetch(path, { headers: { Cookie: brazil.cookie } })
      const third = fetch(path, { headers: { Cookie: sweden.cookie } })
      const [child] = started()
      expect(isAlive(child!)).toBe(true)
      gone.abort()
      await expect(first).rejects.toThrow(/abort/)
      await until(() => started().length === 2)
      expect(isAlive(child!)).toBe(false)
      release()
      for (const answer of await Promise.all([second, third])) expect([answer.status, await answer.text()]).toEqual([200, "%PDF-"])
    },
  )

  it.runIf(process.platform === "linux")("[FAIR2] one person's PDFs beyond the few that may wait are refused in a sentence", async () => {
    const { started, release } = printer()
    const draft = await meeting.draft()
    const sweden = await meeting.guest("delegate", ["S"])
    const ask = (): Promise<Response> =>
      fetch(`${meeting.url}${apiRoot}/drafts/${draft}/export?format=pdf`, { headers: { Cookie: sweden.cookie } })
    const asked = Array.from({ length: 4 }, ask)
    await until(() => started().length === 1)
    const refused = await ask()
    expect([refused.status, ((await refused.json()) as { detail: string }).detail]).toEqual([
      429,
      "You have 3 PDF files waiting already. Wait until one of them is there, then ask again.",
    ])
    release()
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200, 200, 200])
  })
})

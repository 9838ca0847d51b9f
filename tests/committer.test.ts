// The contract of group commit, on a clock and a store that are moved by hand: when a commit begins, what is in it, and what follows on it (rules ROOM).
import { expect, it } from "vitest"
import type { Clock } from "../server/pace/clock.ts"
import { Committer } from "../server/rooms/committer.ts"

/** Nothing of it is to be durable. */
const mark = "-"

class Bench {
  now = 0
  readonly planned: { task: () => void; at: number; ms: number }[] = []
  readonly told: string[] = []
  /** What a broadcast takes, and what fails. */
  broadcastMs = 0
  faulty = ""
  #written: { seq: (n: number) => void; fails: (error: Error) => void } | null = null
  readonly clock: Clock = {
    now: () => new Date(0),
    elapsedMs: () => this.now,
    later: (task, ms) => void this.planned.push({ task, at: this.now + ms, ms }),
  }
  readonly committer = new Committer<string>(this.clock, {
    append: (batch) => {
      if (batch.every((one) => one === mark)) return null
      this.told.push(`append ${batch.join("")}`)
      return new Promise((seq, fails) => {
        this.#written = { seq, fails }
      })
    },
    appended: (batch, seq) => this.told.push(`appended ${batch.join("")} ${seq}`),
    broadcast: (batch) => {
      if (batch.every((one) => one === mark)) return false
      this.now += this.broadcastMs
      return this.#does("broadcast", batch)
    },
    acknowledge: (batch) => void this.#does("acknowledge", batch),
    failed: (dropped, error) => this.told.push(`failed ${dropped.join("")}: ${(error as Error).message}`),
    fault: (error) => this.told.push(`fault: ${(error as Error).message}`),
  })

  #does(step: string, batch: readonly string[]): true {
    if (step === this.faulty) throw new Error(step)
    this.told.push(`${step} ${batch.join("")}`)
    return true
  }

  add(...ones: string[]): void {
    for (const one of ones) this.committer.add(one)
  }

  /** What is due has its turn; how long it was put off, in ms. */
  due(): number[] {
    const due = this.planned.splice(0)
    for (const { task, at } of due) {
      this.now = Math.max(this.now, at)
      task()
    }
    return due.map(({ ms }) => ms)
  }

  async written(seq: number): Promise<void> {
    this.#written!.seq(seq)
    await settledPromises()
  }

  async failed(): Promise<void> {
    this.#written!.fails(new Error("no room on the disk"))
    await settledPromises()
  }

  /** One commit of a broadcast that takes so long; how long the next one is put off. */
  async restAfter(ms: number): Promise<number> {
    this.broadcastMs = ms
    this.add("x")
    this.due()
    await this.written(1)
    this.add("y")
    const [rest] = this.planned.map((planned) => planned.ms)
    this.broadcastMs = 0
    return rest!
  }
}

const settledPromises = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

it("[ROOM6] a commit begins as soon as others had their turn", () => {
  const bench = new Bench()
  bench.add("a", "b")
  expect(bench.told).toEqual([])
  expect(bench.due()).toEqual([0])
  expect(bench.told).toEqual(["append ab"])
})

it("[ROOM6] what comes while the store writes shares the next commit", async () => {
  const bench = new Bench()
  bench.add("a")
  bench.due()
  bench.add("b", "c")
  expect([bench.planned.length, bench.committer.pending.join("")]).toEqual([0, "abc"])
  await bench.written(1)
  bench.due()
  await bench.written(3)
  expect(bench.told.filter((said) => said.startsWith("append "))).toEqual(["append a", "append bc"])
  expect([bench.committer.isWorking, bench.committer.pending]).toEqual([false, []])
})

it("[ROOM1] appended, given to everybody, acknowledged: in this order", async () => {
  const bench = new Bench()
  bench.add("a")
  bench.due()
  await bench.written(7)
  expect(bench.told).toEqual(["append a", "appended a 7", "broadcast a", "acknowledge a"])
})

it("[ROOM6] it rests three times as long as a broadcast takes, smoothed", async () => {
  const bench = new Bench()
  expect(await bench.restAfter(10)).toBeCloseTo(3 * 3)
  bench.due()
  await bench.written(2)
  // Of the last ones 0.7: the broadcast of "y" took nothing.
  expect(await bench.restAfter(10)).toBeCloseTo(3 * (3 * 0.7 * 0.7 + 3))
})

it("[ROOM6] it never rests longer than 50 ms, and sets no timer for less than one", async () => {
  expect(await new Bench().restAfter(1_000)).toBe(50)
  expect(await new Bench().restAfter(1)).toBe(0)
})

it("[ROOM1] where nothing is to be durable it is acknowledged behind what came before, without the store", async () => {
  const bench = new Bench()
  bench.add("a")
  bench.due()
  bench.add(mark)
  await bench.written(1)
  bench.due()
  expect(bench.told.slice(-2)).toEqual([`appended ${mark} null`, `acknowledge ${mark}`])
  expect(bench.told.indexOf("acknowledge a")).toBeLessThan(bench.told.indexOf(`acknowledge ${mark}`))
})

it("[ROOM5] a store that fails drops what waits, acknowledges nothing, and is asked again by who comes", async () => {
  const bench = new Bench()
  bench.add("a")
  bench.due()
  bench.add("b")
  await bench.failed()
  expect(bench.told).toEqual(["append a", "failed ab: no room on the disk"])
  expect([bench.committer.isWorking, bench.planned.length]).toEqual([false, 0])
  bench.add("c")
  bench.due()
  await bench.written(1)
  expect(bench.told.slice(2)).toEqual(["append c", "appended c 1", "broadcast c", "acknowledge c"])
})

for (const step of ["broadcast", "acknowledge"])
  it(`[ROOM7] a fault of ours in ${step} keeps nothing else back`, async () => {
    const bench = new Bench()
    bench.faulty = step
    bench.add("a")
    bench.due()
    bench.add("b")
    await bench.written(1)
    expect(bench.told).toContain(`fault: ${step}`)
    expect(bench.told).toContain(step === "broadcast" ? "acknowledge a" : "broadcast a")
    bench.due()
    expect(bench.told.at(-1)).toBe("append b")
  })

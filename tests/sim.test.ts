import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { newCounts, replay, shrink, simulate } from "./sim/simulate.ts"
import { type Trace, traceIn, traceText } from "./sim/trace.ts"
import { Ground } from "./sim/world.ts"

const folder = new URL("./sim/traces/", import.meta.url).pathname
const kept = readdirSync(folder).filter((name) => name.endsWith(".jsonl"))

/** How many seeds are played, from which on: the same each time. `npm run sim` plays others, for as long as one likes. */
const seeds = Number(process.env.SIM_SEEDS ?? "120")
const firstSeed = Number(process.env.SIM_FROM ?? "1")

describe("one simulation", () => {
  let ground: Ground
  beforeAll(async () => {
    ground = await Ground.open()
  })
  afterAll(() => ground.close())

  for (const name of kept)
    it(`[SIM3] what failed once: ${name}`, async () => {
      expect(await replay(ground, traceIn(readFileSync(join(folder, name), "utf8")))).toBeNull()
    })

  it(`[SIM1 SIM2] ${seeds} plays of the whole system: every law holds`, async () => {
    const counts = newCounts()
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      const failure = await simulate(ground, seed, counts)
      if (failure) throw new Error(`seed ${seed}: ${failure.error.message}\n${traceText(failure.trace)}`)
    }
    console.log(`${counts.operations} operations`, Object.fromEntries(counts.done), Object.fromEntries(counts.checked))
    for (const kind of ["type", "decide", "restart", "cut", "disk", "lie", "undo", "comment", "withdraw"])
      expect(counts.done.get(kind) ?? 0, `nothing came of: ${kind}`).toBeGreaterThan(0)
    for (const law of ["promise", "verdict", "rollback", "acknowledgement", "durable first", "replay is main", "peers are main", "words"])
      expect(counts.checked.get(law) ?? 0, `a law that was never looked at: ${law}`).toBeGreaterThan(0)
  }, 3_600_000)

  it("[SIM2] a seed gives the same trace each time, and the trace the same end", async () => {
    const first = await played(ground, 11)
    expect(traceText(await played(ground, 11))).toBe(traceText(first))
    expect(await replay(ground, traceIn(traceText(first)))).toBeNull()
  })

  it("[SIM2] a trace shrinks to what its failure needs", async () => {
    const trace = await played(ground, 11)
    // A line that nothing can be made of fails by itself, wherever it stands.
    const spoilt = { ...trace, ops: [...trace.ops, { at: 10_000, do: "type", who: "nobody" }] }
    const law = (await replay(ground, spoilt))?.law
    expect(law).toBe("fault")
    expect((await shrink(ground, spoilt, law!)).ops).toEqual([{ at: 10_000, do: "type", who: "nobody" }])
  })
})

/** The operations of a seed at which every law held. */
async function played(ground: Ground, seed: number): Promise<Trace> {
  let trace: Trace | null = null
  const failure = await simulate(ground, seed, newCounts(), { onEnd: (found) => (trace = found) })
  expect(failure).toBeNull()
  return trace!
}

// `npm run sim -- [--seconds 60] [--operations N] [--seed 1] [--keep FOLDER] | --replay FILE | --shrink FILE`: exit 1 where a law fails.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { type Failure, newCounts, replay, shrink, simulate } from "./simulate.ts"
import { traceIn, traceText } from "./trace.ts"
import { Ground } from "./world.ts"

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    operations: { type: "string" },
    seed: { type: "string", default: "1" },
    keep: { type: "string" },
    most: { type: "string", default: "1" },
    replay: { type: "string" },
    shrink: { type: "string" },
  },
})

/** A folder grows with what is played in it; after so many drafts another is taken. */
const draftsOfGround = 200

const print = (line: string): void => void process.stdout.write(`${line}\n`)

async function again(path: string): Promise<boolean> {
  const ground = await Ground.open()
  const trace = traceIn(readFileSync(path, "utf8"))
  const failed = await replay(ground, trace)
  await ground.close()
  print(failed ? `${trace.name} fails: ${failed.message}` : `${trace.name}: every law holds over its ${trace.ops.length} operations.`)
  return failed === null
}

async function shrunk(path: string): Promise<boolean> {
  const ground = await Ground.open()
  const trace = traceIn(readFileSync(path, "utf8"))
  const failed = await replay(ground, trace)
  if (failed) {
    const small = await shrink(ground, trace, failed.law)
    writeFileSync(path, traceText({ ...small, law: failed.law }))
    print(`${failed.message}\n${trace.ops.length} operations became ${small.ops.length}.`)
  } else print("It does not fail.")
  await ground.close()
  return failed === null
}

async function run(): Promise<boolean> {
  const counts = newCounts()
  const first = Number(values.seed)
  const from = performance.now()
  const until = from + Number(values.seconds) * 1_000
  const enough = values.operations === undefined ? Number.POSITIVE_INFINITY : Number(values.operations)
  const failures: Failure[] = []
  let told = from
  let ground = await Ground.open()
  let seed = first
  const rate = (): string => (counts.operations / ((performance.now() - from) / 1_000)).toFixed(0)
  for (; performance.now() < until && counts.operations < enough && failures.length < Number(values.most); seed++) {
    if (seed > first && (seed - first) % draftsOfGround === 0) {
      await ground.close()
      ground = await Ground.open()
    }
    const failure = await simulate(ground, seed, counts)
    if (failure) {
      failures.push(failure)
      print(`seed ${seed} after ${counts.operations} operations: ${failure.error.message}`)
      if (values.keep !== undefined) {
        mkdirSync(values.keep, { recursive: true })
        writeFileSync(join(values.keep, `seed-${seed}.jsonl`), traceText(failure.trace))
      }
    }
    if (performance.now() - told > 60_000) {
      told = performance.now()
      print(`${counts.operations} operations, ${rate()} a second, seeds ${first}-${seed}, ${failures.length} failures`)
    }
  }
  await ground.close()
  const seconds = ((performance.now() - from) / 1_000).toFixed(0)
  print(`${counts.operations} operations in ${seconds} s, ${rate()} a second; seeds ${first}-${seed - 1}; ${failures.length} failures`)
  print(`operations: ${listed(counts.done)}`)
  print(`laws: ${listed(counts.checked)}`)
  return failures.length === 0
}

const listed = (map: ReadonlyMap<string, number>): string =>
  [...map]
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ")

const isWhole = values.replay !== undefined ? again(values.replay) : values.shrink !== undefined ? shrunk(values.shrink) : run()
process.exitCode = (await isWhole) ? 0 : 1

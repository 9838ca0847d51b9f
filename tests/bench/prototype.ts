import { spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdtempSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Measure } from "./measure.ts"

const folder = join(process.cwd(), "../shared/prototype")

const run = (command: string, args: readonly string[], cwd: string, env: Record<string, string> = {}): string =>
  spawnSync(command, [...args], { cwd, encoding: "utf8", env: { ...process.env, ...env } }).stdout

/** The first JSON object in some output. */
function json(output: string): Record<string, number> & { refused?: object } {
  const start = output.indexOf("{")
  for (let end = output.indexOf("}", start); end > 0; end = output.indexOf("}", end + 1)) {
    try {
      return JSON.parse(output.slice(start, end + 1)) as Record<string, number>
    } catch {
      // A longer piece may be whole.
    }
  }
  return {}
}

/** E1: the engine against the prototype that stood before it, each with its own fuzz, in the same run. */
export async function prototype(): Promise<Measure> {
  const what = "the engine's fuzz and late words, against the prototype's"
  if (!existsSync(folder)) return { id: "E1", what, rows: [], notes: ["skipped: ../shared/prototype is not there"] }
  const copy = mkdtempSync(join(tmpdir(), "clausula-prototype-"))
  cpSync(folder, copy, { recursive: true })
  symlinkSync(join(process.cwd(), "node_modules"), join(copy, "node_modules"))
  const timed = (command: string, args: readonly string[], cwd: string, env?: Record<string, string>): [string, number] => {
    const from = performance.now()
    const output = run(command, args, cwd, env)
    return [output, (performance.now() - from) / 1_000]
  }
  const [dense, denseSeconds] = timed(process.execPath, ["fuzz.mjs", "dense", "120"], copy)
  const [split, splitSeconds] = timed(process.execPath, ["split.mjs", "transfer", "100"], copy)
  const vitest = ["node_modules/vitest/vitest.mjs", "run", "--config", "tests/vitest.config.ts", "--project", "fast"]
  const [fuzz, fuzzSeconds] = timed(process.execPath, [...vitest, "fuzz"], process.cwd(), { FUZZ_SCALE: "2", NO_COLOR: "1" })
  const [late, lateSeconds] = timed(process.execPath, [...vitest, "engine-structure", "-t", "thousands of words"], process.cwd(), {
    LATE_SEEDS: "100",
    NO_COLOR: "1",
  })
  const theirs = json(dense)
  const theirWords = json(split)
  const ourWords = json(late.slice(late.indexOf("without moves")))
  const count = (object: object | undefined): number => Object.values(object ?? {}).reduce((sum: number, n) => sum + Number(n), 0)
  const hasPassed = /Tests .*failed/.test(fuzz) ? "failed" : "0"
  return {
    id: "E1",
    what,
    rows: [
      {
        name: "prototype: dense fuzz",
        kinds: 10,
        operations: theirs.ops ?? 0,
        seconds: Math.round(denseSeconds),
        refusals: count(theirs.refused),
        misattributed: theirs.misattr ?? 0,
        diverged: theirs.diverged ?? 0,
      },
      {
        name: "ours: fuzz",
        kinds: 25,
        operations: Number(/effective operations: (\d+)/.exec(fuzz)?.[1] ?? 0),
        seconds: Math.round(fuzzSeconds),
        refusals: hasPassed,
        misattributed: hasPassed,
        diverged: hasPassed,
      },
      {
        name: "prototype: late words",
        words: theirWords.words ?? 0,
        lost: theirWords.lost ?? 0,
        "a neighbour differs": theirWords.wrongPlace ?? 0,
        seconds: Math.round(splitSeconds),
      },
      {
        name: "ours: late words",
        words: ourWords.words ?? 0,
        lost: ourWords.lost ?? 0,
        "a neighbour differs": ourWords.oneSide ?? 0,
        seconds: Math.round(lateSeconds),
      },
    ],
    notes: ["the prototype counts steps that changed nothing too; ours counts only those that changed the document"],
  }
}

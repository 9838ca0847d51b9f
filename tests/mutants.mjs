// Plants bugs in binding, tracking, gate, resolve and room, one at a time, in a copy of the tree, and sees the engine's tests fail: `npm run mutants`.
// With `--only TEXT` those whose rule has that text in it. With `--from N` those from the N-th on. With `--pick HASH` it plants two, chosen
// by the hash. The whole list begins with no bug at all. Exit 1 where one survives.
import { spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { ensureInstalled, home } from "../server/ready.mjs"
import { runWithin } from "./within.mjs"

/** [rule, file, code, code with the bug]; `planted.test.ts` sees at every run that each still finds its code. */
const mutants = JSON.parse(readFileSync(join(import.meta.dirname, "planted.json"), "utf8"))

const patienceMinutes = 5
/** The engine's suites, those first that take seconds: most bugs need no others, and the whole list stays a matter of minutes. */
const suites = [
  [
    "split.test",
    "label-given",
    "handed-back",
    "not-sent",
    "quoted-place",
    "judge.test",
    "waits.test",
    "stays-decided",
    "late-blocks",
    "strikes",
    "part.test",
    "pieces.test",
    "back",
    "reopened",
    "undo.test",
    "links.test",
    "incorporate",
    "other-side",
    "twice.test",
    "own-signs",
    "anchor.test",
    "rivals",
    "twins.test",
    "forestalled",
    "engine-tracking",
    "engine-forging",
    "engine-reference",
    "engine-slices",
    "gate-bounds",
    "counted-work",
    "composition.test",
    "split-and-joined",
    "footnotes-taken",
    "yjs",
  ],
  [
    "tests/changes.test",
    "blank-clauses",
    "join-target",
    "too-late",
    "sockets",
    "gate-hostile",
    "word-hostile",
    "carets",
    "room-turns",
    "word-write",
  ],
  ["engine-structure", "sim.test", "engine-fuzz", "json-hostile", "bad-values"],
  // Under load it may fail by itself: last, so that it takes no catch from another.
  ["hostile.test"],
]

/** The suites that cite a rule, but for those that take long: they see its bug at once, and most of the list needs no others. */
function citing(rule) {
  const id = rule.split(" ", 1)[0]
  const cites = new RegExp(`\\[(?:[A-Z0-9]+ )*${id}[ \\]]`)
  const names = readdirSync(join(home, "tests")).filter((name) => name.endsWith(".test.ts"))
  const slow = [
    "engine-structure",
    "sim.test",
    "engine-fuzz",
    "hostile.test",
    "word-corpus",
    "word-random",
    "life",
    "crash",
    "regexps",
    "seeds",
    "exchange",
  ]
  const isSlow = (name) => slow.some((suite) => name.startsWith(basename(suite, ".test")))
  return names.filter((name) => !isSlow(name) && cites.test(readFileSync(join(home, "tests", name), "utf8"))).map((name) => `tests/${name}`)
}

function copyOfTree() {
  const copy = mkdtempSync(join(tmpdir(), "clausula-mutants-"))
  const { stdout } = spawnSync("git", ["ls-files"], { cwd: home, encoding: "utf8" })
  for (const file of stdout.split("\n").filter(Boolean)) {
    mkdirSync(dirname(join(copy, file)), { recursive: true })
    cpSync(join(home, file), join(copy, file))
  }
  symlinkSync(join(home, "node_modules"), join(copy, "node_modules"))
  return copy
}

function chosen() {
  const only = process.argv.indexOf("--only")
  if (only >= 0) return mutants.filter(([rule]) => rule.includes(process.argv[only + 1] ?? ""))
  const at = process.argv.indexOf("--pick")
  const from = process.argv.indexOf("--from")
  if (from >= 0) return mutants.slice(Number(process.argv[from + 1] ?? "1") - 1)
  if (at < 0) return mutants
  const seed = Number.parseInt((process.argv[at + 1] ?? "0").slice(0, 8), 16) || 0
  const first = seed % mutants.length
  return [mutants[first], mutants[(first + 1 + (Math.floor(seed / mutants.length) % (mutants.length - 1))) % mutants.length]]
}

/** Runs suites in the copy: null where all pass, else which file failed first. */
async function failing(copy, suites) {
  const told = join(copy, "told.json")
  rmSync(told, { force: true })
  const only = ["--project", "fast", "--bail", "1", "--reporter", "json", "--outputFile", told, ...suites]
  // A bug may make something go on for ever: that is noticed too, by whoever waits.
  const { status, isEndless } = await runWithin(
    patienceMinutes,
    process.execPath,
    ["node_modules/vitest/vitest.mjs", "run", "--config", "tests/vitest.config.ts", ...only],
    { cwd: copy, stdio: "ignore", env: { ...process.env, FUZZ_SCALE: "1", CARET_PLAYS: "80" } },
  )
  if (status === 0) return null
  if (isEndless) return "what did not end"
  const failed = existsSync(told) && JSON.parse(readFileSync(told, "utf8")).testResults.find((file) => file.status === "failed")
  // A suite that is not there, or a run that broke, has seen nothing.
  if (!failed) throw new Error(`No test was run of ${suites.join(" ")}: are these files committed, or at least added?`)
  return basename(failed.name)
}

ensureInstalled()
const copy = copyOfTree()
let survived = 0
if (chosen() === mutants)
  for (const some of suites.slice(0, -1)) {
    const red = await failing(copy, some)
    if (red === null) continue
    console.log(`${red} fails without any bug: a catch by it would say nothing.`)
    process.exit(1)
  }
for (const [rule, file, code, bug] of chosen()) {
  const path = join(copy, file)
  const sound = readFileSync(path, "utf8")
  if (!sound.includes(code)) {
    console.log(`STALE     ${rule}: ${file} no longer holds the code it changes`)
    survived++
    continue
  }
  writeFileSync(path, sound.replace(code, bug))
  let by = null
  const first = citing(rule)
  for (const some of first.length > 0 ? [first, ...suites] : suites) by ??= await failing(copy, some)
  writeFileSync(path, sound)
  console.log(by ? `caught    ${rule}: by ${by}` : `SURVIVED  ${rule}`)
  if (!by) survived++
}
rmSync(copy, { recursive: true, force: true })
console.log(survived === 0 ? "Every planted bug was caught." : `${survived} survived.`)
process.exitCode = survived === 0 ? 0 : 1

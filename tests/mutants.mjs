// Plants bugs in binding, tracking, gate, resolve and room, one at a time, in a copy of the tree, and sees the engine's tests fail: `npm run mutants`.
// With `--pick HASH` it plants two, chosen by the hash. Exit 1 where one survives.
import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { ensureInstalled, home } from "../server/ready.mjs"

/** [rule, file, code, code with the bug] */
const mutants = [
  ["GATE5 P_u", "server/gate/gate.ts", "if (!isSameForOthers(expected, left, source)) refuse", "if (!expected) refuse"],
  ["GATE5 foreign markers", "server/gate/gate.ts", "if (!cut.isFresh && !this.#isOwnKey(cut.key, source))", "if (!cut.key)"],
  ["GATE5 pairs", "server/gate/gate.ts", 'if (broken) refuse("broken-pair", broken)', ""],
  [
    "GATE4 attributes",
    "server/gate/gate.ts",
    'if (after.attrs !== before.attrs && !isSameAttrs(before.attrs, after.attrs)) refuse("block-attributes", element)',
    "",
  ],
  ["GATE4 removed blocks", "server/gate/gate.ts", 'if (next !== this.#order.length) refuse("block-removed", this.#order[next])', ""],
  ["GATE4 forged blocks", "server/gate/shapes.ts", 'if (insertedBy !== source) return "forged-block"', ""],
  ["GATE1 source", "server/gate/shapes.ts", 'if (claimed !== source) return "forged-source"', ""],
  ["GATE1 key", "server/gate/shapes.ts", 'if (bindingOf(key.client)?.source !== source) return "foreign-key"', ""],
  ["GATE1 change", "server/gate/shapes.ts", 'if (of !== "" && parseMarkId(of!)?.source !== source) return "foreign-change"', ""],
  [
    "GATE1 client",
    "server/gate/shapes.ts",
    'if (owner?.source !== who.source || owner.person !== who.person) return { refused: "foreign-client" }',
    "",
  ],
  ["GATE1 characters", "server/gate/shapes.ts", 'if (refusedCharacters.test(text)) return { refused: "characters" }', ""],
  ["GATE7 late words", "server/gate/gate.ts", "if (late.length > 0) {", "if (late.length > 9999) {"],
  ["GATE7 restoration", "server/gate/gate.ts", "this.#repair((tr) => restore(tr, textOfElement(element)!, gone, source))", ""],
  ["GATE10 order of a refusal", "server/rooms/room.ts", "if (seat.isRefused) return", ""],
  ["BIND3 clean-up", "shared/sync/write.ts", "tr._needFormattingCleanup = false", ""],
  ["TRK1 slots", "shared/sync/write.ts", "if (sum < least) {", "if (sum <= least) {"],
  ["TRK2 within", "client/editor/tracking.ts", "within: around.map((other) => other.id)", "within: []"],
  [
    "TRK2 over",
    "client/editor/tracking.ts",
    "const over = owner && owner.source !== source ? [owner.id] : []",
    "const over: string[] = []",
  ],
  [
    "TRK6 one replacement",
    "client/editor/tracking.ts",
    "const of = joined || this.#neighbour(block, place.at, place.at) || own",
    'const of = ""',
  ],
  [
    "RES2 hosts",
    "shared/changes/resolve.ts",
    "(owner === mark || owner?.within.includes(mark.id))) return true",
    "owner === mark) return true",
  ],
  ["RES1 waiting", "shared/changes/resolve.ts", 'if (verdict !== "accept") return true\n', "return true\n"],
  ["SOCK8 gaps", "server/rooms/room.ts", 'if (outcome.reason === "gap" && !seat.hasAnswered) return', ""],
]

const suites = ["engine", "hostile", "changes", "yjs", "sockets"]

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
  const at = process.argv.indexOf("--pick")
  if (at < 0) return mutants
  const seed = Number.parseInt((process.argv[at + 1] ?? "0").slice(0, 8), 16) || 0
  const first = seed % mutants.length
  return [mutants[first], mutants[(first + 1 + (Math.floor(seed / mutants.length) % (mutants.length - 1))) % mutants.length]]
}

ensureInstalled()
const copy = copyOfTree()
let survived = 0
for (const [rule, file, code, bug] of chosen()) {
  const path = join(copy, file)
  const sound = readFileSync(path, "utf8")
  if (!sound.includes(code)) {
    console.log(`STALE     ${rule}: ${file} no longer holds the code it changes`)
    survived++
    continue
  }
  writeFileSync(path, sound.replace(code, bug))
  const { status } = spawnSync(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", "run", "--config", "tests/vitest.config.ts", "--project", "fast", "--bail", "1", ...suites],
    { cwd: copy, stdio: "ignore", env: { ...process.env, FUZZ_SCALE: "1" } },
  )
  writeFileSync(path, sound)
  console.log(`${status === 0 ? "SURVIVED " : "caught   "} ${rule}`)
  if (status === 0) survived++
}
rmSync(copy, { recursive: true, force: true })
console.log(survived === 0 ? "Every planted bug was caught." : `${survived} survived.`)
process.exitCode = survived === 0 ? 0 : 1

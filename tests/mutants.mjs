// Plants bugs in binding, tracking, gate, resolve and room, one at a time, in a copy of the tree, and sees the engine's tests fail: `npm run mutants`.
// With `--only TEXT` those whose rule has that text in it. With `--pick HASH` it plants two, chosen by the hash. Exit 1 where one survives.
import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { ensureInstalled, home } from "../server/ready.mjs"

/** [rule, file, code, code with the bug] */
const mutants = [
  ["GATE5 P_u", "server/gate/gate.ts", "if (!isProven && !isSameForOthers(expected, others, source)) refuse", "if (!expected) refuse"],
  ["GATE5 foreign markers", "server/gate/gate.ts", "if (!cut.isFresh && !this.#isOwnKey(cut.key, source))", "if (!cut.key)"],
  ["GATE5 pairs", "server/gate/gate.ts", 'if (broken) refuse("broken-pair", broken)', ""],
  [
    "GATE4 attributes",
    "server/gate/gate.ts",
    'if (!isLateLevel(before.attrs, after.attrs, source)) refuse("block-attributes", element)',
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
  [
    "GATE1 characters",
    "server/gate/shapes.ts",
    'if (content.str !== splitCharacter && refusedCharacters.test(text)) return { refused: "characters" }',
    "",
  ],
  [
    "GATE1 misplaced signs",
    "server/gate/gate.ts",
    'if (fresh.hasSigns && isMisplaced(run, element, fresh)) refuse("characters", element)',
    "",
  ],
  [
    "GATE7 words of files",
    "server/gate/gate.ts",
    "(this.#bindingOf(id.client)?.source ?? this.#relocations.broughtFor(id))",
    "this.#bindingOf(id.client)?.source",
  ],
  ["GATE7 late words", "server/gate/gate.ts", "if (late.length > 0) {", "if (late.length > 9999) {"],
  [
    "GATE7 restoration",
    "server/gate/gate.ts",
    "this.#repair((tr) => restore(tr, textOfElement(element)!, gone, source, this.#relocations))",
    "",
  ],
  ["GATE10 order of a refusal", "server/rooms/room.ts", "if (seat.isRefused) return", ""],
  ["BIND3 clean-up", "shared/sync/write.ts", "tr._needFormattingCleanup = false", ""],
  ["TRK1 slots", "shared/sync/write.ts", "if (sum < least) {", "if (sum <= least) {"],
  ["TRK1 calls of footnotes", "shared/sync/write.ts", 'if (mark.name === "noteRef") sum += 100', 'if (mark.name === "noteRef") sum += 0'],
  [
    "NOTE2 uncalled footnotes",
    "shared/changes/resolve.ts",
    "for (const id of notesThatGo(blocks, result, verdicts))",
    "for (const id of [] as string[])",
  ],
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
    "this.#insertionAt(place, joined || this.#neighbour(block, place.at, place.at) || own)",
    'this.#insertionAt(place, "")',
  ],
  ["RES2 hosts", "shared/changes/resolve.ts", "(owner === mark || around(owner, run).includes(mark))", "owner === mark"],
  ["RES1 waiting", "shared/changes/resolve.ts", 'if (verdict !== "accept") return true\n', "return true\n"],
  ["RES3 nothing left", "shared/changes/resolve.ts", "if (isProposal(mark) && !given.living.has(mark.changeId)) lifted.add(mark.key)", ""],
  ["RES6 two behind one", "shared/changes/restructure.ts", "other.after === done.after && inOrder(done, other) < 0", "false"],
  ["RES7 competing", "server/acts/decide.ts", "if (!pair) return", "return"],
  [
    "RES8 typed into a deletion",
    "shared/changes/resolve.ts",
    ": pending.has(other.key) && !isDeletionInEffect(other, run.marks)",
    ": other === null",
  ],
  ["TRK5 splits", "shared/changes/restructure.ts", "if (run.text[i] === splitCharacter) yield at + i + 1", ""],
  ["TRK5 both halves", "shared/changes/restructure.ts", "if (ids.length > 1) list = extended(list, block.id, ids, mint)", ""],
  ["TRK5 beside a split", "shared/sync/write.ts", "if (owner && splits.includes(owner)) return Number.POSITIVE_INFINITY", ""],
  ["TRK5 family", "client/editor/restructuring.ts", 'if (block.type !== "clause" || block.level <= first.level) break', "break"],
  ["TRK10 outside", "server/acts/incorporate.ts", "if (outside)", "if (outside && !outside)"],
  ["GATE0 seen", "server/gate/gate.ts", "&& !this.#isMeant(decoded.ds, who.source)) return", ") return"],
  ["GATE3 others' proposals", "server/gate/gate.ts", 'if (before && before.source !== source) refuse("others-proposal")', ""],
  ["GATE3 source", "server/gate/gate.ts", 'if (proposal.source !== source) refuse("forged-source")', ""],
  ["GATE3 ids", "server/gate/gate.ts", 'if (!before && !this.#mayName(proposal.id, source)) refuse("foreign-key")', ""],
  ["GATE3 blocks", "server/gate/gate.ts", "if (bad) refuse(bad)\n      this.#proposals", "this.#proposals"],
  ["GATE3 too late", "server/gate/gate.ts", "named.some((block) => block !== null && this.#isGone(block))", "named.length > 9"],
  ["GATE7 colleagues", "server/gate/gate.ts", "...(taken.size > 0 ? orphans(before.runs, after.runs, taken, fresh, source) : []),", ""],
  [
    "GATE7 who wrote what was restored",
    "server/gate/repairs.ts",
    "relocations.addRestored({ client: part.client, clock: part.clock }, to, part.text.length)",
    "",
  ],
  ["GATE8 what was heard earlier", "server/gate/carry.ts", "heard = Math.max(heard, heardOf(struct))", ""],
  [
    "GATE8 strikes over what was restored",
    "server/gate/carry.ts",
    "strike.over.push({ from: to, length, clock: to.clock })",
    "void strike.over",
  ],
  ["GATE8 what a tightened marker heard", "server/gate/carry.ts", "this.#tightened.get(marker) ?? marker", "marker"],
  ["GATE7 tight deletions", "server/gate/gate.ts", "fresh.markers.size > 0 ? this.#tighten(touched, fresh) :", ""],
  ["GATE7 halves", "server/gate/gate.ts", "this.#stripHalves([...blocks], fresh)", ""],
  ["GATE7 late level", "server/gate/gate.ts", "this.#repair(() => this.#proposeLevel(", "void (() => this.#proposeLevel("],
  ["GATE8 carrying", "server/gate/gate.ts", "const lost = this.#carry(touched, who, sent, tightened)", "const lost: string[] = []"],
  ["GATE8 table", "server/acts/restructure.ts", "if (was) relocations.add(was, idOf(item), item.length)", ""],
  [
    "GATE8 strikes",
    "server/gate/carry.ts",
    "for (const { strikes } of misplaced) for (const strike of strikes) this.#carryStrike(tr, strike)",
    "",
  ],
  ["GATE8 removals", "server/gate/carry.ts", "this.#carryRemovals(tr, ds, heard)\n    return", "return"],
  ["GATE8 heard", "server/gate/carry.ts", "if (to.clock >= heard) for", "for"],
  ["GATE8 taking back", "server/gate/gate.ts", "if (text && takeBack(tr, text, keys)) stripped.push(element)", ""],
  ["GATE11 proposals", "server/gate/gate.ts", 'if (own > caps.structureOfSource) refuse("too-many-changes")', ""],
  ["IMP11 bomb", "server/exchange/word/archive.ts", "if (size > room) throw tooLarge()", ""],
  ["IMP11 checksum", "server/exchange/word/archive.ts", "if (crcOf(content) !== entry.crc)", "if (!content)"],
  ["IMP11 twice", "server/exchange/word/archive.ts", "if (seen.has(part.toLowerCase()))", "if (!part)"],
  ["IMP11 depth", "server/exchange/xml.ts", "if (open.length >= deepestXml)", "if (!tag)"],
  ["IMP11 doctype", "server/exchange/xml.ts", 'throw bad("it has a DOCTYPE, which is never read")', ""],
  ["RES8 in the way", "shared/changes/resolve.ts", "? isInWay(other, mark, run, given, pending)", "? !other"],
  ["RES6 places", "shared/changes/restructure.ts", "if (!isAnchor) return", "if (isAnchor || !isAnchor) return"],
  ["RES6 places in the room", "server/acts/restructure.ts", "if (leavesPlace) site.relocations", "if (!leavesPlace) site.relocations"],
  ["ROOM2 held queue", "server/rooms/room.ts", "if (this.#held) this.#held.push(task)", "if (!task) this.#held?.push(task)"],
  ["ROOM5 lost shadow", "server/rooms/room.ts", "if (this.#failures !== failures) throw storeFailed()", ""],
  ["ROOM2 one row", "server/acts/written.ts", "return rows.length > 1 ? Y.mergeUpdates(rows)", "return rows.length > 1 ? rows.at(-1)!"],
  [
    "GATE8 taken back unheard",
    "server/gate/gate.ts",
    "for (const key of this.#takenBackUnheard(sent)) if (this.#isOwnKey(key, source)) keys.add(key)",
    "",
  ],
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
  const only = process.argv.indexOf("--only")
  if (only >= 0) return mutants.filter(([rule]) => rule.includes(process.argv[only + 1] ?? ""))
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

// Plants bugs in binding, tracking, gate, resolve and room, one at a time, in a copy of the tree, and sees the engine's tests fail: `npm run mutants`.
// With `--only TEXT` those whose rule has that text in it. With `--pick HASH` it plants two, chosen by the hash. Exit 1 where one survives.
import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { ensureInstalled, home } from "../server/ready.mjs"
import { runWithin } from "./within.mjs"

/** [rule, file, code, code with the bug] */
const mutants = [
  [
    "GATE5 P_u",
    "server/gate/judge.ts",
    "if (!isSameForOthers(runs, now.runs, source, rest.moves)) return refused(classify(runs, now.runs, source), at)",
    "",
  ],
  [
    "PROOF1 marks at a block's end",
    "server/gate/judge.ts",
    "if (now.end.some((mark) => !was?.end.some((other) => other.key === mark.key))) return",
    "if (now.end.length > 9999) return",
  ],
  ["GATE6 own words", "server/gate/judge.ts", 'if (!isOwnWritten(update, runs, now.runs)) return refused("foreign-words", at)', ""],
  [
    "GATE11 open marks",
    "server/gate/judge.ts",
    'if (marks > 0 && count.marks + marks > caps.openMarksOfSource) return refused("too-many-changes")',
    "",
  ],
  ["GATE5 foreign markers", "server/gate/markers.ts", 'if (foreign) return refused("foreign-marker-deleted", foreign.at)', ""],
  ["GATE4 attributes", "server/gate/blocks.ts", 'return refused("block-attributes", at)', "return null"],
  [
    "GATE4 removed blocks",
    "server/gate/blocks.ts",
    'if (!after.blocks.has(at)) return refused("block-removed", at)',
    "if (!at) return null",
  ],
  ["GATE4 forged blocks", "server/gate/blocks.ts", 'if (insertedBy !== source) return "forged-block"', ""],
  ["GATE1 key", "server/gate/shapes.ts", 'if (!isOwnClient(key.client)) return "foreign-key"', ""],
  [
    "GATE1 client",
    "server/gate/structs.ts",
    'if (owner?.source !== who.source || owner.person !== who.person) return { refused: "foreign-client" }',
    "",
  ],
  [
    "GATE1 misplaced signs",
    "server/gate/signs.ts",
    'if (reading?.type !== "table" && tableSigns.test(text)) return refused("characters", at)',
    "",
  ],
  ["GATE7 words of files", "server/gate/case.ts", "if (rest.moves.broughtFor(first) !== source) return false", "return false"],
  ["GATE7 late words", "server/gate/apply.ts", "        return this.#mark(repair)", "        return"],
  ["GATE7 restoration", "server/gate/apply.ts", "        return this.#restore(repair)", "        return"],
  ["GATE3 others' proposals", "server/gate/entries.ts", 'if (was && was.source !== source) return refused("others-proposal")', ""],
  ["GATE3 source", "server/gate/entries.ts", 'if (proposal.source !== source) return refused("forged-source")', ""],
  ["GATE3 ids", "server/gate/entries.ts", 'if (!was && !mayName(update, proposal.id)) return refused("foreign-key")', ""],
  ["GATE3 blocks", "server/gate/entries.ts", "if (bad) return refused(bad)", ""],
  ["GATE3 too late", "server/gate/apply.ts", "        return this.#dropEntry(repair)", "        return"],
  ["GATE7 late level", "server/gate/apply.ts", "        return this.#proposeLevel(repair)", "        return"],
  ["GATE8 carrying", "server/gate/apply.ts", "        return this.#carry(repair)", "        return"],
  ["GATE8 strikes", "server/gate/apply.ts", "        return this.#strike(repair)", "        return"],
  ["GATE14 names", "server/gate/apply.ts", "        return this.#rename(repair)", "        return"],
  ["GATE7 tight deletions", "server/gate/apply.ts", "        return this.#tighten(repair)", "        return"],
  ["GATE7 stripping", "server/gate/apply.ts", "return repair.items.forEach((item) => void this.#delete(item))", "return"],
  ["GATE7 halves", "server/gate/markers.ts", "  stripHalves(update, stripping)\n", ""],
  ["RIVAL1 agreed once", "shared/changes/choice.ts", 'const gives = verdict === "accept" && id !== first', "const gives = false"],
  ["RIVAL2 overtaken", "shared/changes/choice.ts", "overtaken.set(rival, writtenAs.get(id) ?? id)", ""],
  ["RIVAL2 never both", "server/acts/decide.ts", "  refuseRivals(choice, known, leaveOut)\n", ""],
  [
    "HASH1 place",
    "shared/changes/sight.ts",
    "return [before.letter, behind.letter, before.words, behind.words]",
    'return ["", "", "", ""]',
  ],
  ["GATE1 source", "server/gate/shapes.ts", 'if (claimed !== source) return "forged-source"', ""],
  ["GATE1 change", "server/gate/shapes.ts", 'if (of !== "" && parseMarkId(of!)?.source !== source) return "foreign-change"', ""],
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
  ["GATE8 table", "server/acts/restructure.ts", "if (was) relocations.add(was, idOf(item), item.length)", ""],
  ["IMP11 bomb", "server/exchange/word/archive.ts", "if (size > room) throw tooLarge()", ""],
  ["IMP11 checksum", "server/exchange/word/archive.ts", "if (crcOf(content) !== entry.crc)", "if (!content)"],
  ["IMP11 twice", "server/exchange/word/archive.ts", "if (seen.has(part.toLowerCase()))", "if (!part)"],
  ["IMP11 depth", "server/exchange/xml.ts", "if (open.length >= deepestXml)", "if (!tag)"],
  ["IMP11 doctype", "server/exchange/xml.ts", 'throw bad("it has a DOCTYPE, which is never read")', ""],
  ["RES8 in the way", "shared/changes/resolve.ts", "? isInWay(other, mark, run, given, pending)", "? !other"],
  ["RES6 places", "shared/changes/restructure.ts", "if (!isAnchor) return", "if (isAnchor || !isAnchor) return"],
  ["RES6 places in the room", "server/acts/restructure.ts", "if (leavesPlace) site.relocations", "if (!leavesPlace) site.relocations"],
  ["ROOM5 lost shadow", "server/rooms/room.ts", "if (this.#failures !== failures) throw storeFailed()", ""],
  ["ROOM2 one row", "server/acts/written.ts", "return rows.length > 1 ? yield* oneRow(", "return rows.length > 99 ? yield* oneRow("],
  ["PART1 what is left", "shared/changes/part.ts", "if (decided > 0 && left === 0) return null", "if (decided > 0) return null"],
  ["PART2 letters", "shared/changes/part.ts", "if (isCut(from, segment.from) || isCut(to, segment.to)) return", "if (!segment) return"],
  ["PART3 only the part", "shared/changes/part.ts", "if (JSON.stringify(lettersOf(was, asOne)) !==", "if (JSON.stringify(asOne) ==="],
  ["PART3 names", "shared/changes/part.ts", "if (within.join() !== mark.within.join() ||", "if (within.length > 99 &&"],
  ["CARET1 caret", "client/editor/binding.ts", "tr.mapping.map(before.head, -1)", "tr.mapping.map(before.head)"],
  ["CARET1 selection", "client/editor/binding.ts", "tr.mapping.map(before.to, -1)", "tr.mapping.map(before.to, 1)"],
  ["CARET1 own last letter", "shared/sync/write.ts", "const isHome = home !== null && owner === home", "const isHome = false"],
  ["CARET2 with its letter", "client/editor/binding.ts", "if (caret) tr.setSelection(TextSelection.create(tr.doc, caret))", ""],
  ["COMP1 held block", "client/editor/binding.ts", "fresh.has(element) || this.#isHeld(element)) continue", "fresh.has(element)) continue"],
  [
    "COMP1 letters",
    "client/editor/composition.ts",
    "if (last?.index === index && last.to === at.before) last.to = at.before + 1",
    "if (last) last.to = at.before + 1",
  ],
  ["COMP1 a new life", "client/editor/composition.ts", "    held.recognise(session.doc)\n", ""],
  [
    "COMP2 block that is gone",
    "client/editor/binding.ts",
    "this.#withHeld(this.#fragment.toArray() as Y.XmlElement[])",
    "this.#fragment.toArray() as Y.XmlElement[]",
  ],
  ["COMP3 long", "client/editor/composition.ts", "now - this.#since > longMs", "now < 0"],
  ["UNDO1 caret", "client/editor/gestures.ts", "if (place) stackItem.meta.set(placeKey, place)", ""],
  ["UNDO2 decided", "client/editor/gestures.ts", "manager.undoStack = manager.undoStack.filter(isLeft)", "void isLeft"],
  [
    "UNDO2 only decided",
    "client/editor/gestures.ts",
    "manager.undoStack = manager.undoStack.filter(isLeft)",
    "manager.undoStack = manager.undoStack.filter(() => false && isLeft)",
  ],
  ["UNDO2 elsewhere", "client/editor/gestures.ts", "if (from >= to) continue", "if (from >= 0) continue"],
  ["UNDO3 out of view", "client/editor/undo.ts", "if (isShown || page.isSeen(selection.head)) return false", "return false"],
  ["BACK1 marks", "server/acts/words-back.ts", "    this.#marks(text)\n", ""],
  ["BACK1 identity", "server/acts/take-back.ts", "=> gate.relocations.original(letter)", "=> letter"],
  [
    "BACK1 others' proposals",
    "server/acts/words-back.ts",
    "      this.#clear(text, there.get(origin)!, run.length, first.marks, isMeant)\n",
    "",
  ],
  ["BACK1 late deletions", "server/gate/misplaced.ts", "if (spared.length > 0) repairs.push", "if (spared.length < 0) repairs.push"],
  ["BACK1 seen before", "server/acts/words-back.ts", "!wanted.has(mark.key) && !isMeant(mark))", "!wanted.has(mark.key))"],
  ["BACK1 letter by letter", "server/acts/words-back.ts", "const end = at + lengthAt(run, at)", "const end = run.length"],
  ["BACK1 links", "shared/changes/back.ts", "links: this.#links(proposals),", "links: [],"],
  ["BACK1 the rest of a division", "server/acts/take-back.ts", "    yield* mergedBack(site, plan, renamed)\n", ""],
  ["BACK1 order of clauses", "server/acts/take-back.ts", "gone ? elementBefore(", "gone && !gone.deleted ? elementBefore("],
  ["BACK1 clauses of comments", "shared/changes/back.ts", "anchors: this.#anchors(),", "anchors: new Map(),"],
  ["BACK1 joined and cut", "shared/changes/back.ts", "const whole = this.#joinedTo(home)", "const whole = home"],
  ["BACK3 proposals on what went", "shared/changes/back.ts", "if (isProposal(mark) && this.#isDecidedSince(mark.changeId))", "if (!mark)"],
  ["BACK3 clauses of proposals", "shared/changes/back.ts", "      this.#demandThere(was.block)\n", ""],
  ["BACK2 whose letters", "shared/changes/back.ts", "if (ownerOn(placed) !== owner) return", "if (owner === undefined) return"],
  ["BACK2 order", "shared/changes/back.ts", "return orderFlaw(was, is, comes)", "return null"],
  [
    "BACK3 taken out since",
    "shared/changes/back.ts",
    "if (!is) return owner === null || this.#isDecidedSince(owner) ? [became.block] : []",
    "if (!is) return []",
  ],
  [
    "BACK3 became something else",
    "shared/changes/back.ts",
    "if (JSON.stringify(became) !== JSON.stringify(is)) this.#changes.add(change)",
    "",
  ],
  ["SOCK8 gaps", "server/rooms/room.ts", 'if (outcome.reason === "gap" && !seat.hasAnswered) return', ""],
  ["ANCHOR1 words that were struck", "shared/comments/place-of.ts", 'if (anchor.on === "words") return this.#onGround(thread)', ""],
  [
    "ANCHOR1 behind what was moved",
    "shared/sync/ground.ts",
    "const found = item.deleted ? this.#wentIn(item, item.length) : null",
    "const found = null",
  ],
  ["ANCHOR1 every file", "server/exchange/sheet.ts", "?? laid[0]?.block.id ?? null", "&& null"],
  ["ANCHOR2 where a clause stood", "server/gate/stood.ts", "if (needed.size === 0) return", "if (needed.size >= 0) return"],
  ["ANCHOR3 what took its place", "shared/comments/place-of.ts", "at = proposal(at)?.next", "at = undefined"],
  [
    "ONTO10 the same file",
    "server/acts/already.ts",
    "if (id !== undefined) already.push(",
    "if (id === undefined && change) already.push(",
  ],
  [
    "ONTO10 what was typed",
    "server/acts/already.ts",
    "const at = same.findIndex(({ source }) => isSource(change, source))",
    "const at = -1",
  ],
  ["ONTO10 comments", "server/acts/placer.ts", "if (thread) this.#replies(thread, comment)", "if (!thread) this.#comment(comment)"],
  ["LINK1 one verdict", "shared/changes/links.ts", "members.length === 1 ? byId.get(members[0]!.id)! : united(members)", "change"],
  ["LINK1 what was seen", "shared/changes/sight.ts", "linked.length === 0 ? alone :", "linked ? alone :"],
  ["LINK1 files", "server/acts/import-changes.ts", "if (changes.length > 1 && changes.length <= mostLinked)", "if (changes.length > 99)"],
  ["LINK2 untied", "server/acts/acts.ts", "roots.links(shadow).delete(id)", "roots.links(shadow).get(id)"],
  ["LINK3 own changes", "server/gate/links.ts", 'if (!link.changes.every(isOwn)) return refused("foreign-change")', ""],
  ["LINK3 links of others", "server/gate/links.ts", 'if (was && was.source !== source) return refused("others-link")', ""],
  ["GATE1 clocks used twice", "server/gate/structs.ts", 'if (isTorn(item, shadow)) return "malformed"', ""],
  ["SOCK11 before it asked", "server/rooms/room.ts", "if (hasAsked) session.send(frame)", "if (hasAsked !== null) session.send(frame)"],
  [
    "LIFE2 after a dead line",
    "client/editor/draft-session.ts",
    "this.#acknowledgedClock - struct.id.clock",
    "this.#savedClock - struct.id.clock",
  ],
  [
    "GATE7 beside a redo",
    "server/gate/apply.ts",
    "const opening = openingAround(text, tombstone)",
    "const opening = openingAround(text, text._start ?? tombstone)",
  ],
]

const patienceMinutes = 5
const suites = [
  "judge.test",
  "engine",
  "hostile",
  "changes",
  "yjs",
  "sockets",
  "rivals",
  "part.test",
  "back.test",
  "carets",
  "composition.test",
  "undo.test",
  "anchor.test",
  "twice.test",
  "links.test",
  "sim.test",
]

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
  // A bug may make something go on for ever: that is noticed too, by whoever waits.
  const { status, isEndless } = await runWithin(
    patienceMinutes,
    process.execPath,
    ["node_modules/vitest/vitest.mjs", "run", "--config", "tests/vitest.config.ts", "--project", "fast", "--bail", "1", ...suites],
    { cwd: copy, stdio: "ignore", env: { ...process.env, FUZZ_SCALE: "1", CARET_PLAYS: "80" } },
  )
  writeFileSync(path, sound)
  console.log(`${status === 0 ? "SURVIVED " : "caught   "} ${rule}${isEndless ? " (did not end)" : ""}`)
  if (status === 0) survived++
}
rmSync(copy, { recursive: true, force: true })
console.log(survived === 0 ? "Every planted bug was caught." : `${survived} survived.`)
process.exitCode = survived === 0 ? 0 : 1

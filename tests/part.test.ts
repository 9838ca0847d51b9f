import { describe, expect, it } from "vitest"
import { seenIn } from "../server/decisions/as-seen.ts"
import { decideChanges } from "../server/decisions/decide.ts"
import { meaningOf } from "../shared/changes/carried.ts"
import { changesIn, describeChange } from "../shared/changes/changes.ts"
import { otherSideSaid } from "../shared/changes/other-side.ts"
import { type Division, divided, flawOfDivision, isIndivisible, type Part } from "../shared/changes/part.ts"
import { proposedTextOf, workingTextOf } from "../shared/changes/projections.ts"
import { finished } from "../shared/changes/slices.ts"
import { type Block, defaultAttrs, type Mark, noStructure, textOf } from "../shared/schema/block.ts"
import { parseMarkId } from "../shared/schema/keys.ts"
import { newMark } from "../shared/schema/schema.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { forestalledIn, notedIn, otherSidesIn, roots, tiesIn, twinsIn } from "../shared/sync/roots.ts"
import { clause, draftState, head, note, run } from "./build.ts"
import { Cohort, signature, signatureOfState } from "./cohort.ts"

const clients: Readonly<Record<string, number>> = { S: 1, B: 2, J: 3 }
const id = (source: string, n = 1): string => `${source}.${clients[source]}.${n}`
const ins = (source: string, n = 1, within: readonly string[] = []): Mark => newMark("insertion", { id: id(source, n), source, within })
const del = (source: string, n = 1, over: readonly string[] = []): Mark => newMark("deletion", { id: id(source, n), source, over })
const comes = newMark("insertion", { id: id("S", 51), of: id("S"), source: "S" })
const block = (...runs: Block["runs"]): Block => ({ ...defaultAttrs, id: "c", type: "clause", runs, structure: noStructure })

function divide(blocks: readonly Block[], part: Part, isKept = true, change = id("S")): Division | string {
  let n = 100
  const found = changesIn(blocks).find((one) => one.id === change)!
  const made = divided(blocks, found, part, isKept, (source) => id(source, ++n))
  if (made === null) return "all of it"
  return isIndivisible(made) ? made.refused : made
}
/** The changes of a draft, once one of them is divided. */
const told = (made: Division | string): string[] | string =>
  typeof made === "string" ? made : changesIn(made.blocks).map((change) => `${change.id}: ${describeChange(change)}`)

describe("a part of a change", () => {
  it("[PART1] of inserted words some are decided, the others go on under an id of their own", () =>
    expect(told(divide([block(run("it "), run("one two three", ins("S")))], { segment: 0, from: 4, to: 7 }))).toEqual([
      "S.1.101: insert “one  three”",
      "S.1.1: insert “two”",
    ]))
  it.each([
    ["before it", "space", " including the low orbits that are crowded", ",", "including the low orbits", " including the low orbits"],
    ["behind it", "the ", "low and crowded ", "orbits", "crowded", "crowded "],
    ["on both sides", "space", " low crowded ", "orbits", "crowded", " crowded "],
    ["more than one", "space", " \u00a0low and high", ",", "low", " \u00a0low"],
    ["none, for the neighbour is parted", "space ", "low and high", ",", "high", "high"],
    ["none, for a sign needs none", "(", "very old", ")", "old", "old"],
    ["none, for the change has none there", "space", "craft, and satellites", ",", "craft", "craft"],
    ["none, for the words begin with a sign", "space", " , low", " orbits", ", low", ", low"],
    ["not the one behind it where its neighbour has one", "register", " one public list", " of", "public ", " public"],
    ["not the one before it where its neighbour has one", "a ", "long list ", "of", " list", "list "],
    ["none, where none is written between words", "外层", "空间活动", "的", "活动", "活动"],
  ])("[PART5] accepted words take the space along that parts them from their neighbour: %s", (_, before, words, behind, chosen, taken) => {
    const draft = [block(run(before), run(words, ins("S")), run(behind))]
    const from = words.lastIndexOf(chosen)
    const part = { segment: 0, from, to: from + chosen.length }
    const made = divide(draft, part)
    const decided = typeof made === "string" ? words : changesIn(made.blocks).find((change) => change.id === id("S"))!.inserted
    expect(decided).toBe(taken)
    const not = divide(draft, part, false)
    expect(typeof not === "string" ? words : changesIn(not.blocks).find((change) => change.id === id("S"))!.inserted).toBe(chosen)
  })
  it("[PART5] the neighbour is what is agreed, or that in which the words stand, and not what another proposes there", () => {
    const another = [block(run("space"), run(" old ", ins("B")), run(" low and high", ins("S")), run(","))]
    expect(told(divide(another, { segment: 0, from: 1, to: 4 }))).toContain("S.1.1: insert “ low”")
    const host = [block(run("it "), run("space", ins("B")), run(" low and high", ins("B"), ins("S", 1, [id("B")])), run(" more", ins("B")))]
    expect(told(divide(host, { segment: 0, from: 1, to: 4 }))).toContain("S.1.1: insert “ low”")
  })
  it("[PART1] of a replacement one side", () => {
    const both = [block(run("shall", del("S")), run("may", comes))]
    expect(told(divide(both, { side: "in" }))).toEqual(["S.1.101: delete “shall”", "S.1.1: insert “may”"])
    expect(told(divide(both, { side: "out" }))).toEqual(["S.1.1: delete “shall”", "S.1.101: insert “may”"])
  })
  it("[PART1] of struck words some", () =>
    expect(told(divide([block(run("one two", del("S")))], { segment: 0, from: 0, to: 4 }))).toEqual([
      "S.1.1: delete “one ”",
      "S.1.101: delete “two”",
    ]))
  it("[PART1] the part that is all of it divides nothing", () =>
    expect(told(divide([block(run("one", ins("S")))], { segment: 0, from: 0, to: 3 }))).toBe("all of it"))
  it("[PART2] no letter is cut", () =>
    expect(told(divide([block(run("cafe\u0301s", ins("S")))], { segment: 0, from: 0, to: 4 }))).toMatch(/whole letters/))
  it("[PART2] what has one side only, what splits, moves or deletes a clause, and what holds no such words is refused", () => {
    expect(told(divide([block(run("one", ins("S")))], { side: "in" }))).toMatch(/only one side/)
    expect(told(divide([block(run("a\u2029b", ins("S")))], { segment: 0, from: 0, to: 1 }))).toMatch(/as a whole/)
    expect(told(divide([block(run("one", ins("S")))], { segment: 0, from: 2, to: 9 }))).toMatch(/not in this change/)
    expect(told(divide([block(run("one", ins("S")))], { segment: 3, from: 0, to: 1 }))).toMatch(/not in this change/)
    const move = { id: id("S", 9), of: id("S"), source: "S", block: "c", changeId: id("S"), kind: "move", after: null } as const
    const moved = [{ ...block(run("one", del("S"))), structure: [move] }]
    expect(told(divide(moved, { segment: 0, from: 0, to: 1 }))).toMatch(/as a whole/)
  })
  it("[PART3] what others put inside, and object to, stands in the part that it stands in", () => {
    const draft = [
      block(
        run("one ", ins("S")),
        run("B", ins("S"), ins("B", 1, [id("S")])),
        run(" two", ins("S")),
        run("three", ins("S"), del("J", 1, [id("S")])),
      ),
    ]
    const made = divide(draft, { segment: 1, from: 0, to: 6 }) as Division
    expect(flawOfDivision(draft, made)).toBeNull()
    const marks = made.blocks[0]!.runs.map(({ text, marks }) => [
      text,
      marks.map((mark) => [mark.changeId, mark.within, mark.over].join(" ")),
    ])
    expect(marks).toEqual([
      ["one ", ["S.1.101  "]],
      ["B", ["S.1.101  ", "B.2.1 S.1.101 "]],
      [" two", ["S.1.1  "]],
      ["th", ["S.1.1  ", "J.3.1  S.1.1,S.1.102"]],
      ["ree", ["S.1.101  ", "J.3.1  S.1.1,S.1.102"]],
    ])
  })
  it("[PART3] a new clause of which words are accepted is agreed with them; of which words are not retained it stays proposed", () => {
    const added: Block = { ...block(run("one two", ins("S"))), insertedBy: "S", insertedId: id("S") }
    const accepted = divide([added], { segment: 0, from: 0, to: 3 }, true) as Division
    const not = divide([added], { segment: 0, from: 0, to: 3 }, false) as Division
    expect([accepted.blocks[0]!.insertedId, not.blocks[0]!.insertedId]).toEqual(["S.1.1", "S.1.101"])
  })
  it("[PART3] a division that changed anything else is found", () => {
    const draft = [block(run("it "), run("one two", ins("S")), run("three", ins("B")))]
    const made = divide(draft, { segment: 0, from: 0, to: 3 }) as Division
    const [cut] = made.blocks
    const spoilt = (runs: Block["runs"]): string | null => flawOfDivision(draft, { ...made, blocks: [{ ...cut!, runs }] })
    expect(spoilt(cut!.runs)).toBeNull()
    expect(spoilt(cut!.runs.slice(1))).not.toBeNull()
    expect(spoilt(cut!.runs.map((one) => ({ ...one, marks: [] })))).not.toBeNull()
    expect(spoilt(cut!.runs.map((one) => ({ ...one, marks: one.marks.map((mark) => ({ ...mark, changeId: id("B") })) })))).not.toBeNull()
  })
})

const start = (): Cohort => new Cohort(draftState([head("resolves"), clause("to continue the work of the group;", "c1")]))
const working = (cohort: Cohort): string => workingTextOf(blocksOf(cohort.room.main)).map(textOf).join("|")
const proposed = (cohort: Cohort): string => proposedTextOf(blocksOf(cohort.room.main)).map(textOf).join("|")
const open = (cohort: Cohort): string[] => cohort.changes().map((change) => `${change.source}: ${describeChange(change)}`)

function sound(cohort: Cohort): void {
  const main = signature(cohort.room.main)
  expect(signature(cohort.replayed())).toBe(main)
  for (const member of cohort.members) {
    expect(signature(member.session.doc)).toBe(main)
    expect(signatureOfState(member.state)).toBe(main)
    expect(member.session.binding.corrections).toBe(0)
  }
  expect(cohort.room.faults).toBe(0)
  expect(cohort.faults).toEqual([])
}

describe("a part of a change in the room", () => {
  it("[PART1] some words are accepted, the rest stays open, and its writer types on in it and takes it back", async () => {
    const cohort = start()
    const s = cohort.member("S")
    await cohort.settle()
    s.type(1, 11, " and to strengthen")
    await cohort.settle()
    const change = cohort.changes()[0]!.id
    expect(await cohort.decide([change], "accept", new Map([[change, { segment: 0, from: 0, to: 4 }]]))).toBe(true)
    await cohort.settle()
    expect(working(cohort)).toBe("resolves|to continue and the work of the group;")
    expect(open(cohort)).toEqual(["S: insert “ to strengthen”"])
    const next = roots.proposals(cohort.room.main).get(change)?.next
    expect(next).toBe(cohort.changes()[0]!.id)
    s.type(1, 29, " greatly")
    await cohort.settle()
    expect(cohort.changes().map((one) => one.id)).toEqual([next])
    s.delete(1, 15, 37)
    await cohort.settle()
    expect(open(cohort)).toEqual([])
    expect(proposed(cohort)).toBe("resolves|to continue and the work of the group;")
    sound(cohort)
  })

  it("[PART1] of a replacement what comes is accepted, what goes stays proposed", async () => {
    const cohort = start()
    const s = cohort.member("S")
    await cohort.settle()
    s.replace(1, 3, 11, "resume")
    await cohort.settle()
    const change = cohort.changes()[0]!.id
    await cohort.decide([change], "accept", new Map([[change, { side: "in" }]]))
    await cohort.settle()
    expect(working(cohort)).toBe("resolves|to continueresume the work of the group;")
    expect(open(cohort)).toEqual(["S: delete “continue”"])
    sound(cohort)
  })

  it("[PART3] of a new clause with a footnote the words before its number are accepted, the footnote stays with its call", async () => {
    const cohort = new Cohort(
      draftState(
        [head("resolves"), clause("a\ufffcb", "c1"), note("n", "n0")].map((one) => (one.id === "c1" ? { ...one, calls: ["n0"] } : one)),
      ),
    )
    const s = cohort.member("S")
    await cohort.settle()
    s.session.tracking.addClause(2, null)
    s.type(2, 0, "words to come")
    await cohort.settle()
    const change = cohort.changes()[0]!.id
    await cohort.decide([change], "accept", new Map([[change, { segment: 0, from: 0, to: 5 }]]))
    await cohort.settle()
    expect(working(cohort)).toBe("resolves|a\ufffcb|words|n")
    expect(open(cohort)).toEqual(["S: insert “ to come”"])
    sound(cohort)
  })

  it("[PART3] what its source sends late, and a part that is not as it was seen", async () => {
    const cohort = start()
    const s = cohort.member("S")
    await cohort.settle()
    s.type(1, 11, " one two three")
    await cohort.settle()
    const change = cohort.changes()[0]!.id
    const seen = seenIn(cohort.room.gate, [change])
    s.type(1, 25, " four")
    s.deliverUp()
    await cohort.tick()
    // The hash binds the whole change: more words, nothing is decided.
    expect(seenIn(cohort.room.gate, [change])[0]!.hash).not.toBe(seen[0]!.hash)
    await cohort.settle()
    s.delete(1, 11, 15)
    s.type(1, 26, " five")
    await cohort.decide([change], "accept", new Map([[change, { segment: 0, from: 4, to: 8 }]]))
    await cohort.settle()
    expect(working(cohort)).toBe("resolves|to continue two the work of the group;")
    expect(open(cohort)).toEqual(["S: insert “ three four five”"])
    sound(cohort)
  })
})

describe("a part of one of two that compete", () => {
  const wording = "to note the discussions and observations made."
  async function competing(): Promise<{ cohort: Cohort; ids: Map<string, string> }> {
    const cohort = new Cohort(draftState([head("resolves"), clause(wording, "c1")]))
    const [k, s] = [cohort.member("K"), cohort.member("S")]
    await cohort.settle()
    const at = wording.indexOf("discussions")
    k.replace(1, at, at + "discussions".length, "debates")
    s.delete(1, at, at + "discussions and observations ".length)
    await cohort.settle()
    return { cohort, ids: new Map(cohort.changes().map(({ source, id }) => [source, id])) }
  }
  const accept = (cohort: Cohort, id: string, part: Part): Promise<boolean> => cohort.decide([id], "accept", new Map([[id, part]]))

  it.each<Part>([{ side: "in" }, { segment: 1, from: 0, to: 7 }])(
    "[PART7] accepted words end the other, as the whole would: %o",
    async (part) => {
      const { cohort, ids } = await competing()
      expect(await accept(cohort, ids.get("K")!, part), cohort.refusal?.message).toBe(true)
      await cohort.settle()
      expect(working(cohort)).toBe("resolves|to note the discussionsdebates and observations made.")
      expect(open(cohort)).toEqual(["K: delete “discussions”"])
      expect(roots.proposals(cohort.room.main).get(ids.get("S")!)).toMatchObject({ status: "overtaken", by: ids.get("K") })
      const [rest] = cohort.changes()
      const said = otherSideSaid(rest!, otherSidesIn(cohort.room.main), blocksOf(cohort.room.main))
      expect(said).toContain("“debates” of the same proposal was accepted by itself, and stands beside what it was to replace.")
      expect(await cohort.takeBack(cohort.log.entries.at(-1)!.n)).toBe(true)
      await cohort.settle()
      expect(open(cohort)).toEqual(["K: replace “discussions” by “debates”", "S: delete “discussions and observations ”"])
      sound(cohort)
    },
  )
  it.each<[Part, string[]]>([
    [{ side: "in" }, ["S"]],
    [{ side: "out" }, ["S"]],
    [{ segment: 1, from: 0, to: 7 }, ["S"]],
    [{ segment: 0, from: 0, to: 4 }, []],
  ])("[PART7 UI112 UI134] what a part ends is told before, as of a whole, and nothing else ends with it: %o", async (part, sources) => {
    const { cohort, ids } = await competing()
    const id = ids.get("K")!
    const { shadow, blocks } = cohort.room.gate
    const told = meaningOf(new Set([id]), "accept", {
      ...{ blocks, part, leavesOut: false, ties: tiesIn(shadow), twins: twinsIn(shadow), noted: notedIn(shadow) },
      forestalled: forestalledIn(shadow),
    })
    const ends = new Set([...told.same, ...told.overtaken, ...told.ended, ...told.lapsed])
    expect([...told.decided]).toEqual([id])
    expect([...ends].map((change) => parseMarkId(change)!.source)).toEqual(sources)
    const seen = seenIn(cohort.room.gate, [id]).map((one) => ({ ...one, part }))
    const decide = (ending: ReadonlySet<string>): Promise<boolean> =>
      cohort.act("accept", (gate) => finished(decideChanges(gate, seen, "accept", { isPartial: false, ends: ending, waits: told.waiting })))
    if (ends.size > 0) {
      expect(await decide(new Set())).toBe(false)
      expect(cohort.refusal?.message).toMatch(/^Nothing was decided: something else would end with it, proposed by S meanwhile/)
    }
    expect(await decide(ends), cohort.refusal?.message).toBe(true)
    await cohort.settle()
    sound(cohort)
  })
  it("[PART7] together with the other they are refused; what goes ends it too, for what is left would compete no more", async () => {
    const { cohort, ids } = await competing()
    const [k, s] = [ids.get("K")!, ids.get("S")!]
    expect(await cohort.decide([k, s], "accept", new Map([[k, { side: "in" }]]))).toBe(false)
    expect(cohort.refusal?.message).toMatch(/cannot both be accepted/)
    expect(await accept(cohort, k, { side: "out" })).toBe(true)
    await cohort.settle()
    expect(open(cohort)).toEqual(["K: insert “debates”"])
    sound(cohort)
  })
  it("[PART7] where what is left still competes the other stays open", async () => {
    const { cohort, ids } = await competing()
    expect(await accept(cohort, ids.get("K")!, { segment: 0, from: 0, to: 4 }), cohort.refusal?.message).toBe(true)
    await cohort.settle()
    expect(open(cohort).sort()).toEqual(["K: replace “ussions” by “debates”", "S: delete “ussions and observations ”"])
    sound(cohort)
  })
})

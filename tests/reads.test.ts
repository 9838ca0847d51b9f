/** The card of a change tells how the text in force reads once it is accepted, where that glues words or doubles a space, whatever the reason (RIVAL8). */
import { describe, expect, it } from "vitest"
import { seenIn } from "../server/decisions/as-seen.ts"
import { decideChanges } from "../server/decisions/decide.ts"
import { workingTextOf } from "../shared/changes/projections.ts"
import { finished } from "../shared/changes/slices.ts"
import { acceptedReads, readingSaid } from "../shared/changes/taken-together.ts"
import { textOf } from "../shared/schema/block.ts"
import { agreedSinceIn } from "../shared/sync/agreed-since.ts"
import { notedIn, roots, thereIn, tiesIn, twinsIn } from "../shared/sync/roots.ts"
import { clause, draftState, head, random } from "./build.ts"
import { Cohort, type Member } from "./cohort.ts"

/** A clause, and members who propose something in it one after the other. */
async function scene(line: string, ...acts: readonly (readonly [string, (member: Member) => void])[]): Promise<Cohort> {
  const cohort = new Cohort(draftState([head("resolves"), clause(line, "a")]))
  for (const [source, act] of acts) {
    const member = cohort.members.find((other) => other.source === source) ?? cohort.member(source)
    await cohort.settle()
    member.session.undoManager.stopCapturing()
    act(member)
    await cohort.settle()
  }
  return cohort
}

const idOf = (cohort: Cohort, source: string): string => cohort.changes().find((change) => change.source === source)!.id
const working = ({ room }: Cohort): string => workingTextOf(room.gate.blocks).map(textOf)[1]!

function reads({ room: { gate } }: Cohort, ...ids: string[]): ReturnType<typeof acceptedReads> {
  const { blocks, shadow } = gate
  return acceptedReads(blocks, new Set(ids), {
    ...{ ties: tiesIn(shadow), twins: twinsIn(shadow), noted: notedIn(shadow), inOrder: (list) => list },
    isThere: thereIn(blocks, roots.proposals(shadow)),
    sinceOf: agreedSinceIn(shadow),
  })
}

/** What is told of some sources' changes, and that the text then reads so. */
async function told(cohort: Cohort, ...sources: string[]): Promise<string | null> {
  const ids = sources.map((source) => idOf(cohort, source))
  const read = reads(cohort, ...ids)
  for (const id of ids) if (!roots.proposals(cohort.room.main).has(id)) expect(await cohort.decide([id], "accept")).toBe(true)
  await cohort.settle()
  if (read) expect(working(cohort)).toContain(read.words)
  return read && readingSaid(read)
}

const over = (line: string, words: string, act: (member: Member, from: number, to: number) => void) => (member: Member) => {
  const from = member.text(1).indexOf(words)
  expect(from, `${words} in ${member.text(1)}, of ${line}`).toBeGreaterThanOrEqual(0)
  act(member, from, from + words.length)
}
const replaces = (words: string, by: string): ((member: Member) => void) =>
  over("", words, (member, from, to) => member.replace(1, from, to, by))
const types = (behind: string, words: string): ((member: Member) => void) => over("", behind, (member, _, to) => member.type(1, to, words))
const strikes = (words: string): ((member: Member) => void) => over("", words, (member, from, to) => member.delete(1, from, to))

describe("of what several say alike the card of each copy tells the text that its acceptance gives", () => {
  const yearly = (): Promise<Cohort> =>
    scene(
      "to send a yearly report",
      ["S", replaces("yearly", "monthly")],
      ["B", replaces("yearly", "monthly")],
      ["F", (f) => f.type(1, f.text(1).indexOf("monthly") + 7, " detailed")],
    )
  for (const together of [
    ["S", "F"],
    ["B", "F"],
    ["F", "S", "B"],
  ])
    it(`[RIVAL8 RIVAL1] ${together.join(" and ")}`, async () => {
      expect(await told(await yearly(), ...together)).toBe("“to send a  detailedmonthly report” (with two spaces, and no space between)")
    })
  it("[RIVAL8] and what was put beside a copy that is not written tells how it reads by itself", async () => {
    const cohort = await yearly()
    expect(await told(cohort, "B")).toBe("“to send a monthly report”")
    expect(await told(cohort, "F")).toBe("“to send a  detailedmonthly report” (with two spaces, and no space between)")
  })
})

describe("words that stood apart", () => {
  const school = (): Promise<Cohort> =>
    scene("on the internet;", ["S", types("internet", " and in school")], ["B", replaces("school;", "class;")])
  it("[RIVAL8 RES1] where a part waits for the words between", async () =>
    expect(await told(await school(), "B")).toBe("“the internetclass;” (with no space between)"))
  for (const how of ["notRetain", "withdraw"] as const)
    it(`[RIVAL8 RES2] where the words between have gone: ${how}`, async () => {
      const cohort = await school()
      await cohort.decide([idOf(cohort, "S")], how)
      await cohort.settle()
      expect(await told(cohort, "B")).toBe("“the internetclass;” (with no space between)")
    })
  it("[RIVAL8] where they have gone by the hand of who wrote them", async () => {
    const cohort = await school()
    cohort.members[0]!.session.undoManager.undo()
    await cohort.settle()
    expect(await told(cohort, "B")).toBe("“the internetclass;” (with no space between)")
  })
  it("[RIVAL8] not where they are agreed", async () => {
    const cohort = await school()
    await cohort.decide([idOf(cohort, "S")], "accept")
    await cohort.settle()
    expect(await told(cohort, "B")).toBe("“internet and in class;”")
  })
  it("[RIVAL8] where two deletions meet, and neither has both", async () => {
    const cohort = await scene("keep red or blue lamps", ["S", strikes("red or ")], ["B", strikes(" red")])
    expect(await told(cohort, "S", "B")).toBe("“keepblue lamps” (with no space between)")
  })
  it("[RIVAL8] not where the source has written so, nor where the text in force has it", async () => {
    expect(await told(await scene("a photocopy", ["B", replaces("copy", "graph")]), "B")).toBe("“a photograph”")
    expect(await told(await scene("a well  known list", ["B", replaces("list", "book")]), "B")).toBe("“well  known book”")
    expect(await told(await scene("a long list", ["B", strikes("long")]), "B")).toBe("“a  list”")
  })
})

describe("what stands beside a change was agreed since it was written", () => {
  const accept = async (cohort: Cohort, ...sources: string[]): Promise<void> => {
    for (const source of sources) expect(await cohort.decide([idOf(cohort, source)], "accept")).toBe(true)
    await cohort.settle()
  }
  /** Brazil replaces a word, and others put more between what goes and what comes. */
  const register = (...more: readonly (readonly [string, string])[]): Promise<Cohort> =>
    scene(
      "to keep a register of all boats",
      ["B", replaces("register", "roll")],
      ...more.map(([source, words]): [string, (member: Member) => void] => [
        source,
        (member) => member.type(1, member.text(1).indexOf("roll"), words),
      ]),
    )
  const both = " (with two spaces, and no space between)"
  it("[RIVAL8] the card of what is left tells both flaws, in either order", async () => {
    const cohort = await register(["S", " and list"])
    await accept(cohort, "S")
    expect(await told(cohort, "B")).toBe(`“to keep a  and listroll of all boats”${both}`)
    const other = await register(["S", " and list"])
    await accept(other, "B")
    expect(await told(other, "S")).toBe(`“to keep a  and listroll of all boats”${both}`)
  })
  it("[RIVAL8] with three at one place, that of each, alone and together", async () => {
    const three = (): Promise<Cohort> => register(["S", " and list"], ["F", " and book"])
    const cohort = await three()
    await accept(cohort, "S")
    const [b, f] = ["B", "F"].map((source) => idOf(cohort, source)) as [string, string]
    expect(readingSaid(reads(cohort, b, f)!)).toBe(`“to keep a  and list and bookroll of all boats”${both}`)
    expect(readingSaid(reads(cohort, b)!)).toBe(`“to keep a  and listroll of all boats”${both}`)
    expect(reads(cohort, f)!.flaws).toEqual([])
    await accept(cohort, "F")
    expect(await told(cohort, "B")).toBe(`“to keep a  and list and bookroll of all boats”${both}`)
  })
  it("[RIVAL8] a copy of which only what comes was accepted", async () => {
    const cohort = await scene("a yearly report", ["S", replaces("yearly", "monthly")], ["B", replaces("yearly", "monthly")])
    const change = cohort.changes().find(({ source }) => source === "S")!
    const [{ id, hash }] = seenIn(cohort.room.gate, [change.id]) as [{ id: string; hash: string }]
    await cohort.act("accept", (gate) => {
      const done = finished(decideChanges(gate, [{ id, hash, part: { side: "in" } }], "accept", { isPartial: false }))
      return { row: done.row, decidedBlocks: done.blocks, details: {} }
    })
    await cohort.settle()
    const left = cohort.changes().find(({ source }) => source === "B")
    expect(left && readingSaid(reads(cohort, left.id)!)).toBe("“a monthlymonthly report” (with no space between)")
  })
  it("[RIVAL8] words beside it went", async () => {
    const cohort = await scene("keep red or blue lamps", ["S", strikes("red or ")], ["B", strikes(" red")])
    await accept(cohort, "S")
    expect(await told(cohort, "B")).toBe("“keepblue lamps” (with no space between)")
    const other = await scene("keep red or blue lamps", ["B", types("red or", " old")], ["S", strikes(" blue lamps")])
    await accept(other, "S")
    expect(reads(other, idOf(other, "B"))!.flaws).toEqual([])
  })
  it("[RIVAL8] not where it was written since, nor where the decision was taken back", async () => {
    const cohort = await scene("a long list", ["S", types("list", " of photo")])
    await accept(cohort, "S")
    const b = cohort.member("B")
    await cohort.settle()
    b.type(1, b.text(1).length, "graphs")
    await cohort.settle()
    expect(reads(cohort, idOf(cohort, "B"))!.flaws).toEqual([])
    const back = await scene("a fast boat", ["S", strikes("fast")], ["B", types("fast", "er")])
    await accept(back, "S")
    expect(await back.takeBack(1)).toBe(true)
    await back.settle()
    expect(readingSaid(reads(back, idOf(back, "B"))!)).toBe("“a faster boat”")
  })
  it("[RIVAL8] also where the clause was joined to another since", async () => {
    const cohort = new Cohort(draftState([head("resolves"), clause("to begin,", "a"), clause("to keep a register", "b")]))
    const [b, s] = ["B", "S"].map((source) => cohort.member(source)) as [Member, Member]
    await cohort.settle()
    b.replace(2, 10, 18, "roll")
    await cohort.settle()
    s.type(2, s.text(2).indexOf("roll"), " and list")
    await cohort.settle()
    await accept(cohort, "S")
    s.session.undoManager.stopCapturing()
    s.session.restructuring.join(2)
    await cohort.settle()
    await accept(cohort, "S")
    expect(readingSaid(reads(cohort, idOf(cohort, "B"))!)).toMatch(/ keep a {2}and listroll” \(with two spaces, and no space between\)$/)
  })
})

describe("on random drafts", () => {
  const rounds = Number(process.env.READS ?? "120")
  it(`[RIVAL8] what is told is what then stands in the text, ${rounds} times`, async () => {
    const seen = { read: 0, flawed: 0 }
    for (let seed = 1; seed <= rounds; seed++) {
      const r = random(seed)
      const cohort = new Cohort(draftState([head("resolves"), clause("to keep a lamp at every mole,", "a")]))
      const members = ["S", "B", "J"].map((source) => cohort.member(source))
      await cohort.settle()
      for (let act = 0; act < 7; act++) {
        const member = r.pick(members)
        member.session.undoManager.stopCapturing()
        const { length } = member.text(1)
        const from = r.below(Math.max(1, length - 8))
        const to = from + 1 + r.below(7)
        if (r.next() < 0.4) member.type(1, from, r.pick([" old", "red ", "x"]))
        else if (r.next() < 0.5) member.delete(1, from, to)
        else member.replace(1, from, to, r.pick(["pier", " quay"]))
        await cohort.settle()
      }
      for (let open = cohort.changes(); open.length > 0; ) {
        const { id } = r.pick(open)
        const read = reads(cohort, id)
        const was = working(cohort)
        const isAccepted = r.next() < 0.7
        if (!(await cohort.decide([id], isAccepted ? "accept" : "notRetain"))) break
        await cohort.settle()
        if (isAccepted) {
          if (read) expect(working(cohort), `seed ${seed}: ${id}`).toContain(read.words)
          else expect(working(cohort), `seed ${seed}: ${id}`).toBe(was)
          seen.read += read ? 1 : 0
          seen.flawed += read && read.flaws.length > 0 ? 1 : 0
        }
        const noted = notedIn(cohort.room.main)
        open = cohort.changes().filter((change) => !noted.has(change.id))
      }
    }
    for (const [name, n] of Object.entries(seen)) expect(n, name).toBeGreaterThan(0)
  })
})

describe("a sign that opens is glued as a word is", () => {
  for (const words of ["(list)", "[list]", "“list”"])
    for (const [first, second] of [
      ["S", "F"],
      ["F", "S"],
    ] as const)
      it(`[RIVAL8] ${words} behind words of another: the cards tell it together, and that of ${second} alone once the other is agreed`, async () => {
        const cohort = await scene("keep a roll of boats", ["S", types("roll", " of ships and crews")], ["F", types("crews", words)])
        const said = `of ships and crews${words} of boats” (with no space between)`
        const read = reads(cohort, idOf(cohort, "S"), idOf(cohort, "F"))
        expect(read && readingSaid(read)).toContain(said)
        expect(await cohort.decide([idOf(cohort, first)], "accept")).toBe(true)
        await cohort.settle()
        expect(await told(cohort, second)).toMatch(/crews.list.* of boats” \(with no space between\)$/)
      })
})

import { describe, expect, it } from "vitest"
import { describeChange } from "../shared/changes/changes.ts"
import { proposedTextOf, workingTextOf } from "../shared/changes/projections.ts"
import { type Block, isPresent, textOf } from "../shared/schema/block.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort, type Member, signature, signatureOfState, structureSignature } from "./cohort.ts"

type Act = (member: Member) => void

/** Whatever is proposed about the clause "to report on it," as a whole, or beside it. */
const sorts: Readonly<Record<string, Act>> = {
  "a new clause behind it": (member) => member.session.tracking.addClauseWith(3, "to add"),
  "several new clauses behind it": (member) => {
    member.session.tracking.addClauseWith(3, "to add")
    member.session.tracking.addClauseWith(4, "to go on")
    member.session.tracking.addClauseWith(4, "to put between")
  },
  "a new clause before it": (member) => member.session.tracking.addClauseWith(2, "to add"),
  "a deletion": (member) => member.session.restructuring.deleteClause(2),
  "a move down": (member) => member.session.restructuring.moveClause(2, 1),
  "a move up": (member) => member.session.restructuring.moveClause(2, -1),
  "a level": (member) => member.session.restructuring.changeLevel(2, 1),
  "a join": (member) => void member.session.restructuring.join(2),
  "a join of the next": (member) => void member.session.restructuring.join(3),
  "a split": (member) => member.session.tracking.split({ index: 2, at: 6 }),
  "a move behind it": (member) => member.session.restructuring.moveClause(4, -1),
}

const decided: Readonly<Record<string, Act>> = {
  "a split": (member) => member.session.tracking.split({ index: 2, at: 10 }),
  "two splits": (member) => {
    member.session.tracking.split({ index: 2, at: 13 })
    member.session.tracking.split({ index: 2, at: 10 })
  },
  "a split of the one before": (member) => member.session.tracking.split({ index: 1, at: 11 }),
  "a join": sorts["a join"]!,
  "a join of the next": sorts["a join of the next"]!,
  "a move down": sorts["a move down"]!,
  "a move up": sorts["a move up"]!,
}

/** Sweden is without a line (or only not heard yet), Brazil's act is accepted, and then Sweden's arrives; or all were there in time. */
async function scene(own: Act, their: Act, arrival: "in time" | "offline" | "in flight"): Promise<Cohort> {
  const words = ["to publish orbits;", "to report on it,", "to end,", "to begin,"]
  const cohort = new Cohort(draftState([head("resolves"), ...words.map((text, i) => clause(text, `c${i}`))]))
  const [s, b] = [cohort.member("S"), cohort.member("B")]
  await cohort.settle()
  if (arrival === "offline") s.cut()
  if (arrival !== "in time") cohort.members.splice(cohort.members.indexOf(s), 1)
  own(s)
  their(b)
  await cohort.settle()
  const ids = cohort.changes().flatMap((change) => (change.source === "B" ? [change.id] : []))
  expect(await cohort.decide(ids, "accept"), cohort.refusal?.message).toBe(true)
  await cohort.settle()
  if (arrival !== "in time") cohort.members.push(s)
  await cohort.settle()
  sound(cohort)
  return cohort
}

function sound(cohort: Cohort): void {
  expect(cohort.refusals).toEqual([])
  expect(cohort.faults).toEqual([])
  for (const doc of [cohort.replayed(), ...cohort.members.map((member) => member.session.doc)]) {
    expect(signature(doc)).toBe(signature(cohort.room.main))
    expect(structureSignature(doc)).toBe(structureSignature(cohort.room.main))
  }
  for (const member of cohort.members) expect(signatureOfState(member.state)).toBe(signature(cohort.room.main))
}

const lines = (list: readonly Block[]): string =>
  list
    .filter(isPresent)
    .map((block) => `${">".repeat(block.level - 1)}${textOf(block)}`)
    .join("|")
const proposed = (cohort: Cohort): string => lines(proposedTextOf(blocksOf(cohort.room.main)))

const told = (cohort: Cohort): string[] => {
  const blocks = blocksOf(cohort.room.main)
  const open = cohort.changes().map((change) => `${change.source}: ${describeChange(change)}`)
  return [lines(blocks), lines(workingTextOf(blocks)), proposed(cohort), ...open]
}

describe("what comes late to a clause of which a decision made something else", () => {
  let compared = 0
  for (const [name, their] of Object.entries(decided))
    for (const [own, act] of Object.entries(sorts))
      it(`[GATE8] ${own}, late for ${name}, is as if it had been in time`, async () => {
        const inTime = await scene(act, their, "in time")
        const late = await scene(act, their, "offline")
        // What competes with the decision ends in time; late it stays open, for an update is no decision. What has become its own neighbour does not move.
        if (inTime.changes().length === 0 || (own === "a move down" && name === "a join of the next")) return
        compared++
        expect(told(late)).toEqual(told(inTime))
      })
  it("[GATE8] most of these were compared", () => expect(compared).toBeGreaterThan(60))

  const behind = "resolves|to publish orbits;|to report |on it,|to add|to end,|to begin,"
  it("[GATE8] a new clause that is on its way while the one before it is split stands behind both halves", async () =>
    expect(proposed(await scene(sorts["a new clause behind it"]!, decided["a split"]!, "in flight"))).toBe(behind))

  it("[GATE8] so does one that is written clause by clause before its writer has heard, and all that is written in it since", async () => {
    const cohort = await scene(() => undefined, decided["a split"]!, "in flight")
    const s = cohort.members.find(({ source }) => source === "S")!
    const b = cohort.members.find(({ source }) => source === "B")!
    b.session.tracking.split({ index: 4, at: 3 })
    await cohort.settle()
    s.cut()
    const ids = cohort.changes().map(({ id }) => id)
    await cohort.decide(ids, "accept")
    s.session.tracking.addClauseWith(5, "first")
    s.connect()
    // Each arrives in an update of its own, and nothing of the decision has arrived at its writer yet.
    s.session.tracking.addClauseWith(6, "second")
    s.session.tracking.addClauseWith(6, "between")
    s.type(5, 5, " more")
    await cohort.settle()
    s.type(s.state.doc.childCount - 1, 0, "still ")
    await cohort.settle()
    expect(proposed(cohort)).toBe("resolves|to publish orbits;|to report |on it,|to |end,|first more|between|second|still to begin,")
    sound(cohort)
  })

  it("[GATE8] a new clause stands behind both halves also where these come to be split again, moved and joined", async () => {
    const cohort = await scene(() => undefined, decided["a split"]!, "in time")
    const [s, b] = [cohort.members[0]!, cohort.members[1]!]
    s.cut()
    cohort.members.splice(0, 1)
    s.session.tracking.addClauseWith(4, "to add")
    const halves: readonly Act[] = [
      (member) => member.session.tracking.split({ index: 3, at: 3 }),
      (member) => member.session.tracking.split({ index: 4, at: 1 }),
    ]
    for (const halve of halves) {
      halve(b)
      await cohort.settle()
      await cohort.decide(
        cohort.changes().map(({ id }) => id),
        "accept",
      )
      await cohort.settle()
    }
    cohort.members.push(s)
    await cohort.settle()
    expect(proposed(cohort)).toBe("resolves|to publish orbits;|to report |on |i|t,|to add|to end,|to begin,")
    sound(cohort)
  })

  it("[GATE8] who has heard of a split puts a new clause between the halves, and proposes something about one of them", async () => {
    const cohort = await scene(() => undefined, decided["a split"]!, "in time")
    const s = cohort.members[0]!
    s.cut()
    s.session.tracking.addClauseWith(3, "to add")
    s.session.restructuring.deleteClause(2)
    await cohort.settle()
    expect(proposed(cohort)).toBe("resolves|to publish orbits;|to add|on it,|to end,|to begin,")
    sound(cohort)
  })

  it("[GATE8] a split is taken back with a clause behind both halves, which stays where it is", async () => {
    const cohort = await scene(sorts["a new clause behind it"]!, decided["a split"]!, "offline")
    expect(await cohort.takeBack(1), cohort.refusal?.message).toBe(true)
    await cohort.settle()
    expect(lines(workingTextOf(blocksOf(cohort.room.main)))).toBe("resolves|to publish orbits;|to report on it,|to end,|to begin,")
    expect(lines(blocksOf(cohort.room.main).map((block) => ({ ...block, runs: block.runs.filter(({ text }) => text !== "\u2029") })))).toBe(
      "resolves|to publish orbits;|to report on it,|to add|to end,|to begin,",
    )
    await cohort.decide(
      cohort.changes().flatMap(({ id, source }) => (source === "S" ? [id] : [])),
      "accept",
    )
    await cohort.settle()
    expect(lines(workingTextOf(blocksOf(cohort.room.main)))).toBe("resolves|to publish orbits;|to report on it,|to add|to end,|to begin,")
    sound(cohort)
  })

  it("[GATE8] a new clause that was put behind both halves is taken back by its writer, and not retained by the chair", async () => {
    for (const verdict of ["undo", "withdraw", "notRetain"] as const) {
      const cohort = await scene(sorts["several new clauses behind it"]!, decided["a split"]!, "offline")
      const s = cohort.members.find(({ source }) => source === "S")!
      const ids = cohort.changes().map(({ id }) => id)
      if (verdict === "undo") for (let i = 0; i < 3; i++) s.session.undoManager.undo()
      else await cohort.decide(ids, verdict)
      await cohort.settle()
      await cohort.muchLater()
      await cohort.settle()
      expect(cohort.changes(), verdict).toEqual([])
      expect(proposed(cohort)).toBe("resolves|to publish orbits;|to report |on it,|to end,|to begin,")
      sound(cohort)
    }
  })
})

describe("what is led on keeps the name of what it stands in, for that went there too", () => {
  const late: Readonly<Record<string, [act: Act, told: string]>> = {
    "a deletion": [(s) => s.delete(1, 21, 26), "S: delete “stars”"],
    "a replacement": [(s) => s.replace(1, 18, 20, "and"), "S: replace “or” by “and”"],
    "an insertion": [(s) => s.type(1, 21, "old "), "S: insert “old ”"],
  }
  for (const [what, [act, told]] of Object.entries(late))
    it(`[GATE8 GATE14] ${what} in words of another, while a split takes these to another clause`, async () => {
      const cohort = new Cohort(draftState([head("resolves"), clause("to publish orbits, and lines;", "c1"), clause("to end.", "c2")]))
      const [s, b, j] = ["S", "B", "J"].map((source) => cohort.member(source)) as [Member, Member, Member]
      await cohort.settle()
      b.type(1, 17, " or stars")
      await cohort.settle()
      expect(cohort.changes().map(({ inserted }) => inserted)).toEqual([" or stars"])
      const [host] = cohort.changes()
      s.cut()
      cohort.members.splice(cohort.members.indexOf(s), 1)
      act(s)
      j.session.tracking.split({ index: 1, at: 10 })
      await cohort.settle()
      await cohort.decide([cohort.changes().find(({ source }) => source === "J")!.id], "accept")
      await cohort.settle()
      cohort.members.push(s)
      await cohort.settle()
      const theirs = cohort.changes().filter(({ source }) => source === "S")
      expect(theirs.map((change) => `S: ${describeChange(change)}`)).toEqual([told])
      await cohort.decide([host!.id], "notRetain")
      await cohort.settle()
      expect(cohort.changes(), "it ends with what it stands in").toEqual([])
      expect(cohort.faults).toEqual([])
    })
})

import { describe, expect, it } from "vitest"
import { beginThread } from "../server/acts/threads.ts"
import { inverse } from "../shared/changes/back.ts"
import { flawOfTakingBack } from "../shared/changes/back-flaws.ts"
import { standsInTheWay } from "../shared/changes/back-plan.ts"
import { changesIn, describeChange } from "../shared/changes/changes.ts"
import type { Moment } from "../shared/changes/moment.ts"
import type { ProposalEntry } from "../shared/changes/outcome.ts"
import { workingTextOf } from "../shared/changes/projections.ts"
import { changeHash, sightOf } from "../shared/changes/sight.ts"
import { type Block, defaultAttrs, isPresent, type Mark, noStructure, textOf } from "../shared/schema/block.ts"
import type { PlacedRun } from "../shared/schema/runs.ts"
import { blockOfNode, newMark } from "../shared/schema/schema.ts"
import { originsOf } from "../shared/sync/origins.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { linksIn, roots } from "../shared/sync/roots.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort, signature, signatureOfState, standing } from "./cohort.ts"

const start = (): Cohort =>
  new Cohort(
    draftState([
      head("resolves"),
      clause("to continue the work of the group;", "c1"),
      clause("to report,", "c2"),
      clause("to meet.", "c3"),
    ]),
  )
const working = (cohort: Cohort): string => workingTextOf(blocksOf(cohort.room.main)).map(textOf).join("|")
const open = (cohort: Cohort): string[] => cohort.changes().map((change) => `${change.source}: ${describeChange(change)}`)
const hashes = (cohort: Cohort): string[] => {
  const sight = sightOf(blocksOf(cohort.room.main), originsOf(cohort.room.main))
  return changesIn(sight.blocks).map((change) => `${change.id} ${changeHash(change, sight)}`)
}
const seen = (member: ReturnType<Cohort["member"]>): string =>
  Array.from({ length: member.state.doc.childCount }, (_, i) => member.text(i))
    .filter(Boolean)
    .join("|")
const last = (cohort: Cohort): number => cohort.log.entries.at(-1)!.n

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

/** A clause of runs, each from the clock where it was written on. */
const placed = (text: string, clock: number, ...marks: Mark[]): PlacedRun => ({ text, marks, client: 1, clock })
const block = (id: string, ...runs: PlacedRun[]): Block => ({ ...defaultAttrs, id, type: "clause", runs, structure: noStructure })
const moment = (blocks: readonly Block[], fates: Record<string, ProposalEntry> = {}): Moment => ({
  heard: 0,
  blocks,
  elements: new Map(blocks.map(({ id }, n) => [id, { client: 9, clock: n }])),
  entries: new Map(),
  proposals: new Map(Object.entries(fates)),
  given: new Map(),
  labels: {},
  twins: new Map(),
  links: new Map(),
  anchors: new Map(),
})
const own = newMark("insertion", { id: "S.1.1", source: "S" })
const strike = newMark("deletion", { id: "B.2.1", source: "B" })
const accepted: Record<string, ProposalEntry> = { "S.1.1": { status: "accepted", source: "S" } }
const before = moment([block("c", placed("it ", 0), placed("lit", 10, own))])
const after = moment([block("c", placed("it ", 0), placed("lit", 10))], accepted)
const inTheWay = (now: Moment, was = before, became = after): string[] | null => {
  const made = inverse(was, became, now, (letter) => letter)
  return standsInTheWay(made) ? [...made.blocks, ...made.changes, ...made.proposed] : null
}

describe("what stands in the way of taking back", () => {
  it("[BACK3] nothing, where nothing was decided since, whatever was typed", () => {
    expect(inTheWay(after)).toBeNull()
    const typed = moment(
      [
        block(
          "c",
          placed("it ", 0),
          placed("l", 10),
          placed("x", 30, newMark("insertion", { id: "B.2.9", source: "B" })),
          placed("it", 11, strike),
        ),
      ],
      accepted,
    )
    expect(inTheWay(typed)).toBeNull()
  })
  it("[BACK3] nothing, where others decided at other words of the clause", () =>
    expect(inTheWay(moment([block("c", placed("t ", 1), placed("lit", 10), placed("!", 40))], accepted))).toBeNull())
  it("[BACK3] letters that it made agreed and that a later decision took out", () =>
    expect(inTheWay(moment([block("c", placed("it ", 0), placed("l", 10))], accepted))).toEqual(["c"]))
  it("[BACK3] letters that went elsewhere", () =>
    expect(inTheWay(moment([block("c", placed("it ", 0)), block("d", placed("lit", 10))], accepted))).toEqual(["c", "d"]))
  it("[BACK3] a change that became something else since", () =>
    expect(inTheWay(moment(after.blocks, { "S.1.1": { status: "notRetained", source: "S" } }))).toEqual(["S.1.1"]))
  it("[BACK3] letters that it took out and that are back", () =>
    expect(inTheWay(before, after, moment([block("c", placed("it ", 0))]))).toEqual(["c"]))
  it("[BACK3] a proposal on letters that went, which was decided while they were gone", () => {
    const struck = moment([block("c", placed("it ", 0), placed("lit", 10, own, strike))])
    const gone = (fates = {}): Moment => moment([block("c", placed("it ", 0))], { "S.1.1": { status: "withdrawn", source: "S" }, ...fates })
    expect(inTheWay(gone(), struck, gone())).toBeNull()
    expect(inTheWay(gone({ "B.2.1": { status: "accepted", source: "B" } }), struck, gone())).toEqual(["B.2.1"])
  })
  it("[BACK3] open words may have been taken back by who wrote them, and agreed ones by nobody", () => {
    const struck = moment([block("c", placed("it ", 0), placed("lit", 10, own, strike))])
    const left = moment([block("c", placed("it ", 0), placed("lit", 10, own))], { "B.2.1": { status: "notRetained", source: "B" } })
    const gone = (fates = {}): Moment =>
      moment([block("c", placed("it ", 0))], { "B.2.1": { status: "notRetained", source: "B" }, ...fates })
    expect(inTheWay(gone(), struck, left)).toBeNull()
    expect(inTheWay(gone(accepted), struck, left)).toEqual(["c"])
  })
})

const again = (now: Moment, result: readonly Block[]): string | null => {
  const plan = inverse(before, after, now, (letter) => letter)
  return standsInTheWay(plan) ? "in the way" : flawOfTakingBack(plan, now, result, (letter) => letter)
}

describe("the proof of taking back", () => {
  it("[BACK2] all as it was is sound", () => expect(again(after, before.blocks)).toBeNull())
  it("[BACK2] letters that stay agreed, go, come from nowhere, change places or are another's are found", () => {
    const flawed = (...runs: PlacedRun[]): string | null => again(after, [block("c", ...runs)])
    expect(flawed(placed("it ", 0), placed("lit", 10))).toMatch(/whose letters/)
    expect(flawed(placed("it ", 0), placed("li", 10, own))).toMatch(/which go/)
    expect(flawed(placed("it ", 0), placed("lit", 10, own), placed("x", 50))).toMatch(/nobody wrote/)
    expect(flawed(placed("lit", 10, own), placed("it ", 0))).toMatch(/order/)
    expect(flawed(placed("it ", 0), placed("lit", 10, newMark("insertion", { id: "B.2.1", source: "B" })))).toMatch(/whose letters/)
    expect(flawed(placed("it ", 0, strike), placed("lit", 10, own))).toMatch(/who strikes/)
  })
})

type Scene = (cohort: Cohort, s: ReturnType<Cohort["member"]>, b: ReturnType<Cohort["member"]>) => void
const scenes: Record<string, Scene> = {
  insertion: (_, s) => s.type(1, 11, " and to extend"),
  deletion: (_, s) => s.delete(1, 3, 12),
  replacement: (_, s) => s.replace(1, 3, 11, "resume"),
  "new clause": (_, s) => {
    s.session.tracking.addClause(2, null)
    s.type(2, 0, "to ask")
  },
  "clause deletion": (_, s) => void s.session.restructuring.deleteClause(2),
  split: (_, s) => void s.session.tracking.split({ index: 1, at: 15 }),
  join: (_, s) => void s.session.restructuring.join(2),
  move: (_, s) => void s.session.restructuring.moveClause(2, -1),
  level: (_, s) => void s.session.restructuring.changeLevel(2, 1),
}

describe("taking back", () => {
  for (const [name, scene] of Object.entries(scenes))
    for (const verdict of ["accept", "notRetain"] as const)
      it(`[BACK1] a ${name}, ${verdict}: text, proposals and their hashes are what they were`, async () => {
        const cohort = start()
        const [s, b] = [cohort.member("S"), cohort.member("B")]
        await cohort.settle()
        b.type(1, 33, " and others")
        scene(cohort, s, b)
        await cohort.settle()
        const was = { text: working(cohort), open: open(cohort), hashes: hashes(cohort), seen: seen(s) }
        const changes = cohort.changes().flatMap((change) => (change.source === "S" ? [change.id] : []))
        expect(await cohort.decide(changes, verdict)).toBe(true)
        await cohort.settle()
        expect(hashes(cohort)).not.toEqual(was.hashes)
        expect(await cohort.takeBack(last(cohort))).toBe(true)
        await cohort.settle()
        expect({ text: working(cohort), open: open(cohort), hashes: hashes(cohort), seen: seen(s) }).toEqual(was)
        // And it can be decided again.
        expect(await cohort.decide(changes, verdict)).toBe(true)
        await cohort.settle()
        sound(cohort)
      })
})

describe("taking back after others went on", () => {
  async function opened(): Promise<{ cohort: Cohort; s: ReturnType<Cohort["member"]>; b: ReturnType<Cohort["member"]> }> {
    const cohort = start()
    const [s, b] = [cohort.member("S"), cohort.member("B")]
    await cohort.settle()
    return { cohort, s, b }
  }
  const decideAll = async (cohort: Cohort, source: string, verdict: "accept" | "notRetain"): Promise<number> => {
    const ids = cohort.changes().flatMap((change) => (change.source === source ? [change.id] : []))
    expect(await cohort.decide(ids, verdict)).toBe(true)
    await cohort.settle()
    return last(cohort)
  }

  for (const writer of ["B", "S"] as const)
    it(`[BACK1 BIND2] what ${writer} typed into accepted words is drawn as ${writer}'s where these are open again, in pages that saw it come`, async () => {
      const { cohort, s, b } = await opened()
      s.type(1, 11, " and to extend")
      await cohort.settle()
      const n = await decideAll(cohort, "S", "accept")
      const late = { B: b, S: s }[writer]
      late.type(1, 18, "XX")
      await cohort.settle()
      expect(await cohort.takeBack(n)).toBe(true)
      await cohort.settle()
      const inner = open(cohort).find((change) => change.includes("XX"))
      expect(inner).toBe(`${writer}: insert “XX”`)
      for (const { state } of cohort.members) {
        const drawn = changesIn(state.doc.children.map(blockOfNode)).map((change) => `${change.source}: ${describeChange(change)}`)
        expect(drawn.sort()).toEqual(open(cohort).sort())
      }
      sound(cohort)
    })

  it.each([
    { what: "a word of", from: 19, to: 22, by: "", proposed: "delete “ext”", text: "to continue and to end the work" },
    { what: "words and agreed ones of", from: 19, to: 31, by: "", proposed: "delete “extend the w”", text: "to continue and to ork" },
    {
      what: "and replaces a word of",
      from: 19,
      to: 25,
      by: "end",
      proposed: "replace “extend” by “end”",
      text: "to continue and to end the work",
    },
  ])(
    "[BACK1 TRK2] who strikes $what accepted words strikes it still where these are open again",
    async ({ from, to, by, proposed, text }) => {
      const { cohort, s, b } = await opened()
      s.type(1, 11, " and to extend")
      await cohort.settle()
      const n = await decideAll(cohort, "S", "accept")
      if (by) b.replace(1, from, to, by)
      else b.delete(1, from, to)
      await cohort.settle()
      expect(await cohort.takeBack(n)).toBe(true)
      await cohort.settle()
      expect(open(cohort).sort()).toEqual([`B: ${proposed}`, "S: insert “ and to extend”"])
      sound(cohort)
      await decideAll(cohort, "S", "accept")
      await decideAll(cohort, "B", "accept")
      expect(working(cohort)).toContain(text)
      sound(cohort)
    },
  )

  it("[BACK1] what another strikes on both sides of words that come back stays what it strikes", async () => {
    const { cohort, s, b } = await opened()
    s.delete(1, 12, 16)
    await cohort.settle()
    const n = await decideAll(cohort, "S", "accept")
    b.delete(1, 3, 16)
    await cohort.settle()
    expect(open(cohort)).toEqual(["B: delete “continue work”"])
    expect(await cohort.takeBack(n)).toBe(true)
    await cohort.settle()
    expect(working(cohort)).toBe("resolves|to continue the work of the group;|to report,|to meet.")
    expect(open(cohort)).toEqual(["B: delete “continue  … work”", "S: delete “the ”"])
    sound(cohort)
  })

  /** Words go and come back, while another deletion is under way that was made before or after its writer heard of the decision. */
  async function struckLate(hasHeard: boolean, from: number, to: number): Promise<string[]> {
    const { cohort, s, b } = await opened()
    s.delete(1, 12, 16)
    await cohort.settle()
    const ids = cohort.changes().map(({ id }) => id)
    if (!hasHeard) b.delete(1, from, to)
    expect(await cohort.decide(ids, "accept")).toBe(true)
    if (hasHeard) {
      b.deliverDown()
      b.delete(1, from, to)
    }
    expect(await cohort.takeBack(last(cohort))).toBe(true)
    await cohort.settle()
    expect(working(cohort)).toBe("resolves|to continue the work of the group;|to report,|to meet.")
    sound(cohort)
    return open(cohort).filter((change) => change.startsWith("B:"))
  }

  it("[BACK1] a deletion that arrives late strikes nothing that its writer did not see", async () =>
    expect(await struckLate(true, 3, 16)).toEqual(["B: delete “continue  … work”"]))
  it("[BACK1] nor what stands beside it", async () => {
    expect(await struckLate(true, 12, 16)).toEqual(["B: delete “work”"])
    expect(await struckLate(false, 16, 20)).toEqual(["B: delete “work”"])
    expect(await struckLate(false, 3, 12)).toEqual(["B: delete “continue ”"])
  })
  it("[BACK1] and it strikes all that its writer saw, or only the end of what came back", async () => {
    expect(await struckLate(false, 3, 20)).toEqual(["B: delete “continue the work”"])
    expect(await struckLate(false, 14, 20)).toEqual(["B: delete “e work”"])
    expect(await struckLate(false, 3, 14)).toEqual(["B: delete “continue th”"])
  })

  it("[BACK1] words typed in the middle of others that went and came back meanwhile stand in the middle", async () => {
    const { cohort, s, b } = await opened()
    s.delete(1, 12, 16)
    await cohort.settle()
    const ids = cohort.changes().map(({ id }) => id)
    b.type(1, 14, "Q")
    expect(await cohort.decide(ids, "accept")).toBe(true)
    expect(await cohort.takeBack(last(cohort))).toBe(true)
    await cohort.settle()
    expect(seen(s)).toContain("continue thQe work")
    sound(cohort)
  })

  it("[BACK1] what a deletion covered that arrived between the two is struck again", async () => {
    const { cohort, s, b } = await opened()
    s.delete(1, 12, 16)
    await cohort.settle()
    b.delete(1, 3, 20)
    expect(
      await cohort.decide(
        cohort.changes().map(({ id }) => id),
        "accept",
      ),
    ).toBe(true)
    b.deliverUp()
    await cohort.tick()
    expect(await cohort.takeBack(last(cohort))).toBe(true)
    await cohort.settle()
    expect(open(cohort)).toEqual(["B: delete “continue the work”", "S: delete “the ”"])
    sound(cohort)
  })

  it("[BACK1] words that go a second time, and signs of two halves, come back as they were", async () => {
    const { cohort, s, b } = await opened()
    s.type(1, 11, " 😀é😀")
    await cohort.settle()
    for (let round = 0; round < 2; round++) {
      const n = await decideAll(cohort, "S", "notRetain")
      b.delete(1, 3, 16)
      await cohort.settle()
      expect(await cohort.takeBack(n)).toBe(true)
      await cohort.settle()
      b.session.undoManager.undo()
      await cohort.settle()
    }
    expect(open(cohort)).toEqual(["S: insert “ 😀é😀”"])
    sound(cohort)
  })

  it("[BACK1] a deletion that its writer takes back and makes again, late, strikes what it struck", async () => {
    const { cohort, s } = await opened()
    s.session.undoManager.stopCapturing()
    s.delete(1, 12, 16)
    await cohort.settle()
    const ids = cohort.changes().map(({ id }) => id)
    expect(await cohort.decide(ids, "accept")).toBe(true)
    s.deliverDown()
    expect(await cohort.takeBack(last(cohort))).toBe(true)
    s.session.undoManager.undo()
    s.session.undoManager.redo()
    await cohort.settle()
    expect(open(cohort)).toEqual(["S: delete “the ”"])
    sound(cohort)
  })

  it("[BACK1] an undo takes out the words of its writer that came back, and a redo that is late changes nothing agreed", async () => {
    const { cohort, s } = await opened()
    s.session.undoManager.stopCapturing()
    s.replace(1, 3, 11, "resume")
    await cohort.settle()
    const n = await decideAll(cohort, "S", "notRetain")
    expect(await cohort.takeBack(n)).toBe(true)
    s.session.undoManager.undo()
    s.session.undoManager.redo()
    await cohort.settle()
    expect(working(cohort)).toBe("resolves|to continue the work of the group;|to report,|to meet.")
    expect(cohort.refusals).toEqual([])
    sound(cohort)
  })

  it("[BACK1] what was decided elsewhere stays decided, and what others typed stays typed", async () => {
    const { cohort, s, b } = await opened()
    s.replace(1, 3, 11, "resume")
    await cohort.settle()
    const n = await decideAll(cohort, "S", "accept")
    b.type(1, 31, " and others")
    b.type(2, 9, " yearly")
    await cohort.settle()
    await decideAll(cohort, "B", "accept")
    b.type(1, 6, "XX")
    await cohort.settle()
    expect(await cohort.takeBack(n)).toBe(true)
    await cohort.settle()
    expect(working(cohort)).toBe("resolves|to continue the work of the group and others;|to report yearly,|to meet.")
    expect(open(cohort).filter((change) => change.startsWith("B:"))).toEqual(["B: insert “XX”"])
    expect(open(cohort).filter((change) => change.startsWith("S:")).length).toBe(1)
    sound(cohort)
  })

  it("[BACK1] what of agreed words lies between comes back in pieces of one change", async () => {
    const { cohort, s, b } = await opened()
    s.type(1, 11, " and extend")
    await cohort.settle()
    const n = await decideAll(cohort, "S", "accept")
    b.type(1, 15, " really")
    await cohort.settle()
    await decideAll(cohort, "B", "accept")
    expect(working(cohort)).toContain("to continue and really extend the work")
    expect(await cohort.takeBack(n)).toBe(true)
    await cohort.settle()
    expect(working(cohort)).toContain("to continue really the work")
    expect(open(cohort)).toEqual(["S: insert “ and …  extend”"])
    sound(cohort)
  })

  it("[BACK3] what was decided at the same words is told, and last in, first out it goes back", async () => {
    const { cohort, s, b } = await opened()
    s.type(1, 11, " and extend")
    await cohort.settle()
    const first = await decideAll(cohort, "S", "accept")
    b.delete(1, 11, 15)
    await cohort.settle()
    const second = await decideAll(cohort, "B", "accept")
    const before = signature(cohort.room.main)
    expect(await cohort.takeBack(first)).toBe(false)
    expect(signature(cohort.room.main)).toBe(before)
    expect(await cohort.takeBack(second)).toBe(true)
    expect(await cohort.takeBack(first)).toBe(true)
    await cohort.settle()
    expect(working(cohort)).toBe("resolves|to continue the work of the group;|to report,|to meet.")
    sound(cohort)
  })

  it("[BACK1] a part that was decided is one with the rest again, and what was typed in the rest since", async () => {
    const { cohort, s } = await opened()
    s.type(1, 11, " one two")
    await cohort.settle()
    const [change] = cohort.changes()
    await cohort.decide([change!.id], "accept", new Map([[change!.id, { segment: 0, from: 0, to: 4 }]]))
    await cohort.settle()
    s.type(1, 19, " three")
    await cohort.settle()
    expect(await cohort.takeBack(last(cohort))).toBe(true)
    await cohort.settle()
    expect(cohort.changes().map(({ id, inserted }) => [id, inserted])).toEqual([[change!.id, " one two three"]])
    sound(cohort)
  })

  it("[BACK1] what its source made part of the rest since is part of the whole again", async () => {
    const { cohort, s } = await opened()
    s.replace(1, 3, 11, "resume")
    await cohort.settle()
    const [change] = cohort.changes()
    await cohort.decide([change!.id], "notRetain", new Map([[change!.id, { side: "out" }]]))
    const { next } = roots.proposals(cohort.room.gate.shadow).get(change!.id)!
    // Typed without having heard, it is of what took the place of the decided change.
    s.session.tracking.dispatch(s.state.tr.delete(s.pos(1, 17), s.pos(1, 21)))
    s.type(1, 3, "x")
    await cohort.settle()
    expect(cohort.changes().map(({ id }) => id)).toContain(next)
    expect(await cohort.takeBack(last(cohort))).toBe(true)
    await cohort.settle()
    expect(cohort.changes().map(({ id }) => id)).not.toContain(next)
    expect(cohort.changes().find(({ id }) => id === change!.id)).toMatchObject({ deleted: "continue the" })
    sound(cohort)
  })

  it("[BACK3] what is proposed about a clause needs it: what took it out is named first", async () => {
    const { cohort, s, b } = await opened()
    s.session.restructuring.changeLevel(2, 1)
    await cohort.settle()
    const level = await decideAll(cohort, "S", "notRetain")
    b.session.restructuring.join(2)
    await cohort.settle()
    const join = await decideAll(cohort, "B", "accept")
    expect(await cohort.takeBack(level)).toBe(false)
    expect(cohort.refusal?.details).toEqual({ first: [join] })
    expect(await cohort.takeBack(join)).toBe(true)
    expect(await cohort.takeBack(level)).toBe(true)
    await cohort.settle()
    expect(cohort.changes().map(({ source, kind }) => [source, kind])).toEqual([
      ["S", "level change"],
      ["B", "join"],
    ])
    sound(cohort)
  })

  it("[BACK3] a join is taken back once the move of the clause that it led into was", async () => {
    const { cohort, s, b } = await opened()
    b.session.restructuring.moveClause(2, 1)
    s.session.restructuring.join(3)
    await cohort.settle()
    const before = standing(cohort.room.gate.shadow)
    const join = await decideAll(cohort, "S", "accept")
    const move = await decideAll(cohort, "B", "accept")
    expect(await cohort.takeBack(move)).toBe(true)
    expect(await cohort.takeBack(join), cohort.refusal?.message).toBe(true)
    await cohort.settle()
    expect(hashes(cohort)).toEqual(before.hashes)
    expect(working(cohort)).toBe("resolves|to continue the work of the group;|to report,|to meet.")
    sound(cohort)
  })

  it("[BACK3] a split is not taken back before what was decided in the clause that it made", async () => {
    const { cohort, s, b } = await opened()
    s.session.tracking.split({ index: 1, at: 11 })
    await cohort.settle()
    const split = await decideAll(cohort, "S", "accept")
    b.type(2, 9, " good")
    await cohort.settle()
    const words = await decideAll(cohort, "B", "notRetain")
    expect(await cohort.takeBack(split)).toBe(false)
    expect(cohort.refusal?.details).toEqual({ first: [words] })
    expect(await cohort.takeBack(words)).toBe(true)
    expect(await cohort.takeBack(split)).toBe(true)
    await cohort.settle()
    expect(open(cohort).sort()).toEqual(["B: insert “ good”", "S: split the clause"])
    sound(cohort)
  })

  it("[BACK1] clauses that went one after the other come back in their order, the last first", async () => {
    const { cohort, s, b } = await opened()
    s.session.tracking.addClause(2, null)
    s.type(2, 0, "to ask")
    await cohort.settle()
    const added = await decideAll(cohort, "S", "notRetain")
    b.session.restructuring.deleteClause(2)
    await cohort.settle()
    const deleted = await decideAll(cohort, "B", "accept")
    expect(await cohort.takeBack(deleted)).toBe(true)
    expect(await cohort.takeBack(added)).toBe(true)
    await cohort.settle()
    expect(blocksOf(cohort.room.main).filter(isPresent).map(textOf)).toEqual([
      "resolves",
      "to continue the work of the group;",
      "to ask",
      "to report,",
      "to meet.",
    ])
    sound(cohort)
  })

  it("[BACK1] a clause that was joined and cut at once is two again", async () => {
    const { cohort, s, b } = await opened()
    s.session.restructuring.join(2)
    b.session.tracking.split({ index: 2, at: 3 })
    await cohort.settle()
    const before = standing(cohort.room.gate.shadow)
    expect(
      await cohort.decide(
        cohort.changes().map(({ id }) => id),
        "accept",
      ),
    ).toBe(true)
    expect(working(cohort)).toBe("resolves|to continue the work of the group; to |report,|to meet.")
    expect(await cohort.takeBack(last(cohort))).toBe(true)
    expect(standing(cohort.room.gate.shadow)).toEqual(before)
    await cohort.settle()
    sound(cohort)
  })

  it.each([
    [2, 3],
    [3, 2],
  ])("[BACK1] of clauses that were joined in a row by one decision each is itself again: %i first, then %i", async (first, second) => {
    const { cohort, s, b } = await opened()
    s.session.restructuring.join(first)
    await cohort.settle()
    b.session.restructuring.join(second)
    await cohort.settle()
    const before = standing(cohort.room.gate.shadow)
    expect(
      await cohort.decide(
        cohort.changes().map(({ id }) => id),
        "accept",
      ),
    ).toBe(true)
    expect(working(cohort)).toBe("resolves|to continue the work of the group; to report, to meet.")
    expect(await cohort.takeBack(last(cohort))).toBe(true)
    expect(standing(cohort.room.gate.shadow)).toEqual(before)
    await cohort.settle()
    sound(cohort)
  })

  it("[BACK1] a comment whose words had gone to another clause is of the clause again that it was begun in", async () => {
    const { cohort, s, b } = await opened()
    const anchor = { on: "words" as const, block: "c2", from: 3, to: 9, quote: "report" }
    await cohort.act("comment", (gate) => ({
      row: beginThread(gate, anchor, { person: "p", source: "S", text: "why?", at: "2026-11-22T09:00:00Z" }).row,
    }))
    s.session.restructuring.join(2)
    await cohort.settle()
    await decideAll(cohort, "S", "accept")
    b.session.restructuring.deleteClause(1)
    await cohort.settle()
    const before = standing(cohort.room.gate.shadow)
    await decideAll(cohort, "B", "accept")
    expect(await cohort.takeBack(last(cohort))).toBe(true)
    expect(standing(cohort.room.gate.shadow)).toEqual(before)
    await cohort.settle()
    sound(cohort)
  })

  it("[BACK1] what was linked is linked again, but for what the chair has untied since", async () => {
    for (const isUntied of [false, true]) {
      const { cohort, s } = await opened()
      s.type(1, 11, " and extend")
      s.type(1, 33, " and others")
      s.type(1, 0, "and ")
      await cohort.settle()
      const ids = cohort.changes().map(({ id }) => id)
      const links = (): unknown => linksIn(cohort.room.main).map(({ changes }) => changes)
      await cohort.act("link", (gate) => ({ row: gate.act(() => roots.links(gate.shadow).set("S.L", { source: "S", changes: ids })) }))
      expect(await cohort.decide([ids[0]!], "accept", new Map([[ids[0]!, { segment: 0, from: 0, to: 2 }]]))).toBe(true)
      const n = last(cohort)
      expect(links()).toEqual([ids.slice(1)])
      if (isUntied) await cohort.act("untie", (gate) => ({ row: gate.act(() => roots.links(gate.shadow).delete("S.L")) }))
      expect(await cohort.takeBack(n)).toBe(true)
      await cohort.settle()
      expect(links()).toEqual(isUntied ? [] : [ids])
      sound(cohort)
    }
  })
})

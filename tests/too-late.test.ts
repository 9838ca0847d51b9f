import { describe, expect, it } from "vitest"
import { seenIn } from "../server/decisions/as-seen.ts"
import { caps } from "../server/gate/shapes.ts"
import { describeChange } from "../shared/changes/changes.ts"
import { workingTextOf } from "../shared/changes/projections.ts"
import { isPresent, textOf } from "../shared/schema/block.ts"
import { newMark } from "../shared/schema/schema.ts"
import { blocksOf, elementsOf, textOfElement } from "../shared/sync/read.ts"
import { forestalledIn, roots } from "../shared/sync/roots.ts"
import { slotAt, writeText } from "../shared/sync/write.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort, type Member, standing } from "./cohort.ts"

interface Scene {
  readonly cohort: Cohort
  readonly s: Member
  readonly b: Member
}

type Act = (member: Member) => void

/** Every sort of change, at the clause "to report,". */
const sorts: Readonly<Record<string, Act>> = {
  "other words": (member) => member.replace(2, 3, 9, "answer"),
  "words struck": (member) => member.delete(2, 3, 9),
  "a deletion": (member) => member.session.restructuring.deleteClause(2),
  "a move down": (member) => member.session.restructuring.moveClause(2, 1),
  "a move up": (member) => member.session.restructuring.moveClause(2, -1),
  "a level": (member) => member.session.restructuring.changeLevel(2, 1),
  "a join": (member) => void member.session.restructuring.join(2),
  "a join of the next": (member) => void member.session.restructuring.join(3),
  "a split": (member) => member.session.tracking.split({ index: 2, at: 6 }),
  "a move behind it": (member) => member.session.restructuring.moveClause(4, -1),
}

async function scene(): Promise<Scene> {
  const words = ["to publish orbits;", "to report,", "to end,", "to begin,"]
  const cohort = new Cohort(draftState([head("resolves"), ...words.map((text, i) => clause(text, `c${i}`))]))
  const [s, b] = [cohort.member("S"), cohort.member("B")]
  await cohort.settle()
  return { cohort, s, b }
}

const open = ({ cohort }: Scene, source: string): string[] =>
  cohort
    .changes()
    .filter((change) => change.source === source)
    .map((change) => describeChange(change))

const agreed = ({ cohort }: Scene): string => workingTextOf(blocksOf(cohort.room.main)).filter(isPresent).map(textOf).join("|")

const decideAll = async ({ cohort }: Scene, source: string, verdict: "accept" | "notRetain" | "withdraw"): Promise<void> => {
  const ids = cohort.changes().flatMap((change) => (change.source === source ? [change.id] : []))
  expect(await cohort.decide(ids, verdict), cohort.refusal?.message).toBe(true)
  await cohort.settle()
}

async function back({ cohort }: Scene, n: number): Promise<boolean> {
  const isDone = await cohort.takeBack(n)
  await cohort.settle()
  return isDone
}

/** Estonia's act is accepted. */
async function elsewhere(cohort: Cohort, e: Member, act: Act): Promise<void> {
  act(e)
  await cohort.settle()
  await decideAll({ cohort, s: e, b: e }, "E", "accept")
}

/**
 * Sweden acts without a line, Brazil's act is accepted meanwhile, and Sweden is back. `more`: what else is decided, before that or `isSince`.
 */
async function late(
  own: Act,
  theirs: Act,
  more: (cohort: Cohort, e: Member) => Promise<void> = async () => undefined,
  isSince = false,
): Promise<Scene> {
  const there = await scene()
  const { cohort, s, b } = there
  const e = cohort.member("E")
  await cohort.settle()
  s.cut()
  cohort.members.splice(cohort.members.indexOf(s), 1)
  own(s)
  theirs(b)
  await cohort.settle()
  await decideAll(there, "B", "accept")
  if (!isSince) await more(cohort, e)
  cohort.members.push(s)
  await cohort.settle()
  if (isSince) await more(cohort, e)
  expect(cohort.refusals).toEqual([])
  return there
}

/** What Sweden has open where it was in time and nothing is decided. */
async function inTime(own: Act, theirs: Act): Promise<string[]> {
  const there = await scene()
  theirs(there.b)
  own(there.s)
  await there.cohort.settle()
  return open(there, "S")
}

const entry = (source: string, { session }: Member, n: number, parts: object): object => ({
  id: `${source}.${session.doc.clientID}.${n}`,
  of: "",
  source,
  ...parts,
})

/** Words for a clause that is gone were given back to who wrote them, and are theirs to put somewhere. */
const givenBack = (own: string, theirs: string): boolean =>
  theirs === "a deletion" && ["other words", "words struck", "a split"].includes(own)

describe("taking back a decision for which something came too late", () => {
  for (const [theirs, act] of Object.entries(sorts))
    it(`[BACK6] ${theirs}: what another delegation proposed of every sort is open as if it had been in time`, async () => {
      for (const [name, own] of Object.entries(sorts)) {
        if (givenBack(name, theirs)) continue
        const there = await late(own, act)
        expect(await back(there, 1), `${name}: ${there.cohort.refusal?.message}`).toBe(true)
        expect(open(there, "S"), name).toEqual(await inTime(own, act))
        expect(forestalledIn(there.cohort.room.main).size, name).toBe(0)
        expect(roots.late(there.cohort.room.main).size, name).toBe(0)
        expect(standing(there.cohort.replayed()), name).toEqual(standing(there.cohort.room.main))
        expect(there.cohort.faults).toEqual([])
        // It is there to be decided, and to be withdrawn by its source.
        await decideAll(there, "S", "withdraw")
        expect(open(there, "S")).toEqual([])
      }
    })

  const moved: Readonly<Record<string, Act>> = {
    ...Object.fromEntries(
      ["a move down", "a move up", "a join", "a join of the next", "a move behind it"].map((name) => [name, sorts[name]!]),
    ),
    "a split": (member) => member.session.tracking.split({ index: 2, at: 2 }),
  }
  for (const [name, act] of Object.entries(moved))
    for (const when of ["before it came", "since"])
      it(`[BACK6] ${name} of the clause was accepted ${when}: a deletion is on the words that return, wherever they stand`, async () => {
        for (const [own, theirs] of [
          ["other words", "words struck"],
          ["words struck", "other words"],
        ] as const) {
          const there = await late(sorts[own]!, sorts[theirs]!, (cohort, e) => elsewhere(cohort, e, act), when === "since")
          const { cohort } = there
          // A clause that was cut is one again first.
          if (!(await back(there, 1))) {
            expect(cohort.refusal?.message, name).toMatch(/Take back entry 2 first/)
            expect(await back(there, 2), cohort.refusal?.message).toBe(true)
            expect(await back(there, 1), cohort.refusal?.message).toBe(true)
          }
          expect(open(there, "S"), `${own}, ${theirs}`).toEqual(await inTime(sorts[own]!, sorts[theirs]!))
          expect(forestalledIn(cohort.room.main).size).toBe(0)
          expect(standing(cohort.replayed())).toEqual(standing(cohort.room.main))
          expect(cohort.faults).toEqual([])
        }
      })

  it("[BACK6] a deletion that its source has taken back itself since is not on the words that return", async () => {
    const there = await late(sorts["words struck"]!, sorts["other words"]!)
    expect(roots.forestalled(there.cohort.room.main).size).toBe(1)
    there.s.session.undoManager.undo()
    await there.cohort.settle()
    expect(roots.forestalled(there.cohort.room.main).size).toBe(0)
    await elsewhere(there.cohort, there.cohort.members.find(({ source }) => source === "E")!, sorts["a move down"]!)
    expect(await back(there, 1), there.cohort.refusal?.message).toBe(true)
    expect(open(there, "S")).toEqual([])
    expect(there.cohort.faults).toEqual([])
  })

  it("[BACK6] one at the end of a clause that is parted again is one deletion, and goes whole where its source takes it back", async () => {
    const across: Act = (member) => member.session.tracking.dispatch(member.state.tr.delete(member.pos(2, 3), member.pos(3, 3)))
    const there = await late((member) => member.delete(2, 0, 10), across)
    expect(agreed(there)).toBe("resolves|to publish orbits;|to end,|to begin,")
    expect(await back(there, 1), there.cohort.refusal?.message).toBe(true)
    expect(open(there, "S")).toEqual(["delete “to report,”"])
    there.s.session.undoManager.undo()
    await there.cohort.settle()
    expect(open(there, "S")).toEqual([])
    expect(there.cohort.faults).toEqual([])
  })

  const raw = [
    ["a clause joined to itself", { kind: "join", block: "c1", into: "c1" }],
    ["a clause behind itself", { kind: "move", block: "c1", after: "c1" }],
    ["a head joined to it", { kind: "join", block: "resolves", into: "c1" }],
    ["it joined to a head", { kind: "join", block: "c1", into: "resolves" }],
    ["a level for a head", { kind: "level", block: "resolves", level: 2 }],
    ["a head joined to a head that is gone too", { kind: "join", block: "c1", into: "notes" }],
  ] as const
  it.each(raw)("[GATE3 BACK6] what nobody can propose comes no more by being late: %s", async (_, { block, ...act }) => {
    const state = draftState([
      head("resolves"),
      clause("to publish,", "c0"),
      clause("to report,", "c1"),
      head("notes"),
      clause("it,", "c3"),
    ])
    const cohort = new Cohort(state)
    const [s, b] = [cohort.member("S"), cohort.member("B")]
    const there = { cohort, s, b }
    await cohort.settle()
    b.session.restructuring.deleteClause(2)
    b.session.doc.getMap("structure").set(`B.${b.session.doc.clientID}.900`, entry("B", b, 900, { kind: "delete", block: "notes" }))
    await cohort.settle()
    await decideAll(there, "B", "accept")
    s.session.doc.getMap("structure").set(`S.${s.session.doc.clientID}.900`, entry("S", s, 900, { ...act, block }))
    await cohort.settle()
    const isKnown = block !== "c1" || !("into" in act) || act.into !== "notes"
    expect(cohort.refusals.map(({ reason }) => reason)).toEqual(isKnown ? ["structure-block"] : [])
    expect(await back(there, 1), cohort.refusal?.message).toBe(true)
    expect(open(there, "S")).toEqual([])
    expect(roots.late(cohort.room.main).size).toBe(0)
    expect(cohort.faults).toEqual([])
  })

  /** Sweden proposes something late about a clause that is gone, under an id that bears something else by the time when that is back. */
  const borne: readonly (readonly [string, (s: Member, id: string) => void, readonly string[]])[] = [
    [
      "words",
      (s, id) => {
        s.session.doc.transact((tr) => {
          const text = textOfElement(elementsOf(s.session.doc)[1]!)!
          writeText(tr, text, slotAt(tr, text, 3, "S"), "all ", [newMark("insertion", { id, source: "S" })])
        })
      },
      ["insert “all ”", "move “to report,”"],
    ],
    [
      "words that say to be of it",
      (s, id) => {
        const [, client] = id.split(".")
        s.session.doc.transact((tr) => {
          const text = textOfElement(elementsOf(s.session.doc)[1]!)!
          const mark = newMark("insertion", { id: `S.${client}.901`, of: id, source: "S" })
          writeText(tr, text, slotAt(tr, text, 3, "S"), "all ", [mark])
        })
      },
      ["insert “all ”", "move “to report,”"],
    ],
    [
      "a move of another clause",
      (s, id) => {
        s.session.doc.getMap("structure").set(id, { id, of: "", source: "S", kind: "move", block: "c0", after: "c3" })
      },
      ["move “to publish orbits;”", "move “to report,”"],
    ],
  ]
  it.each(borne)("[BACK6 GATE14] under an id that bears %s by then it is a change of its own", async (_, write, expected) => {
    const there = await scene()
    const { cohort, s, b } = there
    b.session.restructuring.deleteClause(2)
    await cohort.settle()
    await decideAll(there, "B", "accept")
    const id = `S.${s.session.doc.clientID}.900`
    s.session.doc.getMap("structure").set(id, entry("S", s, 900, { kind: "move", block: "c1", after: "c3" }))
    await cohort.settle()
    expect(roots.late(cohort.room.main).size).toBe(1)
    write(s, id)
    await cohort.settle()
    const hashes = seenIn(cohort.room.gate)
    expect(hashes).toHaveLength(1)
    expect(await back(there, 1), cohort.refusal?.message).toBe(true)
    expect(open(there, "S").sort()).toEqual(expected)
    expect(seenIn(cohort.room.gate, [hashes[0]!.id]), "what bears the id is what it was").toEqual(hashes)
    expect([roots.late(cohort.room.main).size, cohort.refusals, cohort.faults]).toEqual([0, [], []])
    await decideAll(there, "S", "accept")
    expect(cohort.changes().filter(({ source }) => source === "S")).toEqual([])
  })

  it("[BACK6] more than its source may have open does not come back", async () => {
    const there = await scene()
    const { cohort, s, b } = there
    b.session.restructuring.deleteClause(2)
    await cohort.settle()
    await decideAll(there, "B", "accept")
    s.session.doc.getMap("structure").set(`S.${s.session.doc.clientID}.900`, entry("S", s, 900, { kind: "level", block: "c1", level: 2 }))
    await cohort.settle()
    await cohort.act("fill", (gate) => ({
      row: gate.act((_, shadow) => {
        for (let n = 0; n < caps.structureOfSource; n++)
          shadow.getMap("structure").set(`S.0.${n}`, { id: `S.0.${n}`, of: "", source: "S", kind: "level", block: "c0", level: 2 })
      }),
    }))
    expect(await back(there, 1), cohort.refusal?.message).toBe(true)
    expect(roots.late(cohort.room.main).size).toBe(1)
    expect(cohort.room.main.getMap("structure").size).toBe(caps.structureOfSource + 1)
  })

  it("[BACK6] not where its source has proposed another of its sort since", async () => {
    const there = await late(sorts["a move behind it"]!, sorts["a deletion"]!)
    there.s.session.restructuring.moveClause(3, -1)
    await there.cohort.settle()
    const since = open(there, "S")
    expect(since).toHaveLength(1)
    expect(await back(there, 1)).toBe(true)
    expect(open(there, "S")).toEqual(since)
  })

  for (const verdict of ["accept", "notRetain"] as const)
    it(`[BACK6] where what came too late was decided on (${verdict}) that is taken back first, and both are what they were`, async () => {
      const own = sorts["other words"]!
      const theirs: Act = (member) => member.replace(2, 3, 9, "tell")
      const there = await late(own, theirs)
      await decideAll(there, "S", verdict)
      const text = agreed(there)
      expect(await back(there, 1)).toBe(false)
      expect(there.cohort.refusal).toMatchObject({ message: expect.stringContaining("Take back entry 2 first"), details: { first: [2] } })
      expect(agreed(there)).toBe(text)
      expect(await back(there, 2)).toBe(true)
      expect(await back(there, 1)).toBe(true)
      expect(open(there, "S")).toEqual(await inTime(own, theirs))
      expect(agreed(there)).toBe("resolves|to publish orbits;|to report,|to end,|to begin,")
    })

  it("[BACK6] a withdrawal stands in nobody's way; opened again it would be another change, and is not", async () => {
    const there = await late(sorts["other words"]!, (member) => member.replace(2, 3, 9, "tell"))
    await decideAll(there, "S", "withdraw")
    expect(await back(there, 1)).toBe(true)
    expect(await back(there, 2)).toBe(false)
    expect(open(there, "S")).toEqual([])
  })

  it("[BACK6] one that was withdrawn once the words were there again is opened again with its deletion", async () => {
    const there = await late(sorts["other words"]!, (member) => member.replace(2, 3, 9, "tell"))
    expect(await back(there, 1)).toBe(true)
    await decideAll(there, "S", "withdraw")
    expect(await back(there, 3)).toBe(true)
    expect(open(there, "S")).toEqual(["replace “report” by “answer”"])
  })
})

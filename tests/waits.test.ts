import { describe, expect, it } from "vitest"
import { type Change, describeChange } from "../shared/changes/changes.ts"
import { workingTextOf } from "../shared/changes/projections.ts"
import { textOf } from "../shared/schema/block.ts"
import { notedIn, roots } from "../shared/sync/roots.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort, type Member } from "./cohort.ts"

const line = "to keep a lamp at every mole,"
const base = draftState([head("resolves"), clause(line, "a"), clause("to count the lamps each year,", "b")])

const working = ({ room }: Cohort): string => workingTextOf(room.gate.blocks).map(textOf)[1]!
const open = (cohort: Cohort): string[] => {
  const noted = notedIn(cohort.room.gate.shadow)
  return cohort.changes().flatMap((change) => (noted.has(change.id) ? [] : [`${change.source}: ${describeChange(change)}`]))
}
const statusOf = ({ room }: Cohort, { id }: Change): string | undefined => roots.proposals(room.main).get(id)?.status
const lastEntry = ({ log }: Cohort) => log.entries.at(-1)!
const idsIn = (list: unknown): string[] => (list as { id: string }[]).map(({ id }) => id)

interface Scene {
  readonly cohort: Cohort
  readonly s: Member
  readonly b: Member
  readonly host: Change
  readonly inner: Change
}

/** S proposes something, B something in the midst of it, and the chair accepts that of B. */
async function accepted(propose: (s: Member) => void, within: (b: Member) => void): Promise<Scene> {
  const cohort = new Cohort(base)
  const [s, b] = ["S", "B"].map((source) => cohort.member(source)) as [Member, Member]
  await cohort.settle()
  propose(s)
  await cohort.settle()
  b.session.undoManager.stopCapturing()
  within(b)
  await cohort.settle()
  const of = (source: string): Change => cohort.changes().find((change) => change.source === source)!
  const scene = { cohort, s, b, host: of("S"), inner: of("B") }
  await cohort.decide([scene.inner.id], "accept")
  await cohort.settle()
  return scene
}

const wordsInWords = (): Promise<Scene> =>
  accepted(
    (s) => s.type(1, 28, " and every pier"),
    (b) => b.type(1, 38, " old"),
  )

/** Nobody is stopped, nothing failed, and each browser has what the room has. */
function sound({ room, refusals, faults, members }: Cohort): void {
  expect([refusals, faults, room.faults]).toEqual([[], [], 0])
  for (const member of members) expect([member.refusals, member.session.binding.corrections]).toEqual([[], 0])
}

describe("what is accepted and waits", () => {
  const takenBack: readonly [string, (scene: Scene) => void][] = [
    ["by its undo", ({ s }) => void s.session.undoManager.undo()],
    [
      "by deleting its words",
      ({ s }) => {
        s.delete(1, 28, 38)
        s.delete(1, 32, 37)
      },
    ],
    ["in one stroke over all of it", ({ s }) => s.delete(1, 28, 47)],
  ]
  for (const [how, take] of takenBack)
    it(`[RES3] takes effect in the commit by which what it stands in is taken back ${how}: told, recorded, open no more`, async () => {
      const scene = await wordsInWords()
      const { cohort, b, inner } = scene
      expect([working(cohort), statusOf(cohort, inner)]).toEqual([line, "acceptedWithHost"])
      const rows = cohort.log.rows.length
      take(scene)
      await cohort.settle()
      expect(working(cohort)).toBe("to keep a lamp at every mole old,")
      expect(statusOf(cohort, inner)).toBe("accepted")
      expect(cohort.changes().filter(({ source }) => source !== "S")).toEqual([])
      const { act, details, enteredBy, row } = lastEntry(cohort)
      expect([act, idsIn(details.effective), enteredBy, row]).toEqual(["takeEffect", [inner.id], scene.s.person.id, cohort.log.rows.length])
      expect(cohort.log.rows.at(-1)?.kind).toBe("act")
      expect(cohort.log.rows.length).toBeGreaterThan(rows)
      expect(b.notices.filter((notice) => notice.kind === "decided").map(({ status }) => status)).toEqual(["accepted"])
      sound(cohort)
    })

  it("[RES3] takes effect where a deletion that it stands in is taken back", async () => {
    const { cohort, s, inner } = await accepted(
      (s) => s.delete(1, 8, 22),
      (b) => b.type(1, 14, " old"),
    )
    expect(statusOf(cohort, inner)).toBe("acceptedWithHost")
    s.session.undoManager.undo()
    await cohort.settle()
    expect([working(cohort), statusOf(cohort, inner)]).toEqual(["to keep a lamp old at every mole,", "accepted"])
    expect(cohort.changes()).toEqual([])
    sound(cohort)
  })

  it("[RES3] goes where it would take out words that are taken back: told and recorded as gone with them", async () => {
    const { cohort, s, b, inner } = await accepted(
      (s) => s.type(1, 28, " and every pier"),
      (b) => b.delete(1, 33, 39),
    )
    expect(statusOf(cohort, inner)).toBe("acceptedWithHost")
    s.session.undoManager.undo()
    await cohort.settle()
    expect([working(cohort), statusOf(cohort, inner)]).toEqual([line, "superseded"])
    expect([lastEntry(cohort).act, idsIn(lastEntry(cohort).details.superseded)]).toEqual(["takeEffect", [inner.id]])
    expect(b.notices.at(-1)).toMatchObject({ kind: "decided", status: "superseded", count: 1 })
    sound(cohort)
  })

  it("[BACK3] is open again with the acceptance once that it took effect is taken back", async () => {
    const { cohort, s, inner } = await wordsInWords()
    const first = lastEntry(cohort).n
    s.session.undoManager.undo()
    await cohort.settle()
    expect([await cohort.takeBack(first), cohort.refusal?.details]).toEqual([false, { first: [first + 1] }])
    expect(await cohort.takeBack(first + 1)).toBe(true)
    expect(await cohort.takeBack(first)).toBe(true)
    await cohort.settle()
    expect([working(cohort), open(cohort)]).toEqual([line, ["B: insert “ old”"]])
    sound(cohort)
  })

  it("[UNDO2 TRK8] is no step of its source's undo any more, and stays", async () => {
    const { cohort, b, host, inner } = await wordsInWords()
    expect(b.session.undoManager.undoStack).toEqual([])
    b.session.undoManager.undo()
    await cohort.settle()
    expect(statusOf(cohort, inner)).toBe("acceptedWithHost")
    await cohort.decide([host.id], "accept")
    await cohort.settle()
    expect(working(cohort)).toBe("to keep a lamp at every mole and every old pier,")
    sound(cohort)
  })

  it("[TRK8] is edited by its source as others' words are: what goes is struck, what comes is a proposal of its own", async () => {
    const { cohort, b, host, inner } = await wordsInWords()
    b.delete(1, 39, 42)
    b.type(1, 42, "er")
    await cohort.settle()
    expect(open(cohort).filter((told) => told.startsWith("B"))).toEqual(["B: replace “old” by “er”"])
    expect(statusOf(cohort, inner)).toBe("acceptedWithHost")
    await cohort.decide([host.id], "accept")
    await cohort.settle()
    expect(working(cohort)).toBe("to keep a lamp at every mole and every old pier,")
    expect(open(cohort)).toEqual(["B: replace “old” by “er”"])
    sound(cohort)
  })

  /** The decision is on its way while B goes on. */
  async function crossed(edit: (b: Member) => void): Promise<Scene> {
    const cohort = new Cohort(base)
    const [s, b] = ["S", "B"].map((source) => cohort.member(source)) as [Member, Member]
    await cohort.settle()
    s.type(1, 28, " and every pier")
    await cohort.settle()
    b.session.undoManager.stopCapturing()
    b.type(1, 38, " old")
    await cohort.settle()
    const of = (source: string): Change => cohort.changes().find((change) => change.source === source)!
    const scene = { cohort, s, b, host: of("S"), inner: of("B") }
    edit(b)
    await cohort.decide([scene.inner.id], "accept")
    await cohort.settle()
    return scene
  }

  it("[GATE7 GATE14] stays where an undo of it had not heard: it comes back, struck by who took it out", async () => {
    const { cohort, host, inner } = await crossed((b) => void b.session.undoManager.undo())
    expect(statusOf(cohort, inner)).toBe("acceptedWithHost")
    expect(open(cohort).sort()).toEqual(["B: delete “ old”", "S: insert “ and every pier”"])
    await cohort.decide([host.id], "accept")
    await cohort.settle()
    expect(working(cohort)).toBe("to keep a lamp at every mole and every old pier,")
    expect(open(cohort)).toEqual(["B: delete “ old”"])
    sound(cohort)
  })

  it("[GATE7 GATE14] stays where a part of it was deleted, or typed into, by who had not heard", async () => {
    const { cohort, host } = await crossed((b) => {
      b.delete(1, 40, 42)
      b.type(1, 40, "n")
    })
    expect(
      open(cohort)
        .filter((told) => told.startsWith("B"))
        .sort(),
    ).toEqual(["B: delete “ld”", "B: insert “n”"])
    await cohort.decide([host.id], "accept")
    await cohort.settle()
    expect(working(cohort)).toBe("to keep a lamp at every mole and every old pier,")
    sound(cohort)
  })

  it("[GATE7 GATE14] a deletion that is accepted and waits is lifted by no undo that had not heard", async () => {
    const cohort = new Cohort(base)
    const [s, b] = ["S", "B"].map((source) => cohort.member(source)) as [Member, Member]
    await cohort.settle()
    s.type(1, 28, " and every pier")
    await cohort.settle()
    b.delete(1, 32, 38)
    await cohort.settle()
    const of = (source: string): Change => cohort.changes().find((change) => change.source === source)!
    const { id } = of("S")
    b.session.undoManager.undo()
    await cohort.decide([of("B").id], "accept")
    await cohort.settle()
    expect(open(cohort)).toEqual(["S: insert “ and every pier”"])
    await cohort.decide([id], "accept")
    await cohort.settle()
    expect([working(cohort), open(cohort)]).toEqual(["to keep a lamp at every mole and pier,", []])
    sound(cohort)
  })
})

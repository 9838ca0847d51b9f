import { describe, expect, it } from "vitest"
import { seenIn } from "../server/decisions/as-seen.ts"
import { decideChanges } from "../server/decisions/decide.ts"
import type { Decided } from "../server/decisions/decided.ts"
import { type Change, describeChange } from "../shared/changes/changes.ts"
import { forestalledOf, forestalledSaid, toldOf } from "../shared/changes/forestalled.ts"
import type { Part } from "../shared/changes/part.ts"
import { workingTextOf } from "../shared/changes/projections.ts"
import { finished } from "../shared/changes/slices.ts"
import { textOf } from "../shared/schema/block.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { forestalledIn, roots } from "../shared/sync/roots.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort, type Member } from "./cohort.ts"

interface Scene {
  readonly cohort: Cohort
  readonly s: Member
  readonly b: Member
}

const words = "to publish orbits and brightness;"

async function scene(): Promise<Scene> {
  const cohort = new Cohort(draftState([head("resolves"), clause(words, "c1"), clause("to report,", "c2")]))
  const s = cohort.member("S")
  const b = cohort.member("B")
  await cohort.settle()
  return { cohort, s, b }
}

/** The clause as it is agreed. */
const agreed = ({ cohort }: Scene): string => textOf(workingTextOf(blocksOf(cohort.room.main))[1]!)

const open = ({ cohort }: Scene, source: string): Change[] => cohort.changes().filter((change) => change.source === source)

/** What a card says of each open change of a source that came too late. */
function said(there: Scene, source: string): (string | null)[] {
  const { main } = there.cohort.room
  return open(there, source).map((change) =>
    forestalledSaid(
      change,
      forestalledOf(change, forestalledIn(main)).map((one) => toldOf(one, roots.proposals(main).get(one.by))),
      (code) => code,
    ),
  )
}

/** Brazil replaces "publish orbits", or what is named, and the chair accepts it. */
async function accepted(there: Scene, instead = "disclose paths", from = 3, to = 17): Promise<void> {
  there.b.replace(1, from, to, instead)
  await there.cohort.settle()
  expect(
    await there.cohort.decide(
      open(there, "B").map(({ id }) => id),
      "accept",
    ),
  ).toBe(true)
  await there.cohort.settle()
}

/** Sweden has no line until it is back. */
function away({ cohort, s }: Scene): void {
  s.cut()
  cohort.members.splice(cohort.members.indexOf(s), 1)
}

async function back(there: Scene): Promise<void> {
  there.cohort.members.push(there.s)
  await there.cohort.settle()
  expect(there.cohort.faults).toEqual([])
  expect(there.cohort.refusals).toEqual([])
}

/** Sweden replaces the same without a line, while Brazil's is accepted. */
async function late(own = "register each orbit", from = 3, to = 17): Promise<Scene> {
  const there = await scene()
  away(there)
  there.s.replace(1, from, to, own)
  await accepted(there)
  await back(there)
  return there
}

describe("a replacement that comes too late for what it was to replace", () => {
  it("[RIVAL4] stays open, with all its words, and says what became of what it was to replace", async () => {
    const there = await late()
    expect(open(there, "S").map((change) => describeChange(change))).toEqual(["insert “register each orbit”"])
    expect(said(there, "S")).toEqual([
      "This came too late for what it was to replace: “publish orbits” was replaced by “disclose paths” of B, accepted meanwhile. Accepting this puts “register each orbit” in beside that: both stand.",
    ])
    expect(there.s.notices.filter(({ kind }) => kind === "forestalled")).toEqual([{ kind: "forestalled", change: open(there, "S")[0]!.id }])
    expect(forestalledIn(there.b.session.doc)).toEqual(forestalledIn(there.cohort.room.main))
    expect(forestalledIn(there.cohort.replayed())).toEqual(forestalledIn(there.cohort.room.main))
  })

  it("[RIVAL4] an act that takes all leaves it out and says why; alone and read, it is accepted", async () => {
    const there = await late()
    there.b.type(2, 9, " yearly")
    await there.cohort.settle()
    const { gate } = there.cohort.room
    const ids = there.cohort.changes().map(({ id }) => id)
    const own = open(there, "S")[0]!.id
    const all = (changes: readonly string[]): Decided => finished(decideChanges(gate, seenIn(gate, changes), "accept", { isPartial: true }))
    expect(() => all([own])).toThrow(/the words that this was to replace \(S\) have been replaced .* decide on it alone/)
    const done = all(ids)
    expect(done.decided.map((change) => change.source)).toEqual(["B"])
    expect(done.competing).toEqual([{ kind: "forestalled", changes: [own] }])
    expect(await there.cohort.decide([own], "accept")).toBe(true)
    expect(agreed(there)).toContain("register each orbit")
  })

  it("[RIVAL4] what an accepted deletion took out is told as that", async () => {
    const there = await scene()
    away(there)
    there.s.replace(1, 3, 17, "register each orbit")
    there.b.delete(1, 3, 18)
    await there.cohort.settle()
    await there.cohort.decide(
      open(there, "B").map(({ id }) => id),
      "accept",
    )
    await back(there)
    expect(said(there, "S")).toEqual([
      "This came too late for what it was to replace: “publish orbits” is gone, for its deletion by B was accepted meanwhile. Accepting this puts “register each orbit” in all the same.",
    ])
  })

  it("[RIVAL4] where a part of them is left the part that went is told", async () => {
    const there = await late("register each orbit and light", 3, 32)
    expect(open(there, "S").map((change) => describeChange(change))).toEqual([
      "replace “disclose paths and brightness” by “register each orbit and light”",
    ])
    expect(said(there, "S")).toEqual([
      "This came too late for what it was to replace: “publish orbits” was replaced by “disclose paths” of B, accepted meanwhile. Accepting this puts “register each orbit and light” in the place of that.",
    ])
  })

  it("[RIVAL4] one that says the same says so", async () => {
    const there = await late("disclose paths")
    expect(said(there, "S")[0]).toContain("That says the same: accepting this would write it twice.")
  })

  it("[RIVAL4] a deletion means what it says, and one that is made where words went is of what its writer sees", async () => {
    const deleting = await scene()
    away(deleting)
    deleting.s.delete(1, 3, 17)
    await accepted(deleting)
    await back(deleting)
    expect(said(deleting, "S")).toEqual([])
    const heard = await scene()
    await accepted(heard)
    heard.s.replace(1, 0, 17, "to register each orbit")
    await heard.cohort.settle()
    expect(said(heard, "S")).toEqual([null])
    expect(agreed(heard)).toBe("to disclose paths and brightness;")
  })

  it("[RIVAL4] also where the words had moved to another clause before they went", async () => {
    const there = await scene()
    away(there)
    there.s.replace(1, 11, 17, "paths")
    there.b.session.tracking.split({ index: 1, at: 3 })
    await there.cohort.settle()
    await there.cohort.decide(
      open(there, "B").map(({ id }) => id),
      "accept",
    )
    await there.cohort.settle()
    there.b.replace(2, 8, 14, "places")
    await there.cohort.settle()
    await there.cohort.decide(
      open(there, "B").map(({ id }) => id),
      "accept",
    )
    await back(there)
    expect(said(there, "S")[0]).toContain("“orbits” was replaced by “places” of B")
  })

  it("[RIVAL4] what is left of it when a part is decided says it too, and it is said no more once the other is taken back", async () => {
    const there = await late()
    const [change] = open(there, "S")
    const part: Part = { segment: 0, from: 0, to: 8 }
    expect(await there.cohort.decide([change!.id], "notRetain", new Map([[change!.id, part]]))).toBe(true)
    await there.cohort.settle()
    expect(said(there, "S")[0]).toContain("“publish orbits” was replaced")
    const entry = there.cohort.log.entries.find(({ act }) => act === "accept")!
    expect(await there.cohort.takeBack(entry.n)).toBe(true)
    await there.cohort.settle()
    expect(said(there, "S")).toEqual([null])
  })
})

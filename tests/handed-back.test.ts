import { describe, expect, it } from "vitest"
import { describeChange } from "../shared/changes/changes.ts"
import { textOf } from "../shared/schema/block.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort, type Member } from "./cohort.ts"

const agreed = "to require mobile operators to report;"
const standing = (cohort: Cohort): string[] => blocksOf(cohort.room.main).map(textOf)

/** Brazil writes without a line, at a place in a clause that goes meanwhile: what it is handed back. */
async function handedBack(write: (b: Member) => void, goes: (s: Member) => void): Promise<{ cohort: Cohort; b: Member }> {
  const cohort = new Cohort(draftState([head("resolves"), clause("to meet;", "c0"), clause(agreed, "c1"), clause("to end,", "c2")]))
  const [s, b] = [cohort.member("S"), cohort.member("B")]
  await cohort.settle()
  // Struck and agreed before: that does not come back with the clause.
  s.delete(2, "to require".length, "to require mobile".length)
  await cohort.settle()
  await cohort.decide([cohort.changes()[0]!.id], "accept")
  await cohort.settle()
  b.cut()
  cohort.members.splice(cohort.members.indexOf(b), 1)
  write(b)
  goes(s)
  await cohort.settle()
  expect(await cohort.decide([cohort.changes()[0]!.id], "accept")).toBe(true)
  await cohort.settle()
  cohort.members.push(b)
  b.connect()
  await cohort.settle()
  return { cohort, b }
}

describe("words that are handed back because their clause has gone", () => {
  const ways: Record<string, (s: Member) => void> = {
    "is deleted": (s) => s.session.restructuring.deleteClause(2),
  }
  const places: readonly (readonly [at: number, words: string, gives: string])[] = [
    ["to require".length, " and to ask", "to require and to ask operators to report;"],
    ["to require operators".length, " and others", "to require operators and others to report;"],
    [0, "hereby ", "hereby to require operators to report;"],
    ["to require operators to report;".length, " and to end", "to require operators to report; and to end"],
  ]
  for (const [way, goes] of Object.entries(ways))
    it.each(places)(
      `[LIFE9] where it ${way}: they have no place, and once that is taken back go where they stood: %i %j`,
      async (at, words, gives) => {
        const { cohort, b } = await handedBack((member) => member.type(2, at, words), goes)
        expect(b.handedBack.map(({ text, stoodIn }) => [text, stoodIn])).toEqual([[words, "c1"]])
        const [kept] = b.handedBack
        expect(b.session.hasPlaceFor(kept!)).toBe(false)
        expect(b.session.putBack(kept!)).toBe(false)
        expect(await cohort.takeBack(2), cohort.refusal?.message).toBe(true)
        await cohort.settle()
        expect(b.session.hasPlaceFor(kept!)).toBe(true)
        expect(b.session.putBack(kept!)).toBe(true)
        await cohort.settle()
        expect(standing(cohort)).toContain(gives)
        expect(
          cohort
            .changes()
            .filter(({ source }) => source === "B")
            .map((change) => describeChange(change)),
        ).toEqual([`insert “${words}”`])
      },
    )

  it("[LIFE9] so in another's new clause that is not retained", async () => {
    const cohort = new Cohort(draftState([head("resolves"), clause("to meet;", "c0"), clause("to end,", "c2")]))
    const [s, b] = [cohort.member("S"), cohort.member("B")]
    await cohort.settle()
    s.session.tracking.addClauseWith(2, "to list all stars;")
    await cohort.settle()
    b.cut()
    cohort.members.splice(cohort.members.indexOf(b), 1)
    b.type(2, "to list all".length, " bright")
    await cohort.decide([cohort.changes()[0]!.id], "notRetain")
    await cohort.settle()
    cohort.members.push(b)
    b.connect()
    await cohort.settle()
    const [kept] = b.handedBack
    expect(b.session.hasPlaceFor(kept!)).toBe(false)
    expect(await cohort.takeBack(1), cohort.refusal?.message).toBe(true)
    await cohort.settle()
    expect(b.session.putBack(kept!)).toBe(true)
    await cohort.settle()
    expect(standing(cohort)).toContain("to list all bright stars;")
  })

  it("[LIFE9] of which nobody knows behind which letter they stood have no place that a room could know", async () => {
    const { cohort, b } = await handedBack((member) => member.type(2, 3, "Z"), ways["is deleted"]!)
    const { stoodAfter: _, ...kept } = b.handedBack[0]!
    expect(await cohort.takeBack(2)).toBe(true)
    await cohort.settle()
    expect(b.session.hasPlaceFor(kept)).toBe(false)
  })
})

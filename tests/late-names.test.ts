/** What a late mark says to stand in, or to be aimed at, where that was divided before its writer heard of it (GATE14, PART). */
import { describe, expect, it } from "vitest"
import type { Part } from "../shared/changes/part.ts"
import { isDeletionInEffect } from "../shared/schema/block.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort, type Member, standing } from "./cohort.ts"

interface Scene {
  readonly cohort: Cohort
  readonly s: Member
  readonly b: Member
}

async function scene(text: string, first: (scene: Scene) => void): Promise<Scene> {
  const cohort = new Cohort(draftState([head("resolves"), clause(text, "c0")]))
  const [s, b] = [cohort.member("S"), cohort.member("B")]
  await cohort.settle()
  first({ cohort, s, b })
  await cohort.settle()
  return { cohort, s, b }
}

/** While one writes, who has not heard of it, a part of the other's change is decided. */
async function whileDivided({ cohort }: Scene, writer: Member, source: string, part: Part, write: () => void): Promise<void> {
  const { id } = cohort.changes().find((change) => change.source === source)!
  writer.cut()
  cohort.members.splice(cohort.members.indexOf(writer), 1)
  write()
  expect(await cohort.decide([id], "accept", new Map([[id, part]])), cohort.refusal?.message).toBe(true)
  cohort.members.push(writer)
  await cohort.settle()
  expect(cohort.refusals).toEqual([])
}

/** The clause as its stretches, each with whose it is and who strikes it. */
function told({ cohort }: Scene): string[] {
  const stretches: [text: string, standing: string][] = []
  for (const { text, marks } of blocksOf(cohort.room.gate.shadow).find(({ id }) => id === "c0")!.runs) {
    const of = marks.flatMap((mark) => (mark.name === "insertion" ? [` +${mark.source}`] : []))
    const by = marks.flatMap((mark) => (mark.name === "deletion" && isDeletionInEffect(mark, marks) ? [` -${mark.source}`] : []))
    const standing = [...of, ...by].join("")
    const last = stretches.at(-1)
    if (last?.[1] === standing) last[0] += text
    else stretches.push([text, standing])
  }
  return stretches.map(([text, standing]) => `${text}${standing}`)
}

async function takenBackIsAsInTime(made: Scene, inTime: Scene): Promise<void> {
  expect(await made.cohort.takeBack(1), made.cohort.refusal?.message).toBe(true)
  await made.cohort.settle()
  expect(made.cohort.faults).toEqual([])
  expect(told(made)).toEqual(told(inTime))
  expect(standing(made.cohort.room.gate.shadow).proposals).toEqual(standing(inTime.cohort.room.gate.shadow).proposals)
}

describe("what was written inside a change of which a part was decided meanwhile", () => {
  const added = ({ s }: Scene): void => s.type(1, 2, " report each year")
  for (const source of ["S", "B"] as const)
    it(`[GATE14 PART1] words of ${source} stand in what is left of the deletion, which does not strike them`, async () => {
      const write = ({ s, b }: Scene): void => (source === "S" ? s : b).type(1, 15, "XY")
      const struck = async (): Promise<Scene> => {
        const made = await scene("to end", added)
        made.b.delete(1, 2, 19)
        await made.cohort.settle()
        return made
      }
      const inTime = await struck()
      write(inTime)
      await inTime.cohort.settle()
      const made = await struck()
      await whileDivided(made, source === "S" ? made.s : made.b, "B", { segment: 0, from: 0, to: 7 }, () => write(made))
      expect(told(made)).toEqual(told(inTime))
      await takenBackIsAsInTime(made, inTime)
    })

  it("[GATE14 PART1] a deletion strikes what is left of the words that it was made over", async () => {
    const write = ({ b }: Scene): void => b.delete(1, 10, 15)
    const inTime = await scene("to end", added)
    write(inTime)
    await inTime.cohort.settle()
    expect(told(inTime)).toContain("each  +S -B")
    const made = await scene("to end", added)
    await whileDivided(made, made.b, "S", { segment: 0, from: 0, to: 7 }, () => write(made))
    expect(told(made)).toContain("each  +S -B")
    await takenBackIsAsInTime(made, inTime)
  })
})

/** Who strikes what, once a decision is taken back: each letter stands under the proposals that it had, whatever they came back beside (BACK1, BACK6). */
import { describe, expect, it } from "vitest"
import { beginThread } from "../server/acts/threads.ts"
import type { Part } from "../shared/changes/part.ts"
import { type Block, isDeletionInEffect, isProposal } from "../shared/schema/block.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort, type Member, standing } from "./cohort.ts"

interface Scene {
  readonly cohort: Cohort
  readonly s: Member
  readonly b: Member
  readonly e: Member
}

async function scene(...words: readonly string[]): Promise<Scene> {
  const cohort = new Cohort(draftState([head("resolves"), ...words.map((text, i) => clause(text, `c${i}`))]))
  const [s, b, e] = [cohort.member("S"), cohort.member("B"), cohort.member("EUR")]
  await cohort.settle()
  return { cohort, s, b, e }
}

/** A clause as its stretches, each with the sources that strike it. */
const struckIn = ({ cohort }: Scene, block = "c0"): string[] => {
  const told: string[][] = []
  for (const { text, marks } of clauseOf(cohort, block).runs) {
    const by = marks.flatMap((mark) => (mark.name === "deletion" && isDeletionInEffect(mark, marks) ? [mark.source] : []))
    const name = [...new Set(by)].sort().join("+")
    if (told.at(-1)?.[1] === name) told.at(-1)![0] += text
    else told.push([text, name])
  }
  return told.map(([text, by]) => (by === "" ? text! : `${text} -${by}`))
}

const clauseOf = ({ room }: Cohort, id: string): Block => blocksOf(room.gate.shadow).find((block) => block.id === id)!
const changeOf = ({ cohort }: Scene, source: string): string => cohort.changes().find((change) => change.source === source)!.id

async function decide({ cohort }: Scene, verdict: "accept" | "notRetain" | "withdraw", ids: readonly string[], part?: Part): Promise<void> {
  const parts = new Map(part ? [[ids[0]!, part]] : [])
  expect(await cohort.decide(ids, verdict, parts), cohort.refusal?.message).toBe(true)
  await cohort.settle()
}

async function back({ cohort }: Scene, n: number): Promise<void> {
  expect(await cohort.takeBack(n), cohort.refusal?.message).toBe(true)
  await cohort.settle()
  expect(cohort.faults).toEqual([])
}

describe("who strikes what, once decisions are taken back", () => {
  it("[BACK1] of words that return together each is struck by whom it was, wherever the clause is by then", async () => {
    const made = await scene("lampka", "to end,")
    const { cohort, s, b, e } = made
    b.delete(1, 1, 3)
    e.delete(1, 2, 5)
    await cohort.settle()
    const seen = struckIn(made)
    expect(seen).toEqual(["l", "a -B", "m -B+EUR", "pk -EUR", "a"])
    await decide(made, "accept", [changeOf(made, "EUR")])
    await decide(made, "withdraw", [changeOf(made, "B")])
    s.session.restructuring.moveClause(1, 1)
    await cohort.settle()
    await decide(made, "accept", [changeOf(made, "S")])
    await back(made, 3)
    await back(made, 2)
    expect(struckIn(made)).toEqual(["l", "a -B", "a"])
    await back(made, 1)
    expect(struckIn(made)).toEqual(seen)
  })

  it("[BACK1 PART3] what was left of a divided deletion strikes nothing once it is one again, also where its words had gone", async () => {
    const made = await scene("to report early,")
    const { cohort, s, b } = made
    s.type(1, 15, " or late")
    await cohort.settle()
    b.delete(1, 10, 23)
    await cohort.settle()
    const before = standing(cohort.room.gate.shadow)
    const [own, others] = [changeOf(made, "S"), changeOf(made, "B")]
    await decide(made, "notRetain", [others, own], { segment: 0, from: 8, to: 10 })
    await back(made, 1)
    expect(standing(cohort.room.gate.shadow)).toEqual(before)
  })

  it("[BACK1] what comes back stands behind what stood around it, whatever others had put there and taken back", async () => {
    const made = await scene("to end,")
    const { cohort, s, b, e } = made
    s.type(1, 3, "big ")
    await cohort.settle()
    e.type(1, 3, "z")
    await cohort.settle()
    e.delete(1, 3, 4)
    await cohort.settle()
    b.delete(1, 3, 5)
    await cohort.settle()
    const opened = (): string[][] =>
      clauseOf(cohort, "c0").runs.map(({ text, marks }) => [text, ...marks.filter(isProposal).map(({ id }) => id)])
    const before = opened()
    await decide(made, "notRetain", [changeOf(made, "B")])
    await back(made, 1)
    expect(opened()).toEqual(before)
  })

  it.each([
    ["before it", 2, 4, 4, 5, ["re", "so -B", "l -EUR", "ves"]],
    ["behind it", 3, 4, 2, 3, ["re", "s -EUR", "o -B", "lves"]],
  ] as const)(
    "[BACK1] a strike that comes back takes no words in that are gone and return later: %s",
    async (_, from, to, start, end, seen) => {
      const made = await scene("resolves")
      const { cohort, b, e } = made
      e.delete(1, start, end)
      await cohort.settle()
      await cohort.act("comment", (gate) => {
        const anchor = { on: "words" as const, block: "c0", from: 2, to: 4, quote: "so" }
        return { row: beginThread(gate, anchor, { person: "p", source: "S", text: "why?", at: "2026-11-22T09:00:00Z" }).row }
      })
      await cohort.settle()
      b.delete(1, from, to)
      await cohort.settle()
      expect(struckIn(made)).toEqual(seen)
      await decide(made, "accept", [changeOf(made, "B")])
      await decide(made, "withdraw", [changeOf(made, "EUR")])
      const last = cohort.log.entries.length
      await back(made, last)
      await back(made, last - 1)
      expect(struckIn(made)).toEqual(seen)
    },
  )
})

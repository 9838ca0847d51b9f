import { describe, expect, it } from "vitest"
import { openingStateOf } from "../server/files/opening-state.ts"
import { readText } from "../server/files/text.ts"
import type { Verdict } from "../shared/changes/effects.ts"
import { labelsOf } from "../shared/clauses/labels.ts"
import { isPresent, textOf } from "../shared/schema/block.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { metaOfDoc } from "../shared/sync/roots.ts"
import { Cohort, type Member } from "./cohort.ts"

type Name = "ann" | "bob"
type Room = Readonly<Record<Name, Member>>

/** A clause that begins with a word. */
const at = (member: Member, word: string): number => {
  for (let i = 0; i < member.state.doc.childCount; i++) if (member.text(i).startsWith(word)) return i
  throw new Error(`no clause begins with ${word}`)
}

const text = "RESOLUTION 1\nOn lamps\nThe Council,\nresolves\n1\tone burns;\n1bis\ttwo burns;\n2\tthree burns;\n3\tfour burns.\n"

const strike =
  (who: Name, word: string) =>
  (room: Room): void =>
    room[who].session.restructuring.deleteClause(at(room[who], word))
const add =
  (who: Name, behind: string, words: string) =>
  (room: Room): void =>
    room[who].session.tracking.addClauseWith(at(room[who], behind) + 1, words)
const move =
  (who: Name, word: string, by: -1 | 1) =>
  (room: Room): void =>
    room[who].session.restructuring.moveClause(at(room[who], word), by)
const join =
  (who: Name, word: string) =>
  (room: Room): void =>
    void room[who].session.restructuring.join(at(room[who], word))
const split =
  (who: Name, word: string, offset: number) =>
  (room: Room): void =>
    room[who].session.tracking.split({ index: at(room[who], word), at: offset })

type Act = (room: Room) => void

/** A room with proposals, each one change. */
async function proposed(acts: readonly Act[]): Promise<{ cohort: Cohort; changes: string[] }> {
  const cohort = new Cohort(openingStateOf(readText(text)).update)
  const room = { ann: cohort.member("S"), bob: cohort.member("B") }
  await cohort.settle()
  const changes: string[] = []
  for (const act of acts) {
    const known = new Set(cohort.changes().map(({ id }) => id))
    act(room)
    await cohort.settle()
    const [fresh, ...more] = cohort.changes().filter(({ id }) => !known.has(id))
    expect(more).toEqual([])
    changes.push(fresh!.id)
  }
  return { cohort, changes }
}

/** The labels of the clauses, by their words. */
function labelsIn(cohort: Cohort): Record<string, string> {
  const doc = cohort.room.gate.shadow
  const blocks = blocksOf(doc)
  const { profile, labels: frozen } = metaOfDoc(doc)
  const labels = labelsOf(blocks, profile, frozen)
  return Object.fromEntries(
    blocks.flatMap((block) => (block.type === "clause" && isPresent(block) ? [[textOf(block), labels.get(block.id) ?? ""]] : [])),
  )
}

/** The labels of what is left, where the proposals are decided in an order. */
async function labelsAfter(acts: readonly Act[], verdicts: readonly Verdict[], order: readonly number[]): Promise<Record<string, string>> {
  const { cohort, changes } = await proposed(acts)
  for (const n of order) expect(await cohort.decide([changes[n]!], verdicts[n]!), `${n}: ${cohort.refusal?.message}`).toBe(true)
  return labelsIn(cohort)
}

const orders = (n: number): number[][] =>
  n === 0 ? [[]] : orders(n - 1).flatMap((rest) => Array.from({ length: n }, (_, i) => [...rest.slice(0, i), n - 1, ...rest.slice(i)]))

describe("labels and the order of decisions", () => {
  it.each([
    ["what is added behind a clause that goes", [strike("ann", "two"), add("bob", "two", "new burns;")], "aa"],
    ["two additions, one not retained", [add("ann", "one", "new burns;"), add("bob", "new", "fresh burns;")], "na"],
    ["one withdrawn", [add("ann", "two", "new burns;"), add("bob", "new", "fresh burns;")], "wa"],
    ["what is added behind a clause that moves", [move("ann", "two", 1), add("bob", "two", "new burns;")], "aa"],
    ["an addition before another", [add("ann", "one", "new burns;"), add("bob", "two", "fresh burns;"), strike("bob", "two")], "aaa"],
    ["what stands behind a clause that is joined", [join("ann", "two"), add("bob", "two", "new burns;")], "aa"],
    ["behind a clause that is split", [split("ann", "two", 4), add("bob", "two", "new burns;")], "aa"],
    [
      "of all",
      [strike("bob", "three"), add("ann", "two", "new burns;"), add("bob", "three", "fresh burns;"), strike("ann", "two")],
      "anaa",
    ],
  ] as const)("[NUM5] %s: every order gives the same", async (_, acts, letters) => {
    const verdicts = [...letters].map((letter): Verdict => (letter === "a" ? "accept" : letter === "n" ? "notRetain" : "withdraw"))
    const found = new Map<string, number[]>()
    for (const order of orders(acts.length)) found.set(JSON.stringify(await labelsAfter(acts, verdicts, order)), order)
    expect([...found.keys()]).toHaveLength(1)
  })
  it("[NUM5] what a decision leaves open keeps its label, and so where that decision is taken back", async () => {
    const acts = [strike("ann", "two"), add("bob", "two", "new burns;")]
    const expected = { "one burns;": "1", "two burns;": "1bis", "new burns;": "1ter", "three burns;": "2", "four burns.": "3" }
    const { cohort, changes } = await proposed(acts)
    expect(labelsIn(cohort)).toEqual(expected)
    await cohort.decide([changes[0]!], "accept")
    const { "two burns;": _, ...left } = expected
    expect(labelsIn(cohort)).toEqual(left)
    expect(await cohort.takeBack(1)).toBe(true)
    expect(labelsIn(cohort)).toEqual(expected)
    await cohort.decide([changes[0]!], "accept")
    await cohort.decide([changes[1]!], "accept")
    expect(await cohort.takeBack(3), cohort.refusal?.message).toBe(true)
    expect(labelsIn(cohort)).toEqual(expected)
    expect(metaOfDoc(cohort.room.gate.shadow).labels).toMatchObject({ [blocksOf(cohort.room.gate.shadow)[6]!.id]: "1ter" })
  })

  it("[NUM5] no addition is given the label of a clause of the text in force that is gone", async () => {
    for (const act of [strike("ann", "two"), join("ann", "two")]) {
      const { cohort, changes } = await proposed([act])
      await cohort.decide([changes[0]!], "accept")
      const bob = cohort.member("J")
      await cohort.settle()
      bob.session.tracking.addClauseWith(at(bob, "one") + 1, "new burns;")
      await cohort.settle()
      expect(labelsIn(cohort)["new burns;"]).toBe("1ter")
      expect(await cohort.takeBack(1), cohort.refusal?.message).toBe(true)
      expect(labelsIn(cohort)).toMatchObject({ "two burns;": "1bis", "new burns;": "1ter" })
    }
  })
})

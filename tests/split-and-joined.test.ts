import { describe, expect, it } from "vitest"
import { draftStateOf } from "../server/exchange/draft-state.ts"
import { readText } from "../server/exchange/text.ts"
import { changeSaid } from "../shared/changes/pieces.ts"
import { resolution } from "../shared/changes/resolve.ts"
import { countingMint } from "../shared/changes/restructure.ts"
import { type Block, defaultAttrs, isPresent, splitCharacter, textOf } from "../shared/schema/block.ts"
import { newMark } from "../shared/schema/schema.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { run } from "./build.ts"
import { Cohort, type Member } from "./cohort.ts"

type Name = "ann" | "bob" | "joe"
type Room = Readonly<Record<Name, Member>>
type Act = (room: Room) => void

const text =
  "RESOLUTION 1\nOn lamps\nThe Council,\nresolves\n1\tone burns;\n2\ttwo burns at every harbour without delay;\n3\tthree burns to share their charts;\n4\tfour burns.\n"

/** A clause that begins with a word. */
const at = (member: Member, word: string): number => {
  for (let i = 0; i < member.state.doc.childCount; i++) if (member.text(i).startsWith(word)) return i
  throw new Error(`no clause begins with ${word}`)
}

const join =
  (who: Name, word: string): Act =>
  (room) =>
    void room[who].session.restructuring.join(at(room[who], word))
const split =
  (who: Name, word: string, before: string): Act =>
  (room) => {
    const index = at(room[who], word)
    room[who].session.tracking.split({ index, at: room[who].text(index).indexOf(before) })
  }
const move =
  (who: Name, word: string, by: -1 | 1): Act =>
  (room) =>
    room[who].session.restructuring.moveClause(at(room[who], word), by)

async function proposed(acts: readonly Act[]): Promise<{ cohort: Cohort; changes: string[] }> {
  const cohort = new Cohort(draftStateOf(readText(text)).update)
  const room = { ann: cohort.member("S"), bob: cohort.member("B"), joe: cohort.member("J") }
  await cohort.settle()
  const changes: string[] = []
  for (const act of acts) {
    const known = new Set(cohort.changes().map(({ id }) => id))
    act(room)
    await cohort.settle()
    const fresh = cohort.changes().filter(({ id }) => !known.has(id))
    expect(fresh).toHaveLength(1)
    changes.push(fresh[0]!.id)
  }
  return { cohort, changes }
}

const clauses = (cohort: Cohort): string[] =>
  blocksOf(cohort.room.gate.shadow).flatMap((block) => (block.type === "clause" && isPresent(block) ? [textOf(block)] : []))

const orders = (n: number): number[][] =>
  n === 0 ? [[]] : orders(n - 1).flatMap((rest) => Array.from({ length: n }, (_, i) => [...rest.slice(0, i), n - 1, ...rest.slice(i)]))

const cases: [string, Act[], string[]][] = [
  [
    "what is joined to a clause that was joined goes where the words of that end",
    [join("ann", "two"), split("bob", "two", "without"), join("joe", "three")],
    ["one burns; two burns at every harbour ", "without delay; three burns to share their charts;", "four burns."],
  ],
  [
    "a join takes no split back",
    [join("ann", "three"), split("bob", "three", "their")],
    ["one burns;", "two burns at every harbour without delay; three burns to share ", "their charts;", "four burns."],
  ],
  [
    "nor two, nor where another clause is joined to the one that was split",
    [join("ann", "three"), split("bob", "three", "their"), split("joe", "three", "to share"), join("joe", "four")],
    ["one burns;", "two burns at every harbour without delay; three burns ", "to share ", "their charts; four burns."],
  ],
  [
    "nor where the clause that it is joined to moves",
    [join("ann", "three"), split("bob", "three", "their"), move("joe", "two", -1)],
    ["two burns at every harbour without delay; three burns to share ", "their charts;", "one burns;", "four burns."],
  ],
]

describe("clauses that are split and joined", () => {
  it.each(cases)("[RES6 TRK5 TRK11 BACK] %s: every order, and back", async (_, acts, expected) => {
    for (const order of orders(acts.length)) {
      const { cohort, changes } = await proposed(acts)
      const start = clauses(cohort)
      const stood = [start]
      for (const n of order) {
        expect(await cohort.decide([changes[n]!], "accept"), `${order}: ${cohort.refusal?.message}`).toBe(true)
        stood.push(clauses(cohort))
      }
      expect(clauses(cohort), `${order}`).toEqual(expected)
      expect(cohort.changes()).toEqual([])
      for (let i = order.length; i > 0; i--) {
        expect(await cohort.takeBack(i), `${order} ${i}: ${cohort.refusal?.message}`).toBe(true)
        expect(clauses(cohort), `${order} ${i}`).toEqual(stood[i - 1])
      }
    }
  })

  it("[RES6] the parts of a clause that moves stay together, where another moves to the same place", () => {
    const act = (id: string, block: string): Block["structure"] => [
      { id, of: "", source: id[0]!, block, changeId: id, kind: "move", after: "f" },
    ]
    const block = (id: string, runs: Block["runs"], structure: Block["structure"] = []): Block => ({
      ...defaultAttrs,
      id,
      type: "clause",
      runs,
      structure,
    })
    const sign = newMark("insertion", { id: "D.1.4", source: "D", within: [] })
    const start = [
      block("a", [run("last")], act("C.1.6", "a")),
      block("d", [run("second "), run(splitCharacter, sign), run("third")], act("B.1.5", "d")),
      block("f", [run("first")]),
    ]
    const changes = ["D.1.4", "B.1.5", "C.1.6"]
    for (const order of orders(3)) {
      const mint = countingMint()
      let blocks: Block[] = start
      for (const n of order) blocks = resolution(blocks, new Map([[changes[n]!, "accept"]]), mint).blocks
      expect(blocks.map(textOf), `${order}`).toEqual(["first", "second ", "third", "last"])
    }
  })

  it("[RES6 PIECE1] what follows a clause that is to be joined is told to move, not to be joined", async () => {
    const { cohort, changes } = await proposed([join("ann", "three"), split("bob", "three", "their")])
    await cohort.decide([changes[1]!], "accept")
    const [left] = cohort.changes()
    expect(changeSaid(left!, (id) => id)).toMatch(/join “three burns to share ” to the clause before; .*move “their charts;”$/)
  })

  it("[TRK5] the halves of a clause that was split while it moves change places", async () => {
    const { cohort, changes } = await proposed([move("ann", "two", 1), split("bob", "two", "without")])
    await cohort.decide([changes[1]!], "accept")
    await cohort.settle()
    const ann = cohort.members[0]!
    ann.session.restructuring.moveClause(at(ann, "two"), 1)
    await cohort.settle()
    await cohort.decide([changes[0]!], "accept")
    expect(clauses(cohort)).toEqual([
      "one burns;",
      "three burns to share their charts;",
      "without delay;",
      "two burns at every harbour ",
      "four burns.",
    ])
  })
})

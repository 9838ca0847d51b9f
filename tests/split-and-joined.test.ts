import { describe, expect, it } from "vitest"
import { openingStateOf } from "../server/files/opening-state.ts"
import { readText } from "../server/files/text.ts"
import { meaningOf } from "../shared/changes/carried.ts"
import { noTies } from "../shared/changes/links.ts"
import { changeSaid } from "../shared/changes/pieces.ts"
import { resolution } from "../shared/changes/resolve.ts"
import { countingMint } from "../shared/changes/restructure.ts"
import { type Block, defaultAttrs, isPresent, splitCharacter, textOf } from "../shared/schema/block.ts"
import { markId, parseMarkId, serverClient } from "../shared/schema/keys.ts"
import { newMark } from "../shared/schema/schema.ts"
import { blocksOf, structureRoot } from "../shared/sync/read.ts"
import { roots } from "../shared/sync/roots.ts"
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

async function proposed(acts: readonly Act[]): Promise<{ cohort: Cohort; changes: string[]; room: Room }> {
  const cohort = new Cohort(openingStateOf(readText(text)).update)
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
  return { cohort, changes, room }
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
  const asWhole: Record<string, Act> = {
    join: join("ann", "three"),
    move: move("ann", "three", -1),
    "change of level": ({ ann }) => void ann.session.restructuring.changeLevel(at(ann, "three"), 1),
    deletion: ({ ann }) => void ann.session.restructuring.deleteClause(at(ann, "three")),
  }
  for (const [what, act] of Object.entries(asWhole))
    for (const when of ["in time", "late"] as const)
      it(`[RES6 GATE8] a ${what} that its source takes back goes with all that was held for the parts of its clause: ${when}`, async () => {
        const acts =
          when === "in time"
            ? [act, split("bob", "three", "to share"), split("bob", "three", "their")]
            : [split("bob", "three", "to share"), split("bob", "three", "their")]
        const { cohort, changes, room } = await proposed(acts)
        const start = clauses(cohort).length
        if (when === "late") room.ann.cut()
        for (const id of changes.slice(-2)) await cohort.decide([id], "accept")
        if (when === "late") {
          act(room)
          room.ann.connect()
        }
        await cohort.settle()
        const { doc } = room.ann.session
        const entries = doc.getMap(structureRoot)
        expect(entries.size).toBe(3)
        const own = [...entries.keys()].filter((id) => parseMarkId(id)!.client === doc.clientID)
        expect(own).toHaveLength(1)
        doc.transact(() => entries.delete(own[0]!))
        await cohort.settle()
        const structure = cohort.changes().flatMap((change) => change.structure)
        expect([structure, entries.size, cohort.refusals]).toEqual([[], 0, []])
        expect(roots.late(cohort.room.main).size).toBe(0)
        expect(clauses(cohort)).toHaveLength(start + 2)
      })

  type Entry = Readonly<{ kind: "join"; into: string } | { kind: "delete" }>

  /** Writes entries about clauses, named by their first words, as one change. */
  const asOne =
    (who: Name, acts: readonly (readonly [word: string, entry: Entry])[], of = ""): Act =>
    (room) => {
      const { doc, tracking } = room[who].session
      const { source, state } = room[who]
      const idOf = (word: string): string => state.doc.child(at(room[who], word)).attrs.id as string
      let first = of
      doc.transact(() => {
        for (const [word, entry] of acts) {
          const id = tracking.newId()
          const target = entry.kind === "join" ? { into: idOf(entry.into) } : {}
          doc.getMap(structureRoot).set(id, { id, of: first, source, block: idOf(word), ...entry, ...target })
          first ||= id
        }
      })
    }
  const into = (word: string, target: string): readonly [string, Entry] => [word, { kind: "join", into: target }]
  const ofRoom = (cohort: Cohort, asked: ReadonlySet<string>) => {
    const { gate } = cohort.room
    const ground = { blocks: gate.blocks, ties: noTies, twins: new Map(), noted: new Set<string>(), forestalled: new Map() }
    return meaningOf(asked, "accept", { ...ground, leavesOut: true })
  }

  it("[RES7 GATE14] what a decision would lead in a circle competes with it, also where one of them does two things", async () => {
    for (const first of [0, 1]) {
      const { cohort, changes } = await proposed([
        asOne("ann", [into("three", "one"), into("two", "three")]),
        asOne("bob", [into("one", "two")]),
      ])
      const start = clauses(cohort)
      const meant = ofRoom(cohort, new Set([changes[first]!]))
      expect([...meant.overtaken], "the question says so").toEqual([changes[1 - first]])
      expect(await cohort.decide(changes, "accept")).toBe(false)
      expect(cohort.refusal?.message).toMatch(/^Two of these proposals, by B, S, cannot both be accepted/)
      expect(await cohort.decide([changes[first]!], "accept")).toBe(true)
      expect(cohort.changes()).toEqual([])
      expect(clauses(cohort)).toHaveLength(start.length - (first === 0 ? 2 : 1))
      expect((cohort.log.entries.at(-1)!.details.overtaken as { id: string }[]).map(({ id }) => id)).toEqual([changes[1 - first]])
      expect(await cohort.takeBack(1)).toBe(true)
      expect([
        clauses(cohort),
        cohort
          .changes()
          .map(({ id }) => id)
          .sort(),
      ]).toEqual([start, [...changes].sort()])
    }
  })

  it("[RES7] so does what leads through clauses that were joined since, or to what goes with them", async () => {
    const joined = asOne("joe", [into("one", "two")])
    const circle = await proposed([joined, asOne("ann", [into("three", "one")]), asOne("bob", [into("two", "three")])])
    expect([...ofRoom(circle.cohort, new Set([circle.changes[0]!])).overtaken]).toEqual([])
    await circle.cohort.decide([circle.changes[0]!], "accept")
    expect([...ofRoom(circle.cohort, new Set([circle.changes[1]!])).overtaken]).toEqual([circle.changes[2]])
    expect(await circle.cohort.decide(circle.changes.slice(1), "accept")).toBe(false)
    const { cohort, changes, room } = await proposed([joined, asOne("ann", [into("three", "one")])])
    await cohort.decide([changes[0]!], "accept")
    await cohort.settle()
    asOne("bob", [["two", { kind: "delete" }]])(room)
    await cohort.settle()
    const deletion = cohort.changes().find(({ source }) => source === "B")!.id
    expect([...ofRoom(cohort, new Set([deletion])).overtaken]).toEqual([changes[1]])
    await cohort.decide([changes[1]!], "accept")
    expect(clauses(cohort)).toEqual([
      "two burns at every harbour without delay;one burns;three burns to share their charts;",
      "four burns.",
    ])
  })

  it("[RES7] of three that lead in a circle any two go together, and all of them are refused, or left out of an act that takes all", async () => {
    const acts = [asOne("ann", [into("one", "two")]), asOne("bob", [into("two", "three")]), asOne("joe", [into("three", "one")])]
    for (const order of orders(3)) {
      const { cohort, changes } = await proposed([...acts, asOne("ann", [["four", { kind: "delete" }]])])
      expect(await cohort.decide(changes, "accept")).toBe(false)
      expect(cohort.refusal?.message).toMatch(
        /^Nothing was decided: what is proposed here, by S, B, J, cannot all be carried out, for it joins clauses in a circle/,
      )
      const meant = ofRoom(cohort, new Set(changes))
      expect([[...meant.decided], meant.leftOut]).toEqual([[changes[3]], [{ kind: "rivals", changes: changes.slice(0, 3) }]])
      const [first, second, third] = order.map((n) => changes[n]!)
      expect(await cohort.decide([first!], "accept")).toBe(true)
      expect(await cohort.decide([second!], "accept")).toBe(true)
      expect(cohort.changes().map(({ id }) => id)).toEqual([changes[3]])
      expect((cohort.log.entries.at(-1)!.details.overtaken as { id: string }[]).map(({ id }) => id)).toEqual([third])
      expect(clauses(cohort)).toHaveLength(2)
    }
  })

  it("[GATE14] an entry that contradicts its change by what was joined since is a change of its own", async () => {
    const { cohort, changes, room } = await proposed([asOne("joe", [into("one", "two")]), asOne("ann", [into("three", "one")])])
    await cohort.decide([changes[0]!], "accept")
    await cohort.settle()
    asOne("ann", [["two", { kind: "delete" }]], changes[1])(room)
    asOne("ann", [into("two", "three")], changes[1])(room)
    await cohort.settle()
    expect(cohort.refusals).toEqual([])
    expect(cohort.changes().map((change) => change.structure.length)).toEqual([1, 1, 1])
  })

  it.each([
    [
      "leads in a circle",
      [
        { block: "one", kind: "join", into: "two" },
        { block: "two", kind: "join", into: "one" },
      ],
    ],
    [
      "puts a clause at two places",
      [
        { block: "one", kind: "move", after: "two" },
        { block: "one", kind: "move", after: "three" },
      ],
    ],
    [
      "puts it at two levels",
      [
        { block: "one", kind: "level", level: 2 },
        { block: "one", kind: "level", level: 3 },
      ],
    ],
    [
      "joins a clause to one that goes",
      [
        { block: "one", kind: "delete" },
        { block: "two", kind: "join", into: "one" },
      ],
    ],
  ])("[RES7] a change that by itself %s, as a file may bring one, is refused in a sentence, and stays open", async (_, acts) => {
    const { cohort, room } = await proposed([])
    const idOf = (word: string): string => room.ann.state.doc.child(at(room.ann, word)).attrs.id as string
    const ids = [markId("SEC", serverClient, 900_001), markId("SEC", serverClient, 900_002)]
    cohort.room.gate.act((_, shadow) => {
      for (const [n, { block, ...act }] of acts.entries()) {
        const [id, of] = [ids[n]!, n === 0 ? "" : ids[0]!]
        const named = Object.entries(act).map(([key, value]) => [key, key === "into" || key === "after" ? idOf(String(value)) : value])
        shadow.getMap(structureRoot).set(id, { id, of, source: "SEC", block: idOf(block), ...Object.fromEntries(named) })
      }
    })
    expect(cohort.changes()).toHaveLength(1)
    expect(ofRoom(cohort, new Set([ids[0]!])).leftOut).toEqual([{ kind: "rivals", changes: [ids[0]] }])
    expect(await cohort.decide([ids[0]!], "accept")).toBe(false)
    expect(cohort.refusal?.message).toBe(
      "Nothing was decided: what is proposed here, by SEC, cannot all be carried out, for it joins clauses in a circle or to one that goes, or gives one clause two places or two levels. Do not retain it, and ask its delegation to propose anew what it means.",
    )
    expect(await cohort.decide([ids[0]!], "notRetain")).toBe(true)
    expect(clauses(cohort)).toHaveLength(4)
  })
})

import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { seenIn } from "../server/decisions/as-seen.ts"
import { decideChanges } from "../server/decisions/decide.ts"
import { recordOf } from "../server/decisions/decision-record.ts"
import { Gate } from "../server/gate/gate.ts"
import { changesIn } from "../shared/changes/changes.ts"
import { changeSaid } from "../shared/changes/pieces.ts"
import { resolved } from "../shared/changes/resolve.ts"
import { changeHash, sightOf } from "../shared/changes/sight.ts"
import { finished } from "../shared/changes/slices.ts"
import { wholesSaid } from "../shared/changes/wholes.ts"
import {
  type Block,
  defaultAttrs,
  type Mark,
  type StructuralAct,
  type StructuralProposal,
  splitCharacter,
  textOf,
} from "../shared/schema/block.ts"
import { newMark } from "../shared/schema/schema.ts"
import { blocksRoot, elementsOf, structureRoot, textOfElement } from "../shared/sync/read.ts"
import { slotAt, writeMark, writeText } from "../shared/sync/write.ts"
import { clause as agreed, draftState, head, run } from "./build.ts"

const change = "S.1.1"
let n = 1
/** A mark of the one change that all here is about. */
const mark = (name: "insertion" | "deletion", over: readonly string[] = []): Mark =>
  newMark(name, n === 1 ? { id: `S.1.${n++}`, source: "S", over } : { id: `S.1.${n++}`, of: change, source: "S", over })
const entry = (block: string, act: StructuralAct): StructuralProposal => ({
  id: `S.1.${n++}`,
  of: change,
  changeId: change,
  source: "S",
  block,
  ...act,
})
const clause = (id: string, runs: Block["runs"] | string, ...acts: StructuralAct[]): Block => ({
  ...defaultAttrs,
  id,
  type: "clause",
  runs: typeof runs === "string" ? [run(runs)] : runs,
  structure: acts.map((act) => entry(id, act)),
})
const added = (id: string, words: string): Block => ({
  ...clause(id, words === "" ? [] : [run(words, mark("insertion"))]),
  insertedBy: "S",
  insertedId: change,
})

const told = (make: () => Block[]): string => {
  n = 1
  const blocks = make()
  return changeSaid(changesIn(blocks).find(({ id }) => id === change)!, (block) => block.toUpperCase())
}

const insert = (id: string): Block => clause(id, [run("old "), run("new", mark("insertion")), run(" words")])
const strike = (id: string): Block => clause(id, [run("old "), run(`gone ${id}`, mark("deletion"))])

describe("[PIECE1] a change is told with all that it does, and where", () => {
  it.each<[string, () => Block[], string]>([
    [
      "a new clause, words struck elsewhere, a clause that goes",
      () => [added("x", "brand new"), strike("a"), clause("b", "to be deleted", { kind: "delete" })],
      "in X: new clause “brand new”; in A: delete “gone a”; in B: delete the clause “to be deleted”",
    ],
    [
      "a move and a level of two clauses",
      () => [clause("a", "one", { kind: "move", after: "b" }), clause("b", "two", { kind: "level", level: 2 })],
      "in A: move “one”; in B: put “two” at level 2",
    ],
    [
      "a join and a move",
      () => [clause("a", "one"), clause("b", "two", { kind: "join", into: "a" }), clause("c", "three", { kind: "move", after: null })],
      "in B: join “two” to the clause before; in C: move “three”",
    ],
    [
      "a move and words elsewhere",
      () => [clause("a", "one", { kind: "move", after: "b" }), insert("b")],
      "in B: insert “new”; in A: move “one”",
    ],
    [
      "a level and struck words",
      () => [clause("a", "one", { kind: "level", level: 2 }), strike("b")],
      "in B: delete “gone b”; in A: put “one” at level 2",
    ],
    [
      "words and a clause that goes are no replacement",
      () => [insert("a"), clause("b", "goes", { kind: "delete" })],
      "in A: insert “new”; in B: delete the clause “goes”",
    ],
    [
      "a split and words elsewhere",
      () => [clause("a", [run("one"), run(splitCharacter, mark("insertion")), run("two")]), insert("b")],
      "in A: split the clause; in B: insert “new”",
    ],
    ["words in two clauses", () => [insert("a"), insert("b")], "in A: insert “new”; in B: insert “new”"],
    [
      "words of others that a new clause takes out",
      () => [
        added("x", "mine"),
        {
          ...clause("y", [run("theirs", newMark("insertion", { id: "B.2.1", source: "B" }), mark("deletion", ["B.2.1"]))]),
          insertedBy: "S",
          insertedId: change,
        },
      ],
      "in X: new clause “mine”; in Y: new clause; in Y: delete “theirs”",
    ],
    [
      "several clauses that go",
      () => [clause("a", "one", { kind: "delete" }), clause("b", "two", { kind: "delete" })],
      "delete the clause “one … two” (in A and B)",
    ],
    ["several new ones", () => [added("x", "one"), added("y", "two")], "2 new clauses “one … two” (in X and Y)"],
    [
      "words in one clause are told as ever",
      () => [clause("a", [run("old", mark("deletion")), run("new", mark("insertion"))])],
      "replace “old” by “new”",
    ],
    [
      "a join with its space too",
      () => [clause("a", [run("one"), run(" ", mark("insertion"))]), clause("b", "two", { kind: "join", into: "a" })],
      "join “two” to the clause before",
    ],
  ])("%s", (_, make, said) => expect(told(make)).toBe(said))

  it("no act is told in the name of another", () => {
    const acts = [
      { block: "a", kind: "delete" },
      { block: "b", kind: "delete" },
      { block: "c", kind: "join", into: "b" },
      { block: "d", kind: "move", after: null },
      { block: "e", kind: "move", after: "d" },
      { block: "f", kind: "move", after: "a" },
    ] as const
    expect(wholesSaid(acts, (block) => block)).toBe("delete a and b; join c to b; move d and e to the front; move f behind a")
  })
})

describe("[NUM10] a new clause that holds nothing", () => {
  const blanks = (...ids: string[]): Block[] => {
    n = 1
    return [insert("a"), ...ids.map((id) => added(id, ""))]
  }
  const hash = (blocks: readonly Block[]): string => changeHash(changesIn(blocks)[0]!, sightOf(blocks))

  it("[HASH1] is seen: hung on a change afterwards it makes it another", () => {
    expect(new Set([hash(blanks()), hash(blanks("x")), hash(blanks("x", "y"))]).size).toBe(3)
  })
  it("is not agreed with what it was hung on", () => {
    const after = resolved(blanks("x", "y"), new Map([[change, "accept"]]))
    expect(after.map((block) => [block.id, textOf(block)])).toEqual([["a", "old new words"]])
  })
  it("one in which others have written stays where it is accepted", () => {
    n = 1
    const theirs = {
      ...clause("y", [run("theirs", newMark("insertion", { id: "B.2.1", source: "B" }))]),
      insertedBy: "S",
      insertedId: change,
    }
    expect(resolved([insert("a"), theirs], new Map([[change, "accept"]])).map(({ id }) => id)).toEqual(["a", "y"])
  })
})

/** A room whose log holds what no gate takes any more: S's change at all of these places. */
function room(write: (tr: Y.Transaction, shadow: Y.Doc) => void): Gate {
  const gate = new Gate(
    [draftState([head("resolves"), agreed("to meet yearly", "a"), agreed("to report", "b"), agreed("to rest", "c")])],
    () => undefined,
  )
  gate.act((tr, shadow) => {
    const text = textOfElement(elementsOf(shadow)[1]!)!
    writeText(tr, text, slotAt(tr, text, 7, "S"), " twice", [newMark("insertion", { id: change, source: "S" })])
    write(tr, shadow)
  })
  return gate
}

function blank(shadow: Y.Doc, id: string): void {
  const element = new Y.XmlElement("clause")
  element.insert(0, [new Y.XmlText()])
  shadow.getXmlFragment(blocksRoot).insert(2, [element])
  for (const [name, value] of Object.entries({ id, insertedBy: "S", insertedId: change })) element.setAttribute(name, value)
}

describe("in a room", () => {
  const decide = (gate: Gate, seen = seenIn(gate)) => finished(decideChanges(gate, seen, "accept", { isPartial: false }))
  const texts = (gate: Gate): string[] => gate.blocks.map(textOf)

  it("[HASH1 NUM10] what was seen before empty clauses were hung on it is not decided, and with them they go", () => {
    const gate = room(() => undefined)
    const seen = seenIn(gate)
    gate.act((_, shadow) => ["x", "y"].forEach((id) => void blank(shadow, id)))
    expect(() => decide(gate, seen)).toThrow(/no longer as you saw it/)
    expect(texts(gate)).toHaveLength(6)
    decide(gate)
    expect(texts(gate)).toEqual(["resolves", "to meet twice yearly", "to report", "to rest"])
  })

  it("[PIECE1 HASH2] the record tells all that was decided, and where", () => {
    const gate = room((tr, shadow) => {
      writeMark(tr, textOfElement(elementsOf(shadow)[2]!)!, 3, 9, newMark("deletion", { id: "S.1.2", of: change, source: "S" }))
      const goes = { id: "S.1.3", of: change, source: "S", block: "c", kind: "delete" }
      shadow.getMap(structureRoot).set(goes.id, goes)
    })
    const record = recordOf(decide(gate), (block) => block.toUpperCase())
    expect(record.changes.map(({ what }) => what)).toEqual([
      "in A: insert “ twice”; in B: delete “report”; in C: delete the clause “to rest”",
    ])
    expect(record.blocks.map(({ id }) => id)).toEqual(["a", "b", "c"])
  })
})

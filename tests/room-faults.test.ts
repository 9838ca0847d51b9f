import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { Mismatch, proveBlocks } from "../server/decisions/proven.ts"
import { finished } from "../shared/changes/slices.ts"
import { type Block, defaultAttrs, noStructure } from "../shared/schema/block.ts"
import { attrsOfMark, newMark } from "../shared/schema/schema.ts"
import { blocksOf, elementsOf, textOfElement } from "../shared/sync/read.ts"
import { writeItem } from "../shared/sync/write.ts"
import { clause, draftState, head, run } from "./build.ts"
import { Cohort, signature } from "./cohort.ts"

const opened = async (): Promise<Cohort> => {
  const cohort = new Cohort(draftState([head("resolves"), clause("to count the lamps", "c0")]))
  cohort.member("S")
  cohort.member("B")
  await cohort.settle()
  return cohort
}

describe("what fails leaves nothing behind", () => {
  it("[ROOM5] of a decision whose commit failed: its change is open as before, and an undo and a redo of it are what they were", async () => {
    const cohort = await opened()
    const [s] = cohort.members as [(typeof cohort.members)[0]]
    s.type(1, 8, " all")
    await cohort.settle()
    const before = cohort.changes()
    cohort.log.isFailing = true
    expect(await cohort.decide([before[0]!.id], "accept")).toBe(false)
    cohort.log.isFailing = false
    await cohort.settle()
    expect(cohort.changes()).toEqual(before)
    s.session.undoManager.undo()
    await cohort.settle()
    expect(cohort.changes()).toEqual([])
    s.session.undoManager.redo()
    await cohort.settle()
    expect(cohort.changes().map(({ id, inserted }) => [id, inserted])).toEqual([[before[0]!.id, " all"]])
    expect(cohort.faults).toEqual([])
  })

  it("[ROOM7] an exception of ours is told with its cause; it costs the one whom it met a new start, and nobody else anything", async () => {
    const cohort = await opened()
    const [s, b] = cohort.members as [(typeof cohort.members)[0], (typeof cohort.members)[0]]
    const cause = new Error("a bug")
    cohort.breaks = cause
    s.type(1, 8, " all")
    s.deliverUp()
    cohort.breaks = null
    await cohort.tick()
    s.deliverDown()
    expect(cohort.faults).toEqual([cause])
    expect(s.refusals.map(({ reason }) => reason)).toEqual(["server-fault"])
    expect(s.tray.map(({ text }) => text)).toEqual([" all"])
    b.type(1, 0, "always ")
    await cohort.settle()
    expect(cohort.changes().map(({ inserted }) => inserted)).toEqual(["always "])
    expect(signature(cohort.room.gate.shadow)).toBe(signature(cohort.room.main))
  })

  it("[ROOM7] an act that throws has changed nothing", async () => {
    const cohort = await opened()
    const before = signature(cohort.room.gate.shadow)
    const flaw = new Mismatch("planted")
    const act = cohort.act("test", (gate) => {
      gate.act((_, shadow) => elementsOf(shadow)[1]!.setAttribute("level", 2 as never))
      throw flaw
    })
    await expect(act).rejects.toThrow("planted")
    expect(cohort.faults).toEqual([flaw])
    expect(signature(cohort.room.gate.shadow)).toBe(before)
  })

  it("[GATE16] so has one that leaves a mark in force at the end of a block", async () => {
    const cohort = await opened()
    const before = signature(cohort.room.gate.shadow)
    const act = cohort.act("test", (gate) => ({
      row: gate.act((tr, shadow) => {
        const mark = newMark("deletion", { id: "S.16777215.9", source: "S" })
        const text = textOfElement(elementsOf(shadow)[1]!)!
        writeItem(tr, text, { left: null, right: text._start }, new Y.ContentFormat(mark.key, attrsOfMark(mark)))
      }),
    }))
    await expect(act).rejects.toThrow(/mark open/)
    expect(cohort.faults).toHaveLength(1)
    expect(signature(cohort.room.gate.shadow)).toBe(before)
    expect(blocksOf(cohort.room.main)[1]!.runs).toHaveLength(1)
  })
})

describe("what a decision left is what its verdicts say", () => {
  const block = (parts: Partial<Block> = {}): Block => ({
    ...defaultAttrs,
    id: "c",
    type: "clause",
    runs: [run("to count")],
    structure: noStructure,
    ...parts,
  })
  const deletion = newMark("deletion", { id: "S.1.1", source: "S" })
  const entry = { id: "S.1.2", of: "", source: "S", block: "c", changeId: "S.1.2", kind: "delete" } as const
  const prove = (left: readonly Block[], expected: readonly Block[]): void => finished(proveBlocks(left, expected))

  it("[ACT9] the same words in other runs are the same; the place that a block left is none of the text", () =>
    expect(() => prove([block({ runs: [run("to "), run("count")] }), block({ id: "x", joined: "c" })], [block()])).not.toThrow())
  it("[ACT9] wherever the places of blocks that went stand, on either side, what is left is compared in order", () => {
    const place = (id: string): Block => block({ id, joined: "c", runs: [] })
    const [one, two] = [block(), block({ id: "d" })]
    expect(() => prove([place("x"), one, place("y"), two], [one, place("z"), place("y"), block({ id: "d" }), place("x")])).not.toThrow()
    expect(() => prove([place("x"), two, one], [one, place("x"), two])).toThrow(Mismatch)
    expect(() => prove([one, place("x")], [one, two])).toThrow("1 blocks are left, 2 should be")
    expect(() => prove([one, two], [place("x"), one])).toThrow("2 blocks are left, 1 should be")
  })
  it.each<[string, readonly Block[]]>([
    ["no block", []],
    ["a block too many", [block(), block({ id: "d" })]],
    ["another word", [block({ runs: [run("to number")] })]],
    ["a mark too many", [block({ runs: [run("to count", deletion)] })]],
    ["another level", [block({ level: 2 })]],
    ["still proposed", [block({ insertedBy: "S", insertedId: "S.1.1" })]],
    ["another order", [block({ id: "d" })]],
    ["a proposal about it too many", [block({ structure: [entry] })]],
  ])("[ACT9] %s is a mismatch", (_, left) => expect(() => prove(left, [block()])).toThrow(Mismatch))
})

import { describe, expect, it } from "vitest"
import { openingStateOf } from "../server/files/opening-state.ts"
import { readText } from "../server/files/text.ts"
import { describeChange } from "../shared/changes/changes.ts"
import { changeSaid } from "../shared/changes/pieces.ts"
import { proposedTextOf, workingTextOf } from "../shared/changes/projections.ts"
import { textOf } from "../shared/schema/block.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort, signature, signatureOfState } from "./cohort.ts"

const start = (): Cohort =>
  new Cohort(draftState([head("resolves"), clause("to continue the work of the group;", "c1"), clause("to report,", "c2")]))
const working = (cohort: Cohort): string => workingTextOf(blocksOf(cohort.room.main)).map(textOf).join("|")
const proposed = (cohort: Cohort): string => proposedTextOf(blocksOf(cohort.room.main)).map(textOf).join("|")
const open = (cohort: Cohort): string[] => cohort.changes().map((change) => `${change.source}: ${describeChange(change)}`)

async function two(): Promise<{ cohort: Cohort; a: ReturnType<Cohort["member"]>; b: ReturnType<Cohort["member"]> }> {
  const cohort = start()
  const a = cohort.member("S")
  const b = cohort.member("B")
  await cohort.settle()
  return { cohort, a, b }
}

/** Sweden has proposed " all forms of", and Brazil " known" inside it. */
async function nested(): ReturnType<typeof two> {
  const scene = await two()
  scene.a.type(1, 11, " all forms of")
  await scene.cohort.settle()
  scene.b.type(1, 15, " known")
  await scene.cohort.settle()
  return scene
}

function sound(cohort: Cohort): void {
  const main = signature(cohort.room.main)
  expect(signature(cohort.replayed())).toBe(main)
  for (const member of cohort.members) {
    expect(signature(member.session.doc)).toBe(main)
    expect(signatureOfState(member.state)).toBe(main)
    expect(member.session.binding.corrections).toBe(0)
  }
  expect(cohort.room.faults).toBe(0)
}

describe("tracking", () => {
  it("[TRK1] typing into agreed text is an insertion of the typist's source and leaves the working text", async () => {
    const { cohort, a, b } = await two()
    a.type(1, 11, " urgently")
    await cohort.settle()
    expect(working(cohort)).toBe("resolves|to continue the work of the group;|to report,")
    expect(b.text(1)).toBe("to continue urgently the work of the group;")
    expect(open(cohort)).toEqual(["S: insert “ urgently”"])
    sound(cohort)
  })

  it("[TRK5 TRK6] what goes elsewhere is no part of a new clause, though one selection reaches over both", async () => {
    const { cohort, a, b } = await two()
    a.session.tracking.addClauseWith(2, "to rest")
    await cohort.settle()
    b.type(2, 7, " well")
    await cohort.settle()
    a.session.tracking.dispatch(a.state.tr.delete(a.pos(2, 3), a.pos(3, 3)))
    await cohort.settle()
    const changes = cohort.changes().map((change) => `${change.source}: ${changeSaid(change, (block) => block)}`)
    expect(changes.filter((said) => said.startsWith("S"))).toEqual([
      expect.stringMatching(/^S: in \S+: new clause “to ”; in \S+: delete “ well”$/),
      "S: delete “to ”",
    ])
    sound(cohort)
  })

  it("[TRK3] deleting agreed text strikes it; deleting one's own open words removes them", async () => {
    const { cohort, a } = await two()
    a.delete(1, 3, 12)
    a.type(2, 9, " yearly")
    a.delete(2, 10, 13)
    await cohort.settle()
    expect(open(cohort)).toEqual(["S: delete “continue ”", "S: insert “ rly”"])
    expect(proposed(cohort)).toBe("resolves|to the work of the group;|to report rly,")
    sound(cohort)
  })

  it("[TRK6] replacing is one change", async () => {
    const { cohort, a } = await two()
    a.replace(1, 3, 11, "resume")
    await cohort.settle()
    expect(open(cohort)).toEqual(["S: replace “continue” by “resume”"])
    await cohort.decide(
      cohort.changes().map((change) => change.id),
      "accept",
    )
    await cohort.settle()
    expect(working(cohort)).toBe("resolves|to resume the work of the group;|to report,")
    expect(open(cohort)).toEqual([])
    sound(cohort)
  })

  it("[TRK8] words typed next to an own open change join it, letter by letter", async () => {
    const { cohort, a } = await two()
    for (const [i, letter] of [..." soon"].entries()) a.type(2, 9 + i, letter)
    await cohort.settle()
    expect(open(cohort)).toEqual(["S: insert “ soon”"])
    sound(cohort)
  })

  it("[TRK2] an insertion inside another's insertion is the inner source's, and each deletes only what is its own", async () => {
    const { cohort, a, b } = await nested()
    expect(open(cohort)).toEqual(["S: insert “ all forms of”", "B: insert “ known”"])
    a.delete(1, 11, 30)
    await cohort.settle()
    expect(open(cohort).filter((line) => line.startsWith("S"))[0]).toMatch(/^S: delete/)
    expect(b.text(1)).toContain(" known")
    sound(cohort)
  })

  it("[RES2] not retaining the host supersedes what stands inside it", async () => {
    const { cohort } = await nested()
    const host = cohort.changes().find((change) => change.source === "S")!
    await cohort.decide([host.id], "notRetain")
    await cohort.settle()
    expect(proposed(cohort)).toBe("resolves|to continue the work of the group;|to report,")
    expect(open(cohort)).toEqual([])
    sound(cohort)
  })

  it("[RES1] an inner insertion accepted first waits for its host and takes effect with it", async () => {
    const { cohort } = await nested()
    const [host, inner] = ["S", "B"].map((source) => cohort.changes().find((change) => change.source === source)!)
    await cohort.decide([inner!.id], "accept")
    await cohort.settle()
    expect(open(cohort)).toHaveLength(2)
    await cohort.decide([host!.id], "accept")
    await cohort.settle()
    expect(working(cohort)).toBe("resolves|to continue all known forms of the work of the group;|to report,")
    expect(open(cohort)).toEqual([])
    sound(cohort)
  })

  it("[RES3] withdrawing a host leaves what others put inside", async () => {
    const { cohort } = await nested()
    await cohort.decide([cohort.changes().find((change) => change.source === "S")!.id], "withdraw")
    await cohort.settle()
    expect(open(cohort)).toEqual(["B: insert “ known”"])
    sound(cohort)
  })

  it("[RES4] accepting one of two deletions of the same words leaves the other on what is left of it", async () => {
    const { cohort, a, b } = await two()
    a.delete(1, 3, 15)
    b.delete(1, 8, 25)
    await cohort.settle()
    await cohort.decide([cohort.changes().find((change) => change.source === "S")!.id], "accept")
    await cohort.settle()
    expect(working(cohort)).toBe("resolves|to  work of the group;|to report,")
    expect(open(cohort)).toHaveLength(1)
    sound(cohort)
  })

  it("[TRK5] Enter and typing propose a new clause; accepting it makes it agreed", async () => {
    const { cohort, a, b } = await two()
    a.session.tracking.addClause(2, null)
    a.type(2, 0, "to convene a forum;")
    await cohort.settle()
    expect(b.state.doc.childCount).toBe(4)
    expect(open(cohort)).toEqual(["S: new clause “to convene a forum;”"])
    expect(working(cohort)).toBe("resolves|to continue the work of the group;|to report,")
    await cohort.decide(
      cohort.changes().map((change) => change.id),
      "accept",
    )
    await cohort.settle()
    expect(working(cohort)).toBe("resolves|to continue the work of the group;|to convene a forum;|to report,")
    sound(cohort)
  })

  it("[TRK9] what is pasted is flattened to blocks and text of the one who pastes", async () => {
    const { cohort, a } = await two()
    const slice = a.state.doc.slice(a.pos(1, 3), a.pos(2, 9))
    a.session.tracking.dispatch(a.state.tr.replace(a.pos(2, 9), a.pos(2, 9), slice))
    await cohort.settle()
    expect(open(cohort).every((line) => line.startsWith("S: "))).toBe(true)
    expect(working(cohort)).toBe("resolves|to continue the work of the group;|to report,")
    sound(cohort)
  })

  it("[GATE7] words typed on in a change that was accepted meanwhile become a new proposal, not a refusal", async () => {
    const { cohort, a } = await two()
    a.type(1, 11, " soon")
    await cohort.settle()
    a.type(1, 16, " enough")
    await cohort.decide(
      cohort.changes().map((change) => change.id),
      "accept",
    )
    await cohort.settle()
    expect(cohort.refusals).toEqual([])
    expect(working(cohort)).toBe("resolves|to continue soon the work of the group;|to report,")
    expect(open(cohort)).toEqual(["S: insert “ enough”"])
    sound(cohort)
  })

  it("[GATE7] an undo that comes after the acceptance becomes a deletion proposal", async () => {
    const { cohort, a } = await two()
    a.type(1, 11, " soon")
    await cohort.settle()
    a.session.undoManager.undo()
    await cohort.decide(
      cohort.changes().map((change) => change.id),
      "accept",
    )
    await cohort.settle()
    expect(cohort.refusals).toEqual([])
    expect(working(cohort)).toBe("resolves|to continue soon the work of the group;|to report,")
    expect(open(cohort)).toEqual(["S: delete “ soon”"])
    sound(cohort)
  })

  it("[GATE8] words for a clause that is gone come back to their writer", async () => {
    const { cohort, a, b } = await two()
    a.session.tracking.addClause(2, null)
    a.type(2, 0, "to convene;")
    await cohort.settle()
    b.type(2, 10, " yearly")
    await cohort.decide([cohort.changes()[0]!.id], "notRetain")
    await cohort.settle()
    expect(b.notices).toEqual([{ kind: "kept", words: " yearly" }])
    expect(cohort.refusals).toEqual([])
    sound(cohort)
  })

  it("[ROOM5] a store that fails acknowledges nothing, loses nothing, and heals", async () => {
    const { cohort, a, b } = await two()
    cohort.log.isFailing = true
    a.type(1, 11, " soon")
    a.deliverUp()
    await cohort.tick()
    await cohort.tick()
    expect(a.closedWith).toBe(1013)
    expect(a.session.isSaved).toBe(false)
    cohort.log.isFailing = false
    await cohort.settle()
    expect(a.session.isSaved).toBe(true)
    expect(b.text(1)).toContain("soon")
    sound(cohort)
  })

  it("[GATE10] a raced refusal is silent: the words go back to their place as a new proposal, and the person goes on", async () => {
    const { cohort, a, b } = await two()
    b.type(1, 11, " soon")
    await cohort.settle()
    await cohort.decide([cohort.changes()[0]!.id], "accept")
    // What no honest editor sends, in the moment after a decision on the same clause: together with it goes what Sweden types.
    a.session.binding.textAt(1).delete(0, 2)
    a.type(1, 6, " duly")
    a.deliverUp()
    await cohort.tick()
    expect(cohort.refusals).toEqual([{ reason: "agreed-text-changed", isRaced: true }])
    a.deliverDown()
    await cohort.settle()
    expect(a.tray).toEqual([])
    expect(a.said).toEqual([])
    expect(open(cohort)).toEqual(["S: insert “ duly”"])
    expect(b.text(1)).toBe("to conti dulynue soon the work of the group;")
    sound(cohort)
  })

  it("[GATE10] another refusal keeps the words in the tray, where its writer proposes them again", async () => {
    const { cohort, a } = await two()
    a.type(1, 11, " duly")
    a.session.binding.textAt(2).delete(0, 2)
    a.deliverUp()
    await cohort.tick()
    await cohort.tick()
    a.deliverDown()
    await cohort.settle()
    expect(a.refusals.map((refusal) => refusal.raced)).toEqual([false])
    expect(open(cohort)).toEqual(["S: insert “ duly”"])
    a.type(2, 9, " yearly")
    await cohort.settle()
    expect(open(cohort)).toHaveLength(2)
    sound(cohort)
  })

  it("[GATE10] words of a refused update come back with their place", async () => {
    const { cohort, a } = await two()
    a.session.binding.transact(() => {
      a.session.binding.textAt(1).delete(0, 2)
      a.type(1, 9, " duly")
    })
    a.deliverUp()
    await cohort.tick()
    a.deliverDown()
    expect(a.tray.map((words) => words.text)).toEqual([" duly"])
    await cohort.settle()
    expect(a.session.places.putBack(a.tray[0]!)).toBe(true)
    await cohort.settle()
    expect(open(cohort)).toEqual(["S: insert “ duly”"])
    sound(cohort)
  })

  it("[GATE10] what was sent before a refused update is committed, and is not among the words that come back", async () => {
    const { cohort, a } = await two()
    a.type(1, 11, " duly")
    a.session.binding.transact(() => {
      a.session.binding.textAt(2).delete(0, 2)
      a.type(2, 7, " yearly")
    })
    a.type(1, 3, "also ")
    a.deliverUp()
    await cohort.tick()
    await cohort.tick()
    a.deliverDown()
    expect(open(cohort)).toEqual(["S: insert “ duly”"])
    expect(a.tray.map((words) => words.text)).toEqual(["also ", " yearly"])
  })

  it("[TRK3] a clause that its source left empty is swept when it has been away for long, and not before", async () => {
    const { cohort, a, b } = await two()
    a.session.tracking.addClause(2, null)
    await cohort.settle()
    expect(b.state.doc.childCount).toBe(4)
    await cohort.muchLater()
    await cohort.settle()
    expect(b.state.doc.childCount).toBe(4)
    a.cut()
    await cohort.muchLater()
    b.deliverDown()
    expect(b.state.doc.childCount).toBe(3)
    await cohort.settle()
    sound(cohort)
  })

  it("[TRK2] words eight proposals deep take no ninth: a sentence says so, and nothing is typed", async () => {
    const cohort = start()
    const members = ["A", "B", "C", "D", "E", "F", "G", "H", "I"].map((source) => cohort.member(source))
    await cohort.settle()
    for (const [depth, member] of members.entries()) {
      // Each types in the middle of what the one before it typed.
      member.type(1, 3 + depth * 2, "xxxx")
      await cohort.settle()
    }
    const last = members.at(-1)!
    expect(last.said).toEqual([expect.stringContaining("8 proposals deep")])
    expect(cohort.changes()).toHaveLength(8)
    sound(cohort)
  })

  it("[TRK1] words typed at both edges of another's insertion and deletion are their typist's, and the marks stay as they were", async () => {
    const { cohort, a, b } = await two()
    a.type(1, 11, "AAAA")
    a.delete(2, 3, 9)
    await cohort.settle()
    b.type(1, 15, ">")
    b.type(1, 11, "<")
    b.type(2, 9, ">")
    b.type(2, 3, "<")
    await cohort.settle()
    expect(open(cohort)).toEqual([
      "B: insert “<”",
      "S: insert “AAAA”",
      "B: insert “>”",
      "B: insert “<”",
      "S: delete “report”",
      "B: insert “>”",
    ])
    sound(cohort)
  })

  it("[TRK1] what is typed right behind the call of a footnote, or at the end of commented words, is no part of either", async () => {
    const text = readText("resolves\n1\tto keep a lamp[footnoteRef:1]1 at every mole;\n2\tto meet.\n[1: Of bronze. ]\n")
    const comment = {
      id: "k",
      by: "Ann",
      date: null,
      block: text.blocks[2]!.id,
      quote: "meet",
      text: "where?",
      replies: [],
      resolved: false,
      at: { from: 3, to: 7 },
    }
    const cohort = new Cohort(openingStateOf({ ...text, comments: [comment] }).update)
    const a = cohort.member("S")
    await cohort.settle()
    a.type(1, 15, " and a bell")
    a.type(1, 14, "X")
    a.type(2, 7, " soon")
    a.type(2, 5, "Y")
    await cohort.settle()
    const marksOf = (words: string): string[] => {
      const runs = blocksOf(cohort.room.main).flatMap((block) => block.runs)
      return runs.find((run) => run.text === words)!.marks.map((mark) => mark.name)
    }
    expect([a.text(1), a.text(2)]).toEqual(["to keep a lampX\ufffc and a bell at every mole;", "to meYet soon."])
    expect([" and a bell", "X", "\ufffc", " soon", "Y"].map(marksOf)).toEqual([
      ["insertion"],
      ["insertion"],
      ["noteRef"],
      ["insertion"],
      ["comment", "insertion"],
    ])
    sound(cohort)
  })

  it("[TRK2] equal letters of two people side by side keep their writers, at once and one after the other", async () => {
    const { cohort, a, b } = await two()
    a.type(1, 11, "xxx")
    b.type(1, 11, "xxx")
    await cohort.settle()
    a.type(1, 14, "x")
    b.type(1, 12, "x")
    await cohort.settle()
    const bySource = (source: string): string =>
      cohort
        .changes()
        .filter((change) => change.source === source)
        .map((change) => change.inserted.replaceAll(" … ", ""))
        .join("")
    expect([bySource("S").length, bySource("B").length]).toEqual([4, 4])
    await cohort.decide(
      cohort
        .changes()
        .filter((change) => change.source === "S")
        .map((change) => change.id),
      "notRetain",
    )
    await cohort.settle()
    expect(bySource("B")).toMatch(/^x{1,4}$/)
    sound(cohort)
  })

  it.each([
    [[3, 11], [11, 20], "before it"],
    [[11, 20], [3, 11], "behind it"],
    [[11, 20], [3, 30], "around it"],
    [[3, 30], [11, 20], "within it"],
    [[3, 20], [11, 30], "over its end"],
    [[11, 30], [3, 20], "over its beginning"],
  ] as const)(
    "[BIND2 TRK1] strikes of two delegations, %j and %j, %s: each page draws the same nesting, also that of who struck last",
    async ([from, to], [then, until], _) => {
      const { cohort, a, b } = await two()
      const same = async (): Promise<void> => {
        await cohort.settle()
        const fresh = cohort.member("EUR")
        await cohort.settle()
        for (const page of [a, b]) expect(page.state.doc.toString()).toBe(fresh.state.doc.toString())
        for (const page of [a, b]) expect(page.state.doc.eq(fresh.state.doc)).toBe(true)
      }
      a.delete(1, from, to)
      await cohort.settle()
      b.delete(1, then, until)
      await same()
      b.session.undoManager.undo()
      await same()
      b.session.undoManager.redo()
      a.type(1, 15, " ever")
      await same()
      sound(cohort)
    },
  )

  it("[TRK5] two people in one empty block share it; what each types is its own", async () => {
    const { cohort, a, b } = await two()
    a.session.tracking.addClause(2, null)
    await cohort.settle()
    a.type(2, 0, "ours")
    b.type(2, 0, "theirs")
    await cohort.settle()
    expect(["ourstheirs", "theirsours"]).toContain(b.text(2))
    expect(open(cohort).sort()).toEqual(["B: insert “theirs”", "S: new clause “ours”"])
    sound(cohort)
  })

  it("[TRK5] new blocks that several people put at one place all stand there, each its source's", async () => {
    const { cohort, a, b } = await two()
    a.session.tracking.addClauseWith(2, "first")
    b.session.tracking.addClauseWith(2, "second")
    a.session.tracking.addClauseWith(3, "third")
    await cohort.settle()
    expect(open(cohort).sort()).toEqual(["B: new clause “second”", "S: new clause “first”", "S: new clause “third”"])
    expect(proposed(cohort).split("|").slice(2, 5).sort()).toEqual(["first", "second", "third"])
    sound(cohort)
  })

  it("[TRK8 BIND4] undo and redo across the edits of others touch only one's own", async () => {
    const { cohort, a, b } = await two()
    a.replace(1, 3, 11, "go on with")
    await cohort.settle()
    b.type(1, 0, "B: ")
    b.delete(2, 3, 9)
    await cohort.settle()
    const others = (): string[] => open(cohort).filter((line) => line.startsWith("B"))
    const before = others()
    a.session.undoManager.undo()
    await cohort.settle()
    expect(open(cohort)).toEqual(before)
    a.session.undoManager.redo()
    await cohort.settle()
    expect(open(cohort)).toContain("S: replace “continue” by “go on with”")
    expect(others()).toEqual(before)
    b.session.undoManager.undo()
    await cohort.settle()
    expect(open(cohort)).toContain("S: replace “continue” by “go on with”")
    sound(cohort)
  })

  it("[TRK8] after a decision only its source's undo is forgotten", async () => {
    const { cohort, a, b } = await two()
    a.type(1, 3, "S")
    b.type(2, 3, "B")
    await cohort.settle()
    await cohort.decide(
      cohort
        .changes()
        .filter((change) => change.source === "S")
        .map((change) => change.id),
      "accept",
    )
    await cohort.settle()
    a.session.undoManager.undo()
    b.session.undoManager.undo()
    await cohort.settle()
    expect(open(cohort)).toEqual([])
    expect(working(cohort)).toBe("resolves|to Scontinue the work of the group;|to report,")
    sound(cohort)
  })
})

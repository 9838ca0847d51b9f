import { TextSelection } from "prosemirror-state"
import { describe, expect, it } from "vitest"
import { newClause } from "../client/editor/commands.ts"
import { redo, type UndoPage, undo } from "../client/editor/undo.ts"
import { describeChange } from "../shared/changes/changes.ts"
import { proposedTextOf } from "../shared/changes/projections.ts"
import { textOf } from "../shared/schema/block.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort, type Member, signature, signatureOfState } from "./cohort.ts"

const agreed = "to continue the work of the group on lighting;"
const start = (): Cohort => new Cohort(draftState([head("resolves"), clause(agreed, "c1"), clause("to report,", "c2")]))

async function two(): Promise<{ cohort: Cohort; s: Member; b: Member }> {
  const cohort = start()
  const s = cohort.member("S")
  const b = cohort.member("B")
  await cohort.settle()
  return { cohort, s, b }
}

function put(member: Member, index: number, from: number, to = from): void {
  member.session.undoManager.stopCapturing()
  const { state } = member
  member.host.update(state.tr.setSelection(TextSelection.create(state.doc, member.pos(index, from), member.pos(index, to))))
}

const type = (member: Member, letters: string): void => {
  const { from, to } = member.state.selection
  member.session.tracking.dispatch(member.state.tr.insertText(letters, from, to))
}

const selected = (member: Member): [string, number, number] => {
  const { $anchor, $head } = member.state.selection
  return [$head.parent.attrs.id as string, $anchor.parentOffset, $head.parentOffset]
}

const inView: UndoPage = { isSeen: () => true, say: () => undefined }
const back = (member: Member, page = inView): void => undo(member.session, member.state, (tr) => member.host.update(tr), page)
const again = (member: Member, page = inView): void => redo(member.session, member.state, (tr) => member.host.update(tr), page)
const open = (cohort: Cohort): string[] => cohort.changes().map((change) => `${change.source}: ${describeChange(change)}`)
const proposed = (cohort: Cohort): string => proposedTextOf(blocksOf(cohort.room.main)).map(textOf).join("|")

function sound(cohort: Cohort): void {
  const main = signature(cohort.room.main)
  for (const member of cohort.members) {
    expect(signatureOfState(member.state)).toBe(main)
    expect(member.refusals).toEqual([])
    expect(member.session.binding.corrections).toBe(0)
  }
  expect(cohort.room.faults).toBe(0)
}

describe("undo", () => {
  it("[UNDO1] the caret comes back where the gesture began, wherever others have written meanwhile, and again where it ended", async () => {
    const { cohort, s, b } = await two()
    put(s, 1, 11)
    type(s, " soon")
    put(s, 2, 3, 9)
    type(s, "tell")
    await cohort.settle()
    b.type(1, 0, "B: ")
    b.type(2, 0, "B: ")
    await cohort.settle()
    put(s, 0, 0)
    back(s)
    expect(selected(s)).toEqual(["c2", 6, 12])
    back(s)
    expect(selected(s)).toEqual(["c1", 14, 14])
    again(s)
    expect(selected(s)).toEqual(["c2", 6, 12])
    await cohort.settle()
    expect(open(cohort)).toEqual(["B: insert “B: ”", "S: insert “ soon”", "B: insert “B: ”"])
    sound(cohort)
  })

  it("[UNDO1] a selection of which others replace a part comes back as what is left of it", async () => {
    const { cohort, s, b } = await two()
    put(s, 1, 12, 20)
    type(s, "it")
    await cohort.settle()
    b.replace(1, 10, 14, "ZZ")
    await cohort.settle()
    back(s)
    await cohort.settle()
    expect(open(cohort)).toHaveLength(1)
    expect(s.state.doc.textBetween(s.state.selection.from, s.state.selection.to)).toContain("e work")
    sound(cohort)
  })

  it("[UNDO2] a decision on one change takes only that from the steps: the other is taken back as before", async () => {
    for (const verdict of ["accept", "notRetain"] as const) {
      for (const which of [0, 1]) {
        const { cohort, s } = await two()
        put(s, 1, 11)
        type(s, " soon")
        put(s, 2, 9)
        type(s, " yearly")
        await cohort.settle()
        await cohort.decide([cohort.changes()[which]!.id], verdict)
        await cohort.settle()
        const decided = proposed(cohort)
        expect(s.session.undoManager.undoStack).toHaveLength(1)
        back(s)
        await cohort.settle()
        expect(open(cohort)).toEqual([])
        expect(proposed(cohort)).toBe(decided.replace([" yearly", " soon"][which]!, ""))
        back(s)
        await cohort.settle()
        expect(open(cohort)).toEqual([])
        expect(s.refusals).toEqual([])
      }
    }
  })

  it("[UNDO2] what was typed later into the decided change, or taken from it, goes with it; a decided clause too", async () => {
    const { cohort, s } = await two()
    put(s, 1, 11)
    type(s, " soon")
    put(s, 1, 16)
    type(s, "er")
    put(s, 1, 12)
    s.delete(1, 11, 13)
    put(s, 2, 10)
    newClause(s.session.tracking)(s.state, (tr) => s.session.tracking.dispatch(tr))
    s.session.undoManager.stopCapturing()
    type(s, "to end;")
    put(s, 0, 8)
    type(s, " also")
    await cohort.settle()
    const mine = cohort.changes()
    expect(mine).toHaveLength(3)
    await cohort.decide(
      mine.filter((change) => describeChange(change) !== "insert “ also”").map(({ id }) => id),
      "accept",
    )
    await cohort.settle()
    expect(s.session.undoManager.undoStack).toHaveLength(1)
    back(s)
    await cohort.settle()
    expect(open(cohort)).toEqual([])
    expect(proposed(cohort)).toContain("to end;")
    sound(cohort)
  })

  it("[UNDO5] a new clause that was moved, written on and deleted is taken back step by step and brought back, whole, the caret with its letter", async () => {
    const { cohort, s } = await two()
    const caretBlock = (): number => s.state.selection.$head.index(0)
    const drawn = async (): Promise<string> => {
      await cohort.settle()
      const texts = s.state.doc.children.map((node) => node.textContent).filter(Boolean)
      return texts.join("|").replace(agreed, "…")
    }
    const gestures: readonly (readonly [act: () => unknown, gives: string])[] = [
      [() => newClause(s.session.tracking)(s.state, () => undefined), "resolves|…|to report,"],
      [() => type(s, "alpha item;"), "resolves|…|alpha item;|to report,"],
      [() => s.session.restructuring.moveClause(caretBlock(), -1), "resolves|alpha item;|…|to report,"],
      [() => type(s, " beta"), "resolves|alpha item; beta|…|to report,"],
      [() => s.session.restructuring.deleteClause(caretBlock()), "resolves|…|to report,"],
    ]
    put(s, 1, agreed.length)
    for (const [act, gives] of gestures) {
      s.session.undoManager.stopCapturing()
      act()
      s.session.undoManager.stopCapturing()
      expect(await drawn()).toBe(gives)
    }
    for (let round = 0; round < 2; round++) {
      for (const [, gives] of gestures.slice(1, -1).toReversed()) {
        back(s)
        expect(await drawn(), `undo, round ${round}`).toBe(gives)
      }
      back(s)
      expect(await drawn()).toBe("resolves|…|to report,")
      for (const [, gives] of gestures.slice(1)) {
        again(s)
        if (gives === gestures[1]![1] && (await drawn()) !== gives) again(s)
        expect(await drawn(), `redo, round ${round}`).toBe(gives)
      }
    }
    sound(cohort)
  })

  it("[UNDO2] words that a split or a join took elsewhere are taken back there, and nothing else in their place", async () => {
    for (const act of ["split", "join"] as const) {
      const { cohort, s, b } = await two()
      put(s, 0, 8)
      type(s, " FAR")
      put(s, act === "split" ? 1 : 2, act === "split" ? 30 : 9)
      type(s, " words")
      await cohort.settle()
      if (act === "split") b.session.tracking.split({ index: 1, at: 20 })
      else b.session.restructuring.join(2)
      await cohort.settle()
      await cohort.decide(
        cohort
          .changes()
          .filter(({ source }) => source === "B")
          .map(({ id }) => id),
        "accept",
      )
      await cohort.settle()
      expect(proposed(cohort)).toContain(" words")
      back(s)
      await cohort.settle()
      expect(proposed(cohort)).not.toContain(" words")
      expect(proposed(cohort)).toContain(" FAR")
      again(s)
      await cohort.settle()
      expect(proposed(cohort)).toContain(" words")
      expect(open(cohort).filter((line) => line.startsWith("S"))).toHaveLength(2)
      sound(cohort)
    }
  })

  describe("[UNDO6] what was taken back comes back as it was, wherever its words went before that or since", () => {
    const steps: Record<string, (member: Member) => void> = {
      "a deletion": (member) => member.delete(1, 12, 20),
      "a replacement": (member) => member.replace(1, 12, 20, "a task"),
      "words put in": (member) => member.type(1, 11, " good"),
      "the deletion of a clause": (member) => member.delete(1, 0, agreed.length),
    }
    const acts: Record<string, (member: Member) => void> = {
      "a move": (member) => member.session.restructuring.moveClause(1, 1),
      "a join": (member) => member.session.restructuring.join(1),
      "a split before it": (member) => member.session.tracking.split({ index: 1, at: 5 }),
      "a split in it or behind it": (member) => member.session.tracking.split({ index: 1, at: 16 }),
    }
    const cases = Object.keys(steps).flatMap((step) => Object.keys(acts).map((act) => [step, act] as const))
    for (const [step, act] of cases)
      for (const when of ["before", "since"] as const)
        it(`${step}, and ${act} ${when}`, async () => {
          const cohort = new Cohort(
            draftState([clause("to begin,", "c0"), clause(agreed, "c1"), clause("to report,", "c2"), clause("to end", "c3")]),
          )
          const [s, b] = [cohort.member("S"), cohort.member("B")]
          await cohort.settle()
          steps[step]!(s)
          await cohort.settle()
          acts[act]!(b)
          await cohort.settle()
          const accept = async (): Promise<void> => {
            const theirs = cohort.changes().filter(({ source }) => source === "B")
            await cohort.decide(
              theirs.map(({ id }) => id),
              "accept",
            )
            await cohort.settle()
          }
          const sOf = (): string =>
            open(cohort)
              .filter((line) => line.startsWith("S"))
              .join("|")
              .replaceAll("¶", "")
              .replaceAll(" … ", "")
          if (when === "before") await accept()
          const was = sOf()
          const proposedWas = proposed(cohort)
          back(s)
          await cohort.settle()
          expect(sOf()).toBe("")
          if (when === "since") await accept()
          for (let round = 0; round < 2; round++) {
            if (round > 0) back(s)
            await cohort.settle()
            expect(sOf()).toBe("")
            again(s)
            await cohort.settle()
            expect(sOf()).toBe(was)
          }
          if (when === "before") expect(proposed(cohort).replaceAll("|", "")).toBe(proposedWas.replaceAll("|", ""))
          sound(cohort)
        })
  })

  it("[UNDO6] what was proposed about a clause that was split since goes from all of its parts and comes back to all of them, again and again", async () => {
    const steps: Record<string, (member: Member) => void> = {
      level: (member) => member.session.restructuring.changeLevel(1, 1),
      move: (member) => member.session.restructuring.moveClause(1, 1),
    }
    for (const [name, step] of Object.entries(steps)) {
      const cohort = new Cohort(draftState([clause("to begin,", "c0"), clause(agreed, "c1"), clause("to report,", "c2")]))
      const [s, b] = [cohort.member("S"), cohort.member("B")]
      await cohort.settle()
      step(s)
      await cohort.settle()
      b.session.tracking.split({ index: 1, at: 16 })
      await cohort.settle()
      const theirs = cohort.changes().filter(({ source }) => source === "B")
      await cohort.decide(
        theirs.map(({ id }) => id),
        "accept",
      )
      await cohort.settle()
      const was = open(cohort)
      expect(was, name).toHaveLength(1)
      for (let round = 0; round < 3; round++) {
        back(s)
        await cohort.settle()
        expect(open(cohort), name).toEqual([])
        again(s)
        await cohort.settle()
        expect(open(cohort), name).toEqual(was)
      }
      sound(cohort)
    }
  })

  it("[UNDO6] where what was taken back was about words that are gone, it is said that nothing was brought back", async () => {
    const { cohort, s, b } = await two()
    const said: string[] = []
    const page: UndoPage = { isSeen: () => true, say: (sentence) => void said.push(sentence) }
    s.delete(1, 12, 20)
    await cohort.settle()
    b.delete(1, 5, 25)
    back(s, page)
    await cohort.settle()
    await cohort.decide(
      cohort.changes().map(({ id }) => id),
      "accept",
    )
    await cohort.settle()
    expect(said).toEqual([])
    again(s, page)
    await cohort.settle()
    expect(open(cohort)).toEqual([])
    expect(said).toEqual(["Nothing was brought back: what it was about is in the text no more."])
    sound(cohort)
  })

  describe("[UNDO1] a new clause is taken back, and the caret comes back where it was when it was made", () => {
    const enter = (member: Member): void => {
      // As the key does it: a step of its own.
      member.session.undoManager.stopCapturing()
      newClause(member.session.tracking)(member.state, (tr) => member.session.tracking.dispatch(tr))
      member.session.undoManager.stopCapturing()
    }
    const remove = (member: Member, letters: number): void => {
      for (let i = 0; i < letters; i++) {
        const { head } = member.state.selection
        member.session.tracking.dispatch(member.state.tr.delete(head - 1, head))
      }
    }
    const end: [string, number, number] = ["c1", agreed.length, agreed.length]
    const places = { "at its end": agreed.length, "at its start": 0 }
    for (const [name, at] of Object.entries(places))
      it(`${name}, again and again`, async () => {
        const { cohort, s } = await two()
        put(s, 2, 3)
        type(s, " kept")
        put(s, 1, at)
        for (let round = 0; round < 3; round++) {
          enter(s)
          const inIt = selected(s)
          expect(inIt[0]).not.toBe("c1")
          back(s)
          await cohort.settle()
          expect(selected(s)).toEqual(["c1", at, at])
          expect(open(cohort)).toEqual(["S: insert “ kept”"])
          again(s)
          expect(selected(s)).toEqual(inIt)
          back(s)
          expect(selected(s)).toEqual(["c1", at, at])
        }
        sound(cohort)
      })
    for (const isOneStep of [true, false])
      it(`with words that were removed again ${isOneStep ? "at once" : "later"}`, async () => {
        const { cohort, s } = await two()
        put(s, 2, 3)
        type(s, " kept")
        put(s, 1, agreed.length)
        for (let round = 0; round < 3; round++) {
          enter(s)
          type(s, "word")
          if (!isOneStep) s.session.undoManager.stopCapturing()
          remove(s, 4)
          await cohort.settle()
          for (let presses = 0; selected(s)[0] !== "c1"; presses++) {
            expect(presses).toBeLessThan(isOneStep ? 2 : 3)
            back(s)
          }
          await cohort.settle()
          expect(selected(s)).toEqual(end)
          expect(open(cohort)).toEqual(["S: insert “ kept”"])
        }
        back(s)
        await cohort.settle()
        expect(open(cohort)).toEqual([])
        again(s)
        await cohort.settle()
        expect(open(cohort)).toEqual(["S: insert “ kept”"])
        sound(cohort)
      })
    it("two new clauses one behind the other, back and again", async () => {
      const { cohort, s } = await two()
      put(s, 1, agreed.length)
      enter(s)
      type(s, "one")
      enter(s)
      type(s, "two")
      const [last] = selected(s)
      await cohort.settle()
      const whole = proposed(cohort)
      for (let round = 0; round < 2; round++) {
        for (let press = 0; press < 4; press++) back(s)
        await cohort.settle()
        expect(selected(s)).toEqual(end)
        expect(open(cohort)).toEqual([])
        for (let press = 0; press < 4; press++) again(s)
        await cohort.settle()
        expect(proposed(cohort)).toBe(whole)
        expect(selected(s)[0]).toBe(last)
      }
      sound(cohort)
    })
  })

  it("[UNDO3] what is out of view is gone to and told first, and only the next press takes it back", async () => {
    const { cohort, s } = await two()
    const said: string[] = []
    const away: UndoPage = { isSeen: () => false, say: (sentence) => void said.push(sentence) }
    put(s, 1, 11)
    type(s, " soon")
    put(s, 2, 9)
    await cohort.settle()
    for (let i = 1; i < 3; i++) {
      back(s, away)
      await cohort.settle()
      expect(open(cohort)).toEqual(["S: insert “ soon”"])
      expect(selected(s)).toEqual(["c1", 11, 11])
      expect(said).toHaveLength(i)
      // Who goes away again meanwhile is shown it again.
      if (i === 1) put(s, 2, 9)
    }
    back(s, away)
    await cohort.settle()
    expect(open(cohort)).toEqual([])
    put(s, 2, 9)
    again(s, away)
    await cohort.settle()
    expect(open(cohort)).toEqual([])
    again(s, away)
    await cohort.settle()
    expect(open(cohort)).toEqual(["S: insert “ soon”"])
    expect(said).toHaveLength(3)
    sound(cohort)
  })
})

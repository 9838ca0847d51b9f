import { TextSelection } from "prosemirror-state"
import { describe, expect, it } from "vitest"
import { newClause } from "../client/editor/commands.ts"
import { describeChange } from "../shared/changes/changes.ts"
import { proposedTextOf, workingTextOf } from "../shared/changes/projections.ts"
import { textOf } from "../shared/schema/block.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort, type Member, signature, signatureOfState } from "./cohort.ts"

const put = (member: Member, index: number, at: number): void =>
  member.host.update(member.state.tr.setSelection(TextSelection.create(member.state.doc, member.pos(index, at))))

const enter = (member: Member): void => void newClause(member.session.tracking)(member.state, (tr) => member.session.tracking.dispatch(tr))

const working = (cohort: Cohort): string => workingTextOf(blocksOf(cohort.room.main)).map(textOf).join("|")
const proposed = (cohort: Cohort): string => proposedTextOf(blocksOf(cohort.room.main)).map(textOf).join("|")

async function room(text: string): Promise<{ cohort: Cohort; s: Member; b: Member }> {
  const cohort = new Cohort(draftState([head("resolves"), clause(text, "c1"), clause("to report,", "c2")]))
  const [s, b] = [cohort.member("S"), cohort.member("B")]
  await cohort.settle()
  return { cohort, s, b }
}

async function decideAll(cohort: Cohort): Promise<void> {
  await cohort.settle()
  const ids = cohort.changes().map(({ id }) => id)
  expect(await cohort.decide(ids, "accept")).toBe(true)
  await cohort.settle()
}

function sound(cohort: Cohort): void {
  for (const member of cohort.members) {
    expect(signatureOfState(member.state)).toBe(signature(cohort.room.main))
    expect(member.refusals).toEqual([])
    expect(member.session.binding.corrections).toBe(0)
  }
}

const waysToSplit: Record<string, (member: Member) => void> = {
  "the key": enter,
  "what a browser makes of it": (member) => member.session.tracking.dispatch(member.state.tr.split(member.state.selection.head)),
}

/** Where the caret stands in a clause, and what its parts are: "^" the caret. */
const agreedClauses: readonly (readonly [text: string, parts: string])[] = [
  ["to count^ each lamp;", "to count |each lamp;"],
  ["to count ^each lamp;", "to count |each lamp;"],
  ["to count^  each lamp;", "to count  |each lamp;"],
  ["to count ^ each lamp;", "to count  |each lamp;"],
  ["to count^\u00a0each lamp;", "to count\u00a0|each lamp;"],
  ["审议^\u3000灯光；", "审议\u3000|灯光；"],
  ["to co^unt each lamp;", "to co|unt each lamp;"],
]

describe("a split", () => {
  for (const [way, split] of Object.entries(waysToSplit))
    it.each(agreedClauses)(
      `[TRK13] by ${way} at %j leaves no blank at a head, and a join or taking it back gives the very text`,
      async (shown, parts) => {
        const at = shown.indexOf("^")
        const text = shown.replace("^", "")
        const { cohort, s } = await room(text)
        put(s, 1, at)
        split(s)
        await cohort.settle()
        expect(cohort.changes().map((change) => describeChange(change))).toEqual(["split the clause"])
        expect(proposed(cohort)).toBe(`resolves|${parts}|to report,`)
        s.session.undoManager.undo()
        await cohort.settle()
        expect([cohort.changes(), working(cohort)]).toEqual([[], `resolves|${text}|to report,`])
        put(s, 1, at)
        split(s)
        await decideAll(cohort)
        expect(working(cohort)).toBe(`resolves|${parts}|to report,`)
        // Two halves of one word are parted by a space once they were clauses: nobody knows any more that they were one (TRK11).
        if (parts.includes("co|unt")) return
        s.session.restructuring.join(2)
        await decideAll(cohort)
        expect(working(cohort)).toBe(`resolves|${text}|to report,`)
        sound(cohort)
      },
    )

  it("[TRK13] of one's own new clause leaves none either, and Backspace gives the very words back", async () => {
    const { cohort, s } = await room("to count each lamp;")
    put(s, 1, s.text(1).length)
    enter(s)
    s.type(2, 0, "to list all stars;")
    put(s, 2, "to list".length)
    enter(s)
    await cohort.settle()
    expect(proposed(cohort)).toBe("resolves|to count each lamp;|to list |all stars;|to report,")
    s.session.restructuring.join(3)
    await cohort.settle()
    expect(proposed(cohort).replace(/\|(?=\|)/g, "")).toBe("resolves|to count each lamp;|to list all stars;|to report,")
    sound(cohort)
  })

  it("[TRK13] looks through what one has struck oneself, and goes into nobody else's words", async () => {
    for (const [struck, at, parts] of [
      [[8, 13], 8, "to count |lamp;"],
      [[9, 13], 9, "to count  |lamp;"],
      [[9, 13], 8, "to count  |lamp;"],
    ] as const) {
      const { cohort, s } = await room("to count each lamp;")
      s.delete(1, struck[0], struck[1])
      put(s, 1, at)
      enter(s)
      await cohort.settle()
      expect(proposed(cohort)).toBe(`resolves|${parts}|to report,`)
      sound(cohort)
    }
    const { cohort, s, b } = await room("to count each lamp;")
    b.type(1, 8, " and list")
    await cohort.settle()
    put(s, 1, 8)
    enter(s)
    await cohort.settle()
    const [split] = cohort.changes().filter(({ source }) => source === "S")
    expect(split!.inside).toEqual([])
    sound(cohort)
  })

  it("[TRK13] behind which only blanks stand is none: a new clause comes behind, and before the first word one comes before", async () => {
    const behind = await room("to count ")
    put(behind.s, 1, 8)
    enter(behind.s)
    expect(behind.s.state.doc.children.map((node) => node.textContent)).toEqual(["resolves", "to count ", "", "to report,"])
    expect(behind.s.state.selection.$head.index(0)).toBe(2)
    const before = await room(" to count")
    put(before.s, 1, 1)
    enter(before.s)
    expect(before.s.state.doc.children.map((node) => node.textContent)).toEqual(["resolves", "", " to count", "to report,"])
  })
})

import { Selection, TextSelection } from "prosemirror-state"
import { describe, expect, it } from "vitest"
import { deleteBy, newClause } from "../client/editor/commands.ts"
import { type Change, describeChange } from "../shared/changes/changes.ts"
import { proposedTextOf, workingTextOf } from "../shared/changes/projections.ts"
import { splitCharacter, textOf } from "../shared/schema/block.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { clause, draftState, head, random } from "./build.ts"
import { Cohort, type Member, signature, signatureOfState } from "./cohort.ts"

const agreed = "to continue the work of the group on lighting;"
const start = (): Cohort => new Cohort(draftState([head("resolves"), clause(agreed, "c1"), clause("to report,", "c2")]))

const put = (member: Member, index: number, from: number, to = from): void =>
  member.host.update(member.state.tr.setSelection(TextSelection.create(member.state.doc, member.pos(index, from), member.pos(index, to))))

/** Types where the caret is, as an editor would. */
const key = (member: Member, letter: string): void => {
  const { from, to } = member.state.selection
  member.session.tracking.dispatch(member.state.tr.insertText(letter, from, to))
}

const enter = (member: Member): void => void newClause(member.session.tracking)(member.state, (tr) => member.session.tracking.dispatch(tr))

const caretOf = (member: Member): [string, number] => {
  const { $head } = member.state.selection
  return [$head.parent.attrs.id as string, $head.parentOffset]
}

const proposed = (cohort: Cohort): string => proposedTextOf(blocksOf(cohort.room.main)).map(textOf).join("|")
const insertedOf = ({ segments }: Change): string =>
  segments
    .filter((part) => part.kind === "insertion")
    .map((part) => part.text)
    .join("…")

function sound(cohort: Cohort): void {
  const main = signature(cohort.room.main)
  for (const member of cohort.members) {
    expect(signatureOfState(member.state)).toBe(main)
    expect(member.refusals).toEqual([])
    expect(member.session.binding.corrections).toBe(0)
  }
}

const scripts = [" alphabet soup", " beta testing", " gamma rays"]

/** Where each one's caret or selection is when the play begins. */
const scenes: Record<string, readonly (readonly [number, number])[]> = {
  "carets at one place": [
    [11, 11],
    [11, 11],
    [11, 11],
  ],
  "the same selected words": [
    [12, 20],
    [12, 20],
    [12, 20],
  ],
  "selections that overlap": [
    [12, 20],
    [16, 27],
    [3, 14],
  ],
  "a caret at the edge of what another selects": [
    [12, 20],
    [20, 20],
    [12, 12],
  ],
  "a caret in what another selects": [
    [12, 20],
    [15, 15],
    [18, 18],
  ],
}

/** One play: everybody types its words letter by letter, in any order, and frames arrive whenever they like. */
async function play(seed: number): Promise<{ cohort: Cohort; wrong: string[] }> {
  const { below, pick } = random(seed)
  const cohort = start()
  const sources = below(2) === 0 ? ["S", "B"] : ["S", "B", "K"]
  const scene = pick(Object.keys(scenes))
  const members = sources.map((source) => cohort.member(source))
  await cohort.settle()
  for (const [i, member] of members.entries()) put(member, 1, ...scenes[scene]![i]!)
  const typed = members.map(() => 0)
  while (members.some((_, i) => typed[i]! < scripts[i]!.length)) {
    const i = below(members.length)
    const member = members[i]!
    const act = below(6)
    if (act < 3 && typed[i]! < scripts[i]!.length) key(member, scripts[i]![typed[i]!++]!)
    else if (act === 3) member.deliverUp(1 + below(3))
    else if (act === 4) await cohort.tick()
    else member.deliverDown(1 + below(3))
  }
  await cohort.settle()
  const wrong = sources.flatMap((source, i) => {
    const own = cohort.changes().filter((change) => change.source === source)
    return own.length === 1 && insertedOf(own[0]!) === scripts[i]
      ? []
      : [`${scene}, seed ${seed}: ${source} ${own.map((change) => JSON.stringify(insertedOf(change))).join(" ")}`]
  })
  return { cohort, wrong }
}

describe("two who type at one place", () => {
  const plays = Number(process.env.CARET_PLAYS ?? "500")

  it(`[CARET1] in ${plays} plays of two or three, with any delivery, each one's words stay whole, in order and one change`, async () => {
    const wrong: string[] = []
    for (let seed = 1; seed <= plays; seed++) {
      const { cohort, wrong: found } = await play(seed)
      wrong.push(...found)
      sound(cohort)
    }
    expect(wrong).toEqual([])
  })

  it("[CARET1] in turns, sentence by sentence, each one's words stay whole and one change", async () => {
    const cohort = start()
    const [s, b] = [cohort.member("S"), cohort.member("B")]
    await cohort.settle()
    put(s, 1, 11)
    put(b, 1, 11)
    for (const [member, words] of [
      [s, " alpha"],
      [b, " beta"],
      [s, " gamma"],
      [b, " delta"],
      [s, " end"],
    ] as const) {
      for (const letter of words) key(member, letter)
      await cohort.settle()
    }
    expect(cohort.changes().map(insertedOf).sort()).toEqual([" alpha gamma end", " beta delta"])
    sound(cohort)
  })

  it("[CARET1] two who write for one delegation at one place keep each one's words whole", async () => {
    const cohort = start()
    const [one, other] = [cohort.member("S"), cohort.member("S")]
    await cohort.settle()
    put(one, 1, 11)
    put(other, 1, 11)
    for (let i = 0; i < 6; i++) {
      key(one, " alpha"[i]!)
      if (i % 2 === 0) await cohort.settle()
      key(other, " omega"[i]!)
      await cohort.settle()
    }
    expect(proposed(cohort)).toContain(" alpha")
    expect(proposed(cohort)).toContain(" omega")
    sound(cohort)
  })

  it("[CARET1] what another types at the edge of a selection is not in it", async () => {
    const cohort = start()
    const [s, b] = [cohort.member("S"), cohort.member("B")]
    await cohort.settle()
    put(s, 1, 20, 12)
    put(b, 1, 12)
    key(b, "x")
    put(b, 1, 21)
    key(b, "y")
    await cohort.settle()
    const { anchor, head: caret } = s.state.selection
    expect(s.state.doc.textBetween(caret, anchor)).toBe(agreed.slice(12, 20))
    key(s, "z")
    await cohort.settle()
    expect(cohort.changes().map(insertedOf).sort()).toEqual(["x…y", "z"].flatMap((words) => words.split("…")).sort())
    sound(cohort)
  })
})

describe("a decision or another's Enter at the caret", () => {
  /** Behind a blank, where Enter cuts right at the caret (TRK13). */
  const cut = "to continue the work ".length
  async function split(at: number): Promise<{ cohort: Cohort; s: Member; b: Member }> {
    const cohort = start()
    const [s, b] = [cohort.member("S"), cohort.member("B")]
    await cohort.settle()
    put(s, 1, at)
    put(b, 1, cut)
    enter(b)
    await cohort.settle()
    return { cohort, s, b }
  }

  it("[CARET2] another's Enter at the caret leaves it before the cut, and so does its acceptance", async () => {
    const { cohort, s } = await split(cut)
    expect(caretOf(s)).toEqual(["c1", cut])
    expect(s.text(1)[cut]).toBe(splitCharacter)
    key(s, "!")
    await cohort.settle()
    await cohort.decide(
      cohort
        .changes()
        .filter(({ source }) => source === "B")
        .map(({ id }) => id),
      "accept",
    )
    await cohort.settle()
    expect(caretOf(s)).toEqual(["c1", cut + 1])
    key(s, "?")
    await cohort.settle()
    expect(proposed(cohort)).toBe(`resolves|${agreed.slice(0, cut)}!?|${agreed.slice(cut)}|to report,`)
    sound(cohort)
  })

  it("[CARET2] a caret behind the cut goes into the second half with its letter, and what is typed there stays whole", async () => {
    const { cohort, s } = await split(30)
    key(s, "a")
    await cohort.settle()
    await cohort.decide(
      cohort
        .changes()
        .filter(({ source }) => source === "B")
        .map(({ id }) => id),
      "accept",
    )
    key(s, "b")
    await cohort.settle()
    key(s, "c")
    await cohort.settle()
    expect(proposed(cohort)).toBe(`resolves|${agreed.slice(0, cut)}|${agreed.slice(cut, 30)}abc${agreed.slice(30)}|to report,`)
    expect(cohort.changes().map(insertedOf)).toEqual(["abc"])
    sound(cohort)
  })

  it("[CARET2] a caret in a clause that is joined to another goes there with its letter", async () => {
    const cohort = start()
    const [s, b] = [cohort.member("S"), cohort.member("B")]
    await cohort.settle()
    put(s, 2, 9)
    b.session.restructuring.join(2)
    await cohort.settle()
    await cohort.decide(
      cohort.changes().map(({ id }) => id),
      "accept",
    )
    await cohort.settle()
    key(s, "!")
    await cohort.settle()
    expect(proposed(cohort)).toContain("to report!,")
    expect(workingTextOf(blocksOf(cohort.room.main))).toHaveLength(2)
    sound(cohort)
  })

  it("[CARET2] another's Enter before, behind or in another clause leaves the caret at its letter", async () => {
    for (const [index, at] of [
      [1, 0],
      [1, agreed.length],
      [2, 0],
      [0, 8],
    ] as const) {
      const cohort = start()
      const [s, b] = [cohort.member("S"), cohort.member("B")]
      await cohort.settle()
      for (const offset of [0, agreed.length]) {
        put(
          s,
          s.state.doc.children.findIndex((node) => node.attrs.id === "c1"),
          offset,
        )
        put(
          b,
          b.state.doc.children.findIndex((node) => node.attrs.id === ["resolves", "c1", "c2"][index]),
          at,
        )
        enter(b)
        await cohort.settle()
        expect(caretOf(s)).toEqual(["c1", offset])
      }
      expect(s.state.selection).toBeInstanceOf(Selection)
      sound(cohort)
    }
  })
})

describe("a word at the caret", () => {
  it("[TRK12] ends where what somebody has struck begins: deleted by one key it takes none of that along", async () => {
    const cohort = start()
    const [b, k] = [cohort.member("B"), cohort.member("K")]
    await cohort.settle()
    b.replace(1, 16, 20, "task")
    await cohort.settle()
    const ofB = "to continue the worktask of the group on lighting;"
    expect(k.text(1)).toBe(ofB)
    const deleteWord = (step: 1 | -1): void =>
      void deleteBy(k.source, step, "word", () => false)(k.state, (tr) => k.session.tracking.dispatch(tr))
    put(k, 1, 24)
    deleteWord(-1)
    await cohort.settle()
    expect(cohort.changes().map((change) => `${change.source}: ${describeChange(change)}`)).toEqual([
      "B: replace “work” by “task”",
      "K: delete “task”",
    ])
    put(k, 1, 16)
    deleteWord(1)
    await cohort.settle()
    expect(cohort.changes().map((change) => `${change.source}: ${describeChange(change)}`)).toContain("K: delete “work”")
    sound(cohort)
  })
})

import { describe, expect, it } from "vitest"
import { meaningOf } from "../shared/changes/carried.ts"
import { type Change, describeChange } from "../shared/changes/changes.ts"
import { workingTextOf } from "../shared/changes/projections.ts"
import { textOf } from "../shared/schema/block.ts"
import { forestalledIn, notedIn, roots, tiesIn, twinsIn } from "../shared/sync/roots.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort, type Member } from "./cohort.ts"

const line = "to keep a register of all lights,"
const base = draftState([head("resolves"), clause(line, "a"), clause("to report.", "b")])

interface Scene {
  readonly cohort: Cohort
  /** What each source proposes, by its code: the first of it. */
  readonly of: Readonly<Record<string, string>>
}

type Inside = Readonly<Record<string, (member: Member) => void>>

/** Sweden, Brazil and Japan propose the same, in this order; each of the others puts something inside of one of them. */
async function scene(propose: (member: Member) => void, inside: Inside, order: readonly string[] = ["S", "B", "J"]): Promise<Scene> {
  const cohort = new Cohort(base)
  const of: Record<string, string> = {}
  const does = async (source: string, act: (member: Member) => void): Promise<void> => {
    const member = cohort.member(source)
    await cohort.settle()
    const known = new Set(cohort.changes().map(({ id }) => id))
    act(member)
    await cohort.settle()
    of[source] = cohort.changes().find(({ id }) => !known.has(id))!.id
  }
  await does(order[0]!, propose)
  for (const [source, act] of Object.entries(inside)) await does(source, act)
  for (const source of order.slice(1)) await does(source, propose)
  return { cohort, of }
}

const working = ({ cohort }: Scene): string => workingTextOf(cohort.room.gate.blocks).map(textOf).slice(1).join("|")
const statusOf = ({ cohort }: Scene, change: string) => roots.proposals(cohort.room.gate.shadow).get(change)?.status
const open = ({ cohort }: Scene): string[] =>
  cohort
    .changes()
    .filter(({ id }) => !cohort.room.gate.noted.has(id))
    .map((change: Change) => `${change.source}: ${describeChange(change)}`)

/** What the question before a decision says that it ends. */
function ends({ cohort }: Scene, id: string): string[] {
  const { shadow, blocks } = cohort.room.gate
  const given = { blocks, ties: tiesIn(shadow), twins: twinsIn(shadow), noted: notedIn(shadow), forestalled: forestalledIn(shadow) }
  const { ended, lapsed } = meaningOf(new Set([id]), "accept", { ...given, leavesOut: false })
  return [...ended, ...lapsed]
}

const words = (member: Member): void => member.type(1, member.text(1).indexOf(" of all"), " and talk about")
const insideWords: Inside = {
  K: (member) => member.type(1, member.text(1).indexOf(" about"), " loudly"),
  F: (member) => member.delete(1, member.text(1).indexOf(" about"), member.text(1).indexOf(" about") + 6),
}
const newClause = (member: Member): void => {
  member.session.tracking.addClause(2, null)
  member.type(2, 0, "to mark them on charts;")
}
const insideClause: Inside = {
  K: (member) => member.type(2, 7, " all of"),
  F: (member) => member.session.tracking.split({ index: 2, at: member.text(2).indexOf(" on charts") }),
}

const sorts = {
  words: { propose: words, inside: insideWords, text: "to keep a register and talk loudly of all lights,|to report." },
  "a new clause": {
    propose: newClause,
    inside: insideClause,
    text: `${line}|to mark all of them| on charts;|to report.`,
  },
} as const

const orders = <Part>(list: readonly Part[]): Part[][] =>
  list.length < 2 ? [[...list]] : list.flatMap((one, i) => orders(list.filter((_, j) => j !== i)).map((rest) => [one, ...rest]))

describe("of what several say alike the one is written under which nothing is lost", () => {
  for (const [sort, { propose, inside, text }] of Object.entries(sorts))
    for (const asked of ["S", "B"])
      it(`[RIVAL1 RES6] ${sort}: whichever card is accepted (${asked}), and in every order of the same verdicts`, async () => {
        const texts = new Set<string>()
        for (const order of orders([asked, "K", "F"])) {
          const there = await scene(propose, inside)
          for (const source of order) {
            expect(ends(there, there.of[source]!), `${order.join()}: ${source}`).toEqual([])
            expect(await there.cohort.decide([there.of[source]!], "accept"), `${order.join()}: ${source}`).toBe(true)
          }
          await there.cohort.settle()
          texts.add(working(there))
          expect(open(there)).toEqual([])
          for (const source of ["S", "B", "J", "K", "F"])
            expect(statusOf(there, there.of[source]!), `${order.join()}: ${source}`).toBe("accepted")
          expect(there.cohort.faults).toEqual([])
        }
        expect([...texts]).toEqual([text])
      })

  it("[RIVAL1] where others have something in several, the one that was asked for; the question says what ends", async () => {
    for (const asked of ["S", "J"]) {
      const there = await scene(words, { K: insideWords.K! })
      const e = there.cohort.member("E")
      await there.cohort.settle()
      const { block, from } = there.cohort.changes().find(({ id }) => id === there.of.J)!.segments[0]!
      expect(block).toBe("a")
      e.type(1, from + 4, " also")
      await there.cohort.settle()
      const also = there.cohort.changes().find(({ source }) => source === "E")!.id
      expect(ends(there, there.of[asked]!)).toEqual([asked === "S" ? also : there.of.K])
      await there.cohort.decide([there.of[asked]!], "accept")
      expect(working(there)).toContain("to keep a register and talk about of all lights,")
      expect(open(there)).toEqual([asked === "S" ? "K: insert “ loudly”" : "E: insert “ also”"])
    }
  })

  it("[BACK1] what was decided so is taken back to the letter", async () => {
    for (const { propose, inside } of Object.values(sorts)) {
      const there = await scene(propose, inside)
      const before = [working(there), open(there)]
      for (const source of ["K", "B"]) await there.cohort.decide([there.of[source]!], "accept")
      for (const n of [2, 1]) expect(await there.cohort.takeBack(n), there.cohort.refusal?.message).toBe(true)
      expect([working(there), open(there)]).toEqual(before)
      expect(there.cohort.faults).toEqual([])
    }
  })
})

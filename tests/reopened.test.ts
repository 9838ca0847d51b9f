import { Fragment, Slice } from "prosemirror-model"
import { describe, expect, it } from "vitest"
import { fatesIn } from "../client/draft/fates.ts"
import { seenIn } from "../server/decisions/as-seen.ts"
import { decideChanges } from "../server/decisions/decide.ts"
import { takeBack } from "../server/decisions/take-back.ts"
import { standsInTheWay } from "../shared/changes/back-plan.ts"
import { changesIn, describeChange } from "../shared/changes/changes.ts"
import { workingTextOf } from "../shared/changes/projections.ts"
import { beforeSome } from "../shared/changes/reopened.ts"
import { changeHash, sightOf } from "../shared/changes/sight.ts"
import { finished } from "../shared/changes/slices.ts"
import { textOf } from "../shared/schema/block.ts"
import { schema } from "../shared/schema/schema.ts"
import { momentOf } from "../shared/sync/moment.ts"
import { originsOf } from "../shared/sync/origins.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { roots } from "../shared/sync/roots.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort, type Member, signature } from "./cohort.ts"

const working = (cohort: Cohort): string => workingTextOf(blocksOf(cohort.room.gate.shadow)).map(textOf).join("|")
const open = (cohort: Cohort): string[] => cohort.changes().map((change) => `${change.source}: ${describeChange(change)}`)

/** Decides all that is open, and opens what a source proposed again. Whether that was possible. */
async function reopened(cohort: Cohort, verdict: "accept" | "notRetain", source: string): Promise<boolean> {
  const { gate } = cohort.room
  const before = momentOf(gate.shadow)
  const sight = sightOf(before.blocks, originsOf(gate.shadow))
  const changes = changesIn(before.blocks)
  const hashes = new Map(changes.flatMap((change) => (change.source === source ? [[change.id, changeHash(change, sight)] as const] : [])))
  const done = finished(decideChanges(gate, seenIn(gate), verdict, { isPartial: false }))
  expect(done.decided.length).toBe(changes.length)
  const after = momentOf(gate.shadow)
  const alone = beforeSome(before, after, new Set(hashes.keys()), (letter) => gate.relocations.original(letter))
  if (!alone) return false
  const taken = finished(takeBack(gate, { before: alone, after, hashes, decidedSince: [], shown: before }))
  expect(standsInTheWay(taken)).toBe(false)
  return true
}

async function opened(): Promise<{ cohort: Cohort; s: ReturnType<Cohort["member"]>; b: ReturnType<Cohort["member"]> }> {
  const cohort = new Cohort(draftState([head("resolves"), clause("to continue the work of the group;", "c1"), clause("to report,", "c2")]))
  const [s, b] = [cohort.member("S"), cohort.member("B")]
  await cohort.settle()
  return { cohort, s, b }
}

describe("one of several that were decided together is opened again", () => {
  for (const verdict of ["accept", "notRetain"] as const)
    it(`[BACK5] ${verdict}: the other stays decided`, async () => {
      const { cohort, s, b } = await opened()
      s.replace(1, 3, 11, "resume")
      b.type(1, 33, " and others")
      b.type(2, 9, " yearly")
      await cohort.settle()
      expect(await reopened(cohort, verdict, "S")).toBe(true)
      expect(working(cohort)).toBe(
        verdict === "accept"
          ? "resolves|to continue the work of the group and others;|to report yearly,"
          : "resolves|to continue the work of the group;|to report,",
      )
      expect(open(cohort)).toEqual(["S: replace “continue” by “resume”"])
    })

  it("[BACK5] a deletion of words beside those that another deletion took out too", async () => {
    const { cohort, s, b } = await opened()
    s.delete(1, 3, 16)
    b.delete(1, 12, 21)
    await cohort.settle()
    expect(await reopened(cohort, "accept", "S")).toBe(true)
    expect(working(cohort)).toBe("resolves|to continue of the group;|to report,")
    expect(open(cohort)).toEqual(["S: delete “continue ”"])
  })

  it("[BACK5 RES3] what another put into it stays accepted, as that one's words, and waits for it", async () => {
    const { cohort, s, b } = await opened()
    s.type(1, 33, " and of others")
    await cohort.settle()
    b.type(1, 40, " all")
    await cohort.settle()
    expect(open(cohort)).toEqual(["S: insert “ and of others”", "B: insert “ all”"])
    const [, inside] = cohort.changes()
    expect(await reopened(cohort, "accept", "S")).toBe(true)
    expect(working(cohort)).toBe("resolves|to continue the work of the group;|to report,")
    expect(roots.proposals(cohort.room.gate.shadow).get(inside!.id)?.status).toBe("acceptedWithHost")
    const [host] = cohort.changes().filter(({ source }) => source === "S")
    finished(
      decideChanges(
        cohort.room.gate,
        [{ id: host!.id, hash: seenIn(cohort.room.gate).find(({ id }) => id === host!.id)!.hash }],
        "accept",
        { isPartial: false },
      ),
    )
    expect(working(cohort)).toBe("resolves|to continue the work of the group and of all others;|to report,")
    expect(roots.proposals(cohort.room.gate.shadow).get(inside!.id)?.status).toBe("accepted")
  })

  it("[BACK5] what is about clauses as wholes is taken back as a whole", async () => {
    const { cohort, s, b } = await opened()
    s.session.restructuring.deleteClause(2)
    b.type(1, 33, " and others")
    await cohort.settle()
    const before = signature(cohort.room.main)
    expect(await reopened(cohort, "accept", "S")).toBe(false)
    expect(before).toBe(signature(cohort.room.main))
  })
})

const other = "to report,"

/** What several propose on the first clause, all decided at once; then one is opened again, and another; then the rest is taken back. */
const together: readonly [what: string, propose: (s: Member, b: Member) => void, within?: (b: Member) => void][] = [
  [
    "two deletions over the same words",
    (s, b) => {
      s.delete(1, 3, 24)
      b.delete(1, 12, 29)
    },
  ],
  ["a deletion of another's words", (s) => void s.type(1, 33, " and of others"), (b) => void b.delete(1, 37, 47)],
  [
    "a replacement of all that another's puts in",
    (s) => s.replace(1, 3, 11, "resume"),
    (b) => b.replace(1, b.text(1).indexOf("resume"), b.text(1).indexOf("resume") + "resume".length, "end"),
  ],
  ["a replacement in another's words", (s) => void s.type(1, 33, " and of others"), (b) => void b.replace(1, 41, 47, "all")],
]
for (const [what, propose, within] of together)
  for (const verdict of ["accept", "notRetain"] as const)
    it(`[BACK5 BACK1] what stands on the same words is open again together: ${what}, ${verdict}`, async () => {
      for (const first of ["S", "B"]) {
        const { cohort, s, b } = await opened()
        propose(s, b)
        await cohort.settle()
        within?.(b)
        b.type(2, 9, " yearly")
        await cohort.settle()
        const [before, texts] = [open(cohort), working(cohort)]
        const own = cohort.changes().filter((change) => change.segments.every(({ block }) => block === "c1"))
        await cohort.decide(
          cohort.changes().map(({ id }) => id),
          verdict,
        )
        const { n } = cohort.log.entries.at(-1)!
        expect(await cohort.takeBack(n, own.find(({ source }) => source === first)!.id), cohort.refusal?.message).toBe(true)
        expect(open(cohort)).toEqual(before.filter((one) => one !== "B: insert “ yearly”"))
        expect(await cohort.takeBack(n), cohort.refusal?.message).toBe(true)
        expect([open(cohort), working(cohort)]).toEqual([before, texts])
      }
    })

/** Each of several proposes it, right behind what is there. */
const twins: Readonly<Record<string, (member: Member) => void>> = {
  "a replacement": (member) => {
    const at = member.text(1).indexOf("work")
    member.replace(1, at, at + 4, "sessions")
  },
  "an insertion": (member) => member.type(1, member.text(1).length - 1, " by sessions of its own"),
}
const beside: Readonly<Record<string, (member: Member) => void>> = {
  "in another clause": (member) => member.type(2, 9, " yearly"),
  "inside one of them": (member) => {
    const at = member.text(1).indexOf("sessions")
    member.replace(1, at, at + 8, "meetings")
  },
}
for (const [what, propose] of Object.entries(twins))
  for (const [where, put] of Object.entries(beside))
    for (const sources of [
      ["S", "B"],
      ["S", "B", "J"],
    ])
      it(`[BACK5] ${what} of ${sources.length} that say the same, accepted with a change ${where}, is open again`, async () => {
        for (const first of [...sources, "F"]) {
          const cohort = new Cohort(
            draftState([head("resolves"), clause("to continue the work of the group;", "c1"), clause("to report,", "c2")]),
          )
          const members = sources.map((source) => cohort.member(source))
          const f = cohort.member("F")
          await cohort.settle()
          for (const member of members) {
            propose(member)
            await cohort.settle()
          }
          put(f)
          f.session.undoManager.stopCapturing()
          f.type(2, 0, "also ")
          await cohort.settle()
          const [before, texts] = [open(cohort).sort(), working(cohort)]
          const of = (source: string): string => cohort.changes().find((change) => change.source === source)!.id
          const [asked, inside] = [of(first === "F" ? sources[0]! : first), of("F")]
          const all = cohort.changes().map(({ id }) => id)
          await cohort.decide(all, "accept")
          const accepted = working(cohort)
          const { n } = cohort.log.entries.at(-1)!
          const isOpen = (): boolean => cohort.changes().some(({ id }) => id === asked)
          // What was decided beside them may be opened first.
          if (first === "F") expect(await cohort.takeBack(n, inside), cohort.refusal?.message).toBe(true)
          if (!isOpen()) expect(await cohort.takeBack(n, asked), cohort.refusal?.message).toBe(true)
          expect(
            open(cohort)
              .filter((one) => !one.startsWith("F"))
              .sort(),
          ).toEqual(before.filter((one) => !one.startsWith("F")))
          expect(await cohort.takeBack(n), cohort.refusal?.message).toBe(true)
          expect([open(cohort).sort(), working(cohort)]).toEqual([before, texts])
          await cohort.decide(all, "accept")
          expect(working(cohort)).toBe(accepted)
          expect(cohort.room.faults).toBe(0)
        }
      })

const asClauses: readonly [what: string, act: (s: Member) => void][] = [
  ["a split", (s) => s.session.tracking.split({ index: 1, at: 11 })],
  [
    "lines that were pasted",
    (s) => {
      const lines = [" and begin", "and end"].map((line) => schema.nodes.clause!.create({ id: "x", insertedBy: "X" }, schema.text(line)))
      s.session.tracking.dispatch(s.state.tr.replace(s.pos(1, 11), s.pos(1, 11), new Slice(Fragment.from(lines), 1, 1)))
    },
  ],
  ["a deletion of a clause", (s) => s.session.restructuring.deleteClause(1)],
]
for (const [what, act] of asClauses)
  it(`[BACK5] ${what} is taken back with all that was decided with it, also after the others were opened again`, async () => {
    const { cohort, s, b } = await opened()
    act(s)
    b.type(2, 9, " yearly")
    await cohort.settle()
    const [before, texts] = [open(cohort), working(cohort)]
    const [clauses, words] = ["S", "B"].map((source) => cohort.changes().find((change) => change.source === source)!.id)
    await cohort.decide(
      cohort.changes().map(({ id }) => id),
      "accept",
    )
    const { n } = cohort.log.entries.at(-1)!
    expect(await cohort.takeBack(n, clauses)).toBe(false)
    expect(cohort.refusal?.message).toContain(`Take back entry ${n}`)
    expect(cohort.log.entries.at(-1)!.n).toBe(n)
    expect(await cohort.takeBack(n, words), cohort.refusal?.message).toBe(true)
    expect(open(cohort)).toEqual(["B: insert “ yearly”"])
    expect(await cohort.takeBack(n), cohort.refusal?.message).toBe(true)
    expect([open(cohort), working(cohort)]).toEqual([before, texts])
    expect(working(cohort)).toContain(other)
    expect(await cohort.takeBack(n)).toBe(false)
  })

it("[BACK5 RES3] what was accepted inside a proposal that was withdrawn with others is inside it again, and accepted", async () => {
  const { cohort, s, b } = await opened()
  s.type(1, 33, " and of others")
  s.session.undoManager.stopCapturing()
  s.type(2, 9, " yearly")
  await cohort.settle()
  b.type(1, 40, " all")
  await cohort.settle()
  const [host, , inside] = ["S", "S", "B"].map(
    (source, i) => cohort.changes().filter((change) => change.source === source)[i === 1 ? 1 : 0]!,
  )
  await cohort.decide([inside!.id], "accept")
  const own = cohort.changes().filter(({ source }) => source === "S")
  await cohort.decide(
    own.map(({ id }) => id),
    "withdraw",
  )
  expect(await cohort.takeBack(cohort.log.entries.at(-1)!.n, host!.id), cohort.refusal?.message).toBe(true)
  expect(roots.proposals(cohort.room.main).get(inside!.id)?.status).toBe("acceptedWithHost")
  await cohort.decide([host!.id], "accept")
  expect(working(cohort)).toBe("resolves|to continue the work of the group and of all others;|to report,")
})

it("[BACK5] what was opened again, alone or with its decision, is not on its delegation's list of decided changes", () => {
  const entry = (n: number, act: string, details: Record<string, unknown>) =>
    ({ n, act, row: n, at: "2026-11-22T09:00:00Z", decidedBy: "p", enteredBy: "p", source: "CHAIR", sitting: {}, details }) as never
  const changes = ["S.1.1", "S.1.2"].map((id) => ({ id, source: "S" }))
  const decided = entry(1, "accept", { changes })
  const left = (...later: never[]): string[] => fatesIn([decided, ...later]).map(({ change }) => change)
  expect(left()).toEqual(["S.1.2", "S.1.1"])
  expect(left(entry(2, "reopenChange", { of: 1, changes: changes.slice(0, 1) }))).toEqual(["S.1.2"])
  expect(left(entry(2, "takeBack", { undoes: 1, changes }))).toEqual([])
})

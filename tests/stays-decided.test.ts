import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { notYetSaid } from "../server/acts/stages.ts"
import { seenIn } from "../server/decisions/as-seen.ts"
import { attribute } from "../server/decisions/attribute.ts"
import { decideChanges } from "../server/decisions/decide.ts"
import { recordOf } from "../server/decisions/decision-record.ts"
import { fatesTold } from "../server/decisions/fates.ts"
import { incorporate } from "../server/decisions/incorporate.ts"
import { Mismatch, proveProposed, proveUntouched, proveWritten } from "../server/decisions/proven.ts"
import type { Change } from "../shared/changes/changes.ts"
import type { Verdict } from "../shared/changes/effects.ts"
import { isIncorporable } from "../shared/changes/incorporate.ts"
import { workingTextOf } from "../shared/changes/projections.ts"
import { finished } from "../shared/changes/slices.ts"
import { type Block, type Mark, type Run, textOf } from "../shared/schema/block.ts"
import { notStated } from "../shared/schema/keys.ts"
import { newMark } from "../shared/schema/schema.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { roots } from "../shared/sync/roots.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort, type Member, signature } from "./cohort.ts"
import { home } from "./process.ts"

const line = "to keep a lamp at every mole,"
const base = draftState([head("resolves"), clause(line, "a")])

const working = ({ room }: Cohort): string => workingTextOf(room.gate.blocks).map(textOf)[1]!
const entryOf = ({ room }: Cohort, { id }: Pick<Change, "id">) => roots.proposals(room.main).get(id)
const lastEntry = ({ log }: Cohort) => log.entries.at(-1)!
const idsIn = (list: unknown): string[] => (list as { id: string }[]).map(({ id }) => id)
const toldOf = ({ notices }: Member): string[] => notices.flatMap((notice) => (notice.kind === "decided" ? [notice.status] : []))

/** The chair decides, and each delegation is told. */
function told(cohort: Cohort, ids: readonly string[], verdict: Verdict): Promise<boolean> {
  const seen = seenIn(cohort.room.gate, ids)
  const as = (block: string): string => block
  return cohort.act(verdict, (gate) => {
    const done = finished(decideChanges(gate, seen, verdict, { isPartial: false }))
    return {
      row: done.row,
      decidedBlocks: done.blocks,
      details: { ...recordOf(done, as) },
      notices: fatesTold(done, verdict, "the chair", as),
    }
  })
}

/** S proposes " and every pier"; the others of these may write inside it. */
async function inside(...sources: string[]): Promise<{ cohort: Cohort; members: Member[]; of: (source: string) => Change }> {
  const cohort = new Cohort(base)
  const members = ["S", ...sources].map((source) => cohort.member(source))
  await cohort.settle()
  members[0]!.type(1, 28, " and every pier")
  await cohort.settle()
  return { cohort, members, of: (source) => cohort.changes().find((change) => change.source === source)! }
}

describe("what is accepted and waits stays as it was decided", () => {
  for (const [what, edit] of [
    ["words", (j: Member) => j.type(1, 40, " very")],
    ["a deletion", (j: Member) => j.delete(1, 39, 42)],
  ] as const)
    it(`[TRK10 GATE14] its source takes nothing of others into it any more: ${what}`, async () => {
      const { cohort, members, of } = await inside("B", "J")
      const [, b, j] = members as [Member, Member, Member]
      b.type(1, 38, " old")
      await cohort.settle()
      const inner = of("B")
      await cohort.decide([inner.id], "accept")
      await cohort.settle()
      edit(j)
      await cohort.settle()
      expect(of("J").inside).toContain(inner.id)
      const before = signature(cohort.room.main)
      const seen = seenIn(cohort.room.gate, [of("J").id])
      expect(isIncorporable(cohort.room.gate.blocks, of("J"), "B", cohort.room.gate.noted), "no button").toBe(false)
      expect(await cohort.act("incorporate", (gate) => incorporate(gate, seen, "B"))).toBe(false)
      await cohort.settle()
      expect(signature(cohort.room.main)).toBe(before)
      await cohort.decide([of("S").id], "accept")
      await cohort.settle()
      expect(working(cohort)).toBe("to keep a lamp at every mole and every old pier,")
      expect(cohort.changes().map(({ source }) => source)).toEqual(["J"])
    })

  it("[TRK10] and its host's owner takes it in no more, but what is open beside it", async () => {
    const { cohort, members, of } = await inside("B", "J")
    const [, b, j] = members as [Member, Member, Member]
    b.type(1, 38, " old")
    j.type(1, 32, " nearly")
    await cohort.settle()
    await cohort.decide([of("B").id], "accept")
    await cohort.settle()
    const take = (source: string): Promise<boolean> => {
      const seen = seenIn(cohort.room.gate, [of(source).id])
      return cohort.act("incorporate", (gate) => incorporate(gate, seen, "S"))
    }
    expect(await take("B")).toBe(false)
    expect(await take("J")).toBe(true)
    await cohort.settle()
    expect(cohort.changes().map(({ source, inserted }) => [source, inserted])).toContainEqual(["S", " and nearly every pier"])
    expect(cohort.faults).toEqual([])
  })

  it("[ONTO4 GATE14] whose it is cannot be stated any more: its acceptance would not be its own", async () => {
    const { cohort, members, of } = await inside(notStated)
    members[1]!.type(1, 38, " old")
    await cohort.settle()
    const inner = of(notStated)
    await cohort.decide([inner.id], "accept")
    await cohort.settle()
    const before = signature(cohort.room.main)
    const seen = seenIn(cohort.room.gate, [inner.id])
    expect(await cohort.act("attribute", (gate) => attribute(gate, seen, "B"))).toBe(false)
    expect(cohort.refusal?.message).toContain("This is accepted already")
    await cohort.settle()
    expect(signature(cohort.room.main)).toBe(before)
    expect(entryOf(cohort, inner)?.status).toBe("acceptedWithHost")
    await cohort.decide([of("S").id], "accept")
    await cohort.settle()
    expect([working(cohort), entryOf(cohort, inner)?.status]).toEqual(["to keep a lamp at every mole and every old pier,", "accepted"])
  })

  it("[ONTO4] of what it stands in that can be stated, and it goes on waiting for that", async () => {
    const cohort = new Cohort(base)
    const [nobody, b] = [notStated, "B"].map((source) => cohort.member(source)) as [Member, Member]
    await cohort.settle()
    nobody.type(1, 28, " and every pier")
    await cohort.settle()
    b.type(1, 38, " old")
    await cohort.settle()
    const of = (source: string): Change => cohort.changes().find((change) => change.source === source)!
    const inner = of("B")
    await cohort.decide([inner.id], "accept")
    await cohort.settle()
    const seen = seenIn(cohort.room.gate, [of(notStated).id])
    expect(await cohort.act("attribute", (gate) => attribute(gate, seen, "S"))).toBe(true)
    await cohort.settle()
    expect(entryOf(cohort, inner)?.status).toBe("acceptedWithHost")
    await cohort.decide([of("S").id], "accept")
    await cohort.settle()
    expect([working(cohort), entryOf(cohort, inner)?.status]).toEqual(["to keep a lamp at every mole and every old pier,", "accepted"])
  })
})

describe("[ACT9] what writes marks anew is held against what it had to write", () => {
  const { runs, ...rest } = blocksOf(new Cohort(base).room.main)[1]!
  const insertion = newMark("insertion", { id: "B.1.1", source: "B", within: ["S.1.1"] })
  const block = (mark: Mark) => ({ ...rest, runs: [...runs, { text: " old", marks: [mark] }] }) as Block
  const proven = (left: Block, expected: Block): void => finished(proveWritten([left], [expected]))
  it("takes what is so", () => proven(block(insertion), block({ ...insertion })))
  for (const [what, changed] of [
    ["another host", { within: ["S.1.2"] }],
    ["another source", { source: "S" }],
    ["another change", { of: "B.1.0" }],
    ["another aim", { over: ["S.1.1"] }],
    ["another mark", { key: "insertion--other" }],
  ] as const)
    it(`refuses ${what}`, () => expect(() => proven(block({ ...insertion, ...changed }), block(insertion))).toThrow(Mismatch))
  it("refuses a letter", () =>
    expect(() => proven({ ...block(insertion), runs: [{ text: "x", marks: [] }] } as Block, block(insertion))).toThrow(Mismatch))
})

describe("[ACT9] what acts beside the text leave, and what a file brings", () => {
  const said = (id: string) => newMark("comment", { id, source: "B" })
  const put = (source: string, text: string): Run => ({ text, marks: [newMark("insertion", { id: `${source}.9.1`, source })] })
  const strike = (source: string, text: string): Run => ({ text, marks: [newMark("deletion", { id: `${source}.9.1`, source })] })
  const agreed = (text: string): Run => ({ text, marks: [] })
  const [, { runs: _, ...rest }] = blocksOf(new Cohort(base).room.main) as [Block, Block]
  const block = (...runs: Run[]): Block[] => [{ ...rest, runs } as Block]
  const untouched = (left: Block[], before: Block[]): void => finished(proveUntouched(left, before))
  const proposed = (left: Block[], before: Block[]): void => finished(proveProposed(left, before))
  const before = block(agreed("to keep a lamp "), put("S", "at night "), strike("J", "at "), agreed("every mole"))
  const [keep, night, struck, mole] = before[0]!.runs as [Run, Run, Run, Run]

  it("a comment may stand on words", () => untouched(block(keep, night, struck, { ...mole, marks: [said("B.9.2")] }), before))
  for (const [what, left] of [
    ["a letter", block(keep, night, struck, agreed("every moles"))],
    ["a proposal more", block(keep, night, struck, mole, put("B", "!"))],
    ["a proposal less", block(keep, struck, mole)],
  ] as const)
    it(`nothing else: ${what}`, () => expect(() => untouched(left, before)).toThrow(Mismatch))

  it("a file proposes, also inside and over what was proposed", () =>
    proposed(block(keep, night, put("B", "dark "), struck, { text: "every ", marks: strike("B", "").marks }, agreed("mole")), before))
  for (const [what, left] of [
    ["an agreed letter less", block(agreed("to keep a lamp"), night, struck, mole)],
    ["an agreed letter more", block(keep, night, struck, agreed("every moles"))],
    ["less of what was proposed", block(keep, put("S", "at "), struck, mole)],
    ["less of what was struck", block(keep, night, strike("J", "a"), agreed("t "), mole)],
    ["words of another's", block(keep, put("S", "at night "), put("B", "dark "), put("S", "too "), struck, mole)],
  ] as const)
    it(`it changes nothing that was there: ${what}`, () => expect(() => proposed(left, before)).toThrow(Mismatch))

  it("every act that writes the draft has its proof", () => {
    const files = (readdirSync(join(home, "server"), { recursive: true }) as string[]).filter((file) => file.endsWith(".ts"))
    const read = (file: string): string => readFileSync(join(home, "server", file), "utf8")
    const writing = files.filter((file) => /\bgate\.act\(/.test(read(file)) && !file.startsWith("gate"))
    // The room takes out blank clauses of who has left: nobody asked for that, and no word is in them.
    expect(writing.sort()).toEqual(["decisions/proven.ts", "decisions/written.ts", "rooms/room.ts"])
    const acts = files.filter((file) => /\byield\* written\(gate\b/.test(read(file)))
    expect(acts.length).toBeGreaterThan(4)
    for (const file of acts) expect(read(file), file).toMatch(/\bprove[A-Z]\w+\(|\bproven?\(/)
  })
})

describe("[ACT5] why a text is not adopted yet", () => {
  it("names what is open, and what to do", () => {
    expect([2, 1].map(notYetSaid)).toEqual([
      "2 changes are still open. Decide them first; then the text can be adopted.",
      "1 change is still open. Decide it first; then the text can be adopted.",
    ])
    expect(notYetSaid(0)).toMatch(/^What was accepted in a new clause that holds nothing any more .* Adopt the text once more/)
  })
})

describe("what said the same as one that waits shares its fate, and its source is told", () => {
  /** J and B propose the same instead of a word of S's; accepted, both wait. K proposes something else there. */
  async function twice() {
    const found = await inside("J", "B", "K")
    const { cohort, members, of } = found
    const [, j, b, k] = members as [Member, Member, Member, Member]
    for (const member of [j, b]) member.replace(1, 39, 43, "quay")
    await cohort.settle()
    const [first, second] = [of("J"), of("B")]
    await told(cohort, [first.id], "accept")
    await cohort.settle()
    const [stands, same] = entryOf(cohort, first)?.by === undefined ? [first, second] : [second, first]
    expect(entryOf(cohort, same)).toMatchObject({ status: "acceptedWithHost", by: stands.id })
    return { ...found, k, stands, same, teller: same === second ? b : j }
  }

  it("[RIVAL1 RIVAL2] it is overtaken with it", async () => {
    const { cohort, k, of, stands, same, teller } = await twice()
    const at = k.text(1).indexOf("pier")
    k.replace(1, at, at + 4, "dock")
    await cohort.settle()
    await told(cohort, [of("K").id], "accept")
    await cohort.settle()
    expect([entryOf(cohort, stands), entryOf(cohort, same)]).toMatchObject([
      { status: "overtaken", by: of("K").id },
      { status: "overtaken", by: of("K").id },
    ])
    expect(toldOf(teller)).toEqual(["acceptedWithHost", "overtaken"])
    expect(idsIn(lastEntry(cohort).details.overtaken).sort()).toEqual([stands.id, same.id].sort())
    expect(await cohort.takeBack(lastEntry(cohort).n), cohort.refusal?.message).toBe(true)
    await cohort.settle()
    expect([entryOf(cohort, stands)?.status, entryOf(cohort, same)?.status]).toEqual(["acceptedWithHost", "acceptedWithHost"])
  })

  it("[RIVAL1] it is not retained with it", async () => {
    const { cohort, stands, same, teller } = await twice()
    await told(cohort, [stands.id], "notRetain")
    await cohort.settle()
    expect([entryOf(cohort, stands)?.status, entryOf(cohort, same)?.status]).toEqual(["notRetained", "notRetained"])
    expect(toldOf(teller)).toEqual(["acceptedWithHost", "notRetained"])
    expect(idsIn(lastEntry(cohort).details.identical)).toEqual([same.id])
    expect(await cohort.takeBack(lastEntry(cohort).n), cohort.refusal?.message).toBe(true)
    await cohort.settle()
    expect([entryOf(cohort, stands)?.status, entryOf(cohort, same)?.status]).toEqual(["acceptedWithHost", "acceptedWithHost"])
    expect(cohort.faults).toEqual([])
  })

  for (const verdict of ["accept", "notRetain"] as const)
    it(`[RIVAL1] it takes effect, or ends, with what both stand in: ${verdict}`, async () => {
      const { cohort, of, stands, same, teller } = await twice()
      await told(cohort, [of("S").id], verdict)
      await cohort.settle()
      const status = verdict === "accept" ? "accepted" : "superseded"
      expect([entryOf(cohort, stands)?.status, entryOf(cohort, same)?.status]).toEqual([status, status])
      expect(toldOf(teller)).toEqual(["acceptedWithHost", status])
    })
})

import { describe, expect, it } from "vitest"
import { decidedSaid } from "../client/draft/acts.ts"
import { fatesIn } from "../client/draft/fates.ts"
import { seenIn } from "../server/decisions/as-seen.ts"
import { decideChanges } from "../server/decisions/decide.ts"
import type { Decided } from "../server/decisions/decided.ts"
import { recordOf } from "../server/decisions/decision-record.ts"
import { fatesTold } from "../server/decisions/fates.ts"
import { fileDraftOf } from "../server/papers/file-draft-of.ts"
import type { Answer, Entry } from "../shared/api/contract.ts"
import { type Meaning, meaningOf } from "../shared/changes/carried.ts"
import { type Change, onlyTakes } from "../shared/changes/changes.ts"
import { workingTextOf } from "../shared/changes/projections.ts"
import { finished } from "../shared/changes/slices.ts"
import { textOf } from "../shared/schema/block.ts"
import { markId } from "../shared/schema/keys.ts"
import { structureRoot } from "../shared/sync/read.ts"
import { forestalledIn, notedIn, roots, tiesIn, twinsIn } from "../shared/sync/roots.ts"
import { clause, draftState, head, random } from "./build.ts"
import { Cohort, type Member } from "./cohort.ts"
import { Meeting } from "./meeting.ts"
import { paperOf } from "./paper-of.ts"

const lines = ["to keep a lamp at every mole,", "to count the lamps each year,", "to report on what was counted,"]
const names = ["a", "b", "c"]
const base = draftState([head("resolves"), ...lines.map((line, i) => clause(line, names[i]!))])

let number = 9_000
/** Proposes to delete, or to move, a clause. */
function propose(member: Member, block: string, what: object): void {
  const { doc } = member.session
  const id = markId(member.source, doc.clientID, number++)
  doc.transact(() => doc.getMap(structureRoot).set(id, { id, of: "", source: member.source, block, ...what }))
}

/** What the browser says before a decision. */
const meant = ({ room }: Cohort, asked: Iterable<string>, verdict: "accept" | "notRetain", leavesOut = true): Meaning => {
  const { shadow, blocks } = room.gate
  return meaningOf(new Set(asked), verdict, {
    ...{ blocks, leavesOut, ties: tiesIn(shadow), twins: twinsIn(shadow), noted: notedIn(shadow), forestalled: forestalledIn(shadow) },
  })
}

/** What the server does. */
async function done(cohort: Cohort, ids: Iterable<string>, verdict: "accept" | "notRetain"): Promise<Decided> {
  let decided: Decided | null = null
  await cohort.act("decide", (gate) => {
    decided = finished(decideChanges(gate, seenIn(gate, ids), verdict, { isPartial: false }))
    return { row: decided.row, decidedBlocks: decided.blocks }
  })
  await cohort.settle()
  return decided!
}

const idsOf = (changes: Iterable<{ readonly id: string }>): string[] => [...changes].map(({ id }) => id).sort()
const sourcesOf = (cohort: Cohort, ids: Iterable<string>): string => {
  const wanted = new Set(ids)
  return cohort
    .changes()
    .flatMap(({ id, source }) => (wanted.has(id) ? [source] : []))
    .sort()
    .join()
}

/** What S puts in, and in the midst of that what B does. */
async function wordsInWords(): Promise<{ cohort: Cohort; host: Change; inner: Change }> {
  const cohort = new Cohort(base)
  const [s, b] = ["S", "B"].map((source) => cohort.member(source)) as [Member, Member]
  await cohort.settle()
  s.type(1, 28, " and every pier")
  await cohort.settle()
  b.type(1, 38, " old")
  await cohort.settle()
  const of = (source: string): Change => cohort.changes().find((change) => change.source === source)!
  return { cohort, host: of("S"), inner: of("B") }
}

describe("what a question before a decision says", () => {
  it("[RIVAL7] of all changes the deletion of a clause is left out with what others propose in it; alone it ends that", async () => {
    const cohort = new Cohort(base)
    const [s, b, j, f, k] = ["S", "B", "J", "F", "K"].map((source) => cohort.member(source)) as [Member, Member, Member, Member, Member]
    await cohort.settle()
    propose(s, "a", { kind: "delete" })
    for (const [member, words] of [
      [b, "light"],
      [j, "fire"],
    ] as const)
      member.replace(1, 10, 14, words)
    f.type(1, 28, " always")
    await cohort.settle()
    k.type(2, 28, " and month")
    k.delete(1, 3, 7)
    await cohort.settle()
    const all = meant(cohort, idsOf(cohort.changes()), "accept")
    // What only takes out words of a clause means no less than its deletion, and competes with nothing.
    expect(sourcesOf(cohort, all.decided)).toBe("K,K")
    expect(all.leftOut.map(({ kind, changes }) => [kind, sourcesOf(cohort, changes)])).toEqual([
      ["rivals", "B,J"],
      ["clause goes", "F,S"],
    ])
    expect([all.ended.size, all.overtaken.size]).toEqual([0, 0])
    const own = cohort.changes().find(({ source }) => source === "S")!
    const alone = meant(cohort, [own.id], "accept", false)
    expect(sourcesOf(cohort, alone.ended)).toBe("B,F,J,K")
    const left = idsOf(cohort.changes()).filter((id) => !all.decided.has(id))
    await done(cohort, all.decided, "accept")
    expect(idsOf(cohort.changes())).toEqual(left)
  })

  it("[RES2] what was accepted and waits goes with what it stands in: asked before, told to its source, and in the record under that decision", async () => {
    const { cohort, host, inner } = await wordsInWords()
    expect([...meant(cohort, [inner.id], "accept").waiting]).toEqual([inner.id])
    expect([...meant(cohort, [host.id], "notRetain", false).ended]).toEqual([inner.id])
    const first = await done(cohort, [inner.id], "accept")
    expect([...meant(cohort, [host.id], "notRetain", false).lapsed]).toEqual([inner.id])
    const second = await done(cohort, [host.id], "notRetain")
    expect(recordOf(second, () => "1").superseded.map(({ id, source }) => [id, source])).toEqual([[inner.id, "B"]])
    const told = fatesTold(second, "notRetain", "the chair", () => "1")
    expect(told.map(({ source, notice }) => [source, notice.kind === "decided" && notice.status])).toEqual([
      ["S", "notRetained"],
      ["B", "superseded"],
    ])
    const entry = { decidedBy: "Ann", enteredBy: "Ann", source: "CHAIR", at: "", sitting: {} }
    const record = [
      { ...entry, n: 1, act: "accept", details: recordOf(first, () => "1") },
      { ...entry, n: 2, act: "notRetain", details: recordOf(second, () => "1") },
    ] as unknown as Entry[]
    expect(fatesIn(record).map(({ source, act }) => [source, act])).toEqual([
      ["B", "superseded"],
      ["S", "notRetained"],
    ])
    expect(roots.proposals(cohort.room.gate.shadow).get(inner.id)?.status).toBe("superseded")
  })

  it("[BACK1] what went with its proposal waits again once that is open again, and comes into the text with it", async () => {
    const { cohort, host, inner } = await wordsInWords()
    await cohort.decide([inner.id], "accept")
    await cohort.decide([host.id], "notRetain")
    await cohort.settle()
    expect(cohort.changes()).toEqual([])
    expect([await cohort.takeBack(cohort.log.entries.at(-1)!.n), cohort.refusal]).toEqual([true, null])
    await cohort.settle()
    expect([...notedIn(cohort.room.gate.shadow)]).toEqual([inner.id])
    await cohort.decide([host.id], "accept")
    await cohort.settle()
    expect(workingTextOf(cohort.room.gate.blocks).map(textOf)[1]).toBe("to keep a lamp at every mole and every old pier,")
    expect(roots.proposals(cohort.room.gate.shadow).get(inner.id)?.status).toBe("accepted")
  })

  it("[UI112] what came in after a question ends by no decision of which it was not told", async () => {
    const cohort = new Cohort(base)
    const [s, b] = ["S", "B"].map((source) => cohort.member(source)) as [Member, Member]
    await cohort.settle()
    propose(s, "a", { kind: "delete" })
    await cohort.settle()
    const own = cohort.changes()[0]!
    const { gate } = cohort.room
    const seen = seenIn(gate, [own.id])
    const { ended } = meant(cohort, [own.id], "accept", false)
    b.type(1, 4, " always")
    await cohort.settle()
    const decide = (ends: ReadonlySet<string>): Decided => finished(decideChanges(gate, seen, "accept", { isPartial: false, ends }))
    expect(() => decide(ended)).toThrow(/Nothing was decided: something else would end with it, proposed by B meanwhile/)
    expect(idsOf(decide(meant(cohort, [own.id], "accept", false).ended).superseded)).toHaveLength(1)
  })

  it("[UI112] the sentence on a decision tells what came into the text, what waits, and all that ended, each once", () => {
    const nothing = { decided: [], identical: [], overtaken: [], superseded: [], lapsed: [], noted: [], parts: [] }
    const said = (done: Partial<Parameters<typeof decidedSaid>[0]>, verdict: "accept" | "notRetain" = "accept"): string =>
      decidedSaid({ ...nothing, ...done }, verdict)
    expect(said({ decided: ["a"], noted: ["a"] })).toBe("1 change accepted: it takes effect with the proposal around it.")
    expect(said({ decided: ["a", "b", "c"], noted: ["c"] })).toBe(
      "2 changes accepted into the text. 1 more accepted: it takes effect with the proposal around it.",
    )
    expect(said({ decided: ["a"], identical: ["b"], overtaken: ["c"], superseded: ["d", "e", "f"], lapsed: ["f"] })).toBe(
      "1 change accepted into the text, with 1 that says the same. 1 that competed has ended. 2 that stood in what went have ended. 1 accepted before has gone with what stood around.",
    )
    expect(said({ decided: ["a", "b"], superseded: ["c"] }, "notRetain")).toBe(
      "2 changes not retained. 1 that stood in what went has ended.",
    )
  })

  it("[COUNT1] what is accepted and waits is open no more, and no later decision elsewhere tells of it", async () => {
    const meeting = await Meeting.open()
    try {
      const cohort = new Cohort(base)
      const [s, b] = ["S", "B"].map((source) => cohort.member(source)) as [Member, Member]
      await cohort.settle()
      s.type(1, 28, " and every pier")
      s.type(2, 3, "also ")
      await cohort.settle()
      b.type(1, 38, " old")
      await cohort.settle()
      const file = fileDraftOf(paperOf(cohort.room.gate.shadow), "open")
      // In a file one is inside another where the other's stretch covers it.
      const whole = file.changes.map(({ segments, ...change }) => {
        const [first, last] = [segments?.[0], segments?.at(-1)]
        return { ...change, segments: first && last ? [{ ...first, to: last.to }] : [] }
      })
      const draft = await meeting.draft({ ...file, changes: whole })
      const chair = await meeting.guest("chair")
      const open = async (): Promise<{ id: string; source: string; hash: string; block: string; inside: string[] }[]> =>
        JSON.parse(JSON.stringify(await chair.call("changes", { draft }))) as never
      const before = await open()
      expect(before.map(({ source }) => source).sort()).toEqual(["B", "S", "S"])
      const inner = before.find(({ source }) => source === "B")!
      const decide = (change: { id: string; hash: string }): Promise<Answer<"decide">> =>
        chair.call("decide", { draft }, { verdict: "accept", changes: [{ id: change.id, hash: change.hash }] }) as never
      expect((await decide(inner)).noted).toEqual([inner.id])
      expect((await open()).map(({ source }) => source)).toEqual(["S", "S"])
      const drafts = (await chair.call("drafts", {})) as Answer<"drafts">
      expect(drafts.find(({ id }) => id === draft)?.openChanges).toBe(2)
      const elsewhere = before.find(({ source, block }) => source === "S" && block !== inner.block)!
      expect((await decide(elsewhere)).noted).toEqual([])
    } finally {
      await meeting.stop()
    }
  })

  const rounds = Number(process.env.MEANINGS ?? "150")
  it(`[UI112] is exactly what happens, on ${rounds} random drafts with proposals inside proposals and clauses that go`, async () => {
    const seen = { leftOut: 0, ended: 0, lapsed: 0, waiting: 0, overtaken: 0, same: 0 }
    for (let seed = 1; seed <= rounds; seed++) {
      const r = random(seed)
      const cohort = new Cohort(base)
      const members = ["S", "B", "J", "F"].map((source) => cohort.member(source))
      await cohort.settle()
      for (let act = 4 + r.below(8); act > 0; act--) {
        const member = r.pick(members)
        const index = 1 + r.below(3)
        const { length } = member.text(index)
        const from = r.below(Math.max(1, length - 6))
        const kind = r.pick(["type", "type", "delete", "replace", "replace", "go", "move", "decide"])
        if (kind === "type") member.type(index, from, r.pick([" x", " yy", " zzz"]))
        if (kind === "delete") member.delete(index, from, from + 1 + r.below(6))
        if (kind === "replace") member.replace(index, from, from + 1 + r.below(6), r.pick(["p", "qq"]))
        if (kind === "go") propose(member, r.pick(names), { kind: "delete" })
        if (kind === "move") propose(member, "a", { kind: "move", after: r.pick(["b", "c"]) })
        if (r.next() < 0.8) await cohort.settle()
        if (kind === "decide") {
          // What stands inside others' words is accepted first, and waits.
          const inside = cohort.changes().filter((change) => change.inside.length > 0)
          if (inside.length > 0) await done(cohort, meant(cohort, [r.pick(inside).id], "accept").decided, "accept").catch(() => null)
        }
      }
      await cohort.settle()
      const before = idsOf(cohort.changes())
      if (before.length === 0) continue
      const isOne = r.next() < 0.4
      const asked = isOne ? [r.pick(before)] : before.filter(() => r.next() < 0.8)
      const verdict = r.pick(["accept", "accept", "notRetain"] as const)
      const said = meant(cohort, asked, verdict, !isOne)
      if (said.decided.size === 0) continue
      const { gate } = cohort.room
      // Nothing that was asked for ends by the way, but what goes with a clause that its own source deletes, or would have taken out words alone.
      const sourceOf = new Map(cohort.changes().map((change) => [change.id, onlyTakes(change) ? "" : change.source]))
      const takers = new Set([...said.decided].map((id) => sourceOf.get(id)))
      if (verdict === "accept" && !isOne)
        for (const id of said.ended)
          if (asked.includes(id)) expect(["", ...takers], `seed ${seed}: ${id} ends by the way`).toContain(sourceOf.get(id))
      const accepted = (id: string): boolean => roots.proposals(gate.shadow).get(id)?.status === "accepted"
      const came = await done(cohort, said.decided, verdict)
      const now = new Set(idsOf(cohort.changes()))
      const where = `seed ${seed}`
      expect(idsOf(came.decided), where).toEqual([...said.decided].sort())
      expect(idsOf(came.identical), where).toEqual([...said.same].sort())
      expect(idsOf(came.overtaken), where).toEqual([...said.overtaken].sort())
      expect(new Set(idsOf(came.superseded).filter((id) => now.has(id))), where).toEqual(new Set())
      expect(
        idsOf(came.superseded).filter((id) => before.includes(id)),
        where,
      ).toEqual([...said.ended, ...said.lapsed].sort())
      for (const id of said.leftOut.flatMap(({ changes }) => changes))
        expect(now.has(id), `${where}: ${id} was said to stay open`).toBe(true)
      for (const id of said.waiting) expect([now.has(id), accepted(id)], `${where}: ${id} waits`).toEqual([true, false])
      const over = new Set(
        [...said.decided, ...said.same, ...said.overtaken, ...said.ended, ...said.lapsed].filter((id) => !said.waiting.has(id)),
      )
      for (const id of before) if (!over.has(id) && !now.has(id)) expect(accepted(id), `${where}: ${id} is gone`).toBe(true)
      for (const id of over) expect(now.has(id), `${where}: ${id} is over`).toBe(false)
      for (const name of Object.keys(seen) as (keyof typeof seen)[]) {
        const part = said[name]
        seen[name] += "size" in part ? part.size : part.length
      }
      expect([cohort.faults, cohort.refusals], where).toEqual([[], []])
    }
    for (const [name, n] of Object.entries(seen)) expect(n, name).toBeGreaterThan(0)
  })
})

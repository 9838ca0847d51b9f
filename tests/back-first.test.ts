import { describe, expect, it } from "vitest"
import { workingTextOf } from "../shared/changes/projections.ts"
import { goesAlong } from "../shared/changes/taken-back.ts"
import { textOf } from "../shared/schema/block.ts"
import { clause, draftState, head, random } from "./build.ts"
import { Cohort, type Member } from "./cohort.ts"
import { propose } from "./histories.ts"

const start = (): Cohort =>
  new Cohort(
    draftState([
      head("resolves"),
      clause("to continue the work of the group;", "c1"),
      clause("to report each year,", "c2"),
      clause("to meet in the spring.", "c3"),
    ]),
  )

const isDecision = ({ act, row }: { readonly act: string; readonly row?: number | undefined }): boolean =>
  ["accept", "notRetain", "withdraw", "takeEffect"].includes(act) && row !== undefined

interface Told {
  readonly first?: readonly number[]
  readonly stuck?: number
}

/** What was said, and whether it was so. */
interface Seen {
  readonly flaws: string[]
  layers: number
  stuck: number
  settled: number
}

/** A delegation types in the midst of words that another has proposed; where there are none, anywhere. */
function typeInside(member: Member, cohort: Cohort, r: ReturnType<typeof random>): void {
  const segments = cohort.changes().flatMap(({ source, segments: all }) => (source === member.source ? [] : all))
  const words = segments.filter(({ kind, text }) => kind === "insertion" && text.length > 1)
  if (words.length === 0) return propose(member, r)
  const { block, from } = r.pick(words)
  let index = -1
  member.state.doc.forEach((node, _, i) => {
    if (node.attrs.id === block) index = i
  })
  if (index >= 0) member.type(index, from + 1, r.pick(["z", " also"]))
}

/** A random history: proposals within each other, decisions, words that go again, decisions that are taken back. */
async function history(seed: number): Promise<Cohort> {
  const r = random(seed)
  const cohort = start()
  const members = ["S", "B", "J"].map((source) => cohort.member(source))
  await cohort.settle()
  for (let step = 0; step < 16; step++) {
    const member = r.pick(members)
    member.session.undoManager.stopCapturing()
    const how = r.next()
    // What is accepted and waits takes effect where what stands around it goes.
    if (how < (cohort.room.gate.noted.size > 0 ? 0.6 : 0.15)) member.session.undoManager.undo()
    else if (how > 0.75) typeInside(member, cohort, r)
    else propose(member, r)
    await cohort.settle()
    const open = cohort.changes()
    const decides = r.next()
    const inside = open.filter((change) => change.inside.length > 0)
    if (open.length > 0 && decides < 0.65)
      await cohort.decide(
        [r.pick(decides < 0.4 && inside.length > 0 ? inside : open).id],
        decides < 0.06 ? "withdraw" : decides < 0.55 ? "accept" : "notRetain",
      )
    if (r.next() < 0.1) await cohort.takeBack(r.pick(cohort.log.entries.filter(isDecision))?.n ?? 1)
    await cohort.settle()
  }
  return cohort
}

/** Asks for one decision to be taken back, does what is named, in that order, and then this. */
async function asTold(cohort: Cohort, n: number, where: string, seen: Seen): Promise<void> {
  const flaw = (what: string): void => void seen.flaws.push(`${where}, entry ${n}: ${what}`)
  if (await cohort.takeBack(n)) return
  const { message, details } = cohort.refusal!
  const { first = [], stuck } = details as Told
  if (first.length === 0) return
  if (first.length > 1) seen.layers++
  if (stuck !== undefined) seen.stuck++
  for (const other of first) {
    const isDone = await cohort.takeBack(other)
    if (isDone === (other === stuck))
      flaw(`entry ${other} ${isDone ? "goes" : "does not go"}, though it was said: ${message} (${cohort.refusal?.message})`)
  }
  const isDone = stuck === undefined && (await cohort.takeBack(n))
  if (stuck === undefined && !isDone) flaw(`is not taken back after ${first.join(", ")}: ${cohort.refusal?.message}`)
  if (stuck !== undefined && !message.includes(cohort.refusal!.message) && stuck !== n)
    flaw(`said: ${message}; is: ${cohort.refusal!.message}`)
}

describe("what must be taken back first", () => {
  it("[BACK3] is named to the last: a split, a join into its second half, and what was done there", async () => {
    const cohort = start()
    const [s, b] = ["S", "B"].map((source) => cohort.member(source)) as [Member, Member]
    await cohort.settle()
    const decided = async (propose: () => void): Promise<void> => {
      propose()
      await cohort.settle()
      await cohort.decide([cohort.changes()[0]!.id], "accept")
      await cohort.settle()
    }
    await decided(() => s.session.tracking.split({ index: 1, at: 20 }))
    await decided(() => s.session.restructuring.join(3))
    await decided(() => b.replace(2, 4, 8, "body"))
    await decided(() => b.type(2, 2, " new"))
    await decided(() => b.type(4, 2, " gladly"))
    expect(await cohort.takeBack(1)).toBe(false)
    const { first } = cohort.refusal!.details as { first: readonly number[] }
    expect([...first].sort()).toEqual([2, 3, 4])
    expect(cohort.refusal!.message).toBe(
      `The same place was decided on again since. Take back entries ${first[0]}, ${first[1]} and 2 first, in this order.`,
    )
    for (const n of [...first, 1]) expect(await cohort.takeBack(n), `entry ${n}`).toBe(true)
    await cohort.settle()
    expect(workingTextOf(cohort.room.gate.blocks).map(textOf)).toEqual([
      ...["resolves", "to continue the work of the group;", "to report each year,", "to gladly meet in the spring."],
    ])
  })

  it("[BACK3] where the last of it cannot go, that is said, and why", async () => {
    const cohort = start()
    const [s, b] = ["S", "B"].map((source) => cohort.member(source)) as [Member, Member]
    await cohort.settle()
    const accept = async (propose: () => void): Promise<void> => {
      propose()
      await cohort.settle()
      await cohort.decide([cohort.changes()[0]!.id], "accept")
      await cohort.settle()
    }
    await accept(() => s.type(1, 11, " XX"))
    await accept(() => s.session.tracking.split({ index: 1, at: 13 }))
    b.session.restructuring.deleteClause(2)
    await cohort.settle()
    expect(await cohort.takeBack(1)).toBe(false)
    const { message, details } = cohort.refusal!
    expect(await cohort.takeBack(2)).toBe(false)
    expect(cohort.refusal!.message).toMatch(/^B has proposed something since about a clause that this decision made\./)
    expect(message).toBe(
      `The same place was decided on again since. Entry 2 would have to be taken back first and cannot be: “${cohort.refusal!.message}”`,
    )
    expect(details).toEqual({ first: [2], stuck: 2 })
  })

  it("[BACK3] is named whole and in order, after any history and for any entry: all that is named goes one after the other, then this at once", async () => {
    const from = Number(process.env.SEED ?? 1)
    const seen: Seen = { flaws: [], layers: 0, stuck: 0, settled: 0 }
    for (let seed = from; seed < from + Number(process.env.SCENES ?? 20); seed++) {
      const asked = (await history(seed)).log.entries.filter(isDecision)
      if (asked.length === 0) continue
      // Each from the same history anew: what one has taken back is no matter of the others.
      for (const { n } of [...asked.slice(0, 2), ...asked.filter(({ act }) => act === "takeEffect")]) {
        const cohort = await history(seed)
        seen.settled += goesAlong(cohort.log.entries, n).length
        await asTold(cohort, n, `seed ${seed}`, seen)
        for (const fault of cohort.faults) seen.flaws.push(`seed ${seed}, entry ${n}: ${String(fault)}`)
      }
    }
    expect(seen.flaws).toEqual([])
    for (const name of ["layers", "stuck", "settled"] as const) expect(seen[name], name).toBeGreaterThan(0)
  }, 600_000)
})

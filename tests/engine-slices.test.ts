import { describe, expect, it } from "vitest"
import { workingTextOf } from "../shared/changes/projections.ts"
import { textOf } from "../shared/schema/block.ts"
import { decodeMessage } from "../shared/sync/protocol.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { clause, draftState, head } from "./build.ts"
import { Cohort, type Member, signature } from "./cohort.ts"

const clauses = 150
const text = "that the Council shall report"

/** Every clause has a change of S; B is there, and nothing has been decided. */
async function crowded(sliceMs: number): Promise<{ cohort: Cohort; s: Member; b: Member; ids: string[] }> {
  const state = draftState([head("resolves"), ...Array.from({ length: clauses }, (_, i) => clause(text, `c${i}`))])
  const cohort = new Cohort(state, { sliceMs })
  const [s, b] = [cohort.member("S"), cohort.member("B")]
  await cohort.settle()
  for (let i = 1; i <= clauses; i++) {
    if (i % 2) s.type(i, 5, "NEW ")
    else s.delete(i, 5, 8)
    s.session.undoManager.stopCapturing()
  }
  await cohort.settle()
  return { cohort, s, b, ids: cohort.changes().map((change) => change.id) }
}

const working = (cohort: Cohort): string[] => workingTextOf(blocksOf(cohort.room.main)).map(textOf)

/** Ticks until an act that runs in slices is done. */
async function patiently(cohort: Cohort, act: Promise<unknown>, meanwhile: (tick: number) => void = () => undefined): Promise<number> {
  let ticks = 0
  let isDone = false
  const end = act.finally(() => (isDone = true))
  while (!isDone) {
    meanwhile(ticks++)
    await cohort.tick()
  }
  await end
  return ticks
}

describe("an act on a large draft runs in slices", () => {
  it("[ROOM2] it is one row, one frame, and the text that it gives without a pause", async () => {
    const [whole, sliced] = [await crowded(Number.POSITIVE_INFINITY), await crowded(0)]
    await whole.cohort.decide(whole.ids, "accept")
    await whole.cohort.settle()
    const rows = sliced.cohort.log.rows.length
    const seen: string[][] = []
    const ticks = await patiently(sliced.cohort, sliced.cohort.decide(sliced.ids, "accept"), () => seen.push(working(sliced.cohort)))
    expect(ticks, "it did pause").toBeGreaterThan(clauses)
    expect(sliced.cohort.log.rows.length - rows).toBe(1)
    const frames = sliced.b.toClient.filter((frame) => decodeMessage(frame)?.kind === "update")
    expect(frames.length, "one frame for everybody").toBe(1)
    const before = working(await crowded(0).then(({ cohort }) => cohort))
    for (const state of seen) expect(state, "nobody sees it half done").toEqual(before)
    await sliced.cohort.settle()
    expect(working(sliced.cohort)).toEqual(working(whole.cohort))
    expect(signature(sliced.b.session.doc)).toBe(signature(sliced.cohort.replayed()))
  })

  it("[ROOM2] what is typed and decided meanwhile has its turn afterwards, in order, and is saved", async () => {
    const { cohort, s, b, ids } = await crowded(0)
    const from = cohort.log.rows.length
    let [second, third]: Promise<boolean>[] = []
    await patiently(cohort, cohort.decide(ids.slice(0, 100), "accept"), (tick) => {
      if (tick === 3) b.type(120, 0, "B")
      if (tick === 3) b.deliverUp()
      // Seen open, decided by then: nothing is decided twice.
      if (tick === 4) second = cohort.decide(ids.slice(90, 110), "notRetain")
      if (tick === 5) third = cohort.decide(ids.slice(100), "notRetain")
      if (tick === 7) b.type(120, 1, "C")
      if (tick === 7) b.deliverUp()
    })
    await patiently(cohort, second!)
    expect(await second, "told that it was decided").toBe(false)
    await patiently(cohort, third!)
    expect(cohort.log.rows.slice(from).map((row) => row.kind)).toEqual(["act", "edit", "act", "edit"])
    await cohort.settle()
    expect(cohort.changes().map((change) => `${change.source}: ${change.inserted}`)).toEqual(["B: BC"])
    expect(cohort.refusals).toEqual([])
    expect(s.session.isSaved && b.session.isSaved).toBe(true)
    expect(working(cohort)[1]).toBe(text.replace("the", "NEW the"))
    expect(working(cohort)[150]).toBe(text)
    expect(signature(cohort.room.gate.shadow)).toBe(signature(cohort.room.main))
  })

  it("[ROOM5] a store that fails while it runs undoes it wholly, and the room heals", async () => {
    const { cohort, b, ids } = await crowded(0)
    const before = working(cohort)
    b.type(1, 0, "B")
    b.deliverUp()
    cohort.log.isFailing = true
    const act = cohort.decide(ids, "accept")
    // The store fails once, for what was typed before; it is well again when the act comes to its end.
    await patiently(cohort, act, () => {
      if (b.closedWith !== null) cohort.log.isFailing = false
    })
    cohort.log.isFailing = false
    expect(await act, "told that nothing was decided").toBe(false)
    await cohort.settle()
    expect(working(cohort)).toEqual(before)
    expect(signature(cohort.room.gate.shadow)).toBe(signature(cohort.room.main))
    expect(cohort.changes().filter((change) => change.source === "B")).toHaveLength(1)
  })
})

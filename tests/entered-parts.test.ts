import { expect, it } from "vitest"
import type { Answer } from "../shared/api/contract.ts"
import { newMark } from "../shared/schema/schema.ts"
import { elementsOf, textOfElement } from "../shared/sync/read.ts"
import { slotAt, writeMark, writeText } from "../shared/sync/write.ts"
import { Meeting } from "./meeting.ts"
import { writerOf } from "./writer.ts"

it("[PART1 WHO12] what is left of a change was entered by who entered the change, not by who decided on a part", async () => {
  const meeting = await Meeting.open()
  try {
    const chair = await meeting.guest("chair")
    const sweden = await meeting.guest("delegate", ["S"], "Sven Holm")
    const draft = await meeting.draft()
    const s = await writerOf(sweden, draft, "S")
    const [out, come] = [1, 2].map((n) => `S.${s.clientId}.${n}`) as [string, string]
    await s.write((doc, tr) => {
      const text = textOfElement(elementsOf(doc)[7]!)!
      writeMark(tr, text, 3, 7, newMark("deletion", { id: out, source: "S" }))
      writeText(tr, text, slotAt(tr, text, 7, "S"), "hold", [newMark("insertion", { id: come, of: out, source: "S" })])
    })
    const listed = async () => (await chair.call("changes", { draft })) as Answer<"changes">
    const [whole] = await listed()
    expect([whole!.id, whole!.enteredBy]).toEqual([out, expect.stringContaining("delegate")])
    await chair.call("decide", { draft }, { verdict: "accept", changes: [{ id: out, hash: whole!.hash, part: { side: "out" } }] })
    const [rest] = await listed()
    expect(rest!.id).not.toBe(out)
    expect(rest!.enteredBy).toBe(whole!.enteredBy)
    expect(await chair.call("changeEntered", { draft, change: rest!.id })).toMatchObject({ how: "own", by: "Sven Holm", broughtBy: null })
  } finally {
    await meeting.stop()
  }
})

import { afterEach, describe, expect, it } from "vitest"
import * as Y from "yjs"
import { newMark } from "../shared/schema/schema.ts"
import { elementsOf, textOfElement } from "../shared/sync/read.ts"
import { slotAt, writeText } from "../shared/sync/write.ts"
import { type Guest, type Line, Meeting } from "./meeting.ts"

let meeting: Meeting | null = null
afterEach(async () => {
  await meeting?.stop()
  meeting = null
})

const hourMs = 3_600_000

/** Types a word as Sweden; done when it is durable. */
async function types(line: Line, client: number, n: number): Promise<void> {
  const before = Y.encodeStateVector(line.doc)
  line.doc.transact((tr) => {
    const text = textOfElement(elementsOf(line.doc)[7]!)!
    writeText(tr, text, slotAt(tr, text, 3, "S", "avoid-own"), `w${n} `, [newMark("insertion", { id: `S.${client}.${n}`, source: "S" })])
  })
  line.send({ kind: "update", update: Y.encodeStateAsUpdate(line.doc, before) })
  await line.until(() => line.acknowledged >= n || line.closed !== null)
  expect(line.closed).toBeNull()
}

describe("a clock that is set while the server runs", () => {
  for (const [name, steps] of [
    ["back by three hours", [-3 * hourMs]],
    ["forth by three hours", [3 * hourMs]],
    ["back and forth, again and again", [-hourMs, 2 * hourMs, -2 * hourMs, hourMs]],
  ] as const)
    it(`[CLOCK1] ${name}: whoever is in the room goes on typing, deciding and naming versions, in order, and nobody waits`, async () => {
      let now = Date.parse("2026-11-26T12:00:00Z")
      meeting = await Meeting.open(undefined, { now: () => new Date(now) })
      const chair: Guest = await meeting.guest("chair")
      const sweden = await meeting.guest("delegate", ["S"])
      const draft = await meeting.draft()
      const { clientId } = await sweden.join(draft)
      const line = await sweden.socket(draft, clientId).ready()
      line.doc.clientID = clientId
      await types(line, clientId, 1)
      const from = performance.now()
      for (const [i, step] of steps.entries()) {
        now += step
        await types(line, clientId, i + 2)
        expect(await chair.call("nameVersion", { draft }, { name: `v${i}` })).toMatchObject({ n: i + 1 })
        const [change] = await chair.call("changes", { draft })
        const done = await chair.call("decide", { draft }, { verdict: "accept", changes: [{ id: change!.id, hash: change!.hash }] })
        expect(done.decided).toEqual([change!.id])
        // More messages than a second takes, fewer than are saved up.
        for (let k = 0; k < 1_000; k++) line.send({ kind: "queryAwareness" })
      }
      await types(line, clientId, steps.length + 2)
      expect(performance.now() - from).toBeLessThan(20_000)
      const entries = await chair.call("register", { draft })
      expect(entries.map(({ n }) => n)).toEqual(entries.map((_, i) => i + 1))
      expect(entries.filter(({ act }) => act === "accept")).toHaveLength(steps.length)
      const versions = await chair.call("versions", { draft })
      expect(versions.map(({ n }) => n)).toEqual(steps.map((_, i) => i + 1))
      line.close()
    })

  it("[CLOCK1] a flood is a flood also where the clock leaps forth at each message", async () => {
    let now = Date.parse("2026-11-26T12:00:00Z")
    meeting = await Meeting.open(undefined, { now: () => new Date((now += 60_000)) })
    const sweden = await meeting.guest("delegate", ["S"])
    const draft = await meeting.draft()
    const line = await sweden.socket(draft, (await sweden.join(draft)).clientId).ready()
    for (let i = 0; i < 12_000; i++) line.send({ kind: "queryAwareness" })
    await line.until(() => line.closed !== null)
    expect(line.closed).toBe(4529)
  })
})

import { afterAll, beforeAll, expect, it, vi } from "vitest"
import { textOf } from "../shared/schema/block.ts"
import { newMark } from "../shared/schema/schema.ts"
import { blocksOf, elementsOf, textOfElement } from "../shared/sync/read.ts"
import { slotAt, writeText } from "../shared/sync/write.ts"
import { type Guest, Meeting } from "./meeting.ts"

// A bug of ours: the proof of every taking back fails, behind what was written.
vi.mock("../shared/changes/back-flaws.ts", async (original) => ({
  ...(await original<object>()),
  flawOfTakingBack: () => "what a test says",
}))

let meeting: Meeting
let chair: Guest
let sweden: Guest
beforeAll(async () => {
  meeting = await Meeting.open()
  ;[chair, sweden] = [await meeting.guest("chair"), await meeting.guest("delegate", ["S"])]
})
afterAll(() => meeting.stop())

it("[BACK2] what would not be exact is refused with what else to do, and nothing has changed", async () => {
  const draft = await meeting.draft()
  const { clientId } = await sweden.join(draft, "S")
  const line = await sweden.socket(draft, clientId).ready()
  line.doc.clientID = clientId
  line.doc.on("update", (update: Uint8Array, origin: unknown) => {
    if (origin === "mine") line.send({ kind: "update", update })
  })
  line.doc.transact((tr) => {
    const text = textOfElement(elementsOf(line.doc)[7]!)!
    writeText(tr, text, slotAt(tr, text, 7, "S"), "lit ", [newMark("insertion", { id: `S.${clientId}.1`, source: "S" })])
  }, "mine")
  await line.until(() => line.acknowledged >= 1)
  const changes = await chair.call("changes", { draft })
  await chair.call("decide", { draft }, { verdict: "accept", changes: changes.map(({ id, hash }) => ({ id, hash })) })
  const shown = (): string => textOf(blocksOf(line.doc)[7]!)
  const [before, record] = [shown(), await chair.call("register", { draft })]
  const refused = await chair.call("takeBack", { draft }, { n: record.at(-1)!.n })
  expect(refused).toMatchObject({
    status: 409,
    detail:
      "This decision cannot be taken back exactly, so nothing was changed. Open its changes again one by one from the record, or have the words entered anew.",
    first: [],
  })
  expect(await chair.call("register", { draft })).toEqual(record)
  expect(shown()).toBe(before)
  expect(String((await chair.request("GET", "/metrics")).body), "it is counted as a fault").toMatch(/faults_total\{doing="act"\} 1/)
  expect(await chair.call("changes", { draft })).toEqual([])
  line.close()
})

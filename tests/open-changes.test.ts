import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Y from "yjs"
import type { ImportedChange, ImportedDraft } from "../server/exchange/imported.ts"
import { readFile } from "../server/exchange/read-file.ts"
import { apiRoot } from "../shared/api/contract.ts"
import { changesIn } from "../shared/changes/changes.ts"
import { changeHash, sightOf } from "../shared/changes/sight.ts"
import { newMark } from "../shared/schema/schema.ts"
import { originsOf } from "../shared/sync/origins.ts"
import { blocksOf, elementsOf, textOfElement } from "../shared/sync/read.ts"
import { slotAt, writeText } from "../shared/sync/write.ts"
import { type Guest, Meeting } from "./meeting.ts"

/** A draft of many clauses with open changes of three delegations all over them. */
function crowded(blocks: number, changes: number): ImportedDraft {
  const each = Math.ceil(changes / blocks)
  const text =
    "that the Secretary-General shall report to the Council on implementation of this resolution and its financial implications, item; "
  const list: ImportedChange[] = []
  const block = (i: number): object => {
    const id = `c${i}`
    for (let j = 0; j < each && list.length < changes; j++) {
      const kind = j % 2 ? "insertion" : "deletion"
      const from = 5 + j * 20
      const source = ["S", "B", "EUR"][j % 3]!
      list.push({
        ...{ id: `k${list.length}`, kind, source, enteredBy: null, date: null, block: id, text: text.slice(from, from + 4) },
        segments: [{ block: id, kind, from, to: from + 4 }],
      })
    }
    return { id, type: "clause", part: "operative", text }
  }
  const draft = {
    blocks: [{ id: "h", type: "head", part: "operative", text: "resolves" }, ...Array.from({ length: blocks }, (_, i) => block(i))],
  }
  return readFile(new TextEncoder().encode(JSON.stringify({ ...draft, changes: list })))
}

/** The longest time for which the loop was held while something went on, in ms. */
async function longestHold(work: () => Promise<unknown>): Promise<number> {
  let longest = 0
  let last = performance.now()
  let isOver = false
  const tick = (): void => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    if (!isOver) setImmediate(tick)
  }
  tick()
  await work()
  isOver = true
  return longest
}

describe("GET /changes", () => {
  let meeting: Meeting
  let chair: Guest
  let draft: string
  beforeAll(async () => {
    meeting = await Meeting.open()
    chair = await meeting.guest("chair")
    draft = await meeting.draft(crowded(1_200, 5_000))
    // Opened: what that takes is not what is measured here.
    await chair.call("draft", { draft })
  })
  afterAll(() => meeting.stop())

  it("[ACT8] five thousand changes are told in pieces: the loop is never held long, the first time neither; the same state is made once", async () => {
    const list = async (): Promise<Uint8Array> => meeting.server.acts.changes(await meeting.server.drafts.open(draft))
    const { room } = await meeting.server.drafts.open(draft)
    // What it takes all at once, on this machine at this moment.
    const atOnce = (): number => {
      const from = performance.now()
      const sight = sightOf(blocksOf(room.main), originsOf(room.main))
      JSON.stringify(changesIn(sight.blocks).map((change) => ({ ...change, hash: changeHash(change, sight) })))
      return performance.now() - from
    }
    let bytes = 0
    // The first time the log is read, too: here, where no worker is, at once.
    expect(await longestHold(async () => (bytes = (await list()).length))).toBeLessThan(Math.max(600, 2 * atOnce()))
    expect(bytes).toBeGreaterThan(1_000_000)
    await chair.call("settings", { draft }, { secretaryOperates: true })
    // 50 ms on a machine that does nothing else; `QUIET=1` asks for that.
    expect(await longestHold(list)).toBeLessThan(process.env.QUIET ? 50 : Math.max(100, atOnce() / 2))
    const all = await Promise.all(Array.from({ length: 20 }, list))
    expect(new Set(all).size).toBe(1)
    const answer = await chair.request("GET", `${apiRoot}/drafts/${draft}/changes`)
    expect([answer.type, (answer.body as unknown[]).length]).toEqual(["application/json; charset=utf-8", 5_000])
  })

  it("[ACT8] while one list is made others type on, and who asks then is told of what they typed", async () => {
    const sweden = await meeting.guest("delegate", ["S"])
    const { clientId } = await sweden.join(draft)
    const line = await sweden.socket(draft, clientId).ready()
    line.doc.clientID = clientId
    const type = (n: number): void => {
      const before = Y.encodeStateVector(line.doc)
      line.doc.transact((tr) => {
        const text = textOfElement(elementsOf(line.doc)[3]!)!
        writeText(tr, text, slotAt(tr, text, 0, "S", "avoid-own"), `word${n} `, [
          newMark("insertion", { id: `S.${clientId}.${n}`, source: "S" }),
        ])
      })
      line.send({ kind: "update", update: Y.encodeStateAsUpdate(line.doc, before) })
    }
    const words = async (): Promise<string[]> =>
      ((await chair.call("changes", { draft })) as { inserted: string }[])
        .map(({ inserted }) => inserted)
        .filter((text) => /word/.test(text))
    type(1)
    await line.until(() => line.acknowledged === 1)
    const first = words()
    type(2)
    await line.until(() => line.acknowledged === 2)
    const second = words()
    expect((await first).join()).toContain("word1")
    expect((await second).join()).toMatch(/word2.*word1|word1.*word2/)
    line.close()
  })
})

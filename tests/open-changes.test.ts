import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Y from "yjs"
import { OpenChanges } from "../server/drafts/open-changes.ts"
import type { OpenDraft } from "../server/drafts/open-draft.ts"
import type { FileChange, FileDraft } from "../server/files/file-draft.ts"
import { readFile } from "../server/files/read-file.ts"
import { apiRoot } from "../shared/api/contract.ts"
import { changesIn } from "../shared/changes/changes.ts"
import { changeHash, sightOf } from "../shared/changes/sight.ts"
import { newMark } from "../shared/schema/schema.ts"
import { originsOf } from "../shared/sync/origins.ts"
import { blocksOf, elementsOf, textOfElement } from "../shared/sync/read.ts"
import { roots } from "../shared/sync/roots.ts"
import { newDraftDoc, slotAt, writeText } from "../shared/sync/write.ts"
import { clause, draftState, head } from "./build.ts"
import { type Guest, Meeting } from "./meeting.ts"

/** A draft of many clauses with open changes of three delegations all over them. */
function crowded(blocks: number, changes: number): FileDraft {
  const each = Math.ceil(changes / blocks)
  const text =
    "that the Secretary-General shall report to the Council on implementation of this resolution and its financial implications, item; "
  const list: FileChange[] = []
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
    const list = async (): Promise<Uint8Array> => meeting.server.openChanges.json(await meeting.server.drafts.open(draft))
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
      (await chair.call("changes", { draft })).map(({ inserted }) => inserted).filter((text) => /word/.test(text))
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

it("[ACT8] a list is of one moment: what comes to be said of a change while it is made is of the next list", async () => {
  const doc = newDraftDoc()
  Y.applyUpdate(doc, draftState([head("resolves"), clause("to keep a ", "a")]))
  const id = "S.7.1"
  doc.transact((tr) => {
    const text = textOfElement(elementsOf(doc)[1]!)!
    writeText(tr, text, slotAt(tr, text, 10, "S"), "lamp", [newMark("insertion", { id, source: "S" })])
  })
  const room = { seq: 1, main: doc, standing: { readingAhead: () => [], blocks: () => blocksOf(doc) } }
  let isFirst = true
  const lists = new OpenChanges(async () => {
    // What takes its time here is a walk over the log, during which others go on.
    if (isFirst) {
      roots.proposals(doc).set("B.8.1", { status: "accepted", source: "B" })
      roots.forestalled(doc).set(id, [{ by: "B.8.1", words: "light" }])
    }
    isFirst = false
    return () => null
  })
  const late = async (): Promise<unknown[]> => {
    const json = JSON.parse(Buffer.from(await lists.json({ room } as unknown as OpenDraft)).toString()) as { late: string | null }[]
    return json.map((change) => change.late !== null)
  }
  expect(await late()).toEqual([false])
  room.seq++
  expect(await late()).toEqual([true])
})

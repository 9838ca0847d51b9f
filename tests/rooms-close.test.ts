import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { afterEach, describe, expect, it, vi } from "vitest"
import { DomainError } from "../server/problems.ts"
import type { Commit, Store } from "../server/storage/store.ts"
import { apiRoot } from "../shared/api/contract.ts"
import { textOf } from "../shared/schema/block.ts"
import { newMark } from "../shared/schema/schema.ts"
import { blocksOf, elementsOf, textOfElement } from "../shared/sync/read.ts"
import { slotAt, writeText } from "../shared/sync/write.ts"
import { type Guest, type Line, Meeting, type MeetingOptions } from "./meeting.ts"

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** A meeting whose rooms close as soon as nobody uses them. */
async function open(folder?: string, options: MeetingOptions = {}): Promise<Meeting> {
  const meeting = await Meeting.open(folder, { env: { CLAUSULA_ROOM_IDLE: "0" }, ...options })
  stops.push(() => meeting.stop())
  return meeting
}

async function figure(meeting: Meeting, name: string): Promise<number> {
  const text = await (await fetch(`${meeting.url}/metrics`)).text()
  return Number(new RegExp(`^${name} (\\d+)`, "m").exec(text)?.[1] ?? Number.NaN)
}

const openRooms = (meeting: Meeting): Promise<number> => figure(meeting, "clausula_rooms")
const allClosed = (meeting: Meeting): Promise<void> => vi.waitFor(async () => expect(await openRooms(meeting)).toBe(0), { timeout: 5_000 })

/** Writes words as Sweden over an open line; resolves at once. */
function write(line: Line, client: number, n: number, words: string): void {
  line.doc.clientID = client
  const updates: Uint8Array[] = []
  const keep = (update: Uint8Array): void => void updates.push(update)
  line.doc.on("update", keep)
  line.doc.transact((tr) => {
    const text = textOfElement(elementsOf(line.doc)[7]!)!
    writeText(tr, text, slotAt(tr, text, 3, "S"), words, [newMark("insertion", { id: `S.${client}.${n}`, source: "S" })])
  })
  line.doc.off("update", keep)
  line.send({ kind: "update", update: updates[0]! })
}

const textOfDraft = async (guest: Guest, draft: string): Promise<string> => {
  const line = await guest.socket(draft, null).ready()
  line.close()
  return blocksOf(line.doc).map(textOf).join("\n")
}

/** A store whose commits wait until they are let go. */
function heldStore(): { over: (store: Store) => Store; hold: () => void; letGo: () => void; waiting: () => number } {
  let gate: Promise<void> | null = null
  let open = (): void => undefined
  let waiting = 0
  return {
    over: (store) => ({
      ...store,
      append: async (draft: string, commit: Commit) => {
        waiting++
        await gate
        waiting--
        return store.append(draft, commit)
      },
    }),
    hold: () => {
      gate = new Promise((resolve) => {
        open = () => {
          gate = null
          resolve()
        }
      })
    },
    letGo: () => open(),
    waiting: () => waiting,
  }
}

/** Long enough for the room to be closed many times over, had nobody used it. */
const aWhile = async (meeting: Meeting): Promise<void> => {
  for (let i = 0; i < 5; i++) await meeting.server.drafts.closeIdle()
}

/** A room and its documents, held by nothing here. */
async function referencesTo(meeting: Meeting, draft: string): Promise<WeakRef<object>[]> {
  const { room } = await meeting.server.drafts.open(draft)
  return [new WeakRef(room), new WeakRef(room.main), new WeakRef(room.gate.shadow)]
}

describe("rooms that nobody uses are closed", () => {
  it("[ROOM8] listing drafts opens none, before and after they were used", async () => {
    const meeting = await open()
    const sweden = await meeting.guest("delegate", ["S"])
    const drafts = [await meeting.draft(), await meeting.draft(), await meeting.draft()]
    const listed = async (): Promise<[string, number][]> => (await sweden.call("drafts")).map(({ id, openChanges }) => [id, openChanges])
    expect(await listed()).toEqual(drafts.map((id) => [id, 0]))
    expect(await openRooms(meeting)).toBe(0)
    const { clientId } = await sweden.join(drafts[1]!)
    const line = await sweden.socket(drafts[1]!, clientId).ready()
    write(line, clientId, 1, "lit ")
    await line.until(() => line.acknowledged === 1)
    const after = drafts.map((id, i) => [id, i === 1 ? 1 : 0])
    expect(await listed()).toEqual(after)
    expect(await openRooms(meeting)).toBe(1)
    line.close()
    await allClosed(meeting)
    expect(await listed()).toEqual(after)
    expect(await openRooms(meeting)).toBe(0)
  })

  it("[ROOM8] a socket keeps it open, whether it writes or only reads; when the last has gone it closes, and opens again for who comes", async () => {
    const meeting = await open()
    const sweden = await meeting.guest("delegate", ["S"])
    const draft = await meeting.draft()
    const { clientId } = await sweden.join(draft)
    const [writer, reader] = [await sweden.socket(draft, clientId).ready(), await sweden.socket(draft, null).ready()]
    const { room } = await meeting.server.drafts.open(draft)
    await aWhile(meeting)
    write(writer, clientId, 1, "lit ")
    await writer.until(() => writer.acknowledged === 1)
    writer.close()
    await aWhile(meeting)
    expect((await meeting.server.drafts.open(draft)).room).toBe(room)
    reader.close()
    await allClosed(meeting)
    expect(room.isClosed).toBe(true)
    expect(await textOfDraft(sweden, draft)).toContain("lit ")
    expect((await meeting.server.drafts.open(draft)).room).not.toBe(room)
  })

  it("[ROOM8] with a write in flight it stays until that is durable; nothing of it is lost", async () => {
    const held = heldStore()
    const meeting = await open(undefined, { over: held.over })
    const sweden = await meeting.guest("delegate", ["S"])
    const draft = await meeting.draft()
    const { clientId } = await sweden.join(draft)
    const line = await sweden.socket(draft, clientId).ready()
    held.hold()
    write(line, clientId, 1, "lit ")
    await vi.waitFor(() => expect(held.waiting()).toBe(1))
    line.close()
    await line.until(() => line.closed !== null)
    await aWhile(meeting)
    expect(await openRooms(meeting)).toBe(1)
    held.letGo()
    await allClosed(meeting)
    expect(await textOfDraft(sweden, draft)).toContain("lit ")
  })

  it("[ROOM8] with an act under way it stays, and the act is answered", async () => {
    const held = heldStore()
    const meeting = await open(undefined, { over: held.over })
    const sweden = await meeting.guest("delegate", ["S"])
    const draft = await meeting.draft()
    const { room } = await meeting.server.drafts.open(draft)
    held.hold()
    const commented = sweden.request("POST", `${apiRoot}/drafts/${draft}/threads`, {
      body: { anchor: { on: "clause", block: blocksOf(room.main)[7]!.id }, text: "Which harbours?" },
    })
    await vi.waitFor(() => expect(held.waiting()).toBe(1))
    await aWhile(meeting)
    held.letGo()
    expect((await commented).status).toBe(201)
    await allClosed(meeting)
    expect((await sweden.call("drafts"))[0]?.openComments).toBe(1)
  })

  it("[ROOM8] work on a draft keeps it open between its looks at it, and acts on one that has closed change nothing", async () => {
    const meeting = await open()
    const draft = await meeting.draft()
    const { drafts } = meeting.server
    await drafts.hold(draft, async () => {
      const { room } = await drafts.open(draft)
      await aWhile(meeting)
      expect((await drafts.open(draft)).room).toBe(room)
    })
    const { room } = await drafts.open(draft)
    await allClosed(meeting)
    await expect(room.act(() => expect.fail("it ran"))).rejects.toThrow(/closed meanwhile. Try again/)
  })

  it("[ROOM8] a hundred that come and go at once while rooms close all read and write the same draft", async () => {
    const meeting = await open()
    const sweden = await meeting.guest("delegate", ["S"])
    const draft = await meeting.draft()
    let isOver = false
    const closing = (async () => {
      while (!isOver) {
        await meeting.server.drafts.closeIdle()
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    const one = async (i: number): Promise<void> => {
      const { clientId } = await sweden.join(draft)
      const line = await sweden.socket(draft, clientId).ready()
      write(line, clientId, 1, `<${i}>`)
      await line.until(() => line.acknowledged === 1)
      line.close()
    }
    for (let i = 0; i < 100; i += 10) await Promise.all(Array.from({ length: 10 }, (_, j) => one(i + j)))
    isOver = true
    await closing
    const text = await textOfDraft(sweden, draft)
    for (let i = 0; i < 100; i++) expect(text).toContain(`<${i}>`)
    await allClosed(meeting)
  })

  it("[ROOM8] gives its memory back", async () => {
    setFlagsFromString("--expose_gc")
    const gc = runInNewContext("gc") as () => void
    const meeting = await open()
    const observer = await meeting.guest("observer")
    const draft = await meeting.draft()
    await textOfDraft(observer, draft)
    const refs = await referencesTo(meeting, draft)
    await allClosed(meeting)
    await vi.waitFor(
      () => {
        gc()
        expect(refs.map((ref) => ref.deref() === undefined)).toEqual([true, true, true])
      },
      { timeout: 10_000, interval: 100 },
    )
  })

  it("[ROOM8] a number that is none is refused with a sentence", async () => {
    await expect(Meeting.open(undefined, { env: { CLAUSULA_ROOM_IDLE: "soon" } })).rejects.toThrow(/CLAUSULA_ROOM_IDLE is soon/)
  })
})

describe("a store that fails", () => {
  it("[DAM8] is heard of in the log, without a stack trace, in the metrics and by readyz; people get a sentence; it heals", async () => {
    const lines: string[] = []
    const { pino } = await import("pino")
    const log = pino({ level: "warn" }, { write: (line: string) => void lines.push(line) })
    let isFull = false
    const full = (): DomainError =>
      new DomainError("store-failed", "The disk that holds data is full.", {}, { cause: new Error("database or disk is full") })
    const failing = new Set(["append", "saveSetting", "assignClient", "createDraft", "saveSignIn"])
    const over = (store: Store): Store =>
      Object.fromEntries(
        Object.entries(store).map(([call, work]) => [
          call,
          failing.has(call)
            ? async (...values: unknown[]) => (isFull ? Promise.reject(full()) : Reflect.apply(work as never, store, values))
            : work,
        ]),
      ) as unknown as Store
    const meeting = await open(undefined, { over, log })
    const [sweden, secretary] = [await meeting.guest("delegate", ["S"]), await meeting.guest("secretary")]
    const draft = await meeting.draft()
    const { room } = await meeting.server.drafts.open(draft)
    const body = { anchor: { on: "clause", block: blocksOf(room.main)[7]!.id }, text: "Which harbours?" }
    isFull = true
    for (const [method, path, sent] of [
      ["POST", `/drafts/${draft}/threads`, { body }],
      ["POST", `/drafts/${draft}/join`, { body: {} }],
      ["POST", "/drafts", { raw: "RESOLUTION 1\nOn x\nresolves\n1\tto act.\n" }],
    ] as const) {
      const { status, body: answer } = await secretary.request(method, `${apiRoot}${path}`, sent)
      expect([path, status, (answer as { detail: string }).detail]).toEqual([
        path,
        503,
        expect.stringMatching(/^The (disk|store) [^\n]*\.$/),
      ])
    }
    expect((await fetch(`${meeting.url}/readyz`)).status).toBe(503)
    expect(
      lines.map((line) => JSON.parse(line) as { call?: string; reason?: string }).filter(({ call }) => call === "append")[0],
    ).toMatchObject({
      reason: "The disk that holds data is full.",
      msg: "the store failed",
    })
    expect(lines.join()).not.toMatch(/"stack"|\.[jt]s:\d+/)
    expect(await figure(meeting, 'clausula_store_failures_total{call="append"}'.replace(/[{}"]/g, "\\$&"))).toBeGreaterThan(0)
    isFull = false
    expect((await sweden.request("POST", `${apiRoot}/drafts/${draft}/threads`, { body })).status).toBe(201)
    expect((await fetch(`${meeting.url}/readyz`)).status).toBe(200)
  })
})

import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { OpenDraft } from "../server/drafts/open-draft.ts"
import type { Gate } from "../server/gate/gate.ts"
import type { Person, Session } from "../server/people/session.ts"
import type { Performed } from "../server/rooms/performed.ts"
import type { RegisterEntry } from "../server/storage/store.ts"
import type { Sliced } from "../shared/changes/slices.ts"
import { encodeMessage } from "../shared/sync/protocol.ts"
import { blocksOf } from "../shared/sync/read.ts"
import { roots } from "../shared/sync/roots.ts"
import { Meeting, smallDraft } from "./meeting.ts"

let meeting: Meeting
beforeAll(async () => {
  meeting = await Meeting.open()
})
afterAll(() => meeting.stop())

const sitting = { body: "", room: "", date: "", chair: "" }
const entry = (act: string): RegisterEntry => ({ act, at: "", decidedBy: "", enteredBy: "x", source: "SEC", sitting, details: {} })
const opened = async (): Promise<OpenDraft> => meeting.server.drafts.open(await meeting.draft())

const nobody: Person = { id: "p", name: "P", role: "delegate", hats: ["S"], isRevoked: false }
const session = (parts: Partial<Session> = {}): Session => ({
  ...{ client: 20, source: "S", speaksOurs: true, person: () => nobody, send: () => undefined, close: () => undefined, buffered: () => 0 },
  ...parts,
})

/** An act that holds the queue until it is let go on; meanwhile the shadow is what half of it left. */
function holding(draft: OpenDraft): { done: Promise<unknown>; goOn: () => void } {
  let mayEnd = false
  const done = draft.room.act(function* half(gate: Gate): Sliced<Performed<string>> {
    const row = gate.act((_, shadow) => roots.meta(shadow).set("publicView", "open"))
    while (!mayEnd) yield undefined
    return { row, entry: entry("half"), answer: "done" }
  })
  done.catch(() => undefined)
  return { done, goOn: () => void (mayEnd = true) }
}

it("[HTTP1] a server that stops begins nothing new and brings to its end what was begun", async () => {
  const stopping = await Meeting.open()
  const secretary = await stopping.guest("secretary")
  const id = await stopping.draft()
  const draft = await stopping.server.drafts.open(id)
  const { done, goOn } = holding(draft)
  const stopped = stopping.stop()
  const anchor = { on: "clause", block: blocksOf(draft.room.main)[1]!.id }
  const own = `/api/v1/drafts/${id}`
  const asked = [secretary.request("POST", `${own}/threads`, { body: { anchor, text: "x" } }), secretary.request("GET", own)]
  for (const { status, body } of await Promise.all([...asked, secretary.request("GET", `/public/${id}`)]))
    expect([status, JSON.stringify(body)]).toEqual([503, expect.stringContaining("The server is restarting. Try again in a moment.")])
  goOn()
  expect(await done).toBe("done")
  await stopped
  const again = await Meeting.open(stopping.folder)
  expect((await again.server.drafts.open(id)).room.meta.publicView).toBe("open")
  await again.stop()
})

describe("what is done in one turn", () => {
  it("[ROOM7] where one is told of its commit and that fails, the others of the same commit hear of theirs", async () => {
    const { room } = await opened()
    const broken = session({
      person: () => {
        throw new Error("a bug")
      },
    })
    room.join(broken)
    const notices = [{ source: "S", notice: { kind: "kept", words: { text: "", block: null } } as never }]
    const acts = ["first", "second"].map((act) => room.act(() => ({ row: null, entry: entry(act), answer: act, notices })))
    expect(await Promise.all(acts)).toEqual(["first", "second"])
    room.leave(broken)
  })

  it("[ROOM7] a fault of ours while an act runs in slices: the act has lost its shadow and fails whole", async () => {
    const draft = await opened()
    const { room } = draft
    const { done, goOn } = holding(draft)
    const broken = session({
      send: () => {
        throw new Error("a bug")
      },
      client: null,
    })
    expect(() => room.join(broken)).toThrow("a bug")
    room.receive(broken, encodeMessage({ kind: "step1", stateVector: new Uint8Array([0]) }))
    goOn()
    await expect(done).rejects.toThrow("Something failed on the server meanwhile. Nothing was changed; try again.")
    expect([room.meta.publicView, room.committedMeta.publicView]).toEqual([null, null])
  })

  it("[ROOM7] a fault of ours in what waited for an act hurts that alone: the act is done, and what else waited has its turn", async () => {
    const draft = await opened()
    const { room } = draft
    const { done, goOn } = holding(draft)
    const closed: number[] = []
    let isBroken = false
    const broken = session({
      person: () => {
        if (isBroken) throw new Error("a bug")
        return nobody
      },
      close: (code) => void closed.push(code),
    })
    room.join(broken)
    room.receive(broken, encodeMessage({ kind: "update", update: new Uint8Array([0, 0]) }))
    const looked = room.look((gate) => gate.blocks.length)
    isBroken = true
    goOn()
    expect(await done).toBe("done")
    expect(await looked).toBeGreaterThan(0)
    expect(closed).toEqual([1013])
    expect(room.committedMeta.publicView).toBe("open")
  })

  it("[ROOM2] what is read for a file is read in its turn, not in the midst of an act", async () => {
    const draft = await opened()
    const { done, goOn } = holding(draft)
    const order: string[] = []
    const looked = draft.room.look((gate) => {
      order.push("looked")
      return gate.blocks.length
    })
    const remark = { id: "r", by: "Ann", date: null, block: null, quote: "", text: "Why?", replies: [], resolved: false }
    const file = { name: "f", draft: { ...smallDraft(), comments: [remark] }, homes: new Map() }
    const secretary = meeting.server.people.person((await meeting.guest("secretary")).id)
    const brought = meeting.server.acts.importChanges(secretary, draft, file).then(() => order.push("brought"))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(order).toEqual([])
    goOn()
    await done
    expect(await looked).toBe(blocksOf(draft.room.main).length)
    await brought
    expect(order).toEqual(["looked", "brought"])
  })

  it("[ROOM3] an act that waited for its turn is done with the role and the hats of then", async () => {
    const draft = await opened()
    const secretary = await meeting.guest("secretary")
    const delegate = await meeting.guest("delegate", ["S"])
    const { people, acts } = meeting.server
    const [asSecretary, asDelegate] = [people.person(secretary.id), people.person(delegate.id)]
    const { done, goOn } = holding(draft)
    const anchor = { on: "clause", block: blocksOf(draft.room.main)[1]!.id } as const
    const answers = [
      acts.openToPublic(asSecretary, draft, { view: "open" }),
      acts.comment(asDelegate, draft, { anchor, text: "For S", as: "S" }),
    ].map((act) => act.then(() => "done").catch((error: Error) => error.message))
    await people.save({ ...asSecretary, role: "observer", hats: [] })
    await people.save({ ...asDelegate, hats: ["B"] })
    goOn()
    await done
    expect(await Promise.all(answers)).toEqual([
      expect.stringMatching(/secretariat|observer|may/i),
      "You do not write for S. Choose a delegation that is yours.",
    ])
  })

  it("[ACT3] words of a line that was cut, or that is not there, are not taken for saved; nobody waits on another's line", async () => {
    const draft = await opened()
    const { room } = draft
    expect([await room.settled(77, 0), await room.settled(77, 1)]).toEqual([true, false])
    const line = session({ client: 77 })
    room.join(line)
    const waits = room.settled(77, 1)
    room.leave(line)
    expect(await waits).toBe(false)
    const [sweden, chair] = [await meeting.guest("delegate", ["S"]), await meeting.guest("chair")]
    const { clientId } = await sweden.join(draft.record.id)
    const anchor = { on: "clause", block: blocksOf(room.main)[1]!.id } as const
    const after = { client: clientId, n: 1 }
    const asked = async (guest: typeof chair): Promise<unknown> =>
      (await guest.call("comment", { draft: draft.record.id }, { anchor, text: "x", after } as never)).status
    expect([await asked(chair), await asked(sweden)]).toEqual([403, 409])
  })
})

it("[ROOM1] what is written to the committed document beside the log is counted as a fault; what is only read is none", async () => {
  const { room } = await opened()
  room.main.transact(() => blocksOf(room.main))
  expect(room.faults).toBe(0)
  roots.meta(room.main).set("publicView", "open")
  roots.meta(room.main).delete("publicView")
  expect(room.faults).toBe(2)
})

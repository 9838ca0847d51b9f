import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Y from "yjs"
import { Pace } from "../server/http/pace.ts"
import { Shares } from "../server/pace/shares.ts"
import { type Guest, Meeting } from "./meeting.ts"

describe("shares of the server's time", () => {
  it("[SOCK9] who took more than a share waits, by person, and is back when the debt is paid; others are not held up", () => {
    let now = 0
    const shares = new Shares(() => now)
    expect([shares.wait("a"), shares.wait("b")]).toEqual([0, 0])
    shares.charged("a", () => (now += 1_500))
    expect(shares.wait("a")).toBeGreaterThan(5_000)
    expect(shares.wait("b")).toBe(0)
    now += shares.wait("a")
    expect(shares.wait("a")).toBe(0)
  })

  it("[SOCK9] what is done later for somebody is theirs too, and typing never makes anybody wait", async () => {
    let now = 0
    const shares = new Shares(() => now)
    await shares.spending("a", async () => {
      await Promise.resolve()
      const payer = shares.payer()
      shares.charged(payer, () => (now += 700))
    })
    expect(shares.wait("a")).toBeGreaterThan(0)
    expect(shares.payer()).toBeNull()
    // Ten letters a second, a millisecond each, for an hour.
    for (let letter = 0; letter < 36_000; letter++) {
      shares.charged("b", () => (now += 1))
      now += 99
      expect(shares.wait("b")).toBe(0)
    }
  })

  it("[SOCK9] a line reads no further while its person waits, keeps the order, and deals with what came before it closed", async () => {
    let now = 0
    const shares = new Shares(() => now)
    const done: number[] = []
    const said: string[] = []
    const pace = new Pace(shares, "a", { pause: () => void said.push("pause"), resume: () => void said.push("resume") }, ([n]) => {
      done.push(n!)
      shares.charged("a", () => (now += 600))
    })
    for (const n of [1, 2, 3]) pace.take(Uint8Array.of(n))
    expect([done, said[0]]).toEqual([[1], "pause"])
    pace.end(() => said.push("left"))
    await expect
      .poll(
        () => {
          now += 10_000
          return done
        },
        { timeout: 10_000 },
      )
      .toEqual([1, 2, 3])
    await expect.poll(() => said.at(-1)).toBe("left")
  })
})

describe("a line that does not read", () => {
  let meeting: Meeting
  let sweden: Guest
  let brazil: Guest
  beforeAll(async () => {
    meeting = await Meeting.open()
    sweden = await meeting.guest("delegate", ["S"])
    brazil = await meeting.guest("delegate", ["B"])
  })
  afterAll(() => meeting.stop())

  it("[SOCK10] is closed with a code of its own once megabytes wait for it; nothing more is kept for it, and others are not concerned", async () => {
    const draft = await meeting.draft()
    const { room } = await meeting.server.drafts.open(draft)
    const slow = await sweden.socket(draft, (await sweden.join(draft)).clientId).ready()
    const other = await brazil.socket(draft, (await brazil.join(draft)).clientId).ready()
    const [session] = [...room.sessions].filter(({ source }) => source === "S")
    slow.socket.pause()
    // What a room of many says in an hour.
    const frame = new Uint8Array(500_000)
    let most = 0
    for (let n = 0; n < 40 && [...room.sessions].includes(session!); n++) {
      session!.send(frame)
      slow.send({ kind: "step1", stateVector: Y.encodeStateVector(new Y.Doc()) })
      await new Promise((resolve) => setTimeout(resolve, 5))
      most = Math.max(most, session!.buffered())
    }
    expect([...room.sessions].includes(session!)).toBe(false)
    expect(most).toBeLessThan(10_000_000)
    slow.socket.resume()
    await slow.until(() => slow.closed !== null)
    expect(slow.closed).toBe(4508)
    other.send({ kind: "step1", stateVector: Y.encodeStateVector(new Y.Doc()) })
    await other.until(() => other.messages.filter(({ kind }) => kind === "step2").length === 2)
    expect(other.closed).toBeNull()
    other.close()
  })

  it("[SOCK11] who joins while others type is given all of it: the state of a moment ago, and what came since", async () => {
    const draft = await meeting.draft()
    const first = await sweden.socket(draft, (await sweden.join(draft)).clientId).ready()
    const { room } = await meeting.server.drafts.open(draft)
    for (let n = 0; n < 450; n++) {
      await room.act((gate) => ({
        row: gate.act((_, shadow) => shadow.getMap("meta").set("count", n)),
        entry: {
          act: "x",
          at: "2026-11-26T08:00:00Z",
          decidedBy: "p",
          enteredBy: "p",
          source: "SEC",
          sitting: { body: "", room: "", date: "", chair: "" },
          details: {},
        },
        answer: null,
      }))
      if (n % 150 !== 149) continue
      const joiner = await brazil.socket(draft, null).ready()
      await joiner.until(() => joiner.doc.getMap("meta").get("count") === n)
      expect(Y.encodeStateAsUpdate(joiner.doc)).toEqual(Y.encodeStateAsUpdate(room.main))
      joiner.close()
    }
    first.close()
  })
})

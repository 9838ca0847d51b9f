import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Y from "yjs"
import { settled } from "../../server/decisions/settle.ts"
import { systemClock } from "../../server/pace/clock.ts"
import type { Session } from "../../server/people/session.ts"
import { Room } from "../../server/rooms/room.ts"
import { openEmbeddedStore } from "../../server/storage/embedded.ts"
import type { Store } from "../../server/storage/store.ts"
import { newMark } from "../../shared/schema/schema.ts"
import { decodeMessage, encodeMessage } from "../../shared/sync/protocol.ts"
import { elementsOf, textOfElement } from "../../shared/sync/read.ts"
import { newDraftDoc, slotAt, writeText } from "../../shared/sync/write.ts"
import { clause, draftState } from "../build.ts"
import { type Measure, quantile, round, spread } from "./measure.ts"

const rounds = 3
const alone = 200
const flood = 6_000
const writers = 60

/** A seat in a room without a network between: what is measured is gate, store and acknowledgement. */
class Seat {
  readonly doc = newDraftDoc()
  readonly session: Session
  readonly #room: Room
  readonly #text: Y.XmlText
  acknowledged = 0
  sentAt: number[] = []
  delays: number[] = []
  #n = 0
  onAcknowledged: () => void = () => undefined

  constructor(room: Room, client: number, state: Uint8Array, index: number) {
    this.#room = room
    Y.applyUpdate(this.doc, state)
    this.doc.clientID = client
    this.#text = textOfElement(elementsOf(this.doc)[index]!)!
    const person = { id: "p", name: "p", role: "delegate" as const, hats: ["S"], isRevoked: false }
    this.session = {
      person: () => person,
      client,
      source: "S",
      speaksOurs: true,
      send: (frame) => this.#heard(frame),
      close: (code, reason) => {
        throw new Error(`closed with ${code}: ${reason}`)
      },
      buffered: () => 0,
    }
    room.join(this.session)
  }

  #heard(frame: Uint8Array): void {
    if (frame[0] !== 100) return
    const message = decodeMessage(frame)
    if (message?.kind !== "acknowledged") return
    const now = performance.now()
    for (let n = this.acknowledged; n < message.n; n++) this.delays.push(now - this.sentAt[n]!)
    this.acknowledged = message.n
    this.onAcknowledged()
  }

  type(): void {
    let update = new Uint8Array()
    const keep = (bytes: Uint8Array): void => {
      update = bytes as Uint8Array<ArrayBuffer>
    }
    this.doc.once("update", keep)
    this.doc.transact((tr) => {
      const marks = this.#n++ === 0 ? [newMark("insertion", { id: `S.${this.doc.clientID}.1`, source: "S" })] : []
      writeText(tr, this.#text, slotAt(tr, this.#text, 5 + Math.min(this.#n - 1, 1), "S"), "x", marks)
    })
    this.sentAt.push(performance.now())
    this.#room.receive(this.session, encodeMessage({ kind: "update", update }))
  }
}

async function openRoom(store: Store, id: string): Promise<{ room: Room; state: Uint8Array }> {
  const state = draftState(Array.from({ length: 60 }, (_, i) => clause(`that the Council shall meet, item ${i};`, `c${i}`)))
  await store.createDraft(
    { id, title: "", designation: "", createdAt: "", force: null, forceHash: null, imported: "{}" },
    { rows: [], entries: [] },
  )
  const room = new Room(
    { snapshot: { seq: 0, state }, rows: [] },
    {
      log: { append: (commit) => store.append(id, commit), saveSnapshot: async () => undefined },
      bindingOf: () => ({ person: "p", source: "S" }),
      settle: settled,
      clock: systemClock,
      sliceMs: 15,
    },
  )
  return { room, state }
}

/** Bare commits of the same size, one at a time: what the disk itself takes. */
async function bareCommits(store: Store): Promise<number[]> {
  await store.createDraft(
    { id: "bare", title: "", designation: "", createdAt: "", force: null, forceHash: null, imported: "{}" },
    { rows: [], entries: [] },
  )
  const times: number[] = []
  for (let i = 0; i < alone; i++) {
    const from = performance.now()
    await store.append("bare", {
      rows: [{ client: 1, person: "p", source: "S", kind: "edit", at: "", update: new Uint8Array(60) }],
      entries: [],
    })
    times.push(performance.now() - from)
  }
  return times
}

/** P10: from sending an update to its durable acknowledgement; one person alone, and many at once. */
export async function acknowledgement(): Promise<Measure> {
  const single: number[][] = []
  const bare: number[][] = []
  const many: number[][] = []
  const rates: number[] = []
  for (let i = 0; i < rounds; i++) {
    const store = openEmbeddedStore(mkdtempSync(join(tmpdir(), "clausula-bench-")))
    const quiet = await openRoom(store, "quiet")
    const one = new Seat(quiet.room, 100, quiet.state, 0)
    for (let n = 0; n < alone; n++) {
      const done = new Promise<void>((resolve) => {
        one.onAcknowledged = resolve
      })
      one.type()
      await done
    }
    single.push(one.delays)
    bare.push(await bareCommits(store))
    const busy = await openRoom(store, "busy")
    const seats = Array.from({ length: writers }, (_, w) => new Seat(busy.room, 200 + w, busy.state, w))
    const from = performance.now()
    const each = flood / writers
    for (let n = 0; n < each; n++) {
      for (const seat of seats) seat.type()
      await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all(
      seats.map(
        (seat) =>
          new Promise<void>((resolve) => {
            const look = (): void => {
              if (seat.acknowledged === each) resolve()
            }
            seat.onAcknowledged = look
            look()
          }),
      ),
    )
    rates.push(flood / ((performance.now() - from) / 1_000))
    many.push(seats.flatMap((seat) => seat.delays))
    await store.close()
  }
  const row = (name: string, all: readonly number[][]): Measure["rows"][number] => ({
    name,
    "p50 ms": spread(
      all.map((times) => quantile(times, 0.5)),
      2,
    ),
    "p95 ms": spread(
      all.map((times) => quantile(times, 0.95)),
      2,
    ),
  })
  return {
    id: "P10",
    what: `send to durable acknowledgement, embedded store; min / median / max of ${rounds} runs`,
    rows: [
      row("one person, one letter at a time", single),
      row("peer: a bare synced commit", bare),
      row(`${writers} writers at once`, many),
    ],
    notes: [`${round(quantile(rates, 0.5), 0)} updates a second with ${writers} writers, gate and fsync on (bar: 5,000)`],
  }
}

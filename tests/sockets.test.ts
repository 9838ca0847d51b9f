import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import * as encoding from "lib0/encoding"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { WebSocket, WebSocketServer } from "ws"
import * as Y from "yjs"
import { sendOver } from "../server/http/wire.ts"
import type { Session } from "../server/people/session.ts"
import { changesIn, describeChange } from "../shared/changes/changes.ts"
import { textOf } from "../shared/schema/block.ts"
import { newMark } from "../shared/schema/schema.ts"
import { closeCode, encodeMessage } from "../shared/sync/protocol.ts"
import { blocksOf, elementsOf, textOfElement } from "../shared/sync/read.ts"
import { newDraftDoc, slotAt, writeText } from "../shared/sync/write.ts"
import { type Guest, Meeting } from "./meeting.ts"

let meeting: Meeting
let sweden: Guest
let observer: Guest
beforeAll(async () => {
  meeting = await Meeting.open()
  sweden = await meeting.guest("delegate", ["S"])
  observer = await meeting.guest("observer")
})
afterAll(() => meeting.stop())

const until = async (test: () => boolean): Promise<void> => {
  const end = Date.now() + 15_000
  while (!test()) {
    if (Date.now() > end) throw new Error(`never came true: ${test}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
const mainText = async (draft: string): Promise<string> =>
  blocksOf((await meeting.server.drafts.open(draft)).room.main)
    .map(textOf)
    .join("\n")

describe("sockets", () => {
  it("[SOCK1] a standard WebsocketProvider joins, sees the text and writes; plain words become its source's insertion", async () => {
    const draft = await meeting.draft()
    const { clientId } = await sweden.join(draft)
    const { doc, provider } = sweden.provider(draft, clientId)
    await until(() => provider.synced)
    expect(blocksOf(doc).map(textOf)).toContain("to keep a lamp at every mole;")
    textOfElement(elementsOf(doc)[7]!)!.insert(7, "bright ")
    const { room } = await meeting.server.drafts.open(draft)
    await until(() => changesIn(blocksOf(room.main)).length === 1)
    expect(changesIn(blocksOf(room.main)).map((change) => `${change.source}: ${describeChange(change)}`)).toEqual(["S: insert “bright ”"])
    await until(() => changesIn(blocksOf(doc)).length === 1)
    provider.destroy()
  })

  it("[SOCK2] an observer's provider sees every word, never writes and never loops", async () => {
    const draft = await meeting.draft()
    const { clientId } = await observer.join(draft)
    const { doc, provider } = observer.provider(draft, clientId)
    let opened = 0
    provider.on("status", ({ status }: { status: string }) => {
      if (status === "connected") opened++
    })
    await until(() => provider.synced)
    const writer = sweden.provider(draft, (await sweden.join(draft)).clientId)
    await until(() => writer.provider.synced)
    textOfElement(elementsOf(writer.doc)[7]!)!.insert(0, "Z")
    await until(() => blocksOf(doc).map(textOf).join().includes("Z"))
    const before = await mainText(draft)
    textOfElement(elementsOf(doc)[7]!)!.insert(0, "Q")
    // The refusal closes with 4409; a standard provider does not come back by itself after that.
    await until(() => !provider.wsconnected)
    expect(opened).toBe(1)
    expect(await mainText(draft)).toBe(before)
    provider.destroy()
    writer.provider.destroy()
  })

  it("[SOCK3] a socket without a client id reads", async () => {
    const draft = await meeting.draft()
    const { doc, provider } = observer.provider(draft, null)
    await until(() => provider.synced)
    expect(blocksOf(doc).length).toBeGreaterThan(5)
    provider.destroy()
  })

  const refused: readonly [
    string,
    (draft: string) => Promise<{ failed: string | null; until(test: () => boolean): Promise<void> }>,
    string,
  ][] = [
    ["a page of another origin", async (draft) => sweden.socket(draft, null, { origin: "https://evil.example" }), "403"],
    ["an unknown draft", async () => sweden.socket("nowhere", null), "404"],
    ["another's client id", async (draft) => observer.socket(draft, (await sweden.join(draft)).clientId), "403"],
    ["a client id that nobody was given", async (draft) => sweden.socket(draft, 999_999), "403"],
  ]
  for (const [name, open, status] of refused)
    it(`[SOCK4] ${name} is refused before the handshake: ${status}`, async () => {
      const line = await open(await meeting.draft())
      await line.until(() => line.failed !== null)
      expect(line.failed).toBe(status)
    })

  it("[SOCK4 LIFE5] who had joined a draft that is gone is told so by a code that ends its life", async () => {
    const line = sweden.socket("nowhere", 77)
    await line.until(() => line.closed !== null)
    expect(line.closed).toBe(closeCode.unknownDraft)
  })

  it("[SOCK5] an oversized frame, text frames and unknown messages close that socket alone", async () => {
    const draft = await meeting.draft()
    const other = await sweden.socket(draft, (await sweden.join(draft)).clientId).ready()
    const attempts: readonly ((line: typeof other) => void)[] = [
      (line) => line.socket.send(new Uint8Array(2_000_000)),
      (line) => line.socket.send("words"),
      (line) => line.socket.send(Uint8Array.of(99, 1, 2)),
      (line) => line.socket.send(new Uint8Array(0)),
    ]
    for (const attempt of attempts) {
      const line = await sweden.socket(draft, (await sweden.join(draft)).clientId).ready()
      attempt(line)
      await line.until(() => line.closed !== null)
    }
    other.send({ kind: "step1", stateVector: Y.encodeStateVector(newDraftDoc()) })
    await other.until(() => other.messages.filter((message) => message.kind === "step2").length === 2)
    expect(other.closed).toBeNull()
    other.close()
  })

  it("[SOCK8] what a provider sends before it has answered, leaning on words that were typed without a line, is not refused", async () => {
    const draft = await meeting.draft()
    const { clientId } = await sweden.join(draft)
    const line = await sweden.socket(draft, clientId).ready()
    line.doc.clientID = clientId
    const before = Y.encodeStateVector(line.doc)
    const text = textOfElement(elementsOf(line.doc)[7]!)!
    const updates: Uint8Array[] = []
    line.doc.on("update", (update: Uint8Array) => void updates.push(update))
    text.insert(3, "early ")
    text.insert(9, "later ")
    line.send({ kind: "update", update: updates[1]! })
    line.send({ kind: "step2", update: Y.encodeStateAsUpdate(line.doc, before) })
    await line.until(() => line.acknowledged === 2 || line.closed !== null)
    expect(line.closed).toBeNull()
    expect(await mainText(draft)).toContain("to early later keep a lamp")
    line.close()
  })

  it("[SOCK8] what waits for the answer is not acknowledged before it is taken: not by what comes behind it, and not where the answer lacks its words", async () => {
    const draft = await meeting.draft()
    const { clientId } = await sweden.join(draft)
    const line = await sweden.socket(draft, clientId).ready()
    line.doc.clientID = clientId
    const text = textOfElement(elementsOf(line.doc)[7]!)!
    const updates: Uint8Array[] = []
    line.doc.on("update", (update: Uint8Array) => void updates.push(update))
    for (const words of ["one ", "two ", "three "]) text.insert(3, words)
    line.send({ kind: "update", update: updates[2]! })
    line.send({ kind: "update", update: updates[0]! })
    const asked = (): number => line.messages.filter((message) => message.kind === "step2").length
    line.send({ kind: "step1", stateVector: Y.encodeStateVector(newDraftDoc()) })
    await line.until(() => asked() === 2)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect([line.acknowledged, line.closed]).toEqual([0, null])
    line.send({ kind: "step2", update: updates[0]! })
    await line.until(() => line.closed !== null)
    const told = line.messages.filter(({ kind }) => kind === "acknowledged" || kind === "refused")
    expect(told.map((message) => (message.kind === "acknowledged" ? message.n : message.kind))).toEqual([0, "refused", 3])
    expect(line.refusal).toBe("gap")
    // What was taken of this client id is told as far as it goes: the browser keeps the rest.
    const refused = line.messages.find((message) => message.kind === "refused")
    expect(refused?.kind === "refused" && refused.refused.clock).toBe(4)
    expect(await mainText(draft)).toContain("to one keep")
  })

  it("[SOCK8] what waits for an answer that never comes is refused", async () => {
    const draft = await meeting.draft()
    const { clientId } = await sweden.join(draft)
    const line = await sweden.socket(draft, clientId).ready()
    line.doc.clientID = clientId
    const updates: Uint8Array[] = []
    line.doc.on("update", (update: Uint8Array) => void updates.push(update))
    const text = textOfElement(elementsOf(line.doc)[7]!)!
    for (const words of ["one ", "two "]) text.insert(3, words)
    line.send({ kind: "update", update: updates[1]! })
    await line.until(() => line.closed !== null)
    expect([line.refusal, line.closed]).toEqual(["gap", 4409])
  })

  it("[SOCK12] all that was committed when somebody asks is in the answer, for a crowd that comes while others type too", async () => {
    const draft = await meeting.draft()
    const { clientId } = await sweden.join(draft)
    const writer = await sweden.socket(draft, clientId).ready()
    writer.doc.clientID = clientId
    writer.send({ kind: "step2", update: Uint8Array.of(0, 0) })
    const updates: Uint8Array[] = []
    writer.doc.on("update", (update: Uint8Array, _origin: unknown, _doc: Y.Doc, { local }: Y.Transaction) => local && updates.push(update))
    const text = textOfElement(elementsOf(writer.doc)[7]!)!
    const missing: string[] = []
    for (let n = 1; n <= 20; n++) {
      text.insert(3, `word${n}. `)
      writer.send({ kind: "update", update: updates[n - 1]! })
      await writer.until(() => writer.acknowledged > n)
      const readers = await Promise.all([0, 1, 2].map(() => observer.socket(draft, null).ready()))
      for (const { messages } of readers) {
        const doc = newDraftDoc()
        for (const message of messages) if (message.kind === "step2") Y.applyUpdate(doc, message.update)
        if (!blocksOf(doc).map(textOf).join().includes(`word${n}. `)) missing.push(`word${n}`)
      }
      for (const reader of readers) reader.close()
    }
    expect(missing).toEqual([])
    writer.close()
  })

  it("[SOCK6] the secretary types for two delegations in turn, each under its own client id", async () => {
    const draft = await meeting.draft()
    const secretary = await meeting.guest("secretary")
    for (const [i, source] of ["S", "B"].entries()) {
      const { clientId } = await secretary.join(draft, source)
      const line = await secretary.socket(draft, clientId).ready()
      line.doc.clientID = clientId
      const before = Y.encodeStateVector(line.doc)
      line.doc.transact((tr) => {
        const text = textOfElement(elementsOf(line.doc)[7 + i]!)!
        writeText(tr, text, slotAt(tr, text, 3, source), `for ${source} `, [
          newMark("insertion", { id: `${source}.${clientId}.1`, source }),
        ])
      })
      line.send({ kind: "update", update: Y.encodeStateAsUpdate(line.doc, before) })
      await line.until(() => line.acknowledged === 1)
      line.close()
    }
    const changes = await secretary.call("changes", { draft })
    expect(changes.map((change) => [change.source, change.enteredBy])).toEqual([
      ["S", secretary.id],
      ["B", secretary.id],
    ])
  })

  it("[SOCK7] a right that is taken away works at the next update", async () => {
    const draft = await meeting.draft()
    const guest = await meeting.guest("delegate", ["EUR"])
    const { clientId } = await guest.join(draft)
    const line = await guest.socket(draft, clientId).ready()
    await meeting.server.people.save({ id: guest.id, name: "x", role: "delegate", hats: ["S"], isRevoked: false })
    line.doc.clientID = clientId
    const before = Y.encodeStateVector(line.doc)
    textOfElement(elementsOf(line.doc)[7]!)!.insert(0, "late")
    line.send({ kind: "update", update: Y.encodeStateAsUpdate(line.doc, before) })
    await line.until(() => line.closed !== null)
    expect([line.closed, line.refusal]).toEqual([4409, "may-not-write"])
  })

  for (const clock of [7, 0, Number.MAX_SAFE_INTEGER])
    it(`[SOCK9] who comes back under its client id is seen again at once, whatever it counts (${clock})`, async () => {
      const draft = await meeting.draft()
      const { clientId } = await sweden.join(draft)
      const watcher = observer.provider(draft, (await observer.join(draft)).clientId)
      const isSeen = (): boolean => watcher.provider.awareness.getStates().has(clientId)
      for (let times = 0; times < 3; times++) {
        const line = await sweden.socket(draft, clientId).ready()
        line.send({ kind: "awareness", update: presenceOf(clientId, clock) })
        await until(isSeen)
        line.close()
        await until(() => !isSeen())
      }
      watcher.provider.destroy()
    })

  it("[SOCK9] whose old line dies only after it has come back is still here", async () => {
    const draft = await meeting.draft()
    const { clientId } = await sweden.join(draft)
    const { room } = await meeting.server.drafts.open(draft)
    const line = (client: number | null): Session & { heard: string } => ({
      person: () => meeting.server.people.person(sweden.id),
      client,
      source: "S",
      speaksOurs: true,
      heard: "",
      send(frame) {
        this.heard += new TextDecoder().decode(frame)
      },
      close: () => undefined,
      buffered: () => 0,
    })
    const [first, second, newcomer] = [line(clientId), line(clientId), line(null)]
    room.join(first)
    room.join(second)
    room.receive(second, encodeMessage({ kind: "awareness", update: presenceOf(clientId, 1) }))
    room.leave(first)
    room.join(newcomer)
    expect(newcomer.heard).toContain('"source":"S"')
    for (const session of [second, newcomer]) room.leave(session)
  })
})

/** What a browser says of itself, under this clock. */
const presenceOf = (client: number, clock: number): Uint8Array =>
  encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, 1)
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clock)
    encoding.writeVarString(encoder, "{}")
  })

it("[SOCK1] a message of any length comes whole and in order to all who get it, between what is sent otherwise", async () => {
  const lengths = [0, 1, 125, 126, 127, 255, 256, 65_535, 65_536, 200_000]
  const messages = lengths.map((length, n) => new Uint8Array(length).fill(n + 1))
  const server = createServer()
  const wss = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  server.on("upgrade", (request, socket, head) =>
    wss.handleUpgrade(request, socket, head, (ws) => {
      for (const message of messages) {
        sendOver(ws, socket, message)
        ws.ping()
        ws.send(`after ${message.length}`)
      }
      ws.close(4_000, "that was all")
    }),
  )
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const heard = async (): Promise<unknown[]> => {
    const ws = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const got: unknown[] = []
    ws.on("message", (data, isBinary) => got.push(isBinary ? new Uint8Array(data as Buffer) : String(data)))
    got.push(await new Promise((resolve) => ws.on("close", resolve)))
    return got
  }
  const expected = [...messages.flatMap((message) => [message, `after ${message.length}`]), 4_000]
  expect(await Promise.all([heard(), heard()])).toEqual([expected, expected])
  wss.close()
  server.close()
})

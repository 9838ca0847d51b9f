import type { AddressInfo } from "node:net"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { WebSocket, WebSocketServer } from "ws"
import * as Y from "yjs"
import type { Connection } from "../client/life/connection.ts"
import { closeCode, decodeMessage, encodeMessage } from "../shared/sync/protocol.ts"

/** What browsers have and Node has not. */
const browser = new EventTarget()
vi.stubGlobal("addEventListener", browser.addEventListener.bind(browser))
vi.stubGlobal("removeEventListener", browser.removeEventListener.bind(browser))
let tries = 0
vi.stubGlobal(
  "WebSocket",
  class extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols)
      tries++
    }
  },
)
// Its kind of socket is made from the browser's when the module is loaded.
const { Connection: Line } = await import("../client/life/connection.ts")

/** A server that does nothing by itself, and a line to it. */
class Scene {
  readonly server = new WebSocketServer({ port: 0, host: "127.0.0.1" })
  readonly addresses: string[] = []
  readonly sockets: WebSocket[] = []
  readonly sent: string[] = []
  readonly heard: string[] = []
  readonly closed: number[] = []
  readonly doc = new Y.Doc()
  line!: Connection
  say: ((frame: Uint8Array) => void) | null = null

  constructor() {
    this.server.on("connection", (socket, { url }) => {
      this.addresses.push(url ?? "")
      this.sockets.push(socket)
      socket.on("message", (data: Buffer) => this.sent.push(decodeMessage(new Uint8Array(data))?.kind ?? "?"))
    })
  }

  async open(): Promise<this> {
    await vi.waitUntil(() => this.server.address() !== null)
    const server = `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}/sync`
    this.line = new Line({ server, draft: "d1", params: { client: "7", pass: "a b", v: "1" } }, this.doc, {
      onOpen: ({ send }) => {
        this.say = send
      },
      onFrame: (frame) => void this.heard.push(decodeMessage(frame)?.kind ?? "?"),
      onClosed: (code) => void this.closed.push(code),
    })
    await this.until(() => this.sockets.length === 1)
    return this
  }

  until(test: () => boolean): Promise<unknown> {
    return vi.waitUntil(test, { timeout: 15_000, interval: 5 })
  }

  stop(): void {
    this.line.stop()
    for (const socket of this.sockets) socket.terminate()
    this.server.close()
    this.doc.destroy()
  }
}

/** How often a line was opened since it first was, once a minute has passed, which it does at once. */
async function triesInAMinute(): Promise<number> {
  await vi.advanceTimersByTimeAsync(60_000)
  return tries
}

let scene: Scene
beforeEach(async () => {
  scene = await new Scene().open()
  tries = 0
})
afterEach(() => {
  vi.useRealTimers()
  scene.stop()
})

const question = encodeMessage({ kind: "step1", stateVector: Y.encodeStateVector(new Y.Doc()) })
const answer = encodeMessage({ kind: "step2", update: Y.encodeStateAsUpdate(new Y.Doc()) })

describe("a line to the room", () => {
  it("[LIFE10] leads to the draft, and says who one is", () => expect(scene.addresses).toEqual(["/sync/d1?client=7&pass=a%20b&v=1"]))

  it("[LIFE10] carries what the session says and nothing else", async () => {
    await scene.until(() => scene.say !== null)
    scene.doc.getText("words").insert(0, "typed")
    scene.sockets[0]!.send(question)
    scene.sockets[0]!.send(answer)
    await scene.until(() => scene.heard.length === 2)
    scene.say?.(encodeMessage({ kind: "queryAwareness" }))
    await scene.until(() => scene.sent.length > 0)
    expect(scene.sent).toEqual(["queryAwareness"])
    expect(scene.heard).toEqual(["step1", "step2"])
  })

  it("[LIFE10] hands on what it hears and takes nothing into the document itself", async () => {
    const other = new Y.Doc()
    other.getText("words").insert(0, "theirs")
    scene.sockets[0]!.send(encodeMessage({ kind: "update", update: Y.encodeStateAsUpdate(other) }))
    scene.sockets[0]!.send(encodeMessage({ kind: "acknowledged", n: 1 }))
    scene.sockets[0]!.send(encodeMessage({ kind: "notice", notice: { kind: "meeting" } }))
    await scene.until(() => scene.heard.length === 3)
    expect(scene.heard).toEqual(["update", "acknowledged", "notice"])
    expect(scene.doc.getText("words").length).toBe(0)
  })

  for (const code of [closeCode.goingAway, closeCode.restarting, closeCode.tryLater, closeCode.slow, closeCode.tooFast])
    it(`[LIFE5] comes back by itself after ${code}`, async () => {
      scene.sockets[0]!.close(code)
      await scene.until(() => scene.sockets.length === 2)
      expect(scene.closed).toEqual([code])
    })

  for (const code of [closeCode.refused, closeCode.notAllowed, closeCode.unknownDraft])
    it(`[LIFE5] ends with ${code}, also where the browser's network comes back`, async () => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
      scene.sockets[0]!.close(code)
      await scene.until(() => scene.closed.length > 0)
      browser.dispatchEvent(new Event("online"))
      expect([scene.closed, await triesInAMinute()]).toEqual([[code], 0])
    })

  it("[LIFE11] is given up when the browser says that the network is gone: nothing more is heard of it or said on it", async () => {
    await scene.until(() => scene.say !== null)
    browser.dispatchEvent(new Event("offline"))
    expect(scene.closed).toEqual([1006])
    scene.sockets[0]!.send(answer)
    scene.say?.(answer)
    await scene.until(() => scene.sockets.length === 2)
    expect([scene.heard, scene.sent, scene.closed]).toEqual([[], [], [1006]])
  })

  it("[LIFE11] comes back at once when the network does, however long the pause had grown", async () => {
    for (let n = 1; n <= 4; n++) {
      scene.sockets.at(-1)!.terminate()
      await scene.until(() => scene.sockets.length === n + 1)
    }
    scene.sockets.at(-1)!.terminate()
    await scene.until(() => scene.closed.length === 5)
    const before = performance.now()
    browser.dispatchEvent(new Event("online"))
    await scene.until(() => scene.sockets.length === 6)
    // The fifth pause is at least 3.2 s.
    expect(performance.now() - before).toBeLessThan(2_000)
  })

  it("[LIFE11] which are lines of many browsers come back at different moments", async () => {
    const others = await Promise.all(Array.from({ length: 7 }, () => new Scene().open()))
    const came: number[] = []
    for (const one of [scene, ...others]) one.server.on("connection", () => came.push(performance.now()))
    for (const one of [scene, ...others]) one.sockets[0]!.close(closeCode.restarting)
    await scene.until(() => came.length === 8)
    expect(Math.max(...came) - Math.min(...came)).toBeGreaterThan(30)
    for (const one of others) one.stop()
  })

  it("[LIFE11] that was stopped stays closed", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    scene.line.stop()
    browser.dispatchEvent(new Event("online"))
    expect([scene.closed, await triesInAMinute()]).toEqual([[], 0])
  })
})

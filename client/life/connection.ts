import { WebsocketProvider } from "y-websocket"
import type * as Y from "yjs"
import { messageType, syncType } from "../../shared/sync/protocol.ts"
import { isEnding } from "./machine.ts"
import type { LineEvents } from "./world.ts"

const longestPauseMs = 10_000

/** Where a line leads: `server` and `draft` name the socket, `params` who one is. */
export interface LineAddress {
  readonly server: string
  readonly draft: string
  readonly params: Readonly<Record<string, string>>
}

/**
 * A line to the room, which comes back by itself with growing pauses, and at once when the browser says that the network is there again; unless it was
 * closed with a code that ends the life. Opening, watching and coming back are y-websocket's.
 *
 * What goes over it is the session's: a provider sends an update as soon as it is made, ours waits until it is kept on the device (LIFE4) and until the
 * room has asked what is missing, for the answer carries it. So the provider's own frames stop at the socket (LIFE10).
 */
export class Connection {
  readonly #provider: WebsocketProvider
  readonly #events: LineEvents
  #isStopped = false
  readonly #online = (): void => this.#provider.connect()
  readonly #offline = (): void => this.#giveUp()

  constructor({ server, draft, params }: LineAddress, doc: Y.Doc, events: LineEvents) {
    this.#events = events
    this.#provider = new WebsocketProvider(server, draft, doc, {
      connect: false,
      disableBc: true,
      maxBackoffTime: longestPauseMs,
      params: { ...params },
      shouldReconnect: ({ code }) => !isEnding(code),
      WebSocketPolyfill: MutedSocket,
    })
    const provider = this.#provider
    // Who else is there the draft knows by itself.
    provider.awareness.setLocalState(null)
    for (const type of Object.values(messageType))
      provider.messageHandlers[type] = (_answer, { arr }) => {
        // Pauses begin anew once the room has answered, and not before.
        if (arr[0] === messageType.sync && arr[1] === syncType.step2) provider.synced = true
        events.onFrame(arr)
      }
    provider.on("status", ({ status }) => status === "connected" && this.#opened(provider.ws as MutedSocket))
    provider.on("connection-close", (event) => this.#isStopped || events.onClosed(event?.code ?? 1006))
    provider.on("closed", () => this.stop())
    provider.on("sync", () => this.#scatter())
    this.#scatter()
    addEventListener("online", this.#online)
    addEventListener("offline", this.#offline)
    provider.connect()
  }

  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    removeEventListener("online", this.#online)
    removeEventListener("offline", this.#offline)
    this.#provider.awareness.destroy()
    this.#provider.destroy()
  }

  /** When a server starts again, a hundred browsers should not knock at the same moment: their pauses double from other beginnings. */
  #scatter(): void {
    this.#provider.wsUnsuccessfulReconnects = Math.random()
  }

  #opened(socket: MutedSocket): void {
    this.#events.onOpen({ send: (frame) => socket === this.#provider.ws && socket.say(frame) })
  }

  /** On a dead line the browser waits long for the other side to agree that it is closed: the page does not, and hears nothing more of it. */
  #giveUp(): void {
    this.#provider.disconnect()
    // The try that is set by now is made.
    this.#provider.shouldConnect = true
  }
}

/** A socket on which only the session speaks. */
class MutedSocket extends WebSocket {
  override send(): void {
    // What the provider would say.
  }

  say(frame: Uint8Array): void {
    if (this.readyState === WebSocket.OPEN) super.send(frame as Uint8Array<ArrayBuffer>)
  }
}

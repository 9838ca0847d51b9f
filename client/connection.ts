import { closeCode } from "../shared/sync/protocol.ts"
import type { Transport } from "./editor/draft-session.ts"

export interface ConnectionEvents {
  onOpen(transport: Transport): void
  onFrame(frame: Uint8Array): void
  /** The line is gone. `mustRejoin`: not as we are; a new client id is needed. */
  onClosed(mustRejoin: boolean): void
}

const firstRetryMs = 300
const longestRetryMs = 10_000
/** The server sends something at least every 20 s; a line that stays silent longer is dead, whatever the browser believes. */
const silenceMs = 45_000

/** Closed so, the same document and client id cannot go on. After any other close the line is opened again and sends what is missing. */
const endings: ReadonlySet<number> = new Set([closeCode.refused, closeCode.notAllowed, closeCode.unknownDraft])

/** A websocket that comes back by itself, with growing pauses, and at once when the browser says that the network is there again. */
export class Connection {
  readonly #address: () => string
  readonly #events: ConnectionEvents
  #socket: WebSocket | null = null
  #retryMs = firstRetryMs
  #retry: ReturnType<typeof setTimeout> | undefined
  #watch: ReturnType<typeof setTimeout> | undefined
  #isStopped = false
  readonly #wake = (): void => {
    if (this.#socket || this.#isStopped) return
    clearTimeout(this.#retry)
    this.#open()
  }
  readonly #offline = (): void => this.#socket?.close()

  constructor(address: () => string, events: ConnectionEvents) {
    this.#address = address
    this.#events = events
    addEventListener("online", this.#wake)
    addEventListener("offline", this.#offline)
    this.#open()
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#retry)
    clearTimeout(this.#watch)
    removeEventListener("online", this.#wake)
    removeEventListener("offline", this.#offline)
    this.#socket?.close(1000)
    this.#socket = null
  }

  #open(): void {
    const socket = new WebSocket(this.#address())
    this.#socket = socket
    socket.binaryType = "arraybuffer"
    socket.onopen = () => {
      this.#retryMs = firstRetryMs
      this.#heard()
      this.#events.onOpen({ send: (frame) => socket.readyState === WebSocket.OPEN && socket.send(frame as Uint8Array<ArrayBuffer>) })
    }
    socket.onmessage = ({ data }) => {
      this.#heard()
      this.#events.onFrame(new Uint8Array(data as ArrayBuffer))
    }
    socket.onclose = ({ code }) => this.#closed(socket, code)
  }

  #heard(): void {
    clearTimeout(this.#watch)
    this.#watch = setTimeout(() => this.#socket?.close(), silenceMs)
  }

  #closed(socket: WebSocket, code: number): void {
    if (this.#socket !== socket || this.#isStopped) return
    this.#socket = null
    clearTimeout(this.#watch)
    const mustRejoin = endings.has(code)
    this.#events.onClosed(mustRejoin)
    if (mustRejoin) return
    // Jitter: when a server restarts, a hundred browsers should not knock at the same moment.
    this.#retry = setTimeout(this.#wake, this.#retryMs * (0.5 + Math.random()))
    this.#retryMs = Math.min(longestRetryMs, this.#retryMs * 2)
  }
}

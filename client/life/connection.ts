import { isEnding } from "./machine.ts"
import type { LineEvents } from "./world.ts"

const firstRetryMs = 300
const longestRetryMs = 10_000
/** The server sends something at least every 20 s; a line that stays silent longer is dead, whatever the browser believes. */
const silenceMs = 45_000

/**
 * A websocket that comes back by itself, with growing pauses, and at once when the browser says that the network is there again; unless it was closed
 * with a code that ends the life.
 */
export class Connection {
  readonly #address: () => string
  readonly #events: LineEvents
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
  readonly #offline = (): void => this.#giveUp()

  constructor(address: () => string, events: LineEvents) {
    this.#address = address
    this.#events = events
    addEventListener("online", this.#wake)
    addEventListener("offline", this.#offline)
    this.#open()
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
      if (this.#socket !== socket) return
      this.#retryMs = firstRetryMs
      this.#heard()
      this.#events.onOpen({ send: (frame) => socket.readyState === WebSocket.OPEN && socket.send(frame as Uint8Array<ArrayBuffer>) })
    }
    socket.onmessage = ({ data }) => {
      if (this.#socket !== socket) return
      this.#heard()
      this.#events.onFrame(new Uint8Array(data as ArrayBuffer))
    }
    socket.onclose = ({ code }) => this.#closed(socket, code)
  }

  #heard(): void {
    clearTimeout(this.#watch)
    this.#watch = setTimeout(() => this.#giveUp(), silenceMs)
  }

  /** On a dead line the browser waits long for the other side to agree that it is closed: the page does not, and hears nothing more of it. */
  #giveUp(): void {
    const socket = this.#socket
    if (!socket) return
    socket.close()
    this.#closed(socket, 1006)
  }

  #closed(socket: WebSocket, code: number): void {
    if (this.#socket !== socket || this.#isStopped) return
    this.#socket = null
    clearTimeout(this.#watch)
    if (isEnding(code)) this.stop()
    this.#events.onClosed(code)
    if (this.#isStopped) return
    // Jitter: when a server restarts, a hundred browsers should not knock at the same moment.
    this.#retry = setTimeout(this.#wake, this.#retryMs * (0.5 + Math.random()))
    this.#retryMs = Math.min(longestRetryMs, this.#retryMs * 2)
  }
}

import type { AddressInfo } from "node:net"
import { connect, createServer, type Server, type Socket } from "node:net"

/** A bad line to a server: every byte takes `delayMs` each way, and the line can be cut, which also loses what is under way. */
export class SlowLine {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  isDown = false

  private constructor(server: Server) {
    this.#server = server
  }

  static async to(port: number, delayMs: number): Promise<SlowLine> {
    const server = createServer()
    const line = new SlowLine(server)
    server.on("connection", (near) => {
      if (line.isDown) return near.destroy()
      const far = connect(port, "127.0.0.1")
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        line.#sockets.add(from)
        from.on("data", (bytes) => setTimeout(() => !to.destroyed && to.write(bytes), delayMs))
        from.on("close", () => setTimeout(() => to.destroy(), delayMs))
        from.on("error", () => from.destroy())
      }
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    return line
  }

  get port(): string {
    return String((this.#server.address() as AddressInfo).port)
  }

  /** No bytes for so long; connections break, and new ones too. */
  async cut(forMs: number): Promise<void> {
    this.isDown = true
    for (const socket of this.#sockets) socket.destroy()
    this.#sockets.clear()
    await new Promise((resolve) => setTimeout(resolve, forMs))
    this.isDown = false
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }
}

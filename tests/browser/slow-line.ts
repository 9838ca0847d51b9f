import type { AddressInfo } from "node:net"
import { connect, createServer, type Server, type Socket } from "node:net"

/** A bad line to a server: every byte takes `delayMs` each way, and the line can be cut, which also loses what is under way. */
export class SlowLine {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  isDown = false
  /** What waits while the line is silent; null: it is not. */
  #held: (() => void)[] | null = null

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
        const pass = (bytes: Buffer): void => void (!to.destroyed && to.write(bytes))
        from.on("data", (bytes: Buffer) => setTimeout(() => (line.#held ? line.#held.push(() => pass(bytes)) : pass(bytes)), delayMs))
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

  /** Nothing goes through, and nobody is told: connections stay as they are. */
  silence(): void {
    this.#held ??= []
  }

  /** All goes through that has waited. */
  speak(): void {
    const held = this.#held ?? []
    this.#held = null
    for (const pass of held) pass()
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }
}

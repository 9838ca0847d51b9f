import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { expect, it, onTestFinished } from "vitest"
import { WebSocket } from "ws"
import { newFolder } from "./meeting.ts"
import { command, home } from "./process.ts"

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1")
  await once(probe, "listening")
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, "close")
  return port
}

interface Working {
  readonly port: number
  readonly data: string
  readonly said: string
  /** Ends it as a terminal does; its exit code, and whether the server behind had come to its end by then. */
  stop(): Promise<{ code: number; isStopped: boolean }>
}

/** `npm run dev` on a folder of its own, once it has printed the addresses. */
async function working(): Promise<Working> {
  const [port, data] = [await freePort(), newFolder()]
  const child = spawn(process.execPath, [`${home}server/dev.mjs`, "--port", String(port), "--data", data], {
    stdio: ["ignore", "pipe", "pipe"],
  })
  onTestFinished(() => void child.kill())
  let said = ""
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (part: Buffer) => {
      said += part.toString()
    })
  await expect.poll(() => said, { timeout: 45_000, interval: 50 }).toContain("Ctrl+C stops.")
  const stop = async (): Promise<{ code: number; isStopped: boolean }> => {
    child.kill()
    const [code] = (await once(child, "exit")) as [number]
    // The last thing that a server does as it stops is to forget its address.
    return { code, isStopped: !existsSync(join(data, "address")) }
  }
  return { port, data, said, stop }
}

it("[DEV1] one command serves the page and what is behind it at one address, as it is printed", async () => {
  const { port, data, said, stop } = await working()
  const addresses = [...said.matchAll(/http:\/\/[a-z.]*localhost:(\d+)\S*/g)]
  expect(addresses).toHaveLength(6)
  for (const [, printed] of addresses) expect(Number(printed)).toBe(port)
  const here = `http://127.0.0.1:${port}`
  const answer = async (path: string): Promise<string> => (await fetch(`${here}${path}`)).text()
  expect(await answer("/")).toContain('<script type="module" src="/main.tsx">')
  expect(await answer("/meeting/api.ts")).toContain("unreachableSaid")
  expect(JSON.parse(await answer("/readyz"))).toMatchObject({ ready: true })
  const post = (path: string, body: object, headers: Record<string, string>): Promise<Response> =>
    fetch(`${here}/api/v1${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Origin: here, ...headers },
      body: JSON.stringify(body),
    })
  const token = /chair\.localhost:\d+\/enter#(\S+)/.exec(said)![1]!
  const signedIn = await post("/session", { token }, {})
  expect(signedIn.status).toBe(201)
  const Cookie = signedIn.headers.get("set-cookie")!.split(";")[0]!
  const joined = await post("/drafts/early-warning/join", {}, { Cookie })
  const { clientId, pass } = (await joined.json()) as { clientId: number; pass: string }
  // Its origin is the page's own address, so the server behind must hear by which name it was asked.
  const Host = `chair.localhost:${port}`
  const socket = new WebSocket(`ws://127.0.0.1:${port}/sync/early-warning?client=${clientId}&pass=${pass}&v=1`, {
    headers: { Cookie, Host, Origin: `http://${Host}` },
    handshakeTimeout: 5_000,
  })
  await once(socket, "open")
  socket.close()
  expect(command(["invite", "--role", "observer", "--data", data]).out).toContain(`http://localhost:${port}/enter#`)
  expect(await stop()).toEqual({ code: 0, isStopped: true })
  await expect(fetch(`${here}/`)).rejects.toThrow()
})

it("[DEV1] ended as soon as it runs it leaves nothing behind that does", async () => {
  const { stop } = await working()
  expect(await stop()).toEqual({ code: 0, isStopped: true })
})

import { spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:net"
import { expect, it } from "vitest"
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

it("[DEV1] one command serves the page and what is behind it at one address, as it is printed, and leaves nothing that runs", async () => {
  const [port, data] = [await freePort(), newFolder()]
  const child = spawn(process.execPath, [`${home}server/dev.mjs`, "--port", String(port), "--data", data], {
    stdio: ["ignore", "pipe", "pipe"],
  })
  let said = ""
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (part: Buffer) => {
      said += part.toString()
    })
  try {
    await expect.poll(() => said, { timeout: 45_000, interval: 100 }).toContain("Ctrl+C stops.")
    const addresses = [...said.matchAll(/http:\/\/[a-z.]*localhost:(\d+)\S*/g)]
    expect(addresses).toHaveLength(6)
    for (const [, printed] of addresses) expect(Number(printed)).toBe(port)
    const here = `http://127.0.0.1:${port}`
    const answer = async (path: string): Promise<string> => (await fetch(`${here}${path}`)).text()
    expect(await answer("/")).toContain('<script type="module" src="/main.tsx">')
    expect(await answer("/api.ts")).toContain("unreachableSaid")
    expect(JSON.parse(await answer("/readyz"))).toMatchObject({ ready: true })
    const chair = `chair.localhost:${port}`
    const token = /chair\.localhost:\d+\/enter#(\S+)/.exec(said)![1]!
    const signedIn = await fetch(`${here}/api/v1/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Origin: here },
      body: JSON.stringify({ token }),
    })
    expect(signedIn.status).toBe(201)
    const cookie = signedIn.headers.get("set-cookie")!.split(";")[0]!
    // A browser names the page's own address as origin, and the server behind hears by which name it was asked.
    const joined = await fetch(`${here}/api/v1/drafts/early-warning/join`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Cookie: cookie },
      body: "{}",
    })
    const { clientId, pass } = (await joined.json()) as { clientId: number; pass: string }
    const socket = new WebSocket(`ws://127.0.0.1:${port}/sync/early-warning?client=${clientId}&pass=${pass}&v=1`, {
      headers: { Cookie: cookie, Host: chair, Origin: `http://${chair}` },
    })
    await once(socket, "open")
    socket.close()
    expect(command(["invite", "--role", "observer", "--data", data]).out).toContain(`http://localhost:${port}/enter#`)
  } finally {
    child.kill()
  }
  const [code] = (await once(child, "exit")) as [number]
  expect([code, command(["invite", "--role", "observer", "--data", data]).code]).toEqual([0, 2])
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow()
})

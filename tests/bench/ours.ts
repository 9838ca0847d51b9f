import { mkdtempSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pino } from "pino"
import { readConfig } from "../../server/config.ts"
import type { FileDraft } from "../../server/files/file-draft.ts"
import { readText } from "../../server/files/text.ts"
import { newSecret } from "../../server/people/secrets.ts"
import { startServer } from "../../server/server.ts"
import { openEmbeddedStore, openInlineStore } from "../../server/storage/embedded.ts"

/** Our server with gate and embedded store, in a process of its own, for the benchmarks; its CPU time over HTTP. */
const clients = Number(process.argv[2] ?? "100")
const blocks = Number(process.argv[3] ?? "60")
const text = ["RESOLUTION 1 (Geneva, 2024)", "On measures", "The Council,", "resolves"]
for (let i = 1; i <= blocks; i++)
  text.push(`${i}\tthat the Secretary-General shall report to the Council on the implementation of item ${i} of this resolution;`)
const draft: FileDraft = readText(text.join("\n"))
const data = mkdtempSync(join(tmpdir(), "clausula-bench-"))
const store = process.argv[4] === "inline" ? openInlineStore(data) : openEmbeddedStore(data)
const server = await startServer({
  config: readConfig({ data, port: "0" }, {}),
  store,
  clientFolder: "none",
  version: "bench",
  log: pino({ level: "silent" }),
})
await server.people.addSource({ code: "S", name: "Sweden" })
const id = await server.drafts.create(draft, { id: "bench", enteredBy: "p" })
const open = await server.drafts.open(id)
const seats: { client: number; token: string }[] = []
for (let i = 0; i < clients; i++) {
  const person = `p${i}`
  await server.people.save({ id: person, name: person, role: "delegate", hats: ["S"], isRevoked: false })
  const { cookie } = await server.invitations.enter(
    (await server.invitations.invite({ role: "delegate", hats: ["S"], person, days: 1, token: newSecret() })).token,
    {},
  )
  seats.push({ client: (await server.drafts.join(open, person, "S")).clientId, token: cookie })
}
const cpu = createServer((_request, response) => response.end(JSON.stringify(process.cpuUsage())))
cpu.listen(0, "127.0.0.1", () => {
  const address = cpu.address() as { port: number }
  process.stdout.write(`${JSON.stringify({ port: server.port, cpuPort: address.port, seats })}\n`)
})

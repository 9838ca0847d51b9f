import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type InviteFlags, runCommand, type Services, type Terminal } from "./cli.ts"
import { readConfig, type ServeFlags } from "./config.ts"
import { deskInWorkers } from "./exchange/desk.ts"
import { People } from "./people/people.ts"
import { newSecret } from "./people/secrets.ts"
import { DomainError } from "./problems.ts"
import { openSample, type SampleAddress, sampleSitting } from "./sample.ts"
import { startServer } from "./server.ts"
import { lockDirectory, openEmbeddedStore, openInlineStore } from "./storage/embedded.ts"

/** The package's folder: this file is `dist/server/main.js` in it. */
const home = fileURLToPath(new URL("../..", import.meta.url))
const { version } = JSON.parse(readFileSync(join(home, "package.json"), "utf8")) as { version: string }

const terminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  stdin: () => new Uint8Array(readFileSync(0)),
}

function announce(addresses: readonly SampleAddress[], url: string, isJson: boolean): void {
  if (isJson) return terminal.out(`${JSON.stringify({ url, addresses })}\n`)
  const lines = addresses.map(({ who, name, url: address }) => `  ${`${who} (${name})`.padEnd(38)} ${address}`)
  const sample =
    lines.length > 0
      ? [
          "",
          "Open one address per role; one browser can hold all of them:",
          ...lines,
          "",
          "Ctrl+C stops. The meeting and these addresses stay good after a restart.",
        ]
      : []
  terminal.out([`Clausula ${version} is open at ${url}`, ...sample, ""].join("\n"))
}

async function serve(flags: ServeFlags & { json?: boolean }): Promise<void> {
  const config = readConfig(flags, process.env)
  const release = lockDirectory(config.data)
  const store = openEmbeddedStore(config.data)
  const server = await startServer({
    config,
    store,
    sitting: sampleSitting(new Date()),
    clientFolder: join(home, "dist/client"),
    version,
    desk: deskInWorkers(),
  })
  const addresses = config.hasSample ? await openSample(server, config.data, join(home, "seeds")) : []
  announce(addresses, `http://localhost:${server.port}`, flags.json ?? false)
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      server.stop().then(resolve, reject)
    }
    process.once("SIGTERM", stop)
    process.once("SIGINT", stop)
  })
  release()
}

async function invite(flags: InviteFlags): Promise<{ token: string; expiresAt: string }> {
  if (!existsSync(join(flags.data, "clausula.db")))
    throw new DomainError("bad-input", `There is no meeting in ${flags.data}. Start it once with \`clausula serve --data ${flags.data}\`.`)
  const store = openInlineStore(flags.data)
  const people = await People.open(store, () => new Date())
  const hats = flags.source ? [flags.source] : []
  if (flags.source && !people.sources().some((source) => source.code === flags.source))
    await people.addSource({ code: flags.source, name: flags.sourceName ?? flags.source })
  const person = flags.name ? `p-${newSecret().slice(0, 16)}` : null
  const own = flags.role === "chair" ? ["CHAIR"] : flags.role === "secretary" ? ["SEC"] : hats
  if (person && flags.name) await people.save({ id: person, name: flags.name, role: flags.role, hats: own, isRevoked: false })
  const made = await people.invite({ role: flags.role, hats, person, days: flags.days })
  await store.close()
  return made
}

const services: Services = { serve, invite }

try {
  process.exitCode = await runCommand(process.argv.slice(2), terminal, services, version)
} catch (error) {
  terminal.err(`clausula: ${(error as Error).stack}\n`)
  process.exitCode = 1
}
// A listening server or a store's worker must not keep a failed command alive.
if (process.exitCode !== 0) process.exit()

import { readFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { runCommand } from "./cli.ts"
import { type Services, type Terminal, writeAnswer } from "./commands/terminal.ts"
import { acceptLosses, demandMeeting, verify } from "./commands/verify.ts"
import { type Config, readConfig, type ServeFlags } from "./config.ts"
import { errorOutput, LogLines } from "./log-lines.ts"
import { systemClock } from "./pace/clock.ts"
import { Meeting } from "./people/meeting.ts"
import { DomainError } from "./problems.ts"
import { openSample, type SampleAddress } from "./sample.ts"
import { portProblem, startServer } from "./server.ts"
import { addressFor, keepAddress, keptAddress } from "./storage/address.ts"
import { expected, openEmbeddedStore, openInlineStore } from "./storage/embedded.ts"
import { storeFailure } from "./storage/failures.ts"
import { lockDirectory } from "./storage/lock.ts"
import { deskInWorkers } from "./workers/desk.ts"

/** The package's folder: this file is `dist/server/main.js` in it. */
const home = fileURLToPath(new URL("../..", import.meta.url))
const { version } = JSON.parse(readFileSync(join(home, "package.json"), "utf8")) as { version: string }

const terminal: Terminal = {
  out: (content) => writeAnswer(1, content),
  err: (text) => {
    try {
      writeAnswer(2, text)
    } catch (error) {
      // There is nowhere left to say it; the exit code tells.
      if (!(error instanceof DomainError)) throw error
    }
  },
  stdin: () => new Uint8Array(readFileSync(0)),
}

function announce(addresses: readonly SampleAddress[], url: string, isJson: boolean): void {
  const say = (text: string): void => {
    try {
      terminal.out(text)
    } catch (error) {
      // Nobody in the meeting needs what is said there: they are served.
      if (!(error instanceof DomainError)) throw error
      terminal.err(`clausula: ${error.message} The server runs at ${url} all the same.\n`)
    }
  }
  if (isJson) return say(`${JSON.stringify({ url, addresses })}\n`)
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
  say([`Clausula ${version} is open at ${url}`, ...sample, ""].join("\n"))
}

/** The lines of the log; what waits as the process ends is written then. */
function linesOfLog(): LogLines {
  const { write, last } = errorOutput()
  const lines = new LogLines(write, systemClock.now)
  process.once("exit", () => lines.end(last))
  return lines
}

async function serve(flags: ServeFlags & { json?: boolean }): Promise<void> {
  const config = readConfig(flags, process.env)
  try {
    await served(config, flags.json ?? false)
  } catch (error) {
    throw storeFailure(error, config.data)
  }
}

/** A folder is touched only by who can listen. */
function demandPort({ port, host }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once("error", (error: NodeJS.ErrnoException) => reject(portProblem(error, { port, host })))
    probe.listen(port, host, () => probe.close(() => resolve()))
  })
}

async function served(config: Config, isJson: boolean): Promise<void> {
  await demandPort(config)
  const release = lockDirectory(config.data)
  const store = openEmbeddedStore(config.data)
  const server = await startServer({
    config,
    store,
    clientFolder: join(home, "dist/client"),
    version,
    desk: deskInWorkers(),
    logLines: linesOfLog(),
  })
  const forgetAddress = keepAddress(config.data, addressFor(config, server.port))
  const addresses = config.hasSample ? await openSample(server, config.data, join(home, "seeds")) : []
  // Whoever is told that it runs may stop it at once.
  const stopped = new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      server.stop().then(resolve, reject)
    }
    process.once("SIGTERM", stop)
    process.once("SIGINT", stop)
  })
  announce(addresses, `http://localhost:${server.port}`, isJson)
  await stopped
  forgetAddress()
  release()
}

/** Does something with the meeting in a folder, also beside the server that runs it: that one takes it in by itself. */
async function beside<Result>(data: string, work: (meeting: Meeting) => Promise<Result>): Promise<Result> {
  demandMeeting(data)
  const store = openInlineStore(data, { ...expected(data), isBeside: true })
  try {
    return await work(await Meeting.open(store, () => new Date()))
  } finally {
    await store.close()
  }
}

const services: Services = {
  serve,
  beside,
  address: keptAddress,
  verify,
  acceptLoss: (data, draft) => acceptLosses(data, draft, new Date().toISOString()),
}

try {
  process.exitCode = await runCommand(process.argv.slice(2), terminal, services, version)
} catch (error) {
  const { message, stack } = error as Error
  const hint = process.env.CLAUSULA_LOG === "debug" ? `\n${stack}` : " CLAUSULA_LOG=debug tells more; please report it."
  terminal.err(`clausula: something failed that nobody expected: ${message}.${hint}\n`)
  process.exitCode = 1
}
// A listening server or a store's worker must not keep a failed command alive.
if (process.exitCode !== 0) process.exit()

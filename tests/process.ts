import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"

export const home = fileURLToPath(new URL("..", import.meta.url))
const program = `${home}dist/server/main.js`

export interface Serving {
  readonly child: ChildProcess
  readonly url: string
  readonly addresses: readonly { who: string; name: string; url: string }[]
}

/** Starts the built server as a process of its own; resolves when it listens. */
export function serve(args: readonly string[]): Promise<Serving> {
  const child = spawn(process.execPath, [program, "serve", "--json", ...args], { stdio: ["ignore", "pipe", "pipe"] })
  return new Promise((resolve, reject) => {
    let out = ""
    let err = ""
    child.stderr.on("data", (data: Buffer) => {
      err += data.toString()
    })
    child.stdout.on("data", (data: Buffer) => {
      out += data.toString()
      if (!out.includes("\n")) return
      const { url, addresses } = JSON.parse(out) as { url: string; addresses: Serving["addresses"] }
      resolve({ child, url: url.replace("localhost", "127.0.0.1"), addresses })
    })
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${err}`)))
  })
}

/** Kills a process as a power cut would; resolves when it is gone. */
export const kill = ({ child }: Serving, signal: NodeJS.Signals = "SIGKILL"): Promise<number | null> =>
  new Promise((resolve) => {
    child.once("exit", (code) => resolve(code))
    child.kill(signal)
  })

/** Runs the built command line; what it printed and its exit code. */
export function command(
  args: readonly string[],
  input?: string,
  env: Readonly<Record<string, string>> = {},
): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: "utf8",
    env: { ...process.env, ...env },
    ...(input === undefined ? {} : { input }),
    maxBuffer: 64 * 1024 * 1024,
  })
  return { code: status, out: stdout, err: stderr }
}

/** The same without holding up this process: for commands beside a server that one speaks to as well. */
export function commandBeside(args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] })
  const said = { out: "", err: "" }
  for (const [stream, name] of [
    [child.stdout, "out"],
    [child.stderr, "err"],
  ] as const)
    stream.on("data", (data: Buffer) => {
      said[name] += data.toString()
    })
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, ...said })))
}

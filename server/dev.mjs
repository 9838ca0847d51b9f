// `npm run dev`: the drafting room while one works on it. The compiler and the server begin again at every change of shared/ and server/, the page at
// every change of client/ and shared/. Plain JavaScript, for it runs before the build.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createServer as createProbe } from "node:net"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { ensureInstalled, ensureServerBuilt, home } from "./ready.mjs"

/** The flags of `serve`, and the port among them: the page has that one, the server behind it another. */
function portAmong(flags) {
  const others = [...flags]
  const at = others.findIndex((flag) => flag === "--port" || flag.startsWith("--port="))
  const taken = at < 0 ? [] : others.splice(at, others[at] === "--port" ? 2 : 1)
  const port = taken.length > 0 ? (taken[1] ?? taken[0].replace("--port=", "")) : process.env.CLAUSULA_PORT?.trim() || "8080"
  if (/^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) <= 65_535) return { port: Number(port), others }
  console.error(`clausula: The port is ${port}; it must be a number from 1 to 65535.`)
  process.exit(2)
}

async function freePort() {
  const probe = createProbe().listen(0, "127.0.0.1")
  await once(probe, "listening")
  const { port } = probe.address()
  probe.close()
  await once(probe, "close")
  return port
}

const { port, others } = portAmong(process.argv.slice(2))
ensureInstalled()
ensureServerBuilt()
const tsc = join(home, "node_modules/typescript/bin/tsc")
const behind = await freePort()

// It is here only once the packages are.
const { createServer } = await import("vite")
const target = `http://127.0.0.1:${behind}`
const page = await createServer({
  configFile: join(home, "client/vite.config.mjs"),
  logLevel: "warn",
  server: {
    host: "127.0.0.1",
    port,
    strictPort: true,
    // Each role has a host name of its own, by which the server knows whose page asks: it is passed on as it came.
    proxy: Object.fromEntries(
      ["^/api/", "^/sync/", "^/public/", "^/(healthz|readyz|metrics)$"].map((path) => [path, { target, ws: path === "^/sync/" }]),
    ),
  },
})
try {
  await page.listen()
} catch (error) {
  console.error(`clausula: ${error.message}. Give another port: npm run dev -- --port ${port + 1}`)
  process.exit(2)
}

const server = spawn(
  process.execPath,
  ["--watch", "--watch-preserve-output", "dist/server/main.js", "serve", "--sample"].concat(
    ["--port", String(behind), "--origin", `http://localhost:${port}`],
    others,
  ),
  // Ctrl+C reaches all that the terminal runs: asked twice to stop, by us too, the server would not get to its end.
  { cwd: home, stdio: ["ignore", "pipe", "inherit"], detached: process.platform !== "win32" },
)
// What the server says of itself is true of the page, which stands before it.
createInterface({ input: server.stdout }).on("line", (line) => console.log(line.replaceAll(`:${behind}`, `:${port}`)))

let compiler = null
let isStale = false

/** Compiles what is stale, and again where something changed meanwhile. The server begins again by itself once its files are others. */
function compile() {
  isStale = compiler !== null
  if (isStale) return
  compiler = spawn(process.execPath, [tsc, "-b", "shared", "server", "client"], { cwd: home, stdio: ["ignore", "inherit", "inherit"] })
  compiler.once("exit", () => {
    compiler = null
    if (isStale) compile()
  })
}

// The compiler's own watch mode hears of no change on some systems; the page's server watches anyway.
page.watcher.add(["shared", "server"].map((house) => join(home, house)))
page.watcher.on("all", (_event, path) => {
  if (/\.tsx?$/.test(path)) compile()
})

let isStopping = false
async function stop(code) {
  if (isStopping) return
  isStopping = true
  process.exitCode = code
  compiler?.kill()
  server.kill()
  await page.close()
}
// The page's server would end the process while the server behind it has not stopped yet.
process.removeAllListeners("SIGTERM")
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => stop(0))
server.once("exit", (code) => stop(code ?? 0))

// Makes a fresh clone ready, with nothing but Node: installs what is missing, builds what is stale. Plain JavaScript, for it runs before the build.
import { spawnSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export const home = fileURLToPath(new URL("..", import.meta.url))
const windows = process.platform === "win32"

function run(command, args) {
  const done = spawnSync(command, args, { cwd: home, stdio: ["ignore", 2, 2], shell: windows })
  if (done.status !== 0) throw new Error(`\`${[command, ...args].join(" ")}\` failed (${done.error?.message ?? `exit ${done.status}`})`)
}

/** Installs the locked packages where they are missing or others. */
export function ensureInstalled() {
  const lock = readFileSync(join(home, "package-lock.json"), "utf8")
  const mark = join(home, "node_modules/.clausula-lock")
  if (existsSync(mark) && readFileSync(mark, "utf8") === lock) return
  console.error("Installing packages ...")
  run("npm", ["ci", "--no-audit", "--no-fund"])
  writeFileSync(mark, lock)
}

function newestIn(path) {
  const stats = statSync(path)
  if (!stats.isDirectory()) return stats.mtimeMs
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newestIn(join(path, name))))
}

const sources = ["shared", "server", "client", "package.json", "package-lock.json", ".tsconfig.base.json"]

function buildServer() {
  run(process.execPath, [join(home, "node_modules/typescript/bin/tsc"), "-b", "shared", "server"])
}

/** Builds the server alone, as far as it is stale: the compiler knows. */
export function ensureServerBuilt() {
  console.error("Building ...")
  buildServer()
}

/** Builds server and client where a source is newer than the last build. */
export function ensureBuilt() {
  const mark = join(home, "dist/.built")
  const newest = Math.max(...sources.map((name) => newestIn(join(home, name))))
  if (existsSync(mark) && statSync(mark).mtimeMs >= newest) return
  console.error("Building ...")
  buildServer()
  run(process.execPath, [join(home, "node_modules/vite/bin/vite.js"), "build", "--config", "client/vite.config.mjs", "--logLevel", "warn"])
  writeFileSync(mark, "")
}

export function ensureReady() {
  ensureInstalled()
  ensureBuilt()
}

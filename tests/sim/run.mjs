// `npm run sim -- [--seconds 900] [--operations 2000000] [--seed N] [--keep FOLDER]`, `-- --replay FILE`, `-- --shrink FILE`: the whole system under one
// scheduler. Prints operations, their rate, seeds and failures; exit 1 where a law fails.
import { spawnSync } from "node:child_process"
import { ensureInstalled, home } from "../../server/ready.mjs"

ensureInstalled()
const built = spawnSync(
  process.execPath,
  ["node_modules/vite/bin/vite.js", "build", "--config", "tests/sim/vite.config.mjs", "--logLevel", "error"],
  { cwd: home, stdio: ["ignore", 2, 2] },
)
if (built.status !== 0) process.exit(1)
const { status } = spawnSync(process.execPath, ["dist/sim/main.js", ...process.argv.slice(2)], { cwd: home, stdio: "inherit" })
process.exitCode = status ?? 1

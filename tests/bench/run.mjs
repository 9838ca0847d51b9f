// `npm run bench [-- --json] [-- P2 P6 P8 P10 E1]`: each measure against its peers in the same run, as a table or as JSON.
import { spawnSync } from "node:child_process"
import { ensureReady, home } from "../../server/ready.mjs"

ensureReady()
const config = "tests/bench/vite.config.mjs"
const built = spawnSync(process.execPath, ["node_modules/vite/bin/vite.js", "build", "--config", config, "--logLevel", "error"], {
  cwd: home,
  stdio: ["ignore", 2, 2],
})
if (built.status !== 0) process.exit(1)
const { status } = spawnSync(process.execPath, ["dist/bench/main.js", ...process.argv.slice(2)], { cwd: home, stdio: "inherit" })
process.exitCode = status ?? 1

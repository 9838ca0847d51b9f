import { spawn } from "node:child_process"

/**
 * Runs a command for at most `minutes`, then ends it with every process that it started: one that goes on for ever would else hold what waits for it.
 * `status` is its exit code, null where a signal ended it.
 */
export function runWithin(minutes, command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, detached: true })
    let isEndless = false
    const end = () => {
      try {
        process.kill(-child.pid, "SIGKILL")
      } catch {
        // It ended by itself meanwhile.
      }
    }
    const timer = setTimeout(() => {
      isEndless = true
      end()
    }, minutes * 60_000)
    const interrupted = () => {
      end()
      process.exit(130)
    }
    process.once("SIGINT", interrupted).once("SIGTERM", interrupted)
    child.once("error", reject).once("exit", (status) => {
      clearTimeout(timer)
      process.off("SIGINT", interrupted).off("SIGTERM", interrupted)
      resolve({ status, isEndless })
    })
  })
}

import { spawnSync } from "node:child_process"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A folder for what a judge is given and what it says. */
export const newFolder = (): string => mkdtempSync(join(tmpdir(), "clausula-judge-"))

/** Runs a program that others wrote; what it prints. Throws where it fails. */
export function judge(program: string, args: readonly string[], input?: Uint8Array): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { input, maxBuffer: 256 * 1024 * 1024, timeout: 120_000 })
  if (error || status !== 0) throw new Error(`${program} ${args.join(" ")}: ${error?.message ?? String(stderr).slice(0, 2_000)}`)
  return String(stdout)
}

/** Whether a program is there. In CI it must be. */
export function isThere(program: string): boolean {
  const found = spawnSync(program, ["--version"], { timeout: 60_000 }).error === undefined
  if (!found && process.env.CI) throw new Error(`${program} is not installed, and CI must have it`)
  if (!found) console.log(`skipped: ${program} is not installed`)
  return found
}

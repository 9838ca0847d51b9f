// What a run writes to disk goes into one folder that goes with it: a machine that tests often is not filled up.
import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** Of a run of tests: gives all its processes a temporary folder, and returns what removes it. */
export default function useScratchFolder(): () => void {
  const before = process.env.TMPDIR
  const folder = mkdtempSync(join(tmpdir(), "clausula-tests-"))
  // Some tests run a program as another user: it must get through to its own folder.
  chmodSync(folder, 0o755)
  process.env.TMPDIR = folder
  return () => {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

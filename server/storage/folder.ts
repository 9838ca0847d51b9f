import { mkdirSync } from "node:fs"
import { dirname } from "node:path"
import { standsAt } from "./failures.ts"

/**
 * Makes a folder with those above it that are missing. Node's own way goes on for ever where a file system says of a folder whose parent is there that
 * it is not, as /proc does.
 */
export function makeFolder(path: string): void {
  if (standsAt(path)?.isDirectory()) return
  const above = dirname(path)
  if (above !== path && standsAt(above) === null) makeFolder(above)
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Another process may have come first.
    if (!standsAt(path)?.isDirectory()) throw error
  }
}

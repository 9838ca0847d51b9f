import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Config } from "../config.ts"
import { isHeld } from "./lock.ts"

const fileIn = (directory: string): string => join(directory, "address")

const ofThisMachine = new Set(["localhost", "127.0.0.1", "::1", "0.0.0.0", "::"])

/**
 * The address by which people reach a server that listens on a port: that of its pages where one was given, else its own. Null behind a proxy whose
 * address was not given.
 */
export function addressFor({ origins, isSecure, host }: Pick<Config, "origins" | "isSecure" | "host">, port: number): string | null {
  if (origins[0]) return origins[0]
  if (isSecure) return null
  const name = ofThisMachine.has(host) ? "localhost" : host.includes(":") ? `[${host}]` : host
  return `http://${name}:${port}`
}

/** Says in a folder where its server is reached, for commands beside it; gives what takes that away again. */
export function keepAddress(directory: string, address: string | null): () => void {
  const forget = (): void => {
    try {
      rmSync(fileIn(directory), { force: true })
    } catch {
      // What stands there instead says nothing of a server, and is in nobody's way.
    }
  }
  forget()
  try {
    if (address !== null) writeFileSync(fileIn(directory), `${address}\n`)
  } catch {
    // Commands beside it then ask for the address; what a folder that takes no file means is told by the store.
  }
  return forget
}

/** Where the server of a folder is reached; null where none runs, or it does not know. */
export function keptAddress(directory: string): string | null {
  if (!isHeld(directory)) return null
  try {
    if (!statSync(fileIn(directory)).isFile()) return null
    return readFileSync(fileIn(directory), "utf8").trim() || null
  } catch {
    // Whoever needs it is asked for it.
    return null
  }
}

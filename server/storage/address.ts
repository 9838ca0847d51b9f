import { readFileSync, rmSync, writeFileSync } from "node:fs"
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
  const forget = (): void => rmSync(fileIn(directory), { force: true })
  try {
    forget()
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
    return readFileSync(fileIn(directory), "utf8").trim() || null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null
    throw error
  }
}

import { DomainError } from "./problems.ts"

/** How a server is run: from flags, else from the environment, else as here. */
export interface Config {
  readonly data: string
  readonly host: string
  readonly port: number
  /** Addresses of pages that may talk to this server, beside its own: `https://drafting.example.org`. */
  readonly origins: readonly string[]
  /** Behind a proxy that ends TLS: cookies are marked Secure. */
  readonly isSecure: boolean
  readonly proxies: number
  readonly hasSample: boolean
  readonly logLevel: string
  /** How long a room stays in memory that nobody uses, in seconds. */
  readonly roomIdleSeconds: number
}

const loopback = new Set(["localhost", "127.0.0.1", "::1"])

const logLevels: readonly string[] = ["fatal", "error", "warn", "info", "debug", "trace", "silent"]

/** The origin of pages, as browsers write it: no more than a scheme, a host and a port. Throws where it is none. */
function originOf(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : null
  const isOrigin =
    url !== null && /^https?:$/.test(url.protocol) && url.pathname === "/" && `${url.search}${url.hash}${url.username}` === ""
  if (isOrigin) return url.origin
  throw new DomainError(
    "bad-input",
    `“${value}” is no address that pages come from. An origin is written as https://drafting.example.org, with a port where it has one, and nothing behind that.`,
  )
}

export interface ServeFlags {
  readonly data?: string
  readonly host?: string
  readonly port?: string
  readonly origin?: readonly string[]
  readonly secure?: boolean
  readonly insecureLan?: boolean
  readonly sample?: boolean
}

type Env = Readonly<Record<string, string | undefined>>

/** What an environment says; one that is empty says nothing. */
const said = (env: Env, name: string): string | undefined => env[name]?.trim() || undefined

/** Where a meeting is kept if nothing else is said. */
export const dataFolder = (env: Env): string => said(env, "CLAUSULA_DATA") ?? "data"

/** No folder is named by nothing. */
export const noFolder = (): DomainError => new DomainError("bad-input", "Say where the meeting is kept: --data is empty.")

function isSet(env: Env, name: string): boolean {
  const value = said(env, name)
  if (value !== undefined && value !== "0" && value !== "1")
    throw new DomainError("bad-input", `${name} is ${value}; it is 1 for yes, 0 or nothing for no.`)
  return value === "1"
}

function portOf(flags: ServeFlags, env: Env): number {
  const port = flags.port ?? said(env, "CLAUSULA_PORT") ?? "8080"
  if (/^\d{1,5}$/.test(port) && Number(port) <= 65_535) return Number(port)
  throw new DomainError("bad-input", `The port is ${port || "empty"}; it must be a number from 0 to 65535.`)
}

/** The configuration, or a DomainError that says which value is wrong. */
export function readConfig(flags: ServeFlags, env: Env): Config {
  const port = portOf(flags, env)
  if (flags.data === "") throw noFolder()
  const host = flags.host ?? said(env, "CLAUSULA_HOST") ?? "127.0.0.1"
  const isSecure = flags.secure ?? isSet(env, "CLAUSULA_SECURE")
  const isLan = flags.insecureLan ?? isSet(env, "CLAUSULA_INSECURE_LAN")
  if (!loopback.has(host) && !isSecure && !isLan)
    throw new DomainError(
      "bad-input",
      `On ${host} other machines could read what people type, for plain http is not encrypted. Put a TLS proxy before it and pass --secure, or accept that with --insecure-lan.`,
    )
  const roomIdleSeconds = Number(said(env, "CLAUSULA_ROOM_IDLE") ?? "300")
  if (!Number.isFinite(roomIdleSeconds) || roomIdleSeconds < 0)
    throw new DomainError("bad-input", `CLAUSULA_ROOM_IDLE is ${env.CLAUSULA_ROOM_IDLE}; it must be a number of seconds.`)
  const origins = [...(flags.origin ?? []), ...(env.CLAUSULA_ORIGINS?.split(",") ?? [])]
    .map((origin) => origin.trim())
    .filter(Boolean)
    .map(originOf)
  const proxies = Number(said(env, "CLAUSULA_PROXIES") ?? "0")
  if (!Number.isInteger(proxies) || proxies < 0)
    throw new DomainError("bad-input", `CLAUSULA_PROXIES is ${env.CLAUSULA_PROXIES}; it must be a number of proxies.`)
  const logLevel = said(env, "CLAUSULA_LOG") ?? "warn"
  if (!logLevels.includes(logLevel))
    throw new DomainError("bad-input", `CLAUSULA_LOG is ${logLevel}; it is one of ${logLevels.join(", ")}.`)
  return {
    data: flags.data ?? dataFolder(env),
    host,
    port,
    origins,
    isSecure,
    proxies,
    hasSample: flags.sample ?? false,
    logLevel,
    roomIdleSeconds,
  }
}

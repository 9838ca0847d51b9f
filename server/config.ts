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

/** The configuration, or a DomainError that says which value is wrong. */
export function readConfig(flags: ServeFlags, env: Readonly<Record<string, string | undefined>>): Config {
  const port = Number(flags.port ?? env.CLAUSULA_PORT ?? "8080")
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new DomainError("bad-input", `The port is ${flags.port ?? env.CLAUSULA_PORT}; it must be a number from 0 to 65535.`)
  const host = flags.host ?? env.CLAUSULA_HOST ?? "127.0.0.1"
  const isSecure = flags.secure ?? env.CLAUSULA_SECURE === "1"
  const isLan = flags.insecureLan ?? env.CLAUSULA_INSECURE_LAN === "1"
  if (!loopback.has(host) && !isSecure && !isLan)
    throw new DomainError(
      "bad-input",
      `On ${host} other machines could read what people type, for plain http is not encrypted. Put a TLS proxy before it and pass --secure, or accept that with --insecure-lan.`,
    )
  const roomIdleSeconds = Number(env.CLAUSULA_ROOM_IDLE ?? "300")
  if (!Number.isFinite(roomIdleSeconds) || roomIdleSeconds < 0)
    throw new DomainError("bad-input", `CLAUSULA_ROOM_IDLE is ${env.CLAUSULA_ROOM_IDLE}; it must be a number of seconds.`)
  const origins = [...(flags.origin ?? []), ...(env.CLAUSULA_ORIGINS?.split(",") ?? [])]
    .map((origin) => origin.trim())
    .filter(Boolean)
    .map(originOf)
  const proxies = Number(env.CLAUSULA_PROXIES ?? "0")
  if (!Number.isInteger(proxies) || proxies < 0)
    throw new DomainError("bad-input", `CLAUSULA_PROXIES is ${env.CLAUSULA_PROXIES}; it must be a number of proxies.`)
  const logLevel = env.CLAUSULA_LOG ?? "warn"
  if (!logLevels.includes(logLevel))
    throw new DomainError("bad-input", `CLAUSULA_LOG is ${logLevel}; it is one of ${logLevels.join(", ")}.`)
  return {
    data: flags.data ?? env.CLAUSULA_DATA ?? "data",
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

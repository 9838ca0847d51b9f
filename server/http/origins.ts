import type { IncomingMessage } from "node:http"
import type { Config } from "../config.ts"

const ownHost = /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i

/**
 * Whether a request may come from where it says. Browsers always name the page's origin on a websocket and on what changes things; it must be this
 * server's own address or one that the operator named. A client that is no browser names none.
 */
export function isOriginAllowed(request: IncomingMessage, config: Config): boolean {
  const { origin, host } = request.headers
  if (origin === undefined) return true
  if (config.origins.includes(origin)) return true
  const isHostKnown =
    host !== undefined && (ownHost.test(host) || config.host === "0.0.0.0" || config.host === "::" || host.startsWith(config.host))
  return isHostKnown && (origin === `http://${host}` || origin === `https://${host}`)
}

const cookieName = (config: Config): string => (config.isSecure ? "__Host-clausula" : "clausula")

/** No cookie of ours is longer; what is made up is cut. */
const longestCookie = 200

/** The value of the sign-in cookie, or undefined. */
export function cookieOf(request: IncomingMessage, config: Config): string | undefined {
  const name = `${cookieName(config)}=`
  const found = request.headers.cookie?.split(/;\s*/).find((part) => part.startsWith(name))
  return found?.slice(name.length, name.length + longestCookie)
}

/** The Set-Cookie header of a sign-in, or of a sign-out where `value` is null. */
export function setCookie(value: string | null, config: Config): string {
  const attributes = `Path=/; HttpOnly; SameSite=Lax${config.isSecure ? "; Secure" : ""}`
  return `${cookieName(config)}=${value ?? ""}; ${attributes}; Max-Age=${value === null ? 0 : 30 * 86_400}`
}

/**
 * The address that a request comes from. Behind `config.proxies` proxies it is the one that the outermost of them saw; what a client writes before
 * that is not believed.
 */
export function addressOf(request: IncomingMessage, config: Config): string {
  const direct = request.socket.remoteAddress ?? ""
  const told = config.proxies > 0 ? String(request.headers["x-forwarded-for"] ?? "").split(",") : []
  const way = [...told.map((part) => part.trim()).filter(Boolean), direct]
  return way[Math.max(0, way.length - 1 - config.proxies)]!
}

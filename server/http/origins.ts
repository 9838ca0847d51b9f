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

/** The value of the sign-in cookie, or undefined. */
export function cookieOf(request: IncomingMessage, config: Config): string | undefined {
  const name = `${cookieName(config)}=`
  const found = request.headers.cookie?.split(/;\s*/).find((part) => part.startsWith(name))
  return found?.slice(name.length)
}

/** The Set-Cookie header of a sign-in, or of a sign-out where `value` is null. */
export function setCookie(value: string | null, config: Config): string {
  const attributes = `Path=/; HttpOnly; SameSite=Lax${config.isSecure ? "; Secure" : ""}`
  return `${cookieName(config)}=${value ?? ""}; ${attributes}; Max-Age=${value === null ? 0 : 30 * 86_400}`
}

import type { RequestHandler } from "express"
import type { Shares } from "../pace/shares.ts"
import type { Person } from "../people/session.ts"
import { DomainError } from "../problems.ts"

/** Requests of one person that are under way at once; each may hold an answer in memory. */
export const requestsAtOnce = 60
/** How long a request waits for its person's turn before it is answered that it is too early. */
const longestWaitMs = 10_000
/** How long an answer may lie here before its reader takes it. */
const longestUnreadMs = 60_000
/** What it takes to read JSON, for each byte, in ms; measured, and rounded up. */
const msPerByte = 20 / 1_000_000

/** Requests in their person's turn, so many at once; answers that nobody reads are dropped (rule HTTP7). */
export function patience(shares: Shares): RequestHandler {
  const underWay = new Map<string, number>()
  return async (request, response, next) => {
    const person = response.locals.person as Person | null
    response.on("prefinish", () => {
      // Of one whose reader went away before it was ready no close will be heard any more.
      if (response.closed) return
      const timer = setTimeout(() => response.destroy(), longestUnreadMs).unref()
      response.on("close", () => clearTimeout(timer))
    })
    if (!person) return next()
    const { id } = person
    const own = underWay.get(id) ?? 0
    if (own >= requestsAtOnce) throw new DomainError("too-many", `You have ${own} requests under way. Wait until some are answered.`)
    underWay.set(id, own + 1)
    response.once("close", () => {
      const left = (underWay.get(id) ?? 1) - 1
      if (left > 0) underWay.set(id, left)
      else underWay.delete(id)
    })
    const wait = shares.wait(id)
    if (wait > longestWaitMs) {
      const seconds = Math.ceil(wait / 1_000)
      throw new DomainError("too-many", `The server is still busy with what you asked for. Ask again in ${seconds} seconds.`, { seconds })
    }
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    shares.charge(id, msPerByte * Number(request.headers["content-length"] ?? 0) * (request.is("json") ? 1 : 0))
    next()
  }
}

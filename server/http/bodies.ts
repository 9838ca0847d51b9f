import express, { type RequestHandler, raw } from "express"
import type { RouteName } from "../../shared/api/contract.ts"
import { largestFile } from "../files/read-file.ts"
import type { Person } from "../people/session.ts"
import { DomainError } from "../problems.ts"

/** Largest JSON bodies in bytes: of a stranger, of most routes, of those that name up to 5,000 changes as they were seen, of a comment with its quote. */
const jsonLimits = { stranger: 4_096, most: 65_536, lists: 1_048_576, quotes: 131_072 } as const
const limitOf: Partial<Record<RouteName, number>> = {
  signIn: jsonLimits.stranger,
  lookAtInvitation: jsonLimits.stranger,
  decide: jsonLimits.lists,
  withdraw: jsonLimits.lists,
  attribute: jsonLimits.lists,
  comment: jsonLimits.quotes,
}

/** Files on their way in at once: of one person, and of all, for each is held in memory until it is whole. */
export const filesAtOnce = { ofPerson: 6, inAll: 24 } as const

/** Reads the bodies of requests, of people only whom the door has let in. */
export class Bodies {
  readonly #onTheWay = new Map<string, number>()
  #inAll = 0

  /** Reads the body of a route's requests. */
  reader(name: RouteName, takesFile: boolean): RequestHandler[] {
    if (!takesFile) return [express.json({ limit: limitOf[name] ?? jsonLimits.most, strict: false })]
    return [this.#oneOfFew, raw({ type: () => true, limit: largestFile })]
  }

  readonly #oneOfFew: RequestHandler = (_request, response, next) => {
    const { id } = response.locals.person as Person
    const own = this.#onTheWay.get(id) ?? 0
    if (own >= filesAtOnce.ofPerson)
      throw new DomainError("too-many", `You are sending ${own} files already. Wait until one of them is done, then send this one.`)
    if (this.#inAll >= filesAtOnce.inAll)
      throw new DomainError("too-many", "Many files are being sent to this server just now. Send yours again in a moment.")
    this.#onTheWay.set(id, own + 1)
    this.#inAll++
    response.once("close", () => {
      this.#inAll--
      const left = (this.#onTheWay.get(id) ?? 1) - 1
      if (left > 0) this.#onTheWay.set(id, left)
      else this.#onTheWay.delete(id)
    })
    next()
  }
}

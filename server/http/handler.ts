import type { Request, Response } from "express"
import type { Person } from "../rooms/session.ts"

/** A request as a handler gets it: checked against the contract, with who asks. */
export interface Call {
  readonly request: Request
  readonly response: Response
  readonly person: Person
  readonly body: unknown
  readonly query: unknown
  readonly draft: string
}
/** Answers a request; `undefined` where it has answered by itself, or there is nothing to say. */
export type Handler = (call: Call) => Promise<unknown> | unknown

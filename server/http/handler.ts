import type { Request, Response } from "express"
import type { Person } from "../rooms/session.ts"
import type { Asker } from "../turns.ts"

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

/** Work for somebody who waits for it: it ends where they go away. */
export async function whileThere<Result>({ response, person }: Call, work: (asker: Asker) => Promise<Result>): Promise<Result> {
  const gone = new AbortController()
  const onClose = (): void => gone.abort()
  response.on("close", onClose)
  try {
    return await work({ person: person.id, signal: gone.signal })
  } finally {
    response.off("close", onClose)
  }
}

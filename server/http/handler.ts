import type { Request, Response } from "express"
import { damageHeader } from "../../shared/api/contract.ts"
import { damageOf } from "../damage.ts"
import type { Drafts, OpenDraft } from "../drafts/drafts.ts"
import type { Asker } from "../pace/turns.ts"
import type { Person } from "../people/session.ts"

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

/** Opens the draft of a call. What is read of a damaged one may be shorter than it was, and looks whole: the answer says so. */
export async function openedFor({ draft: id, response }: Call, drafts: Drafts): Promise<OpenDraft> {
  const draft = await drafts.open(id)
  const damage = damageOf(draft.proof)
  if (damage) response.setHeader(damageHeader, damage.sentence.replace(/[^ -~]/g, "?"))
  return draft
}

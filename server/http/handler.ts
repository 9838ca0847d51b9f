import type { Request, Response } from "express"
import { type Answer, type CheckedBody, type CheckedQuery, damageHeader, type Params, type RouteName } from "../../shared/api/contract.ts"
import { damageOf } from "../damage.ts"
import type { Drafts } from "../drafts/drafts.ts"
import type { OpenDraft } from "../drafts/open-draft.ts"
import type { Asker } from "../pace/turns.ts"
import type { Person } from "../people/session.ts"

/** A request as a handler gets it: checked against the contract, with who asks. */
export interface Call<Name extends RouteName = RouteName> {
  readonly request: Request
  readonly response: Response
  readonly person: Person
  readonly body: CheckedBody<Name>
  readonly query: CheckedQuery<Name>
  readonly params: Params<Name>
  readonly draft: string
}

/** What a handler gives that has answered by itself: with a file, or as it was asked. */
export const answered = { byItself: true } as const
export type Answered = typeof answered
/** Answers a request as the contract says. */
export type Handler<Name extends RouteName> = (call: Call<Name>) => Promise<Answer<Name> | Answered> | Answer<Name> | Answered
export type Handlers<Names extends RouteName = RouteName> = { readonly [Name in Names]: Handler<Name> }

/** What handlers need of a call, whatever its route. */
export type AnyCall = Pick<Call, "response" | "person" | "draft">

/** Work for somebody who waits for it: it ends where they go away. */
export async function whileThere<Result>({ response, person }: AnyCall, work: (asker: Asker) => Promise<Result>): Promise<Result> {
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
export async function openedFor({ draft: id, response }: AnyCall, drafts: Drafts): Promise<OpenDraft> {
  const draft = await drafts.open(id)
  const damage = damageOf(draft.proof)
  if (damage) response.setHeader(damageHeader, damage.sentence.replace(/[^ -~]/g, "?"))
  return draft
}

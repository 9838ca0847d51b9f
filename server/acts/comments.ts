/** Comments of those who meet: begun, answered, resolved. */

import type { Remark } from "../../shared/comments/thread.ts"
import { mayResolve } from "../../shared/policy/policy.ts"
import { addressBook } from "../decisions/address-book.ts"
import type { Person } from "../people/session.ts"
import type { ActsOnDraft, Procedure } from "./procedure.ts"
import { beginThread, replyTo, setResolved, threadOf } from "./threads.ts"

export const comments = (procedure: Procedure) => {
  const remark = (person: Person, source: string, text: string): Remark => ({
    person: person.id,
    source,
    text,
    at: procedure.now().toISOString(),
  })

  return {
    comment: async (asker, draft, { as, anchor, text, after }) => {
      await procedure.settle(asker, draft, after)
      return procedure.turn(asker, draft, (gate, person) => {
        const actor = procedure.actor(person, as)
        procedure.allow("comment", actor, draft)
        const source = procedure.sourceOf(actor)
        const { row, id, block } = beginThread(gate, anchor, remark(person, source, text))
        const details = {
          thread: id,
          block,
          address: addressBook(gate)(block),
          ...(anchor.on === "words" ? { quote: anchor.quote } : {}),
          text,
        }
        return { row, entry: procedure.entry("comment", person, source, details), answer: { id } }
      })
    },

    reply: async (asker, draft, { as, text }, { thread }) =>
      procedure.turn(asker, draft, (gate, person) => {
        const actor = procedure.actor(person, as)
        procedure.allow("comment", actor, draft)
        const source = procedure.sourceOf(actor)
        const row = replyTo(gate, thread, remark(person, source, text))
        return { row, entry: procedure.entry("reply", person, source, { thread, text }), answer: { id: thread } }
      }),

    resolveThread: async (asker, draft, { as, resolved }, { thread }) =>
      procedure.turn(asker, draft, (gate, person) => {
        const actor = procedure.actor(person, as)
        procedure.demand(mayResolve(actor, threadOf(gate, thread).remarks[0]?.source ?? "", draft.room.meta))
        const row = setResolved(gate, thread, resolved)
        const entry = procedure.entry(resolved ? "resolve" : "reopen", person, actor.hat ?? "", { thread })
        return { row, entry, answer: { id: thread, resolved } }
      }),
  } satisfies ActsOnDraft<"comment" | "reply" | "resolveThread">
}

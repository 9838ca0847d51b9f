/** The chair's verdict on changes. */
import type { Answer } from "../../shared/api/contract.ts"
import type { Verdict } from "../../shared/changes/effects.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import { addressBook } from "../decisions/address-book.ts"
import type { Seen } from "../decisions/as-seen.ts"
import { seenNow } from "../decisions/as-seen.ts"
import { decideChanges } from "../decisions/decide.ts"
import type { Decided, Terms } from "../decisions/decided.ts"
import { type DecisionRecord, recordOf } from "../decisions/decision-record.ts"
import { fatesTold } from "../decisions/fates.ts"
import type { Gate } from "../gate/gate.ts"
import type { Person } from "../people/session.ts"
import type { Performed } from "../rooms/performed.ts"
import type { ActsOnDraft, Procedure } from "./procedure.ts"

export const decisions = (procedure: Procedure) =>
  ({
    decide: async (asker, draft, request) => {
      await procedure.settle(asker, draft, request.after)
      return procedure.turn(asker, draft, (gate, person) => {
        const actor = procedure.actor(person, person.role === "chair" ? "CHAIR" : "SEC")
        procedure.allow("decide", actor, draft)
        const terms = {
          isPartial: request.partial ?? false,
          isTogether: request.together ?? false,
          ends: request.ends && new Set(request.ends),
          waits: request.waits && new Set(request.waits),
        }
        return decision(procedure, gate, { person, source: actor.hat, verdict: request.verdict, seen: request.changes, terms })
      })
    },
  }) satisfies ActsOnDraft<"decide">

/** A verdict that somebody gives for a source, on changes as they were seen. */
interface VerdictAsked {
  readonly person: Person
  readonly source: string
  readonly verdict: Verdict
  readonly seen: readonly Seen[]
  readonly terms: Terms
}

function* decision(procedure: Procedure, gate: Gate, asked: VerdictAsked): Sliced<Performed<Answer<"decide">>> {
  const { performed, done } = yield* carryOut(procedure, gate, asked)
  return { ...performed, answer: answerOf(done) }
}

/** Carries out a verdict, and says what the record keeps of it and who is told: of the chair's, and of a source that withdraws its own. */
export function* carryOut(
  procedure: Procedure,
  gate: Gate,
  { person, source, verdict, seen, terms }: VerdictAsked,
): Sliced<{ performed: Omit<Performed<unknown>, "answer">; done: Decided; record: DecisionRecord }> {
  const address = addressBook(gate)
  const done = yield* decideChanges(gate, seen, verdict, terms)
  const record = recordOf(done, address)
  const performed = {
    row: done.row,
    entry: procedure.entry(verdict, person, source, { ...record, touched: done.blocks }),
    decidedBlocks: done.blocks,
    notices: fatesTold(done, verdict, procedure.byWhom(person, verdict), address),
  }
  return { performed, done, record }
}

const answerOf = (done: Decided): Answer<"decide"> => ({
  decided: done.decided.map((change) => change.id),
  identical: done.identical.map((change) => change.id),
  overtaken: done.overtaken.map((change) => change.id),
  competing: done.competing.map(({ kind, changes }) => ({ kind, changes: [...changes] })),
  stale: done.stale.map((change) => seenNow(change, done.sight)),
  gone: [...done.gone],
  superseded: done.superseded.map((change) => change.id),
  lapsed: [...done.lapsed],
  effective: done.effective.map((change) => change.id),
  inPart: [...done.inPart],
  struck: [...done.struck],
  noted: [...done.decided, ...done.identical].flatMap(({ id }) => (done.noted.has(done.by.get(id) ?? id) ? [id] : [])),
  parts: [...done.parts].map(([change, { rest }]) => ({ change, rest })),
})

/**
 * Taking back what the record says was decided (BACK3). The record is read before the act has its turn, for what was decided is worked out from the log,
 * beside the meeting; so an act by which somebody decides between is the record read again and all of it worked out anew. What stands in the way is said
 * at once and whole: `allThatComesFirst` tries on a copy what must be taken back before.
 */
import type { Answer } from "../../shared/api/contract.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import { isDecision } from "../../shared/changes/taken-back.ts"
import { type Actor, mayWithdraw } from "../../shared/policy/policy.ts"
import { addressBook } from "../decisions/address-book.ts"
import { noticesOf, reopenedTold } from "../decisions/fates.ts"
import { type Asked, refusalOf } from "../decisions/first-back.ts"
import { Mismatch } from "../decisions/proven.ts"
import { type AllTakenBack, type Around, actOf, isBlocked, type Step, stepsOf, takeAllBack } from "../decisions/steps-back.ts"
import { demandDecisionOn, InTheWay, inexact, refusal } from "../decisions/taking.ts"
import type { History } from "../drafts/history.ts"
import { demandWhole, type OpenDraft } from "../drafts/open-draft.ts"
import type { Gate } from "../gate/gate.ts"
import type { Person } from "../people/session.ts"
import { DomainError } from "../problems.ts"
import type { Performed } from "../rooms/performed.ts"
import type { StoredEntry } from "../storage/store.ts"
import { type ActsOnDraft, namedInEntry, type Procedure, type Right } from "./procedure.ts"

/** So often an act is worked out anew where others decide between. */
const mostTries = 10

/** Another act was done between the reading of the record and the turn of what was worked out from it. */
class DecidedMeanwhile extends DomainError {
  constructor() {
    super("conflict", "Others are deciding on this draft at this moment, so nothing was changed. Try again.")
  }
}

/** The entry that is to be taken back; with a change only that of it. */
type Target = Pick<Asked, "n" | "change">

/** A withdrawal is taken back by the right by which it was made, a decision by the chair's (BACK3). */
const rightToTakeBack = ({ act }: StoredEntry): Right => (act === "withdraw" ? "of its source" : "of the chair")

export const takingBack = (procedure: Procedure, history: History) => {
  /** Throws where a person may not take an entry back. */
  const allowedActor = (person: Person, draft: OpenDraft, entry: StoredEntry): Actor => {
    if (rightToTakeBack(entry) === "of the chair") {
      const actor = procedure.inOffice(person)
      procedure.allow("takeBack", actor, draft)
      return actor
    }
    const actor = procedure.actor(person, person.hats.includes(entry.source) ? entry.source : undefined)
    procedure.demand(mayWithdraw(actor, entry.source, draft.room.meta))
    return actor
  }

  const whyNotTheirs = (asker: Person, draft: OpenDraft, entry: StoredEntry): string | null => {
    if (!isDecision(entry)) return null
    try {
      allowedActor(asker, draft, entry)
      return null
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      return entry.act === "withdraw" ? `It is a withdrawal by ${entry.source}, which alone takes that back.` : error.told
    }
  }

  /** Why something cannot be taken back at once, with all that must be taken back before it. */
  const allThatComesFirst = async (asker: Person, draft: OpenDraft, { n, change }: Target, direct: DomainError): Promise<DomainError> => {
    const { first = [] } = direct.details
    if (first.length === 0) return direct
    // What is in the way may have been entered meanwhile.
    await draft.room.recorded()
    const entries = await history.record(draft)
    const notTheirs = entries.flatMap((entry): [number, string][] => {
      const why = entry.n < n ? null : whyNotTheirs(asker, draft, entry)
      return why === null ? [] : [[entry.n, why]]
    })
    const row = entries.find((entry) => entry.n === n)!.row!
    try {
      const found = await history.comesFirst(draft, row, entries, { n, change, notTheirs }, { person: asker.id })
      return refusalOf({ n, change }, found, direct)
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      // The history is too long to be tried: then one after the other is named.
      return new DomainError("conflict", `${direct.told} Others may have to be taken back before that; it is said then.`, direct.details)
    }
  }

  const takeBack = async (
    asker: Person,
    draft: OpenDraft,
    entries: readonly StoredEntry[],
    target: Target,
    demandSame: () => void,
  ): Promise<Answer<"takeBack">> => {
    const { n, change } = target
    const steps: (Step & Around)[] = []
    for (const step of stepsOf(entries, n, change)) {
      allowedActor(asker, draft, step.taken.entry)
      steps.push({ ...step, ...(await history.around(draft, step.taken.row, { person: asker.id })) })
    }
    const { entry } = steps.find(({ taken }) => taken.entry.n === n)!.taken
    const perform = function* (gate: Gate, person: Person): Sliced<Performed<Answer<"takeBack">>> {
      const actor = allowedActor(person, draft, entry)
      demandSame()
      const done = yield* takeAllBack(gate, steps, n)
      if (isBlocked(done)) throw new InTheWay(refusal(done.step.taken, done.obstacles))
      return whatIsOpenAgain(procedure, gate, person, procedure.sourceOf(actor), entry, done)
    }
    try {
      return await procedure.turn(asker, draft, perform)
    } catch (error) {
      if (error instanceof Mismatch) throw inexact()
      if (error instanceof InTheWay) throw await allThatComesFirst(asker, draft, target, error.refusal)
      if (error instanceof DomainError && change !== null && error.details.first !== undefined)
        throw await allThatComesFirst(asker, draft, target, error)
      throw error
    }
  }

  /**
   * Takes back what the record names, anew where another act was done meanwhile: one whose commit is still under way is in no record, and may be the
   * very same.
   */
  const onRecord = async (
    asker: Person,
    draft: OpenDraft,
    targetIn: (entries: readonly StoredEntry[]) => Target,
  ): Promise<Answer<"takeBack">> => {
    for (let tries = 1; ; tries++) {
      const done = await draft.room.recorded()
      const demandSame = (): void => {
        if (draft.room.done !== done) throw new DecidedMeanwhile()
      }
      try {
        const entries = await history.record(draft)
        return await takeBack(asker, draft, entries, targetIn(entries), demandSame)
      } catch (error) {
        if (!(error instanceof DecidedMeanwhile) || tries === mostTries) throw error
      }
    }
  }

  return {
    /** Takes back a decision of the record; a delegation its own withdrawal, the chair all others (BACK3). */
    takeBack: async (asker, draft, { n, after }) => {
      demandWhole(draft)
      await procedure.settle(asker, draft, after)
      return onRecord(asker, draft, () => ({ n, change: null }))
    },

    /** Opens one change again, with what its decision ended; of several that were decided together the others stay decided. */
    reopen: async (asker, draft, { change, after }) => {
      demandWhole(draft)
      await procedure.settle(asker, draft, after)
      return onRecord(asker, draft, (entries) => ({ n: demandDecisionOn(entries, change).n, change }))
    },
  } satisfies ActsOnDraft<"takeBack" | "reopen">
}

function whatIsOpenAgain(
  procedure: Procedure,
  gate: Gate,
  person: Person,
  source: string,
  taken: StoredEntry,
  done: AllTakenBack,
): Performed<Answer<"takeBack">> {
  const { act, details } = actOf(taken.n, done)
  const right = rightToTakeBack(taken)
  const address = addressBook(gate)
  const reopened = done.reopened.map((change) => namedInEntry(change, address))
  const waiting = done.waiting.map((change) => ({ ...namedInEntry(change, address), waits: true }))
  const entry = procedure.entry(act, person, source, { ...details, changes: [...reopened, ...waiting], touched: done.blocks }, right)
  return {
    row: done.row,
    entry,
    decidedBlocks: done.blocks,
    notices: [
      ...reopenedTold(done.reopened, procedure.byWhom(person, act, right), address),
      ...noticesOf("acceptedWithHost", done.waiting, "an earlier decision, which holds again", address),
    ],
    answer: {
      n: taken.n,
      reopened: reopened.map(({ id }) => id),
      ...(waiting.length > 0 ? { waiting: waiting.map(({ id }) => id) } : {}),
      ...(done.along.length > 0 ? { along: done.along.map((other) => other.n) } : {}),
    },
  }
}

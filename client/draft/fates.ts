import { type Entry, listIn, type RecordedChange } from "../../shared/api/contract.ts"
import type { ProposalEntry } from "../../shared/changes/outcome.ts"
import { openedAgain, takesEffect, undoneIn } from "../../shared/changes/taken-back.ts"
import type { DecidedNotice, ReopenedNotice } from "../../shared/sync/protocol.ts"
import { numberOf } from "../ui/moment.ts"

/** What became of a change, as the record tells it. */
export interface Fate {
  readonly key: string
  readonly change: string
  readonly source: string
  readonly address: string
  readonly what: string
  readonly act: ProposalEntry["status"]
  readonly decidedBy: string
  readonly enteredBy: string
  /** What was said where it had come too late; "": it had not. */
  readonly late: string
  /** ISO 8601, UTC. */
  readonly at: string
}

const statusOfAct: Readonly<Record<string, ProposalEntry["status"]>> = {
  accept: "accepted",
  notRetain: "notRetained",
  withdraw: "withdrawn",
  incorporate: "incorporated",
  [takesEffect]: "accepted",
}

/** What became of a change, in the words of the room. */
export const fateNames: Readonly<Record<ProposalEntry["status"], string>> = {
  accepted: "Accepted into the text",
  acceptedWithHost: "Accepted, with the proposal around it",
  notRetained: "Not retained",
  withdrawn: "Withdrawn",
  superseded: "Gone with the proposal that it stood in",
  overtaken: "Overtaken by other words",
  incorporated: "Taken into another proposal",
}

/** What became of every change that was decided, the latest first. */
export function fatesIn(record: readonly Entry[]): Fate[] {
  const fates: Fate[] = []
  const undone = undoneIn(record)
  const opened = openedAgain(record)
  for (const entry of record) {
    const { n, act, at, decidedBy, enteredBy } = entry
    const status = statusOfAct[act]
    // What was taken back is open again.
    if (!status || undone.has(n)) continue
    const tell = (told: RecordedChange, as: ProposalEntry["status"], i: number): void => {
      const { id, source, address, what, late = "" } = told
      if (opened.get(n)?.has(id)) return
      fates.push({ key: `${n}.${as}.${i}`, change: id, source, address, what, act: as, decidedBy, enteredBy, late, at })
    }
    ;[...listIn(entry, "changes"), ...listIn(entry, "identical")].forEach((told, i) => {
      tell(told, told.waits && status === "accepted" ? "acceptedWithHost" : status, i)
    })
    for (const name of ["overtaken", "superseded"] as const)
      listIn(entry, name).forEach((told, i) => {
        tell(told, name, i)
      })
  }
  // What was accepted with the proposal around it, and has gone with that, did not come into the text; what has taken effect, if in part, did.
  const held = record.filter(({ n }) => !undone.has(n))
  const ended = held.flatMap((entry) => listIn(entry, "superseded"))
  const came = new Set([
    ...held.flatMap((entry) => listIn(entry, "effective").map(({ id }) => id)),
    ...ended.flatMap(({ id, inPart }) => (inPart ? [id] : [])),
  ])
  const gone = new Set(ended.map(({ id }) => id))
  return fates
    .flatMap((fate) => {
      if (fate.act !== "acceptedWithHost" || fate.change === "") return [fate]
      if (came.has(fate.change)) return [{ ...fate, act: "accepted" as const }]
      return gone.has(fate.change) ? [] : [fate]
    })
    .reverse()
}

/** That changes of one's own are open again, in a sentence. */
export function reopenedTold({ by, changes, count }: ReopenedNotice): string {
  const [first] = changes
  if (count === 1 && first) return `Open again, taken back by ${by}. ${first.address}: ${first.what}.`
  return `${numberOf(count)} of your changes are open again: what was decided on them was taken back by ${by}.`
}

/** What became of one's changes in a sentence, as it happens. */
export function fateTold({ status, by, changes, count }: DecidedNotice): string {
  const [first] = changes
  const fate = status === "superseded" ? `${fateNames[status]}, which ${by} ended` : `${fateNames[status]} by ${by}`
  if (count === 1 && first) return `${fate}. ${first.address}: ${first.what}.`
  return `${fate}: ${numberOf(count)} of your changes. See “Decided” in the list of changes.`
}

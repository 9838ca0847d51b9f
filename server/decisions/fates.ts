import type { Change } from "../../shared/changes/changes.ts"
import type { Verdict } from "../../shared/changes/effects.ts"
import type { ProposalStatus } from "../../shared/changes/outcome.ts"
import { changeSaid } from "../../shared/changes/pieces.ts"
import type { DecidedNotice, NoticeMessage } from "../../shared/sync/protocol.ts"
import type { Decided } from "./decided.ts"
import { statusOf } from "./note-fates.ts"

type Address = (block: string) => string
type SourceNotice = { readonly source: string; readonly notice: NoticeMessage }

/** As many changes of a decision are told word by word; the rest are in the record. */
const mostTold = 10
const mostLetters = 100

/** One notice to each delegation whose changes are open again. */
export const reopenedTold = (changes: readonly Change[], by: string, address: Address): SourceNotice[] =>
  bySource(changes, address).map(({ source, told, count }) => ({ source, notice: { kind: "reopened", by, changes: told, count } }))

/** One notice to each delegation whose changes these are. `struck`: those of which nothing comes into the text. */
export function noticesOf(
  status: ProposalStatus,
  changes: readonly Change[],
  by: string,
  address: Address,
  struck?: ReadonlySet<string>,
): SourceNotice[] {
  return bySource(changes, address, struck).map(({ source, told, count }) => ({
    source,
    notice: { kind: "decided", status, by, changes: told, count },
  }))
}

const takenOut = ", of which nothing is in the text: an accepted deletion takes all of it out"

/** The first changes of each delegation in words, and how many it has. */
function bySource(
  changes: readonly Change[],
  address: Address,
  struck: ReadonlySet<string> = new Set(),
): { source: string; told: DecidedNotice["changes"]; count: number }[] {
  return [...new Set(changes.map((change) => change.source))].map((source) => {
    const own = changes.filter((change) => change.source === source)
    const told = own.slice(0, mostTold).map((change) => ({
      change: change.id,
      address: address(change.block),
      what: changeSaid(change, address, mostLetters) + (struck.has(change.id) ? takenOut : ""),
    }))
    return { source, told, count: own.length }
  })
}

/** What each delegation is told of a decision: what became of its changes, those too that ended with it. */
export function fatesTold(done: Decided, verdict: Verdict, by: string, address: Address): SourceNotice[] {
  const all = [...done.decided, ...done.identical]
  const told = (changes: readonly Change[]): Change[] => changes.map((change) => done.asAccepted.get(change.id) ?? change)
  const isNoted = (change: Change): boolean => done.noted.has(done.by.get(change.id) ?? change.id)
  return [
    ...noticesOf(
      statusOf[verdict],
      all.filter((change) => !isNoted(change)),
      by,
      address,
      done.struck,
    ),
    ...noticesOf("acceptedWithHost", all.filter(isNoted), by, address),
    ...noticesOf("overtaken", done.overtaken, by, address),
    ...noticesOf("superseded", told(done.superseded), by, address),
    ...noticesOf("accepted", told(done.effective), by, address),
  ]
}

/** Which entries of the record can be taken back, and what must be taken back first (BACK3). */
import type { Obstacles } from "../../shared/changes/back-plan.ts"
import { decisionOn, isDecision, named, openedBy, takesEffect, undoneBy, undoneIn } from "../../shared/changes/taken-back.ts"
import { DomainError } from "../problems.ts"
import type { StoredEntry } from "../storage/store.ts"
import { changesNamed, touchedBy } from "./recorded.ts"

/** Acts beside decisions that change what is agreed or proposed. */
const changing: ReadonlySet<string> = new Set(["incorporate", "attribute", "takeBack", "reopenChange"])

/** A later decision of the meeting that holds, and what it touched; what a source withdraws is its own, and holds nobody up. */
export interface Later {
  readonly changes: readonly string[]
  readonly touched: readonly string[]
  /** Clauses that it was about as wholes. What was not retained about one that is there no more cannot be open again, whatever is done first. */
  readonly about: readonly string[]
  readonly isAccepted: boolean
}

/** An entry that is to be taken back, and what was entered later. */
export interface Taken {
  readonly entry: StoredEntry
  readonly row: number
  /** Of the changes that it decided or ended, what each was seen as. */
  readonly hashes: ReadonlyMap<string, string>
  readonly later: readonly StoredEntry[]
  readonly decidedSince: readonly Later[]
}

/** Throws where an entry is no decision, or was taken back already. `gone`: entries that the same act takes back before it. */
export function demandTaking(entries: readonly StoredEntry[], n: number, gone: ReadonlySet<number> = new Set()): Taken {
  const entry = entries.find((other) => other.n === n)
  if (!entry) throw new DomainError("not-found", "There is no such entry in the record of decisions.")
  if (!isDecision(entry)) throw new DomainError("conflict", "Only a decision on changes can be taken back.")
  if (entry.row === undefined)
    throw new DomainError(
      "conflict",
      "Nothing of this decision can be taken back: it changed nothing in the draft, or an earlier version of the program entered it.",
    )
  const behind = entries.filter((other) => other.n > n)
  const undone = new Set([...undoneIn(entries), ...gone])
  if (undone.has(n)) throw new DomainError("conflict", "This decision was taken back already.")
  const later = behind.filter((other) => (isDecision(other) || changing.has(other.act)) && other.row !== undefined && !undone.has(other.n))
  const decidedSince = later.flatMap((other): Later[] => {
    if (!isDecision(other) || other.act === "withdraw") return []
    const own = changesNamed(other, ...named)
    const about = own.flatMap((change) => change.about ?? [])
    return [
      {
        changes: own.flatMap(({ id }) => id ?? []),
        touched: touchedBy(other),
        about,
        isAccepted: other.act === "accept" || other.act === takesEffect,
      },
    ]
  })
  const hashes = new Map(changesNamed(entry, ...named).flatMap(({ id, hash }) => (id && hash ? [[id, hash] as const] : [])))
  return { entry, row: entry.row, hashes, later, decidedSince }
}

/** What the chair does where a decision cannot be taken back as a whole. */
const whatElse = "Open its changes again one by one from the record, or have the words entered anew."

/** Taking back would not be exact: a fault of ours, by which nothing was changed. */
export const inexact = (): DomainError =>
  new DomainError("conflict", `This decision cannot be taken back exactly, so nothing was changed. ${whatElse}`, { first: [] })

/** Something stands in the way of taking a decision back: `refusal` says what, of what comes first only the first. */
export class InTheWay extends DomainError {
  readonly refusal: DomainError
  constructor(refusal: DomainError) {
    super("conflict", refusal.told, refusal.details)
    this.refusal = refusal
  }
}

/** The decision that holds on a change. Throws where there is none. */
export function demandDecisionOn(entries: readonly StoredEntry[], change: string): StoredEntry {
  const entry = decisionOn(entries, change)
  if (!entry) throw new DomainError("not-found", "No decision on this change is in the record.")
  return entry
}

/** Why a decision cannot be taken back now, with the entries that must be first, the latest first. */
export function refusal(
  { entry, later }: Taken,
  { blocks, changes, proposed, openAgain }: Obstacles,
  isInTheWay: (entry: StoredEntry) => boolean = () => true,
): DomainError {
  if (proposed.size > 0)
    return new DomainError(
      "conflict",
      `${[...proposed].join(", ")} has proposed something since about a clause that this decision made. Decide on that first.`,
      { first: [] },
    )
  if (openAgain.size > 0)
    return new DomainError(
      "conflict",
      `The words that this decision was about are only proposed again, by ${[...openAgain].join(", ")}. Accept them first.`,
      { first: [] },
    )
  if (later.some((other) => openedBy(other).some(({ n }) => n === entry.n)))
    return new DomainError("conflict", "Some of what was decided there is open again already. Open the others again one by one.", {
      first: [],
    })
  const touches = (other: StoredEntry): boolean => {
    const own = changesNamed(other, ...named, "effective")
    return touchedBy(other).some((block) => blocks.has(block)) || own.some(({ id }) => id !== undefined && changes.has(id))
  }
  const decisions = later.filter(isDecision)
  const found = decisions.filter((other) => touches(other) && isInTheWay(other))
  const undoing = later.findLast((other) => undoneBy(other).length > 0 && touches(other))
  if (found.length === 0 && undoing)
    return new DomainError(
      "conflict",
      `What this decision was about is there no more since entry ${undoneBy(undoing)[0]} was taken back (entry ${undoing.n}), so nothing of it is left to take back. It can be proposed again.`,
      { first: [] },
    )
  const first = (found.length > 0 ? found : decisions.slice(-1)).map(({ n }) => n).reverse()
  if (first.length === 0) {
    const act = later.findLast((other) => touches(other)) ?? later.at(-1)
    const why = act
      ? `Entry ${act.n} of the record has changed what this decision was about.`
      : "What this decision was about has been changed since by those who proposed it."
    // One by one is another way only of several.
    const what = changesNamed(entry, "changes").length > 1 ? whatElse : "Have the words entered anew."
    return new DomainError("conflict", `${why} ${what}`, { first: [] })
  }
  const which =
    first.length === 1 ? `entry ${first[0]} first` : `entries ${first.slice(0, -1).join(", ")} and ${first.at(-1)} first, in this order`
  return new DomainError("conflict", `The same place was decided on again since. Take back ${which}.`, { first })
}

/**
 * What a decision does in the end, to everything that it reaches: one way for the server, which does it, and for the browser, which asks before it. So
 * what the question says is what happens.
 */
import type { Block } from "../schema/block.ts"
import { type Change, changesInSlices, onlyTakes } from "./changes.ts"
import { type Choice, type Competing, choiceInSlices } from "./choice.ts"
import type { ForestalledBy } from "./forestalled.ts"
import { type Ties, Units, withLinked } from "./links.ts"
import { changesLeft, type Resolution, resolutionInSlices, supersededBy, type Verdict, type Verdicts, waitingAmong } from "./resolve.ts"
import { countingMint, type Mint } from "./restructure.ts"
import { changesNear, relationsInSlices, type Twins } from "./rivals.ts"
import { finished, type Sliced } from "./slices.ts"
import { inPartAmong, struckAmong } from "./waiting.ts"

/** What a decision is made on. */
export interface Ground {
  readonly blocks: readonly Block[]
  readonly ties: Ties
  readonly twins: Twins
  /** Changes that were accepted before and wait for the proposal around them. */
  readonly noted: ReadonlySet<string>
  /** Of these, those of which a part is in the text already. */
  readonly inPart?: ReadonlySet<string>
}

export interface Carried {
  readonly verdicts: Verdicts
  readonly overtaken: ReadonlyMap<string, string>
  readonly outcome: Resolution
  /** Of the changes that were accepted before and waited, those that go now: with what they stood in, before they could take effect. */
  readonly lapsed: ReadonlySet<string>
  /** And those that take effect now: nothing stands around them any more, or what does is agreed. */
  readonly effective: ReadonlySet<string>
}

/** The changes that can stand in a relation to some, and all that is linked with any of them. */
export function* nearWithLinked(blocks: readonly Block[], ids: Iterable<string>, ties: Ties): Sliced<Change[]> {
  const near = yield* changesNear(blocks, withLinked(ids, ties))
  if (ties.isEmpty) return near
  const all = withLinked(
    near.map(({ id }) => id),
    ties,
  )
  return all.size === near.length ? near : yield* changesInSlices(blocks, all)
}

/**
 * The resolution of a choice. What was accepted with its host takes effect when the host is accepted, so earlier notes are part of every decision
 * (RES1); what competes with one that takes effect now ends now (RIVAL2).
 */
export function* carriedToItsEnd(choice: Choice, { blocks, ties, twins, noted: before }: Ground, mint: Mint): Sliced<Carried> {
  const noted = new Set([...before].filter((id) => !choice.verdicts.has(id)))
  const verdicts = new Map<string, Verdict>([...choice.verdicts, ...[...noted].map((id) => [id, "accept"] as const)])
  const overtaken = new Map(choice.overtaken)
  for (;;) {
    const outcome = yield* resolutionInSlices(blocks, verdicts, mint)
    const waiting = noted.size > 0 ? waitingAmong(outcome.blocks, verdicts) : noted
    const due = new Set([...noted].filter((id) => !waiting.has(id)))
    const lapsed = due.size > 0 ? yield* lapsedAmong(due, blocks, verdicts, outcome) : due
    const size = verdicts.size
    const effective = new Set([...due].filter((id) => !lapsed.has(id)))
    if (effective.size > 0) {
      const units = new Units(yield* nearWithLinked(blocks, effective, ties), ties)
      const relations = yield* relationsInSlices(blocks, units.units, twins)
      for (const id of effective)
        for (const rival of relations.rivalsOf(units.of(id)?.id ?? id).flatMap((unit) => units.idsOf(unit)))
          if (!verdicts.has(rival)) {
            verdicts.set(rival, "notRetain")
            overtaken.set(rival, id)
          }
    }
    if (verdicts.size === size) return { verdicts, overtaken, outcome, lapsed, effective }
  }
}

/** Of changes that wait no longer those that went with what they stood in: had nothing been decided on them they would have ended with it. */
function* lapsedAmong(
  due: ReadonlySet<string>,
  blocks: readonly Block[],
  verdicts: Verdicts,
  { plan }: Resolution,
): Sliced<ReadonlySet<string>> {
  const others = new Map([...verdicts].filter(([id]) => !due.has(id)))
  const { blocks: after } = yield* resolutionInSlices(blocks, others, countingMint())
  const left = changesLeft(after)
  const gone = new Set([...due].filter((id) => !left.has(id)))
  if (gone.size === 0) return gone
  // Words that one meant to strike are out also where they went by another's acceptance.
  const isDone = (change: Change): boolean =>
    onlyTakes(change) &&
    ![...others.values()].some((verdict) => verdict !== "accept") &&
    change.segments.some(({ block }) => !plan.deletes.has(block))
  // One of which nothing was left before is not among these: its words were taken back by who had written them.
  const done = new Set((yield* changesInSlices(blocks, gone)).filter(isDone).map(({ id }) => id))
  return new Set([...gone].filter((id) => !done.has(id)))
}

/** What a verdict on some changes means, before it is given: the sentences of a question are made of this. */
export interface Meaning {
  /** The changes that the verdict is on: those asked for, without what is left out. */
  readonly decided: ReadonlySet<string>
  /** Those of them that take effect only with the proposal around them. */
  readonly waiting: ReadonlySet<string>
  /** Of what waits, or goes after it has waited, those of which a part is in the text. */
  readonly inPart: ReadonlySet<string>
  /** Of which no letter comes, for deletions that were accepted take all of them out. */
  readonly struck: ReadonlySet<string>
  /** Left out and open afterwards, in groups, for it is for the chair to choose. */
  readonly leftOut: readonly Competing[]
  /** Not among them, but decided along, for they say the same. */
  readonly same: ReadonlySet<string>
  /** Ended, for something else is made of their words. */
  readonly overtaken: ReadonlySet<string>
  /** Ended, for the words or the clause that they stand in go. */
  readonly ended: ReadonlySet<string>
  /** Accepted before, and gone now before they could take effect. */
  readonly lapsed: ReadonlySet<string>
}

/** Of what competes all is left out, and the rest is taken. */
const allCompeting: ReadonlySet<Competing["kind"]> = new Set(["rivals", "at one place", "forestalled", "clause goes"])

/**
 * What a verdict on some changes does, to them and to others. `leavesOut`: whether what competes is left out; a change that is decided by itself is
 * what the chair has chosen.
 */
export function meaningOf(
  asked: ReadonlySet<string>,
  verdict: Verdict,
  given: Ground & { readonly forestalled: ForestalledBy; readonly leavesOut: boolean },
): Meaning {
  const { blocks, ties, twins, forestalled, leavesOut } = given
  const units = new Units(finished(nearWithLinked(blocks, asked, ties)), ties)
  const among = units.units.filter((unit) => units.idsOf(unit.id).some((id) => asked.has(id)))
  const relations = finished(relationsInSlices(blocks, units.units, twins, units.gathered(forestalled), (unit) => units.membersOf(unit)))
  const leaveOut: ReadonlySet<Competing["kind"]> = leavesOut ? allCompeting : new Set()
  const choice = units.spread(finished(choiceInSlices(among, verdict, units.units, relations, leaveOut)))
  const { verdicts, overtaken, outcome, lapsed } = finished(carriedToItsEnd(choice, given, countingMint()))
  const ended = supersededBy(blocks, outcome.blocks, verdicts)
  const waiting = waitingAmong(outcome.blocks, verdicts)
  const before = given.inPart ?? new Set<string>()
  const isOver = (id: string): boolean => ended.has(id) || verdicts.has(id)
  return {
    decided: new Set(choice.decided.map(({ id }) => id)),
    waiting: new Set(choice.decided.flatMap(({ id }) => (waiting.has(choice.writtenAs.get(id) ?? id) ? [id] : []))),
    inPart: new Set([...inPartAmong(blocks, outcome.blocks, waiting), ...[...lapsed].filter((id) => before.has(id))]),
    struck: struckAmong(blocks, choice.decided, verdicts, waiting),
    leftOut: leavesOut
      ? choice.competing
          .map(({ kind, changes: group }) => ({ kind, changes: group.filter((id) => !isOver(id)) }))
          .filter(({ changes: group }) => group.length > 0)
      : [],
    same: new Set(choice.identical.keys()),
    overtaken: new Set(overtaken.keys()),
    ended,
    lapsed,
  }
}

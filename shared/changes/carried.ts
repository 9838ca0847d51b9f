/**
 * What a decision does in the end, to everything that it reaches: one way for the server, which does it, and for the browser, which asks before it. So
 * what the question says is what happens.
 */
import type { Block, Mark } from "../schema/block.ts"
import { type Change, changesInSlices, isAbout, onlyTakes } from "./changes.ts"
import { choiceInSlices } from "./choice.ts"
import type { Choice, Competing } from "./chosen.ts"
import { around, givenOn, hostsOf, type Verdict, type Verdicts } from "./effects.ts"
import type { ForestalledBy } from "./forestalled.ts"
import { type Ties, Units, withLinked } from "./links.ts"
import { changesNear } from "./near.ts"
import { divided, isIndivisible, type Part } from "./part.ts"
import { changesLeft, type Resolution, resolutionInSlices, supersededBy, waitingAmong } from "./resolve.ts"
import { countingMint, type Mint } from "./restructure.ts"
import { relationsInSlices } from "./rivals.ts"
import { finished, type Sliced } from "./slices.ts"
import type { Twins } from "./twins.ts"
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
  /** The draft before its owner took words back by editing; absent where that is no matter. */
  readonly stood?: readonly Block[] | undefined
}

export interface Carried {
  readonly verdicts: Verdicts
  readonly overtaken: ReadonlyMap<string, string>
  readonly outcome: Resolution
  /** Of the changes that were accepted before and waited, those that go now: with what they stood in, before they could take effect. */
  readonly lapsed: ReadonlySet<string>
  /** And those that take effect now: what stands around them is agreed, or was a deletion that is taken back. */
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
export function* carriedToItsEnd(choice: Choice, { blocks, ties, twins, noted: before, stood }: Ground, mint: Mint): Sliced<Carried> {
  const noted = new Set([...before].filter((id) => !choice.verdicts.has(id)))
  const verdicts = new Map<string, Verdict>([...choice.verdicts, ...[...noted].map((id) => [id, "accept"] as const)])
  const overtaken = new Map(choice.overtaken)
  for (;;) {
    const outcome = yield* resolutionInSlices(blocks, verdicts, mint)
    const waiting = noted.size > 0 ? waitingAmong(outcome.blocks, verdicts) : noted
    const due = new Set([...noted].filter((id) => !waiting.has(id)))
    const falling = due.size > 0 || stood ? fallingAmong(noted, due, { blocks, stood }, verdicts) : due
    if ([...falling].some((id) => verdicts.get(id) === "accept")) {
      for (const id of falling) verdicts.set(id, "notRetain")
      continue
    }
    const lapsed = due.size > 0 ? new Set([...falling, ...(yield* lapsedAmong(due, blocks, verdicts, outcome))]) : due
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

/**
 * Of changes that waited those whose host was taken back: an amendment of an amendment falls with it (RES3). They were accepted as a part of what
 * nobody proposes any more, and nobody has seen how the text reads with them alone. So does one of which only a part stood in that: what is left of it
 * waits on elsewhere, but was not decided on without the rest.
 */
function fallingAmong(
  noted: ReadonlySet<string>,
  due: ReadonlySet<string>,
  { blocks, stood = blocks }: Pick<Ground, "blocks" | "stood">,
  verdicts: Verdicts,
): ReadonlySet<string> {
  const falling = new Set<string>()
  const freed = stood === blocks ? new Set<string>() : freeMarks(blocks, noted, verdicts)
  for (const block of stood) {
    if (!isAbout(block, noted)) continue
    for (const run of block.runs)
      for (const mark of run.marks) {
        // What only was to take words of it out has done so, and goes on taking out those of others.
        if (mark.name !== "insertion" || !(due.has(mark.changeId) || freed.has(mark.id))) continue
        const isTakenBack = (host: Mark): boolean => isOthers(mark, host) && (verdicts.get(host.changeId) ?? "withdraw") !== "accept"
        if (around(mark, run).some(isTakenBack)) falling.add(mark.changeId)
      }
  }
  return falling
}

const isOthers = ({ changeId }: Mark, host: Mark): boolean => host.name === "insertion" && host.changeId !== changeId

/** The insertions of some changes that stand in no other's; one of which no letter is left holds nothing. */
function freeMarks(blocks: readonly Block[], changes: ReadonlySet<string>, verdicts: Verdicts): ReadonlySet<string> {
  const given = givenOn(blocks, verdicts)
  const free = new Set<string>()
  for (const block of blocks) {
    if (!isAbout(block, changes)) continue
    for (const run of block.runs)
      for (const mark of run.marks)
        if (mark.name === "insertion" && changes.has(mark.changeId) && hostsOf(mark, run, given).length === 0) free.add(mark.id)
  }
  return free
}

/** Whether nothing comes of it, and all that waits goes on waiting. */
export const leavesAll = (blocks: readonly Block[], { outcome, lapsed, effective }: Carried): boolean =>
  lapsed.size === 0 &&
  effective.size === 0 &&
  outcome.blocks.length === blocks.length &&
  outcome.blocks.every((block, i) => block === blocks[i])
/** A change of which only a part is decided: that part, what it was as a whole, and the change that goes on with what is left. */
export interface Divided {
  readonly part: Part
  readonly whole: Change
  readonly rest: string
}

/**
 * What competes with changes of which a part is accepted, and would no longer: for words that come make something else of the same words also by
 * themselves, and of words that go nothing is left to compete about. The others end as they would with the whole (PART7). Each with what overtakes it.
 * `near`: the changes before the division, and `ties` those of the draft; `isStillRival`: how what is left stands to another after it.
 */
export function* rivalsOfWholes(
  { blocks, ties }: Pick<Ground, "blocks" | "ties">,
  near: readonly Change[],
  parts: ReadonlyMap<string, Divided>,
  twins: Twins,
  isStillRival: (rest: string, other: string) => boolean,
): Sliced<Map<string, string>> {
  const rivals = new Map<string, string>()
  if (parts.size === 0) return rivals
  const units = new Units(near, ties.without(parts))
  const relations = yield* relationsInSlices(blocks, units.units, twins)
  for (const [id, { part, whole, rest }] of parts) {
    const isComing = "side" in part ? part.side === "in" : whole.segments[part.segment]?.kind === "insertion"
    for (const rival of relations.rivalsOf(units.of(id)?.id ?? id).flatMap((unit) => units.idsOf(unit)))
      if (isComing || !isStillRival(rest, rival)) rivals.set(rival, id)
  }
  return rivals
}

/** A choice by which some changes end too, each with what overtakes it; what it decides itself stays as it is. */
export function endingRivals(choice: Choice, rivals: ReadonlyMap<string, string>): Choice {
  if (rivals.size === 0) return choice
  const verdicts = new Map(choice.verdicts)
  const overtaken = new Map(choice.overtaken)
  for (const [rival, by] of rivals) {
    if (verdicts.has(rival)) continue
    verdicts.set(rival, "notRetain")
    overtaken.set(rival, by)
  }
  return { ...choice, verdicts, overtaken }
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
 * what the chair has chosen. With `part` only that of the one change that is asked for is decided.
 */
export function meaningOf(
  asked: ReadonlySet<string>,
  verdict: Verdict,
  given: Ground & { readonly forestalled: ForestalledBy; readonly leavesOut: boolean; readonly part?: Part | null },
): Meaning {
  const { twins, forestalled, leavesOut } = given
  const found = finished(nearWithLinked(given.blocks, asked, given.ties))
  const parts = new Map<string, Divided>()
  const blocks = given.part ? dividedFor(asked, verdict, given.part, found, given.blocks, parts) : given.blocks
  // Of what is linked a part is decided by itself.
  const ties = given.ties.without(parts)
  const units = new Units(parts.size > 0 ? finished(nearWithLinked(blocks, asked, ties)) : found, ties)
  const among = units.units.filter((unit) => units.idsOf(unit.id).some((id) => asked.has(id)))
  const relations = finished(relationsInSlices(blocks, units.units, twins, units.gathered(forestalled), (unit) => units.membersOf(unit)))
  const leaveOut: ReadonlySet<Competing["kind"]> = leavesOut ? allCompeting : new Set()
  const chosen = units.spread(finished(choiceInSlices(among, verdict, units.units, relations, leaveOut)))
  const isStillRival = (rest: string, other: string): boolean =>
    relations.rivalsOf(units.of(rest)?.id ?? rest).includes(units.of(other)?.id ?? other)
  const also = verdict === "accept" ? finished(rivalsOfWholes(given, found, parts, twins, isStillRival)) : new Map<string, string>()
  const choice = endingRivals(chosen, also)
  const { verdicts, overtaken, outcome, lapsed } = finished(carriedToItsEnd(choice, { ...given, blocks }, countingMint()))
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

/** The draft, divided for a verdict on a part of a change; as it is where the part is all of it, or cannot be divided, as the server will say. */
function dividedFor(
  asked: ReadonlySet<string>,
  verdict: Verdict,
  part: Part,
  found: readonly Change[],
  blocks: readonly Block[],
  parts: Map<string, Divided>,
): readonly Block[] {
  const mint = countingMint()
  const whole = found.find(({ id }) => asked.has(id))
  const division = whole ? divided(blocks, whole, part, verdict === "accept", (source) => mint.entry(source)) : null
  if (!whole || division === null || isIndivisible(division)) return blocks
  parts.set(whole.id, { part, whole, rest: division.rest })
  return division.blocks
}

// A decision from what the chair asks to the row that carries it: what was seen is held against what is there, a choice is made, refused or carried out,
// and the outcome is proven.
import * as Y from "yjs"
import { carriedToItsEnd, endingRivals, leavesAll, nearWithLinked, rivalsOfWholes } from "../../shared/changes/carried.ts"
import { type Change, changesIn, isAbout } from "../../shared/changes/changes.ts"
import { choiceInSlices, nothingChosen } from "../../shared/changes/choice.ts"
import type { Choice, Competing } from "../../shared/changes/chosen.ts"
import type { Verdict } from "../../shared/changes/effects.ts"
import { lateSaid } from "../../shared/changes/forestalled.ts"
import { Units } from "../../shared/changes/links.ts"
import { twinsParted } from "../../shared/changes/noted-twins.ts"
import { type Division, divided, type Indivisible, isIndivisible } from "../../shared/changes/part.ts"
import { supersededBy, waitingAmong } from "../../shared/changes/resolve.ts"
import { countingMint, type Mint } from "../../shared/changes/restructure.ts"
import { type Relations, relationsInSlices } from "../../shared/changes/rivals.ts"
import { changeHash, hashForPart, type Sight, sightOf } from "../../shared/changes/sight.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import type { Twins } from "../../shared/changes/twins.ts"
import { inPartAmong, struckAmong } from "../../shared/changes/waiting.ts"
import { type Block, isPresent, type Mark } from "../../shared/schema/block.ts"
import { serverClient } from "../../shared/schema/keys.ts"
import { elementsOf } from "../../shared/sync/read.ts"
import {
  forestalledIn,
  forestalledToldIn,
  namesakesOf,
  notedIn,
  roots,
  tiesIn,
  twinsIn,
  withNamesakes,
  writtenFor,
} from "../../shared/sync/roots.ts"
import type { Gate } from "../gate/gate.ts"
import { noteStood, standingIn } from "../gate/stood.ts"
import { DomainError } from "../problems.ts"
import { asAccepted } from "./as-accepted.ts"
import { conflict, demandOpen, type Seen, sightOfGate } from "./as-seen.ts"
import { carryOut, liftEmpty, resolveWords, serverMint } from "./carry-out.ts"
import type { Decided, DecidedPart, Terms } from "./decided.ts"
import { proveDivision, writeDivisions } from "./divide.ts"
import { freezeLabels } from "./freeze-labels.ts"
import { forgetLinks, goOnForestalled, noteAgreed, noteTaken, noteTwins, record } from "./note-fates.ts"
import { proveBlocks } from "./proven.ts"
import { chooseFirst, demandTold, demandWaitTold, refuseRivals, rivalsRefused } from "./refusals.ts"
import { written } from "./written.ts"

/**
 * Decides changes, each as it was seen: one that differs from its hash means that nothing is decided and a conflict with the fresh state, unless
 * partial (HASH1). What says the same is decided along, what competes with an accepted one ends (RIVAL). It pauses between blocks, for a decision may be
 * about thousands of changes; the room's queue is held meanwhile.
 */
export function* decideChanges(gate: Gate, seen: readonly Seen[], verdict: Verdict, terms: Terms): Sliced<Decided> {
  const opened = sightOfGate(gate)
  const ids = new Set(seen.map(({ id }) => id))
  const found = yield* nearWithLinked(opened.blocks, ids, opened.ties)
  const open = new Map(found.map((change) => [change.id, change]))
  const gone: string[] = []
  const stale: Change[] = []
  const fresh: Change[] = []
  for (const { id, hash, part } of seen) {
    yield
    const change = open.get(id)
    const hashOf = part && "segment" in part ? hashForPart : changeHash
    if (!change) gone.push(id)
    else if (hashOf(change, opened) !== hash) stale.push(change)
    // Accepted once, and to wait: a second time nothing is decided, so there is no entry to take back.
    else if (verdict !== "accept" || !gate.noted.has(id)) fresh.push(change)
  }
  if (fresh.length === 0 && stale.length === 0 && gone.length === 0) demandOpen(gate, seen)
  if (((gone.length > 0 || stale.length > 0) && !terms.isPartial) || fresh.length === 0) throw conflict(stale, gone, opened)
  const mint = serverMint(gate.shadow)
  const asWhole = new Map(fresh.map((change) => [change.id, change]))
  const { divisions, parts } = partsOf(opened, seen, asWhole, verdict, mint)
  // Of what is linked a part is decided by itself.
  const ties = opened.ties.without(parts)
  const sight = divisions.length > 0 ? sightOf(divisions.at(-1)!.blocks, opened.originOf, ties) : opened
  const { blocks } = sight
  const near = divisions.length > 0 ? yield* nearWithLinked(blocks, ids, ties) : found
  const known = new Map(near.map((change) => [change.id, change]))
  const units = new Units(near, ties)
  const asked = new Set(fresh.flatMap(({ id }) => units.of(id) ?? []))
  // What is linked is decided by one verdict, or not at all.
  for (const { id } of stale) asked.delete(units.of(id)!)
  if (asked.size === 0) throw conflict(stale, gone, opened)
  const leaveOut = new Set<Competing["kind"]>(
    !terms.isPartial
      ? []
      : terms.isTogether
        ? ["rivals", "forestalled", "clause goes"]
        : ["rivals", "at one place", "forestalled", "clause goes"],
  )
  const twins = twinsIn(gate.shadow)
  const relations = yield* relationsInSlices(blocks, units.units, twins, units.gathered(forestalledIn(gate.shadow)), (unit) =>
    units.membersOf(unit),
  )
  const inOrder = units.units.filter((unit) => asked.has(unit))
  const chosen = units.spread(yield* choiceInSlices(inOrder, verdict, units.units, relations, leaveOut))
  const isStillRival = (rest: string, other: string): boolean =>
    relations.rivalsOf(units.of(rest)?.id ?? rest).includes(units.of(other)?.id ?? other)
  const alsoEnding = verdict === "accept" ? yield* rivalsOfWholes(opened, found, parts, twins, isStillRival) : new Map<string, string>()
  for (const [rival, by] of alsoEnding) if (chosen.verdicts.get(rival) === "accept") throw rivalsRefused([by, rival], known)
  const choice = endingRivals(chosen, alsoEnding)
  refuseRivals(choice, known, units, relations, leaveOut)
  if (choice.decided.length === 0) throw chooseFirst(choice, known)
  const done = yield* carry(gate, { verdict, terms, opened, sight, choice, units, relations, divisions, parts, twins, mint })
  return { ...done, competing: choice.competing.filter(({ kind }) => leaveOut.has(kind)), stale, gone }
}

/** A choice that is to be carried out, and what it was made of. */
interface Carrying {
  readonly verdict: Verdict
  readonly terms: Terms
  readonly opened: Sight
  readonly sight: Sight
  readonly choice: Choice
  readonly units: Units
  readonly relations: Relations
  readonly divisions: readonly Division[]
  readonly parts: ReadonlyMap<string, DecidedPart>
  readonly twins: Twins
  readonly mint: Mint
  /** The draft before what stood around changes went, where that was no part of this. */
  readonly stoodIn?: Sight
}

/** Carries a choice out, with all that comes of it, and proves it against what the pure function says. */
function* carry(gate: Gate, carrying: Carrying): Sliced<Omit<Decided, "competing" | "stale" | "gone">> {
  const { verdict, terms, opened, sight, choice, units, relations, divisions, parts, twins, mint } = carrying
  const { blocks, ties } = sight
  const { verdicts, overtaken, outcome, lapsed, effective } = yield* carriedToItsEnd(
    choice,
    { blocks, ties: tiesIn(gate.shadow), twins, noted: notedIn(gate.shadow), stood: carrying.stoodIn?.blocks },
    mint,
  )
  const ended = supersededBy(blocks, outcome.blocks, verdicts)
  const also = new Set([...ended, ...overtaken.keys(), ...choice.identical.keys()])
  const others = also.size > 0 ? changesIn(blocks, also) : []
  const before = roots.proposals(gate.shadow)
  const ofKind = (ids: { has(id: string): boolean }): Change[] => others.filter(({ id }) => ids.has(id))
  // What said the same as one that waited has no marks of its own: it is decided, or ends, with that.
  const decidedAlong = ofKind(choice.identical)
  const identical = [...decidedAlong, ...namesakesOf(before.entries(), [...choice.decided, ...decidedAlong])]
  const overtakenOnes = withNamesakes(before.entries(), ofKind(overtaken))
  const stoodIn = carrying.stoodIn ?? sight
  const waited = (ids: ReadonlySet<string>, { blocks }: Sight): Change[] =>
    ids.size > 0 ? withNamesakes(roots.proposals(gate.shadow).entries(), changesIn(blocks, ids)) : []
  // Of some nothing was left before this; of those that fall with what their owner took back the words still are.
  const falling = waited(lapsed, sight)
  const left = new Set(falling.map(({ id }) => id))
  const wentBefore = waited(new Set([...lapsed].filter((id) => !left.has(id))), stoodIn).filter(({ id }) => !left.has(id))
  const lapsing = [...falling, ...wentBefore]
  const due = waited(effective, sight)
  const superseded = [...ofKind(ended), ...lapsing]
  const rests = new Set([...parts.values()].map(({ rest }) => rest))
  demandTold(
    [...others, ...lapsing.filter(({ id }) => lapsed.has(id))].filter(({ id }) => !rests.has(id)),
    terms,
    opened,
  )
  const noted = waitingAmong(outcome.blocks, verdicts)
  demandWaitTold(choice, noted, terms, opened)
  const concerned = blocks.filter((block) => isAbout(block, verdicts))
  const inPart = new Set([
    ...inPartAmong(concerned, outcome.blocks, noted),
    ...lapsing.flatMap(({ id }) => (before.get(writtenFor(before, id))?.inPart ? [id] : [])),
  ])
  const waitedBefore = [...lapsing, ...due]
  const stood = waitedBefore.length > 0 ? changesIn(stoodIn.blocks, new Set([...lapsed, ...effective])) : []
  const wereAccepted = asAccepted(waitedBefore, stood, before)
  const writtenBy = (ones: readonly Change[]): [string, string][] =>
    ones.flatMap(({ id }) => {
      const first = writtenFor(before, id)
      return first === id ? [] : [[id, overtaken.get(first) ?? first]]
    })
  const by = new Map([...writtenBy([...identical, ...overtakenOnes]), ...choice.writtenAs, ...overtaken])
  const late = lateAmong(gate.shadow, [...choice.decided, ...others], parts)
  const touched: string[] = []
  const fates = { decided: choice.decided, others, verdict, choice, overtaken, superseded, lapsed, noted, inPart, by, parts }
  const standing = losesBlocks(gate.shadow, blocks, outcome.blocks) ? standingIn(gate.shadow, opened.blocks) : null
  const row = yield* written(gate, function* (site) {
    const since = Y.getState(gate.shadow.store, serverClient)
    yield* writeDivisions(site, gate.shadow, divisions)
    goOnForestalled(gate.shadow, parts)
    const words = yield* resolveWords(site, elementsOf(gate.shadow), blocks, verdicts)
    touched.push(...words, ...(yield* carryOut(site, blocks, outcome, mint)))
    yield* record(gate.shadow, fates, sight)
    liftEmpty(site, gate, new Set([...verdicts.keys(), ...also]))
    if (verdict === "accept") noteTaken(gate.shadow, since, concerned, verdicts, noted)
    noteAgreed(gate.shadow, concerned, verdicts)
    noteTwins(gate.shadow, yield* twinsParted(units.units, relations, outcome.blocks, ties), verdicts)
    forgetLinks(gate.shadow, verdicts)
    // As it was spoken of before: the decision may give numbers.
    if (standing) noteStood(gate.shadow, standing, presentIn(outcome.blocks))
    freezeLabels(gate.shadow, blocks, outcome.blocks)
  })
  yield* proveBlocks(gate.blocks, outcome.blocks)
  return {
    row,
    decided: choice.decided,
    identical,
    overtaken: overtakenOnes,
    superseded,
    lapsed: new Set(lapsing.map(({ id }) => id)),
    wentBefore: new Set(wentBefore.map(({ id }) => id)),
    effective: due,
    asAccepted: wereAccepted,
    inPart,
    struck: struckAmong(concerned, choice.decided, verdicts, noted),
    noted,
    blocks: touched,
    sight,
    stoodIn,
    after: outcome.blocks,
    by,
    parts,
    late,
  }
}

/**
 * What was accepted inside a proposal that its owner has taken back by editing waits no longer: it falls with it in the same commit, as it does where the
 * owner withdraws, or takes effect where what it waited for was a deletion (RES3). Null where all that waits has something around it. `stood`: the draft as it was before the owner's update.
 */
export function* settleWaiting(gate: Gate, stood: readonly Block[]): Sliced<Decided | null> {
  const sight = sightOfGate(gate)
  const { blocks, ties } = sight
  const noted = notedIn(gate.shadow)
  const mint = serverMint(gate.shadow)
  const twins = twinsIn(gate.shadow)
  const carried = yield* carriedToItsEnd(nothingChosen, { blocks, ties, twins, noted, stood }, countingMint())
  if (leavesAll(blocks, carried)) return null
  const { verdicts } = carried
  const units = new Units(yield* nearWithLinked(blocks, verdicts.keys(), ties), ties)
  const relations = yield* relationsInSlices(blocks, units.units, twins, units.gathered(forestalledIn(gate.shadow)), (unit) =>
    units.membersOf(unit),
  )
  const made = { verdict: "accept", terms: { isPartial: false }, opened: sight, sight, choice: nothingChosen, divisions: [] } as const
  const done = yield* carry(gate, {
    ...made,
    units,
    relations,
    parts: new Map(),
    twins,
    mint,
    stoodIn: sightOf(stood, sight.originOf, ties),
  })
  const partly = new Set([...done.inPart].filter((id) => done.noted.has(id)))
  const effective = partly.size > 0 ? [...done.effective, ...tookEffect(blocks, done.after, partly)] : done.effective
  return { ...done, effective, competing: [], stale: [], gone: [] }
}

/** Of changes that wait on elsewhere what took effect: no other entry of the record names it. */
function tookEffect(before: readonly Block[], after: readonly Block[], changes: ReadonlySet<string>): Change[] {
  const waiting = new Set(after.flatMap(({ runs }) => runs.flatMap(({ marks }) => marks.map(({ key }) => key))))
  const goesOn = ({ changeId, key }: Mark): boolean => changes.has(changeId) && waiting.has(key)
  const settled = before.map((block) =>
    isAbout(block, changes)
      ? { ...block, runs: block.runs.map((run) => ({ ...run, marks: run.marks.filter((mark) => !goesOn(mark)) })) }
      : block,
  )
  const found = changesIn(settled, changes)
  const named = new Set(found.map(({ id }) => id))
  return [...found, ...changesIn(before, new Set([...changes].filter((id) => !named.has(id))))]
}

/** What is said of the changes that came too late (RIVAL4), of each as it was seen. */
function lateAmong(shadow: Y.Doc, changes: readonly Change[], parts: ReadonlyMap<string, DecidedPart>): Map<string, string> {
  const told = forestalledToldIn(shadow)
  return new Map(
    changes.flatMap((change): [string, string][] => {
      const said = told.size > 0 ? lateSaid(parts.get(change.id)?.whole ?? change, told, (source) => source) : null
      return said === null ? [] : [[change.id, said]]
    }),
  )
}

/** Divides the changes of which only a part is asked for, one after the other; as values, for the decision may still be refused. */
function partsOf(
  sight: Sight,
  seen: readonly Seen[],
  fresh: ReadonlyMap<string, Change>,
  verdict: Verdict,
  mint: Mint,
): { divisions: Division[]; parts: Map<string, DecidedPart> } {
  const divisions: Division[] = []
  const parts = new Map<string, DecidedPart>()
  for (const { id, part } of seen) {
    const whole = part && fresh.get(id)
    if (!whole) continue
    const blocks = divisions.at(-1)?.blocks ?? sight.blocks
    const change = divisions.length > 0 ? changesIn(blocks, new Set([id]))[0]! : whole
    const division = parts.has(id) ? severalParts : divided(blocks, change, part, verdict === "accept", (source) => mint.entry(source))
    if (division === null) continue
    if (isIndivisible(division)) throw new DomainError("conflict", division.refused, { part: id })
    proveDivision(blocks, division)
    divisions.push(division)
    parts.set(id, { part, whole, seenIn: sight, rest: division.rest })
  }
  return { divisions, parts }
}

const severalParts: Indivisible = { refused: "Several parts of one change are decided one after the other, each as it is seen then." }

/** Whether clauses go in which comments may stand. */
function losesBlocks(shadow: Y.Doc, before: readonly Block[], after: readonly Block[]): boolean {
  if (roots.threads(shadow).size === 0) return false
  const left = presentIn(after)
  return before.some((block) => isPresent(block) && !left.has(block.id))
}

const presentIn = (blocks: readonly Block[]): Set<string> => new Set(blocks.filter(isPresent).map(({ id }) => id))

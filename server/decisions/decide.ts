import * as Y from "yjs"
import { agreedBeside } from "../../shared/changes/agreed-since.ts"
import { carriedToItsEnd, type Divided, endingRivals, leavesAll, nearWithLinked, rivalsOfWholes } from "../../shared/changes/carried.ts"
import { type Change, changesIn, changesInSlices, countsOn, isAbout } from "../../shared/changes/changes.ts"
import { choiceInSlices, nothingChosen } from "../../shared/changes/choice.ts"
import type { Choice, Competing } from "../../shared/changes/chosen.ts"
import { lateSaid } from "../../shared/changes/forestalled.ts"
import { Units } from "../../shared/changes/links.ts"
import type { ProposalEntry } from "../../shared/changes/outcome.ts"
import { type Division, divided, type Indivisible, isIndivisible, type Part } from "../../shared/changes/part.ts"
import {
  type Effects,
  effectsOn,
  givenOn,
  isIdle,
  type Resolution,
  supersededBy,
  type Verdict,
  type Verdicts,
  waitingAmong,
} from "../../shared/changes/resolve.ts"
import { byIdOf, countingMint, inTurn, isPlace, type Mint, structureIn } from "../../shared/changes/restructure.ts"
import { type Relations, relationsInSlices, type Twin, type Twins, twinsParted } from "../../shared/changes/rivals.ts"
import { changeHash, hashForPart, type Sight, sightOf } from "../../shared/changes/sight.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import { inPartAmong, struckAmong } from "../../shared/changes/waiting.ts"
import { labelsOf } from "../../shared/clauses/labels.ts"
import { type Block, isAgreed, isBlank, isPresent, type Mark, type StructuralProposal } from "../../shared/schema/block.ts"
import { idLimit, markId, serverClient } from "../../shared/schema/keys.ts"
import type { PlacedRun } from "../../shared/schema/runs.ts"
import { entryOf, structuralProposalOf, targetOf } from "../../shared/schema/structure.ts"
import { blockOfElement, elementsOf, markOfMarker, structureRoot, textOfElement } from "../../shared/sync/read.ts"
import {
  forestalledIn,
  forestalledToldIn,
  frozenLabelsIn,
  labelsWithGiven,
  linksIn,
  metaOfDoc,
  namesakesOf,
  notedIn,
  roots,
  type Taken,
  tiesIn,
  twinsIn,
  withNamesakes,
  writtenFor,
} from "../../shared/sync/roots.ts"
import { removeMark, removeText } from "../../shared/sync/write.ts"
import type { Gate } from "../gate/gate.ts"
import { elementOf, joinBlock, moveBlock, removeBlock, type Site, splitBlock, survivorIn } from "../gate/restructure.ts"
import { noteStood, standingIn } from "../gate/stood.ts"
import { DomainError } from "../problems.ts"
import { asAccepted } from "./as-accepted.ts"
import { proveDivision, writeDivisions } from "./divide.ts"
import { proveBlocks } from "./proven.ts"
import { written } from "./written.ts"

/** A change as somebody saw it when deciding; with `part`, only that of it is decided. */
export interface Seen {
  readonly id: string
  readonly hash: string
  readonly part?: Part | undefined
}

/** A change of which a part was decided: what was asked for, what it was seen as, and the change that goes on with what is left. */
export interface DecidedPart extends Divided {
  readonly seenIn: Sight
}

export interface Decided {
  readonly row: Uint8Array | null
  readonly decided: readonly Change[]
  /** Decided along, for they say the same as one that was decided. */
  readonly identical: readonly Change[]
  /** Ended, for something else was made of their words. */
  readonly overtaken: readonly Change[]
  /** Left out, with `isPartial`: the chair must choose. */
  readonly competing: readonly Competing[]
  /** Asked for but not as it was seen, with `isPartial`. */
  readonly stale: readonly Change[]
  readonly gone: readonly string[]
  readonly superseded: readonly Change[]
  /** Of these, what was accepted before and waited for the proposal around it. */
  readonly lapsed: ReadonlySet<string>
  /** What was accepted before, waited, and takes effect now. */
  readonly effective: readonly Change[]
  /** Of what had waited, and less of it is left than was accepted: as it was accepted. */
  readonly asAccepted: ReadonlyMap<string, Change>
  /** Of what waits, or goes after it has waited, those of which a part is in the text. */
  readonly inPart: ReadonlySet<string>
  /** Accepted, and no letter of it comes: accepted deletions take all of them out. */
  readonly struck: ReadonlySet<string>
  readonly noted: ReadonlySet<string>
  readonly blocks: readonly string[]
  /** The draft as it was decided on, and as it is afterwards. */
  readonly sight: Sight
  /** As it was while what lapsed still had something around it. */
  readonly stoodIn: Sight
  /** Of the lapsed those of which nothing was left before it. */
  readonly wentBefore: ReadonlySet<string>
  readonly after: readonly Block[]
  /** Of what said the same as another: whose words stand for it; of what was overtaken: by what. */
  readonly by: ReadonlyMap<string, string>
  /** Of the decided ones those of which only a part was. */
  readonly parts: ReadonlyMap<string, DecidedPart>
  /** Of those that came too late for what they were to replace: what was said of that when it was decided. */
  readonly late: ReadonlyMap<string, string>
}

/** How much of what was asked for may be left undone. */
export interface Terms {
  /** What is no longer as it was seen, and what competes, is left out and told, in place of deciding nothing. */
  readonly isPartial: boolean
  /** Insertions at one place are taken all, in the order of the document. */
  readonly isTogether?: boolean
  /** What may end with it, where the chair was told: anything else means that nothing is decided. Absent: whatever does, and it is told afterwards. */
  readonly ends?: ReadonlySet<string> | undefined
  /** What of it waits for a proposal around it, where the chair was told: where anything else would, nothing is decided. Absent: as with `ends`. */
  readonly waits?: ReadonlySet<string> | undefined
}

/** The draft as the room has it at this moment. */
export const sightOfGate = (gate: Gate): Sight => sightOf(gate.blocks, (letter) => gate.relocations.original(letter), tiesIn(gate.shadow))

/** Open changes as the room has them now, each with the hash that a decision on it bears; without ids all. */
export function seenIn(gate: Gate, ids?: Iterable<string>): Seen[] {
  const sight = sightOfGate(gate)
  return changesIn(sight.blocks, ids && new Set(ids)).map((change) => ({ id: change.id, hash: changeHash(change, sight) }))
}

/** What somebody saw, held against what is there: the changes as they are, those of another hash, and the ids of those that are not open. */
export interface AsSeen {
  readonly changes: readonly Change[]
  readonly stale: readonly Change[]
  readonly gone: readonly string[]
}

/** Looks up changes by what somebody saw of them, with a pause after each: of thousands the hashes take seconds. */
export function* asSeen(sight: Sight, seen: readonly Seen[]): Sliced<AsSeen> {
  const all = new Map(
    (yield* changesInSlices(sight.blocks, new Set(seen.map(({ id }) => id)))).map((change) => [change.id, change] as const),
  )
  const changes = seen.flatMap(({ id }) => all.get(id) ?? [])
  const hashes = new Map(seen.map(({ id, hash }) => [id, hash]))
  const stale: Change[] = []
  for (const change of changes) {
    yield
    if (hashes.get(change.id) !== changeHash(change, sight)) stale.push(change)
  }
  return { changes, stale, gone: seen.filter(({ id }) => !all.has(id)).map(({ id }) => id) }
}

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

/** Throws where something ends with a decision of which the chair was not told, for it came in meanwhile. */
function demandTold(ending: readonly Change[], { ends }: Terms, sight: Sight): void {
  const untold = ends ? ending.filter(({ id }) => !ends.has(id)) : []
  if (untold.length === 0) return
  const sources = [...new Set(untold.map(({ source }) => source))].join(", ")
  throw new DomainError(
    "conflict",
    `Nothing was decided: something else would end with it, proposed by ${sources} meanwhile. Look at it and decide again.`,
    { fresh: untold.map((change) => seenNow(change, sight)), gone: [] },
  )
}

/**
 * Throws where something that is accepted would wait of which the chair was told that it takes effect: somebody put something around it meanwhile, which
 * no hash tells (RES8). What would take effect at once although it was to wait has only seen the proposal around it decided.
 */
function demandWaitTold({ decided, writtenAs }: Choice, noted: ReadonlySet<string>, { waits }: Terms, sight: Sight): void {
  const untold = waits ? decided.filter(({ id }) => noted.has(writtenAs.get(id) ?? id) && !waits.has(id)) : []
  if (untold.length === 0) return
  const sources = [...new Set(untold.map(({ source }) => source))].join(", ")
  throw new DomainError(
    "conflict",
    `Nothing was decided: what is proposed by ${sources} would take effect only with a proposal that came to stand around it meanwhile. Look at it and decide again.`,
    { fresh: changesIn(sight.blocks, new Set(untold.map(({ id }) => id))).map((change) => seenNow(change, sight)), gone: [] },
  )
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

const sourcesOf = (changes: readonly string[], known: ReadonlyMap<string, Change>): string =>
  [...new Set(changes.map((id) => known.get(id)?.source ?? "somebody"))].join(", ")

/** Of proposals that compete only one can be accepted; which one is for the chair to say (RIVAL2). */
function refuseRivals(
  { competing }: Choice,
  known: ReadonlyMap<string, Change>,
  units: Units,
  relations: Relations,
  leaveOut: ReadonlySet<Competing["kind"]>,
): void {
  const group = competing.find(({ kind }) => kind === "rivals" && !leaveOut.has(kind))
  if (!group) return
  const among = [...new Set(group.changes.map((id) => units.of(id)?.id ?? id))]
  const refused = (sentence: string): DomainError => new DomainError("conflict", sentence, { competing: group.changes })
  const sources = sourcesOf(group.changes, known)
  if (among.length === 1 && units.membersOf(among[0]!).length > 1) throw refused(tornSaid(sources))
  const areRivals = among.some((id) => relations.rivalsOf(id).some((other) => among.includes(other)))
  if (!areRivals) throw refused(deadEndSaid(sources, among.length === 1))
  throw rivalsRefused(group.changes, known)
}

const tornSaid = (sources: string): string =>
  `Nothing was decided: what is linked here, by ${sources}, cannot all be accepted, for it makes different things of the same words or of the same clause. Untie it and choose.`

const deadEndSaid = (sources: string, isOne: boolean): string =>
  `Nothing was decided: what is proposed here, by ${sources}, cannot all be carried out, for it joins clauses in a circle or to one that goes, or gives one clause two places or two levels. ${
    isOne ? "Do not retain it, and ask its delegation to propose anew what it means." : "Accept less of it."
  }`

const rivalsRefused = (changes: readonly string[], known: ReadonlyMap<string, Change>): DomainError =>
  new DomainError(
    "conflict",
    `Two of these proposals, by ${sourcesOf(changes, known)}, cannot both be accepted, for they make different things of the same words or of the same clause. Choose one.`,
    { competing: changes },
  )

function chooseFirst({ competing }: Choice, known: ReadonlyMap<string, Change>): DomainError {
  const changes = [...new Set(competing.flatMap((group) => group.changes))]
  const sources = sourcesOf(changes, known)
  return new DomainError(
    "conflict",
    competing.every(({ kind }) => kind === "forestalled")
      ? `Nothing was decided: the words that this was to replace (${sources}) have been replaced by another change that was accepted. Read it and decide on it alone.`
      : `Nothing was decided: what was asked for competes (${sources}). Choose among these proposals first.`,
    { competing: changes },
  )
}

/** Throws where a change was accepted and waits: it is decided, and no delegation's to take back or to take in any more. */
export function demandOpen(gate: Gate, changes: readonly { readonly id: string }[]): void {
  if (changes.some(({ id }) => gate.noted.has(id)))
    throw new DomainError(
      "conflict",
      "This is accepted already, and takes effect with the proposal around it. The record can take that decision back.",
    )
}

export const conflict = (stale: readonly Change[], gone: readonly string[], sight: Sight): DomainError =>
  new DomainError("conflict", "Nothing was decided: a change is no longer as you saw it. Look at it again and decide.", {
    fresh: stale.map((change) => seenNow(change, sight)),
    gone,
  })

/** A change with its hash, as a client needs it to decide again. */
export const seenNow = (change: Change, sight: Sight): Change & { hash: string } => ({ ...change, hash: changeHash(change, sight) })

/** Carries out on the words what was decided, until nothing happens any more; the blocks in which something did. */
function* resolveWords(site: Site, elements: readonly Y.XmlElement[], blocks: readonly Block[], verdicts: Verdicts): Sliced<Set<string>> {
  const touched = new Set<string>()
  const gone = new Set<number>()
  const list = [...blocks]
  const concerned = list.flatMap((block, i) => (isAbout(block, verdicts) ? [i] : []))
  for (let isDone = false; !isDone; ) {
    isDone = true
    const given = givenOn(gone.size === 0 ? [...list] : list.filter((_, i) => !gone.has(i)), verdicts)
    for (const i of concerned) {
      if (gone.has(i)) continue
      yield
      const [element, block] = [elements[i]!, list[i]!]
      const effects = effectsOn(block, given)
      if (isIdle(effects)) continue
      isDone = false
      touched.add(block.id)
      // A block that goes as a whole is removed with the others that go.
      if (effects.block === "gone") gone.add(i)
      else {
        applyEffects(site.tr, element, block, effects)
        list[i] = blockOfElement(element)
      }
    }
  }
  return touched
}

function applyEffects(tr: Y.Transaction, element: Y.XmlElement, block: Block, effects: Effects): void {
  const text = textOfElement(element)!
  let to = block.runs.reduce((sum, run) => sum + run.text.length, 0)
  for (let i = block.runs.length - 1; i >= 0; i--) {
    const from = to - block.runs[i]!.text.length
    if (effects.goneRuns.has(i)) removeText(tr, text, from, to)
    to = from
  }
  for (const key of effects.liftedKeys) removeMark(tr, text, key)
  if (effects.block === "agreed") {
    element.removeAttribute("insertedBy")
    element.removeAttribute("insertedId")
  }
}

/** Marks of changes that are decided go, also where they are around nothing: words that come there later would stand under them. */
function liftEmpty({ tr }: Site, gate: Gate, changes: ReadonlySet<string>): void {
  const proposals = roots.proposals(tr.doc)
  const isOver = ({ changeId }: Mark): boolean =>
    changes.has(changeId) && proposals.has(changeId) && proposals.get(changeId)!.status !== "acceptedWithHost"
  for (const element of gate.elementsWith(changes)) {
    const text = element._item!.deleted ? null : textOfElement(element)
    const keys = new Set<string>()
    for (let item = text?._start ?? null; item; item = item.right) {
      const mark = item.deleted || !(item.content instanceof Y.ContentFormat) ? null : markOfMarker(item.content)
      if (mark && isOver(mark)) keys.add(mark.key)
    }
    for (const key of text ? keys : []) removeMark(tr, text!, key)
  }
}

/** Ids for what a decision adds. The server's clock grows with everything that is written under them, so none comes twice. */
export function serverMint(shadow: Y.Doc): Mint {
  const first = Y.getState(shadow.store, serverClient)
  let n = 0
  const next = (source: string): string => markId(source, serverClient, (first + n++) % idLimit)
  return { block: () => `s${next("SEC")}`, entry: next }
}

/** Levels, joins, moves, splits; blocks that went; and what is still proposed about those that stay. The blocks that it touched. */
function* carryOut(site: Site, before: readonly Block[], { plan, splits, blocks }: Resolution, mint: Mint): Sliced<string[]> {
  const touched: string[] = []
  for (const { block, level } of plan.levels) {
    elementOf(site, block).setAttribute("level", level as unknown as string)
    touched.push(block)
    yield
  }
  for (const { block, into, apart } of plan.joins) {
    yield
    const survivor = survivorIn(site, into)
    if (survivor === null || survivor === block) continue
    joinBlock(site, block, survivor, apart)
    touched.push(block, survivor)
  }
  for (const move of inTurn(plan.moves)) {
    yield
    if (move.after === move.block) continue
    moveBlock(site, move.block, move.after, mint.block())
    touched.push(move.block)
  }
  for (const split of splits) {
    yield
    splitBlock(site, split)
    touched.push(split.block, ...split.parts.map(({ id }) => id).filter((id) => id !== split.block))
  }
  const stays = (id: string): boolean => {
    const block = byIdOf(blocks).get(id)
    return block !== undefined && !isPlace(block)
  }
  // Reading the attributes of thousands of elements would cost more than the rest of a decision on one change.
  const isGone = (block: Block, at: number): boolean => {
    const now = blocks[at]
    // Nearly all are where they were.
    return block !== now && isPresent(block) && (block.id === now?.id ? isPlace(now) : !stays(block.id))
  }
  if (touched.length > 0 || before.some(isGone))
    for (const element of elementsOf(site.tr.doc)) {
      const id = element.getAttribute("id") as string
      if (stays(id) || element.getAttribute("joined") !== undefined) continue
      removeBlock(site, element, byIdOf(blocks).has(id))
      touched.push(id)
      yield
    }
  writeStructure(site.tr.doc, structureIn(blocks))
  return touched
}

/** The root `structure` holds just these proposals. */
function writeStructure(shadow: Y.Doc, proposals: readonly StructuralProposal[]): void {
  const structure = shadow.getMap(structureRoot)
  const left = new Map(proposals.map((proposal) => [proposal.id, proposal]))
  for (const key of [...structure.keys()]) if (!left.has(key)) structure.delete(key)
  for (const [key, proposal] of left) {
    const was = structuralProposalOf(key, structure.get(key))
    if (!was || was.block !== proposal.block || targetOf(was) !== targetOf(proposal)) structure.set(key, entryOf(proposal))
  }
}

/** What a verdict makes of a change. */
export const statusOf: Record<Verdict, ProposalEntry["status"]> = { accept: "accepted", notRetain: "notRetained", withdraw: "withdrawn" }

/** What becomes of the changes that a decision reaches. */
interface Fates {
  readonly decided: readonly Change[]
  readonly others: readonly Change[]
  readonly verdict: Verdict
  readonly choice: Choice
  readonly overtaken: ReadonlyMap<string, string>
  readonly superseded: readonly Change[]
  readonly lapsed: ReadonlySet<string>
  readonly noted: ReadonlySet<string>
  readonly inPart: ReadonlySet<string>
  readonly by: ReadonlyMap<string, string>
  readonly parts: ReadonlyMap<string, DecidedPart>
}

function* record(shadow: Y.Doc, fates: Fates, sight: Sight): Sliced<void> {
  const { verdict, choice, overtaken, noted, by } = fates
  const proposals = roots.proposals(shadow)
  const wordsOf = (change: Change): ProposalEntry["segments"] => change.segments.map(({ block, kind, text }) => ({ block, kind, text }))
  const actsOf = ({ structure }: Change): Pick<ProposalEntry, "acts"> =>
    structure.length === 0
      ? {}
      : { acts: structure.map(({ proposal: { kind, block } }) => ({ kind, block, origin: sight.block.get(block)?.origin ?? null })) }
  const along = fates.others.filter(({ id }) => choice.identical.has(id))
  const all = [...fates.decided, ...along]
  const namesakes = new Map<string, string[]>()
  for (const change of all) {
    const first = choice.writtenAs.get(change.id)
    if (first !== undefined) namesakes.set(first, [...(namesakes.get(first) ?? []), change.source])
  }
  for (const change of all) {
    yield
    const standsFor = by.get(change.id)
    const isNoted = noted.has(standsFor ?? change.id)
    const status = isNoted ? "acceptedWithHost" : statusOf[verdict]
    const sources = namesakes.get(change.id)
    settle(proposals, change.id, {
      status,
      source: change.source,
      ...(standsFor === undefined ? {} : { by: standsFor }),
      ...(isNoted && fates.inPart.has(change.id) ? { inPart: true } : {}),
      ...(fates.parts.has(change.id) ? { next: fates.parts.get(change.id)!.rest } : {}),
      ...(sources ? { with: sources } : {}),
      ...(verdict === "accept" && standsFor === undefined ? { segments: wordsOf(change)!, ...actsOf(change) } : {}),
    })
  }
  for (const change of fates.others)
    if (overtaken.has(change.id))
      settle(proposals, change.id, { status: "overtaken", source: change.source, by: overtaken.get(change.id)! })
  for (const change of fates.superseded)
    if (!fates.lapsed.has(change.id)) settle(proposals, change.id, { status: "superseded", source: change.source })
  yield* settleNoted(proposals, fates)
}

/**
 * What was noted and waits no longer took effect with its host, or went with it or with the clause. What said the same shares the fate of what was written
 * for it, whatever became of that.
 */
function* settleNoted(proposals: Y.Map<ProposalEntry>, { noted, lapsed, inPart }: Fates): Sliced<void> {
  const waited = [...proposals.entries()].filter(([, { status }]) => status === "acceptedWithHost")
  const firsts = new Map(waited.map(([id]) => [id, writtenFor(proposals, id)]))
  const isItself = ([id]: readonly [string, ProposalEntry]): boolean => firsts.get(id) === id
  for (const [id, entry] of waited.toSorted((a, b) => Number(isItself(b)) - Number(isItself(a)))) {
    yield
    const first = firsts.get(id)!
    if (noted.has(first)) {
      if (inPart.has(id) && !entry.inPart) proposals.set(id, { ...entry, inPart: true })
      continue
    }
    const { status, by } = first === id ? entry : proposals.get(first)!
    // What is in the text of it stays accepted.
    const isGone = lapsed.has(first) && !inPart.has(first)
    if (status === "acceptedWithHost") proposals.set(id, { ...entry, status: isGone ? "superseded" : "accepted" })
    else proposals.set(id, { ...entry, status, ...(status === "overtaken" && by !== undefined ? { by } : {}) })
  }
}

/** What was decided stays as it was decided; only what waits for its host goes on (GATE14). */
function settle(proposals: Y.Map<ProposalEntry>, id: string, entry: ProposalEntry): void {
  const was = proposals.get(id)
  if (!was || was.status === "acceptedWithHost") proposals.set(id, { ...was, ...entry })
}

/** What is accepted takes letters out: who strikes them without having heard comes too late (RIVAL4). `concerned`: the blocks in which it has any. */
function noteTaken(shadow: Y.Doc, since: number, concerned: readonly Block[], verdicts: Verdicts, waiting: ReadonlySet<string>): void {
  const accepted = new Set([...verdicts].flatMap(([id, verdict]) => (verdict === "accept" && !waiting.has(id) ? [id] : [])))
  const taken: Taken[] = []
  for (const block of concerned) {
    if (!isAbout(block, accepted)) continue
    for (const { text, marks, client, clock } of block.runs as readonly PlacedRun[])
      for (const mark of marks)
        if (mark.name === "deletion" && accepted.has(mark.changeId) && countsOn(mark, marks))
          taken.push([client, clock, text.length, since, mark.changeId, text])
  }
  roots.taken(shadow).push(taken)
}

/** What becomes agreed beside open changes: who wrote these had it not before their eyes (RIVAL8). */
function noteAgreed(shadow: Y.Doc, concerned: readonly Block[], verdicts: Verdicts): void {
  const since = roots.since(shadow)
  for (const block of concerned)
    for (const { run, isGap, by, changes } of agreedBeside(block, verdicts)) {
      const { client, clock, text } = block.runs[run] as PlacedRun
      since.set(by, [...(since.get(by) ?? []), [client, clock, isGap ? 0 : text.length, changes]])
    }
}

/** What is left of a change that came too late came too late. */
function goOnForestalled(shadow: Y.Doc, parts: ReadonlyMap<string, DecidedPart>): void {
  const forestalled = roots.forestalled(shadow)
  for (const [id, { rest }] of parts) if (forestalled.has(id)) forestalled.set(rest, forestalled.get(id)!)
}

/** Notes which open changes go on saying the same, and forgets those of the decided. */
function noteTwins(shadow: Y.Doc, parted: ReadonlyMap<string, readonly Twin[]>, verdicts: Verdicts): void {
  const twins = roots.twins(shadow)
  for (const [id, found] of parted) twins.set(id, [...(twins.get(id) ?? []), ...found])
  for (const id of verdicts.keys()) if (twins.has(id)) twins.delete(id)
}

/** A link of which fewer than two changes are open ties nothing any more. */
function forgetLinks(shadow: Y.Doc, verdicts: Verdicts): void {
  const links = roots.links(shadow)
  for (const link of linksIn(shadow)) {
    const open = link.changes.filter((change) => !verdicts.has(change))
    if (open.length < 2) links.delete(link.id)
    else if (open.length < link.changes.length) links.set(link.id, { source: link.source, changes: open })
  }
}

/**
 * No decision moves a label (NUM5): an accepted clause keeps the one under which it was proposed, and what is still proposed keeps its own where a clause
 * before it came or went. Else labels would hang on the order of decisions. `before`: as the clauses were called when it was decided.
 */
function freezeLabels(shadow: Y.Doc, before: readonly Block[], after: readonly Block[]): void {
  const { labels: standing, profile } = metaOfDoc(shadow)
  const frozen = frozenLabelsIn(shadow)
  const loose = after.filter((block) => block.type === "clause" && isPresent(block) && !isBlank(block) && frozen[block.id] === undefined)
  if (loose.length === 0) return
  const was = labelsOf(before, profile, standing)
  const kept: Record<string, string> = { ...frozen }
  const keep = (id: string): void => void (kept[id] = was.get(id)!)
  for (const block of loose) if (isAgreed(block) && was.has(block.id)) keep(block.id)
  let labels = labelsOf(after, profile, labelsWithGiven(shadow, kept))
  // What one keeps another cannot have: so until none would move.
  for (;;) {
    const moved = loose.filter(({ id }) => kept[id] === undefined && was.has(id) && was.get(id) !== labels.get(id))
    if (moved.length === 0) break
    for (const { id } of moved) keep(id)
    labels = labelsOf(after, profile, labelsWithGiven(shadow, kept))
  }
  for (const block of loose) if (isAgreed(block)) kept[block.id] ??= labels.get(block.id) ?? ""
  if (Object.keys(kept).length > Object.keys(frozen).length) roots.meta(shadow).set("labels", kept)
}

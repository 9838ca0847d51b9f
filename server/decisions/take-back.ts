/** Takes a decision back in the room's document (BACK), and proves that it did just that. */
import * as Y from "yjs"
import {
  type BackPlan,
  flawOfTakingBack,
  inverse,
  type Letters,
  lettersInSlices,
  type Obstacles,
  standsInTheWay,
} from "../../shared/changes/back.ts"
import { type Change, changesIn } from "../../shared/changes/changes.ts"
import { Ties } from "../../shared/changes/links.ts"
import type { Moment } from "../../shared/changes/moment.ts"
import { changeHash, type Sight, seenOf, sightOf } from "../../shared/changes/sight.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import { type Block, defaultAttrs, isDeletionInEffect, isPresent, isProposal, type Mark, ownerOf } from "../../shared/schema/block.ts"
import { parseKey } from "../../shared/schema/keys.ts"
import { entryOf, targetOf } from "../../shared/schema/structure.ts"
import { momentOf } from "../../shared/sync/moment.ts"
import { elementsOf as allElements, runsOfText, structureOf, structureRoot, textOfElement } from "../../shared/sync/read.ts"
import { frozenLabelsIn, linksIn, roots } from "../../shared/sync/roots.ts"
import type { Gate } from "../gate/gate.ts"
import { itemFrom } from "../gate/places.ts"
import {
  elementBefore,
  elementOf,
  elementsOf,
  joinBlock,
  moveBlock,
  moveWords,
  newElement,
  type Site,
  startOf,
} from "../gate/restructure.ts"
import { DomainError } from "../problems.ts"
import { sightOfGate } from "./as-seen.ts"
import { serverMint } from "./carry-out.ts"
import { rename } from "./divide.ts"
import { decidedTooLate, lateBack, obstaclesOf, strikeLate } from "./late.ts"
import { Mismatch } from "./proven.ts"
import type { Later } from "./taking.ts"
import { lettersIn, WordsBack } from "./words-back.ts"
import { written } from "./written.ts"

export interface TakenBack {
  readonly row: Uint8Array | null
  /** Open again. */
  readonly reopened: readonly Change[]
  readonly blocks: readonly string[]
}

/** A decision that is to be taken back: the draft right before and right after it. */
export interface Taking {
  readonly before: Moment
  readonly after: Moment
  /** Ids of the changes that it decided or ended, each with the hash that it was seen with where it is known. */
  readonly hashes: ReadonlyMap<string, string>
  /** What the meeting has decided since and holds. */
  readonly decidedSince: readonly Later[]
  /** What was seen, where `before` is not that, for of several changes one is opened again. */
  readonly shown?: Moment
}

/** Takes a decision back, or says what stands in the way; then nothing has changed. Throws where nothing of it is left, and a Mismatch where it would not be exact. */
export function* takeBack(gate: Gate, taking: Taking): Sliced<TakenBack | Obstacles> {
  try {
    return yield* takenBack(gate, taking)
  } catch (error) {
    throw error instanceof Mismatch || error instanceof DomainError ? error : new Mismatch("taking back failed", error)
  }
}

function* takenBack(gate: Gate, taking: Taking): Sliced<TakenBack | Obstacles> {
  const { before, after } = taking
  const now = momentOf(gate.shadow, gate.blocks)
  yield
  const originOf = (letter: { client: number; clock: number }): { client: number; clock: number } => gate.relocations.original(letter)
  const letters = yield* lettersInSlices(now.blocks, originOf)
  const plan = inverse(before, after, now, originOf, letters)
  if (standsInTheWay(plan)) return plan
  const gone = withoutWords(taking.hashes.keys(), before, plan, letters)
  if (gone.size > 0 && gone.size === taking.hashes.size) throw new NothingLeft()
  const tooLate = decidedTooLate(gate.shadow, before.proposals, plan)
  if (tooLate.size > 0) return obstaclesOf(tooLate)
  const held = heldBy(taking.decidedSince, plan, now.blocks)
  if (held.size > 0) return obstaclesOf(held)
  const mint = serverMint(gate.shadow)
  const touched = new Set<string>(plan.touched)
  yield
  const returned: string[] = []
  const row = yield* written(gate, function* (site) {
    for (const id of yield* structureBack(site, plan, before.entries, () => mint.block())) touched.add(id)
    const renamed = new Map(plan.renamed)
    aimedAgain(plan, letters, renamed)
    const words = new WordsBack(site, plan, changesByKey(now.blocks), renamed, (source) => mint.entry(source))
    const isNew = new Set(plan.restored.map(({ block }) => block.id))
    for (const element of elementsOf(site)) {
      const id = element.getAttribute("id") as string
      if (!touched.has(id) || element.getAttribute("joined") !== undefined) continue
      words.restore(id, textOfElement(element)!, isNew.has(id))
      yield
    }
    namesBack(gate.shadow, plan, words.pieces, renamed)
    yield* mergedBack(site, plan, renamed)
    for (const element of elementsOf(site)) {
      const text = renamed.size > 0 ? textOfElement(element) : null
      if (text) for (const mark of renamed.values()) rename(site.tr, text, mark, site.relocations)
    }
    recordBack(gate.shadow, plan)
    strikeLate(site, plan, touched, (source) => mint.entry(source))
    const there = typesIn(site)
    const mintEntry = (source: string): string => mint.entry(source)
    for (const { changeId } of lateBack(gate.shadow, plan, (block) => there.get(block) ?? null, mintEntry)) returned.push(changeId)
  })
  const reopened = changesIn(gate.blocks, new Set([...taking.hashes.keys(), ...returned]))
  const flaw = flawOfTakingBack(plan, now, gate.blocks, originOf)
  if (flaw !== null) throw new Mismatch(`taking back changes ${flaw}`)
  proveSeen(gate, { ...taking, gone, isLast: !taking.shown && fatesIn(after) === fatesIn(now) }, plan, reopened)
  return { row, reopened, blocks: [...touched] }
}

/** Nothing that a decision was about is there any more: who wrote the words has taken them out since. */
export class NothingLeft extends DomainError {
  constructor() {
    super(
      "conflict",
      "The words that this decision was about were taken out since by those who wrote them, so nothing of it is left to take back. It can be proposed again.",
      { first: [] },
    )
  }
}

/** Changes that would come back with no letter and no clause: all that they were on has gone by the hands of who wrote it. */
function withoutWords(changes: Iterable<string>, before: Moment, { was, became }: BackPlan, now: Letters): Set<string> {
  const gone = new Set(changes)
  const ofClauses = [...before.entries.values()].map(({ changeId }) => changeId)
  for (const id of ofClauses) gone.delete(id)
  const had = new Set<string>()
  // A new clause of which no word is left is none, whoever's the words were.
  const holding = new Set([...now.values()].map(({ block }) => block))
  for (const [origin, { block }] of was) if (!became.has(origin)) holding.add(block)
  for (const { id, insertedId, runs } of before.blocks) {
    if (insertedId === null) continue
    if (runs.length > 0) had.add(insertedId)
    if (holding.has(id)) gone.delete(insertedId)
  }
  for (const [origin, { marks }] of was) {
    const isLeft = now.has(origin) || !became.has(origin)
    for (const mark of marks) {
      if (!isProposal(mark)) continue
      had.add(mark.changeId)
      if (isLeft) gone.delete(mark.changeId)
    }
  }
  return new Set([...gone].filter((id) => had.has(id)))
}

/**
 * Changes that were decided in or about blocks of which words go to another once the decision is taken back, or which are only proposed again: that could
 * be taken back no more, for nothing would be where it was left.
 */
function heldBy(later: readonly Later[], { unsplit, unjoined, attributes }: BackPlan, blocks: readonly Block[]): Set<string> {
  const leaving = new Set([...unsplit.flatMap(({ parts }) => parts.map(({ id }) => id)), ...unjoined.map(({ from }) => from)])
  const proposed = new Set(attributes.flatMap(({ block, name, value }) => (name === "insertedId" && value !== null ? [block] : [])))
  const there = new Set(blocks.filter(isPresent).map(({ id }) => id))
  const isHeld = ({ touched, about, isAccepted }: Later): boolean => {
    if (!isAccepted && !about.every((block) => there.has(block))) return false
    return [...touched, ...(isAccepted ? about : [])].some((block) => leaving.has(block)) || about.some((block) => proposed.has(block))
  }
  return new Set(later.filter(isHeld).flatMap(({ changes }) => changes))
}

/** Of which change each mark in force is, by its key. */
const changesByKey = (blocks: readonly Block[]): Map<string, string> =>
  new Map(blocks.flatMap(({ runs }) => runs.flatMap(({ marks }) => marks.map(({ key, changeId }) => [key, changeId] as const))))

/** The blocks that are there, with their types. */
const typesIn = (site: Site): Map<string, Block["type"]> =>
  new Map(
    elementsOf(site)
      .filter((element) => element.getAttribute("joined") === undefined)
      .map((element) => [element.getAttribute("id") as string, element.nodeName as Block["type"]]),
  )

/** Blocks as wholes: in the opposite order of a decision. The blocks that it touches. */
function* structureBack(site: Site, plan: BackPlan, was: Moment["entries"], mintBlock: () => string): Sliced<string[]> {
  const touched: string[] = []
  for (const { block, parts } of plan.unsplit) {
    for (const { id } of parts) joinBlock(site, id, block)
    touched.push(block, ...parts.map(({ id }) => id))
    follow(site.tr.doc, new Map(parts.map(({ id, home }) => [id, home])))
    yield
  }
  for (const { block, place } of plan.unmoved) {
    moveBlock(site, block, place, mintBlock())
    touched.push(block)
    yield
  }
  const lastOf = new Map<string, string>()
  for (const joined of inTurn(site, plan.unjoined)) {
    unjoin(site, joined)
    if (!lastOf.has(joined.from)) lastOf.set(joined.from, joined.block)
    touched.push(joined.block, joined.from)
    yield
  }
  aimAtLast(site.tr.doc, lastOf, was)
  for (const { block, element } of plan.restored) {
    restoreBlock(site, block, element)
    touched.push(block.id)
    yield
  }
  for (const { block, name, value } of plan.attributes) {
    const element = elementOf(site, block)
    if (value === (defaultAttrs as Readonly<Record<string, unknown>>)[name]) element.removeAttribute(name)
    else element.setAttribute(name, value as string)
  }
  return touched
}

type Unjoined = BackPlan["unjoined"][number]

/** Of those joined to one block the last comes out first; none before the one that it was joined to. */
function* inTurn(site: Site, all: readonly Unjoined[]): Iterable<Unjoined> {
  let rest = [...all]
  while (rest.length > 0) {
    const ready = rest.filter(({ from }) => !rest.some(({ block }) => block === from))
    const list = ready.length > 0 ? ready : rest
    const [next] = list.toSorted((a, b) => offsetOf(site, b) - offsetOf(site, a))
    yield next!
    rest = rest.filter((other) => other !== next)
  }
}

/** Where the words of a joined block begin in the one that they are in. */
function offsetOf(site: Site, { from, first }: Unjoined): number {
  const text = textOfElement(elementOf(site, from))!
  const at = first === null ? -1 : lettersIn(text, site).findIndex(({ origin }) => origin === first)
  return at < 0 ? text.length : at
}

function unjoin(site: Site, joined: Unjoined): void {
  const element = elementOf(site, joined.block)
  const start = site.relocations.latest(startOf(element))
  moveWords(site, textOfElement(elementOf(site, joined.from))!, offsetOf(site, joined), textOfElement(element)!, start)
  element.removeAttribute("joined")
}

/** A block that went, as a new element at the place of the one that it was; its words come back with all others. */
function restoreBlock(site: Site, block: Block, was: { client: number; clock: number }): void {
  const place = elementsOf(site).findIndex((element) => element.getAttribute("id") === block.id)
  const { runs: _, structure: __, type, joined: ___, ...attrs } = block
  const written = Object.fromEntries(
    Object.entries(attrs).filter(([name, value]) => value !== (defaultAttrs as Readonly<Record<string, unknown>>)[name]),
  )
  const gone = place >= 0 ? null : itemFrom(site.tr, was)
  if (gone && !(gone instanceof Y.Item)) throw new Mismatch("the place of a block is not found")
  const element = gone ? elementBefore(site, gone, type, written) : newElement(site, place + 1, type, written)
  if (place >= 0) site.fragment.delete(place, 1)
  site.relocations.add(was, startOf(element), 1)
}

/**
 * What was proposed since to stand behind a joined block, or to be joined to it, is behind the last of those that are parted again; `was`: what was proposed
 * before they were joined means what it meant then.
 */
function aimAtLast(shadow: Y.Doc, lastOf: ReadonlyMap<string, string>, was: Moment["entries"]): void {
  const structure = shadow.getMap(structureRoot)
  for (const entry of structureOf(shadow)) {
    const target = targetOf(entry)
    const last = typeof target === "string" ? lastOf.get(target) : undefined
    const then = was.get(entry.id)
    if (last === undefined || last === entry.block || (then && targetOf(then) === target)) continue
    if (entry.kind === "move") structure.set(entry.id, entryOf({ ...entry, after: last }))
    if (entry.kind === "join") structure.set(entry.id, entryOf({ ...entry, into: last }))
  }
}

/** What others have proposed behind a part, or said of it, since, goes with the block that it is one with again. */
function follow(shadow: Y.Doc, wholes: ReadonlyMap<string, string>): void {
  const structure = shadow.getMap(structureRoot)
  for (const entry of structureOf(shadow)) {
    const target = targetOf(entry)
    const whole = typeof target === "string" ? wholes.get(target) : undefined
    if (whole === undefined || whole === entry.block) continue
    if (entry.kind === "move") structure.set(entry.id, entryOf({ ...entry, after: whole }))
    if (entry.kind === "join") structure.set(entry.id, entryOf({ ...entry, into: whole }))
  }
  const threads = roots.threads(shadow)
  for (const [key, thread] of threads.entries()) {
    const whole = wholes.get(thread.anchor.block)
    if (whole !== undefined) threads.set(key, { ...thread, anchor: { ...thread.anchor, block: whole } })
  }
}

/**
 * What others have struck of words while these were agreed they strike in the open insertion that the words are of again: a deletion that is not made over
 * that would mean nothing in it (TRK2).
 */
function aimedAgain({ was, unmade }: BackPlan, now: Letters, renamed: Map<string, Mark>): void {
  for (const [origin, then] of was) {
    const is = now.get(origin)
    const owner = is && ownerOf(then.marks)
    if (!is || !owner || is.marks.some(({ key }) => key === owner.key)) continue
    for (const mark of is.marks) {
      if (mark.name !== "deletion" || unmade.has(mark.key) || !isDeletionInEffect(mark, is.marks)) continue
      if (then.marks.some(({ key }) => key === mark.key)) continue
      const known = renamed.get(mark.key) ?? mark
      if (!known.over.includes(owner.id)) renamed.set(mark.key, { ...known, over: [...known.over, owner.id] })
    }
  }
}

/** Marks that name one which is no more, or one that came back in pieces, name what they stand on. */
function namesBack(shadow: Y.Doc, { unmade }: BackPlan, pieces: ReadonlyMap<string, readonly Mark[]>, renamed: Map<string, Mark>): void {
  const wholes = new Map<string, string>()
  const was = new Map<string, string>()
  for (const [key, whole] of unmade) if (whole) wholes.set(key, whole.id)
  if (wholes.size === 0 && pieces.size === 0) return
  for (const [key, id] of wholes) was.set(idOfKey(key), id)
  for (const element of allElements(shadow)) {
    const text = textOfElement(element)
    for (const { marks } of text ? runsOfText(text) : [])
      for (const mark of marks) {
        const known = renamed.get(mark.key) ?? mark
        const names = (list: readonly string[]): string[] => [
          ...new Set(
            list.flatMap((id) => {
              const whole = was.get(shortOf(id)) ?? id
              return [
                whole,
                ...(pieces.get(whole) ?? []).filter((piece) => marks.some(({ key }) => key === piece.key)).map((piece) => piece.id),
              ]
            }),
          ),
        ]
        const now = { ...known, within: names(known.within), over: names(known.over) }
        if (now.within.join() !== known.within.join() || now.over.join() !== known.over.join()) renamed.set(mark.key, now)
      }
  }
}

/** What its source has added since to what was left of a divided change is of the whole again: marks, new blocks, proposals about blocks. */
function* mergedBack(site: Site, { merged }: BackPlan, renamed: Map<string, Mark>): Sliced<void> {
  if (merged.size === 0) return
  for (const element of elementsOf(site)) {
    const text = textOfElement(element)
    for (const { marks } of text ? runsOfText(text) : [])
      for (const mark of marks) {
        const whole = merged.get(mark.changeId)
        if (whole === undefined) continue
        renamed.set(mark.key, { ...(renamed.get(mark.key) ?? mark), of: whole, changeId: whole })
      }
    const whole = merged.get(element.getAttribute("insertedId") ?? "")
    if (whole !== undefined) element.setAttribute("insertedId", whole)
    yield
  }
  const structure = site.tr.doc.getMap(structureRoot)
  for (const entry of structureOf(site.tr.doc)) {
    const whole = merged.get(entry.changeId)
    if (whole !== undefined) structure.set(entry.id, entryOf({ ...entry, of: whole, changeId: whole }))
  }
  const links = roots.links(site.tr.doc)
  for (const { id, source, changes } of linksIn(site.tr.doc))
    if (changes.some((change) => merged.has(change)))
      links.set(id, { source, changes: [...new Set(changes.map((change) => merged.get(change) ?? change))] })
}

/** Client and number that a mark's key spells, as its id does behind the source. */
const idOfKey = (key: string): string => {
  const parts = parseKey(key)!
  return `${parts.client}.${parts.n}`
}
const shortOf = (id: string): string => id.slice(id.indexOf(".") + 1)

/** What the record in the document says: proposals about blocks, fates, labels, twins, and on what comments are. */
function recordBack(shadow: Y.Doc, plan: BackPlan): void {
  const structure = shadow.getMap(structureRoot)
  for (const [id, entry] of plan.entries) {
    if (entry) structure.set(id, entryOf(entry))
    else structure.delete(id)
  }
  const proposals = roots.proposals(shadow)
  for (const [change, entry] of plan.proposals) {
    if (entry) proposals.set(change, entry)
    else proposals.delete(change)
  }
  const twins = roots.twins(shadow)
  for (const [change, list] of plan.twins) {
    if (list) twins.set(change, list)
    else twins.delete(change)
  }
  if (plan.labels.size > 0) {
    const labels: Record<string, string> = { ...frozenLabelsIn(shadow) }
    for (const [block, label] of plan.labels) {
      if (label === null) delete labels[block]
      else labels[block] = label
    }
    roots.meta(shadow).set("labels", labels)
  }
  const given = roots.given(shadow)
  const borne = new Set([...given.entries()].flatMap(([block, [label]]) => (plan.given.has(block) ? [] : [label])))
  for (const [block, was] of plan.given) if (!borne.has(was[0])) given.set(block, was)
  for (const [key, block] of plan.anchors) {
    const thread = roots.threads(shadow).get(key)
    if (thread) roots.threads(shadow).set(key, { ...thread, anchor: { ...thread.anchor, block } })
  }
  const links = roots.links(shadow)
  for (const { id, source, changes } of plan.links) links.set(id, { source, changes: [...changes] })
  const threads = roots.threads(shadow)
  for (const [key, thread] of threads.entries()) {
    const whole = thread.anchor.on === "change" ? plan.merged.get(thread.anchor.change) : undefined
    if (whole !== undefined && thread.anchor.on === "change") threads.set(key, { ...thread, anchor: { ...thread.anchor, change: whole } })
  }
}

/** What became of changes, as one text: where it is the same, nothing was decided in between that still holds. */
const fatesIn = ({ proposals }: Moment): string => JSON.stringify([...proposals].map(([id, { status }]) => [id, status]).sort())

/** What is open again is what was seen when it was decided: to the letter where nothing was decided since, else but for what stands beside it (BACK2). */
function proveSeen(
  gate: Gate,
  { before, after, hashes, shown, gone, isLast }: Taking & { readonly gone: ReadonlySet<string>; readonly isLast: boolean },
  plan: BackPlan,
  reopened: readonly Change[],
): void {
  const sight = sightOfGate(gate)
  const ids = new Set(hashes.keys())
  const tied = new Ties((shown ?? before).links.values())
  const merged = new Set(plan.merged.values())
  // Of a division nothing may be left that could be one with the rest again.
  const isDivided = (id: string): boolean =>
    after.proposals.get(id)?.next !== undefined && after.proposals.get(id)?.next !== (shown ?? before).proposals.get(id)?.next
  const divided = new Set([...hashes.keys()].filter(isDivided))
  // Of what was linked a part was decided by itself, and the others without it.
  const [then, asLinked] = [tied.without(divided), tied].map((ties) => sightOf((shown ?? before).blocks, sight.originOf, ties)) as [
    Sight,
    Sight,
  ]
  // Of several changes that were decided together what the others took out does not come back with one.
  const alone = shown ? sightOf(before.blocks, sight.originOf) : then
  const known = (list: readonly Change[]): Map<string, Change> => new Map(list.map((change) => [change.id, change]))
  const open = known(changesIn(after.blocks, ids))
  const were = known(changesIn(then.blocks, ids))
  const to = known(changesIn(alone.blocks, ids))
  const are = known(reopened)
  // What was proposed about clauses that were gone by then, and have come back since, is of it again too.
  const there = new Set(before.blocks.filter(isPresent).map(({ id }) => id))
  for (const [id, hash] of hashes) {
    const [was, wanted, is] = [were.get(id), to.get(id), are.get(id)]
    if (!was || open.has(id)) continue
    // Beside one that was divided the others were seen as that left them.
    if ((divided.size === 0 || divided.has(id)) && changeHash(was, divided.has(id) ? asLinked : then) !== hash)
      throw new Mismatch(`the log and the record differ about change ${id}`)
    if (!wanted || (!is && gone.has(id))) continue
    if (!is) throw new Mismatch(`change ${id} does not come back`)
    if (merged.has(id) || was.inside.length > 0 || changeHash(is, sight) === hash) continue
    if (core(seenOf(is, sight), isLast, there) !== core(seenOf(wanted, alone), isLast, there))
      throw new Mismatch(`change ${id} comes back as another`)
  }
}

/** What was seen of a change, whatever others have typed between its words; with what stands beside it, or without. */
function core(seen: string, isWhole: boolean, there: ReadonlySet<string>): string {
  const [version, id, source, kind, inside, segments, newBlocks, structure] = JSON.parse(seen) as [
    unknown,
    unknown,
    unknown,
    unknown,
    unknown,
    string[][],
    unknown[][],
    unknown[][],
  ]
  const words: unknown[][] = []
  for (const [block, form, text, left, right, before, behind] of segments) {
    const last = words.at(-1)
    if (last && last[0] === block && last[1] === form)
      words[words.length - 1] = [block, form, `${last[2]}${text}`, last[3], right, last[5], behind]
    else words.push([block, form, text, left, right, before, behind])
  }
  const about = isWhole ? structure : structure.filter(([, block]) => there.has(String(block)))
  // Clauses may have moved since: then the parts of a change stand in another order.
  const first = (list: unknown[][], count: number): unknown[] =>
    isWhole
      ? list
      : list
          .map((part) => part.slice(0, count))
          .map((part) => JSON.stringify(part))
          .sort()
  return JSON.stringify([version, id, source, kind, inside, first(words, 3), first(newBlocks, 4), first(about, 3)])
}

/** Takes a decision back in the room's document (BACK), and proves that it did just that. */
import type * as Y from "yjs"
import { inverse } from "../../shared/changes/back.ts"
import { flawOfTakingBack } from "../../shared/changes/back-flaws.ts"
import { type BackPlan, type Obstacles, standsInTheWay } from "../../shared/changes/back-plan.ts"
import { changesIn } from "../../shared/changes/changes.ts"
import type { Moment } from "../../shared/changes/moment.ts"
import { type Letters, lettersInSlices } from "../../shared/changes/placed.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import { type Block, isPresent, isProposal } from "../../shared/schema/block.ts"
import { entryOf } from "../../shared/schema/structure.ts"
import { momentOf } from "../../shared/sync/moment.ts"
import { structureRoot, textOfElement } from "../../shared/sync/read.ts"
import { frozenLabelsIn, roots } from "../../shared/sync/roots.ts"
import type { Gate } from "../gate/gate.ts"
import { elementsOf } from "../gate/restructure.ts"
import { DomainError } from "../problems.ts"
import type { TakenBack, Taking } from "./asked-back.ts"
import { serverMint } from "./carry-out.ts"
import { rename } from "./divide.ts"
import { decidedTooLate, lateBack, obstaclesOf, strikeLate } from "./late.ts"
import { aimedAgain, mergedBack, namesBack } from "./names-back.ts"
import { proveSeen } from "./prove-back.ts"
import { Mismatch } from "./proven.ts"
import { structureBack, typesIn } from "./structure-back.ts"
import type { Later } from "./taking.ts"
import { WordsBack } from "./words-back.ts"
import { written } from "./written.ts"

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

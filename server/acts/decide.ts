import * as Y from "yjs"
import { type Change, changeHash, changesIn, changesInSlices, isAbout } from "../../shared/changes/changes.ts"
import {
  competingAmong,
  type Effects,
  effectsOn,
  endedBy,
  givenOn,
  isIdle,
  type Resolution,
  resolutionInSlices,
  supersededBy,
  type Verdict,
  type Verdicts,
  waitingAmong,
} from "../../shared/changes/resolve.ts"
import { inTurn, isPlace, type Mint } from "../../shared/changes/restructure.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import { labelsOf } from "../../shared/clauses/labels.ts"
import { type Block, isPresent, type StructuralProposal } from "../../shared/schema/block.ts"
import { idLimit, markId, serverClient } from "../../shared/schema/keys.ts"
import { entryOf, structuralProposalOf, targetOf } from "../../shared/schema/structure.ts"
import { blockOfElement, elementsOf, structureRoot, textOfElement } from "../../shared/sync/read.ts"
import { metaOfDoc, type ProposalEntry, roots } from "../../shared/sync/roots.ts"
import { removeMark, removeText } from "../../shared/sync/write.ts"
import type { Gate } from "../gate/gate.ts"
import { DomainError } from "../problems.ts"
import { elementOf, joinBlock, moveBlock, removeBlock, type Site, splitBlock, survivorIn } from "./restructure.ts"
import { written } from "./written.ts"

/** A change as somebody saw it when deciding. */
export interface Seen {
  readonly id: string
  readonly hash: string
}

export interface Decided {
  readonly row: Uint8Array | null
  readonly decided: readonly Change[]
  /** Asked for but not as it was seen, with `partial`. */
  readonly stale: readonly Change[]
  readonly gone: readonly string[]
  readonly superseded: readonly Change[]
  readonly noted: ReadonlySet<string>
  readonly liftedKeys: readonly string[]
  readonly blocks: readonly string[]
}

/**
 * Decides changes, each as it was seen: one that differs from its hash means that nothing is decided and a conflict with the fresh state, unless
 * `isPartial` (design section 6). It pauses between blocks, for a decision may be about thousands of changes; the room's queue is held meanwhile.
 */
export function* decideChanges(gate: Gate, seen: readonly Seen[], verdict: Verdict, isPartial: boolean): Sliced<Decided> {
  const { blocks } = gate
  const found = yield* changesInSlices(blocks, new Set(seen.map(({ id }) => id)))
  const changes = new Map(found.map((change) => [change.id, change]))
  const gone: string[] = []
  const stale: Change[] = []
  const decided: Change[] = []
  for (const { id, hash } of seen) {
    yield
    const change = changes.get(id)
    if (!change) gone.push(id)
    else if (changeHash(change) === hash) decided.push(change)
    else stale.push(change)
  }
  if (((gone.length > 0 || stale.length > 0) && !isPartial) || decided.length === 0) throw conflict(stale, gone)
  const verdicts = withNoted(gate, new Map(decided.map((change) => [change.id, verdict])))
  refuseCompeting(blocks, changes, verdicts)
  const mint = serverMint(gate.shadow)
  const outcome = yield* resolutionInSlices(blocks, verdicts, mint)
  const ended = supersededBy(blocks, outcome.blocks, verdicts)
  const superseded = ended.size > 0 ? changesIn(blocks, ended) : []
  const noted = waitingAmong(outcome.blocks, verdicts)
  const touched: string[] = []
  const row = yield* written(gate, function* (site) {
    const words = yield* resolveWords(site, elementsOf(gate.shadow), blocks, verdicts)
    touched.push(...words, ...(yield* carryOut(site, gate.shadow, outcome, mint)))
    yield* record(gate.shadow, decided, verdicts, noted, superseded, outcome)
    freezeLabels(gate.shadow, outcome.blocks)
  })
  const liftedKeys = endedBy(blocks, outcome.blocks)
  gate.noteDecided(liftedKeys)
  return { row, decided, stale, gone, superseded, noted, liftedKeys, blocks: touched }
}

/** Of proposals that compete only one can be accepted; which one is for the chair to say (RES7). */
function refuseCompeting(blocks: readonly Block[], changes: ReadonlyMap<string, Change>, verdicts: Verdicts): void {
  const [pair] = competingAmong(blocks, verdicts)
  if (!pair) return
  const [a, b] = pair.map((id) => changes.get(id)?.source ?? "somebody")
  throw new DomainError(
    "conflict",
    `Two of these proposals, by ${a} and ${b}, cannot both be accepted, for they make different things of the same clause. Choose one.`,
    { competing: pair },
  )
}

export const conflict = (stale: readonly Change[], gone: readonly string[]): DomainError =>
  new DomainError("conflict", "Nothing was decided: a change is no longer as you saw it. Look at it again and decide.", {
    fresh: stale.map(seenNow),
    gone,
  })

/** A change with its hash, as a client needs it to decide again. */
export const seenNow = (change: Change): Change & { hash: string } => ({ ...change, hash: changeHash(change) })

// RES1: what was accepted with its host takes effect when the host is accepted, so earlier notes are part of every decision.
function withNoted(gate: Gate, verdicts: Map<string, Verdict>): Verdicts {
  const all = new Map(verdicts)
  for (const [id, entry] of roots.proposals(gate.shadow).entries())
    if (entry.status === "acceptedWithHost" && !all.has(id)) all.set(id, "accept")
  return all
}

/** Carries out on the words what was decided, until nothing happens any more; the blocks in which something did. */
function* resolveWords(site: Site, elements: readonly Y.XmlElement[], blocks: readonly Block[], verdicts: Verdicts): Sliced<Set<string>> {
  const touched = new Set<string>()
  let left = elements.map((element, i) => ({ element, block: blocks[i]!, isConcerned: isAbout(blocks[i]!, verdicts) }))
  for (let isDone = false; !isDone; ) {
    isDone = true
    const given = givenOn(
      left.map(({ block }) => block),
      verdicts,
    )
    const next: typeof left = []
    for (const part of left) {
      const { element, block } = part
      const effects = part.isConcerned ? effectsOn(block, given) : null
      if (!effects || isIdle(effects)) {
        next.push(part)
        continue
      }
      isDone = false
      touched.add(block.id)
      // A block that goes as a whole is removed with the others that go.
      if (effects.block === "gone") continue
      applyEffects(site.tr, element, block, effects)
      next.push({ ...part, block: blockOfElement(element) })
      yield
    }
    left = next
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

/** Ids for what a decision adds. The server's clock grows with everything that is written under them, so none comes twice. */
function serverMint(shadow: Y.Doc): Mint {
  const first = Y.getState(shadow.store, serverClient)
  let n = 0
  const next = (source: string): string => markId(source, serverClient, (first + n++) % idLimit)
  return { block: () => `s${next("SEC")}`, entry: next }
}

/** Levels, joins, moves, splits; blocks that went; and what is still proposed about those that stay. The blocks that it touched. */
function* carryOut(site: Site, shadow: Y.Doc, { plan, splits, blocks }: Resolution, mint: Mint): Sliced<string[]> {
  const touched: string[] = []
  for (const { block, level } of plan.levels) {
    elementOf(site, block).setAttribute("level", level as unknown as string)
    yield
  }
  for (const { block, into } of plan.joins) {
    yield
    const survivor = survivorIn(site, into)
    if (survivor === null || survivor === block) continue
    joinBlock(site, block, survivor)
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
    touched.push(split.block)
  }
  const left = new Map(blocks.map((block) => [block.id, block]))
  for (const element of elementsOf(shadow)) {
    const id = element.getAttribute("id") as string
    const stays = left.get(id)
    if ((stays && !isPlace(stays)) || element.getAttribute("joined") !== undefined) continue
    removeBlock(site, element, stays !== undefined)
    touched.push(id)
    yield
  }
  writeStructure(
    shadow,
    blocks.flatMap((block) => block.structure),
  )
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

const statusOf: Record<Verdict, ProposalEntry["status"]> = { accept: "accepted", notRetain: "notRetained", withdraw: "withdrawn" }

function* record(
  shadow: Y.Doc,
  decided: readonly Change[],
  verdicts: Verdicts,
  noted: ReadonlySet<string>,
  superseded: readonly Change[],
  { plan }: Resolution,
): Sliced<void> {
  const proposals = roots.proposals(shadow)
  const wordsOf = (change: Change): ProposalEntry["segments"] => change.segments.map(({ block, kind, text }) => ({ block, kind, text }))
  for (const change of decided) {
    yield
    const verdict = verdicts.get(change.id)!
    const isNoted = noted.has(change.id)
    const status = isNoted ? "acceptedWithHost" : statusOf[verdict]
    proposals.set(change.id, { status, source: change.source, ...(verdict === "accept" ? { segments: wordsOf(change)! } : {}) })
  }
  for (const change of superseded) proposals.set(change.id, { status: "superseded", source: change.source })
  // What was noted and waits no longer took effect with its host, or went with it or with the clause.
  const isAccepted = decided.some((change) => verdicts.get(change.id) === "accept")
  for (const [id, entry] of [...proposals.entries()]) {
    if (entry.status !== "acceptedWithHost" || noted.has(id)) continue
    const wentWithClause = entry.segments?.some((part) => plan.deletes.has(part.block)) ?? false
    proposals.set(id, { ...entry, status: isAccepted && !wentWithClause ? "accepted" : "superseded" })
  }
}

/** An accepted clause keeps the label under which it was proposed (NUM5). */
function freezeLabels(shadow: Y.Doc, blocks: readonly Block[]): void {
  const { labels: frozen, profile } = metaOfDoc(shadow)
  const fresh = blocks.filter((block) => block.type === "clause" && isPresent(block) && !block.insertedBy && frozen[block.id] === undefined)
  if (fresh.length === 0) return
  const labels = labelsOf(blocks, profile, frozen)
  roots.meta(shadow).set("labels", { ...frozen, ...Object.fromEntries(fresh.map((block) => [block.id, labels.get(block.id) ?? ""])) })
}

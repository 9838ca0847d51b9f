// What was decided comes about in the room's document. What is to happen is said elsewhere, purely: to words by `word-rounds`, to clauses by `resolve`;
// here it is done to Yjs elements, and `proven` holds the one against the other.
import * as Y from "yjs"
import type { Effects, Verdicts } from "../../shared/changes/effects.ts"
import type { Resolution } from "../../shared/changes/resolve.ts"
import { byIdOf, inTurn, isPlace, type Mint, structureIn } from "../../shared/changes/restructure.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import { wordRounds } from "../../shared/changes/word-rounds.ts"
import { type Block, isPresent, type Mark, type StructuralProposal } from "../../shared/schema/block.ts"
import { idLimit, markId, serverClient } from "../../shared/schema/keys.ts"
import { entryOf, structuralProposalOf, targetOf } from "../../shared/schema/structure.ts"
import { blockOfElement, elementsOf, markOfMarker, structureRoot, textOfElement } from "../../shared/sync/read.ts"
import { roots } from "../../shared/sync/roots.ts"
import { removeMark, removeText } from "../../shared/sync/write.ts"
import type { Gate } from "../gate/gate.ts"
import { elementOf, joinBlock, moveBlock, removeBlock, type Site, splitBlock, survivorIn } from "../gate/restructure.ts"

/** Carries out on the words what was decided, until nothing happens any more; the blocks in which something did. */
export function* resolveWords(
  site: Site,
  elements: readonly Y.XmlElement[],
  blocks: readonly Block[],
  verdicts: Verdicts,
): Sliced<Set<string>> {
  const { touched } = yield* wordRounds(blocks, verdicts, (at, block, effects) => {
    // A block that goes as a whole is removed with the others that go.
    if (effects.block === "gone") return block
    applyEffects(site.tr, elements[at]!, block, effects)
    return blockOfElement(elements[at]!)
  })
  return new Set([...touched].map((at) => blocks[at]!.id))
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
export function liftEmpty({ tr }: Site, gate: Gate, changes: ReadonlySet<string>): void {
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
export function* carryOut(site: Site, before: readonly Block[], { plan, splits, blocks }: Resolution, mint: Mint): Sliced<string[]> {
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

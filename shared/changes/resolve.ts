// What verdicts do to a draft: words first, in `word-rounds`, then structure, then what is left empty goes (RES1-RES7). The server's `carry-out` does the
// same in its document, and is held against this.
import { isUncalled, noteNumbers } from "../clauses/notes.ts"
import { type Block, isPresent, isProposal, joinRuns, noStructure } from "../schema/block.ts"
import { withStructure } from "../schema/structure.ts"
import { isAbout } from "./changes.ts"
import type { Effects, Verdicts } from "./effects.ts"
import { byIdOf, carriedOutInSlices, countingMint, type Mint, type Plan, planOf, proposalsLeft, vanishes, without } from "./restructure.ts"
import { finished, type Sliced } from "./slices.ts"
import { type Split, splitBlocks } from "./splits.ts"
import { wordRounds } from "./word-rounds.ts"

const isAcceptedBy =
  (verdicts: Verdicts) =>
  (change: string): boolean =>
    verdicts.get(change) === "accept"

/** What verdicts do to a draft: the plan of its restructuring, where blocks are cut, and the blocks afterwards. */
export interface Resolution {
  readonly plan: Plan
  readonly splits: readonly Split[]
  readonly blocks: Block[]
}

/** Effects as they come about on a plain block. */
function withEffects(block: Block, { goneRuns, liftedKeys, block: fate }: Effects): Block {
  const runs = block.runs
    .filter((_, at) => !goneRuns.has(at))
    .map((run) => ({ text: run.text, marks: run.marks.filter((mark) => !liftedKeys.has(mark.key)) }))
  return { ...block, ...(fate === "agreed" ? { insertedBy: null, insertedId: null } : {}), runs: joinRuns(runs) }
}

/** Words first, each block for itself; then structure: levels, joins, moves, deletions, splits; then clauses that were left empty go (RES1-RES7). */
export const resolution = (blocks: readonly Block[], verdicts: Verdicts, mint: Mint = countingMint()): Resolution =>
  finished(resolutionInSlices(blocks, verdicts, mint))

/** `resolution`, with pauses. */
export function* resolutionInSlices(blocks: readonly Block[], verdicts: Verdicts, mint: Mint): Sliced<Resolution> {
  const plan = planOf(blocks, isAcceptedBy(verdicts))
  const words = yield* wordRounds(blocks, verdicts, (_, block, effects) => withEffects(block, effects))
  let list = yield* carriedOutInSlices(words.blocks, plan)
  // After what moves behind them has found its place.
  for (const at of words.gone) {
    yield
    list = without(list, blocks[at]!.id)
  }
  // What is accepted and was not carried out waits for its host.
  const open = proposalsLeft(blocks, list, plan).filter(({ changeId }) => (verdicts.get(changeId) ?? "accept") === "accept")
  const bare = list.map((block) => (block.structure.length > 0 ? { ...block, structure: noStructure } : block))
  const split = splitBlocks(withStructure(bare, open), mint)
  const emptied: string[] = []
  let result = split.blocks.map((block, i): Block => {
    // Most blocks stand where they stood, as they were.
    if (block === blocks[i]) return block
    const was = blocks[i]?.id === block.id ? blocks[i] : byIdOf(blocks).get(block.id)
    const now = unchanged(was, block) ?? { ...block, runs: joinRuns(block.runs) }
    if (was && vanishes(was, now)) emptied.push(now.id)
    return now
  })
  for (const id of emptied) {
    yield
    result = without(result, id)
  }
  for (const id of notesThatGo(blocks, result, verdicts)) result = without(result, id)
  if (!result.some((block) => block.structure.length > 0)) return { plan, splits: split.splits, blocks: result }
  const present = new Set(result.filter(isPresent).map((block) => block.id))
  result = result.map((block) => {
    if (block.structure.length === 0) return block
    const structure = block.structure.filter(
      (proposal) => proposal.kind !== "join" || present.has(proposal.into) || isJoined(result, proposal.into),
    )
    return structure.length === block.structure.length ? block : { ...block, structure }
  })
  return { plan, splits: split.splits, blocks: result }
}

/** A footnote goes with the last words that call it (NOTE2); one that nobody called before only where the change that brought it is decided. */
function notesThatGo(before: readonly Block[], after: readonly Block[], verdicts: Verdicts): string[] {
  if (!after.some((block) => block.type === "note")) return []
  const wasCalled = noteNumbers(before)
  const isCalled = noteNumbers(after)
  const origin = new Map(before.map((block) => [block.id, block]))
  return after
    .filter(
      (block) => isUncalled(block, isCalled) && (!isUncalled(block, wasCalled) || verdicts.has(origin.get(block.id)?.insertedId ?? "")),
    )
    .map((block) => block.id)
}

/** The blocks that are in one of two lists alone: what a decision changed, for the rest are the same objects. */
export function differing(before: readonly Block[], after: readonly Block[]): { was: readonly Block[]; now: readonly Block[] } {
  // Most stand where they stood; what is left is more where some were moved, came or went.
  const was = before.filter((block, i) => block !== after[i])
  const now = after.filter((block, i) => block !== before[i])
  const [isIn, isLeft] = [new Set(was), new Set(now)]
  return { was: was.filter((block) => !isLeft.has(block)), now: now.filter((block) => !isIn.has(block)) }
}

/** The block as it was, where nothing about it changed: what is the same stays the same object. */
function unchanged(before: Block | undefined, now: Block): Block | null {
  if (!before || before === now) return before ?? null
  const isSame =
    before.runs === now.runs &&
    before.level === now.level &&
    before.joined === now.joined &&
    before.insertedBy === now.insertedBy &&
    before.structure.length === now.structure.length &&
    before.structure.every((proposal, i) => proposal === now.structure[i])
  return isSame ? before : null
}

const isJoined = (blocks: readonly Block[], id: string): boolean => blocks.some((block) => block.id === id && block.joined !== null)

/** A list of blocks after the verdicts. */
export const resolved = (blocks: readonly Block[], verdicts: Verdicts): Block[] => resolution(blocks, verdicts).blocks

/** Ids of the changes that something is left of: marks, structural proposals, new blocks. */
export function changesLeft(blocks: readonly Block[]): Set<string> {
  const left = new Set<string>()
  for (const block of blocks) {
    for (const run of block.runs) for (const mark of run.marks) if (isProposal(mark)) left.add(mark.changeId)
    for (const proposal of block.structure) left.add(proposal.changeId)
  }
  return left
}

/** Changes among `accepted` that wait for a host: they are noted, keep their marks, and take effect with it (RES1). */
export function waitingAmong(after: readonly Block[], accepted: Verdicts): Set<string> {
  const isAccepted = (change: string): boolean => accepted.get(change) === "accept"
  const waiting = new Set<string>()
  for (const block of after) {
    if (!isAbout(block, accepted)) continue
    for (const run of block.runs)
      for (const mark of run.marks) if (isAccepted(mark.changeId) && isProposal(mark)) waiting.add(mark.changeId)
    for (const proposal of block.structure) if (isAccepted(proposal.changeId)) waiting.add(proposal.changeId)
  }
  return waiting
}

/**
 * Changes of others that end with a decision, for nothing is left of them: what stood in words or a clause that go, and what competed with what is
 * accepted. Their words go to the register and their sources are told (RES2, RES7).
 */
export function supersededBy(before: readonly Block[], after: readonly Block[], verdicts: Verdicts): Set<string> {
  // Only what stood in a block that changed can have ended.
  const { was, now } = differing(before, after)
  const left = changesLeft(now)
  const missing = [...changesLeft(was)].filter((change) => !verdicts.has(change) && !left.has(change))
  if (missing.length === 0) return new Set()
  const elsewhere = changesLeft(after)
  return new Set(missing.filter((change) => !elsewhere.has(change)))
}

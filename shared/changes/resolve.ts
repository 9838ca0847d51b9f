import { type Block, isDeletionInEffect, isPresent, joinRuns, type Mark, ownerOf, type Run } from "../schema/block.ts"
import { withStructure } from "../schema/structure.ts"
import { carriedOut, competes, countingMint, type Mint, type Plan, planOf, proposalsLeft, type Split, splitBlocks, vanishes, without } from "./restructure.ts"

/** accept and not retain are the chair's; withdraw is the source's own. */
export type Verdict = "accept" | "notRetain" | "withdraw"

/** Verdicts by change id. `noted` changes were accepted earlier with their host and wait for it. */
export type Verdicts = ReadonlyMap<string, Verdict>

/** What a set of verdicts does to one block. A decision only deletes: characters, and markers by key; it writes no marker (GATE7). */
export interface Effects {
  /** Indexes of runs whose characters go. */
  readonly goneRuns: ReadonlySet<number>
  /** Marks that are lifted. */
  readonly liftedKeys: ReadonlySet<string>
  /** The block stops being a proposal, or goes as a whole. */
  readonly block: "stays" | "agreed" | "gone"
}

const isProposal = (mark: Mark): boolean => mark.name === "insertion" || mark.name === "deletion"

/** The insertions around a mark on its run, itself left out: its hosts while they are open. */
const hostsOf = (mark: Mark, run: Run): Mark[] =>
  run.marks.filter((other) => other !== mark && other.name === "insertion" && other.changeId !== mark.changeId && isHost(other, mark))

const isHost = (other: Mark, mark: Mark): boolean =>
  mark.name === "insertion" ? mark.within.includes(other.id) : mark.over.includes(other.id)

/**
 * Whether an accepted mark can take effect on a run: an inner insertion, or a deletion made over an open insertion, waits while its host is open
 * (RES1). A host that is accepted in the same act is no longer open.
 */
const waits = (mark: Mark, run: Run, verdicts: Verdicts): boolean =>
  hostsOf(mark, run).some((host) => verdicts.get(host.changeId) !== "accept")

function runGoes(run: Run, verdicts: Verdicts): boolean {
  const owner = ownerOf(run.marks)
  for (const mark of run.marks) {
    const verdict = verdicts.get(mark.changeId)
    if (!verdict) continue
    // RES2: what is not retained takes along what was typed inside it (by `within`, not by place: a pair that an undo brought back may by now
    // surround words that were never put inside it). What is withdrawn leaves the words of others (RES3).
    if (mark.name === "insertion" && verdict === "notRetain" && (owner === mark || owner?.within.includes(mark.id))) return true
    if (mark.name === "insertion" && verdict === "withdraw" && owner === mark) return true
    if (mark.name === "deletion" && verdict === "accept" && takesOut(mark, run, verdicts)) return true
  }
  return false
}

// RES4: a deletion takes out agreed words, words whose insertion is agreed in the same act, and its own source's; inside, open insertions stay.
function takesOut(mark: Mark, run: Run, verdicts: Verdicts): boolean {
  const open = run.marks.filter((other) => other.name === "insertion" && verdicts.get(other.changeId) !== "accept")
  return open.length === 0 && isDeletionInEffect(mark, run.marks)
}

function isLifted(mark: Mark, runs: readonly Run[], verdicts: Verdicts): boolean {
  const verdict = verdicts.get(mark.changeId)
  if (!verdict) return false
  if (verdict !== "accept") return true
  return !runs.some((run) => run.marks.includes(mark) && !runGoes(run, verdicts) && isStillOpen(mark, run, verdicts))
}

const isStillOpen = (mark: Mark, run: Run, verdicts: Verdicts): boolean =>
  mark.name === "insertion" ? waits(mark, run, verdicts) : isDeletionInEffect(mark, run.marks) && waits(mark, run, verdicts)

/** What the verdicts do to a block (RES1-RES6). */
export function effectsOn(block: Block, verdicts: Verdicts): Effects {
  const goneRuns = new Set<number>()
  block.runs.forEach((run, i) => {
    if (runGoes(run, verdicts)) goneRuns.add(i)
  })
  const lifted = new Set<string>()
  const all = new Set(block.runs.flatMap((run) => run.marks.filter(isProposal)))
  for (const mark of all) if (isLifted(mark, block.runs, verdicts)) lifted.add(mark.key)
  return { goneRuns, liftedKeys: lifted, block: fateOf(block, verdicts) }
}

function fateOf(block: Block, verdicts: Verdicts): Effects["block"] {
  const verdict = block.insertedId ? verdicts.get(block.insertedId) : undefined
  if (!block.insertedBy || !verdict) return "stays"
  if (verdict === "accept") return "agreed"
  // RES3: a new clause that its source withdraws stays, without its words, where others have written in it.
  const isEmpty = block.runs.every((run) => runGoes(run, verdicts))
  return verdict === "notRetain" || isEmpty ? "gone" : "stays"
}

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

/** Words first, each block for itself; then structure: levels, joins, moves, deletions, splits; then clauses that were left empty go (RES1-RES7). */
export function resolution(blocks: readonly Block[], verdicts: Verdicts, mint: Mint = countingMint()): Resolution {
  const plan = planOf(blocks, isAcceptedBy(verdicts))
  const before = new Map(blocks.map((block) => [block.id, block]))
  const gone: string[] = []
  let list: Block[] = blocks.map((block): Block => {
    const effects = effectsOn(block, verdicts)
    if (effects.block === "gone") gone.push(block.id)
    if (effects.block === "stays" && effects.goneRuns.size === 0 && effects.liftedKeys.size === 0) return block
    const runs = block.runs
      .filter((_, i) => !effects.goneRuns.has(i))
      .map((run) => ({ text: run.text, marks: run.marks.filter((mark) => !effects.liftedKeys.has(mark.key)) }))
    const agreed = effects.block === "agreed" ? { insertedBy: null, insertedId: null } : {}
    return { ...block, ...agreed, runs: joinRuns(runs) }
  })
  list = carriedOut(list, plan)
  // After what moves behind them has found its place.
  for (const id of gone) list = without(list, id)
  // What is accepted and was not carried out waits for its host.
  const open = proposalsLeft(blocks, list, plan).filter(({ changeId }) => (verdicts.get(changeId) ?? "accept") === "accept")
  const bare = list.map((block) => (block.structure.length > 0 ? { ...block, structure: [] } : block))
  const split = splitBlocks(withStructure(bare, open), mint)
  let result = split.blocks.map((block): Block => (before.get(block.id) === block ? block : { ...block, runs: joinRuns(block.runs) }))
  for (const block of result) {
    const was = before.get(block.id)
    if (was && vanishes(was, block)) result = without(result, block.id)
  }
  const present = new Set(result.filter(isPresent).map((block) => block.id))
  result = result.map((block) => {
    const structure = block.structure.filter((proposal) => proposal.kind !== "join" || present.has(proposal.into) || isJoined(result, proposal.into))
    return structure.length === block.structure.length ? block : { ...block, structure }
  })
  return { plan, splits: split.splits, blocks: result }
}

const isJoined = (blocks: readonly Block[], id: string): boolean => blocks.some((block) => block.id === id && block.joined !== null)

/** A list of blocks after the verdicts. */
export const resolved = (blocks: readonly Block[], verdicts: Verdicts): Block[] => resolution(blocks, verdicts).blocks

/** Changes among the accepted ones that compete: they cannot be accepted together (RES7). Pairs of change ids. */
export function competingAmong(blocks: readonly Block[], verdicts: Verdicts): [string, string][] {
  const accepted = blocks.flatMap((block) => block.structure).filter((proposal) => verdicts.get(proposal.changeId) === "accept")
  const pairs: [string, string][] = []
  accepted.forEach((a, i) => {
    for (const b of accepted.slice(i + 1)) if (competes(a, b)) pairs.push([a.changeId, b.changeId])
  })
  return pairs
}

/** Ids of the changes that something is left of: marks, structural proposals, new blocks. */
function changesLeft(blocks: readonly Block[]): Set<string> {
  const left = new Set<string>()
  for (const block of blocks) {
    for (const run of block.runs) for (const mark of run.marks) if (isProposal(mark)) left.add(mark.changeId)
    for (const proposal of block.structure) left.add(proposal.changeId)
  }
  return left
}

/** Changes among `accepted` that wait for a host: they are noted, keep their marks, and take effect with it (RES1). */
export const waitingAmong = (after: readonly Block[], accepted: Verdicts): Set<string> =>
  new Set([...changesLeft(after)].filter((change) => accepted.get(change) === "accept"))

/**
 * Changes of others that end with a decision, for nothing is left of them: what stood in words or a clause that go, and what competed with what is
 * accepted. Their words go to the register and their sources are told (RES2, RES7).
 */
export function supersededBy(before: readonly Block[], after: readonly Block[], verdicts: Verdicts): Set<string> {
  const left = changesLeft(after)
  return new Set([...changesLeft(before)].filter((change) => !verdicts.has(change) && !left.has(change)))
}

import { isUncalled, noteNumbers } from "../clauses/notes.ts"
import {
  type Block,
  isDeletionInEffect,
  isPresent,
  isProposal,
  joinRuns,
  type Mark,
  namedBy,
  noStructure,
  ownerOf,
  type Run,
} from "../schema/block.ts"
import { withStructure } from "../schema/structure.ts"
import { isAbout } from "./changes.ts"
import {
  byIdOf,
  carriedOutInSlices,
  countingMint,
  type Mint,
  type Plan,
  planOf,
  proposalsLeft,
  type Split,
  splitBlocks,
  vanishes,
  without,
} from "./restructure.ts"
import { finished, type Sliced } from "./slices.ts"

/** accept and not retain are the chair's; withdraw is the source's own. */
export type Verdict = "accept" | "notRetain" | "withdraw"

/** Verdicts by change id. `noted` changes were accepted earlier with their host and wait for it. */
export type Verdicts = ReadonlyMap<string, Verdict>

/** Verdicts, and which changes still put words in or take any out: one that does neither is no change any more and holds nothing up (RES3). */
export interface Given {
  readonly verdicts: Verdicts
  readonly living: { has(change: string): boolean }
  /** Of a block that is itself only proposed, and stays so: the change that adds it. */
  readonly clause?: string | null
}

const fewAsked = 16

/** Verdicts as they are given on these blocks. */
export function givenOn(blocks: readonly Block[], verdicts: Verdicts): Given {
  const known = new Map<string, boolean>()
  let all: Set<string> | null = null
  // A decision mostly asks about few changes, and a draft has thousands: they are listed only where one asks about many.
  const look = (change: string): boolean => {
    if (known.size < fewAsked) return blocks.some((block) => livingIn(block).has(change))
    if (!all) {
      all = new Set()
      for (const block of blocks) for (const id of livingIn(block)) all.add(id)
    }
    return all.has(change)
  }
  const has = (change: string): boolean => {
    let isLiving = known.get(change)
    if (isLiving === undefined) known.set(change, (isLiving = look(change)))
    return isLiving
  }
  return { verdicts, living: { has } }
}

const livingByBlock = new WeakMap<Block, ReadonlySet<string>>()

/** The changes that put a letter of a block in, or take one out. */
export function livingIn(block: Block): ReadonlySet<string> {
  let living = livingByBlock.get(block) as Set<string> | undefined
  if (!living) {
    living = new Set()
    for (const run of block.runs) {
      const owner = ownerOf(run.marks)
      if (owner) living.add(owner.changeId)
      for (const mark of run.marks) if (mark.name === "deletion" && isDeletionInEffect(mark, run.marks)) living.add(mark.changeId)
    }
    livingByBlock.set(block, living)
  }
  return living
}

/** What a set of verdicts does to one block. A decision only deletes: characters, and markers by key; it writes no marker (GATE7). */
export interface Effects {
  /** Indexes of runs whose characters go. */
  readonly goneRuns: ReadonlySet<number>
  /** Marks that are lifted. */
  readonly liftedKeys: ReadonlySet<string>
  /** The block stops being a proposal, or goes as a whole. */
  readonly block: "stays" | "agreed" | "gone"
}

/**
 * The marks around a mark on its run that it stands in, and those that they stand in: its source may have an insertion further out that it does not
 * name itself.
 */
export function around(mark: Mark, run: Pick<Run, "marks">): Mark[] {
  const found: Mark[] = []
  const follow = (inner: Mark): void => {
    for (const other of run.marks) {
      if (other === mark || found.includes(other) || !namedBy(inner).includes(other.id)) continue
      found.push(other)
      follow(other)
    }
  }
  follow(mark)
  return found
}

/** The insertions that a mark stands in or objects to. */
export const hostsOf = (mark: Mark, run: Run, { living }: Pick<Given, "living">): Mark[] =>
  around(mark, run).filter((other) => other.name === "insertion" && other.changeId !== mark.changeId && living.has(other.changeId))

/**
 * Whether an accepted mark must wait on a run: an inner insertion, or a deletion made over an open insertion, while its host is open (RES1); an
 * insertion that stands inside a deletion which was not made over it, or inside an insertion that it was not put into, while that is not decided: the
 * one would take along words that it never meant, the other take them for its own (RES8). A host that is accepted in the same act is open no longer,
 * unless it waits itself; one that is withdrawn is no host.
 */
function waits(mark: Mark, run: Run, given: Given, pending: Pending): boolean {
  // In a clause that is only proposed nothing is agreed before that is, whatever has become of the words around it.
  if (given.clause && mark.changeId !== given.clause) return true
  if (hostsOf(mark, run, given).some((host) => isOpenHost(given.verdicts.get(host.changeId)) || waits(host, run, given, pending)))
    return true
  if (mark.name !== "insertion") return false
  // What was opened before it stands around it, whether or not its writer had heard of that.
  const outside = run.marks.slice(0, run.marks.indexOf(mark))
  return outside.some((other) =>
    other.name === "insertion"
      ? isInWay(other, mark, run, given, pending)
      : pending.has(other.key) && !isDeletionInEffect(other, run.marks),
  )
}

/**
 * Whether an open insertion surrounds words that were never put inside it, for a redo brought it back around them: were they agreed while it is open,
 * they would pass for its own.
 */
function isInWay(other: Mark, mark: Mark, run: Run, given: Given, pending: Pending): boolean {
  if (other.changeId === mark.changeId || !given.living.has(other.changeId)) return false
  const verdict = given.verdicts.get(other.changeId)
  return verdict === undefined || (verdict === "accept" && waits(other, run, given, pending))
}

const isOpenHost = (verdict: Verdict | undefined): boolean => verdict === undefined || verdict === "notRetain"

/** Keys of the deletions of a block that stay: undecided, or accepted but waiting for a host of their own. */
type Pending = ReadonlySet<string>

function pendingDeletions(runs: readonly Run[], given: Given): Pending {
  const { verdicts } = given
  const isUndecided = (mark: Mark): boolean => mark.name === "deletion" && !verdicts.has(mark.changeId) && given.living.has(mark.changeId)
  let pending = new Set(runs.flatMap((run) => run.marks.filter(isUndecided).map((mark) => mark.key)))
  // What waits may make others wait in turn.
  for (;;) {
    const isStuck = (mark: Mark, run: Run): boolean =>
      mark.name === "deletion" &&
      verdicts.get(mark.changeId) === "accept" &&
      isDeletionInEffect(mark, run.marks) &&
      !runGoes(run, given, pending) &&
      waits(mark, run, given, pending)
    const next = new Set([...pending, ...runs.flatMap((run) => run.marks.filter((mark) => isStuck(mark, run)).map((mark) => mark.key))])
    if (next.size === pending.size) return pending
    pending = next
  }
}

function runGoes(run: Run, given: Given, pending: Pending): boolean {
  const owner = ownerOf(run.marks)
  for (const mark of run.marks) {
    const verdict = given.verdicts.get(mark.changeId)
    if (!verdict) continue
    // RES2: what is not retained takes along what was typed inside it (by `within`, not by place: a pair that an undo brought back may by now
    // surround words that were never put inside it). What is withdrawn leaves the words of others (RES3).
    if (mark.name === "insertion" && verdict === "notRetain" && owner && (owner === mark || around(owner, run).includes(mark))) return true
    if (mark.name === "insertion" && verdict === "withdraw" && owner === mark) return true
    if (mark.name === "deletion" && verdict === "accept" && takesOut(mark, run, given, pending)) return true
  }
  return false
}

// RES4: a deletion takes out agreed words, words whose insertion is agreed in the same act, and its own source's; inside, open insertions stay.
function takesOut(mark: Mark, run: Run, given: Given, pending: Pending): boolean {
  const isOpen = (other: Mark): boolean =>
    other.name === "insertion" &&
    ((given.living.has(other.changeId) && isOpenHost(given.verdicts.get(other.changeId))) || waits(other, run, given, pending))
  return isDeletionInEffect(mark, run.marks) && !run.marks.some(isOpen)
}

function isLifted(mark: Mark, runs: readonly Run[], given: Given, pending: Pending): boolean {
  const verdict = given.verdicts.get(mark.changeId)
  if (!verdict) return false
  if (verdict !== "accept") return true
  // One that leaves letters out is closed before them and opened again behind them: it is one all the same.
  const isStillOpen = (run: Run): boolean => {
    const its = run.marks.find(({ key }) => key === mark.key)
    if (!its || runGoes(run, given, pending)) return false
    return (its.name === "insertion" || isDeletionInEffect(its, run.marks)) && waits(its, run, given, pending)
  }
  return !runs.some(isStillOpen)
}

/** What the verdicts do to a block (RES1-RES6). */
export function effectsOn(block: Block, { verdicts, living }: Given): Effects {
  const isProposed = block.insertedBy !== null && block.insertedId !== null && verdicts.get(block.insertedId) !== "accept"
  const given: Given = { verdicts, living, clause: isProposed ? block.insertedId : null }
  const goneRuns = new Set<number>()
  const pending = pendingDeletions(block.runs, given)
  block.runs.forEach((run, i) => {
    if (runGoes(run, given, pending)) goneRuns.add(i)
  })
  const lifted = new Set<string>()
  const all = new Set(block.runs.flatMap((run) => run.marks.filter(isProposal)))
  for (const mark of all) if (isLifted(mark, block.runs, given, pending)) lifted.add(mark.key)
  // What is no change any more goes with the first insertion that is lifted beside it: it would else take hold of words that it never meant.
  for (const run of block.runs)
    if (run.marks.some((mark) => mark.name === "insertion" && lifted.has(mark.key)))
      for (const mark of run.marks) if (isProposal(mark) && !given.living.has(mark.changeId)) lifted.add(mark.key)
  return { goneRuns, liftedKeys: lifted, block: fateOf(block, given.verdicts, goneRuns.size) }
}

function fateOf(block: Block, verdicts: Verdicts, gone: number): Effects["block"] {
  const verdict = block.insertedId ? verdicts.get(block.insertedId) : undefined
  if (!block.insertedBy || !verdict) return "stays"
  // A new clause that holds nothing is drawn nowhere, and is not agreed unseen (NUM10).
  if (verdict === "accept") return block.runs.length > 0 ? "agreed" : "gone"
  // RES3: a new clause that its source withdraws stays, without its words, where others have written in it.
  return verdict === "notRetain" || gone === block.runs.length ? "gone" : "stays"
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

/**
 * The words after the verdicts, each block for itself, and the blocks that go as a whole. What goes may leave another change with nothing, and what
 * waited for that waits no longer: so until nothing happens any more.
 */
function* wordsResolved(blocks: readonly Block[], verdicts: Verdicts): Sliced<{ blocks: Block[]; gone: Set<string> }> {
  const gone = new Set<string>()
  const list = [...blocks]
  const concerned = list.flatMap((block, i) => (isAbout(block, verdicts) ? [i] : []))
  for (let isDone = false; !isDone; ) {
    isDone = true
    const left = gone.size === 0 ? list : list.filter((block) => !gone.has(block.id))
    const given = givenOn(left, verdicts)
    for (const i of concerned) {
      yield
      const block = list[i]!
      const effects = gone.has(block.id) ? noEffects : effectsOn(block, given)
      if (isIdle(effects)) continue
      isDone = false
      if (effects.block === "gone") gone.add(block.id)
      const runs = block.runs
        .filter((_, at) => !effects.goneRuns.has(at))
        .map((run) => ({ text: run.text, marks: run.marks.filter((mark) => !effects.liftedKeys.has(mark.key)) }))
      const agreed = effects.block === "agreed" ? { insertedBy: null, insertedId: null } : {}
      list[i] = { ...block, ...agreed, runs: joinRuns(runs) }
    }
  }
  return { blocks: list, gone }
}

const noEffects: Effects = { goneRuns: new Set(), liftedKeys: new Set(), block: "stays" }

/** Whether nothing happens to a block. */
export const isIdle = (effects: Effects): boolean =>
  effects.block === "stays" && effects.goneRuns.size === 0 && effects.liftedKeys.size === 0

/** Words first, each block for itself; then structure: levels, joins, moves, deletions, splits; then clauses that were left empty go (RES1-RES7). */
export const resolution = (blocks: readonly Block[], verdicts: Verdicts, mint: Mint = countingMint()): Resolution =>
  finished(resolutionInSlices(blocks, verdicts, mint))

/** `resolution`, with pauses. */
export function* resolutionInSlices(blocks: readonly Block[], verdicts: Verdicts, mint: Mint): Sliced<Resolution> {
  const plan = planOf(blocks, isAcceptedBy(verdicts))
  const { blocks: words, gone } = yield* wordsResolved(blocks, verdicts)
  let list = yield* carriedOutInSlices(words, plan)
  // After what moves behind them has found its place.
  for (const id of gone) {
    yield
    list = without(list, id)
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

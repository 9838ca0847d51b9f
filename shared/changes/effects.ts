// What verdicts do to the words of one block, and to it as a whole (RES1-RES4, RES8): pure, and a block at a time. A draft as a whole is resolved in
// `resolve`; the rounds in which blocks are gone through until nothing happens any more are written once, in `word-rounds`.
import { type Block, isDeletionInEffect, isProposal, type Mark, namedBy, ownerOf, type Run } from "../schema/block.ts"

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

/** Whether nothing happens to a block. */
export const isIdle = (effects: Effects): boolean =>
  effects.block === "stays" && effects.goneRuns.size === 0 && effects.liftedKeys.size === 0

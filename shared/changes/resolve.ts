import { type Block, isDeletionInEffect, joinRuns, type Mark, ownerOf, type Run } from "../schema/block.ts"

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

/** A list of blocks after the verdicts: the same rules as a pure function. */
export function resolved(blocks: readonly Block[], verdicts: Verdicts): Block[] {
  return blocks.flatMap((block) => {
    const effects = effectsOn(block, verdicts)
    if (effects.block === "gone") return []
    const runs = block.runs
      .filter((_, i) => !effects.goneRuns.has(i))
      .map((run) => ({ text: run.text, marks: run.marks.filter((mark) => !effects.liftedKeys.has(mark.key)) }))
    const agreed = effects.block === "agreed" ? { insertedBy: null, insertedId: null } : {}
    return [{ ...block, ...agreed, runs: joinRuns(runs) }]
  })
}

/** Changes among `accepted` that wait for a host: they are noted, keep their marks, and take effect with it (RES1). */
export function waitingAmong(blocks: readonly Block[], accepted: Verdicts): Set<string> {
  const waiting = new Set<string>()
  for (const block of resolved(blocks, accepted))
    for (const run of block.runs)
      for (const mark of run.marks) if (accepted.get(mark.changeId) === "accept" && isProposal(mark)) waiting.add(mark.changeId)
  return waiting
}

/** Changes of others that go with what is not retained: they are superseded, their words go to the register and their sources are told (RES2). */
export function supersededBy(blocks: readonly Block[], verdicts: Verdicts): Set<string> {
  const isLeft = new Set<string>()
  for (const block of resolved(blocks, verdicts)) for (const run of block.runs) for (const mark of run.marks) isLeft.add(mark.changeId)
  const gone = new Set<string>()
  for (const block of blocks)
    for (const run of block.runs)
      for (const mark of run.marks)
        if (isProposal(mark) && !verdicts.has(mark.changeId) && !isLeft.has(mark.changeId)) gone.add(mark.changeId)
  return gone
}

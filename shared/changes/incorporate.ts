import { type Block, isDeletionInEffect, joinRuns, type Mark, ownerOf, type Run } from "../schema/block.ts"
import { type Change, countsOn, isAbout } from "./changes.ts"
import { around } from "./effects.ts"
import { finished, type Sliced } from "./slices.ts"

/**
 * The insertion that holds what a mark does on a run: around an insertion the next further out, under a deletion the one that it objects to. By what
 * the mark says to stand in, not by place: nobody takes what merely stands between words of its own. Null: there is none.
 */
function holderOf(mark: Mark, run: Run): Mark | null {
  const holder = ownerOf(mark.name === "insertion" ? run.marks.filter((other) => other !== mark) : run.marks)
  return holder && around(mark, run).includes(holder) ? holder : null
}

/**
 * Whether a change of another was put wholly and directly into open insertions of a source, which may then take it into its own (TRK10). `noted`: what is
 * accepted and waits. That is open no more: neither is it taken in, nor does it take anything in (GATE14).
 */
export const isIncorporable = (blocks: readonly Block[], change: Change, source: string, noted: ReadonlySet<string>): boolean =>
  finished(incorporableAmong(blocks, [change], source, noted)).has(change.id)

/** The ids of those among some changes of which that is so. It pauses between blocks. */
export function* incorporableAmong(
  blocks: readonly Block[],
  changes: readonly Change[],
  source: string,
  noted: ReadonlySet<string>,
): Sliced<Set<string>> {
  const may = ({ id, source: by, structure, newBlocks }: Change): boolean =>
    by !== source && structure.length === 0 && newBlocks.length === 0 && !noted.has(id)
  const isOpenOf = (holder: Mark | null): boolean => holder?.source === source && !noted.has(holder.changeId)
  const asked = new Set(changes.filter(may).map(({ id }) => id))
  const inside = new Set<string>()
  const outside = new Set<string>()
  for (const block of blocks) {
    if (!isAbout(block, asked)) continue
    yield
    for (const run of block.runs) {
      for (const mark of run.marks) {
        if (!asked.has(mark.changeId)) continue
        if (countsOn(mark, run.marks)) (isOpenOf(holderOf(mark, run)) ? inside : outside).add(mark.changeId)
      }
    }
  }
  return new Set([...inside].filter((id) => !outside.has(id)))
}

/** The blocks once some changes are taken into the insertions around them: what of them struck words takes those out, and their marks end. */
export function takenIn(blocks: readonly Block[], changes: ReadonlySet<string>): Block[] {
  return blocks.map((block) => {
    if (!isAbout(block, changes)) return block
    const aimed = aimedAtHosts(block.runs, changes)
    const strikes = ({ marks }: Run): boolean =>
      marks.some((mark) => mark.name === "deletion" && changes.has(mark.changeId) && countsOn(mark, marks))
    const runs = block.runs.filter((run) => !strikes(run))
    const left = runs.map(({ text, marks }) => ({
      text,
      marks: marks.flatMap((mark) => (changes.has(mark.changeId) ? [] : [aimed.get(mark.key) ?? mark])),
    }))
    return { ...block, runs: joinRuns(left) }
  })
}

/**
 * What others struck of the words that are taken in stays struck: their deletions are made over the insertions that these are words of from now on. The
 * marks that change with it, by their keys, as they say it then.
 */
export function aimedAtHosts(runs: readonly Run[], changes: ReadonlySet<string>): Map<string, Mark> {
  const aimed = new Map<string, Mark>()
  for (const { marks } of runs) {
    const owner = ownerOf(marks)
    const host = owner && changes.has(owner.changeId) ? ownerOf(marks.filter(({ changeId }) => !changes.has(changeId))) : null
    if (!host || marks.some((mark) => mark.name === "deletion" && changes.has(mark.changeId) && countsOn(mark, marks))) continue
    for (const mark of marks) {
      if (mark.name !== "deletion" || changes.has(mark.changeId) || !isDeletionInEffect(mark, marks)) continue
      const known = aimed.get(mark.key) ?? mark
      if (!known.over.includes(host.id)) aimed.set(mark.key, { ...known, over: [...known.over, host.id] })
    }
  }
  return aimed
}

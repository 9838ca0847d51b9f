/** What of an accepted change takes effect at once and what waits for the proposal around it; and what of accepted words others have struck already. */
import { type Block, isBlank, isPresent, isProposal, type Mark, ownerOf, type Run, type StructuralProposal } from "../schema/block.ts"
import { type Change, countsOn, isAbout } from "./changes.ts"
import type { Verdicts } from "./effects.ts"
import { clauseWords } from "./projections.ts"

/** How much is left of some changes: letters and entries about clauses. */
function sizesOf(blocks: readonly Block[], changes: ReadonlySet<string>): Map<string, number> {
  const sizes = new Map<string, number>()
  const add = (change: string, size: number): void => void sizes.set(change, (sizes.get(change) ?? 0) + size)
  for (const block of blocks) {
    if (!isAbout(block, changes)) continue
    for (const run of block.runs)
      for (const mark of run.marks) if (changes.has(mark.changeId) && countsOn(mark, run.marks)) add(mark.changeId, run.text.length)
    for (const { changeId } of block.structure) if (changes.has(changeId)) add(changeId, 1)
  }
  return sizes
}

/** Of changes that wait after a decision those of which a part has taken effect with it. */
export function inPartAmong(before: readonly Block[], after: readonly Block[], waiting: ReadonlySet<string>): Set<string> {
  if (waiting.size === 0) return new Set()
  const [was, left] = [sizesOf(before, waiting), sizesOf(after, waiting)]
  return new Set([...waiting].filter((id) => (left.get(id) ?? 0) < (was.get(id) ?? 0)))
}

/** The accepted deletion that takes a run out, or undefined; of a change of another than its owner's. */
const strikeOn = (run: Run, isStriking: (change: string) => boolean): Mark | undefined => {
  const owner = ownerOf(run.marks)
  return run.marks.find(
    (mark) => mark.name === "deletion" && mark.changeId !== owner?.changeId && isStriking(mark.changeId) && countsOn(mark, run.marks),
  )
}

/** The accepted deletion that takes out the whole of a clause which a change adds, or undefined; of another change than that. */
const strikeOf = ({ insertedId, structure }: Block, isStriking: (change: string) => boolean): StructuralProposal | undefined =>
  structure.find(({ kind, changeId }) => kind === "delete" && changeId !== insertedId && isStriking(changeId))

/** Of changes that are accepted and only put words or clauses in those of which nothing comes: accepted deletions take all of it out. */
export function struckAmong(
  blocks: readonly Block[],
  accepted: readonly { readonly id: string; readonly kind: string }[],
  verdicts: Verdicts,
  waiting: ReadonlySet<string>,
): Set<string> {
  const isDone = (change: string): boolean => verdicts.get(change) === "accept" && !waiting.has(change)
  const doneOf = (sought: string): Set<string> => new Set(accepted.flatMap(({ id, kind }) => (kind === sought && isDone(id) ? [id] : [])))
  const [inserted, clauses] = [doneOf("insertion"), doneOf("new clause")]
  const struck = new Set<string>()
  const comes = new Set<string>()
  for (const block of inserted.size > 0 ? blocks : []) {
    if (!isAbout(block, inserted)) continue
    for (const run of block.runs) {
      const change = ownerOf(run.marks)?.changeId
      if (change !== undefined && inserted.has(change)) (strikeOn(run, isDone) ? struck : comes).add(change)
    }
  }
  for (const block of clauses.size > 0 ? blocks : []) {
    const change = block.insertedId
    if (change === null || !clauses.has(change) || block.type === "note" || isBlank(block) || !isPresent(block)) continue
    ;(strikeOf(block, isDone) ? struck : comes).add(change)
  }
  return new Set([...struck].filter((id) => !comes.has(id)))
}

/** Words of an open change that accepted deletions take out of it, and whose these are. `noted`: what is accepted and waits. */
export function struckIn(change: string, blocks: readonly Block[], noted: ReadonlySet<string>): { source: string; words: string }[] {
  const found: { source: string; words: string }[] = []
  if (noted.size === 0) return found
  for (const block of blocks) {
    const whole = block.insertedId === change ? strikeOf(block, (id) => noted.has(id)) : undefined
    if (whole) found.push({ source: whole.source, words: clauseWords(block) })
    const runs = whole ? [] : block.runs
    runs.forEach((run, i) => {
      if (ownerOf(run.marks)?.changeId !== change) return
      const strike = strikeOn(run, (id) => noted.has(id))
      if (!strike) return
      const last = found.at(-1)
      if (last?.source === strike.source && runs[i - 1]?.marks.includes(strike)) last.words += run.text
      else found.push({ source: strike.source, words: run.text })
    })
  }
  return found
}

/** Whether words that a change puts in stand between marks of another, whoever wrote them first. */
export const isSurrounded = ({ id, segments }: Change, blocks: readonly Block[]): boolean => {
  const written = new Set(segments.flatMap(({ block, kind }) => (kind === "insertion" ? [block] : [])))
  return blocks.some(
    (block) =>
      written.has(block.id) &&
      block.runs.some(({ marks }) => ownerOf(marks)?.changeId === id && marks.some((mark) => isProposal(mark) && mark.changeId !== id)),
  )
}

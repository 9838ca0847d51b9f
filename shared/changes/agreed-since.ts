/**
 * What is agreed beside open changes: their sources never had it before their eyes as agreed text. What is wrong with the spaces there nobody has written,
 * however long it stands in the text in force (RIVAL8).
 */
import { type Block, isProposal, ownerOf, type Run } from "../schema/block.ts"
import { changeIdsIn } from "./changes.ts"
import type { Verdicts } from "./effects.ts"
import { type RunLeft, runsAfter, viewsOf } from "./spaces.ts"

export interface AgreedBeside {
  /** Index of a run that becomes agreed, or, `isGap`, of the one that stands right behind agreed words that go. */
  readonly run: number
  readonly isGap: boolean
  /** The accepted change that does it. */
  readonly by: string
  /** Open changes that stand beside it. */
  readonly changes: readonly string[]
}

/** What verdicts make agreed, or take out, beside changes that stay open and had it otherwise before their eyes. */
export function agreedBeside(block: Block, verdicts: Verdicts): AgreedBeside[] {
  if ([...changeIdsIn(block)].every((id) => verdicts.has(id))) return []
  const { runs } = block
  const left = runsAfter(block, verdicts)
  const now = new Map(left.map((one) => [one.i, one]))
  const viewOf = viewsOf(runs)
  return runs.flatMap(({ marks }, i): AgreedBeside[] => {
    const owner = ownerOf(marks)
    const is = now.get(i)
    const isGap = owner === null && is === undefined
    const mark = isGap ? marks.find(({ name, changeId }) => name === "deletion" && verdicts.get(changeId) === "accept") : owner
    const run = isGap ? left.find((one) => one.i > i)?.i : i
    if (!mark || run === undefined || !(isGap || (owner !== null && is && ownerOf(is.run.marks) === null))) return []
    const changes = openBeside(runs, i, now, verdicts)
      .filter(({ source }) => source !== mark.source && viewOf(source)[i] === isGap)
      .map(({ changeId }) => changeId)
    return changes.length > 0 ? [{ run, isGap, by: mark.changeId, changes: [...new Set(changes)] }] : []
  })
}

/** Marks of open changes on a run and on those beside it, up to the next agreed words that nobody proposes anything about. */
function openBeside(runs: readonly Run[], at: number, now: ReadonlyMap<number, RunLeft>, verdicts: Verdicts): Run["marks"] {
  const openOn = (i: number): Run["marks"] => runs[i]!.marks.filter((mark) => isProposal(mark) && !verdicts.has(mark.changeId))
  const isPlain = (i: number): boolean => {
    const is = now.get(i)
    return is !== undefined && ownerOf(is.run.marks) === null && openOn(i).length === 0
  }
  const found = [...openOn(at)]
  for (const step of [-1, 1]) for (let i = at + step; i >= 0 && i < runs.length && !isPlain(i); i += step) found.push(...openOn(i))
  return found
}

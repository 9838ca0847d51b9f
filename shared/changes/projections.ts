import { type Block, isDeletionInEffect, joinRuns, type Mark, ownerOf, type Run } from "../schema/block.ts"

const withoutProposals = (run: Run): Run => {
  const marks = run.marks.filter((mark) => mark.name === "comment" || mark.name === "noteRef")
  return marks.length === run.marks.length ? run : { text: run.text, marks }
}

const keep = (block: Block, test: (run: Run) => boolean): Block => ({
  ...block,
  runs: joinRuns(block.runs.filter(test).map(withoutProposals)),
})

/** One block of the working text: agreed characters, no marks of proposals. A block that is itself proposed is not part of it (`workingTextOf`). */
export const workingText = (block: Block): Block => keep(block, (run) => ownerOf(run.marks) === null)

/** The working text: the text in force with every accepted change and no open one (TRK7). Not blocks that are proposed. */
export const workingTextOf = (blocks: readonly Block[]): Block[] => blocks.filter((block) => !block.insertedBy).map(workingText)

const goes = (run: Run, counts: (mark: Mark) => boolean): boolean =>
  run.marks.some((mark) => mark.name === "deletion" && counts(mark) && isDeletionInEffect(mark, run.marks))

/** The text as proposed: every open change applied (TRK7). */
export function proposedTextOf(blocks: readonly Block[]): Block[] {
  return blocks
    .map((block) => ({ ...keep(block, (run) => !goes(run, () => true)), insertedBy: null, insertedId: null }))
    .filter((block, i) => block.runs.length > 0 || !blocks[i]!.insertedBy)
}

/**
 * The text as one source would have it: its open changes applied and nobody else's (TRK7). Words that it put inside another's insertion stand only
 * with their host, so they are left out with it.
 */
export function textBySource(blocks: readonly Block[], source: string): Block[] {
  const isOwn = (mark: Mark): boolean => mark.source === source
  const isHosted = (run: Run): boolean => run.marks.some((mark) => mark.name === "insertion" && !isOwn(mark))
  return blocks
    .filter((block) => !block.insertedBy || block.insertedBy === source)
    .map((block) => ({ ...keep(block, (run) => !isHosted(run) && !goes(run, isOwn)), insertedBy: null, insertedId: null }))
}

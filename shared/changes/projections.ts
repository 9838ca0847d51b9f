import { isUncalled, noteNumbers } from "../clauses/notes.ts"
import {
  type Block,
  isAgreed,
  isDeletionInEffect,
  isPresent,
  joinRuns,
  type Mark,
  noStructure,
  ownerOf,
  type Run,
} from "../schema/block.ts"
import { carriedOut, countingMint, planOf, splitBlocks } from "./restructure.ts"

const withoutProposals = (run: Run): Run => {
  const marks = run.marks.filter((mark) => mark.name === "comment" || mark.name === "noteRef")
  return marks.length === run.marks.length ? run : { text: run.text, marks }
}

const keep = (block: Block, test: (run: Run) => boolean): Block => ({
  ...block,
  structure: noStructure,
  runs: joinRuns(block.runs.filter(test).map(withoutProposals)),
})

/** One block of the working text: agreed characters, no marks of proposals. A block that is itself proposed is not part of it (`workingTextOf`). */
export const workingText = (block: Block): Block => keep(block, (run) => ownerOf(run.marks) === null)

/** The working text: the text in force with every accepted change and no open one (TRK7). Not blocks that are proposed. */
export const workingTextOf = (blocks: readonly Block[]): Block[] => blocks.filter(isAgreed).map(workingText)

const goes = (run: Run, counts: (mark: Mark) => boolean): boolean =>
  run.marks.some((mark) => mark.name === "deletion" && counts(mark) && isDeletionInEffect(mark, run.marks))

/** The blocks with the proposals of some changes carried out, words and structure. */
function projected(blocks: readonly Block[], isApplied: (change: string) => boolean, reads: (run: Run) => boolean): Block[] {
  const restructured = carriedOut(blocks, planOf(blocks, isApplied)).filter(isPresent)
  const read = restructured.map((block) => ({ ...keep(block, reads), insertedBy: null, insertedId: null }))
  const wasProposed = new Set(blocks.filter((block) => block.insertedBy).map((block) => block.id))
  const called = noteNumbers(read)
  return splitBlocks(read, countingMint()).blocks.filter(
    (block) => (block.runs.length > 0 || !wasProposed.has(block.id)) && !isUncalled(block, called),
  )
}

/** The text as proposed: every open change applied (TRK7). Of proposals that compete over one block the first by id is shown. */
export const proposedTextOf = (blocks: readonly Block[]): Block[] =>
  projected(
    blocks,
    () => true,
    (run) => !goes(run, () => true),
  )

/**
 * The text as one source would have it: its open changes applied and nobody else's (TRK7). Words that it put inside another's insertion stand only
 * with their host, so they are left out with it.
 */
export function textBySource(blocks: readonly Block[], source: string): Block[] {
  const isOwn = (mark: Mark): boolean => mark.source === source
  const isHosted = (run: Run): boolean => run.marks.some((mark) => mark.name === "insertion" && !isOwn(mark))
  const own = new Set(
    blocks.flatMap((block) => [
      ...block.structure.filter((proposal) => proposal.source === source).map((proposal) => proposal.changeId),
      ...(block.insertedBy === source ? [block.insertedId!] : []),
    ]),
  )
  const shown = blocks.filter((block) => !block.insertedBy || block.insertedBy === source)
  return projected(
    shown,
    (change) => own.has(change),
    (run) => !isHosted(run) && !goes(run, isOwn),
  )
}

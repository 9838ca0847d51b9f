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
  textOf,
} from "../schema/block.ts"
import { lacksBlank } from "../schema/letters.ts"
import { carriedOut, countingMint, planOf, vanishes } from "./restructure.ts"
import { splitBlocks } from "./splits.ts"

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

/** The words of a block as what is proposed about it as a whole finds them: of one that is itself proposed those that its source gave it. */
export const clauseWords = (block: Block): string =>
  textOf(
    keep(block, ({ marks }) => {
      const owner = ownerOf(marks)
      return owner === null || owner.changeId === block.insertedId
    }),
  )

/** The working text: the text in force with every accepted change and no open one (TRK7). Not blocks that are proposed. */
export const workingTextOf = (blocks: readonly Block[]): Block[] => blocks.filter(isAgreed).map(workingText)

/**
 * Whether words that two sources propose side by side would be read as one word, or run together with a sign: neither stands inside the other's, and no
 * space is between.
 */
export function wantParting(a: Run, b: Run): boolean {
  const [left, right] = [ownerOf(a.marks), ownerOf(b.marks)]
  if (!left || !right || left.source === right.source || left.within.includes(right.id) || right.within.includes(left.id)) return false
  return lacksBlank(a.text, b.text)
}

/** Runs of several sources, read one after the other: each word by itself. */
function parted(runs: readonly Run[]): Run[] {
  return runs.flatMap((run, i) => {
    const last = runs[i - 1]
    if (!last || !wantParting(last, run)) return [run]
    return [{ text: " ", marks: run.marks.filter(({ key }) => last.marks.some((mark) => mark.key === key)) }, run]
  })
}

const goes = (run: Run, counts: (mark: Mark) => boolean): boolean =>
  run.marks.some((mark) => mark.name === "deletion" && counts(mark) && isDeletionInEffect(mark, run.marks))

type Reading = (runs: readonly Run[]) => readonly Run[]

/** Letter by letter what is proposed. */
const toTheLetter: Reading = (runs) => runs

/** The blocks with the proposals of some changes carried out, words and structure: a clause of which no word is left goes, as it does once that is accepted. */
function projected(
  blocks: readonly Block[],
  isApplied: (change: string) => boolean,
  reads: (run: Run) => boolean,
  reading: Reading = toTheLetter,
): Block[] {
  const restructured = carriedOut(blocks, planOf(blocks, isApplied)).filter(isPresent)
  const was = new Map(blocks.map((block) => [block.id, block]))
  const read = restructured
    .map((block) => ({ ...block, runs: reading(block.runs.filter(reads)) }))
    .filter((block) => !vanishes(was.get(block.id)!, block))
    .map((block) => ({ ...keep(block, () => true), insertedBy: null, insertedId: null }))
  const wasProposed = new Set(blocks.filter((block) => block.insertedBy).map((block) => block.id))
  const called = noteNumbers(read)
  return splitBlocks(read, countingMint()).blocks.filter(
    (block) => (block.runs.length > 0 || !wasProposed.has(block.id)) && !isUncalled(block, called),
  )
}

/**
 * What one source reads before a place of a block: agreed words and its own open ones without those that it takes out, and what another proposes where
 * the place stands inside that. All letters of a block, struck ones too, stand together for nobody.
 */
export function readBefore(block: Block, at: number, source: string): string {
  const runs: (Run & { readonly end: number })[] = []
  for (const run of block.runs) runs.push({ ...run, end: (runs.at(-1)?.end ?? 0) + run.text.length })
  const insertionsAt = (place: number): readonly Mark[] =>
    (runs.find(({ end }) => place < end)?.marks ?? []).filter(({ name }) => name === "insertion")
  const behind = new Set(insertionsAt(at).map(({ id }) => id))
  const around = insertionsAt(at - 1).filter(({ id }) => behind.has(id))
  const counted = new Set([...around.map(({ changeId }) => changeId), block.insertedId])
  const counts = (mark: Mark): boolean => mark.source === source || counted.has(mark.changeId)
  return runs
    .filter(({ marks }) => marks.every((mark) => mark.name !== "insertion" || counts(mark)))
    .filter((run) => !goes(run, counts))
    .map(({ text, end }) => text.slice(0, Math.max(0, at - end + text.length)))
    .join("")
}

/** The text as proposed: every open change applied (TRK7). Of proposals that compete over one block the first by id is shown. */
export const proposedTextOf = (blocks: readonly Block[], reading: Reading = toTheLetter): Block[] =>
  projected(
    blocks,
    () => true,
    (run) => !goes(run, () => true),
    reading,
  )

/** The text as proposed, to be read: words that several sources propose at one place stand each by itself (RIVAL6). */
export const proposedReadingOf = (blocks: readonly Block[]): Block[] => proposedTextOf(blocks, parted)

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

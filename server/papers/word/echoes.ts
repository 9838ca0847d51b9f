// Of changes that put in what another puts in already. With all accepted Word must have their words once (RIVAL6): what a bookmark can stand for is not written.
import type { Sheet, SheetBlock, SheetRun } from "../sheet.ts"

const isAlone = ({ deleted, text, threads, note }: SheetRun): boolean =>
  !deleted && threads.length === 0 && note === null && !/[\t\n\u2029]/.test(text)

/** Those changes all of whose words a bookmark can stand for. */
export function silentIn(sheet: Sheet): ReadonlySet<string> {
  const loud = new Set(
    [...sheet.blocks, ...sheet.notes].flatMap((home) =>
      home.runs.flatMap((run) => (run.inserted && !isAlone(run) ? [run.inserted.change] : [])),
    ),
  )
  const clauses = sheet.blocks.filter(({ inserted }) => inserted !== null && sheet.echoes.has(inserted.change))
  for (const clause of clauses) if (!isBare(clause, sheet)) loud.add(clause.inserted!.change)
  return new Set([...sheet.echoes].filter((change) => !loud.has(change)))
}

/** Whether a new clause holds nothing but its own plain words, and stands behind a paragraph that keeps its place. */
function isBare(clause: SheetBlock, { blocks, threads }: Sheet): boolean {
  const { block, inserted, runs, relabelled, proposals, late } = clause
  const before = blocks[blocks.indexOf(clause) - 1]
  const isPlain = (run: SheetRun): boolean =>
    run.inserted?.change === inserted!.change &&
    !run.deleted &&
    run.threads.length === 0 &&
    run.note === null &&
    !/[\t\n\u2029]/.test(run.text)
  const isAbout = blocks.some((other) => other.proposals.some(({ target }) => target === block.id))
  return (
    before !== undefined &&
    before.block.type !== "table" &&
    before.moved === null &&
    block.type !== "table" &&
    inserted!.move === null &&
    relabelled === null &&
    proposals.length + late.length === 0 &&
    runs.every(isPlain) &&
    !isAbout &&
    !threads.some(({ home }) => home === block.id)
  )
}

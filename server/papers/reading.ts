import { echoesIn, withoutEchoes } from "../../shared/changes/once.ts"
import { proposedReadingOf, wantParting } from "../../shared/changes/projections.ts"
import { type Block, isDeletionInEffect, joinRuns, type Mark, ownerOf, type Run, splitCharacter } from "../../shared/schema/block.ts"
import type { Printable, Reading } from "./printable.ts"

/** How the proposals of a draft are read. */
export function readingOf({ blocks, twins }: Pick<Printable, "blocks" | "twins">): Reading {
  const echoes = echoesIn(blocks, undefined, twins)
  const proposed = proposedReadingOf(withoutEchoes(blocks.map(markedBehindEnds), echoes))
  return {
    proposed: proposed.map(withoutMarks),
    echoes,
    parted: new Map(blocks.map((block) => [block.id, partedIn(block, echoes)])),
    cutOff: cutOffIn(blocks, proposed),
  }
}

const endsIn = ({ runs }: Block): number => runs.reduce((sum, { text }) => sum + text.split(splitCharacter).length - 1, 0)

const behindEnd = "behind-end"
const atEnds = /(\u2029)/

/** Tells words that stand behind an end from others, wherever they go as proposed. */
function endMark(block: string, end: number): Mark {
  const id = JSON.stringify([block, end])
  const none = { of: "", source: "", within: [], over: [], heard: "", noteId: "" }
  return { ...none, name: "comment", key: `${behindEnd}--${id}`, id, changeId: id }
}

const isEndMark = ({ key }: Mark): boolean => key.startsWith(behindEnd)

function markedBehindEnds(block: Block): Block {
  if (endsIn(block) === 0) return block
  let end = 0
  const runs = block.runs.flatMap(({ text, marks }) =>
    text.split(atEnds).flatMap((part): Run[] => {
      const isEnd = part === splitCharacter
      if (isEnd) end++
      return part === "" ? [] : [{ text: part, marks: end === 0 || isEnd ? marks : [...marks, endMark(block.id, end)] }]
    }),
  )
  return { ...block, runs }
}

const withoutMarks = (block: Block): Block =>
  block.runs.some(({ marks }) => marks.some(isEndMark))
    ? { ...block, runs: joinRuns(block.runs.map(({ text, marks }) => ({ text, marks: marks.filter((mark) => !isEndMark(mark)) }))) }
    : block

function cutOffIn(blocks: readonly Block[], proposed: readonly Block[]): Map<string, (string | null)[]> {
  const begins = new Map(
    proposed.flatMap(({ id, runs }): [string, string][] => {
      const mark = runs[0]?.marks.find(isEndMark)
      return mark ? [[mark.id, id]] : []
    }),
  )
  const found = blocks.flatMap((block): [string, (string | null)[]][] => {
    const count = endsIn(block)
    if (count === 0) return []
    return [[block.id, Array.from({ length: count }, (_, i) => begins.get(endMark(block.id, i + 1).id) ?? null)]]
  })
  return new Map(found)
}

function partedIn({ runs }: Block, echoes: ReadonlySet<string>): Set<number> {
  const parted = new Set<number>()
  let last: Run | null = null
  runs.forEach((run, i) => {
    const isGone = run.marks.some((mark) => mark.name === "deletion" && isDeletionInEffect(mark, run.marks))
    if (isGone || echoes.has(ownerOf(run.marks)?.changeId ?? "")) return
    if (last && wantParting(last, run)) parted.add(i)
    last = run
  })
  return parted
}

// The blocks that a view of a draft shows; rolling text is written here too, for its brackets are words of the blocks.
import { clauseJoined, joinsIn } from "../../shared/changes/changes.ts"
import { workingTextOf } from "../../shared/changes/projections.ts"
import {
  type Block,
  isBlank,
  isDeletionInEffect,
  isPresent,
  joinRuns,
  type Mark,
  noStructure,
  ownerOf,
  type Run,
  type StructuralProposal,
  splitCharacter,
} from "../../shared/schema/block.ts"
import { isApart } from "../../shared/schema/structure.ts"
import { codeOf } from "./attributor.ts"
import type { PaperView, Printable } from "./printable.ts"
import { readingOf } from "./reading.ts"

type OntoOf = ReturnType<typeof joinsIn>

/** What is proposed and holds nothing is no change, and would be read back as agreed. */
const isThere = (block: Block): boolean => isPresent(block) && !isBlank(block)

/** The blocks of a view: `open` and `against` as they stand, struck and proposed words too. */
export function blocksOfView(draft: Printable, view: PaperView): readonly Block[] {
  switch (view) {
    case "force":
      return draft.force ?? []
    case "working":
      return workingTextOf(draft.blocks)
    case "proposed":
      return (draft.reading ?? readingOf(draft)).proposed
    case "rolling": {
      const ontoOf = joinsIn(draft.blocks)
      return draft.blocks.filter(isThere).map((block) => rolled(block, ontoOf, draft))
    }
    case "open":
    case "against":
      return draft.blocks.filter(isThere)
    default:
      return view satisfies never
  }
}

/**
 * Rolling text for paper and black and white: "[B: where appropriate]", "[national] S del"; in nobody's name "[where appropriate]", "[national] del". Calls
 * of footnotes stay calls, in brackets too.
 */
function rolled(block: Block, ontoOf: OntoOf, { isNameless = false }: Pick<Printable, "isNameless">): Block {
  const whose = (source: string, sign: string): string => (isNameless ? "" : `${codeOf(source)}${sign}`)
  const runs: Run[] = []
  const say = (text: string, marks: readonly Mark[] = []): void => void runs.push({ text, marks })
  let open: { kind: "ins" | "del"; change: string; source: string } | null = null
  const close = (): void => {
    if (open) say(open.kind === "ins" ? "]" : `] ${whose(open.source, " ")}del`)
    open = null
  }
  for (const run of block.runs) {
    const owner = ownerOf(run.marks)
    const struck = run.marks.find((mark) => mark.name === "deletion" && isDeletionInEffect(mark, run.marks))
    const mark = owner ?? struck
    const kind = owner ? "ins" : "del"
    if (!mark || open === null || open.change !== mark.changeId || open.kind !== kind) {
      close()
      if (mark) {
        open = { kind, change: mark.changeId, source: mark.source }
        say(kind === "ins" ? `[${whose(mark.source, ": ")}` : "[")
      }
    }
    say(
      run.text.replaceAll(splitCharacter, "¶"),
      run.marks.filter(({ name }) => name === "noteRef"),
    )
  }
  close()
  say(block.structure.map((proposal) => ` [${whose(proposal.source, ": ")}${spoken(proposal, ontoOf)}]`).join(""))
  return { ...block, insertedBy: null, insertedId: null, structure: noStructure, runs: joinRuns(runs) }
}

const spoken = (proposal: StructuralProposal, ontoOf: OntoOf): string => {
  switch (proposal.kind) {
    case "delete":
      return "suppress"
    case "join":
      return isApart(proposal) ? "move" : `join to ${clauseJoined(ontoOf(proposal))}`
    case "move":
      return "move"
    case "level":
      return `level ${proposal.level}`
    default:
      return proposal satisfies never
  }
}

/** A file beside the draft that it is about: what it changes there, where the texts differ, and which of the draft's words each of its words is. */
import { compareWords, tokensOf, wordsIn } from "../../shared/changes/compare.ts"
import { finished } from "../../shared/changes/slices.ts"
import { splitCharacter } from "../../shared/schema/block.ts"
import type { FileBlock, FileDraft, FileWarning } from "../files/file-draft.ts"
import { withProposedNotes } from "../files/notes.ts"
import { alignMoved, type Pair } from "./align.ts"
import type { Home, WorkingBlock } from "./homes.ts"
import type { ComparedDraft, OfferedDeletion } from "./merger.ts"
import { type BaselineDifference, baselineDifferences, cleanText, onBaseline } from "./on-baseline.ts"
import { type LeftOut, Placing } from "./placing.ts"
import { chosenOffers, confirmed } from "./read-flattened.ts"
import { withUnits } from "./units.ts"

export interface Beside {
  /** The file with every footnote of inserted words as part of their change; confirmed deletions taken in. */
  readonly draft: FileDraft
  readonly offered: readonly (OfferedDeletion & { readonly by: string })[]
  readonly differences: readonly BaselineDifference[]
  /** By the id of a block of the file. */
  readonly homes: ReadonlyMap<string, Home>
  readonly match: Match
  /** Changes that find no place in the draft as it is. */
  readonly left: readonly LeftOut[]
}

/** How much of the text that a file was made on is that of the draft. */
export interface Match {
  /** Words of the file's own text in force, heads and formulas aside, which all texts share. */
  readonly words: number
  /** Those of them that stand in the draft. */
  readonly here: number
  /** Whether it was made on another text: little of it is here, or most of what it changes is not. */
  readonly isOther: boolean
}

export interface BesideOptions {
  /** Whether a file that tracks nothing is compared. */
  readonly isCompared: boolean
  /** Ids of the offered deletions that are some. */
  readonly confirmed: readonly string[]
}

const asBlocks = ({ blocks, notes }: FileDraft): FileBlock[] => [
  ...blocks,
  ...notes.map((note): FileBlock => ({ id: note.id, type: "note", text: note.text })),
]

/** The blocks of a file that are not new, by id. */
export function workingBlocksOf(draft: FileDraft): Map<string, WorkingBlock> {
  const isNew = new Set(draft.changes.flatMap((change) => change.newBlocks ?? []))
  const insertions = new Map<string, [number, number][]>()
  for (const { segments = [] } of draft.changes)
    for (const { block, kind, from, to } of segments)
      if (kind === "insertion") insertions.set(block, [...(insertions.get(block) ?? []), [from, to]])
  return new Map(
    asBlocks(draft)
      .filter((block) => !isNew.has(block.id))
      .map((block) => {
        const isInserted = new Array<boolean>(block.text.length).fill(false)
        for (const [from, to] of insertions.get(block.id) ?? []) isInserted.fill(true, from, to)
        let working = ""
        const places = isInserted.map((inserted, i) => {
          const at = working.length
          if (!inserted) working += block.text[i]!
          return at
        })
        return [block.id, { block, working, places, isInserted }]
      }),
  )
}

/** Where each character of A is in B; one more for the end. */
export function mapped(a: string, b: string): (number | null)[] {
  const to: (number | null)[] = []
  let at = 0
  for (const { kind, text } of compareWords(a, b)) {
    if (kind !== "inserted") for (let i = 0; i < text.length; i++) to.push(kind === "kept" ? at + i : null)
    if (kind !== "deleted") at += text.length
  }
  return [...to, b.length]
}

/** Which block of the draft each block of the file revises. */
function homesOf(file: ReadonlyMap<string, WorkingBlock>, ours: readonly FileBlock[]): Map<string, Home> {
  const theirs = [...file.values()].map(({ block, working }) => ({ ...block, text: working }))
  const isPair = (pair: Pair): pair is { a: FileBlock; b: FileBlock } => pair.a !== null && pair.b !== null
  const parts = new Map<string, FileBlock[]>()
  for (const block of ours) {
    const { origin = null } = block
    if (origin !== null) parts.set(origin, [...(parts.get(origin) ?? []), block])
  }
  return new Map(
    alignMoved(ours, theirs)
      .filter(isPair)
      .map(({ a, b }): [string, Home] => {
        const home = { id: a.id, words: a.text, to: mapped(b.text, a.text) }
        const all = parts.get(a.origin ?? "") ?? []
        return [b.id, all.length > 1 ? { ...home, inOthers: inOthers(b.text, home.to, all) } : home]
      }),
  )
}

/** Which characters of a text that its home lacks stand in the parts that the clause was divided into, one behind the other. */
function inOthers(text: string, to: readonly (number | null)[], parts: readonly FileBlock[]): boolean[] {
  const inParts = mapped(text, parts.map((part) => part.text).join(splitCharacter))
  return text.split("").map((_, i) => to[i] === null && inParts[i] !== null)
}

/** What every resolution says alike tells nothing of which one a text is. */
const isCommon = ({ type }: FileBlock): boolean => type === "head" || type === "formula" || type === "designation"

/** Less of a text, or of another that it is an excerpt of, is another text. */
const leastShared = 0.5

function matchOf(
  file: ReadonlyMap<string, WorkingBlock>,
  homes: ReadonlyMap<string, Home>,
  ours: readonly FileBlock[],
): Omit<Match, "isOther"> & { ours: number } {
  let words = 0
  let here = 0
  for (const { block, working } of file.values()) {
    if (isCommon(block)) continue
    const to = homes.get(block.id)?.to
    let at = 0
    for (const token of tokensOf(working)) {
      const from = at
      at += token.length
      if (!/[\p{L}\p{N}]/u.test(token)) continue
      words++
      if (to && to[from] !== null && to[from] !== undefined) here++
    }
  }
  return { words, here, ours: ours.reduce((sum, block) => sum + (isCommon(block) ? 0 : wordsIn(block.text).length), 0) }
}

/** That a file numbers clauses otherwise is told of each, and no number of the draft moves for it (NUM4). */
function numbersLeft({ blocks }: FileDraft): FileWarning[] {
  const said = (label: string | undefined): string => (label ? `“${label}”` : "no number")
  return blocks.flatMap(({ id, label, renumbered }) =>
    renumbered
      ? {
          code: "NUM",
          block: id,
          message: `The file numbers a clause otherwise: ${said(renumbered.was)} becomes ${said(label)}. The numbers of this draft stay as they are.`,
        }
      : [],
  )
}

/** Lays a file beside a draft's working text. Throws where a confirmed deletion is not offered, or no longer. */
export function laidBeside(file: FileDraft, working: FileDraft, options: BesideOptions): Beside {
  const isCompared = options.isCompared && file.changes.length === 0
  const compared: ComparedDraft = isCompared ? onBaseline(file, working) : file
  const taken = withUnits(withProposedNotes(confirmed(compared, chosenOffers(compared, options.confirmed))))
  const draft = { ...taken, warnings: [...taken.warnings, ...numbersLeft(taken)] }
  const ours = asBlocks(working)
  const wordsOf = new Map(compared.changes.map((change) => [change.id, change.text]))
  const { offered = [] } = compared
  const fileText = workingBlocksOf(draft)
  const homes = homesOf(fileText, ours)
  const placing = new Placing(draft, fileText, homes)
  finished(placing.leaveOut())
  // What is compared becomes changes on our own text; how much of theirs that is says the file as it came.
  const theirs = isCompared ? workingBlocksOf(file) : fileText
  const { words, here, ours: most } = matchOf(theirs, isCompared ? homesOf(theirs, ours) : homes, ours)
  const isOther = here < leastShared * Math.min(words, most) || placing.left.length > draft.changes.length / 2
  return {
    draft,
    match: { words, here, isOther },
    left: placing.left,
    offered: offered.map((offer) => ({ ...offer, by: wordsOf.get(offer.change) ?? "" })),
    differences: isCompared ? [] : baselineDifferences(asBlocks(cleanText(file, "working")), ours),
    homes,
  }
}

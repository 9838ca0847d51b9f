/**
 * The signs of ours in a file, each where it has a meaning (GATE1): what parts the cells and rows of a table in a table alone, what divides a block that
 * may be two under a proposal of its own. Elsewhere they are spaces, and that is said. No place moves: a sign stands for a sign.
 */
import { splitCharacter } from "../../shared/schema/block.ts"
import { isSplittable } from "../../shared/schema/structure.ts"
import type { FileChange, FileDraft, FileWarning } from "./file-draft.ts"
import { forceIn } from "./in-force.ts"

const tableSigns = /[\t\n]/g

/** Between words, and kept where these are parted by it. */
const splitSign = new RegExp(`(${splitCharacter})`)

/** A draft of a file with these signs where they belong. */
export function withSignsInPlace(draft: FileDraft): FileDraft {
  const force = forceIn(draft)
  const own = inPlace(draft)
  if (force === null) return own
  const { blocks, notes } = inPlace(force)
  return { ...own, inForce: { ...draft.inForce!, blocks, notes } }
}

function inPlace(draft: FileDraft): FileDraft {
  const warnings: FileWarning[] = []
  const divided = dividedIn(draft)
  const placed = <Part extends { readonly id: string; readonly text: string }>(part: Part, type: string): Part => {
    const text = type === "table" ? part.text : part.text.replace(tableSigns, " ")
    if (text !== part.text) warnings.push(warningOf(part.id, "SIGNS", "tabs or line breaks, which only a table takes"))
    const mayBeTwo = isSplittable(type)
    const whole = text.replaceAll(splitCharacter, (sign, at: number) => (mayBeTwo && divided.get(part.id)?.has(at) ? sign : " "))
    if (whole !== text) warnings.push(warningOf(part.id, "SIGNS", mayBeTwo ? "the sign of a split that nobody proposes" : unsplittable))
    return whole === part.text ? part : { ...part, text: whole }
  }
  const blocks = draft.blocks.map((block) => placed(block, block.type))
  const notes = draft.notes.map((note) => placed(note, "note"))
  if (warnings.length === 0) return draft
  return { ...draft, blocks, notes, changes: asTheyAre(draft.changes, blocks, notes), warnings: [...draft.warnings, ...warnings] }
}

const unsplittable = "the sign of a split, which only a clause, a paragraph or a quotation takes"

/** Changes that were to divide what is not divided put in what their signs are read as. */
function asTheyAre(changes: readonly FileChange[], ...texts: (readonly { readonly id: string; readonly text: string }[])[]): FileChange[] {
  const text = new Map(texts.flat().map((part) => [part.id, part.text]))
  const wordsOf = ({ segments = [] }: FileChange): string =>
    segments.map(({ block, from, to }) => text.get(block)?.slice(from, to) ?? "").join("")
  const isSplit = (change: FileChange): boolean => change.kind === "structure" && (change.structure ?? []).length === 0
  return changes.map((change) => {
    const words = isSplit(change) ? wordsOf(change) : splitCharacter
    return words.includes(splitCharacter) ? change : { ...change, kind: "insertion", text: words }
  })
}

const warningOf = (block: string, code: string, what: string): FileWarning => ({
  code,
  block,
  message: `This clause held ${what}; they were read as spaces.`,
})

/** Where blocks are proposed to be divided: at insertions of changes that do not add the block themselves. */
function dividedIn({ blocks, changes }: FileDraft): ReadonlyMap<string, ReadonlySet<number>> {
  const texts = new Map(blocks.filter(({ text }) => text.includes(splitCharacter)).map(({ id, text }) => [id, text]))
  const divided = new Map<string, Set<number>>()
  if (texts.size === 0) return divided
  for (const { segments = [], newBlocks = [] } of changes)
    for (const { block, kind, from, to } of segments) {
      const text = texts.get(block)
      if (text === undefined || kind !== "insertion" || newBlocks.includes(block)) continue
      for (let at = text.indexOf(splitCharacter, from); at >= 0 && at < to; at = text.indexOf(splitCharacter, at + 1))
        divided.set(block, (divided.get(block) ?? new Set()).add(at))
    }
  return divided
}

/** The parts of a stretch of words that come, each split by itself: it stands under a mark of its own. `text`: that of its block. */
export function cutAtSplits<Part extends { readonly from: number; readonly to: number }>(part: Part, text: string): Part[] {
  const words = text.slice(part.from, part.to)
  if (words.length < 2 || !words.includes(splitCharacter)) return [part]
  let { from } = part
  return words.split(splitSign).flatMap((piece) => {
    const stretch = { ...part, from, to: from + piece.length }
    from = stretch.to
    return piece ? [stretch] : []
  })
}

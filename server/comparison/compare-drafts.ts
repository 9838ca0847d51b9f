// Two clean texts, the one against the other. Which block of the one is which of the other is asked of `align`; here it becomes changes.
import { compareWords } from "../../shared/changes/compare.ts"
import { anchorCharacter } from "../../shared/schema/block.ts"
import type { FileBlock, FileDraft, FileStructure } from "../files/file-draft.ts"
import { align, type Pair } from "./align.ts"
import { type ComparedDraft, Merger } from "./merger.ts"
import { withTablesOf } from "./tables-as-lines.ts"

/**
 * Compares two clean texts: the blocks of B among those of A, words that went and came as changes of `source` (null: not stated). The text in force of
 * what comes out is A, its text as proposed B, to the letter (CMP1); no change cuts a word (CMP2).
 */
export function compareDrafts(a: FileDraft, given: FileDraft, source: string | null): ComparedDraft {
  const { draft: b, warnings } = withTablesOf(given, a)
  const merger = new Merger(a, b, source)
  // A line without a word is no text: where only the second has it, nothing is proposed.
  const pairs = align(a.blocks, b.blocks).filter((pair) => pair.a !== null || pair.b!.text !== "")
  const moved = movesAmong(pairs)
  const goesTo = new Map([...moved].map(([theirs, ours]) => [ours, theirs]))
  const acts: { block: string; after: string | null }[] = []
  // What stands last in text B so far: a block that moves goes behind it.
  let last: string | null = null
  for (const { a: ours, b: theirs } of pairs) {
    if (ours && theirs) {
      const stretches = compareWords(ours.text, theirs.text)
      merger.keep(ours, stretches, theirs)
      merger.follow(theirs, ours.id, stretches)
      last = ours.id
    } else if (ours) {
      const there = goesTo.get(ours)
      if (there) merger.keep(ours, [{ kind: "kept", text: ours.text }], there)
      else merger.remove(ours)
    } else {
      const from = moved.get(theirs!)
      if (from) {
        merger.follow(theirs!, from.id, [{ kind: "kept", text: from.text }])
        acts.push({ block: from.id, after: last })
        last = from.id
      } else last = merger.add(theirs!)
    }
  }
  for (const { block, after } of acts) {
    const structure: FileStructure[] = [{ kind: "move", block, after }]
    merger.change({ kind: "move", block, text: merger.blocks.find((other) => other.id === block)!.text, structure })
  }
  return { ...merger.draft(a, b), warnings }
}

/** Equal clauses that went at one place and came at another moved. */
function movesAmong(pairs: readonly Pair[]): Map<FileBlock, FileBlock> {
  const moved = new Map<FileBlock, FileBlock>()
  const key = (block: FileBlock): string => JSON.stringify([block.type, block.part, block.level ?? 1, block.text])
  const gone = pairs.flatMap(({ a, b }) => (a && !b ? [a] : []))
  const come = pairs.flatMap(({ a, b }) => (b && !a ? [b] : []))
  // Short ones are equal by chance.
  const single = (list: readonly FileBlock[]): Map<string, FileBlock | null> => {
    const byKey = new Map<string, FileBlock | null>()
    for (const block of list)
      if (block.text.length >= 20 && !block.text.includes(anchorCharacter)) byKey.set(key(block), byKey.has(key(block)) ? null : block)
    return byKey
  }
  const from = single(gone)
  for (const [own, block] of single(come)) {
    const origin = from.get(own)
    if (block && origin) moved.set(block, origin)
  }
  return moved
}

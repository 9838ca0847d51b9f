import { beginningOf } from "../../shared/schema/letters.ts"
import type { FileDraft } from "./file-draft.ts"
import { mostNested, spansIn } from "./hosts.ts"
import { forceIn } from "./in-force.ts"

/**
 * How large a draft from a file may be: far above the final acts of a conference, far below what would make a meeting wait. `letters`: of all texts;
 * `nested`: insertions in one another, as in a room (GATE13).
 */
export const fileBounds = {
  blocks: 10_000,
  notes: 2_000,
  lettersOfBlock: 100_000,
  letters: 3_000_000,
  changes: 20_000,
  segments: 40_000,
  comments: 5_000,
  replies: 499,
  lettersOfRemark: 20_000,
  listed: 50_000,
  label: 64,
  nested: mostNested,
} as const

const counted = (n: number): string => n.toLocaleString("en")

/** What is too much in a draft from a file, as what is said behind its name; null: nothing. The text in force that it carries is one of its own. */
export function tooMuchIn(draft: FileDraft): string | null {
  const force = forceIn(draft)
  const { left = [], accepted = [] } = draft.inForce ?? {}
  const parts = accepted.reduce((sum, { segments, acts }) => sum + segments.length + acts.length, 0)
  if (Math.max(left.length, accepted.length, parts) > fileBounds.listed)
    return `tells of more than ${counted(fileBounds.listed)} accepted changes. Divide it`
  return tooMuchInOne(draft) ?? (force && tooMuchInOne(force))
}

function tooMuchInOne(draft: FileDraft): string | null {
  const { blocks, notes, changes, comments, cover, debris, warnings, revisions = [] } = draft
  const texts = [...blocks, ...notes]
  const over = (count: number, most: number, what: string): string | null =>
    count > most ? `has ${counted(count)} ${what}; at most ${counted(most)} are taken. Divide it` : null
  const long = texts.find(({ text }) => text.length > fileBounds.lettersOfBlock)
  const label = blocks.find(
    (block) => (block.label ?? "").length > fileBounds.label || (block.importedLabel ?? "").length > fileBounds.label,
  )
  const segments = changes.reduce((sum, change) => sum + (change.segments?.length ?? 0) + (change.structure?.length ?? 0), 0)
  const remarks = comments.flatMap((comment) => [comment.text, comment.quote, ...comment.replies.map(({ text }) => text)])
  const letters = [...texts.map(({ text }) => text), ...remarks, ...cover.map(({ text }) => text)].reduce(
    (sum, text) => sum + text.length,
    0,
  )
  return (
    over(texts.length, fileBounds.blocks, "paragraphs and footnotes") ??
    over(notes.length, fileBounds.notes, "footnotes") ??
    over(changes.length, fileBounds.changes, "tracked changes") ??
    over(segments, fileBounds.segments, "marks of tracked changes") ??
    over(comments.length, fileBounds.comments, "comments") ??
    over(Math.max(0, ...comments.map(({ replies }) => replies.length)), fileBounds.replies, "replies to one comment") ??
    over(Math.max(0, ...remarks.map((text) => text.length)), fileBounds.lettersOfRemark, "letters in one comment") ??
    over(cover.length + debris.length + warnings.length + revisions.length, fileBounds.listed, "things that are no text") ??
    (long ? over(long.text.length, fileBounds.lettersOfBlock, `letters in one paragraph, that begins “${startOf(long.text)}”`) : null) ??
    over(letters, fileBounds.letters, "letters") ??
    (label ? `labels the paragraph “${startOf(label.text)}” with more than ${fileBounds.label} signs. Shorten its label` : null) ??
    nestingIn(draft)
  )
}

const startOf = (text: string): string => beginningOf(text, 30)

/** Whether insertions stand in one another deeper than in a room. */
function nestingIn(draft: FileDraft): string | null {
  const byBlock = new Map<string, [number, number][]>()
  for (const { segment } of spansIn(draft)) {
    const { block, from, to } = segment
    const list = byBlock.get(block)
    if (list) list.push([from, to])
    else byBlock.set(block, [[from, to]])
  }
  for (const ranges of byBlock.values()) {
    const around: number[] = []
    // Those that begin together: the longest is outside.
    for (const [from, to] of ranges.sort((a, b) => a[0] - b[0] || b[1] - a[1])) {
      while (around.length > 0 && around.at(-1)! <= from) around.pop()
      around.push(to)
      if (around.length > fileBounds.nested)
        return `has insertions in insertions deeper than ${fileBounds.nested}. Accept or reject some of them`
    }
  }
  return null
}

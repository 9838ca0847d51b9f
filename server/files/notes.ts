import type { FileChange, FileDraft, FileNote } from "./file-draft.ts"

const addsBlock = (change: FileChange, block: string): boolean => change.newBlocks?.includes(block) ?? false

/** The change whose inserted words call a footnote, the innermost; null where agreed words do, or none. The footnote comes and goes with it. */
export function changeCalling({ block, at }: FileNote, changes: readonly FileChange[]): FileChange | null {
  if (block === null || at === null) return null
  const around = changes.flatMap((change) =>
    (change.segments ?? [])
      .filter((part) => part.block === block && part.kind === "insertion" && part.from <= at && at < part.to)
      .map((part) => ({ change, length: part.to - part.from })),
  )
  around.sort((a, b) => a.length - b.length)
  return around[0]?.change ?? changes.find((change) => addsBlock(change, block)) ?? null
}

/** Whether a change does nothing but put words into a footnote, by the same author in the same minute as the words that call it. */
const isOwnWords = (change: FileChange, note: FileNote, caller: FileChange): boolean =>
  change !== caller &&
  change.kind === "insertion" &&
  change.source === caller.source &&
  change.enteredBy === caller.enteredBy &&
  change.date?.slice(0, 16) === caller.date?.slice(0, 16) &&
  (change.segments ?? []).length > 0 &&
  change.segments!.every((part) => part.block === note.id)

/**
 * A file's draft with every footnote that inserted words call as part of that change, as a meeting decides on them. In Word the words of such a
 * footnote are no change, or one of their own.
 */
export function withProposedNotes(draft: FileDraft): FileDraft {
  let { changes } = draft
  for (const note of draft.notes) {
    const caller = changeCalling(note, changes)
    if (!caller || changes.some((change) => addsBlock(change, note.id))) continue
    const whole = { block: note.id, kind: "insertion" as const, from: 0, to: note.text.length }
    const extended: FileChange = {
      ...caller,
      newBlocks: [...(caller.newBlocks ?? []), note.id],
      segments: [...(caller.segments ?? []), ...(note.text ? [whole] : [])],
    }
    changes = changes.filter((change) => !isOwnWords(change, note, caller)).map((change) => (change === caller ? extended : change))
  }
  return changes === draft.changes ? draft : { ...draft, changes }
}

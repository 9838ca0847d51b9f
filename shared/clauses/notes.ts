import { anchorCharacter, type Block, type Run } from "../schema/block.ts"

/** The footnote that a run calls, or null. */
export function noteCalledBy(run: Run): string | null {
  if (!run.text.includes(anchorCharacter)) return null
  return run.marks.find((mark) => mark.name === "noteRef")?.noteId ?? null
}

/**
 * The number of each footnote that is called, by its `noteId`: in the order of the calls, whatever the order of the notes (NOTE1). A call of a note
 * that is not in the list has none.
 */
export function noteNumbers(blocks: readonly Block[]): Map<string, number> {
  const bodies = new Set(blocks.filter((block) => block.type === "note").map((block) => block.noteId))
  const numbers = new Map<string, number>()
  for (const block of blocks)
    for (const run of block.runs) {
      const note = noteCalledBy(run)
      if (note !== null && bodies.has(note) && !numbers.has(note)) numbers.set(note, numbers.size + 1)
    }
  return numbers
}

/** Words of a draft as they are quoted beside it: the call of a footnote is an asterisk. */
export const quoted = (text: string): string => text.replaceAll(anchorCharacter, "*")

/** A footnote whose call is gone is no part of the text any more (NOTE2). One that no text ever called, as some files have it, has no `noteId`. */
export const isUncalled = (block: Block, called: { has(note: string): boolean }): boolean =>
  block.type === "note" && block.noteId !== null && !called.has(block.noteId)

/** Footnotes that go with the last words that call them (NOTE2): they are part of what a change takes out, and of what is shown of it. */
import { noteCalledBy } from "../clauses/notes.ts"
import { anchorCharacter, type Block, isDeletionInEffect, isPresent, type Run, textOf } from "../schema/block.ts"
import { workingText } from "./projections.ts"

/** A footnote that a change takes out: its block, where it is called, and the agreed words that it has. */
export interface TakenFootnote {
  readonly block: string
  readonly calledIn: string
  readonly text: string
}

/** Of each of some changes the footnotes that go with what it takes out, in the order of the text; changes that take none are left out. */
export function footnotesTaken(blocks: readonly Block[], isSought: (change: string) => boolean): Map<string, TakenFootnote[]> {
  const calls = blocks.filter(isPresent).flatMap((block) => callsIn(block))
  const found = new Map<string, TakenFootnote[]>()
  if (calls.length === 0) return found
  const byNote = new Map<string, Call[]>()
  for (const call of calls) {
    const others = byNote.get(call.note)
    if (others) others.push(call)
    else byNote.set(call.note, [call])
  }
  for (const note of blocks) {
    const called = note.type === "note" && note.noteId !== null && isPresent(note) ? (byNote.get(note.noteId) ?? []) : []
    const [first] = called
    if (!first) continue
    for (const change of first.takenBy) {
      if (!isSought(change) || !called.every(({ takenBy }) => takenBy.has(change))) continue
      const taken = { block: note.id, calledIn: first.block, text: textOf(workingText(note)) }
      found.set(change, [...(found.get(change) ?? []), taken])
    }
  }
  return found
}

interface Call {
  readonly note: string
  readonly block: string
  /** Changes that take it out. */
  readonly takenBy: ReadonlySet<string>
}

const callsByBlock = new WeakMap<Block, readonly Call[]>()

function callsIn(block: Block): readonly Call[] {
  let calls = callsByBlock.get(block)
  if (!calls) {
    const going = block.structure.flatMap(({ kind, changeId }) => (kind === "delete" ? [changeId] : []))
    calls = block.runs.flatMap((run) => {
      const note = run.text.includes(anchorCharacter) ? noteCalledBy(run) : null
      return note === null ? [] : [{ note, block: block.id, takenBy: new Set([...going, ...takenOn(run)]) }]
    })
    callsByBlock.set(block, calls)
  }
  return calls
}

const takenOn = ({ marks }: Run): string[] =>
  marks.flatMap((mark) => (mark.name === "deletion" && isDeletionInEffect(mark, marks) ? [mark.changeId] : []))

/** Whether words of several changes at one place keep a space between them, once all are accepted (RIVAL8). */
import type { Mark, Run } from "../schema/block.ts"

/** What a decision does to the runs of a block. */
export interface Doing {
  readonly runs: readonly Run[]
  /** Whether the letters of a run go. */
  goes(run: number): boolean
  isLifted(mark: Mark): boolean
}

/** Words that stay, and by which changes: that by which they come, and those that take out what stood before them. */
interface Words {
  text: string
  readonly by: string | null
  readonly changes: ReadonlySet<string>
}

// What stands before a space, and behind one.
const closesWord = /[\p{L}\p{M}\p{N},;:.!?)\]”’»%]$/u
const opensWord = /^[\p{L}\p{N}([“‘«]/u

/** Whether words that several changes bring to one place, or leave there, would be read as one word. */
export function runsTogether(doing: Doing): boolean {
  const words = wordsIn(doing)
  return words.some(({ text, by }, i) => {
    const next = words[i + 1]
    if (!next || (by === null && next.by === null)) return false
    const changes = new Set([...next.changes, ...(by === null ? [] : [by])])
    return changes.size > 1 && closesWord.test(text.slice(-2)) && opensWord.test(next.text.slice(0, 2))
  })
}

function wordsIn({ runs, goes, isLifted }: Doing): Words[] {
  const words: Words[] = []
  let gone = new Set<string>()
  runs.forEach((run, i) => {
    const came = run.marks.find((mark) => mark.name === "insertion")
    if (goes(i)) {
      for (const mark of run.marks) if (!came && mark.name === "deletion" && isLifted(mark)) gone.add(mark.changeId)
      return
    }
    // What is only proposed stands in no text.
    if (run.marks.some((mark) => mark.name === "insertion" && !isLifted(mark))) return
    const by = came?.changeId ?? null
    const last = words.at(-1)
    if (last && last.by === by && gone.size === 0) last.text += run.text
    else words.push({ text: run.text, by, changes: new Set([...gone, ...(by === null ? [] : [by])]) })
    gone = new Set()
  })
  return words
}

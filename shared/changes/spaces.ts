/** Whether words of several changes at one place keep a space between them, once all are accepted (RIVAL8). */
import type { Mark, Run } from "../schema/block.ts"

/** What a decision does to the runs of a block. */
export interface Doing {
  readonly runs: readonly Run[]
  /** Whether the letters of a run go. */
  goes(run: number): boolean
  isLifted(mark: Mark): boolean
  /** Whether the letters of a run would go too with what of the same proposal is left, or waits. */
  staysFor?(run: number): boolean
}

/** Words that stay, and by which changes: that by which they come, and those that take out what stood before them. */
interface Words {
  text: string
  readonly by: string | null
  readonly changes: ReadonlySet<string>
  /** They would go with what is left of a proposal. */
  readonly isLeft: boolean
}

// What stands before a space, and behind one.
const closesWord = /[\p{L}\p{M}\p{N},;:.!?)\]”’»%]$/u
const opensWord = /^[\p{L}\p{N}([“‘«]/u

/** Whether words that several changes bring to one place, or leave there, would be read as one word. */
export function runsTogether(doing: Doing): boolean {
  const words = wordsIn(doing)
  return words.some(({ text, by, isLeft }, i) => {
    const next = words[i + 1]
    if (!next || (by === null && next.by === null)) return false
    const changes = new Set([...next.changes, ...(by === null ? [] : [by])])
    return (changes.size > 1 || isLeft || next.isLeft) && closesWord.test(text.slice(-2)) && opensWord.test(next.text.slice(0, 2))
  })
}

function wordsIn({ runs, goes, isLifted, staysFor = () => false }: Doing): Words[] {
  const words: Words[] = []
  let gone = new Set<string>()
  runs.forEach((run, i) => {
    const came = run.marks.find((mark) => mark.name === "insertion")
    if (goes(i)) {
      for (const mark of run.marks) if (!came && mark.name === "deletion" && isLifted(mark)) gone.add(mark.changeId)
      return
    }
    // What is only proposed stands in no text.
    if (run.marks.some((mark) => mark.name === "insertion" && !isLifted(mark))) {
      // The words that were to come in their place would have stood behind what stands around them.
      if (came && staysFor(i)) gone.add(came.changeId)
      return
    }
    const by = came?.changeId ?? null
    const isLeft = staysFor(i)
    const last = words.at(-1)
    if (last && last.by === by && last.isLeft === isLeft && gone.size === 0) last.text += run.text
    else words.push({ text: run.text, by, isLeft, changes: new Set([...gone, ...(by === null ? [] : [by])]) })
    gone = new Set()
  })
  return words
}

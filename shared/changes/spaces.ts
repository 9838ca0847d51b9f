/**
 * Words that were put into the midst of what another takes out bring the space along that parted them from a word that is gone, and lack the one that parts
 * them from what comes in its place: two spaces would stand on one side, and none on the other. There the space changes sides (RIVAL8). No letter comes
 * or goes by it, so the text is read as if the words had been put in one letter further.
 */
import type { Mark, Run } from "../schema/block.ts"

/** A space of a block, and before which letter of it that stands afterwards, under the marks of the letter at `like`. */
export interface Shift {
  readonly from: number
  readonly to: number
  readonly like: number
}

/** What a decision, or a reading, does to the runs of a block. */
export interface Doing {
  readonly runs: readonly Run[]
  /** Whether the letters of a run go. */
  goes(run: number): boolean
  isLifted(mark: Mark): boolean
}

/** Letters that stand side by side in the text afterwards: agreed by this, of one change; or agreed before, with nothing of it between. */
interface Stretch {
  /** The change by which they come; null: they were agreed. */
  readonly by: string | null
  readonly letters: { readonly at: number; readonly letter: string; readonly marks: readonly Mark[] }[]
  /** The changes that take out what stood before it. */
  readonly goneBefore: Set<string>
}

// What stands before a space, and behind one.
const closesWord = /[\p{L}\p{M}\p{N},;:.!?)\]”’»%]$/u
const opensWord = /^[\p{L}\p{N}([“‘«]/u
// Tabs and line feeds are the signs of a table.
const isBlank = (letter: string | undefined): boolean => letter !== undefined && /[^\S\t\n\u2028\u2029]/.test(letter)

/** The spaces that change sides. */
export function shiftsIn(doing: Doing): Shift[] {
  // Only words that come put a space beside another.
  if (!doing.runs.some((run, i) => !doing.goes(i) && run.marks.some((mark) => mark.name === "insertion" && doing.isLifted(mark)))) return []
  const stretches = stretchesIn(doing)
  if (stretches.length < 2) return []
  return stretches.flatMap((_, i) => (isGlued(stretches, i) ? (toTheEnd(stretches, i) ?? toTheStart(stretches, i + 1) ?? []) : []))
}

function stretchesIn({ runs, goes, isLifted }: Doing): Stretch[] {
  const stretches: Stretch[] = []
  let gone = new Set<string>()
  let at = 0
  runs.forEach((run, i) => {
    const from = at
    at += run.text.length
    const came = run.marks.find((mark) => mark.name === "insertion")
    if (goes(i)) {
      if (!came) for (const mark of run.marks) if (mark.name === "deletion" && isLifted(mark)) gone.add(mark.changeId)
      return
    }
    const marks = run.marks.filter((mark) => !isLifted(mark))
    if (marks.some((mark) => mark.name === "insertion")) return
    const by = came?.changeId ?? null
    let last = stretches.at(-1)
    if (!last || last.by !== by || gone.size > 0) stretches.push((last = { by, letters: [], goneBefore: gone }))
    gone = new Set()
    for (let k = 0; k < run.text.length; k++) last.letters.push({ at: from + k, letter: run.text[k]!, marks })
  })
  if (gone.size > 0) stretches.push({ by: null, letters: [], goneBefore: gone })
  return stretches
}

const textOf = (stretch: Stretch | undefined): string => stretch?.letters.map(({ letter }) => letter).join("") ?? ""

/** Whether a stretch and the next would be read as one word. */
const isGlued = (stretches: readonly Stretch[], i: number): boolean =>
  closesWord.test(textOf(stretches[i]).slice(-2)) && opensWord.test(textOf(stretches[i + 1]).slice(0, 2))

/**
 * Whether a stretch is words that stand amid something else: such as come by this, or such as were agreed between what one change takes out and what it puts
 * in its place.
 */
function isAmid(stretches: readonly Stretch[], i: number): boolean {
  const [before, stretch, behind] = [stretches[i - 1], stretches[i], stretches[i + 1]]
  if (!stretch) return false
  if (stretch.by !== null) return true
  const isOf = (gone: ReadonlySet<string> | undefined, by: string | null | undefined): boolean =>
    typeof by === "string" && gone?.has(by) === true
  return isOf(stretch.goneBefore, behind?.by) || isOf(behind?.goneBefore, before?.by)
}

/** The first space of the words before a seam goes behind their last letter, where another stands before it; so do those of all that stand in a row. */
function toTheEnd(stretches: readonly Stretch[], last: number): Shift[] | null {
  const shifts: Shift[] = []
  for (let i = last; isAmid(stretches, i); i--) {
    const { letters } = stretches[i]!
    const [first, second, end] = [letters[0], letters[1], letters.at(-1)]
    if (!first || !second || !isBlank(first.letter) || isBlank(second.letter) || !isUnderSame(first, end!)) return null
    shifts.push({ from: first.at, to: end!.at + 1, like: end!.at })
    const before = stretches[i - 1]?.letters.at(-1)?.letter
    if (before === undefined || isBlank(before)) return shifts
  }
  return null
}

/** The last space of the words behind a seam goes before their first letter. */
function toTheStart(stretches: readonly Stretch[], first: number): Shift[] | null {
  const shifts: Shift[] = []
  for (let i = first; isAmid(stretches, i); i++) {
    const { letters } = stretches[i]!
    const [start, before, end] = [letters[0], letters.at(-2), letters.at(-1)]
    if (!end || !before || !isBlank(end.letter) || isBlank(before.letter) || !isUnderSame(start!, end)) return null
    shifts.push({ from: end.at, to: start!.at, like: start!.at })
    const behind = stretches[i + 1]?.letters[0]?.letter
    if (behind === undefined || isBlank(behind)) return shifts
  }
  return null
}

type Letter = Stretch["letters"][number]

/** Whether two letters stand under the same proposals of others. */
function isUnderSame(a: Letter, b: Letter): boolean {
  const keys = ({ marks }: Letter): string =>
    marks
      .flatMap(({ name, key }) => (name === "deletion" ? [key] : []))
      .sort()
      .join(" ")
  return keys(a) === keys(b)
}

/** The runs that stay, with the spaces at their new places; marks are as they were. */
export function withShifts(runs: readonly Run[], goes: (run: number) => boolean, shifts: readonly Shift[]): Run[] {
  if (shifts.length === 0) return runs.filter((_, i) => !goes(i))
  const result: Run[] = []
  const letters = runs.map(({ text }) => text).join("")
  const marksAt = new Map<number, readonly Mark[]>()
  let at = 0
  for (const { text, marks } of runs) {
    for (const { like } of shifts) if (like >= at && like < at + text.length) marksAt.set(like, marks)
    at += text.length
  }
  const put = (place: number): void => {
    for (const { from, to, like } of shifts) if (to === place) result.push({ text: letters[from]!, marks: marksAt.get(like)! })
  }
  at = 0
  runs.forEach((run, i) => {
    const cuts = shifts.flatMap(({ from, to }) => [from, from + 1, to]).filter((place) => place > at && place < at + run.text.length)
    const ends = [...new Set(cuts), at + run.text.length].sort((a, b) => a - b)
    for (let from = at, k = 0; k < ends.length; from = ends[k]!, k++) {
      put(from)
      if (!goes(i) && !shifts.some((shift) => shift.from === from)) result.push({ ...run, text: letters.slice(from, ends[k]) })
    }
    at += run.text.length
  })
  put(at)
  return result
}

/** Whether words that come by two changes would be read as one word, for neither brought a space. */
export function runsTogether(doing: Doing): boolean {
  const stretches = stretchesIn(doing)
  return stretches.some(({ by }, i) => {
    const next = stretches[i + 1]?.by ?? null
    const isOfTwo = by !== null && next !== null && by !== next
    return isOfTwo && isGlued(stretches, i) && (toTheEnd(stretches, i) ?? toTheStart(stretches, i + 1)) === null
  })
}

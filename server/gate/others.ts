/**
 * P_u: a text without what a source put into it. It must be the same before and after each update of that source: the same Yjs characters, wherever the
 * server has written them anew, with the same letters under the same marks of all others (GATE5).
 */
import { type Mark, ownerOf } from "../../shared/schema/block.ts"
import type { PlacedRun, Stretch } from "../../shared/schema/runs.ts"
import type { Moves } from "../../shared/sync/moves.ts"

/** Whether a change was decided: what is accepted and waits is its source's no more. */
type IsDecided = (change: string) => boolean

const nothingDecided: IsDecided = () => false

const foreignKeys = new WeakMap<readonly Mark[], Map<string, string>>()

/** Comment marks are the server's, whoever commented: none of them is ever one's own to change. */
const isOwnMark = (mark: Mark, source: string): boolean => mark.source === source && mark.name !== "comment"

/** All marks but the source's own, as one comparable string. */
function foreignPart(marks: readonly Mark[], source: string, isDecided: IsDecided): string {
  if (marks.length === 0) return ""
  // What was decided a moment ago is not in what was computed before.
  if (marks.some((mark) => isOwnMark(mark, source) && isDecided(mark.changeId)))
    return foreignKeysOf(marks, (mark) => isOwnMark(mark, source) && !isDecided(mark.changeId))
  let bySource = foreignKeys.get(marks)
  if (!bySource) foreignKeys.set(marks, (bySource = new Map()))
  let part = bySource.get(source)
  if (part === undefined) {
    part = foreignKeysOf(marks, (mark) => isOwnMark(mark, source))
    bySource.set(source, part)
  }
  return part
}

const foreignKeysOf = (marks: readonly Mark[], isOwn: (mark: Mark) => boolean): string =>
  marks
    .filter((mark) => !isOwn(mark))
    .map((mark) => mark.key)
    .sort()
    .join(" ")

function isErased({ marks }: PlacedRun, source: string, isDecided: IsDecided): boolean {
  const owner = marks.length > 0 ? ownerOf(marks) : null
  return owner?.source === source && !isDecided(owner.changeId)
}

const isSameStretch = (a: Stretch, b: Stretch): boolean => a.client === b.client && a.clock === b.clock

/**
 * P_u(before) = P_u(after). Letters alone would let "delete the agreed words and retype them" pass; identity alone misses a surrogate pair that was
 * cut. `moves`: what the server restored is what it was. `isDecided`: of what was decided nothing is the source's own.
 */
export function isSameForOthers(
  before: readonly PlacedRun[],
  after: readonly PlacedRun[],
  source: string,
  moves?: Moves,
  isDecided = nothingDecided,
): boolean {
  let i = 0
  let j = 0
  let atA = 0
  let atB = 0
  for (;;) {
    while (i < before.length && (atA >= before[i]!.text.length || isErased(before[i]!, source, isDecided))) {
      i++
      atA = 0
    }
    while (j < after.length && (atB >= after[j]!.text.length || isErased(after[j]!, source, isDecided))) {
      j++
      atB = 0
    }
    if (i === before.length || j === after.length) return i === before.length && j === after.length
    const a = before[i]!
    const b = after[j]!
    let length = Math.min(a.text.length - atA, b.text.length - atB)
    if (a.client !== b.client || a.clock + atA !== b.clock + atB) {
      if (!moves) return false
      const first = moves.originalOf({ client: a.client, clock: a.clock + atA, length })
      const second = moves.originalOf({ client: b.client, clock: b.clock + atB, length })
      if (!isSameStretch(first, second)) return false
      length = Math.min(first.length, second.length)
    }
    if (a.marks !== b.marks && foreignPart(a.marks, source, isDecided) !== foreignPart(b.marks, source, isDecided)) return false
    const isWhole = length === a.text.length && length === b.text.length
    if (isWhole ? a.text !== b.text : a.text.slice(atA, atA + length) !== b.text.slice(atB, atB + length)) return false
    atA += length
    atB += length
  }
}

/** Consecutive characters of one client that were in a block and no longer are, with their marks. */
export interface Missing extends Stretch {
  readonly text: string
  readonly marks: readonly Mark[]
}

/** Which characters of `before` are not in `after`, in order. What has something left between it comes in parts, each with a place of its own. */
export function missingFrom(before: readonly PlacedRun[], after: readonly PlacedRun[]): Missing[] {
  const left = new Map<number, Set<number>>()
  for (const run of after) {
    let clocks = left.get(run.client)
    if (!clocks) left.set(run.client, (clocks = new Set()))
    for (let q = 0; q < run.text.length; q++) clocks.add(run.clock + q)
  }
  const missing: Missing[] = []
  let isApart = true
  for (const run of before) {
    const clocks = left.get(run.client)
    for (let q = 0; q < run.text.length; q++) {
      const clock = run.clock + q
      if (clocks?.has(clock)) {
        isApart = true
        continue
      }
      const last = isApart ? undefined : missing.at(-1)
      isApart = false
      if (last && last.client === run.client && last.clock + last.length === clock && last.marks === run.marks)
        missing[missing.length - 1] = { ...last, length: last.length + 1, text: last.text + run.text[q]! }
      else missing.push({ client: run.client, clock, length: 1, text: run.text[q]!, marks: run.marks })
    }
  }
  return missing
}

/** The reason that a person or a log understands best, where P_u is not the same. */
export function classify(before: readonly PlacedRun[], after: readonly PlacedRun[], source: string): string {
  const letters = (runs: readonly PlacedRun[], test: (owner: Mark | null) => boolean): string =>
    runs
      .filter((run) => test(ownerOf(run.marks)))
      .map((run) => run.text)
      .join("")
  if (letters(before, (owner) => !owner) !== letters(after, (owner) => !owner)) return "agreed-text-changed"
  const isOthers = (owner: Mark | null): boolean => owner !== null && owner.source !== source
  return letters(before, isOthers) !== letters(after, isOthers) ? "others-words-changed" : "others-marks-changed"
}

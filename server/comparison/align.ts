import { diffArrays } from "diff"
import { wordsIn } from "../../shared/changes/compare.ts"
import type { FileBlock } from "../files/file-draft.ts"

/** A block of each of two texts that are one, or a block that only one of them has. */
export interface Pair {
  readonly a: FileBlock | null
  readonly b: FileBlock | null
}

interface Bag {
  readonly counts: ReadonlyMap<string, number>
  readonly size: number
}

/** Counts of words; blocks are compared by these many times. */
const bags = new WeakMap<FileBlock, Bag>()
function bagOf(block: FileBlock): Bag {
  let bag = bags.get(block)
  if (!bag) {
    const counts = new Map<string, number>()
    const words = wordsIn(block.text)
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
    bags.set(block, (bag = { counts, size: words.length }))
  }
  return bag
}

/** How alike two blocks are, from 0 to 1: the words they share among all of theirs; a label that is the same counts a little. */
export function likeness(a: FileBlock, b: FileBlock): number {
  if (a.type !== b.type || (a.type === "head" && a.part !== b.part)) return 0
  if (a.text === b.text) return 1
  const [one, other] = [bagOf(a), bagOf(b)]
  let shared = 0
  for (const [word, n] of one.counts) shared += Math.min(n, other.counts.get(word) ?? 0)
  const all = one.size + other.size
  if (all === 0) return 0.5
  const alike = (2 * shared) / all
  // A designation, a title or a formula is itself however much of it changes; there is one of each.
  if (a.type === "designation" || a.type === "title" || a.type === "formula") return Math.max(0.5, alike)
  return Math.min(0.99, alike + (a.label !== undefined && a.label !== "" && a.label === b.label ? 0.05 : 0))
}

/** Below this two blocks are two. */
const alikeEnough = 0.4
/** Longest stretch that is aligned by likeness, in pairs of blocks; beyond it nothing but equal blocks is found. */
const largestTable = 9_000_000

const keyOf = ({ type, part, level, text }: FileBlock): string => JSON.stringify([type, part ?? "", level ?? 0, text])

/**
 * Aligns the blocks of two texts: equal ones first, then, between them, those that are most alike as a whole, in order. What moved is not found here.
 */
export function align(a: readonly FileBlock[], b: readonly FileBlock[], like: typeof likeness = likeness): Pair[] {
  const pairs: Pair[] = []
  let [i, j] = [0, 0]
  let gone: FileBlock[] = []
  let come: FileBlock[] = []
  const flush = (): void => {
    pairs.push(...between(gone, come, like))
    gone = []
    come = []
  }
  for (const part of diffArrays(a.map(keyOf), b.map(keyOf))) {
    const { length } = part.value
    if (part.removed) gone.push(...a.slice(i, (i += length)))
    else if (part.added) come.push(...b.slice(j, (j += length)))
    else {
      flush()
      for (let k = 0; k < length; k++) pairs.push({ a: a[i++]!, b: b[j++]! })
    }
  }
  flush()
  return pairs
}

/** Below this a block that stands elsewhere is another, not one that moved. */
const movedEnough = 0.7
/** Most pairs of blocks that are looked through for what moved. */
const mostMoved = 250_000

/** `align`, and what of the rest is plainly one block that stands elsewhere in the other text: more like it than any other there. */
export function alignMoved(a: readonly FileBlock[], b: readonly FileBlock[], like: typeof likeness = likeness): Pair[] {
  const pairs = align(a, b, like)
  const gone = pairs.flatMap((pair) => (pair.b === null && pair.a !== null ? [pair.a] : []))
  const come = pairs.flatMap((pair) => (pair.a === null && pair.b !== null ? [pair.b] : []))
  if (gone.length * come.length === 0 || gone.length * come.length > mostMoved) return pairs
  const nearest = (block: FileBlock, others: readonly FileBlock[]): FileBlock | null => {
    const scores = others.map((other) => like(block, other))
    const best = Math.max(...scores)
    const at = scores.indexOf(best)
    return best >= movedEnough && scores.lastIndexOf(best) === at ? others[at]! : null
  }
  const moved = new Map<FileBlock, FileBlock>()
  for (const block of come) {
    const from = nearest(block, gone)
    if (from && nearest(from, come) === block) moved.set(block, from)
  }
  const known = new Set(moved.values())
  return pairs.flatMap((pair): Pair[] => {
    if (pair.b === null && pair.a !== null && known.has(pair.a)) return []
    const from = pair.a === null && pair.b !== null ? moved.get(pair.b) : undefined
    return [from ? { a: from, b: pair.b } : pair]
  })
}

/** The alignment that makes the sum of likenesses greatest. */
function between(a: readonly FileBlock[], b: readonly FileBlock[], like: typeof likeness): Pair[] {
  if (a.length === 0 || b.length === 0 || a.length * b.length > largestTable)
    return [...a.map((block) => ({ a: block, b: null })), ...b.map((block) => ({ a: null, b: block }))]
  const width = b.length + 1
  const best = new Float64Array((a.length + 1) * width)
  const alike = new Float64Array(a.length * b.length)
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) {
      const score = like(a[i]!, b[j]!)
      alike[i * b.length + j] = score
      const joined = score >= alikeEnough ? score + best[(i + 1) * width + j + 1]! : -1
      best[i * width + j] = Math.max(joined, best[(i + 1) * width + j]!, best[i * width + j + 1]!)
    }
  const pairs: Pair[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const score = i < a.length && j < b.length ? alike[i * b.length + j]! : 0
    const here = best[i * width + j]!
    if (score >= alikeEnough && here === score + best[(i + 1) * width + j + 1]!) pairs.push({ a: a[i++]!, b: b[j++]! })
    // What goes stands before what comes in its place.
    else if (i < a.length && (j === b.length || here === best[(i + 1) * width + j]!)) pairs.push({ a: a[i++]!, b: null })
    else pairs.push({ a: null, b: b[j++]! })
  }
  return pairs
}

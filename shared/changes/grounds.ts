// The words that a change finds where it stands, and what it makes of them: two changes that make the same of the same ground say the same.
import { type Block, ownerOf, type Run } from "../schema/block.ts"
import { runFrom, startsOf } from "../schema/runs.ts"
import type { Change, Segment } from "./changes.ts"
import { groundOf } from "./sight.ts"

/** Where on the ground of a block a change puts words, and which stretches of it it takes out. */
export interface OnGround {
  readonly block: string
  readonly puts: readonly number[]
  readonly takes: readonly { readonly from: number; to: number }[]
}

/** The ground of a block for one change: its letters, and where in it an offset of the block lies. */
interface Ground {
  readonly text: string
  /** How many letters of the ground stand before an offset. */
  index(offset: number): number
}

const agreedGrounds = new WeakMap<Block, Ground>()

/** The ground of a change in a block. That of all which stand in nobody's insertion is the same. */
export function groundIn(block: Block, change: Change): Ground {
  if (change.inside.length > 0) return readGround(block, groundOf(change))
  let ground = agreedGrounds.get(block)
  if (!ground) agreedGrounds.set(block, (ground = readGround(block, (run) => ownerOf(run.marks) === null)))
  return ground
}

function readGround(block: Block, isGround: (run: Run) => boolean): Ground {
  const { runs } = block
  const before: number[] = []
  const stands = runs.map(isGround)
  let text = ""
  runs.forEach((run, i) => {
    before.push(text.length)
    if (stands[i]) text += run.text
  })
  const index = (offset: number): number => {
    const next = runFrom(runs, offset)
    if (next < runs.length && startsOf(runs)[next] === offset) return before[next]!
    const last = next - 1
    if (last < 0) return 0
    return before[last]! + (stands[last] ? Math.min(offset - startsOf(runs)[last]!, runs[last]!.text.length) : 0)
  }
  return { text, index }
}

export function groundedIn(block: string, segments: readonly Segment[], ground: Ground): OnGround {
  const takes: { readonly from: number; to: number }[] = []
  for (const segment of segments) {
    if (segment.kind !== "deletion") continue
    const [from, to] = [ground.index(segment.from), ground.index(segment.to)]
    const last = takes.at(-1)
    if (last?.to === from) last.to = to
    else takes.push({ from, to })
  }
  const puts = segments.filter(({ kind }) => kind === "insertion").map(({ from }) => ground.index(from))
  return { block, puts, takes }
}

/**
 * What a change makes of the words that it finds in a block, were it taken alone: the stretch of the outcome that differs, and how much before and behind
 * it does not. Two that come to the same outcome say the same, in however many pieces and over however many words each of them says it.
 */
export function madeOf(
  segments: readonly Segment[],
  ground: Ground,
  asCompared: (words: string) => string,
): [before: number, words: string, behind: number] {
  let made = ""
  let at = 0
  for (const segment of [...segments].sort((a, b) => a.from - b.from)) {
    const from = ground.index(segment.from)
    made += ground.text.slice(at, Math.max(at, from))
    at = Math.max(at, from)
    if (segment.kind === "insertion") made += segment.text
    else at = Math.max(at, ground.index(segment.to))
  }
  made += ground.text.slice(at)
  const [was, now] = [asCompared(ground.text), asCompared(made)]
  // A change of nothing that is compared is compared sign by sign.
  return was === now ? differing(ground.text, made) : differing(was, now)
}

function differing(was: string, now: string): [before: number, words: string, behind: number] {
  const most = Math.min(was.length, now.length)
  let before = 0
  while (before < most && was[before] === now[before]) before++
  let behind = 0
  while (behind < most - before && was.at(-1 - behind) === now.at(-1 - behind)) behind++
  return [before, now.slice(before, now.length - behind), behind]
}

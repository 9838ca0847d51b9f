// What changes say, as texts: a change that is there already is known again by it. Nothing is decided by these.
import type { Block } from "../schema/block.ts"
import { normal } from "./as-compared.ts"
import type { Change, Segment } from "./changes.ts"
import type { Sliced } from "./slices.ts"
import { BlockOrder, hostMarks, traitOf } from "./trait.ts"

/** Changes and blocks that stand for others: what is said inside or about the one is said of the other. */
export type StandsFor = ReadonlyMap<string, string>

const forItself: StandsFor = new Map()

/** So many changes are read before others have their turn. */
const readAtOnce = 64

/**
 * What each of some changes says, by its id: the same for changes that say the same, of the same source too, with other quotation marks, hyphens or
 * spaces too. By it nothing is decided, only what is there already is known again.
 */
export function* formsOf(
  blocks: readonly Block[],
  changes: readonly Change[],
  standsFor: StandsFor = forItself,
): Sliced<Map<string, string>> {
  return yield* byChange(changes, formIn(blocks, changes, standsFor))
}

function* byChange<Value>(changes: readonly Change[], read: (change: Change) => Value): Sliced<Map<string, Value>> {
  const all = new Map<string, Value>()
  for (const [i, change] of changes.entries()) {
    if (i % readAtOnce === 0) yield
    all.set(change.id, read(change))
  }
  return all
}

function formIn(blocks: readonly Block[], changes: readonly Change[], standsFor: StandsFor): (change: Change) => string {
  const hostOf = hostMarks(blocks, changes)
  const order = new BlockOrder(blocks)
  return (change) => traitOf(change, 0, order, hostOf, normal, (id) => standsFor.get(id) ?? id).form
}

/**
 * What each part of some changes says, by the change's id: of each new block, each stretch of words, each entry about a block. Changes that were divided
 * in another way say the same together.
 */
export function* partFormsOf(
  blocks: readonly Block[],
  changes: readonly Change[],
  standsFor: StandsFor = forItself,
): Sliced<Map<string, string[]>> {
  const formOf = formIn(blocks, changes, standsFor)
  return yield* byChange(changes, (change) => partsOf(change).map(formOf))
}

function partsOf(change: Change): Change[] {
  const nothing = { ...change, newBlocks: [], segments: [], structure: [] }
  const own = new Set(change.newBlocks)
  const ofBlock = (id: string): Segment[] => change.segments.filter(({ block }) => block === id)
  return [
    ...change.newBlocks.map((id) => ({ ...nothing, newBlocks: [id], segments: ofBlock(id) })),
    ...change.segments
      .filter(({ block }) => !own.has(block))
      .flatMap(linesOf)
      .map((segment) => ({ ...nothing, segments: [segment] })),
    ...change.structure.map((part) => ({ ...nothing, structure: [part] })),
  ]
}

/** The lines of words that come, and each end that cuts a clause between them. */
function linesOf(segment: Segment): Segment[] {
  if (segment.kind === "deletion") return [segment]
  let { from } = segment
  return segment.text.split(/(\u2029)/).flatMap((text) => {
    const line = { ...segment, from, to: from + text.length, text }
    from = line.to
    return text ? [line] : []
  })
}

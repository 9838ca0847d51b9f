import type { Sliced } from "../../shared/changes/slices.ts"
import { type Block, isPresent, joinRuns, type Run, type StructuralProposal, sameMarks } from "../../shared/schema/block.ts"
import { targetOf } from "../../shared/schema/structure.ts"

/** What an act did is not what it had to do. It is a fault of ours: the act fails as a whole, and nothing of it is kept. */
export class Mismatch extends Error {
  constructor(what: string, cause?: unknown) {
    super(`an act did not do what it had to do: ${what}`, { cause })
  }
}

/**
 * Proves a decision before it is committed: the blocks that it left in the room's document are those that the pure function of verdicts says, block by
 * block (ACT9). Throws a Mismatch. What no decision touched is the same object on both sides.
 */
export function* proveBlocks(left: readonly Block[], expected: readonly Block[]): Sliced<void> {
  let i = 0
  let j = 0
  while (i < left.length || j < expected.length) {
    const [a, b] = [left[i], expected[j]]
    if (a && a !== b && !isPresent(a)) i++
    else if (b && a !== b && !isPresent(b)) j++
    else {
      if (!a || !b) throw new Mismatch(`${left.filter(isPresent).length} blocks are left, ${expected.filter(isPresent).length} should be`)
      const flaw = a === b ? null : flawIn(a, b)
      if (flaw !== null) throw new Mismatch(`block ${b.id}, ${flaw}`)
      if (a !== b) yield
      i++
      j++
    }
  }
}

/**
 * The same of an act that writes marks anew: what each mark says of itself, whose it is and what it stands in or is aimed at, is proven too. Decisions write
 * no marker, but for a division, which is proven by itself.
 */
export function* proveWritten(left: readonly Block[], expected: readonly Block[]): Sliced<void> {
  yield* proveBlocks(left, expected)
  const should = new Map(expected.map((block) => [block.id, block]))
  for (const block of left) {
    const other = should.get(block.id)
    if (!other || other === block) continue
    yield
    const said = marksSaid(other)
    for (const [key, mark] of marksSaid(block))
      if (mark !== said.get(key)) throw new Mismatch(`block ${block.id}, mark ${key} says ${mark} and should say ${said.get(key)}`)
  }
}

/** What each mark of a block says, by its key. */
const marksSaid = ({ runs }: Block): Map<string, string> =>
  new Map(
    runs.flatMap(({ marks }) =>
      marks.map(({ key, id, of, source, within, over }) => [key, JSON.stringify([id, of, source, within, over])] as const),
    ),
  )

const attributes = ["id", "type", "origin", "insertedBy", "insertedId", "dir", "part", "level", "importedLabel", "noteId"] as const

/** What of a block is not as it should be; null: nothing. */
function flawIn(block: Block, expected: Block): string | null {
  for (const name of attributes) if (block[name] !== expected[name]) return `${name}: ${JSON.stringify(block[name])}`
  if (block.runs !== expected.runs && !isSameText(joinRuns(block.runs), joinRuns(expected.runs))) return "its words or marks"
  return isSameStructure(block.structure, expected.structure) ? null : "what is proposed about it as a whole"
}

const isSameText = (a: readonly Run[], b: readonly Run[]): boolean =>
  a.length === b.length && a.every((run, i) => run.text === b[i]!.text && sameMarks(run.marks, b[i]!.marks))

const isSameStructure = (a: readonly StructuralProposal[], b: readonly StructuralProposal[]): boolean =>
  a === b || (a.length === b.length && a.every((entry, i) => isSameEntry(entry, b[i]!)))

const isSameEntry = (a: StructuralProposal, b: StructuralProposal): boolean =>
  a === b || (a.id === b.id && a.of === b.of && a.source === b.source && a.kind === b.kind && targetOf(a) === targetOf(b))

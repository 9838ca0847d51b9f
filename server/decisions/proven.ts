import type * as Y from "yjs"
import { countsOn } from "../../shared/changes/changes.ts"
import { workingTextOf } from "../../shared/changes/projections.ts"
import { finished, type Sliced } from "../../shared/changes/slices.ts"
import {
  type Block,
  isPresent,
  isProposal,
  joinRuns,
  type Mark,
  type Run,
  type StructuralProposal,
  sameMarks,
} from "../../shared/schema/block.ts"
import { targetOf } from "../../shared/schema/structure.ts"

import type { Gate } from "../gate/gate.ts"

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

/** Proves that nothing of the text and of what is proposed about it is another: only where comments stand may be (ACT9). */
export function* proveUntouched(left: readonly Block[], before: readonly Block[]): Sliced<void> {
  yield* proveBlocks(...beside(left, before))
}

/** Of two states the blocks, without the comments on those that differ. */
function beside(left: readonly Block[], before: readonly Block[]): [Block[], Block[]] {
  const [was, now] = [new Set(before), new Set(left)]
  return [
    left.map((block) => (was.has(block) ? block : withoutComments(block))),
    before.map((block) => (now.has(block) ? block : withoutComments(block))),
  ]
}

const withoutComments = (block: Block): Block => ({
  ...block,
  runs: block.runs.map(({ text, marks }) => ({ text, marks: marks.filter(({ name }) => name !== "comment") })),
})

/**
 * Proves that an act only proposed: the text that is agreed is what it was, and so is all that was proposed before, letter by letter of each change (ACT9).
 * `left`: the blocks after it.
 */
export function* proveProposed(left: readonly Block[], before: readonly Block[]): Sliced<void> {
  yield* proveBlocks(workingTextOf(left).map(withoutComments), workingTextOf(before).map(withoutComments))
  const was = yield* proposedIn(before)
  const now = yield* proposedIn(left)
  for (const [change, words] of was)
    if (now.get(change) !== words) throw new Mismatch(`change ${change} was ${words} and is ${now.get(change) ?? "gone"}`)
}

/** What each change puts in, takes out and does to clauses, by its id. */
function* proposedIn(blocks: readonly Block[]): Sliced<Map<string, string>> {
  const found = new Map<string, string[]>()
  const add = (change: string, ...told: readonly unknown[]): void => {
    const list = found.get(change) ?? []
    found.set(change, list)
    list.push(JSON.stringify(told))
  }
  for (const [i, block] of blocks.entries()) {
    if (i % blocksAtOnce === 0) yield
    const words = new Map<string, { readonly mark: Mark; text: string }>()
    for (const { text, marks } of block.runs)
      for (const mark of marks) {
        if (!isProposal(mark) || !countsOn(mark, marks)) continue
        const key = `${mark.changeId} ${mark.name}`
        words.set(key, { mark, text: (words.get(key)?.text ?? "") + text })
      }
    for (const { mark, text } of words.values()) add(mark.changeId, block.id, mark.name, text)
    if (block.insertedId !== null) add(block.insertedId, block.id, block.type, block.level)
    for (const proposal of block.structure) add(proposal.changeId, proposal.kind, block.id, targetOf(proposal))
  }
  return new Map([...found].map(([change, list]) => [change, list.join(" ")]))
}

const blocksAtOnce = 100

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

/** Writes beside the text, into roots and where comments stand; proven to leave the text, and what is proposed about it, as it is (ACT9). */
export function besideText(gate: Gate, write: (tr: Y.Transaction, shadow: Y.Doc) => void): Uint8Array | null {
  const before = gate.blocks
  const row = gate.act(write)
  finished(proveUntouched(gate.blocks, before))
  return row
}

// A clause in which accepted words bring an end is cut there into several (TRK5), and what is proposed about it goes on with the right part.

import { type Block, noStructure, type Run, type StructuralProposal, splitCharacter } from "../schema/block.ts"
import { withStructure } from "../schema/structure.ts"
import { byIdOf, type Mint, retargeted, survivorOf } from "./restructure.ts"

/** Where a block is cut: offsets behind each agreed split character. */
export function cutsOf(block: Block): readonly number[] {
  let cuts = cutsByBlock.get(block)
  if (!cuts) cutsByBlock.set(block, (cuts = [...cutsIn(block)]))
  return cuts
}

const cutsByBlock = new WeakMap<Block, readonly number[]>()

function* cutsIn(block: Block): Iterable<number> {
  let at = 0
  for (const run of block.runs) {
    if (run.text.includes(splitCharacter) && !run.marks.some((mark) => mark.name === "insertion"))
      for (let i = 0; i < run.text.length; i++) if (run.text[i] === splitCharacter) yield at + i + 1
    at += run.text.length
  }
}

/** The runs of [from, to). */
export function sliceRuns(runs: readonly Run[], from: number, to: number): Run[] {
  const slice: Run[] = []
  let at = 0
  for (const run of runs) {
    const text = run.text.slice(Math.max(0, from - at), Math.max(0, to - at))
    if (text) slice.push({ text, marks: run.marks })
    at += run.text.length
  }
  return slice
}

/** A block that was cut: its parts with their offsets in it, the first keeping its id. */
export interface Split {
  readonly block: string
  readonly parts: readonly { readonly id: string; readonly from: number; readonly to: number }[]
}

/** Cuts every block at its agreed split characters. A half without any character makes no block. */
export function splitBlocks(blocks: readonly Block[], mint: Mint): { blocks: Block[]; splits: Split[] } {
  let list = [...blocks]
  const splits: Split[] = []
  for (const block of blocks) {
    const cuts = cutsOf(block)
    if (cuts.length === 0) continue
    const size = block.runs.reduce((sum, run) => sum + run.text.length, 0)
    const parts = [...cuts, size + 1]
      .map((cut, i) => ({ from: i === 0 ? 0 : cuts[i - 1]!, to: cut - 1 }))
      .filter(({ from, to }) => from < to)
      .map((range, i) => ({ ...range, id: i === 0 ? block.id : mint.block() }))
    splits.push({ block: block.id, parts })
    list = list.flatMap((other) => {
      if (other.id !== block.id) return [other]
      if (parts.length === 0) return [{ ...other, runs: [] }]
      return parts.map(({ id, from, to }, i) => ({
        ...other,
        id,
        runs: sliceRuns(block.runs, from, to),
        structure: i === 0 ? other.structure : noStructure,
      }))
    })
    const ids = parts.map((part) => part.id)
    if (ids.length > 1) list = extended(list, block.id, ids, mint)
  }
  return { blocks: list, splits }
}

/**
 * What was proposed about a block that was split holds for all its parts; what was to come behind it or into it, or into what was joined to it, comes
 * behind or into the last, where its words end.
 */
function extended(blocks: readonly Block[], id: string, parts: readonly string[], mint: Mint): Block[] {
  const byId = byIdOf(blocks)
  const own = blocks.find((block) => block.id === id)!.structure
  const last = parts.at(-1)!
  const copies = parts.slice(1).flatMap((part, i) =>
    own.flatMap((proposal): StructuralProposal[] => {
      const copy = { ...proposal, id: mint.entry(proposal.source), of: proposal.changeId, block: part }
      // A part of what moves or joins another follows the part before it; the join takes back no split (RES6).
      if (copy.kind === "move") return [{ ...copy, after: parts[i]! }]
      if (copy.kind === "join") return [{ ...copy, into: parts[i]!, apart: true }]
      return [copy]
    }),
  )
  const rest = retargeted(blocks, (proposal) => {
    if (proposal.block === id) return proposal
    if (proposal.kind === "move" && proposal.after === id) return { ...proposal, after: last }
    return proposal.kind === "join" && survivorOf(byId, proposal.into)?.id === id ? { ...proposal, into: last } : proposal
  })
  return withStructure(
    rest.map((block) => ({ ...block, structure: noStructure })),
    [...rest.flatMap((block) => block.structure), ...copies],
  )
}

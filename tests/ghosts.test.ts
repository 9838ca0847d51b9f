import { describe, expect, it } from "vitest"
import { ghostsIn } from "../client/editor/ghosts.ts"
import { carriedOut, planOf } from "../shared/changes/restructure.ts"
import { type Block, defaultAttrs, isPresent, noStructure, type StructuralAct, type StructuralProposal } from "../shared/schema/block.ts"
import { markId } from "../shared/schema/keys.ts"
import { withStructure } from "../shared/schema/structure.ts"
import { random, run } from "./build.ts"

const blockOf = (id: string): Block => ({
  ...defaultAttrs,
  id,
  type: "clause",
  origin: id,
  runs: [run(`words of ${id}`)],
  structure: noStructure,
})

const proposed = (source: string, n: number, block: string, act: StructuralAct, change = n): StructuralProposal => {
  const id = markId(source, source === "S" ? 7 : 8, n)
  const of = change === n ? "" : markId(source, source === "S" ? 7 : 8, change)
  return { id, of, source, block, changeId: of || id, ...act }
}

const textWith = (ids: string, proposals: readonly StructuralProposal[]): Block[] => withStructure([...ids].map(blockOf), proposals)

/** What one reads from top to bottom: each block where it stays, or where it is to stand; of moves that compete the one that is shown. */
function read(blocks: readonly Block[]): string {
  const plan = planOf(blocks, () => true)
  const shown = new Set(plan.moves.map(({ id }) => id))
  const moved = new Set(plan.moves.map(({ block }) => block))
  const ghosts = ghostsIn(blocks).filter(({ proposal }) => shown.has(proposal.id))
  const at = (id: string | null): string[] => ghosts.filter(({ behind }) => behind === id).map(({ proposal }) => proposal.block)
  return [...at(null), ...blocks.flatMap(({ id }) => (moved.has(id) ? at(id) : [id, ...at(id)]))]
    .filter((id) => !plan.deletes.has(id) && !plan.joins.some(({ block }) => block === id))
    .join("")
}

/** What accepting everything makes of it. */
const accepted = (blocks: readonly Block[]): string =>
  carriedOut(
    blocks,
    planOf(blocks, () => true),
  )
    .filter(isPresent)
    .map(({ id }) => id)
    .join("")

const move = (after: string | null): StructuralAct => ({ kind: "move", after })

describe("clauses that are to move", () => {
  it("[UI160] sub-clauses that go with their clause are drawn behind it at its new place, not behind its old one", () => {
    // 2 with its sub-clauses a b c goes behind 3.
    const blocks = textWith("12abc34", [
      proposed("S", 1, "2", move("3")),
      proposed("S", 2, "a", move("2"), 1),
      proposed("S", 3, "b", move("a"), 1),
      proposed("S", 4, "c", move("b"), 1),
    ])
    expect(read(blocks)).toBe("132abc4")
    expect(ghostsIn(blocks).map(({ behind }) => behind)).toEqual(["3", "3", "3", "3"])
  })

  it("[UI160] of two delegations that move one clause each is drawn whole where its own would stand", () => {
    const blocks = textWith("12ab345", [
      proposed("S", 1, "2", move("3")),
      proposed("S", 2, "a", move("2"), 1),
      proposed("S", 3, "b", move("a"), 1),
      proposed("B", 1, "2", move("4")),
      proposed("B", 2, "a", move("2"), 1),
      proposed("B", 3, "b", move("a"), 1),
    ])
    const drawn = ghostsIn(blocks).map(({ proposal, behind }) => `${proposal.source}${proposal.block}:${behind}`)
    expect(drawn).toEqual(["S2:3", "Sa:3", "Sb:3", "B2:4", "Ba:4", "Bb:4"])
  })

  it("[UI160] whatever is proposed, one reads the order in which accepting it all would put the clauses", () => {
    let moves = 0
    for (let seed = 1; seed <= 400; seed++) {
      const dice = random(seed)
      const ids = "abcdefgh"
      const act = (block: string): StructuralAct => {
        const other = dice.pick([...ids].filter((id) => id !== block))
        const kind = dice.below(10)
        if (kind === 0) return { kind: "delete" }
        if (kind === 1) return { kind: "join", into: other }
        return move(dice.below(8) === 0 ? null : other)
      }
      const proposals = Array.from({ length: 1 + dice.below(6) }, (_, i) => {
        const block = dice.pick([...ids])
        return proposed(dice.pick(["S", "B"]), i + 1, block, act(block))
      })
      const blocks = textWith(ids, proposals)
      moves += ghostsIn(blocks).length
      expect(read(blocks), `seed ${seed}: ${JSON.stringify(proposals)}`).toBe(accepted(blocks))
    }
    expect(moves).toBeGreaterThan(400)
  })
})

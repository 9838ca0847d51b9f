import { inTurn, type Plan, planOf } from "../../shared/changes/restructure.ts"
import type { Block, StructuralProposal } from "../../shared/schema/block.ts"

type Move = StructuralProposal & { readonly kind: "move" }

/** A clause at the place where it is proposed to stand. */
export interface Ghost {
  readonly proposal: Move
  /** The block of the draft behind which it is drawn, in the order of the list; null: before the first. */
  readonly behind: string | null
}

/** A block at its place, or where a move puts it. */
interface Place {
  readonly block: string
  readonly by: Move | null
}

/** Whether a reading that carries a plan out shows what a proposal asks for: of proposals that compete it shows one. */
export function isShownBy(plan: Plan): (proposal: StructuralProposal) => boolean {
  const done = new Set([...plan.levels, ...plan.joins, ...plan.moves].map(({ id }) => id))
  return (proposal) => (proposal.kind === "delete" ? plan.deletes.has(proposal.block) : done.has(proposal.id))
}

/**
 * Where the clauses that are to move are drawn, in the order of the text that the moves make: each stands behind its target where that itself is moved to,
 * as accepting them does it (RES6). Of a move that competes with one that is shown: where it would stand if it were accepted in its place.
 */
export function ghostsIn(blocks: readonly Block[]): Ghost[] {
  const plan = planOf(blocks, () => true)
  const written = blocks.flatMap(({ structure }) => structure.filter((proposal): proposal is Move => proposal.kind === "move"))
  const byId = new Map(written.map((move) => [move.id, move]))
  let places: Place[] = blocks.map(({ id }) => ({ block: id, by: null }))
  const put = (move: Move, after: string | null): void => {
    const at = after === null ? -1 : placeFor(places, after, move.changeId)
    places = [...places.slice(0, at + 1), { block: move.block, by: move }, ...places.slice(at + 1)]
  }
  for (const { id, after } of inTurn(plan.moves)) put(byId.get(id)!, after)
  const shown = new Set(plan.moves.map(({ id }) => id))
  for (const move of written) if (!shown.has(move.id)) put(move, move.after)
  let behind: string | null = null
  return places.flatMap(({ block, by }): Ghost[] => {
    if (by) return [{ proposal: by, behind }]
    behind = block
    return []
  })
}

/** Where a block stands for a change: where the change puts it, else where another does, else where it is. */
function placeFor(places: readonly Place[], block: string, change: string): number {
  const own = places.findIndex((place) => place.block === block && place.by?.changeId === change)
  if (own >= 0) return own
  const moved = places.findIndex((place) => place.block === block && place.by !== null)
  return moved >= 0 ? moved : places.findIndex((place) => place.block === block)
}

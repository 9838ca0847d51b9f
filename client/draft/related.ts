import type { Change } from "../../shared/changes/changes.ts"
import { type Ties, Units, withLinked } from "../../shared/changes/links.ts"
import { changesNear } from "../../shared/changes/near.ts"
import { relationsOf } from "../../shared/changes/rivals.ts"
import { finished } from "../../shared/changes/slices.ts"
import type { Twins } from "../../shared/changes/twins.ts"
import type { Block } from "../../shared/schema/block.ts"

// Which others a change has to do with. What is decided by one verdict is related as one.

export type Related = Readonly<Record<"same" | "rivals" | "alike" | "atPlace" | "amid" | "around", readonly Change[]>>

/** The other open changes that are decided by one verdict with one (LINK1). */
export function tiedWith({ id, source }: Change, changes: readonly Change[], ties: Ties): readonly Change[] {
  const tied = new Set(ties.with(id))
  return tied.size < 2 ? [] : changes.filter((other) => tied.has(other.id) && other.id !== id && other.source === source)
}

/** Changes that say the same as one, compete with it, or stand at its place (RIVAL). */
export function relatedTo(change: Change, blocks: readonly Block[], ties: Ties, twins: Twins): Related {
  const near = finished(changesNear(blocks, withLinked([change.id], ties)))
  const units = new Units(near, ties)
  const relations = relationsOf(blocks, units.units, twins)
  const among = (ids: readonly string[]): Change[] => ids.flatMap((unit) => units.membersOf(unit))
  const id = units.of(change.id)?.id ?? change.id
  const [amid, around] = [relations.amidOf(id), relations.aroundOf(id)]
  const rivals = among(relations.rivalsOf(id))
  // By themselves these say the same; with what is linked with one of them they compete (LINK1).
  const alone = ties.isEmpty || rivals.length === 0 ? [] : relationsOf(blocks, near, twins).identicalTo(change.id)
  const atPlace = relations.atPlaceOf(id).filter((other) => !amid.includes(other) && !around.includes(other))
  return {
    ...{ same: among(relations.identicalTo(id)), rivals, alike: rivals.filter((rival) => alone.includes(rival.id)) },
    ...{ atPlace: among(atPlace), amid: among(amid), around: among(around) },
  }
}

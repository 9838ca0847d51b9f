/**
 * Changes that say the same, that compete, or that stand at one place (rules RIVAL). What a change does is read on the words that it finds there: the
 * agreed ones, and those of the open insertions that it stands inside. Nothing here decides; `decide` on the server and the cards in the browser ask.
 */
import type { Block } from "../schema/block.ts"
import { folded } from "./as-compared.ts"
import { type Change, changesInSlices } from "./changes.ts"
import { type ForestalledBy, forestalledOf, noneForestalled } from "./forestalled.ts"
import { holdsOthers } from "./holding.ts"
import { blocksNamedBy } from "./near.ts"
import { byIdOf, deadEndsAmong } from "./restructure.ts"
import { finished, type Sliced } from "./slices.ts"
import {
  askedBy,
  BlockOrder,
  competeAsBlocks,
  deletedBy,
  endsWith,
  hostMarks,
  overlap,
  sharesPlace,
  type Trait,
  touchedBy,
  traitOf,
  within,
} from "./trait.ts"
import { areOthers, mayBeOthers, noTwins, saidBy, type Twins } from "./twins.ts"

/** How the changes of one list stand to each other; every answer is in document order and leaves the change itself out. */
export interface Relations {
  /** Changes of other sources that make the same of the same words: agreed once, in the name of all (RIVAL1). */
  identicalTo(change: string): readonly string[]
  /** Changes that make something else of the same words or blocks: never both accepted (RIVAL2). */
  rivalsOf(change: string): readonly string[]
  /**
   * Insertions and new clauses of other sources at the same place, where the order is for the meeting to say; and words put in the middle of what another
   * takes out, which would be left standing alone (RIVAL3).
   */
  atPlaceOf(change: string): readonly string[]
  /** Of these, what takes out words in the middle of which this puts its own; and what puts its own into the middle of what this takes out. */
  amidOf(change: string): readonly string[]
  aroundOf(change: string): readonly string[]
  /** Of a deletion of a clause, what others make of its words or of it; of such a change, what deletes its clause: accepting that ends it (RIVAL7). */
  goesWith(change: string): readonly string[]
  /** Whether others have something inside it that would end with it. */
  holdsOthers(change: string): boolean
  /** Whether what it was to make something else of had gone when it arrived, and its own words are left (RIVAL4). */
  isForestalled(change: string): boolean
  /** Whether some of what is linked as one change make different things of the same words or blocks: not to be accepted together (RIVAL2). */
  competesInItself(change: string): boolean
  /** Of some changes the groups that cannot be carried out together, though any two of each may be; and each that cannot be by itself. */
  deadEndsAmong(changes: readonly string[]): readonly (readonly string[])[]
}

/** The relations among some changes of a draft. */
export const relationsOf = (...given: Parameters<typeof relationsInSlices>): Relations => finished(relationsInSlices(...given))

/** `relationsOf`, with a pause after each change. */
export function* relationsInSlices(
  blocks: readonly Block[],
  changes: readonly Change[],
  twins: Twins = noTwins,
  forestalled: ForestalledBy = noneForestalled,
  membersOf: (unit: string) => readonly Change[] = alone,
): Sliced<Relations> {
  const hostOf = hostMarks(blocks, changes)
  const order = new BlockOrder(blocks)
  const traits: Trait[] = []
  for (const change of changes) {
    traits.push(traitOf(change, traits.length, order, hostOf, folded))
    yield
  }
  const byId = new Map(traits.map((trait) => [trait.change.id, trait]))
  const byForm = grouped(traits, (trait) => [trait.form])
  const byPlace = grouped(traits, (trait) => trait.places)
  const byBlock = grouped(traits, (trait) => [...new Set(trait.taken.map((part) => part.block))])
  const byGround = grouped(traits, (trait) => trait.onGround.map(({ block }) => block))
  const namedBy = ({ change }: Trait): string[] => blocksNamedBy(change, byIdOf(blocks))
  const byNamed = grouped(traits, namedBy)
  const byDeleted = grouped(traits, deletedBy)
  const byTouched = byDeleted.size > 0 ? grouped(traits, touchedBy) : byDeleted
  const isTwin = (a: Trait, b: Trait): boolean =>
    twins.get(a.change.id)?.some(({ change, said }) => change === b.change.id && said === saidBy(a.change)) === true
  const twinsOf = ({ change }: Trait): Trait[] => (twins.get(change.id) ?? []).flatMap((twin) => byId.get(twin.change) ?? [])
  const isSame = (a: Trait, b: Trait): boolean =>
    (areOthers(a.change, b.change) && a.form === b.form) || (mayBeOthers(a.change, b.change) && isTwin(a, b) && isTwin(b, a))
  const related = (id: string, candidates: (trait: Trait) => Iterable<Trait>, test: (a: Trait, b: Trait) => boolean): string[] => {
    const trait = byId.get(id)
    if (!trait) return []
    const found = [...new Set(candidates(trait))].filter((other) => other !== trait && test(trait, other))
    return found.sort((a, b) => a.order - b.order).map(({ change }) => change.id)
  }
  const inBlocksOf = (trait: Trait): Trait[] => [
    ...trait.taken.flatMap(({ block }) => byBlock.get(block) ?? []),
    ...namedBy(trait).flatMap((id) => byNamed.get(id) ?? []),
  ]
  const onGroundOf = (trait: Trait): Trait[] => trait.onGround.flatMap(({ block }) => byGround.get(block) ?? [])
  const areApart = (a: Trait, b: Trait): boolean => a.change.source !== b.change.source && !isSame(a, b) && !overlap(a, b)
  return {
    identicalTo: (id) => related(id, (trait) => [...(byForm.get(trait.form) ?? []), ...twinsOf(trait)], isSame),
    rivalsOf: (id) =>
      related(id, inBlocksOf, (a, b) => !isSame(a, b) && (overlap(a, b) || competeAsBlocks(a.change, b.change, byIdOf(blocks)))),
    amidOf: (id) => related(id, onGroundOf, (a, b) => areApart(a, b) && within(a, b)),
    aroundOf: (id) => related(id, onGroundOf, (a, b) => areApart(a, b) && within(b, a)),
    atPlaceOf: (id) =>
      related(
        id,
        (trait) => [...trait.places.flatMap((place) => byPlace.get(place) ?? []), ...onGroundOf(trait)],
        (a, b) => areApart(a, b) && (sharesPlace(a, b) || within(a, b) || within(b, a)),
      ),
    goesWith: (id) =>
      related(
        id,
        (trait) => [
          ...deletedBy(trait).flatMap((block) => byTouched.get(block) ?? []),
          ...(byDeleted.size > 0 ? touchedBy(trait).flatMap((block) => byDeleted.get(block) ?? []) : []),
        ],
        (a, b) => endsWith(a, b) || endsWith(b, a),
      ),
    holdsOthers: (id) => byId.has(id) && holdsOthers(byId.get(id)!.change, (block) => order.block(block), blocks),
    isForestalled: (id) => forestalled.size > 0 && byId.has(id) && forestalledOf(byId.get(id)!.change, forestalled).length > 0,
    competesInItself: (id) => {
      const members = membersOf(id)
      if (members.length < 2) return false
      const within = relationsOf(blocks, members)
      return members.some((member) => within.rivalsOf(member.id).length > 0)
    },
    deadEndsAmong: (ids) =>
      deadEndsAmong(
        ids.flatMap((id) => askedBy(byId.get(id)?.change)),
        byIdOf(blocks),
      ),
  }
}

const alone = (): readonly Change[] => []

/**
 * Of some groups of changes those that compete with one before them in their group that stays: what is linked must not compete within itself (LINK1).
 */
export function* rivalsWithin(blocks: readonly Block[], groups: readonly (readonly string[])[]): Sliced<Set<string>> {
  const found = new Map((yield* changesInSlices(blocks, new Set(groups.flat()))).map((change) => [change.id, change]))
  const rivals = new Set<string>()
  for (const group of groups) {
    const changes = group.flatMap((id) => found.get(id) ?? [])
    const relations = yield* relationsInSlices(blocks, changes)
    const stays = new Set<string>()
    for (const { id } of changes) (relations.rivalsOf(id).some((other) => stays.has(other)) ? rivals : stays).add(id)
  }
  return rivals
}

function grouped(traits: readonly Trait[], keysOf: (trait: Trait) => readonly string[]): Map<string, Trait[]> {
  const groups = new Map<string, Trait[]>()
  for (const trait of traits)
    for (const key of keysOf(trait)) {
      const group = groups.get(key)
      if (group) group.push(trait)
      else groups.set(key, [trait])
    }
  return groups
}

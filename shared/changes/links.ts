/**
 * Changes of one source that are decided by one verdict (rules LINK): what a file changes in one clause, until the chair unties it. What competes and
 * what says the same is computed of all of them together, as if they were one change.
 */
import type { Change } from "./changes.ts"
import type { Choice } from "./chosen.ts"
import type { ForestalledBy } from "./forestalled.ts"

/** An entry of the root `links`, under its own id. */
export interface Link {
  readonly id: string
  readonly source: string
  readonly changes: readonly string[]
}

/** Most changes that one link holds. */
export const mostLinked = 200

/** Which changes are linked with which. */
export class Ties {
  readonly #groups = new Map<string, ReadonlySet<string>>()

  constructor(links: Iterable<Link>) {
    const groups = new Map<string, Set<string>>()
    for (const { changes } of links) {
      let group = new Set<string>()
      for (const change of changes) {
        const own = groups.get(change) ?? new Set([change])
        // Of two groups that meet the smaller one joins the larger, so that it stays quick however many do.
        const [less, more] = own.size < group.size ? [own, group] : [group, own]
        if (less !== more) for (const member of less) more.add(member)
        for (const member of [...less, change]) groups.set(member, more)
        group = more
      }
    }
    for (const [change, group] of groups) if (group.size > 1) this.#groups.set(change, group)
  }

  get isEmpty(): boolean {
    return this.#groups.size === 0
  }

  /** Ids of all changes that are linked with another. */
  get all(): ReadonlySet<string> {
    return new Set(this.#groups.keys())
  }

  /** The same, but that some changes are linked with nothing. */
  without(changes: { readonly size: number; has(change: string): boolean }): Ties {
    if (changes.size === 0 || this.isEmpty) return this
    const groups = new Set(this.#groups.values())
    return new Ties([...groups].map((group) => ({ id: "", source: "", changes: [...group].filter((change) => !changes.has(change)) })))
  }

  /** The changes linked with one, itself too, as one and the same set for all of them; null: it is linked with none. */
  groupOf(change: string): ReadonlySet<string> | null {
    return this.#groups.get(change) ?? null
  }

  /** The changes linked with one, itself too; of one that is linked with none itself alone. */
  with(change: string): readonly string[] {
    return [...(this.#groups.get(change) ?? [change])]
  }
}

export const noTies = new Ties([])

/** These ids, and those of all that is linked with one of them. */
export const withLinked = (ids: Iterable<string>, ties: Ties): Set<string> => new Set([...ids].flatMap((id) => ties.with(id)))

/** Some changes, in document order, those that are linked as one; a link of what is another's counts for nothing. */
export class Units {
  /** One for each link, and each change that is in none. The id is that of its first change. */
  readonly units: readonly Change[]
  readonly #members = new Map<string, readonly Change[]>()
  readonly #unitOf = new Map<string, Change>()

  constructor(changes: readonly Change[], ties: Ties) {
    const places = new Map(changes.map(({ id }, i) => [id, i]))
    const units: Change[] = []
    for (const change of changes) {
      if (this.#unitOf.has(change.id)) continue
      const members = ties
        .with(change.id)
        .flatMap((id) => places.get(id) ?? [])
        .sort((a, b) => a - b)
        .map((at) => changes[at]!)
        .filter(({ source }) => source === change.source)
      const unit = members.length === 1 ? members[0]! : united(members)
      units.push(unit)
      this.#members.set(unit.id, members)
      for (const { id } of members) this.#unitOf.set(id, unit)
    }
    this.units = units
  }

  /** The unit that a change is, or is part of. */
  of(change: string): Change | undefined {
    return this.#unitOf.get(change)
  }

  /** The changes of a unit, by its id. */
  membersOf(unit: string): readonly Change[] {
    return this.#members.get(unit) ?? []
  }

  idsOf(unit: string): readonly string[] {
    return this.#members.get(unit)?.map(({ id }) => id) ?? [unit]
  }

  /** What is known of changes, by the units that they are part of. */
  gathered(forestalled: ForestalledBy): ForestalledBy {
    if (forestalled.size === 0) return forestalled
    const found = this.units.map(({ id }) => [id, this.idsOf(id).flatMap((member) => forestalled.get(member) ?? [])] as const)
    return new Map(found.filter(([, list]) => list.length > 0))
  }

  /** What was chosen of units, told of their changes. */
  spread(choice: Choice): Choice {
    const each = <Value>(map: ReadonlyMap<string, Value>, value: (value: Value, index: number) => Value): Map<string, Value> =>
      new Map([...map].flatMap(([unit, found]) => this.idsOf(unit).map((id, i) => [id, value(found, i)] as const)))
    // Of two units that say the same the first change of one stands for the first of the other.
    const counterpart = (unit: string, index: number): string => {
      const ids = this.idsOf(unit)
      return ids[Math.min(index, ids.length - 1)]!
    }
    return {
      decided: choice.decided.flatMap(({ id }) => this.membersOf(id)),
      verdicts: each(choice.verdicts, (verdict) => verdict),
      identical: each(choice.identical, counterpart),
      writtenAs: each(choice.writtenAs, counterpart),
      overtaken: each(choice.overtaken, (unit) => unit),
      competing: choice.competing.map(({ kind, changes }) => ({ kind, changes: changes.flatMap((unit) => this.idsOf(unit)) })),
    }
  }
}

/** Several changes as one, for what they do together. */
function united(members: readonly Change[]): Change {
  const own = new Set(members.map(({ id }) => id))
  const [first] = members
  const words = (part: "inserted" | "deleted"): string =>
    members
      .map((change) => change[part])
      .filter(Boolean)
      .join(" … ")
  return {
    ...first!,
    kind: members.every(({ kind }) => kind === first!.kind) ? first!.kind : "replacement",
    newBlocks: members.flatMap(({ newBlocks }) => newBlocks),
    segments: members.flatMap(({ segments }) => segments),
    structure: members.flatMap(({ structure }) => structure),
    inserted: words("inserted"),
    deleted: words("deleted"),
    inside: [...new Set(members.flatMap(({ inside }) => inside))].filter((id) => !own.has(id)),
  }
}

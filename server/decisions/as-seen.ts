// A change as somebody saw it, held against the draft as the room has it now (HASH1): every act on open changes begins with this, and a client that saw
// something else is given what it needs to begin again.
import { type Change, changesIn, changesInSlices } from "../../shared/changes/changes.ts"
import type { Part } from "../../shared/changes/part.ts"
import { changeHash, type Sight, sightOf } from "../../shared/changes/sight.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import { tiesIn } from "../../shared/sync/roots.ts"
import type { Gate } from "../gate/gate.ts"
import { DomainError } from "../problems.ts"

/** A change as somebody saw it when deciding; with `part`, only that of it is decided. */
export interface Seen {
  readonly id: string
  readonly hash: string
  readonly part?: Part | undefined
}

/** The draft as the room has it at this moment. */
export const sightOfGate = (gate: Gate): Sight => sightOf(gate.blocks, (letter) => gate.relocations.original(letter), tiesIn(gate.shadow))

/** Open changes as the room has them now, each with the hash that a decision on it bears; without ids all. */
export function seenIn(gate: Gate, ids?: Iterable<string>): Seen[] {
  const sight = sightOfGate(gate)
  return changesIn(sight.blocks, ids && new Set(ids)).map((change) => ({ id: change.id, hash: changeHash(change, sight) }))
}

/** What somebody saw, held against what is there: the changes as they are, those of another hash, and the ids of those that are not open. */
export interface AsSeen {
  readonly changes: readonly Change[]
  readonly stale: readonly Change[]
  readonly gone: readonly string[]
}

/** Looks up changes by what somebody saw of them, with a pause after each: of thousands the hashes take seconds. */
export function* asSeen(sight: Sight, seen: readonly Seen[]): Sliced<AsSeen> {
  const all = new Map(
    (yield* changesInSlices(sight.blocks, new Set(seen.map(({ id }) => id)))).map((change) => [change.id, change] as const),
  )
  const changes = seen.flatMap(({ id }) => all.get(id) ?? [])
  const hashes = new Map(seen.map(({ id, hash }) => [id, hash]))
  const stale: Change[] = []
  for (const change of changes) {
    yield
    if (hashes.get(change.id) !== changeHash(change, sight)) stale.push(change)
  }
  return { changes, stale, gone: seen.filter(({ id }) => !all.has(id)).map(({ id }) => id) }
}

/** Throws where a change was accepted and waits: it is decided, and no delegation's to take back or to take in any more. */
export function demandOpen(gate: Gate, changes: readonly { readonly id: string }[]): void {
  if (changes.some(({ id }) => gate.noted.has(id)))
    throw new DomainError(
      "conflict",
      "This is accepted already, and takes effect with the proposal around it. The record can take that decision back.",
    )
}

export const conflict = (stale: readonly Change[], gone: readonly string[], sight: Sight): DomainError =>
  new DomainError("conflict", "Nothing was decided: a change is no longer as you saw it. Look at it again and decide.", {
    fresh: stale.map((change) => seenNow(change, sight)),
    gone,
  })

/** A change with its hash, as a client needs it to decide again. */
export const seenNow = (change: Change, sight: Sight): Change & { hash: string } => ({ ...change, hash: changeHash(change, sight) })

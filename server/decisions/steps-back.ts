/** What one act takes back: an entry or one change of it, and whatever cannot stay without that (BACK5). */
import * as Y from "yjs"
import type { EntryOf } from "../../shared/api/contract.ts"
import { type Obstacles, standsInTheWay } from "../../shared/changes/back-plan.ts"
import type { Change } from "../../shared/changes/changes.ts"
import type { Moment } from "../../shared/changes/moment.ts"
import { beforeSome, openedTogether } from "../../shared/changes/reopened.ts"
import type { OriginOf } from "../../shared/changes/sight.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import { type Along, completedBy, decisionOn, openedBy, settledIn } from "../../shared/changes/taken-back.ts"
import type { ItemId } from "../../shared/schema/runs.ts"
import { roots } from "../../shared/sync/roots.ts"
import type { Gate } from "../gate/gate.ts"
import { DomainError } from "../problems.ts"
import type { StoredEntry } from "../storage/store.ts"
import type { Taking } from "./asked-back.ts"
import { halfAmong, partAmong, replacementsClosed, type Struck, struckBy } from "./halves.ts"
import { takeBack } from "./take-back.ts"
import { demandTaking, type Taken } from "./taking.ts"

/** One decision that an act takes back; with `change` only that, and what shares its fate. */
export interface Step {
  readonly taken: Taken
  readonly change: string | null
  /** It was accepted, waited and was settled by what is taken back: nothing stands around it, so it is open again where it would wait once more. */
  readonly isAlong: boolean
}

/** The draft right before and right after the row of a step. */
export interface Around {
  readonly before: Moment
  readonly after: Moment
}

/** What an act of taking back has done. */
export interface AllTakenBack {
  readonly row: Uint8Array | null
  readonly reopened: readonly Change[]
  /** Accepted before that decision; it holds again, and they wait for what is open again around them. */
  readonly waiting: readonly Change[]
  readonly blocks: readonly string[]
  /** Whether what was asked for was taken back as a whole. */
  readonly isWhole: boolean
  /** Entries that were taken back with it. */
  readonly along: readonly Along[]
}

/** What stands in the way of a step. */
export interface Blocked {
  readonly step: Step
  readonly obstacles: Obstacles
}

export const isBlocked = (done: AllTakenBack | Blocked): done is Blocked => "obstacles" in done

/**
 * What is to be taken back for an entry, or for one change of it, in this order. That something fell or took effect because the proposal around it was taken back
 * in the text is nobody's decision: it goes with the acceptance that it completed, and that with it.
 */
export function stepsOf(entries: readonly StoredEntry[], n: number, change: string | null = null): Step[] {
  const { entry, hashes } = demandTaking(entries, n)
  const isMeant = (id: string): boolean => (change === null ? hashes.has(id) : id === change)
  const gone = new Set<number>()
  const step = (of: number, only: string | null, isAlong = false): Step => {
    const taken = demandTaking(entries, of, gone)
    if (only === null) gone.add(of)
    return { taken, change: only, isAlong }
  }
  const steps = [...completedBy(entries, entry, isMeant).map((other) => step(other.n, null)), step(n, change)]
  for (const { taken } of [...steps])
    for (const id of settledIn(taken.entry)) {
      const accepted = entry.n === taken.entry.n || !isMeant(id) ? decisionOn(entries, id) : undefined
      if (accepted && !gone.has(accepted.n)) steps.push(step(accepted.n, id, true))
    }
  return steps
}

/**
 * Takes back all that an act is to, or says what stands in the way of which step; then nothing has changed, but for a shadow that is spoilt and must be
 * rebuilt.
 */
export function* takeAllBack(gate: Gate, steps: readonly (Step & Around)[], asked: number): Sliced<AllTakenBack | Blocked> {
  const rows: Uint8Array[] = []
  const reopened = new Map<string, Change>()
  const blocks = new Set<string>()
  const along: Along[] = []
  let isWhole = true
  const closed = steps.map((step) => ({ ids: reopenedBy(step), blocks: step.before.blocks }))
  const replacements = yield* replacementsClosed(gate.blocks, closed)
  const originOf: OriginOf = (letter) => gate.relocations.original(letter)
  const meant = new Map<string, Struck>()
  for (const step of steps) {
    const { entry } = step.taken
    gate.isSpoilt = rows.length > 0
    if (step.isAlong && roots.proposals(gate.shadow).get(step.change!)?.status !== "acceptedWithHost") continue
    const taking = takingOf(gate, step)
    const sought = new Set([...taking.hashes.keys()].filter((id) => replacements.has(id)))
    if (sought.size > 0) for (const [id, letters] of struckBy(sought, taking.before.blocks, originOf)) meant.set(id, letters)
    const done = yield* takeBack(gate, taking)
    if (standsInTheWay(done)) return { step, obstacles: done }
    if (done.row) rows.push(done.row)
    for (const change of done.reopened) reopened.set(change.id, change)
    for (const block of done.blocks) blocks.add(block)
    if (entry.n === asked) isWhole = taking.shown === undefined
    else along.push({ n: entry.n, ...(taking.shown ? { changes: [...taking.hashes.keys()] } : {}) })
  }
  const half =
    halfAmong(replacements, reopened.values()) ??
    (meant.size > 0 ? partAmong(replacements, meant, reopened.values(), struckBy(replacements, gate.blocks, originOf)) : null)
  if (half) {
    gate.isSpoilt = true
    throw half
  }
  gate.isSpoilt = false
  const row = rows.length > 1 ? Y.mergeUpdates(rows) : (rows[0] ?? null)
  const isWaiting = ({ id }: Change): boolean => roots.proposals(gate.shadow).get(id)?.status === "acceptedWithHost"
  const [waiting, open] = [[...reopened.values()].filter(isWaiting), [...reopened.values()].filter((change) => !isWaiting(change))]
  return { row, reopened: open, waiting, blocks: [...blocks], isWhole, along }
}

/** The changes that a step opens again. */
function reopenedBy({ taken: { entry, hashes, later }, change, before, after }: Step & Around): Set<string> {
  const decided = new Set(hashes.keys())
  if (change !== null) return new Set([...openedTogether(change, before, after, decided)].filter((id) => hashes.has(id)))
  for (const { n, changes = [] } of later.flatMap(openedBy)) if (n === entry.n) for (const id of changes) decided.delete(id)
  return decided
}

/** Of several changes that were decided together one is taken back as if the others had been decided before. */
function takingOf(gate: Gate, step: Step & Around): Taking {
  const { taken, change, before, after } = step
  const { entry, hashes, decidedSince } = taken
  const some = reopenedBy(step)
  if (some.size === hashes.size) return { before, after, hashes, decidedSince }
  const originOf = (letter: ItemId): ItemId => gate.relocations.original(letter)
  const left = new Map([...hashes].filter(([id]) => some.has(id)))
  if (change === null) {
    if (some.size === 0) throw new DomainError("conflict", "All that was decided there is open again already.")
    // Right after the decision, had it not been about what was opened again since.
    const opened = new Set([...hashes.keys()].filter((id) => !some.has(id)))
    return { before, after: beforeSome(before, after, opened, originOf) ?? after, hashes: left, decidedSince }
  }
  if (!roots.proposals(gate.shadow).has(change)) throw new DomainError("conflict", "This change is open again already.")
  const alone = beforeSome(before, after, some, originOf)
  if (!alone)
    throw new DomainError(
      "conflict",
      `This change is about a clause as a whole, or its words went with what was decided beside it. Take back entry ${entry.n} as a whole.`,
      { first: [entry.n] },
    )
  return { before: alone, after, hashes: left, decidedSince, shown: before }
}

type ActOf<Act extends "takeBack" | "reopenChange"> = { readonly act: Act; readonly details: Omit<EntryOf<Act>["details"], "changes"> }

/** What the record says of an act of taking back, but for the changes that are open again. */
export const actOf = (n: number, { isWhole, along }: AllTakenBack): ActOf<"takeBack"> | ActOf<"reopenChange"> => {
  const also = along.length > 0 ? { along } : {}
  return isWhole ? { act: "takeBack", details: { undoes: n, ...also } } : { act: "reopenChange", details: { of: n, ...also } }
}

/**
 * What must be taken back before an entry can be (BACK3): all of it, in the order in which it can be. It is tried on a copy of the draft, each step as the
 * act itself would do it, so that what is named can be done in one go; and where it cannot, it is known at which entry it ends and why.
 */
import * as Y from "yjs"
import type { Obstacles } from "../../shared/changes/back-plan.ts"
import type { Moment } from "../../shared/changes/moment.ts"
import { lettersOf, standsSame } from "../../shared/changes/placed.ts"
import { finished } from "../../shared/changes/slices.ts"
import { undoneIn } from "../../shared/changes/taken-back.ts"
import { momentOf } from "../../shared/sync/moment.ts"
import { originsOf } from "../../shared/sync/origins.ts"
import { newDraftDoc } from "../../shared/sync/write.ts"
import { Gate } from "../gate/gate.ts"
import { DomainError } from "../problems.ts"
import type { LogRow, StoredEntry } from "../storage/store.ts"
import { Mismatch } from "./proven.ts"
import { type Around, actOf, isBlocked, type Step, stepsOf, takeAllBack } from "./steps-back.ts"
import { inexact, refusal, type Taken } from "./taking.ts"

/** A draft from before an entry on. */
export interface Logged {
  /** A state of it, and all rows behind that. */
  readonly state: Uint8Array | null
  readonly rows: readonly Pick<LogRow, "seq" | "update">[]
  readonly entries: readonly StoredEntry[]
}

/** What is to be taken back: an entry, or one change of it; and the entries that are not this person's to take back, each with the sentence that says so. */
export interface Asked {
  readonly n: number
  readonly change: string | null
  readonly notTheirs: readonly (readonly [number, string])[]
}

/** What comes first, in this order. `stuck`: the last of these, or what is asked for itself, cannot be taken back as things are, and why. */
export interface ComesFirst {
  readonly first: readonly number[]
  readonly stuck: { readonly n: number; readonly sentence: string; readonly first: readonly number[] } | null
}

/** Of so many later decisions it is looked up whether they stand in the way of taking one back. */
const mostLookedAt = 30

export const comesFirst = (logged: Logged, asked: Asked): ComesFirst => new Rehearsal(logged, asked).made()

class Rehearsal {
  readonly #asked: Asked
  readonly #past: Past
  readonly #gate: Gate
  readonly #notTheirs: ReadonlyMap<number, string>
  readonly #around = new Map<number, Around>()
  readonly #first: number[] = []
  readonly #underWay = new Set<number>()
  #entries: readonly StoredEntry[]

  constructor(logged: Logged, asked: Asked) {
    this.#asked = asked
    this.#past = new Past(logged)
    this.#gate = new Gate(this.#past.updates(), () => undefined)
    this.#notTheirs = new Map(asked.notTheirs)
    this.#entries = logged.entries
  }

  made(): ComesFirst {
    const { n, change } = this.#asked
    const stuck = this.#take(n, change)
    return { first: this.#first, stuck }
  }

  /** Takes one back with all that comes first, each of which is noted; or says where that ends. */
  #take(n: number, change: string | null): ComesFirst["stuck"] {
    const notTheirs = this.#notTheirs.get(n)
    if (notTheirs !== undefined) return { n, sentence: notTheirs, first: [] }
    this.#underWay.add(n)
    for (;;) {
      const refused = this.#tried(n, change)
      if (!refused) break
      const { first = [] } = refused.details
      const known = undoneIn(this.#entries)
      const next = first.filter((other) => !known.has(other))
      // Of one change that cannot be opened alone its own entry is named.
      const isPossible = next.length > 0 && next.every((other) => (other === n ? change !== null : !this.#underWay.has(other)))
      if (!isPossible) return { n, sentence: refused.told, first }
      for (const other of next) {
        if (undoneIn(this.#entries).has(other)) continue
        const stuck = this.#take(other, null)
        if (stuck && stuck.n === other) this.#first.push(other)
        if (stuck) return stuck
        this.#first.push(other)
      }
      if (undoneIn(this.#entries).has(n)) break
    }
    this.#underWay.delete(n)
    return null
  }

  /** Takes one back as the act would; null: it is done. */
  #tried(n: number, change: string | null): DomainError | null {
    try {
      const steps = stepsOf(this.#entries, n, change).map((step) => ({ ...step, ...this.#aroundOf(step) }))
      const done = finished(takeAllBack(this.#gate, steps, n))
      if (isBlocked(done)) {
        if (this.#gate.isSpoilt) this.#gate.rebuild(this.#past.updates())
        return refusal(done.step.taken, done.obstacles, this.#inTheWay(done.step.taken, done.obstacles))
      }
      const row = done.row ? this.#past.append(done.row) : undefined
      const { act, details } = actOf(n, done)
      const changes = [...done.reopened, ...done.waiting].map(({ id }) => ({ id }))
      const last = this.#entries.at(-1)!
      const entry = { ...last, n: last.n + 1, act, details: { ...details, changes, touched: done.blocks } }
      const { row: _, ...rest } = entry
      this.#entries = [...this.#entries, row === undefined ? rest : { ...rest, row }]
      return null
    } catch (error) {
      this.#gate.rebuild(this.#past.updates())
      if (error instanceof Mismatch) return inexact()
      if (error instanceof DomainError) return error
      throw error
    }
  }

  #aroundOf({ taken: { row } }: Step): Around {
    const known = this.#around.get(row) ?? this.#past.around(row)
    this.#around.set(row, known)
    return known
  }

  /** Which later entries changed how the letters stand that are in the way; all of them where it is not about letters alone. */
  #inTheWay({ later }: Taken, { letters, changes }: Obstacles): (entry: StoredEntry) => boolean {
    if (letters.size === 0 || changes.size > 0) return () => true
    const originOf = originsOf(this.#gate.shadow)
    const found = new Set<number>()
    for (const { n, row } of later.slice(-mostLookedAt)) {
      const { before, after } = this.#past.around(row!)
      const [was, became] = [lettersOf(before.blocks, originOf), lettersOf(after.blocks, originOf)]
      if ([...letters].some((letter) => !standsSame(was.get(letter), became.get(letter)))) found.add(n)
    }
    return ({ n }) => found.size === 0 || found.has(n)
  }
}

/** The draft as it was at any row of its log, best asked in their order. */
class Past {
  readonly #state: Uint8Array | null
  readonly #rows: Pick<LogRow, "seq" | "update">[]
  #doc: Y.Doc | null = null
  #applied = 0

  constructor({ state, rows }: Logged) {
    this.#state = state
    this.#rows = [...rows]
  }

  updates(): Uint8Array[] {
    return [...(this.#state ? [this.#state] : []), ...this.#rows.map(({ update }) => update)]
  }

  append(update: Uint8Array): number {
    const seq = this.#rows.at(-1)!.seq + 1
    this.#rows.push({ seq, update })
    return seq
  }

  around(row: number): Around {
    const at = this.#rows.findIndex(({ seq }) => seq === row)
    if (at < 0) throw new DomainError("store-failed", "What was decided there is no longer in the draft's log.")
    const before = this.#at(at)
    return { before, after: this.#at(at + 1) }
  }

  /** With so many of the rows. */
  #at(count: number): Moment {
    if (!this.#doc || this.#applied > count) {
      this.#doc = newDraftDoc()
      this.#applied = 0
      if (this.#state) Y.applyUpdate(this.#doc, this.#state)
    }
    const doc = this.#doc
    doc.transact(() => {
      for (; this.#applied < count; this.#applied++) Y.applyUpdate(doc, this.#rows[this.#applied]!.update)
    })
    return momentOf(doc)
  }
}

/** Why an entry cannot be taken back now, with all that comes first (BACK3). `direct`: why it could not be at once. */
export function refusalOf({ n, change }: Pick<Asked, "n" | "change">, { first, stuck }: ComesFirst, direct: DomainError): DomainError {
  if (first.length === 0) return stuck ? new DomainError("conflict", stuck.sentence, { first: stuck.first }) : direct
  const isOwn = change !== null && first.at(-1) === n
  if (stuck) {
    const before = first.filter((other) => other !== stuck.n)
    const rest = before.length > 0 ? `, after ${inOrder(before)},` : ""
    const what =
      stuck.n === n
        ? `Even with ${inOrder(before)} taken back first this cannot be`
        : `Entry ${stuck.n} would have to be taken back first${rest} and cannot be`
    return new DomainError("conflict", `${whySo} ${what}: “${stuck.sentence}”`, { first, stuck: stuck.n })
  }
  if (isOwn) return new DomainError("conflict", first.length === 1 ? direct.told : `${wholeOnly} Take back ${inOrder(first)}.`, { first })
  return new DomainError("conflict", `${whySo} Take back ${first.length === 1 ? `entry ${first[0]} first` : firstInOrder(first)}.`, {
    first,
  })
}

const whySo = "The same place was decided on again since."
const wholeOnly = "This change is open again only with all that was decided with it."
const listed = (list: readonly number[]): string =>
  list.length === 1 ? `entry ${list[0]}` : `entries ${list.slice(0, -1).join(", ")} and ${list.at(-1)}`
const inOrder = (list: readonly number[]): string => (list.length === 1 ? listed(list) : `${listed(list)}, in this order`)
const firstInOrder = (list: readonly number[]): string => `${listed(list)} first, in this order`

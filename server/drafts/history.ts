import * as Y from "yjs"
import type { Moment } from "../../shared/changes/moment.ts"
import { wholesIn } from "../../shared/sync/roots.ts"
import { newDraftDoc } from "../../shared/sync/write.ts"
import type { Asked, ComesFirst } from "../decisions/first-back.ts"
import type { Asker } from "../pace/turns.ts"
import { DomainError } from "../problems.ts"
import type { LogRow, Store, StoredEntry } from "../storage/store.ts"
import type { Desk } from "../workers/desk.ts"
import { EnteredBook, type EnteredOf } from "./entered.ts"
import { importedOf, type OpenDraft } from "./open-draft.ts"

/** What the log and the record of decisions say of an open draft's past, as far as they can be trusted. */
export class History {
  readonly #store: Store
  readonly #desk: Desk
  readonly #records = new WeakMap<OpenDraft, { readonly acts: number; readonly entries: Promise<StoredEntry[]> }>()
  /** Who entered a change and when, by mark id; read from the log once, then kept up. */
  readonly #entered = new WeakMap<OpenDraft, EnteredBook>()

  constructor(store: Store, desk: Desk) {
    this.#store = store
    this.#desk = desk
  }

  /** The record of decisions, read once for each act. */
  record(draft: OpenDraft): Promise<StoredEntry[]> {
    const { acts } = draft.room
    const known = this.#records.get(draft)
    if (known?.acts === acts) return known.entries
    const entries = this.#store.register(draft.record.id, lastTrusted(draft))
    this.#records.set(draft, { acts, entries })
    entries.catch(() => this.#records.delete(draft))
    return entries
  }

  #rows(draft: OpenDraft, after: number): Promise<LogRow[]> {
    return this.#store.rows(draft.record.id, after, lastTrusted(draft))
  }

  /** A draft's document as it was when a version of it was named. */
  async at(draft: OpenDraft, version: number): Promise<Y.Doc> {
    const rows = (await this.#rows(draft, 0)).map(({ kind, update }) => ({ kind, update }))
    const state = await this.#desk.stateAt({ rows, version })
    if (!state) throw new DomainError("not-found", "There is no version of this number.")
    const doc = newDraftDoc()
    Y.applyUpdate(doc, state)
    return doc
  }

  /** A draft right before and right after a row of its log. */
  around(draft: OpenDraft, row: number, asker?: Asker): Promise<{ before: Moment; after: Moment }> {
    return this.#desk.momentsAround(async () => {
      const snapshot = await this.#store.snapshot(draft.record.id, row - 1)
      const rows = (await this.#rows(draft, snapshot?.seq ?? 0)).filter(({ seq }) => seq <= row)
      if (rows.at(-1)?.seq !== row) throw new DomainError("store-failed", "What was decided there is no longer in the draft's log.")
      return { updates: [...(snapshot ? [snapshot.state] : []), ...rows.map(({ update }) => update)] }
    }, asker)
  }

  /** What must be taken back before a decision of this row can be, or before one change of it. */
  comesFirst(draft: OpenDraft, row: number, entries: readonly StoredEntry[], asked: Asked, asker?: Asker): Promise<ComesFirst> {
    return this.#desk.comesFirst(async () => {
      const snapshot = await this.#store.snapshot(draft.record.id, row - 1)
      const rows = await this.#rows(draft, snapshot?.seq ?? 0)
      return { logged: { state: snapshot?.state ?? null, rows: rows.map(({ seq, update }) => ({ seq, update })), entries }, asked }
    }, asker)
  }

  /** Who entered which mark and when: from the log row that first brought it. */
  enteredOf(draft: OpenDraft): Promise<EnteredOf> {
    let book = this.#entered.get(draft)
    if (!book) {
      book = new EnteredBook({
        rows: (after) => this.#rows(draft, after),
        register: () => this.record(draft),
        idsInLarge: (update) => this.#desk.idsIn({ update }),
        inFile: () => importedOf(draft.record).entered,
        wholes: () => wholesIn(draft.room.main),
      })
      this.#entered.set(draft, book)
    }
    return book.asOf(draft.room.seq, draft.room.acts)
  }
}

/** The last row of a damaged draft that can be trusted; of a whole one all can. */
const lastTrusted = ({ proof: { damage, seq } }: OpenDraft): number | undefined => (damage === null ? undefined : seq)

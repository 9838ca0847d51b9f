import type { Logger } from "pino"
import { damageOf, unreadable } from "../damage.ts"
import { DomainError } from "../problems.ts"
import type { DraftRecord, LogRow, Proof, Snapshot, Store } from "../storage/store.ts"

/** What is stored of a draft's state: all that came with the rows is in the snapshot, or in the rows behind it. */
export interface StoredState {
  readonly snapshot: Snapshot | null
  readonly rows: readonly LogRow[]
}

/** Something made of a draft's state: from its last snapshot, and where that cannot be read, from all its rows (STO5). */
export async function fromState<Made>(
  { store, log }: { readonly store: Store; readonly log: Logger },
  { draft, seq }: Proof,
  make: (state: StoredState) => Made,
): Promise<Made> {
  const snapshot = await store.snapshot(draft, seq)
  try {
    if (snapshot) return make({ snapshot, rows: await store.rows(draft, snapshot.seq, seq) })
  } catch (error) {
    log.warn({ draft, seq: snapshot?.seq, reason: (error as Error).message }, "snapshot passed over")
  }
  const rows = await store.rows(draft, 0, seq)
  try {
    return make({ snapshot: null, rows })
  } catch (error) {
    log.error({ draft, reason: (error as Error).message }, "draft cannot be read")
    throw new DomainError("store-failed", unreadable.sentence, {}, { cause: error })
  }
}

/** A draft's record. Throws where nothing of the draft can be shown. */
export async function recordOf(store: Store, proof: Proof): Promise<DraftRecord> {
  const damage = damageOf(proof)
  const record = damage && !damage.isReadable ? null : await store.draft(proof.draft)
  if (!record) throw new DomainError("store-failed", (damage ?? unreadable).sentence)
  return record
}

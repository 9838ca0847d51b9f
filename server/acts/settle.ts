/** What was accepted and waited for a proposal that its owner has taken back by editing: it is settled in the same commit (RES3). */
import { finished } from "../../shared/changes/slices.ts"
import type { Block } from "../../shared/schema/block.ts"
import type { NoticeMessage } from "../../shared/sync/protocol.ts"
import type { Gate } from "../gate/gate.ts"
import { addressBook } from "./address-book.ts"
import { settleWaiting } from "./decide.ts"
import { type DecisionRecord, recordOf } from "./decision-record.ts"
import { fatesTold } from "./fates.ts"

export interface Settled {
  readonly row: Uint8Array | null
  /** `settled`: what was accepted before and waited, by its ids. */
  readonly details: DecisionRecord & { readonly touched: readonly string[]; readonly settled: readonly { readonly id: string }[] }
  readonly blocks: readonly string[]
  readonly notices: readonly { readonly source: string; readonly notice: NoticeMessage }[]
}

/** By what a delegation is told that it happened: nobody decides anew. */
const byEarlier = "an earlier decision, now that the proposal around is gone"

/** Settles what waits with nothing around it any more; null: nothing does. `stood`: the draft as it was before. */
export function settled(gate: Gate, stood: readonly Block[]): Settled | null {
  const address = addressBook(gate)
  const done = finished(settleWaiting(gate, stood))
  if (done === null) return null
  const record = recordOf(done, address)
  const settled = [...record.effective, ...record.superseded.filter(({ id }) => done.lapsed.has(id))].map(({ id }) => ({ id }))
  const details = { ...record, settled, touched: done.blocks }
  return { row: done.row, details, blocks: done.blocks, notices: fatesTold(done, "accept", byEarlier, address) }
}

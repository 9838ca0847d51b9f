/** What was accepted and waited for a proposal that its owner has taken back by editing: it is settled in the same commit (RES3). */
import { carriedToItsEnd, leavesAll } from "../../shared/changes/carried.ts"
import { nothingChosen } from "../../shared/changes/choice.ts"
import { noTies } from "../../shared/changes/links.ts"
import { countingMint } from "../../shared/changes/restructure.ts"
import { finished } from "../../shared/changes/slices.ts"
import type { Twins } from "../../shared/changes/twins.ts"
import type { Block } from "../../shared/schema/block.ts"
import type { Gate } from "../gate/gate.ts"
import type { Near, Reached } from "../gate/reached.ts"
import type { Settled } from "../rooms/performed.ts"
import { addressBook } from "./address-book.ts"
import { settleWaiting } from "./decide.ts"
import { recordOf } from "./decision-record.ts"
import { fatesTold } from "./fates.ts"

/** By what a delegation is told that it happened: nobody decides anew. */
const byEarlier = "an earlier decision, now that the proposal around it is taken back"

/** What fell was ended by whose proposal it stood in. */
const byItsOwner = (told: Settled["notices"]): Settled["notices"] =>
  told.map(({ source, notice }) => ({
    source,
    notice: notice.kind === "decided" && notice.status === "superseded" ? { ...notice, by: "its delegation" } : notice,
  }))

/**
 * Settles what waits with nothing around it any more; null: nothing does. `stood`: the draft as it was before. `reached`: what an update has touched;
 * whether anything is due is asked of what stands beside that first, for to look over the whole draft at each letter that goes would take too long.
 */
export function settled(gate: Gate, stood: () => readonly Block[], reached: Reached | null): Settled | null {
  if (reached && !isAnyDue(gate.waitingNear(reached))) return null
  const address = addressBook(gate)
  const done = finished(settleWaiting(gate, stood()))
  if (done === null) return null
  const record = recordOf(done, address)
  const settled = [...record.effective, ...record.superseded.filter(({ id }) => done.lapsed.has(id))].map(({ id }) => ({ id }))
  const details = { ...record, settled, touched: done.blocks }
  return { row: done.row, details, blocks: done.blocks, notices: byItsOwner(fatesTold(done, "accept", byEarlier, address)) }
}

/** Whether any of these would do anything, or be gone, were it decided now. */
function isAnyDue({ blocks, noted }: Near): boolean {
  if (noted.size === 0) return false
  const ground = { blocks, ties: noTies, twins: noTwins, noted }
  return !leavesAll(blocks, finished(carriedToItsEnd(nothingChosen, ground, countingMint())))
}

const noTwins: Twins = new Map()

import type { Logger } from "pino"
import { damageOf } from "../damage.ts"
import { settled } from "../decisions/settle.ts"
import type { Metrics } from "../metrics.ts"
import type { Clock } from "../pace/clock.ts"
import type { Shares } from "../pace/shares.ts"
import type { Meeting } from "../people/meeting.ts"
import { Room } from "../rooms/room.ts"
import type { Commit, Proof, Store } from "../storage/store.ts"
import type { OpenDraft } from "./open-draft.ts"
import type { Proofs } from "./proofs.ts"
import { hasGaps, provenByReplay } from "./replayed.ts"
import { fromState, recordOf } from "./stored-state.ts"

export interface OpeningParts {
  readonly store: Store
  readonly meeting: Meeting
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly shares: Shares
  readonly proofs: Proofs
  /** Writes what a room commits. */
  readonly append: (draft: string, commit: Commit) => Promise<number>
}

/** How long a room works in one piece. */
const sliceMs = 15

/**
 * A draft out of the store becomes a room, as far as it can be proven: what its log shows to be less, once it is in a room, opens it anew up to there.
 */
export async function openDraft(parts: OpeningParts, proof: Proof): Promise<OpenDraft> {
  const { store, proofs } = parts
  const id = proof.draft
  const record = await recordOf(store, proof)
  const bindings: OpenDraft["bindings"] = new Map()
  for (const { client, person, source, pass } of await store.clients(id)) bindings.set(client, { person, source, pass })
  const room = await roomOf(parts, proof, bindings)
  const less = hasGaps(room.main) ? await provenByReplay(store, proof) : proof
  if (less.seq < proof.seq) {
    room.destroy()
    proofs.tell(less)
    return openDraft(parts, less)
  }
  for (const source of new Set([...bindings.values()].map((binding) => binding.source))) room.planSweep(source)
  room.settleLeft()
  return { record, room, bindings, proof }
}

function roomOf(parts: OpeningParts, proof: Proof, bindings: OpenDraft["bindings"]): Promise<Room> {
  const { store, meeting, clock, shares, log, metrics, append } = parts
  const { draft } = proof
  const damage = damageOf(proof)
  return fromState(
    parts,
    proof,
    (state) =>
      new Room(state, {
        log: { append: (commit) => append(draft, commit), saveSnapshot: (made) => store.saveSnapshot(draft, made) },
        bindingOf: (client) => bindings.get(client),
        settle: settled,
        clock,
        sliceMs,
        shares,
        sitting: () => meeting.sittings.now(),
        ...(damage ? { readOnly: damage.sentence } : {}),
        onRefused: (reason, isRaced) => {
          metrics.refusals.inc({ reason, raced: String(isRaced) })
          log.info({ draft, reason, isRaced }, "update refused")
        },
        onFault: (error, doing) => {
          metrics.faults.inc({ doing })
          log.error({ draft, err: error, doing }, "a fault of ours")
        },
        onCommit: (count, seconds) => {
          metrics.updates.inc(count)
          metrics.commitSeconds.observe(seconds)
        },
      }),
  )
}

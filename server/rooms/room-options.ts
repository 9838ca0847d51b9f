// What a room is given: the store, the time, and what those above do for it.
import type { Sitting } from "../../shared/people/sitting.ts"
import type { Block } from "../../shared/schema/block.ts"
import type { Gate } from "../gate/gate.ts"
import type { Reached } from "../gate/reached.ts"
import type { BindingOf } from "../gate/shapes.ts"
import type { Clock } from "../pace/clock.ts"
import type { Shares } from "../pace/shares.ts"
import type { Commit, Snapshot } from "../storage/store.ts"
import type { Settled } from "./performed.ts"

/** The part of the store that a room needs. */
export interface RoomLog {
  append(commit: Commit): Promise<number>
  saveSnapshot(snapshot: Snapshot): Promise<void>
}

export interface RoomOptions {
  readonly log: RoomLog
  readonly bindingOf: BindingOf
  /** Settles what waits, in the document of the gate; null: nothing is due. `stood`: the draft before; `reached`: what an update has touched, where that is known. */
  readonly settle: (gate: Gate, stood: () => readonly Block[], reached: Reached | null) => Settled | null
  /** Dates, durations, and what is done later: group commit, presence, sweeps. */
  readonly clock: Clock
  /** How long an act on a large draft may run before others have their turn, in ms. */
  readonly sliceMs: number
  readonly onRefused?: (reason: string, isRaced: boolean) => void
  /** An exception of ours, with what was being done: it is no fault of what arrived. */
  readonly onFault?: (error: unknown, doing: "update" | "act" | "commit") => void
  readonly onCommit?: (rows: number, seconds: number) => void
  /** Whose time what is done takes; without it nobody's is counted. */
  readonly shares?: Pick<Shares, "payer" | "charged">
  /** Why nobody may write, in a sentence: the draft is damaged, and this room shows what is left of it. */
  readonly readOnly?: string
  /** The sitting that what is recorded now bears. */
  readonly sitting?: () => Sitting
}

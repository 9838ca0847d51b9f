// How often the gate had to mend what it accepted: told by metrics, and the fuzz fails where a kind of repair was never needed.
import type { Repair } from "./repairs.ts"

/** How often each repair was needed, for metrics and the fuzz. */
export interface GateCounts {
  late: number
  removal: number
  stripped: number
  carried: number
  tightened: number
  renamed: number
  kept: number
}

/** Under which name a repair is counted. */
export const countOf: Readonly<Record<Repair["kind"], keyof GateCounts | null>> = {
  mark: "late",
  keep: "late",
  restore: "removal",
  strip: "stripped",
  carry: "carried",
  strike: "carried",
  tighten: "tightened",
  spare: "tightened",
  rename: "renamed",
  succeed: null,
  forestall: null,
  forget: null,
  retarget: "carried",
  extend: "carried",
  place: "carried",
  dropEntry: "stripped",
  dropLinked: "stripped",
  level: null,
}

export const nothingCounted = (): GateCounts => ({ late: 0, removal: 0, stripped: 0, carried: 0, tightened: 0, renamed: 0, kept: 0 })

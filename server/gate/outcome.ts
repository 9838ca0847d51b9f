// What becomes of an update that a gate was given.
import type { Kept } from "./case.ts"
import type { Reached } from "./reached.ts"

export type Outcome =
  | { readonly kind: "nothing" }
  /** A clean-up that is not taken: nothing of it counts. */
  | { readonly kind: "dropped" }
  /** `reached`: what it may have taken away that accepted changes waited for; null: nothing. */
  | { readonly kind: "accepted"; readonly row: Uint8Array; readonly kept: readonly Kept[]; readonly reached: Reached | null }
  | { readonly kind: "refused"; readonly reason: string; readonly block: string | null }
  /** An exception of ours: no fault of the update's. */
  | { readonly kind: "failed"; readonly error: unknown }

export const refusal = (reason: string, block: string | null = null): Outcome & { kind: "refused" } => ({ kind: "refused", reason, block })

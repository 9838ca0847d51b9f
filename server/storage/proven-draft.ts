import type { Head } from "./heads.ts"
import type { Proof } from "./store.ts"

/** What is proven of a draft and, where it is whole, where it ends. */
export interface ProvenDraft {
  readonly proof: Proof
  readonly head: Head | null
}

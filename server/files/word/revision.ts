/** A revision as the file has it, literally. Times and names may be missing: some programs scrub them. */
export interface Revision {
  readonly kind: "insertion" | "deletion"
  readonly author: string | null
  readonly date: string | null
  /** The name of the move that it is one end of, or null. */
  readonly move: string | null
}

import type { StructuralAct } from "../schema/block.ts"
import type { Segment } from "./changes.ts"

/** What became of a change. */
export type ProposalStatus = "accepted" | "acceptedWithHost" | "notRetained" | "withdrawn" | "superseded" | "overtaken" | "incorporated"

/** What the server says of a change that was decided. Open changes have no entry: their marks are in the text. */
export interface ProposalEntry {
  readonly status: ProposalStatus
  readonly source: string
  /** The change whose words stand for it, for both said the same; the one that overtook it. */
  readonly by?: string
  /** Further sources that proposed the same. */
  readonly with?: readonly string[]
  /** The change that took its place: what its source adds without having heard belongs to that. */
  readonly next?: string
  /** Of one that was accepted with its host: a part of it is in the text already. */
  readonly inPart?: true
  /** The words of an accepted change: it stays visible against the text in force. */
  readonly segments?: readonly Pick<Segment, "block" | "kind" | "text">[]
  /** What it did to clauses as a whole; each with the clause of the text in force that it was. */
  readonly acts?: readonly { readonly kind: StructuralAct["kind"]; readonly block: string; readonly origin: string | null }[]
}

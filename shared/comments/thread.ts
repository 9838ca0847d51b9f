/** Before the name of somebody whom only a file names: such a person is no member of the meeting. */
export const ofFile = "file:"

/** One remark in a thread. `person` is an opaque id; names are looked up, never stored in the draft. */
export interface Remark {
  readonly person: string
  readonly source: string
  readonly text: string
  /** ISO 8601, UTC; "" where a file does not say. */
  readonly at: string
  /** Of what a file brought: who brought it. Whom the file names said nothing here, and its time is what the file says. */
  readonly broughtBy?: string
}

/** Whether a remark came with a file, whether that names somebody or not. */
export const isOfFile = ({ person, broughtBy }: Remark): boolean => broughtBy !== undefined || person === "" || person.startsWith(ofFile)

/** Where something comes from that a file brought, by the names of whom it names and of who brought it. */
export const fileSaid = (by: string | null, broughtBy: string | null): string =>
  `From a file${by ? ` by ${by}` : ""}${broughtBy ? `, brought by ${broughtBy}` : ""}`

/** What a thread is about: words of a block (its id is the comment mark's), a whole block, or a change. */
export type Anchor =
  | { readonly on: "words"; readonly block: string; readonly quote: string }
  | { readonly on: "clause"; readonly block: string }
  /** On the whole; it is shown at the first block. */
  | { readonly on: "draft"; readonly block: string }
  | { readonly on: "change"; readonly block: string; readonly change: string }

/** The first and the last letter of some words, as they were first written: client and clock of each. */
export type FirstAndLast = readonly [number, number, number, number]

/** A margin comment with its replies. Only threads that are open to the meeting stand in the room's document. */
export interface Thread {
  readonly id: string
  readonly anchor: Anchor
  /** The letters that it was begun on, or those of its change: where they went, it is at what is next to them. */
  readonly letters?: FirstAndLast
  readonly remarks: readonly Remark[]
  readonly isResolved: boolean
}

const compared = <Value extends number | string>(a: Value, b: Value): number => (a < b ? -1 : a > b ? 1 : 0)

/** Which of two threads was begun first; of those begun at the same moment always the same one, "t2" before "t10". */
export function byTime(a: Thread, b: Thread): number {
  const began = ({ remarks }: Thread): string => remarks[0]?.at ?? ""
  return compared(began(a), began(b)) || a.id.length - b.id.length || compared(a.id, b.id)
}

/** Longest remark, in UTF-16 units. */
export const longestRemark = 4_000

/** How much is said at most: remarks of one thread, threads that one source begins on a draft, threads on a draft. */
export const threadCaps = { remarks: 500, ofSource: 1_000, inAll: 5_000 } as const

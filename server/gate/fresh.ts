import type { Mark } from "../../shared/schema/block.ts"
import type { ItemId, Stretch } from "../../shared/schema/runs.ts"
import type { Piece } from "./reading.ts"
import type { At } from "./repairs.ts"

/** New characters of an update, cut to the part that the room did not know. */
export interface FreshText extends ItemId {
  readonly text: string
}

/** New markers of one key. */
export interface FreshMark {
  /** What the opening one says; null where only a closing one came. */
  readonly mark: Mark | null
  /** The server's clock as the writer of a deletion knew it. */
  readonly heard: number
}

/** A marker that was deleted. */
export interface Cut {
  readonly key: string
  readonly at: At | null
  /** Whether the same update brought it. */
  readonly isFresh: boolean
}

/** What an update brings that is new, read from its structs before anything is applied. */
export interface Structs {
  /** First unknown clock per client. */
  readonly known: ReadonlyMap<number, number>
  readonly texts: readonly FreshText[]
  /** Marks by their keys; null where only a closing marker comes. */
  readonly marks: ReadonlyMap<string, Mark | null>
  /** Whether it takes back some of what it brings: only then can a redo be in it that no earlier update prepared. */
  readonly takesBack: boolean
  /** Whether its text holds a sign with a meaning or an invisible one: where these stand is proved. */
  readonly hasSigns: boolean
}

/** Characters that came back where they stood, and the insertion that they are words of. */
export interface Reinstated {
  readonly letters: Stretch
  readonly over: string
}

/** What an update brought and took, as plain values: what the judge knows of it beside the readings before and after. */
export interface Fresh {
  readonly known: ReadonlyMap<number, number>
  readonly marks: ReadonlyMap<string, FreshMark>
  readonly takesBack: boolean
  readonly hasSigns: boolean
  /** Whether it does nothing but delete markers. */
  readonly isMarkersOnly: boolean
  readonly cuts: readonly Cut[]
  /** All of the texts that it touched, where it has markers or where words have gone elsewhere: else nobody asks. */
  readonly pieces: ReadonlyMap<At, readonly Piece[]>
  /** What its deletions mean of what the server wrote anew without its maker having heard: where that is now. */
  readonly unheard: { readonly keys: ReadonlySet<string>; readonly items: readonly Stretch[] }
  /** New words whose block is gone. */
  readonly homeless: readonly string[]
  /** What it removed of words of its source that are accepted and wait, as it has come back. */
  readonly reinstated: readonly Reinstated[]
  /** New blocks that stand before a part of the one which they were written behind, each with the last of these, in their order. */
  readonly amidst: ReadonlyMap<At, At>
  /** The server's clock as the writer of proposals about blocks knew it; null: that is not known. */
  readonly heard: number | null
}

/** An update that brings nothing: with it the judge looks at a state alone. */
export const nothingFresh: Fresh = {
  known: new Map(),
  marks: new Map(),
  takesBack: false,
  hasSigns: false,
  isMarkersOnly: false,
  cuts: [],
  pieces: new Map(),
  unheard: { keys: new Set(), items: [] },
  homeless: [],
  reinstated: [],
  amidst: new Map(),
  heard: null,
}

/** Whether a character or marker is new. */
export const isFresh = ({ known }: Pick<Fresh, "known">, { client, clock }: ItemId): boolean => {
  const from = known.get(client)
  return from !== undefined && clock >= from
}

import type { Beside } from "../comparison/beside.ts"
import type { LibraryText } from "../files/library-text.ts"

/** A place of the draft as its people call it; "" where it has none. */
export type Addressed<Place> = Place & { readonly address: string }

export interface ReadBeside extends Omit<Beside, "differences" | "offered"> {
  readonly texts: readonly Pick<LibraryText, "designation" | "title">[]
  readonly differences: readonly Addressed<Beside["differences"][number]>[]
  readonly offered: readonly Addressed<Pick<Beside["offered"][number], "id" | "text" | "by">>[]
}

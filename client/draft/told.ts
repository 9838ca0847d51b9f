import type { Meaning } from "../../shared/changes/carried.ts"
import type { Told } from "./acts.ts"

// What the chair was told of a decision before it is made: it does nothing else.

/** Whether two decisions do the same, to what they are on and to all others. */
export const sameMeaning = (a: Meaning, b: Meaning): boolean => asText(a) === asText(b)

/** All that a question is made of, as one text. */
const asText = ({ leftOut, ...sets }: Meaning): string =>
  JSON.stringify([leftOut, ...Object.values(sets as Readonly<Record<string, ReadonlySet<string>>>).map((ids) => [...ids].sort())])

/** All that ends with a decision beside what it is on: more than this the chair was not told. */
const endingIn = ({ same, overtaken, ended, lapsed }: Meaning): string[] => [...same, ...overtaken, ...ended, ...lapsed]

/** What of a decision the chair was told beside its words: it does nothing else. */
export const toldOf = (meant: Meaning): Told => ({ ends: endingIn(meant), waits: [...meant.waiting] })

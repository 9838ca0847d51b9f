// Whose changes are that say the same: two delegations', or one's that said it twice; and what was noted of that.
import { notStated } from "../schema/keys.ts"
import { folded } from "./as-compared.ts"
import type { Change } from "./changes.ts"

/**
 * Changes that said the same when something was agreed between their words, which moved them apart: they go on saying the same as long as each says what
 * it said then. By change; `said` is its own words.
 */
export type Twins = ReadonlyMap<string, readonly Twin[]>

export interface Twin {
  readonly change: string
  readonly said: string
}

export const noTwins: Twins = new Map()

export const saidBy = (change: Change): string => `${folded(change.deleted)}>${folded(change.inserted)}`

export const areTaking = ({ structure, segments }: Change): boolean =>
  structure.length > 0 || segments.some(({ kind }) => kind === "deletion")

/**
 * Whether two changes that say the same are of two. What nobody has stated may be anybody's: nobody takes the same words out twice, but one author may well
 * put in the same twice; of two whom their files name otherwise that is noted.
 */
export function areOthers(a: Change, b: Change): boolean {
  if (a.source !== b.source) return true
  return a.source === notStated && areTaking(a)
}

export const mayBeOthers = (a: Change, b: Change): boolean => a.source !== b.source || a.source === notStated

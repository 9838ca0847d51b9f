// The letters of a draft at one moment, known by the ids under which they were first written: so the same letter is found at another moment, wherever it stands.
import { type Block, isDeletionInEffect, isProposal, type Mark, ownerOf } from "../schema/block.ts"
import type { PlacedRun } from "../schema/runs.ts"
import type { LetterId, OriginOf } from "./sight.ts"
import type { Sliced } from "./slices.ts"

/** A letter at one moment; `at` counts within its block. */
export interface Placed extends LetterId {
  readonly block: string
  readonly at: number
  readonly letter: string
  readonly marks: readonly Mark[]
}

/** A letter by the id under which it was first written. */
export type Origin = string

/** Letters of one block, in their order, by their first ids. */
export type Letters = ReadonlyMap<Origin, Placed>

/** The letters of some blocks. */
export function lettersOf(blocks: Iterable<Block>, originOf: OriginOf): Map<Origin, Placed> {
  const letters = new Map<Origin, Placed>()
  for (const block of blocks) {
    let at = 0
    for (const run of block.runs as readonly PlacedRun[])
      for (let i = 0; i < run.text.length; i++) {
        const id = { client: run.client, clock: run.clock + i }
        letters.set(originKey(originOf(id)), { ...id, block: block.id, at: at++, letter: run.text[i]!, marks: run.marks })
      }
  }
  return letters
}

export const originKey = ({ client, clock }: LetterId): Origin => `${client}.${clock}`

const proposalKeys = (marks: readonly Mark[]): string =>
  marks
    .filter(isProposal)
    .map(({ key }) => key)
    .sort()
    .join(" ")

/** Whether a letter stands the same at two moments: nowhere, or in one block under the same proposals. */
export const standsSame = (a: Placed | undefined, b: Placed | undefined): boolean =>
  a === undefined || b === undefined ? a === b : a.block === b.block && proposalKeys(a.marks) === proposalKeys(b.marks)

/** Whether who made a deletion had not heard of the server's clock. */
export const isMadeBefore = ({ name, heard }: Mark, clock: number): boolean => name === "deletion" && heard !== "" && Number(heard) < clock

/** The letters of a whole draft, with a pause after each block. */
export function* lettersInSlices(blocks: readonly Block[], originOf: OriginOf): Sliced<Letters> {
  const letters = new Map<Origin, Placed>()
  for (const block of blocks) {
    for (const [origin, placed] of lettersOf([block], originOf)) letters.set(origin, placed)
    yield
  }
  return letters
}

export const ownerOn = (placed: Placed | undefined): string | null => (placed ? (ownerOf(placed.marks)?.changeId ?? null) : null)

/** Changes that take a letter out in effect. */
export const struckBy = (placed: Placed | undefined): string[] =>
  placed
    ? [
        ...new Set(
          placed.marks.filter((mark) => mark.name === "deletion" && isDeletionInEffect(mark, placed.marks)).map(({ changeId }) => changeId),
        ),
      ]
    : []

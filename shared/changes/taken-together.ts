/** How a clause will read once a change is accepted, or several that stand at one place in it, before anybody decides (RIVAL8). */
import { type Block, isAgreed, splitCharacter, textOf } from "../schema/block.ts"
import { carriedToItsEnd, type Ground, nearWithLinked } from "./carried.ts"
import { type Change, changeIdsIn, isAbout } from "./changes.ts"
import { choiceInSlices } from "./choice.ts"
import type { Verdicts } from "./effects.ts"
import { Units } from "./links.ts"
import { divided, isIndivisible, type Part } from "./part.ts"
import { workingText } from "./projections.ts"
import { resolved } from "./resolve.ts"
import { countingMint } from "./restructure.ts"
import { relationsInSlices } from "./rivals.ts"
import { finished } from "./slices.ts"
import { type Flaw, flawsIn, flawsSaid, type IsThere, nothingSince, type SinceOf } from "./spaces.ts"
import { inQuotes } from "./wording.ts"

/** The words around what a decision makes of a block, as it will read, and what is wrong with the spaces there. */
export interface WillRead {
  readonly words: string
  readonly flaws: readonly Flaw[]
}

/** As it is told: “to  the work of” (with two spaces). */
export const readingSaid = ({ words, flaws }: WillRead): string => inQuotes(words, mostQuoted) + flawsSaid(flaws)

/** What the words of a reading hang on, beside the draft. */
export interface ReadOn extends Omit<Ground, "blocks" | "stood"> {
  /** Blocks with the marks of each run in the order in which they were opened. */
  readonly inOrder: (blocks: readonly Block[]) => readonly Block[]
  readonly isThere: IsThere
  readonly sinceOf: SinceOf
}

/**
 * How the clause of some changes will read where they are accepted, with all that this decides along: of what several say alike one is written, what
 * competes ends, what was accepted before and waited takes effect. Of several clauses the first in which something is wrong. Null: none of its words
 * change now, or they are not all that the decision is about.
 */
export function acceptedReads(blocks: readonly Block[], asked: ReadonlySet<string>, on: ReadOn): WillRead | null {
  const units = new Units(finished(nearWithLinked(blocks, asked, on.ties)), on.ties)
  const among = units.units.filter((unit) => units.idsOf(unit.id).some((id) => asked.has(id)))
  if (among.some(({ newBlocks, structure }) => newBlocks.length + structure.length > 0)) return null
  const relations = finished(relationsInSlices(blocks, units.units, on.twins))
  if (among.some(({ id }) => relations.rivalsOf(id).some((rival) => among.some((other) => other.id === rival)))) return null
  const choice = units.spread(finished(choiceInSlices(among, "accept", units.units, relations)))
  const about = on.inOrder(blocks.filter((block) => isAbout(block, choice.verdicts)))
  const there = new Set(about.flatMap((block) => [...changeIdsIn(block)]))
  const ground = { ...on, blocks: about, noted: new Set([...on.noted].filter((id) => there.has(id))) }
  const { verdicts } = finished(carriedToItsEnd(choice, ground, countingMint()))
  const read = about.flatMap((block) => readsWith(block, verdicts, on) ?? [])
  return read.find(({ flaws }) => flaws.length > 0) ?? read[0] ?? null
}

/** How a block reads once verdicts are carried out on it; null: they change none of its words now. */
function readsWith(
  block: Block,
  verdicts: Verdicts,
  { isThere, sinceOf }: Partial<Pick<ReadOn, "isThere" | "sinceOf">> = {},
): WillRead | null {
  const [was, now] = [[block], resolved([block], verdicts)].map((blocks) =>
    blocks
      .filter(isAgreed)
      .map((other) => textOf(workingText(other)))
      .join(splitCharacter),
  ) as [string, string]
  if (was === now) return null
  let [before, behind] = [0, 0]
  while (before < Math.min(was.length, now.length) && was[before] === now[before]) before++
  while (behind < Math.min(was.length, now.length) - before && was.at(-1 - behind) === now.at(-1 - behind)) behind++
  const from = now.lastIndexOf(" ", Math.max(0, before - around)) + 1
  const to = now.indexOf(" ", now.length - behind + around)
  const words = now.slice(from, to < 0 ? now.length : to)
  return { words: words.replaceAll(splitCharacter, "¶"), flaws: flawsIn(block, verdicts, isThere, sinceOf) }
}

/** How a block will read where just these changes are accepted; null: they change none of its words now. */
export function togetherSaid(block: Block, changes: Iterable<string>, sinceOf: SinceOf = nothingSince): string | null {
  const read = readsWith(block, new Map([...changes].map((id) => [id, "accept"])), { sinceOf })
  return read && readingSaid(read)
}

/**
 * How its clause will read where a part of a change is accepted, which stands beside words that the whole takes out; null: nothing of that takes effect now,
 * or it cannot be divided so.
 */
export function partTakenSaid(blocks: readonly Block[], change: Change, part: Part, sinceOf?: SinceOf): string | null {
  const { entry } = countingMint()
  const division = divided(blocks, change, part, true, entry)
  if (division === null || isIndivisible(division)) return null
  const block = division.blocks.find(({ id }) => id === (change.segments[0]?.block ?? change.block))
  return block ? togetherSaid(block, [change.id], sinceOf) : null
}

/** Letters that are quoted at most, and those on each side. */
const mostQuoted = 120
const around = 12

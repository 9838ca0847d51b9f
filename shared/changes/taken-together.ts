/** How a clause will read once several changes that stand at one place in it are accepted, before anybody decides (RIVAL8). */
import { type Block, isAgreed, isDeletionInEffect, type Mark, splitCharacter, textOf } from "../schema/block.ts"
import type { Change } from "./changes.ts"
import { divided, isIndivisible, type Part } from "./part.ts"
import { workingText } from "./projections.ts"
import { effectsOn, givenOn, resolved, type Verdicts } from "./resolve.ts"
import { countingMint } from "./restructure.ts"
import { runsTogether } from "./spaces.ts"
import { inQuotes } from "./wording.ts"

/**
 * The words around what these changes make of a block, as it will read, and what is wrong with the spaces there; null: they change none of its words now.
 * `rest`: what is left of one of them, where only a part of it is accepted.
 */
export function togetherSaid(block: Block, changes: Iterable<string>, rest: string | null = null): string | null {
  const verdicts: Verdicts = new Map([...changes].map((id) => [id, "accept"]))
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
  return `${inQuotes(words.replaceAll(splitCharacter, "¶"), mostQuoted)}${flawOf(block, verdicts, words, rest)}`
}

/**
 * How its clause will read where a part of a change is accepted, which stands beside words that the whole takes out; null: nothing of that takes effect now,
 * or it cannot be divided so.
 */
export function partTakenSaid(blocks: readonly Block[], change: Change, part: Part): string | null {
  const { entry } = countingMint()
  const division = divided(blocks, change, part, true, entry)
  if (division === null || isIndivisible(division)) return null
  const block = division.blocks.find(({ id }) => id === (change.segments[0]?.block ?? change.block))
  return block ? togetherSaid(block, [change.id], division.rest) : null
}

function flawOf(block: Block, verdicts: Verdicts, words: string, rest: string | null): string {
  const { runs } = block
  const { goneRuns, liftedKeys } = effectsOn(block, givenOn([block], verdicts))
  const isOfRest = ({ changeId, key }: Mark): boolean => changeId === rest || (verdicts.has(changeId) && !liftedKeys.has(key))
  const isGlued = runsTogether({
    runs,
    goes: (i) => goneRuns.has(i),
    isLifted: ({ key }) => liftedKeys.has(key),
    staysFor: (i) => runs[i]!.marks.some((mark) => mark.name === "deletion" && isOfRest(mark) && isDeletionInEffect(mark, runs[i]!.marks)),
  })
  const flaws = [/[^\S\u2028\u2029]{2}/.test(words) ? ["two spaces"] : [], isGlued ? ["no space between"] : []].flat()
  return flaws.length > 0 ? ` (with ${flaws.join(", and ")})` : ""
}

/** Letters that are quoted at most, and those on each side. */
const mostQuoted = 120
const around = 12

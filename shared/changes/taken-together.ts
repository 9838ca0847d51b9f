/** How a clause will read once several changes that stand at one place in it are accepted, before anybody decides (RIVAL8). */
import { type Block, isAgreed, splitCharacter, textOf } from "../schema/block.ts"
import { workingText } from "./projections.ts"
import { effectsOn, givenOn, resolved, type Verdicts } from "./resolve.ts"
import { runsTogether } from "./spaces.ts"
import { inQuotes } from "./wording.ts"

/** The words around what these changes make of a block, as it will read, and what is wrong with the spaces there; null: they change none of its words now. */
export function togetherSaid(block: Block, changes: Iterable<string>): string | null {
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
  return `${inQuotes(words.replaceAll(splitCharacter, "¶"), mostQuoted)}${flawOf(block, verdicts, words)}`
}

function flawOf(block: Block, verdicts: Verdicts, words: string): string {
  const { goneRuns, liftedKeys } = effectsOn(block, givenOn([block], verdicts))
  const isGlued = runsTogether({ runs: block.runs, goes: (i) => goneRuns.has(i), isLifted: ({ key }) => liftedKeys.has(key) })
  const flaws = [/[^\S\u2028\u2029]{2}/.test(words) ? ["two spaces"] : [], isGlued ? ["no space between"] : []].flat()
  return flaws.length > 0 ? ` (with ${flaws.join(", and ")})` : ""
}

/** Letters that are quoted at most, and those on each side. */
const mostQuoted = 120
const around = 12

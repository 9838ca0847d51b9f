/**
 * Replacements that came too late: what they were to take out had gone by then, for another change on the same words was accepted without their writer
 * having heard. In time they would have been overtaken (RIVAL2); now they put their words beside those of the other, so whoever decides is told (RIVAL4).
 */
import type { Mark } from "../schema/block.ts"
import { type Change, onlyTakes } from "./changes.ts"
import { inQuotes } from "./wording.ts"

/** What of a deletion had gone when it arrived: the accepted change that took it out, and the words. */
export interface Forestalled {
  readonly by: string
  readonly words: string
}

/** The same with the letters: [client, clock, length]. */
export interface TakenWords extends Forestalled {
  readonly letters: readonly (readonly [number, number, number])[]
}

/** The same as it is kept: with the deletion that came too late for these letters, as long as they have not come back, for then it strikes them (BACK6). */
export interface ForestalledNote extends Forestalled {
  readonly deletion?: Pick<Mark, "id" | "over" | "heard"> & Pick<TakenWords, "letters">
}

/** What accepted changes took out before some others could, by the change that came too late. */
export type ForestalledBy = ReadonlyMap<string, readonly Forestalled[]>

export const noneForestalled: ForestalledBy = new Map()

/** What a change that is open was to make something else of and is no longer there; of one that only takes out nothing is said: what it means is so. */
export const forestalledOf = (change: Change, forestalled: ForestalledBy): readonly Forestalled[] =>
  onlyTakes(change) ? [] : (forestalled.get(change.id) ?? [])

/** The same, with whose change that was and the words that it put in their place; "": none. */
export interface ForestalledTold extends Forestalled {
  readonly source: string
  readonly instead: string
}

/** What became of the words of changes that came too late, by the change. */
export type ForestalledToldBy = ReadonlyMap<string, readonly ForestalledTold[]>

export const noneForestalledTold: ForestalledToldBy = new Map()

interface Accepted {
  readonly source: string
  readonly segments?: readonly { readonly kind: string; readonly text: string }[]
}

export const toldOf = (forestalled: Forestalled, accepted: Accepted | undefined): ForestalledTold => ({
  ...forestalled,
  source: accepted?.source ?? "",
  instead: (accepted?.segments ?? []).flatMap(({ kind, text }) => (kind === "insertion" ? [text] : [])).join(" … "),
})

/** What has become of words that a change was to replace, and what accepting it would do, in the words of the room; null: nothing has. */
export function forestalledSaid(change: Change, told: readonly ForestalledTold[], nameOf: (source: string) => string): string | null {
  if (told.length === 0) return null
  const gone = told.map(({ words, instead, source }) =>
    instead.trim() === ""
      ? `${inQuotes(words, mostQuoted)} is gone, for its deletion by ${nameOf(source)} was accepted`
      : `${inQuotes(words, mostQuoted)} was replaced by ${inQuotes(instead, mostQuoted)} of ${nameOf(source)}, accepted`,
  )
  const said = told.map(({ instead }) => instead.trim()).filter(Boolean)
  return `This came too late for what it was to replace: ${gone.join("; ")} meanwhile. ${whatItDoes(change, said)}`
}

/** The same of any open change, wherever one is told (RIVAL4). */
export const lateSaid = (change: Change, told: ForestalledToldBy, nameOf: (source: string) => string): string | null =>
  onlyTakes(change) ? null : forestalledSaid(change, told.get(change.id) ?? [], nameOf)

/** `instead`: the words that stand in the place of those that went. */
function whatItDoes({ inserted, deleted }: Change, instead: readonly string[]): string {
  if (instead.includes(inserted.trim())) return "That says the same: accepting this would write it twice."
  const own = inQuotes(inserted, mostQuoted)
  if (instead.length === 0) return `Accepting this puts ${own} in all the same.`
  // What was put into the midst of what it strikes is struck with that.
  if (instead.every((words) => deleted.includes(words))) return `Accepting this puts ${own} in the place of that.`
  return `Accepting this puts ${own} in beside that: both stand.`
}

/** Letters that are quoted at most. */
const mostQuoted = 80

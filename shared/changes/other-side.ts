/**
 * Of a replacement one side, or words of one, can be accepted by itself (PART1). The rest is open then, and the text reads strangely until it is decided, or
 * whatever becomes of it: so it is told with the text as it will read (PART6).
 */
import { type Block, ownerOf } from "../schema/block.ts"
import { areGlued } from "../schema/letters.ts"
import type { Change } from "./changes.ts"
import { flawsIn, flawsSaid, nothingSince, type SinceOf } from "./spaces.ts"
import { inQuotes } from "./wording.ts"

/** The side that was accepted, or a part of, and what of its words. */
export interface OtherSide {
  readonly kind: "insertion" | "deletion"
  readonly words: string
  /** Whether it takes effect with a proposal around it, and not before. */
  readonly waits: boolean
}

/** By the change that goes on with the side that is left. */
export type OtherSides = ReadonlyMap<string, OtherSide>

export const noOtherSides: OtherSides = new Map()

/** What has become of the other side of a replacement, and how the text will read, in the words of the room; null: it has none that was accepted. */
export function otherSideSaid(change: Change, sides: OtherSides, blocks: readonly Block[], sinceOf: SinceOf = nothingSince): string | null {
  const other = sides.get(change.id)
  if (!other || change.newBlocks.length > 0 || change.structure.length > 0) return null
  const kinds = new Set(change.segments.map(({ kind }) => kind))
  // What is left of words that only come, or only go, is as it was.
  if (kinds.size === 1 && kinds.has(other.kind)) return null
  const block = blocks.find(({ id }) => id === change.block)
  if (!block) return null
  const words = inQuotes(other.words, mostQuoted)
  // How the text will read hangs on the proposal around them too.
  if (other.waits) return `${words} of the same proposal was accepted by itself, and takes effect with the proposal around it.`
  const became =
    other.kind === "insertion"
      ? `${words} of the same proposal was accepted by itself, and stands beside what it was to replace.`
      : `${words}, which this was to replace, was taken out by itself.`
  const [accepted, not] = [reading(block, change, whole), reading(block, change, none)]
  // Where only words of a side were accepted what is left of that is to stand beside them.
  const flaw = kinds.size > 1 ? flawsSaid(flawsIn(block, new Map([[change.id, "accept"]]), undefined, sinceOf)) : flawOf(accepted)
  return `${became} Accepting this, the text reads ${inQuotes(accepted.words, mostQuoted)}${flaw}; not retaining it, ${inQuotes(not.words, mostQuoted)}${flawOf(not)}.`
}

/** How the text will read where only one side of a replacement is accepted, before it is (PART6); null: that hangs on the proposal around it. */
export function sideReads(change: Change, side: "in" | "out", blocks: readonly Block[]): string | null {
  const block = blocks.find(({ id }) => id === change.block)
  if (!block || change.inside.length > 0) return null
  const found = reading(block, change, { goes: side === "out", comes: side === "in" })
  return `the text then reads ${inQuotes(found.words, mostQuoted)}${flawOf(found)}`
}

/** How the text will read once a change is accepted that came too late for what it was to replace, where its words are glued to others or stand apart by two spaces; else null. */
export function spoiltReading(change: Change, blocks: readonly Block[]): string | null {
  const block = blocks.find(({ id }) => id === change.block)
  if (!block || change.inside.length > 0) return null
  const found = reading(block, change, whole)
  return flawOf(found) === "" ? null : `The text then reads ${inQuotes(found.words, mostQuoted)}${flawOf(found)}.`
}

/** What of a change is accepted. */
interface Accepted {
  readonly goes: boolean
  readonly comes: boolean
}

const whole: Accepted = { goes: true, comes: true }
const none: Accepted = { goes: false, comes: false }

interface Reading {
  readonly words: string
  /** What stands right before each seam, and behind it. */
  readonly seams: readonly (readonly [string, string])[]
}

/** The agreed words around a change, as they are once it is accepted, or is not. */
function reading(block: Block, { id }: Change, { goes, comes }: Accepted): Reading {
  const seams: number[] = []
  let text = ""
  let last: string | null = null
  for (const { text: words, marks } of block.runs) {
    const owner = ownerOf(marks)
    const isOwn = marks.some(({ changeId, name }) => changeId === id && name !== "comment")
    if (owner !== null && owner.changeId !== id) continue
    // What goes and what comes meet where both stand.
    const sort = isOwn ? (owner === null ? "goes" : "comes") : "stays"
    if (last !== null && last !== sort) seams.push(text.length)
    last = sort
    const isIn = !isOwn || (owner === null ? !goes : comes)
    if (isIn) text += words
  }
  const [begin = 0, end = text.length] = [seams[0], seams.at(-1)]
  const from = text.lastIndexOf(" ", Math.max(0, begin - around)) + 1
  const to = text.indexOf(" ", end + around)
  return { words: text.slice(from, to < 0 ? text.length : to), seams: seams.map((at) => [text.slice(0, at), text.slice(at)]) }
}

/** What is wrong with the spaces there. */
function flawOf({ seams }: Reading): string {
  if (seams.some(([before, behind]) => /\s$/.test(before) && /^\s/.test(behind))) return " (with two spaces)"
  if (seams.some(([before, behind]) => areGlued(before, behind))) return " (with no space between)"
  return ""
}

/** Letters that are quoted at most, and those on each side. */
const mostQuoted = 100
const around = 12

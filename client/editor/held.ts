import * as Y from "yjs"
import type { LetterId } from "../../shared/changes/sight.ts"
import { textOfElement } from "../../shared/sync/read.ts"
import { lettersOf, placeOfLetter } from "./letters.ts"
import type { KeptLetters, PlaceGone } from "./own-pieces.ts"

/** Where something stands in Yjs: a text, and how many letters before it. */
export interface TextPlace {
  readonly text: Y.XmlText
  readonly at: number
}

/** Words in place of the letters [from, to) that a block had. */
export interface Difference {
  readonly from: number
  readonly to: number
  readonly words: string
}

const nameOf = ({ client, clock }: LetterId): string => `${client}:${clock}`

/**
 * A block in which somebody composes. What it held when that began, letter by letter, stays the measure; what the page shows in it differs from that by
 * one replacement, [from, to) of these letters by other words (COMP1).
 */
export class Held {
  readonly block: string
  /** The letters that the block had, and which ones: one each for every UTF-16 unit. */
  #was: string
  #letters: LetterId[]
  #from: number
  /** How many letters at the end are as they were. */
  #behind: number
  #isTouched = false
  /** How many UTF-16 units the page shows in the block. */
  #length: number
  /** What was selected when it began: replaced as a whole. */
  readonly selected: { readonly from: number; readonly to: number }

  constructor(block: string, text: Y.XmlText, shown: string, selected: { from: number; to: number }) {
    this.block = block
    this.selected = selected
    this.#was = shown
    this.#letters = lettersOf(text)
    this.#from = selected.from
    this.#behind = shown.length - selected.from
    this.#length = shown.length
  }

  /** Notes that the page replaced [from, to) of what it shows by so many letters. */
  replaced(from: number, to: number, length: number): void {
    const behind = this.#length - to
    this.#from = this.#isTouched ? Math.min(this.#from, from) : from
    this.#behind = this.#isTouched ? Math.min(this.#behind, behind) : behind
    this.#length += length - (to - from)
    this.#isTouched = true
  }

  get isTouched(): boolean {
    return this.#isTouched
  }

  /** The one replacement that what the page shows comes to, in letters of `was`; null where it is the same. */
  difference(shown: string): Difference | null {
    const from = this.#from
    const to = this.#was.length - this.#behind
    const words = shown.slice(from, shown.length - this.#behind)
    if (!this.#isTouched || words === this.#was.slice(from, to)) return null
    const { start, end } = this.#common(this.#was.slice(from, to), words)
    return { from: from + start, to: to - end, words: words.slice(start, words.length - end) }
  }

  /** How much of a replacement is the same on both sides, in whole letters as people count them; of what was selected all is replaced. */
  #common(was: string, now: string): { start: number; end: number } {
    const { from, to } = this.selected
    const old = partsOf(was)
    const fresh = partsOf(now)
    let start = 0
    let end = 0
    let i = 0
    const isBefore = (at: number): boolean => from === to || at <= from
    const isBehind = (at: number): boolean => from === to || at >= to
    while (i < old.length && old[i] === fresh[i] && isBefore(this.#from + start + old[i]!.length)) start += old[i++]!.length
    const rest = Math.min(old.length, fresh.length) - i
    const last = this.#was.length - this.#behind
    for (let j = 1; j <= rest && old.at(-j) === fresh.at(-j) && isBehind(last - end - old.at(-j)!.length); j++) end += old.at(-j)!.length
    return { start, end }
  }

  /** Where words in place of [from, to) would stand, and what goes for them: a clause that is gone tells it no more. */
  stood({ from, to }: Difference): PlaceGone {
    const struck: KeptLetters[] = []
    for (let i = from; i < to; i++) {
      const letter = this.#letters[i]!
      const [last, unit] = [struck.at(-1), this.#was[i]!]
      if (last?.client === letter.client && last.clock + last.text.length === letter.clock)
        struck[struck.length - 1] = { ...last, text: last.text + unit }
      else struck.push({ ...letter, text: unit })
    }
    return { stoodIn: this.block, stoodAfter: this.#letters[to - 1] ?? null, ...(struck.length > 0 && { struck }) }
  }

  letter(i: number): LetterId | undefined {
    return this.#letters[i]
  }

  get length(): number {
    return this.#letters.length
  }

  /** Words of the page have been written into Yjs as these letters, in place of [from, to): they are what it holds from now on. */
  wrote(shown: string, from: number, to: number, letters: readonly LetterId[]): void {
    this.#letters.splice(from, to - from, ...letters)
    this.#was = shown
    this.#isTouched = false
    this.#from = from
    this.#behind = shown.length - from
  }

  /** How many of the letters stand before a place that the page shows. */
  #lettersBefore(at: number): number {
    if (at <= this.#from) return at
    const fromEnd = this.#length - at
    return fromEnd <= this.#behind ? this.#was.length - fromEnd : this.#was.length - this.#behind
  }

  /** A place that the page shows as one that lasts (BIND4). */
  relativeOf(text: Y.XmlText, at: number, side: -1 | 0): Y.RelativePosition {
    const count = this.#lettersBefore(at)
    const letter = this.#letters[side === -1 ? count - 1 : count]
    if (!letter) return Y.createRelativePositionFromTypeIndex(text, side === -1 ? 0 : text.length, side)
    return new Y.RelativePosition(null, null, Y.createID(letter.client, letter.clock), side)
  }

  /** Where the page shows a place of Yjs. */
  shownAt(text: Y.XmlText, at: number): number {
    const known = new Map(this.#letters.map((letter, i) => [nameOf(letter), i]))
    const before = lettersOf(text).slice(0, at)
    const last = before.findLast((letter) => known.has(nameOf(letter)))
    const count = last ? known.get(nameOf(last))! + 1 : 0
    if (count <= this.#from) return count
    const fromEnd = this.#was.length - count
    return fromEnd <= this.#behind ? this.#length - fromEnd : this.#from
  }

  /**
   * Words that were refused and put back have other ids in the new life: finds them behind the letter that they stood behind.
   */
  recognise(doc: Y.Doc): void {
    const isKnown = this.#letters.map((letter) => placeOfLetter(doc, letter) !== null)
    for (let i = 0; i < isKnown.length; ) {
      let end = i
      while (end < isKnown.length && !isKnown[end]) end++
      const before = i > 0 ? placeOfLetter(doc, this.#letters[i - 1]!) : null
      if (end > i && (before || i === 0)) this.#find(doc, i, end, before)
      i = Math.max(end, i + 1)
    }
  }

  #find(doc: Y.Doc, from: number, to: number, before: { text: Y.XmlText; before: number } | null): void {
    const text = before?.text ?? firstTextOf(doc, this.block)
    if (!text) return
    const words = this.#was.slice(from, to)
    const start = before ? before.before + 1 : 0
    const letters = lettersOf(text)
    const found = stringOf(text).indexOf(words, start)
    if (found >= 0) this.#letters.splice(from, to - from, ...letters.slice(found, found + words.length))
  }
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" })
const partsOf = (text: string): string[] => [...graphemes.segment(text)].map(({ segment }) => segment)

function firstTextOf(doc: Y.Doc, block: string): Y.XmlText | null {
  const element = (doc.getXmlFragment("blocks").toArray() as Y.XmlElement[]).find((other) => other.getAttribute("id") === block)
  return element ? textOfElement(element) : null
}

function stringOf(text: Y.XmlText): string {
  let all = ""
  for (let item = text._start; item; item = item.right)
    if (!item.deleted && item.content instanceof Y.ContentString) all += item.content.str
  return all
}

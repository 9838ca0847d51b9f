// Words that were handed back: whether the place where they stood is there, and how they go back to it.
import type * as Y from "yjs"
import { blocksRoot, textOfElement } from "../../shared/sync/read.ts"
import type { Binding } from "./binding.ts"
import type { Desk } from "./desk.ts"
import { beginningOf, placeBehind, placeOfLetter } from "./letters.ts"
import { startOf } from "./operations.ts"
import { isPartOfText, type KeptLetters, type PlaceGone } from "./own-pieces.ts"
import type { Tracking } from "./tracking.ts"

/** Words that are in no room, and where they stood: after a character, or in a block of their own after another. */
export interface KeptWords extends PlaceGone {
  readonly text: string
  readonly block: string | null
  readonly after: { readonly client: number; readonly clock: number } | null
  readonly isOwnBlock: boolean
}

interface PlaceFound {
  readonly index: number
  readonly at: number
  readonly blocks: readonly Y.XmlElement[]
  /** Where what they were to replace stands; null where it is not all there. */
  readonly struck: readonly { readonly from: number; readonly to: number }[] | null
}

export class KeptPlaces {
  readonly #doc: Y.Doc
  readonly #desk: Desk
  readonly #binding: Binding
  readonly #tracking: Tracking

  constructor(doc: Y.Doc, desk: Desk, binding: Binding, tracking: Tracking) {
    this.#doc = doc
    this.#desk = desk
    this.#binding = binding
    this.#tracking = tracking
  }

  #placeOf(words: KeptWords): PlaceFound | null {
    const blocks = this.#doc.getXmlFragment(blocksRoot).toArray() as Y.XmlElement[]
    // Their block was gone when they were handed back; it may be there again since.
    const isBack = words.block === null
    const after = isBack ? words.stoodAfter : words.after
    const home = after === undefined ? -1 : blocks.findIndex((element) => element.getAttribute("id") === (words.block ?? words.stoodIn))
    if (words.isOwnBlock) return home < 0 ? null : { index: home, at: 0, blocks, struck: [] }
    // Where their letter went, they go: to another clause too, by a split or a join.
    const place = after ? placeBehind(this.#doc, after) : home < 0 ? null : beginningOf(this.#doc, blocks[home]!)
    const index = place && isPartOfText(place.text) ? blocks.findIndex((element) => textOfElement(element) === place.text) : -1
    return !place || index < 0 ? null : { index, at: place.before, blocks, struck: this.#stretchesOf(place.text, words.struck ?? []) }
  }

  /** Where letters stand in a text, in its order, those side by side as one; null where one of them is there no more. */
  #stretchesOf(text: Y.XmlText | null, struck: readonly KeptLetters[]): { readonly from: number; readonly to: number }[] | null {
    const at: number[] = []
    for (const { client, clock, text: letters } of struck)
      for (let i = 0; i < letters.length; i++) {
        const place = placeOfLetter(this.#doc, { client, clock: clock + i })
        if (!place?.isThere || place.text !== text) return null
        at.push(place.before)
      }
    const stretches: { from: number; to: number }[] = []
    for (const from of at.sort((a, b) => a - b)) {
      const last = stretches.at(-1)
      if (last?.to === from) last.to++
      else stretches.push({ from, to: from + 1 })
    }
    return stretches
  }

  /** Whether the place where kept words stood is there, still or again. */
  hasPlaceFor(words: KeptWords): boolean {
    return this.#placeOf(words) !== null
  }

  /** The place where kept words stood, as far as it is there: `isWhole`, with all that they were to replace. */
  placeFor(words: KeptWords): { readonly block: string; readonly at: number; readonly isWhole: boolean } | null {
    const place = this.#placeOf(words)
    if (!place) return null
    const { index, at, blocks, struck } = place
    return { block: blocks[index]!.getAttribute("id") as string, at, isWhole: struck !== null }
  }

  /**
   * Puts kept words back as a new proposal where their place still exists, with what they were to replace; whether they stand there now. `isAlone`: where
   * what they were to replace is there no more the words go back without it.
   */
  putBack(words: KeptWords, isAlone = false): boolean {
    const place = this.#placeOf(words)
    if (!place || (place.struck === null && !isAlone)) return false
    const { index, at, blocks } = place
    const struck = place.struck ?? []
    if (words.isOwnBlock) {
      this.#tracking.addClauseWith(index + 1, words.text)
      return true
    }
    const [binding, desk, tracking] = [this.#binding, this.#desk, this.#tracking]
    if (binding.heldIndex < 0) return tracking.propose(index, at, words.text, struck)
    if (binding.heldIndex !== index) return tracking.propose(binding.indexOf(textOfElement(blocks[index]!)!), at, words.text, struck)
    // In the block in which somebody composes they are not drawn until that ends.
    const truth = binding.truth(desk.state.doc)
    return desk.aside(truth, startOf(truth, index) + 1 + at, () => tracking.propose(index, at, words.text, struck))
  }
}

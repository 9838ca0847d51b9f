import { TextSelection, type Transaction } from "prosemirror-state"
import { ReplaceStep, type StepMap } from "prosemirror-transform"
import * as Y from "yjs"
import type { LetterId } from "../../shared/changes/sight.ts"
import { isPresent } from "../../shared/schema/block.ts"
import { blockOfNode } from "../../shared/schema/schema.ts"
import type { DraftSession } from "./draft-session.ts"
import { type Difference, Held } from "./held.ts"
import type { KeptWords } from "./kept-places.ts"
import { lettersOf, placeOfLetter } from "./letters.ts"
import { type StateHost, startOf } from "./operations.ts"
import type { Place } from "./spans.ts"
import { heldKey } from "./steady.ts"

/** How long after an input method is done its words become a proposal: it may go on at once with the next. */
const restMs = 60
/** A composition that lasts longer is taken as it stands, once nothing has been written for a moment. */
const longMs = 5_000
const pauseMs = 700
const lookEveryMs = 250

/** Why what was composed became no proposal: its clause is gone, proposals stand there as deep as they may, or one writes for another now. */
export type WhyNotProposed = "clauseGone" | "tooDeep" | "otherHat"

export interface CompositionParts {
  /** The session that is written in at the moment. */
  readonly session: () => DraftSession
  /** Hands words back that could not be proposed, with where they stood, why, and for whom they were composed. */
  readonly keep: (words: string, stood: Omit<KeptWords, "text">, why: WhyNotProposed, source: string) => void
  /** Whether there are words that only this page has changed. */
  readonly onStatus: () => void
  /** Milliseconds of some clock. */
  readonly now: () => number
}

/**
 * What is composed is nobody's proposal until it ends (COMP1). Meanwhile the editor's steps in its block stay on the page, what others do there goes to Yjs
 * alone, and the block is not redrawn, or the input method would lose its text. At the end the difference is one replacement, found again by letters.
 */
export class Composition {
  readonly #host: StateHost
  readonly #parts: CompositionParts
  #held: Held | null = null
  /** What the page showed last of the held block. */
  #text = ""
  #source = ""
  #isOn = false
  #isAwaited = false
  #hasMoved = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #watch: ReturnType<typeof setInterval> | undefined
  #since = 0
  #last = 0
  #hasTaken = false

  constructor(host: StateHost, parts: CompositionParts) {
    this.#host = host
    this.#parts = parts
  }

  /** Whether a block is held as the page shows it. */
  get holds(): boolean {
    return this.#held !== null
  }

  /** Whether the page shows words that are nobody's proposal yet. */
  get isUnsaved(): boolean {
    return this.#held?.isTouched === true
  }

  /** Whether an input method is at work. */
  get isOn(): boolean {
    return this.#isOn
  }

  destroy(): void {
    clearTimeout(this.#timer)
    clearInterval(this.#watch)
  }

  /** An input method begins. What is selected over several blocks is deleted first: of one block it is replaced at the end. */
  start(): void {
    clearTimeout(this.#timer)
    this.#last = this.#parts.now()
    const { session } = this
    if (!session.isSynced && !this.#held) return
    const isHere = (): boolean => this.#indexOfHead() === this.#heldIndex()
    if (this.#held && !isHere()) this.finish()
    this.#isOn = true
    if (this.#held) return
    const { state } = this.#host
    if (!state.selection.empty && !state.selection.$from.sameParent(state.selection.$to))
      session.tracking.dispatch(state.tr.deleteSelection())
    this.#hold()
  }

  get session(): DraftSession {
    return this.#parts.session()
  }

  #hold(): void {
    const { $from, $to } = this.#host.state.selection
    if ($from.depth === 0) return
    const { session } = this
    const index = $from.index(0)
    const selected = { from: $from.parentOffset, to: $to.parentOffset }
    const held = new Held($from.parent.attrs.id as string, session.binding.textAt(index), $from.parent.textContent, selected)
    session.binding.hold(held)
    // While frames of the room are still missing, a block can be there without its id.
    if (session.binding.heldIndex !== index) return void session.binding.release()
    this.#held = held
    this.#source = session.source
    this.#since = this.#last
    this.#hasTaken = false
    this.#host.update(this.#host.state.tr.setMeta(heldKey, held.block))
    this.#watch = setInterval(() => this.look(), lookEveryMs)
  }

  /** The input method has written something. */
  updated(): void {
    this.#last = this.#parts.now()
  }

  /** The input method is done, for now. */
  end(): void {
    this.#isOn = false
    clearTimeout(this.#timer)
    if (this.#held) this.#timer = setTimeout(() => this.finish(), restMs)
  }

  /** Takes what has been composed for long, at a pause; the input method goes on undisturbed. */
  look(): void {
    const now = this.#parts.now()
    if (this.#isOn && now - this.#since > longMs && now - this.#last > pauseMs) this.#take()
  }

  #heldIndex(): number {
    return this.#host.state.doc.children.findIndex((node) => node.attrs.id === this.#held?.block)
  }

  #indexOfHead(): number {
    const { $from, $to } = this.#host.state.selection
    return $from.depth > 0 && $from.sameParent($to) ? $from.index(0) : -1
  }

  /** Takes a transaction of the editor. */
  dispatch(tr: Transaction): void {
    if (!this.#held) return this.session.tracking.dispatch(tr)
    if (!tr.docChanged) return this.#host.update(tr)
    if (this.#note(tr)) {
      this.#host.update(tr)
      this.#text = this.#shown()
      this.#parts.onStatus()
      return
    }
    const since = this.finish()
    if (this.session.isSynced) this.session.tracking.dispatch(tr, since)
  }

  /** Notes what a transaction does within the held block; false where it does anything else. */
  #note(tr: Transaction): boolean {
    const index = this.#heldIndex()
    const replaced: [number, number, number][] = []
    for (const [i, step] of tr.steps.entries()) {
      const doc = tr.docs[i]!
      if (!(step instanceof ReplaceStep)) return false
      const start = startOf(doc, index) + 1
      const end = start + doc.child(index).content.size
      const { slice } = step
      const isText = slice.openStart === 0 && slice.openEnd === 0 && slice.content.content.every((node) => node.isText)
      if (step.from < start || step.to > end || !isText) return false
      replaced.push([step.from - start, step.to - start, slice.size])
    }
    for (const [from, to, length] of replaced) this.#held!.replaced(from, to, length)
    return true
  }

  /** What the page shows of the held block. */
  #shown(): string {
    const index = this.#heldIndex()
    return index < 0 ? "" : this.#host.state.doc.child(index).textContent
  }

  /** What was composed becomes a proposal now; what happened to the page by it. */
  finish(): readonly StepMap[] {
    clearTimeout(this.#timer)
    const held = this.#held
    const { session } = this
    if (!held) return []
    this.#isOn = false
    // Between two lives of the draft there is nowhere to write: it is done when the next one begins.
    this.#isAwaited = !session.isSynced
    if (this.#isAwaited) return []
    clearInterval(this.#watch)
    const shown = this.#shown()
    const difference = held.difference(shown)
    const head = this.#headIn(held, difference)
    this.#held = null
    const index = session.binding.heldIndex
    const isGone = !session.binding.isThere(index) || !isPresent(blockOfNode(session.binding.truth(this.#host.state.doc).child(index)))
    const maps = [...session.binding.release()]
    if (difference) {
      const place = this.#placeOfWords(held, difference.to, isGone)
      if (this.#hasTaken) session.undoManager.lastChange = Date.now()
      else session.undoManager.stopCapturing()
      const done = place && this.#replace(held, difference, place)
      session.undoManager.stopCapturing()
      if (done) maps.push(...done.maps)
      if (place && done?.begin !== undefined && done.begin !== null) {
        if (head?.words !== undefined) this.#putCaret({ index: place.index, at: done.begin }, head.words)
      } else if (difference.words) this.#keep(held, difference, place ? "tooDeep" : "clauseGone", place ? this.#blockAt(place.index) : null)
    }
    if (head?.relative) {
      const at = session.binding.absoluteOf(head.relative)
      if (at !== null) this.#host.update(this.#host.state.tr.setSelection(TextSelection.near(this.#host.state.doc.resolve(at), -1)))
    }
    this.#host.update(this.#host.state.tr.setMeta(heldKey, null))
    this.#parts.onStatus()
    return maps
  }

  #blockAt(index: number): string {
    return this.#host.state.doc.child(index).attrs.id as string
  }

  /** `block`: the one in which its place is now; null: that is gone. */
  #keep(held: Held, difference: Difference, why: WhyNotProposed, block: string | null): void {
    const stood = held.stood(difference)
    const { stoodIn: _, stoodAfter: after = null, ...struck } = stood
    this.#parts.keep(
      difference.words,
      { isOwnBlock: false, ...(block === null ? { block, after: null, ...stood } : { block, after, ...struck }) },
      why,
      this.#source,
    )
  }

  /** Where the caret is if it is in the held block: so far into the words that were composed, or at a place that lasts. */
  #headIn(held: Held, difference: Difference | null): { words?: number; relative?: Y.RelativePosition } | null {
    const { $head, empty } = this.#host.state.selection
    if (!empty || $head.depth === 0 || $head.parent.attrs.id !== held.block) return null
    const into = difference ? $head.parentOffset - difference.from : -1
    if (difference && into >= 0 && into <= difference.words.length) return { words: into }
    const relative = this.session.binding.relativeOf($head.pos)
    return relative ? { relative } : null
  }

  #putCaret({ index, at }: Place, into: number): void {
    const { state } = this.#host
    const pos = startOf(state.doc, index) + 1 + at + into
    this.#host.update(state.tr.setSelection(TextSelection.create(state.doc, Math.min(pos, state.doc.content.size))).scrollIntoView())
  }

  /** Writes the replacement where its letters are now: where the words begin, or null where they may not stand there, and what happened to the page. */
  #replace(held: Held, { from, to, words }: Difference, place: Place): { begin: number | null; maps: readonly StepMap[] } {
    const { binding, tracking, doc } = this.session
    const spans: (Place & { to: number })[] = []
    for (let i = from; i < to; i++) {
      const letter = held.letter(i)
      const at = letter && placeOfLetter(doc, letter)
      const index = at?.isThere ? binding.indexOf(at.text) : -1
      if (!at || index < 0) continue
      const last = spans.at(-1)
      if (last?.index === index && last.to === at.before) last.to = at.before + 1
      else spans.push({ index, at: at.before, to: at.before + 1 })
    }
    return tracking.replaceLetters(spans, place, words)
  }

  /**
   * Behind the last letter that is replaced, else behind the letter before it: where these are now, or were. Null where the block is gone, and none of its
   * letters stands elsewhere.
   */
  #placeOfWords(held: Held, to: number, isGone: boolean): Place | null {
    const { binding, doc } = this.session
    const find = (letter: LetterId | undefined, side: 0 | 1): Place | null => {
      const place = letter && placeOfLetter(doc, letter)
      const index = place ? binding.indexOf(place.text) : -1
      if (!place || index < 0 || (isGone && !place.isThere)) return null
      return { index, at: place.before + (place.isThere ? side : 0) }
    }
    for (let i = to - 1; i >= 0; i--) {
      const place = find(held.letter(i), 1)
      if (place) return place
    }
    for (let i = to; i < held.length; i++) {
      const place = find(held.letter(i), 0)
      if (place) return place
    }
    const index = this.#host.state.doc.children.findIndex((node) => node.attrs.id === held.block)
    return isGone || index < 0 ? null : { index, at: 0 }
  }

  #take(): void {
    const held = this.#held
    const { session } = this
    const shown = this.#shown()
    const difference = held?.difference(shown)
    const index = session.binding.heldIndex
    if (!held || !difference || !session.isSynced || !session.binding.isThere(index)) return
    const { doc, undoManager, desk, binding } = session
    const clock = Y.getState(doc.store, doc.clientID)
    // All that is taken of one composition is one step back.
    if (this.#hasTaken) undoManager.lastChange = Date.now()
    else undoManager.stopCapturing()
    const place = this.#placeOfWords(held, difference.to, false)
    if (place?.index !== index) return
    const truth = binding.truth(this.#host.state.doc)
    const { begin } = desk.aside(truth, startOf(truth, place.index) + 1 + place.at, () => this.#replace(held, difference, place))
    // Where they may not stand nothing was written: they stay what the page alone shows, and are handed back at the end.
    if (begin === null) {
      this.#since = this.#parts.now()
      return
    }
    this.#hasTaken = true
    const text = binding.textAt(index)
    const letters = lettersOf(text, (item) => !item.deleted && item.id.client === doc.clientID && item.id.clock >= clock)
    held.wrote(shown, difference.from, difference.to, letters)
    this.#parts.onStatus()
  }

  /** A new life of the draft has begun: the block is held in it too. */
  moved(): void {
    if (!this.#held) return
    // What was written for one delegation is entered for no other.
    if (this.session.source !== this.#source) return this.#lose("otherHat")
    this.session.binding.hold(this.#held)
    this.#hasMoved = true
  }

  /** The new life has the text, and what was refused has been put back into it. */
  synced(): void {
    const held = this.#held
    const { session } = this
    if (!held || !session.isSynced || !this.#hasMoved) return
    this.#hasMoved = false
    if (session.binding.heldIndex < 0) return this.#lose("clauseGone")
    held.recognise(session.doc)
    if (this.#isAwaited) this.finish()
  }

  /** What was composed is proposed nowhere in the new life. */
  #lose(why: WhyNotProposed): void {
    const held = this.#held
    const difference = held?.difference(this.#text)
    this.#held = null
    this.session.binding.release()
    clearInterval(this.#watch)
    if (held && difference?.words) this.#keep(held, difference, why, why === "otherHat" ? held.block : null)
    this.#host.update(this.#host.state.tr.setMeta(heldKey, null))
  }
}

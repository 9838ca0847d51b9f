import { type Signal, signal } from "@preact/signals"
import * as Y from "yjs"
import { longestRemark } from "../../shared/comments/thread.ts"
import { withoutRefused } from "../../shared/schema/characters.ts"
import type { CommentAnchor } from "./acts.ts"
import { forgetRemark, keepRemark, keptRemarks, newRemarkId, onKeptElsewhere } from "./kept-remarks.ts"

/** A place that stays with its letters, whatever is typed around it. */
type StayingPlace = Y.RelativePosition

/** What a remark is about. Words are known by their letters, so that they are found wherever they are when the remark is sent. */
export type RemarkTarget =
  | { readonly on: "words"; readonly block: string; readonly start: StayingPlace; readonly end: StayingPlace; readonly quote: string }
  | { readonly on: "clause"; readonly block: string }
  | { readonly on: "change"; readonly block: string; readonly change: string }
  | { readonly on: "thread"; readonly block: string; readonly thread: string }

/** A remark that is being written, or was left half-written: it stays until it is sent or thrown away, though its window is closed. */
export interface HalfWritten {
  readonly key: string
  /** Under which it is kept in this browser. */
  readonly kept: string
  readonly target: RemarkTarget
  readonly text: Signal<string>
  /** The source for which it was begun, and is sent; null while nothing is written. */
  readonly as: Signal<string | null>
}

/** Where a remark's subject is in the draft now. `isGone`: the words are no longer there; it stands at their clause. */
export interface RemarkPlace {
  readonly block: string
  readonly from: number
  readonly to: number
  readonly isGone: boolean
}

/** What remarks need to know of the open draft. */
export interface RemarkContext {
  readonly draft: string
  readonly person: string
  /** What a remark is about, in words. */
  readonly aboutOf: (target: RemarkTarget) => string
  /** Where its subject stands now, or null where its clause is gone. */
  readonly placeOf: (target: RemarkTarget) => RemarkPlace | null
  /** The letters of a block as it stands. */
  readonly textOf: (block: string, from: number, to: number) => string
  /** For whom the person writes now. */
  readonly hat: () => string | null
  readonly comment: (anchor: CommentAnchor, text: string, as: string | null) => Promise<boolean>
  readonly reply: (thread: string, text: string, as: string | null) => Promise<boolean>
  readonly say: (sentence: string) => void
  /** Whether replies to a thread are taken: its box stays. */
  readonly staysOpen: (thread: string) => boolean
  /** Gives the focus back to the text, with the caret where it was; where there was none, to what stands for a subject. */
  readonly giveCaretBack: (subject: string) => void
  /** The same, with nothing selected any more. */
  readonly writeOn: (subject: string) => void
}

/** Where the caret stood in a box that the page took away while somebody wrote in it. */
export interface Hand {
  readonly key: string
  readonly from: number
  readonly to: number
}

const keptSentence = "Your comment is kept here, not sent."
const lostSentence = "Your comment is not sent, and this browser keeps nothing: it is lost with this window. Send it, or copy it."

const keyOf = (target: Exclude<RemarkTarget, { on: "words" }>): string =>
  `${target.on}:${target.on === "clause" ? target.block : target.on === "change" ? target.change : target.thread}`

/** What of a remark's text is sent: what is pasted may hold signs that no text takes. */
const sentText = (text: string): string => withoutRefused(text).trim()

/** How many letters of a remark are sent; more than `longestRemark` are not. */
export const remarkLength = (text: string): number => sentText(text).length

/** What stands in the margin for the subject of a remark: its change, its thread, or the remark itself. */
const subjectOf = (key: string, target: RemarkTarget): string =>
  target.on === "change" ? target.change : target.on === "thread" ? target.thread : key

/** The remarks that the person is writing: at most one box is open, the others wait at their words. */
export class Remarks {
  /** The key of the remark whose box is open. */
  readonly open: Signal<string | null> = signal(null)
  readonly halfWritten: Signal<readonly HalfWritten[]> = signal([])
  /** The remark whose box is to take the focus as soon as it is there. */
  readonly focusAsked: Signal<string | null> = signal(null)
  /** The caret of a box that went with its card while somebody wrote in it, until the next box for the same remark takes it over. */
  readonly hand: Signal<Hand | null> = signal(null)
  readonly #context: RemarkContext
  readonly #sending = new Set<string>()
  /** What is written and not kept. */
  readonly #atRisk = new Set<string>()
  #lastKey = 0

  constructor(context: RemarkContext) {
    this.#context = context
    this.halfWritten.value = this.#kept()
  }

  /** Where the subject of a remark stands now, or null where its clause is gone. */
  placeOf(target: RemarkTarget): RemarkPlace | null {
    return this.#context.placeOf(target)
  }

  /** The remark about something that is being written, or was. */
  about(key: string): HalfWritten | undefined {
    return this.halfWritten.value.find((half) => half.key === key)
  }

  aboutChange(change: string): HalfWritten | undefined {
    return this.about(`change:${change}`)
  }

  aboutThread(thread: string): HalfWritten | undefined {
    return this.about(`thread:${thread}`)
  }

  /** Opens the box for a remark, and gives it the focus; one that was left half-written about the same comes back. */
  begin(target: RemarkTarget): void {
    const known = target.on === "words" ? this.#aboutWords(target) : this.about(keyOf(target))
    const half = known ?? {
      key: target.on === "words" ? this.#freshKey() : keyOf(target),
      kept: newRemarkId(),
      target,
      text: signal(""),
      as: signal(null),
    }
    this.resume(half)
  }

  /** Opens the box of a half-written remark again. */
  resume(half: HalfWritten): void {
    this.enter(half)
    this.focusAsked.value = half.key
  }

  /** A remark about something that nobody has begun to write. */
  blank(target: Exclude<RemarkTarget, { on: "words" }>): HalfWritten {
    return { key: keyOf(target), kept: newRemarkId(), target, text: signal(""), as: signal(null) }
  }

  /** The person writes in the box of a remark: any other waits at its words. */
  enter(half: HalfWritten): void {
    if (this.open.value === half.key) return
    if (this.open.value !== null) this.#putAside(this.open.value)
    if (!this.about(half.key)) this.halfWritten.value = [...this.halfWritten.value, half]
    this.open.value = half.key
  }

  /** What is begun for one delegation is sent for it, whomever the person writes for in the meantime. */
  write(half: HalfWritten, words: string): void {
    half.text.value = words
    half.as.value = words.trim() ? (half.as.value ?? this.#context.hat()) : null
    this.#keep(half)
  }

  /** Sends it for the source that the person writes for now. */
  takeOver(half: HalfWritten): void {
    half.as.value = this.#context.hat()
    this.#keep(half)
  }

  /** Closes the box and gives the caret back; what was written waits at its words. */
  close({ key, text, target }: HalfWritten): void {
    this.#putAside(key)
    if (text.value.trim()) this.#context.say(this.#keptSaid)
    this.#context.giveCaretBack(subjectOf(key, target))
  }

  /** The text has taken the focus from under the box: what was written waits at its words. */
  rest(): void {
    const half = this.open.value === null ? undefined : this.about(this.open.value)
    if (!half) return
    this.#putAside(half.key)
    if (half.text.value.trim()) this.#context.say(this.#keptSaid)
  }

  /** Closes the box without taking the focus from where it went: one in which nothing was written is gone. */
  leave({ key, text }: HalfWritten): void {
    if (!text.value.trim()) this.#putAside(key)
  }

  /** The box in which somebody writes goes with its card: whichever stands for it next takes the caret over. */
  letGo({ key }: HalfWritten, from: number, to: number): void {
    if (this.open.peek() === key && this.about(key)) this.hand.value = { key, from, to }
  }

  /** The caret of the box that stood here before this one, once. */
  takeUp({ key }: HalfWritten): readonly [number, number] | null {
    const hand = this.hand.peek()
    if (hand?.key !== key) return null
    this.hand.value = null
    return [hand.from, hand.to]
  }

  discard({ key, target }: HalfWritten): void {
    const wasOpen = this.open.value === key
    this.#forget(key)
    if (wasOpen) this.#context.giveCaretBack(subjectOf(key, target))
  }

  /** Sends a remark, once however often it is asked for; what cannot be sent stays. */
  async send(half: HalfWritten): Promise<void> {
    const text = sentText(half.text.value)
    if (!text || text.length > longestRemark || this.#sending.has(half.key)) return
    this.#sending.add(half.key)
    try {
      if (!(await this.#sent(half.target, text, half.as.value ?? this.#context.hat()))) return
      // Somebody may write on in the next box meanwhile: the caret is not taken from there.
      const hasFocus = this.open.value === half.key
      this.#forget(half.key)
      if (!hasFocus) return
      // The box of a reply stays with its talk, and so does the hand: what is written next is said there, and not written into the text.
      if (half.target.on === "thread" && this.#context.staysOpen(half.target.thread)) this.begin(half.target)
      else this.#context.writeOn(subjectOf(half.key, half.target))
    } finally {
      this.#sending.delete(half.key)
    }
  }

  #sent(target: RemarkTarget, text: string, as: string | null): Promise<boolean> {
    if (target.on === "thread") return this.#context.reply(target.thread, text, as)
    if (target.on === "change") return this.#context.comment({ on: "change", block: target.block, change: target.change }, text, as)
    const place = this.placeOf(target)
    if (!place) {
      this.#context.say("The clause that you comment on is gone. Copy your words and comment elsewhere.")
      return Promise.resolve(false)
    }
    const { block, from, to, isGone } = place
    if (target.on === "clause" || isGone) return this.#context.comment({ on: "clause", block }, text, as)
    return this.#context.comment({ on: "words", block, from, to, quote: this.#context.textOf(block, from, to) }, text, as)
  }

  #aboutWords(target: RemarkTarget & { on: "words" }): HalfWritten | undefined {
    const place = this.placeOf(target)
    return this.halfWritten.value.find((half) => {
      const other = half.target.on === "words" ? this.placeOf(half.target) : null
      return other && place && other.block === place.block && other.from === place.from && other.to === place.to
    })
  }

  #freshKey(): string {
    do this.#lastKey++
    while (this.about(`words:${this.#lastKey}`))
    return `words:${this.#lastKey}`
  }

  #putAside(key: string): void {
    if (this.open.value === key) this.open.value = null
    if (!this.about(key)?.text.value.trim()) this.#forget(key)
  }

  #forget(key: string): void {
    if (this.open.value === key) this.open.value = null
    for (const half of this.halfWritten.value) if (half.key === key) this.#release(half.kept)
    this.halfWritten.value = this.halfWritten.value.filter((half) => half.key !== key)
  }

  // ---- what must not be lost with the window; signing out names it, and clears it

  #keep(half: HalfWritten): void {
    const { kept, target, text, as } = half
    if (!text.value.trim()) return this.#release(kept)
    const { person, draft, aboutOf } = this.#context
    const begunFor = as.value === null ? {} : { as: as.value }
    const isKept = keepRemark({ id: kept, person, draft, about: aboutOf(target), target, text: text.value, ...begunFor })
    if (isKept) this.#atRisk.delete(kept)
    else this.#atRisk.add(kept)
  }

  #release(kept: string): void {
    forgetRemark(kept)
    this.#atRisk.delete(kept)
  }

  /** Whether something is written that this browser does not keep: it would go with the window. */
  get isAtRisk(): boolean {
    return this.#atRisk.size > 0
  }

  get #keptSaid(): string {
    return this.isAtRisk ? lostSentence : keptSentence
  }

  /** Follows what the person's other windows on the draft write and send; the box that is open here stays as it is. Returns how to stop. */
  watch(): () => void {
    return onKeptElsewhere(() => {
      const kept = new Map(this.#kept().map((half) => [half.kept, half]))
      const here = this.halfWritten.value.filter(
        (half) => half.key === this.open.value || this.#atRisk.has(half.kept) || kept.has(half.kept),
      )
      for (const half of here) {
        const other = kept.get(half.kept)
        if (other && half.key !== this.open.value) {
          half.text.value = other.text.value
          half.as.value = other.as.value
        }
        kept.delete(half.kept)
      }
      const known = new Set(here.map(({ key }) => key))
      this.halfWritten.value = [...here, ...[...kept.values()].filter(({ key }) => !known.has(key))]
    })
  }

  #kept(): HalfWritten[] {
    const { person, draft } = this.#context
    return keptRemarks(person, draft).flatMap(({ id, target, text, as = null }) => {
      try {
        return [this.#fromKept(id, target as RemarkTarget, text, as)]
      } catch {
        // What was kept is of another version of this page.
        return []
      }
    })
  }

  #fromKept(kept: string, target: RemarkTarget, text: string, as: string | null): HalfWritten {
    if (target.on !== "words") return { key: keyOf(target), kept, target, text: signal(text), as: signal(as) }
    const known = this.halfWritten.peek().find((half) => half.kept === kept)
    const words = { ...target, start: placeFrom(target.start), end: placeFrom(target.end) }
    return { key: known?.key ?? `words:${++this.#lastKey}`, kept, target: words, text: signal(text), as: signal(as) }
  }
}

const placeFrom = (kept: unknown): StayingPlace => Y.createRelativePositionFromJSON(kept)

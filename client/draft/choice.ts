import { type Signal, signal } from "@preact/signals"
import { selectAt } from "../editor/commands.ts"
import type { DraftSession } from "../editor/draft-session.ts"
import { startOf } from "../editor/operations.ts"
import { bringIntoView, firstSeen, startsOf } from "../editor/places.ts"
import type { Page } from "./page.ts"
import type { RemarkTarget } from "./remarks.ts"
import type { Rights } from "./rights.ts"
import type { RoomHere } from "./room.ts"
import type { TextPlace } from "./stepping.ts"
import type { DraftText } from "./text.ts"

/** A stretch of text that somebody wants to comment on. */
export interface SelectedWords {
  readonly block: string
  readonly from: number
  readonly to: number
  readonly quote: string
}

export interface ChoiceParts {
  readonly page: Page
  readonly room: RoomHere
  readonly text: DraftText
  readonly rights: Rights
  readonly session: () => DraftSession
}

/** What the person has before it: the change or thread that it has chosen, those that it has ticked, the caret and what is selected, and where the focus goes. */
export class Choice {
  readonly #parts: ChoiceParts
  readonly chosen: Signal<string | null> = signal(null)
  readonly ticked: Signal<ReadonlySet<string>> = signal(new Set())
  readonly selected: Signal<SelectedWords | null> = signal(null)
  readonly caretBlock: Signal<string | null> = signal(null)
  /** How far into its block the caret stands. */
  readonly caretAt: Signal<number> = signal(0)
  /** What takes the focus, being a change, a thread or a remark, where somebody closes what stands for it and has no caret in the text to go back to. */
  readonly handAsked: Signal<string | null> = signal(null)
  /** Whether a hand has ever put the caret into the text: until then nothing gives it one. */
  #hasCaret = false

  constructor(parts: ChoiceParts) {
    this.#parts = parts
  }

  // ---- changes and threads

  /** Chooses a change or thread and brings its words into view. */
  choose(id: string | null): void {
    this.chosen.value = id
    if (id === null) return
    const { text, room } = this.#parts
    const change = text.changes.value.find((other) => other.id === id)
    const thread = room.threads.value.find((other) => other.id === id)
    const place = thread && text.places.value.get(thread.id)
    const block = change?.segments[0]?.block ?? change?.block ?? place?.block
    if (block) this.show(block, change?.segments[0]?.from ?? place?.from ?? 0)
  }

  /** Chooses a change or thread beside its words: they are brought into view, the caret stays where the person writes. */
  look(id: string, block: string, at = 0): void {
    this.chosen.value = id
    bringIntoView(this.#parts.page.editor, block, at, "nearest")
  }

  /** Brings a place into view without taking the focus. */
  show(block: string, at = 0): void {
    const { editor } = this.#parts.page
    const index = this.#parts.text.blocks.value.findIndex((other) => other.id === block)
    if (index < 0) return
    const { state } = editor
    const pos = startOf(state.doc, index) + 1 + at
    editor.dispatch(state.tr.setSelection(selectAt(state.doc, pos)))
    const { node } = editor.domAtPos(pos)
    const element = node instanceof Element ? node : node.parentElement
    element?.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" })
  }

  tick(id: string, isTicked: boolean): void {
    const ticked = new Set(this.ticked.value)
    if (isTicked) ticked.add(id)
    else ticked.delete(id)
    this.ticked.value = ticked
  }

  // ---- the caret

  /** The caret or the selection may be another. */
  follow(): void {
    const { selection, doc } = this.#parts.page.state
    const { $from, $to, empty } = selection
    const index = $from.index(0)
    // With everything selected: the first.
    const block = $from.depth > 0 || !empty ? doc.maybeChild(index) : null
    this.caretBlock.value = block ? (block.attrs.id as string) : null
    this.caretAt.value = selection.$head.parentOffset
    if (empty || $from.depth === 0 || !$from.sameParent($to)) {
      if (this.selected.value) this.selected.value = null
      return
    }
    const quote = doc.textBetween($from.pos, $to.pos)
    this.selected.value = quote.trim()
      ? { block: doc.child(index).attrs.id as string, from: $from.parentOffset, to: $to.parentOffset, quote }
      : null
  }

  /** A hand has put the caret into the text. */
  entered(): void {
    this.#hasCaret = true
  }

  /** The line of the page on which the person writes, in pixels of the window. */
  caretLine(): { readonly top: number; readonly bottom: number } | null {
    const { page, rights } = this.#parts
    if (!rights.isEditable.value) return null
    const block = this.caretBlock.value
    const top = block === null ? null : page.topOf(block, page.state.selection.$head.parentOffset)
    return top === null ? null : { top, bottom: top + 28 }
  }

  /** Where the caret stands: the clause, and the last words before it; null: nowhere. */
  caretPlace(): TextPlace | null {
    const { $head } = this.#parts.page.state.selection
    return $head.depth > 0 && this.caretBlock.value !== null ? { block: this.caretBlock.value, at: $head.parentOffset } : null
  }

  /** The same, where a hand has put it. */
  placeWritten(): TextPlace | null {
    return this.#hasCaret ? this.caretPlace() : null
  }

  /** From where one goes on: where a hand has put the caret, else the first place that is in view. */
  here(): TextPlace | null {
    const written = this.placeWritten()
    if (written) return written
    const block = firstSeen(this.#parts.page.editor)
    return block === null ? null : { block, at: 0 }
  }

  /** What a comment would be about: the selected words, else the clause of the caret. */
  commented(): RemarkTarget | null {
    const { doc } = this.#parts.page.state
    const { binding } = this.#parts.session()
    const words = this.selected.value
    const start = words ? startsOf(doc).get(words.block) : undefined
    if (words && start !== undefined) {
      const from = binding.relativeOf(start + 1 + words.from, 0)
      const to = binding.relativeOf(start + 1 + words.to)
      if (from && to) return { on: "words", block: words.block, quote: words.quote, start: from, end: to }
    }
    return this.caretBlock.value === null ? null : { on: "clause", block: this.caretBlock.value }
  }

  // ---- where the focus goes

  /** The person writes in the text again, where the caret was; what is in view stays in view. False where nobody may write now, or has no caret. */
  takeCaretBack(): boolean {
    const { page, rights } = this.#parts
    if (!rights.mayWrite.value || !this.#hasCaret) return false
    page.editor.focus()
    return true
  }

  /** The same, with the caret in view; without one, or in a list, what stands for a subject has the focus. */
  giveCaretBack(subject: string): void {
    const { editor } = this.#parts.page
    // Who wrote in a list goes on there.
    const isInList = document.activeElement?.closest(".changes-panel, .clause-list")
    if (isInList || !this.takeCaretBack()) {
      this.handAsked.value = subject
      return
    }
    const { $head } = editor.state.selection
    if ($head.depth > 0) bringIntoView(editor, $head.parent.attrs.id as string, $head.parentOffset, "nearest")
  }

  /** The person writes on in the text, with nothing selected: the next letter must not replace what was commented on. */
  writeOn(subject: string): void {
    const { editor } = this.#parts.page
    const { state } = editor
    const { head } = state.selection
    if (!state.selection.empty) editor.dispatch(state.tr.setSelection(selectAt(state.doc, head)))
    this.giveCaretBack(this.chosen.value ?? subject)
  }
}

import { effect, untracked } from "@preact/signals"
import { Plugin, type Transaction } from "prosemirror-state"
import { ReplaceStep } from "prosemirror-transform"
import { takesClauseBehind } from "../editor/blocks.ts"
import { deleteBy, newClause } from "../editor/commands.ts"
import type { Composition } from "../editor/composition.ts"
import type { DraftSession } from "../editor/draft-session.ts"
import { whyKept, whyNotTaken } from "../life/sentences.ts"
import type { MeetingHere } from "../meeting/meeting.ts"
import type { Choice } from "./choice.ts"
import type { Line } from "./line.ts"
import type { Page } from "./page.ts"
import type { Rights } from "./rights.ts"
import type { DraftText } from "./text.ts"

export interface DraftingParts {
  readonly page: Page
  readonly text: DraftText
  readonly meeting: MeetingHere
  readonly choice: Choice
  readonly rights: Rights
  readonly line: Line
  readonly composition: Composition
}

/** What somebody may propose about a clause as a whole. */
export type ClauseAct = "delete" | "join" | "up" | "down" | "indent" | "outdent" | "split"

/**
 * What the person writes: each transaction of a key or an input goes through here, and is proposed, kept until something takes it, or said not to be taken;
 * and so do the acts on the clause that holds the caret. What is on its way in an input method is finished before anything else is written.
 */
export class Drafting {
  readonly #parts: DraftingParts

  constructor(parts: DraftingParts) {
    this.#parts = parts
  }

  get #session(): DraftSession {
    return this.#parts.line.life.session
  }

  /** Between two lives with the room an input method goes on: what it writes is proposed in the next one. Returns how to stop watching. */
  watch(): () => void {
    const { rights, composition } = this.#parts
    return effect(() => {
      if (!rights.mayWrite.value) untracked(() => composition.finish())
    })
  }

  /** Takes what the browser tells as an input and not as a key: deletions of virtual keyboards, and letters over what is selected. */
  plugin(): Plugin {
    return new Plugin({ props: { handleDOMEvents: { beforeinput: (_view, event) => this.#beforeInput(event) } } })
  }

  dispatch(tr: Transaction): void {
    const { page, rights, line, composition } = this.#parts
    if (tr.docChanged && !composition.holds) {
      if (!rights.isEditable.value || !this.#session.isSynced) {
        if (rights.mayWrite.value && !this.#keptEarly(tr)) page.say(this.notTaken)
        return
      }
      // Who goes elsewhere begins anew: an undo takes back what was done here alone.
    } else if (tr.selectionSet && !tr.docChanged) {
      this.#session.undoManager.stopCapturing()
      if (tr.selection.head !== page.state.selection.head) line.life.early.end()
    }
    if (tr.docChanged) line.typed()
    // What is cut, pasted or dropped is a step of its own.
    const isWhole = tr.getMeta("uiEvent") !== undefined
    if (isWhole) this.#session.undoManager.stopCapturing()
    composition.dispatch(tr)
    if (isWhole) this.#session.undoManager.stopCapturing()
  }

  // Virtual keyboards tell of deletions here, not as keys.
  #beforeInput(event: Event): boolean {
    const { page, composition } = this.#parts
    const { inputType, data } = event as InputEvent
    if (page.editor.composing) return false
    if (inputType === "insertText" && data !== null && !page.state.selection.empty) {
      // The browser would take out what is drawn of others' changes with the selected words, and what is left be read as typed.
      event.preventDefault()
      composition.finish()
      this.dispatch(page.state.tr.insertText(data).scrollIntoView())
      return true
    }
    if (!inputType.startsWith("deleteContent")) return false
    event.preventDefault()
    composition.finish()
    const step = inputType === "deleteContentForward" ? 1 : -1
    deleteBy(this.#session.source, step, "grapheme", (index) => this.#session.restructuring.join(index))(page.state, (tr) =>
      this.dispatch(tr),
    )
    return true
  }

  // ---- letters that nothing takes at this moment

  /** Why letters are not taken at this moment, though one may write. */
  get notTaken(): string {
    return whyNotTaken(this.#parts.line.life.state.value, (source) => this.#parts.meeting.nameOf(source))
  }

  /** Letters that are typed at the caret while nothing takes them wait until something does (LIFE2); of anything else it is said that it was not taken. */
  #keptEarly(tr: Transaction): boolean {
    const { page, line } = this.#parts
    const { $head, empty, head } = page.state.selection
    const [step] = tr.steps
    if (!empty || $head.depth === 0 || tr.steps.length !== 1 || !(step instanceof ReplaceStep)) return false
    const { from, to, slice } = step
    if (slice.size === 0) return to === head && to - from <= 2 && line.life.early.takeBack()
    const text = slice.content.textBetween(0, slice.content.size)
    return from === head && to === head && text.length === slice.size && line.life.early.type(text)
  }

  /** What was typed while nothing took it is typed now. */
  typeEarly(text: string): boolean {
    const { page, rights, line } = this.#parts
    const { $head, $to } = page.state.selection
    if (!rights.isEditable.value || $head.depth === 0) return false
    const at = { index: $to.index(0), at: $to.parentOffset }
    if (this.#session.tracking.proposing.typingLines(at, text).length > 0) page.editor.dispatch(page.state.tr.insertText(text))
    else line.life.handBack({ text, block: null, after: null, isOwnBlock: false, stoodIn: $to.parent.attrs.id as string }, whyKept.tooDeep)
    return true
  }

  // ---- acts

  /** Writes for another source, once what was typed before is saved and the room knows of it. */
  wear(source: string): void {
    this.#parts.composition.finish()
    this.#parts.line.life.choose(source)
  }

  /** Proposes something about the clause that holds the caret, with its sub-clauses. */
  restructure(act: ClauseAct): void {
    const { page, rights, composition } = this.#parts
    const { $head } = page.state.selection
    if (!rights.isEditable.value || $head.depth === 0) return
    composition.finish()
    const { restructuring, tracking } = this.#session
    const index = $head.index(0)
    const acts: Record<ClauseAct, () => unknown> = {
      delete: () => restructuring.deleteClause(index),
      join: () => restructuring.join(index),
      up: () => restructuring.moveClause(index, -1),
      down: () => restructuring.moveClause(index, 1),
      indent: () => restructuring.changeLevel(index, 1),
      outdent: () => restructuring.changeLevel(index, -1),
      split: () => newClause(tracking)(page.state, (tr) => this.dispatch(tr)),
    }
    this.#session.undoManager.stopCapturing()
    acts[act]()
    this.#session.undoManager.stopCapturing()
    page.editor.focus()
  }

  /** Proposes a new clause behind the one that holds the caret, or at the end of the text. */
  proposeClause(): void {
    const { page, text, choice, composition } = this.#parts
    const blocks = text.blocks.value
    const at = blocks.findIndex((block) => block.id === choice.caretBlock.value)
    const last = blocks.findLastIndex((block) => block.type !== "note")
    const index = at >= 0 ? at : last
    const behind = blocks[index]
    if (behind && index !== last && !takesClauseBehind(behind)) {
      page.say("Put the caret into the clause behind which the new one is to stand.")
      return
    }
    composition.finish()
    this.#session.undoManager.stopCapturing()
    this.#session.tracking.addClause(index + 1, text.blocks.value[index] ?? null)
    page.editor.focus()
  }
}

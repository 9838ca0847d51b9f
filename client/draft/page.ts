import { type Signal, signal, untracked } from "@preact/signals"
import { EditorState, type Plugin, type Transaction } from "prosemirror-state"
import { EditorView } from "prosemirror-view"
import { schema } from "../../shared/schema/schema.ts"
import { blockViews } from "../editor/block-view.ts"
import { readCaret } from "../editor/caret-read.ts"
import type { View } from "../editor/marks.ts"
import type { StateHost } from "../editor/operations.ts"
import { topOfPlace } from "../editor/places.ts"

/** What the page asks of what is put into it. */
export interface PageEvents {
  /** Somebody asks for a transaction: a key, an input, a click. */
  readonly onDispatch: (tr: Transaction) => void
  /** A session has written to the state, and the editor shows it. */
  readonly onUpdate: (tr: Transaction) => void
}

/**
 * The page of the text: the editor in this browser, how the text is shown in it, and what is said in passing. It is there before any session is, and empty;
 * a session writes to it as to its host, and what is drawn in it and what keys do comes as plugins.
 */
export class Page implements StateHost {
  readonly editor: EditorView
  readonly view: Signal<View> = signal("force")
  readonly oneSource: Signal<string | null> = signal(null)
  /** Whether the margin has no rows, so that comments without marked words are signs in the text. */
  readonly showsSigns: Signal<boolean> = signal(false)
  readonly said: Signal<string> = signal("")
  /** Grows whenever the page may look different: what measures positions listens to it. */
  readonly drawn: Signal<number> = signal(0)
  readonly #onUpdate: PageEvents["onUpdate"]

  constructor({ onDispatch, onUpdate }: PageEvents) {
    this.#onUpdate = onUpdate
    this.editor = new EditorView(null, {
      state: EditorState.create({ schema }),
      nodeViews: blockViews,
      dispatchTransaction: onDispatch,
      editable: () => false,
      attributes: { "aria-label": "Draft text", role: "textbox", "aria-multiline": "true", spellcheck: "false" },
    })
  }

  /** Puts plugins into the editor, in the order in which they take events; it is written in from now on where `isEditable`. */
  equip(plugins: readonly Plugin[], isEditable: () => boolean): void {
    this.editor.setProps({ state: this.editor.state.reconfigure({ plugins }), editable: isEditable })
  }

  get state(): EditorState {
    return this.editor.state
  }

  update(tr: Transaction): void {
    this.editor.updateState(this.editor.state.apply(tr))
    this.#onUpdate(tr)
  }

  read(): void {
    readCaret(this.editor)
  }

  /** Draws something else around the words: the caret stays where a hand has put it, whether the browser has told of it or not. */
  draw(change: (state: EditorState) => Transaction): void {
    untracked(() => this.read())
    this.editor.updateState(this.editor.state.apply(change(this.editor.state)))
  }

  say(sentence: string): void {
    this.said.value = sentence
  }

  /** The top of a place on the page, in pixels of the window, or null where it is not drawn. */
  topOf(block: string, at: number): number | null {
    return topOfPlace(this.editor, block, at)
  }
}

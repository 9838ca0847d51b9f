import type { Node } from "prosemirror-model"
import { EditorState, TextSelection, type Transaction } from "prosemirror-state"
import { schema } from "../../shared/schema/schema.ts"
import type { StateHost } from "./operations.ts"

/** The state that a session works on: that of the editor, or for a moment a copy that the page does not show. */
export class Desk implements StateHost {
  readonly #page: StateHost
  #aside: EditorState | null = null

  constructor(page: StateHost) {
    this.#page = page
  }

  get state(): EditorState {
    return this.#aside ?? this.#page.state
  }

  update(tr: Transaction): void {
    if (this.#aside) this.#aside = this.#aside.apply(tr)
    else this.#page.update(tr)
  }

  read(): void {
    if (!this.#aside) this.#page.read?.()
  }

  /** Does something at a place of a document that goes to Yjs alone: the page is not redrawn by it. */
  aside<T>(doc: Node, pos: number, work: () => T): T {
    this.#aside = EditorState.create({ schema, doc, selection: TextSelection.near(doc.resolve(pos)) })
    try {
      return work()
    } finally {
      this.#aside = null
    }
  }
}

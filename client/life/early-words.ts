import type { DraftSession } from "../editor/draft-session.ts"
import type { KeptTray } from "./kept-tray.ts"
import { hatOf, type State, takesTyping } from "./machine.ts"
import { whyKept } from "./sentences.ts"

export interface EarlyWordsParts {
  readonly state: () => State
  /** Of what the editor shows. */
  readonly session: () => DraftSession
  readonly tray: KeptTray
  /** Types them where the caret is; false where that is nowhere. */
  readonly put: (text: string) => boolean
  readonly onChange: () => void
}

/** Letters that are typed at the caret while nothing can take them: they wait until something does, or are handed back (LIFE2, LIFE3). */
export class EarlyWords {
  readonly #parts: EarlyWordsParts
  /** And for whom the page said that one would write. */
  #early: { readonly text: string; readonly source: string } | null = null
  #isOver = false

  constructor(parts: EarlyWordsParts) {
    this.#parts = parts
  }

  /** Those that wait; "": none. */
  get text(): string {
    return this.#early?.text ?? ""
  }

  /** Letters that were typed where nothing takes them at this moment. False where nothing will: then they are nowhere, and who typed them is told. */
  type(text: string): boolean {
    const state = this.#parts.state()
    const source = state.at === "changing" ? state.to : hatOf(state)
    if (this.#isOver || state.at === "leaving" || !source) return false
    if (this.#early && this.#early.source !== source) this.end(whyKept.otherHat)
    this.#early = { text: (this.#early?.text ?? "") + text, source }
    this.#parts.onChange()
    return true
  }

  /** The last of them is not meant any more. False where there is none. */
  takeBack(): boolean {
    if (!this.#early) return false
    const text = [...this.#early.text].slice(0, -1).join("")
    this.#early = text === "" ? null : { ...this.#early, text }
    this.#parts.onChange()
    return true
  }

  /** The place or the delegation for which they were typed is another now: they are handed back. */
  end(why = "The caret was put elsewhere before they were taken."): void {
    const early = this.#early
    this.#early = null
    if (early) this.#parts.tray.add({ text: early.text, block: null, after: null, isOwnBlock: false }, why, early.source)
  }

  /** The window goes: none is taken any more. */
  stop(): void {
    this.end("The window was closed before they were taken.")
    this.#isOver = true
  }

  /** They are typed now, if something takes them. */
  put(): void {
    const early = this.#early
    const session = this.#parts.session()
    if (!early || !takesTyping(this.#parts.state()) || !session.isSynced) return
    if (early.source !== session.source) return this.end(whyKept.otherHat)
    this.#early = null
    if (this.#parts.put(early.text)) return
    this.#early = early
    this.end(whyKept.placeGone)
  }
}

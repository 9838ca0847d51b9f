import type { ReadonlySignal } from "@preact/signals"
import { isPresent } from "../../shared/schema/block.ts"
import type { Composition } from "../editor/composition.ts"
import type { Life } from "../life/life.ts"
import type { TrayEntry } from "../life/outbox.ts"
import type { Page } from "./page.ts"
import type { Rights } from "./rights.ts"
import type { TextPlace } from "./stepping.ts"
import type { DraftText } from "./text.ts"

export interface TrayParts {
  readonly page: Page
  readonly text: DraftText
  readonly rights: Rights
  readonly life: Life
  readonly composition: Composition
}

/** Words that were not sent, with where they stood and whether they can go back there. */
export class Tray {
  readonly #parts: TrayParts
  readonly entries: ReadonlySignal<readonly TrayEntry[]>

  constructor(parts: TrayParts) {
    this.#parts = parts
    this.entries = parts.life.kept.entries
  }

  /** In which clause words stood that were not sent. */
  placeOf(entry: TrayEntry): string {
    const { text } = this.#parts
    const { block, stoodIn, isOwnBlock, address = text.lastAddressOf(block ?? stoodIn ?? "") } = entry
    // Where it was split or joined since they are spoken of by where they go.
    const standing = this.placeFor(entry)?.block ?? block ?? (this.isBack(entry) ? stoodIn : undefined)
    const here = standing === undefined ? undefined : text.addresses.value.get(standing)
    if (isOwnBlock) return `a new clause behind ${here ?? address ?? "one that is no longer here"}`
    return here ?? (address === undefined ? "a clause that is no longer here" : `${address}, no longer here`)
  }

  /** Whether the clause is in the draft again that was gone when words were handed back. */
  isBack(entry: TrayEntry): boolean {
    const standing = this.placeFor(entry)?.block ?? entry.stoodIn
    const isHere = this.#parts.text.blocks.value.some((block) => block.id === standing && isPresent(block))
    return entry.block === null && isHere
  }

  /** Where kept words would go back to, and whether all that they were to replace is there too; null: that place is gone. */
  placeFor(entry: TrayEntry): (TextPlace & { readonly isWhole: boolean }) | null {
    return this.#parts.life.session.places.placeFor(entry)
  }

  /** Its writer wants the words no more, or has them elsewhere. */
  discard(key: number): void {
    this.#parts.life.kept.discard(key)
  }

  /**
   * Puts kept words back where they stood, as a new proposal, in place of what they were to replace; without that once the person was told so. They stay
   * kept unless they stand there now; whether they do.
   */
  insertAgain(entry: TrayEntry): boolean {
    const { rights, life, composition } = this.#parts
    if (!rights.isEditable.value) return false
    composition.finish()
    const isThere = life.session.places.putBack(entry, true)
    if (isThere) this.discard(entry.key)
    return isThere
  }

  /** Proposes kept words behind the caret, once the person was told where that is; they stay kept unless they stand there now. */
  insertAtCaret(entry: TrayEntry): void {
    const { page, rights, life, composition } = this.#parts
    if (!rights.isEditable.value) return
    composition.finish()
    const { $head } = page.state.selection
    if ($head.depth > 0 && life.session.tracking.propose($head.index(0), $head.parentOffset, entry.text)) this.discard(entry.key)
  }
}

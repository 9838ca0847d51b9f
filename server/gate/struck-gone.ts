/**
 * Words that others had struck and that their own writer has taken out since: an undo or a redo brings them back as new letters, and by this they are known
 * again (GATE17). It is kept as long as a draft is open. Of words that went before nobody can tell any more which they were.
 */
import type { ItemId } from "../../shared/schema/runs.ts"

/** Letters of one insertion that stood side by side and were struck by the same changes. */
export interface StruckWords extends ItemId {
  readonly text: string
  /** The change that they were words of. */
  readonly of: string
  /** The changes that struck them. */
  readonly by: ReadonlySet<string>
}

export class StruckGone {
  /** By client and clock of each letter, those that went first before those that went later. */
  readonly #words = new Map<string, StruckWords>()

  note(words: StruckWords): void {
    for (let i = 0; i < words.text.length; i++) this.#words.set(nameOf(words, i), words)
    for (const oldest of this.#words.keys()) {
      if (this.#words.size <= mostLetters) return
      this.#words.delete(oldest)
    }
  }

  /** The words that a letter was one of; null where that is not known. */
  at(letter: ItemId): StruckWords | null {
    return this.#words.get(nameOf(letter, 0)) ?? null
  }
}

const nameOf = ({ client, clock }: ItemId, i: number): string => `${client} ${clock + i}`

const mostLetters = 50_000

import { type Signal, signal } from "@preact/signals"
import type { SpokenWords } from "./left-words.ts"
import type { Outbox, TrayEntry } from "./outbox.ts"

export interface KeptTrayParts {
  readonly outbox: Outbox
  readonly now: () => Date
  /** How a block is spoken of, or was while it was there; undefined: nobody here has seen it. */
  readonly addressOf: (block: string) => string | undefined
  readonly onChange: () => void
}

/** Among so many keys a window begins in each second: two of them do not meet. */
const keysOfSecond = 4_000_000

/** Words that are in no room and wait until their writer says what becomes of them: shown, and kept on the device (LIFE2, LIFE8). */
export class KeptTray {
  readonly #parts: KeptTrayParts
  readonly entries: Signal<readonly TrayEntry[]> = signal([])
  /** Spaces that were handed back, and no word yet that they stood before. */
  #spaces = { text: "", why: "", source: "" }
  #lastKey = 0

  constructor(parts: KeptTrayParts) {
    this.#parts = parts
  }

  /** What an earlier window left in it. */
  bring(entries: readonly TrayEntry[]): void {
    this.entries.value = [...this.entries.peek(), ...entries]
  }

  /** Pieces of one source or several, each as it was kept. */
  addAll(pieces: readonly (SpokenWords & { readonly source: string })[], why: string): void {
    for (const { text, block, after, isOwnBlock, stoodIn, stoodAfter, struck, address, source } of pieces) {
      const stood = {
        ...(stoodIn !== undefined && { stoodIn }),
        ...(stoodAfter !== undefined && { stoodAfter }),
        ...(struck !== undefined && { struck }),
        ...(address !== undefined && { address }),
      }
      this.add({ text, block, after, isOwnBlock, ...stood }, why, source)
    }
  }

  /** How a block is spoken of, as words that stood in it remember it. */
  addressOf(block: string): { readonly address?: string } {
    const address = this.#parts.addressOf(block)
    return address === undefined ? {} : { address }
  }

  /** Words go to the tray, which is kept on the device too. */
  add(words: SpokenWords, why: string, source: string): void {
    // A space that was written before a word may come as a piece of its own: it is no entry, but stands before the word again.
    const isSame = this.#spaces.why === why && this.#spaces.source === source
    const text = (isSame ? this.#spaces.text : "") + words.text
    this.#spaces = { text: text.trim() === "" ? text : "", why, source }
    if (text.trim() === "") return
    const block = words.block ?? words.stoodIn
    const entry: TrayEntry = {
      ...words,
      text,
      why,
      source,
      ...(block !== undefined && this.addressOf(block)),
      key: this.#nextKey(),
    }
    this.entries.value = [...this.entries.peek(), entry]
    this.#parts.outbox.tray(entry)
    this.#parts.onChange()
  }

  /** The device gives entries back in the order of their keys, and those of other windows lie there too. */
  #nextKey(): number {
    const seconds = Math.floor(this.#parts.now().getTime() / 1_000)
    this.#lastKey = Math.max(this.#lastKey + 1, seconds * keysOfSecond + Math.floor(Math.random() * keysOfSecond))
    return this.#lastKey
  }

  /** Its writer wants the words no more, or has them elsewhere. */
  discard(key: number): void {
    this.entries.value = this.entries.peek().filter((entry) => entry.key !== key)
    this.#parts.outbox.untray(key)
    this.#parts.onChange()
  }

  /** Nothing of it is shown any more; the device is cleared elsewhere. */
  empty(): void {
    this.entries.value = []
  }
}

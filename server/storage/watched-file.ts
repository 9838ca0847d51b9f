import { type Stats, statSync } from "node:fs"
import { stat } from "node:fs/promises"
import { StoreFailure } from "./failures.ts"

const lookEveryMs = 500

/**
 * The database's file, looked at again and again: where it is removed or replaced under a running server SQLite goes on writing to what nobody will
 * ever find, and would call it saved.
 */
export class WatchedFile {
  readonly #path: string
  #inode: number | null
  #lookedAt = Number.NEGATIVE_INFINITY
  #isGone = false

  constructor(path: string) {
    this.#path = path
    this.#inode = statSync(path, { throwIfNoEntry: false })?.ino ?? null
  }

  /** Throws where the file was found to be gone. It is looked for at most twice a second, and nobody waits for that. */
  demand(): void {
    if (this.#isGone)
      throw new StoreFailure(
        `${this.#path} was removed or replaced while the server runs: nothing more is saved. Put it back and start again.`,
        false,
      )
    const now = performance.now()
    if (now - this.#lookedAt < lookEveryMs) return
    this.#lookedAt = now
    stat(this.#path).then(
      (found) => this.#found(found),
      (error: NodeJS.ErrnoException) => (this.#isGone ||= error.code === "ENOENT"),
    )
  }

  // A file that was made after the first look has its number now.
  #found({ ino }: Stats): void {
    this.#inode ??= ino
    if (ino !== this.#inode) this.#isGone = true
  }
}

import { constants, fstatSync, openSync, writeSync, write as writeTo } from "node:fs"
import { promisify } from "node:util"

/** Writes bytes somewhere, and resolves to how many of them it took; rejects where that takes none. */
export type WriteBytes = (bytes: Uint8Array) => Promise<number>

/** So many bytes wait for a reader that is slow; what comes then is lost. */
const mostWaiting = 1_000_000
/** A reader that takes nothing just now is asked again so soon. */
const askAgainMs = 50

/**
 * The lines of a log on their way out. A log that cannot be written stops nothing and holds nobody up: its lines are lost and counted, and once it can
 * be written again its first line says how many (DAM8).
 */
export class LogLines {
  readonly #to: WriteBytes
  readonly #now: () => Date
  #onLost = (): void => undefined
  readonly #waiting: Uint8Array[] = []
  #bytesWaiting = 0
  #isWriting = false
  /** The last line was cut in its midst: the next begins a new one. */
  #isCut = false
  #lost = 0

  constructor(to: WriteBytes, now: () => Date) {
    this.#to = to
    this.#now = now
  }

  /** Who hears of each line that is lost. */
  whenLost(listener: () => void): void {
    this.#onLost = listener
  }

  /** How many lines were lost since it could be written last. */
  get lost(): number {
    return this.#lost
  }

  /** Takes a line, with its end. */
  write(line: string): void {
    const bytes = Buffer.from(line)
    if (this.#bytesWaiting + bytes.length > mostWaiting) return this.#lose()
    this.#waiting.push(bytes)
    this.#bytesWaiting += bytes.length
    if (!this.#isWriting) void this.#drain()
  }

  #lose(): void {
    this.#lost++
    this.#onLost()
  }

  async #drain(): Promise<void> {
    this.#isWriting = true
    for (let line = this.#waiting.shift(); line; line = this.#waiting.shift()) {
      const told = this.#lost
      if (await this.#isWritten(Buffer.concat([Buffer.from(this.#beginning()), line]))) this.#lost -= told
      else this.#lose()
      this.#bytesWaiting -= line.length
    }
    this.#isWriting = false
  }

  /** What stands before the next line: the end of one that was cut, and how many were lost. */
  #beginning(): string {
    const told = { level: 40, time: this.#now().getTime(), lines: this.#lost, msg: "lines of this log could not be written and are lost" }
    return `${this.#isCut ? "\n" : ""}${this.#lost > 0 ? `${JSON.stringify(told)}\n` : ""}`
  }

  async #isWritten(bytes: Uint8Array): Promise<boolean> {
    let rest = bytes
    while (rest.length > 0) {
      try {
        rest = rest.subarray(await this.#to(rest))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") {
          this.#isCut ||= rest.length < bytes.length
          return false
        }
        await new Promise((resolve) => setTimeout(resolve, askAgainMs).unref())
      }
    }
    this.#isCut = false
    return true
  }

  /** Writes what waits, as the process ends. */
  end(write: (bytes: Uint8Array) => void): void {
    for (const line of this.#waiting.splice(0)) write(line)
    this.#bytesWaiting = 0
  }
}

/** Where this process tells of errors, for lines that hold nobody up: of a pipe a description of our own, which never waits for its reader. */
export function errorOutput(): { readonly write: WriteBytes; readonly last: (bytes: Uint8Array) => void } {
  const file = ownDescription()
  const write = promisify(writeTo)
  return {
    write: async (bytes) => (await write(file, bytes)).bytesWritten,
    last: (bytes) => {
      try {
        writeSync(file, bytes)
      } catch {
        // Nobody is left to be told.
      }
    },
  }
}

function ownDescription(): number {
  try {
    return fstatSync(2).isFIFO() ? openSync("/dev/stderr", constants.O_WRONLY | constants.O_NONBLOCK) : 2
  } catch {
    return 2
  }
}

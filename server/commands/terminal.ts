import { writeSync } from "node:fs"
import type { ServeFlags } from "../config.ts"
import type { Meeting } from "../people/meeting.ts"
import { DomainError } from "../problems.ts"
import { isFull } from "../storage/failures.ts"
import type { AcceptedLosses, Verified } from "./verify.ts"

/** Where a command reads and writes, so that tests can look. */
export interface Terminal {
  readonly out: (content: string | Uint8Array) => void
  readonly err: (text: string) => void
  readonly stdin: () => Uint8Array
}

/** What needs more than files: given by the composition root. */
export interface Services {
  serve(flags: ServeFlags & { json?: boolean }): Promise<void>
  /** Does something with the meeting in a folder. Throws where there is none. */
  beside<Result>(data: string, work: (meeting: Meeting) => Promise<Result>): Promise<Result>
  /** Where the server that runs on a folder is reached; null where none does, or it does not know. */
  address(data: string): string | null
  verify(data: string, draft: string | null, head: string | null): Promise<Verified>
  /** `draft` null: of all that is damaged. */
  acceptLoss(data: string, draft: string | null): Promise<AcceptedLosses>
}

/** A reader that takes nothing just now is asked again so soon. */
const askAgainMs = 10

/**
 * Writes all of an answer to an open file, 1 or 2, before it returns. Where a reader has gone away there is nobody to be told: the rest is left out.
 * Throws a DomainError where the answer cannot be written.
 */
export function writeAnswer(file: number, content: string | Uint8Array): void {
  const bytes = typeof content === "string" ? Buffer.from(content) : content
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(file, bytes, at)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code === "EPIPE") return
      if (code !== "EAGAIN") {
        const why = isFull(error) ? "the disk is full" : message
        throw new DomainError("bad-input", `The answer cannot be written to where it was directed: ${why}.`, {}, { cause: error })
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, askAgainMs)
    }
  }
}

import { expect } from "vitest"
import type * as Y from "yjs"
import type { Guest, Line } from "./meeting.ts"

export interface Writer {
  readonly line: Line
  readonly clientId: number
  /** Writes into the draft as a program of one's own would; what it sends must be taken. */
  write(edit: (doc: Y.Doc, tr: Y.Transaction) => void): Promise<void>
}

/** A guest who writes for a delegation over a line of their own, without an editor. */
export async function writerOf(guest: Guest, draft: string, source: string): Promise<Writer> {
  const { clientId } = await guest.join(draft, source)
  const line = await guest.socket(draft, clientId).ready()
  const { doc } = line
  doc.clientID = clientId
  doc.on("update", (update: Uint8Array, origin: unknown) => {
    if (origin === "mine") line.send({ kind: "update", update })
  })
  return {
    line,
    clientId,
    write: async (edit) => {
      const sent = line.acknowledged
      doc.transact((tr) => edit(doc, tr), "mine")
      await line.until(() => line.acknowledged > sent || line.closed !== null)
      expect(line.refusal).toBe(null)
    },
  }
}

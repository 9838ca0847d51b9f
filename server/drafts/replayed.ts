import * as Y from "yjs"
import { newDraftDoc } from "../../shared/sync/write.ts"
import type { Proof, Store } from "../storage/store.ts"

/** Whether what was put into a document leans on something that is not in it: then what it shows is less than was written. */
export const hasGaps = ({ store }: Y.Doc): boolean => store.pendingStructs !== null || store.pendingDs !== null

/** Whether a row is written into a document; not where its bytes are none that one writes. */
function isTaken(doc: Y.Doc, update: Uint8Array): boolean {
  try {
    Y.applyUpdate(doc, update)
    return true
  } catch {
    // Whatever Yjs throws of such bytes says nothing to a person.
    return false
  }
}

/**
 * What can be proven of a draft once its log is replayed: up to the row that leans on words which no row brought, or that cannot be read. A chain proves
 * that rows are as they were written, not that they were written on all that came before, nor by this server.
 */
export async function provenByReplay(store: Store, proof: Proof): Promise<Proof> {
  const doc = newDraftDoc()
  let last: { seq: number; at: string } | null = null
  const endsAt = async (damage: string): Promise<Proof> => ({
    ...proof,
    seq: last?.seq ?? 0,
    at: last?.at ?? null,
    register: (await store.register(proof.draft, last?.seq ?? 0)).length,
    damage: [damage, proof.damage ?? ""].join(" ").trim(),
  })
  try {
    for (const { seq, at, update } of await store.rows(proof.draft, 0, proof.seq)) {
      if (!isTaken(doc, update))
        return await endsAt(`Entry ${seq} of its log is as it was written, but nothing that a draft is written in.`)
      if (hasGaps(doc)) return await endsAt(`Entry ${seq} of its log leans on words that are not in it: entries before it are lost.`)
      last = { seq, at }
    }
    return proof
  } finally {
    doc.destroy()
  }
}

import * as Y from "yjs"
import { newDraftDoc } from "../shared/sync/write.ts"
import type { Proof, Store } from "./storage/store.ts"

/** Whether what was put into a document leans on something that is not in it: then what it shows is less than was written. */
export const hasGaps = ({ store }: Y.Doc): boolean => store.pendingStructs !== null || store.pendingDs !== null

/**
 * What can be proven of a draft once its log is replayed: up to the row that leans on words which no row brought. A chain proves that rows are as they
 * were written, not that they were written on all that came before.
 */
export async function provenByReplay(store: Store, proof: Proof): Promise<Proof> {
  const doc = newDraftDoc()
  let last: { seq: number; at: string } | null = null
  for (const { seq, at, update } of await store.rows(proof.draft, 0, proof.seq)) {
    Y.applyUpdate(doc, update)
    if (hasGaps(doc)) {
      doc.destroy()
      return {
        ...proof,
        seq: last?.seq ?? 0,
        at: last?.at ?? null,
        register: (await store.register(proof.draft, last?.seq ?? 0)).length,
        damage: [`Entry ${seq} of its log leans on words that are not in it: entries before it are lost.`, proof.damage ?? ""]
          .join(" ")
          .trim(),
      }
    }
    last = { seq, at }
  }
  doc.destroy()
  return proof
}

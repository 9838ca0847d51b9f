import { damageOf } from "../damage.ts"
import type { FileDraft } from "../files/file-draft.ts"
import type { Entered } from "../files/opening-state.ts"
import type { Binding } from "../gate/shapes.ts"
import { DomainError } from "../problems.ts"
import type { Room } from "../rooms/room.ts"
import type { ClientRecord, DraftRecord, Proof } from "../storage/store.ts"

/** A draft that is open: its room, its record, who is bound to which client id, and what of it could be proven as it was opened. */
export interface OpenDraft {
  readonly record: DraftRecord
  readonly room: Room
  readonly bindings: Map<number, Binding & Pick<ClientRecord, "pass">>
  readonly proof: Proof
}

/** Nothing leaves the house as a whole draft that is none, and nobody writes in one. */
export function demandWhole({ proof }: Pick<OpenDraft, "proof">): void {
  const damage = damageOf(proof)
  if (damage) throw new DomainError("store-failed", damage.sentence)
}

/** What a draft's record keeps of the file that it came from, beside its text. */
export type Imported = Pick<FileDraft, "cover" | "debris" | "warnings"> & { readonly entered?: Entered }

/** `record.imported` was written by `createDraft`. */
export const importedOf = (record: DraftRecord): Imported => JSON.parse(record.imported) as Imported

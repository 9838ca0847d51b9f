import * as Y from "yjs"
import { parseMarkId } from "../../shared/schema/keys.ts"

/** The id that an item brings to a draft: of a mark, a proposal about a clause, or a clause that is added. */
function changeBroughtBy({ content, parentSub }: Y.Item): string | null {
  if (content instanceof Y.ContentFormat) return (content.value as { id?: string } | null)?.id ?? null
  if (!(content instanceof Y.ContentAny)) return null
  return parentSub === "insertedId" ? String(content.arr[0]) : parentSub
}

/** Ids of all that an update brings: marks, proposals about clauses, clauses that are added. */
export const idsIn = (update: Uint8Array): string[] =>
  Y.decodeUpdate(update).structs.flatMap((struct) => {
    const id = struct instanceof Y.Item ? changeBroughtBy(struct) : null
    return id !== null && parseMarkId(id) ? [id] : []
  })

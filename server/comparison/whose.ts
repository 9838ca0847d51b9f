import type * as Y from "yjs"
import { notStated } from "../../shared/schema/keys.ts"
import { roots } from "../../shared/sync/roots.ts"
import type { FileChange, FileDraft } from "../files/file-draft.ts"
import { isOneAuthor, printsOf, readPrint } from "./prints.ts"

/** Whether a change of a file is by a source. */
export type IsSource = (change: FileChange, source: string) => boolean

/** Whether a change of a file is by the one who has proposed a change of the draft. */
export type IsIts = (change: FileChange, own: { readonly id: string; readonly source: string }) => boolean

/** The same of a draft: authors of whom nobody has stated whose delegation's they are may be of two, unless they are one. */
export function whoseOn(doc: Y.Doc, draft: FileDraft, isSource: IsSource): IsIts {
  const theirs = new Map([...printsOf(draft)].map(([id, print]) => [id, readPrint(print).who]))
  const filed = roots.filed(doc)
  return (change, { id, source }) =>
    isSource(change, source) && (source !== notStated || isOneAuthor(theirs.get(change.id) ?? "", readPrint(filed.get(id) ?? "").who))
}

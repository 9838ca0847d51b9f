import { normal } from "../../shared/changes/as-compared.ts"
import { hashOf } from "../../shared/changes/hash.ts"
import { authorOf, whoPrint } from "../files/authors.ts"
import type { FileChange, FileDraft } from "../files/file-draft.ts"
import { workingBlocksOf } from "./beside.ts"
import type { WorkingBlock } from "./homes.ts"

/**
 * What each change of a file does, as the file alone says it, and by whom and when: the same whenever and in whatever form it is brought, whoever else is
 * in the file and whosever it is stated to be. By the change's id there.
 */
export function printsOf(draft: FileDraft): Map<string, string> {
  const file = workingBlocksOf(draft)
  return new Map(draft.changes.map((change) => [change.id, `${printOf(change, draft, file)} ${authorPrint(change)} ${whoPrint(change)}`]))
}

/** The parts of a print: what is done, who did it when, and who. Those of earlier versions have the first alone, or the first two. */
export function readPrint(print: string): { readonly does: string; readonly by: string; readonly who: string } {
  const [does = "", by = "", who = ""] = print.split(" ")
  return { does, by, who }
}

// In papers of ours a name that only a file gives is said to be one; and times go to the minute in some.
const authorPrint = ({ enteredBy, date }: Pick<FileChange, "enteredBy" | "date">): string =>
  hashOf([authorOf(enteredBy), (date ?? "").slice(0, 16)])

/** Whether two who did something may be one: they are where their names are, and a name that is nobody's tells no author from another. */
export const isOneAuthor = (who: string, other: string): boolean => who === other || who === "" || other === ""

/** That of a change of which a file says neither by whom nor when. */
export const nobodysPrint = authorPrint({ enteredBy: null, date: null })

function printOf(
  { segments = [], newBlocks = [], structure = [] }: FileChange,
  draft: FileDraft,
  file: ReadonlyMap<string, WorkingBlock>,
): string {
  const textOf = (id: string): string =>
    (draft.blocks.find((block) => block.id === id) ?? draft.notes.find((note) => note.id === id))?.text ?? ""
  // Without the insertions, whoever made them: other changes of the clause may come and go from one file to the next.
  const ground = (id: string | null): string | null => (id === null ? null : normal(file.get(id)?.working ?? textOf(id)))
  const words = segments.map(({ block, kind, from, to }) => [
    ground(block),
    file.get(block)?.places[from] ?? from,
    kind,
    normal(textOf(block).slice(from, to)),
  ])
  const added = newBlocks.map((id) => {
    const at = draft.blocks.findIndex((block) => block.id === id)
    const { type = "note", level = 1, dir = "ltr" } = draft.blocks[at] ?? {}
    const before = draft.blocks.slice(0, Math.max(0, at)).findLast((block) => file.has(block.id))
    return [ground(before?.id ?? null), type, level, dir, normal(textOf(id))]
  })
  const acts = structure.map(({ block, ...act }) => [
    ground(block),
    act.kind,
    act.kind === "level" ? act.level : act.kind === "join" ? ground(act.into) : act.kind === "move" ? ground(act.after) : null,
  ])
  return hashOf(JSON.stringify([words, added, acts]))
}

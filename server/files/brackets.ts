import { bracketsIn } from "../../shared/clauses/brackets.ts"
import type { FileDraft } from "./file-draft.ts"

/** A file's draft with its passages in square brackets told. They are part of the text and are understood anew wherever it goes. */
export function withBrackets(draft: FileDraft): FileDraft {
  const brackets = draft.blocks.flatMap(({ id, text }) =>
    bracketsIn(text).map(({ from, to }) => ({ block: id, from, to, text: text.slice(from, to) })),
  )
  return brackets.length > 0 ? { ...draft, brackets } : draft
}

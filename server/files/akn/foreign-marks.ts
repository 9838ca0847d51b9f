// What is proposed and said in a file that is not ours: it tells no source, and often not who.
import { cleaned, nameIn } from "../characters.ts"
import type { FileChange, FileComment } from "../file-draft.ts"
import { childOf, childrenOf, elementsIn, wordsOf, type XmlElement } from "../xml.ts"
import type { Range } from "./own.ts"
import { squeezed } from "./words.ts"

/** What `ins` and `del` of others say, their source not stated. `texts`: by the id of a block or note its words. */
export function changesIn(marked: readonly Range[], texts: ReadonlyMap<string, string>): FileChange[] {
  const ranges = marked.filter((range) => range.name !== "comment" && range.to > range.from)
  const changes: FileChange[] = []
  for (let i = 0; i < ranges.length; i++) {
    const range = ranges[i]!
    const next = ranges[i + 1]
    // Words that go and words that come right behind them are one replacement.
    const isReplaced = range.name === "deletion" && next?.name === "insertion" && next.block === range.block && next.from === range.to
    const parts = isReplaced ? [range, next] : [range]
    if (isReplaced) i++
    const words = ({ block, from, to }: Range): string => (texts.get(block) ?? "").slice(from, to)
    changes.push({
      id: `c${changes.length + 1}`,
      kind: isReplaced ? "replacement" : (range.name as "insertion" | "deletion"),
      ...{ source: null, enteredBy: null, date: null },
      block: range.block,
      text: words(range),
      ...(isReplaced ? { replacedBy: words(next) } : {}),
      segments: parts.map(({ block, name, from, to }) => ({ block, kind: name as "insertion" | "deletion", from, to })),
    })
  }
  return changes
}

/** Margin notes that others keep in `meta`, by whom it says. `calls`: by the id of a note the block that calls it. */
export function marginNotesIn(root: XmlElement, calls: ReadonlyMap<string, string>): FileComment[] {
  return childrenOf(childOf(root, "a:meta"), "a:notes").flatMap((notes) => {
    const by = nameAt(root, (notes.attrs.source ?? "").replace(/^#/, ""))
    return childrenOf(notes, "a:note").map((note): FileComment => {
      const block = calls.get(note.attrs.eId ?? "") ?? null
      return {
        id: note.attrs.eId ?? "",
        by,
        date: null,
        block,
        quote: "",
        text: squeezed(cleaned(wordsOf(note))),
        replies: [],
        resolved: false,
      }
    })
  })
}

function nameAt(root: XmlElement, id: string): string | null {
  const references = childOf(childOf(root, "a:meta"), "a:references")
  return nameIn(references && elementsIn(references).find((part) => part.attrs.eId === id)?.attrs.showAs)
}

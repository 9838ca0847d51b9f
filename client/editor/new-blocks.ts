import type { Block } from "../../shared/schema/block.ts"
import { newMark } from "../../shared/schema/schema.ts"
import { newBlockAttrs } from "./blocks.ts"
import type { PastedLine } from "./lines.ts"
import type { Operation } from "./operations.ts"
import type { Proposing } from "./proposing.ts"
import { blockAt } from "./spans.ts"

// New clauses and paragraphs as operations: whose they are, what they are like, as part of which change.

/** Clauses of a draft go so deep. */
const deepest = 4

/** New blocks before block `index`, one per line, all one change: like the one they follow, or what is said. */
export function newBlocks(
  proposing: Proposing,
  index: number,
  lines: readonly string[],
  likes: readonly (Block | null)[] = [],
): Operation[] {
  const { source } = proposing
  const before = index > 0 ? blockAt(proposing.doc, index - 1) : null
  const modelOf = (i: number): Block | null => likes[i] ?? likes[0] ?? before
  const group = proposing.newId()
  return lines.map((line, i): Operation => {
    const id = i === 0 ? group : proposing.newId()
    const mark = newMark("insertion", { id, of: id === group ? "" : group, source })
    return { kind: "add", index: index + i, attrs: newBlockAttrs(`n${id}`, modelOf(i), source, group), text: line, marks: [mark] }
  })
}

/** New clauses of several paragraphs: each is decided for itself. */
export function pastedBlocks(
  proposing: Proposing,
  index: number,
  lines: readonly PastedLine[],
  like: Block | null = null,
  outermost = Math.min(...lines.map(({ level }) => level)),
): Operation[] {
  return lines.flatMap(({ text, level }, i) =>
    newBlocks(proposing, index, [text], [like]).map((operation) => {
      if (operation.kind !== "add") return operation
      const { attrs } = operation
      const deep = Math.max(1, Math.min(deepest, attrs.level + level - outermost))
      return { ...operation, index: index + i, attrs: attrs.type === "clause" ? { ...attrs, level: deep } : attrs }
    }),
  )
}

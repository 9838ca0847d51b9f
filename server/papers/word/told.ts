import { Recognizer } from "../../files/recognize.ts"
import type { Sheet, SheetBlock } from "../sheet.ts"

const wordsOf = ({ runs }: SheetBlock): string => {
  const left = runs.filter((run) => !run.deleted).map((run) => run.text)
  return (left.join("").trim() ? left : runs.map((run) => run.text)).join("")
}

/**
 * The clauses of a paper of which a reader sees by label, words and place alone that they are clauses, and of what level. Of the others a style must tell
 * it, or our own file would read back as another draft. Without a head to stand under nothing is told.
 */
export function toldByWords({ blocks, profile }: Sheet): ReadonlySet<SheetBlock> {
  const told = new Set<SheetBlock>()
  if (!blocks.some(({ block }) => block.type === "head")) return told
  let recognizer = new Recognizer(profile)
  for (const sheet of blocks) {
    const { block, label } = sheet
    const words = wordsOf(sheet)
    if (block.type === "head") recognizer.head(words)
    else if (block.type !== "clause") recognizer.passed(words)
    else {
      const before = recognizer.copy()
      const { block: found, skip } = recognizer.line(label ? `${label}\t${words}` : words, false)
      const isTold =
        found.type === "clause" &&
        found.level === block.level &&
        (found.importedLabel ?? "") === label &&
        skip === (label && label.length + 1)
      if (isTold) told.add(sheet)
      else {
        recognizer = before
        if (label) recognizer.labelled({ literal: label, kind: "number", value: label }, 0, block.level)
        else recognizer.unlabelled()
      }
    }
  }
  return told
}

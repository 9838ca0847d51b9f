import type { FileRevision, FileWarning } from "../file-draft.ts"
import { revisionsOf } from "./changes.ts"
import { type Item, paragraphsIn } from "./items.ts"
import { type LeftAt, listed, quoted } from "./left.ts"
import type { WordPackage } from "./package.ts"
import { itemsOf } from "./paragraphs.ts"
import { isDeleted, textOf } from "./pieces.ts"

/** A header or footer, which is no part of the text. */
export interface Margin {
  readonly story: "header" | "footer"
  readonly items: readonly Item[]
}

export const marginsOf = (word: WordPackage): Margin[] =>
  word.margins.map((margin) => ({ story: margin.name === "w:ftr" ? "footer" : "header", items: itemsOf(margin, word.looks) }))

/** What stands in each text box of a story, boxes within boxes too. */
export const boxesIn = (items: readonly Item[]): (readonly Item[])[] =>
  paragraphsIn(items).flatMap(({ boxes }) => boxes.flatMap((box) => [box, ...boxesIn(box)]))

/** The words of a story beside the text, as they are to be. */
export const wordsLeft = (items: readonly Item[]): string =>
  paragraphsIn(items)
    .map(({ pieces }) => textOf(pieces.filter((piece) => !isDeleted(piece))).trim())
    .filter(Boolean)
    .join(" ")

const verbs: Partial<Record<FileRevision["kind"], string>> = {
  insertion: "inserts",
  deletion: "deletes",
  "move-to": "moves here",
  "move-from": "moves away",
}

/** What is revised in a story beside the text: "Ann deletes “old”". Revisions of the same words and person are told once. */
function revisedIn(items: readonly Item[]): string[] {
  const told = revisionsOf(items, () => null).flatMap(({ kind, enteredBy, text }) => {
    const verb = verbs[kind]
    return verb && text.trim() !== "" ? [`${enteredBy || "somebody"} ${verb} ${quoted(text)}`] : []
  })
  return [...new Set(told)]
}

/** What was left of a story, by the block that it stands in or, where it stands in none, behind. */
export function leftIn(items: readonly Item[], blockOf: (item: Item) => string | null): LeftAt[] {
  const found: LeftAt[] = []
  let block: string | null = null
  for (const item of items) {
    block = blockOf(item) ?? block
    const own = item.kind === "table" ? item.left : []
    for (const left of [...own, ...paragraphsIn([item]).flatMap((paragraph) => paragraph.left)]) found.push({ block, left })
    for (const box of boxesIn([item])) {
      const words = wordsLeft(box)
      const about = listed(revisedIn(box))
      if (words || about) found.push({ block, left: { kind: "box", words, about } })
      for (const left of paragraphsIn(box).flatMap((paragraph) => paragraph.left)) found.push({ block, left })
    }
  }
  return found
}

/** Headers and footers are no part of the text: what is revised in them is told. */
export const warningsOfMargins = (margins: readonly Margin[]): FileWarning[] =>
  margins.flatMap(({ story, items }) => {
    const revised = revisedIn(items)
    return revised.length === 0
      ? []
      : [{ code: "MARGIN", message: `In a ${story}, which is no part of the text, ${listed(revised)}. That was not taken.` }]
  })

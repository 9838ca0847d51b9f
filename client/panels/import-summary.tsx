import { countBrackets } from "../../shared/clauses/brackets.ts"
import { quoted } from "../../shared/clauses/notes.ts"
import { shortened } from "../../shared/schema/letters.ts"
import { count } from "../ui/words.ts"
import type { Understood } from "./file-said.ts"

const shownBlocks = 10

/** What was understood of a file: how many of each thing, and its first lines. */
export function Summary({ understood, isCompared }: { understood: Understood; isCompared: boolean }) {
  const touched = new Set(
    understood.changes.flatMap(({ newBlocks = [], segments = [], structure = [] }) => [
      ...newBlocks,
      ...[...segments, ...structure].map((part) => part.block),
    ]),
  )
  // Of a comparison one wants to see what differs; of a file that one does not know yet, how it begins.
  const telling = isCompared ? understood.blocks.filter((block) => touched.has(block.id)) : understood.blocks
  const of = (type: string): number => understood.blocks.filter((block) => block.type === type).length
  const brackets = understood.blocks.reduce((sum, block) => sum + countBrackets(block.text), 0)
  const parts: readonly (readonly [number, string, string?])[] = [
    [of("head"), "head"],
    [of("clause"), "clause"],
    [of("quote"), "quotation"],
    [of("table"), "table"],
    [understood.notes.length, "footnote"],
    [brackets, "passage in square brackets", "passages in square brackets"],
    isCompared
      ? [understood.changes.length, "difference from the text in force", "differences from the text in force"]
      : [understood.changes.length, "tracked change"],
    [understood.comments.length, "comment"],
    [understood.comments.reduce((sum, { replies }) => sum + replies.length, 0), "reply", "replies"],
    [understood.cover.length, "cover line"],
  ]
  return (
    <>
      <p class="understood">
        {parts
          .filter(([n]) => n > 0)
          .map(([n, one, many]) => count(n, one, many))
          .join(", ") || "No text that we know the shape of"}
        .
      </p>
      <section class="preview" dir="auto" tabIndex={0} aria-label={isCompared ? "What differs" : "How the file was understood"}>
        {telling.slice(0, shownBlocks).map((block) => (
          <p key={block.id} data-type={block.type} dir="auto">
            {block.label && <span class="label">{block.label}</span>} <Words block={block} understood={understood} />
          </p>
        ))}
        {telling.length > shownBlocks && <p class="more">… {telling.length - shownBlocks} more</p>}
      </section>
    </>
  )
}

/** The first words of a block, those that go struck and those that come underlined. */
function Words({ block, understood }: { block: Understood["blocks"][number]; understood: Understood }) {
  const text = shortened(block.text, 120)
  const segments = understood.changes.flatMap((change) => change.segments ?? []).filter((part) => part.block === block.id)
  const isWholly = (kind: string): boolean =>
    understood.changes.some((change) =>
      (kind === "insertion"
        ? change.newBlocks
        : change.structure?.filter((act) => act.kind === "delete").map((act) => act.block)
      )?.includes(block.id),
    )
  const cuts = [...new Set([0, text.length, ...segments.flatMap(({ from, to }) => [from, to])])]
    .filter((at) => at <= text.length)
    .sort((a, b) => a - b)
  return (
    <>
      {cuts.slice(1).map((to, i) => {
        const from = cuts[i]!
        const has = (kind: string): boolean =>
          isWholly(kind) || segments.some((part) => part.kind === kind && part.from <= from && part.to >= to)
        const words = quoted(text.slice(from, to))
        if (has("deletion")) return <del key={from}>{words}</del>
        return has("insertion") ? <ins key={from}>{words}</ins> : words
      })}
    </>
  )
}

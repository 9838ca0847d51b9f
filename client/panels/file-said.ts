import { splitSaid, type WholeAct, wholesSaid } from "../../shared/changes/wholes.ts"
import { addressesOf } from "../../shared/clauses/labels.ts"
import { type Block, defaultAttrs, noStructure, splitCharacter } from "../../shared/schema/block.ts"
import { shortened } from "../../shared/schema/letters.ts"
import type { Understood } from "./review-parts.tsx"
import { wordsBefore } from "./words.tsx"

const asBlock = ({ id, type, level = 1, text }: Understood["blocks"][number]): Block => ({
  ...defaultAttrs,
  ...{ id, level, type: type as Block["type"] },
  runs: [{ text, marks: [] }],
  structure: noStructure,
})

/** How each clause of a file is spoken of, as the room speaks of its own. */
export function addressesIn({ blocks }: Pick<Understood, "blocks">): ReadonlyMap<string, string> {
  return addressesOf(blocks.map(asBlock), new Map(blocks.map(({ id, label = "" }) => [id, label])))
}

/** What a change of a file does, to which words or which clause, as the card of a change of the draft says it. */
export function fileChangeSaid(
  { kind, block, text, replacedBy, segments = [], structure = [] }: Understood["changes"][number],
  { blocks }: Pick<Understood, "blocks">,
  addresses: ReadonlyMap<string, string>,
): string {
  const addressOf = (id: string): string => addresses.get(id) ?? "a clause"
  const quotation = `“${shortened(text, 80)}”`
  if (structure.length > 0) return `${wholesSaid(structure as readonly WholeAct[], addressOf)}${text ? `: ${quotation}` : ""}`
  if (kind !== "structure") return `${kind} ${quotation}${replacedBy === undefined ? "" : ` by “${shortened(replacedBy, 80)}”`}`
  const home = blocks.find(({ id }) => id === block)
  const at = segments.find((part) => part.block === block && home?.text.slice(part.from, part.to) === splitCharacter)?.from ?? 0
  return splitSaid(addressOf(block), wordsBefore(home && asBlock(home), at))
}

import { listed } from "../../shared/changes/pieces.ts"
import { splitSaid, type WholeAct, wholesSaid } from "../../shared/changes/wholes.ts"
import { addressesOf } from "../../shared/clauses/labels.ts"
import { type Block, defaultAttrs, noStructure, splitCharacter } from "../../shared/schema/block.ts"
import { shortened } from "../../shared/schema/letters.ts"
import { lastWords } from "./words.tsx"

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
  change: Understood["changes"][number],
  { blocks, changes }: Pick<Understood, "blocks" | "changes">,
  addresses: ReadonlyMap<string, string>,
): string {
  const { kind, block, text, replacedBy, newBlocks = [], segments = [], structure = [] } = change
  const addressOf = (id: string): string => addresses.get(id) ?? "a clause"
  const quotation = `“${shortened(text, 80)}”`
  const textOf = ({ block: of, from, to }: (typeof segments)[number]): string =>
    blocks.find(({ id }) => id === of)?.text.slice(from, to) ?? ""
  // What comes along with what is done to clauses, or stands in other clauses than it begins in, is part of it.
  const isSpaceOfJoin = (part: (typeof segments)[number]): boolean =>
    structure.some((act) => act.kind === "join") && part.kind === "insertion" && textOf(part).trim() === ""
  const words = segments.flatMap((part) =>
    isSpaceOfJoin(part)
      ? []
      : [`; ${part.kind === "insertion" ? "insert" : "delete"} “${shortened(textOf(part), 80)}” in ${addressOf(part.block)}`],
  )
  if (structure.length > 0)
    return `${wholesSaid(structure as readonly WholeAct[], addressOf)}${text ? `: ${quotation}` : ""}${words.join("")}`
  const places = [...new Set([...newBlocks, ...segments.map((part) => part.block)].flatMap((id) => addresses.get(id) ?? []))]
  const where = places.length > 1 ? ` (in ${listed(places)})` : ""
  if (kind !== "structure") return `${kind} ${quotation}${replacedBy === undefined ? "" : ` by “${shortened(replacedBy, 80)}”`}${where}`
  const home = blocks.find(({ id }) => id === block)
  const at = segments.find((part) => part.block === block && home?.text.slice(part.from, part.to) === splitCharacter)?.from ?? 0
  // Of what changes say in that clause its author reads the own words, and those that others take out.
  const isOwn = ({ source = null, enteredBy }: Understood["changes"][number]): boolean =>
    source === (change.source ?? null) && (source !== null || enteredBy === change.enteredBy)
  const unread = changes.flatMap((other) =>
    (other.segments ?? []).filter((part) => part.block === block && (part.kind === "deletion") === isOwn(other)),
  )
  const isUnread = (letter: number): boolean => unread.some(({ from, to }) => from <= letter && letter < to)
  const before = (home?.text ?? "").slice(0, at).split("")
  return splitSaid(addressOf(block), lastWords(before.filter((_, letter) => !isUnread(letter)).join("")))
}

/** What a review shows of a file: the public JSON of an import. */
export interface Understood {
  readonly cover: readonly { field: string | null; text: string }[]
  readonly blocks: readonly { id: string; type: string; label?: string; level?: number; text: string; renumbered?: object }[]
  readonly changes: readonly {
    id: string
    kind: string
    block: string
    source?: string | null
    enteredBy: string | null
    text: string
    replacedBy?: string
    newBlocks?: readonly string[]
    segments?: readonly { block: string; kind: string; from: number; to: number }[]
    structure?: readonly { kind: string; block: string }[]
  }[]
  readonly comments: readonly { readonly replies: readonly unknown[] }[]
  readonly notes: readonly unknown[]
  readonly warnings: readonly { code: string; block?: string; message: string }[]
}

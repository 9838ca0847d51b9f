import type * as Y from "yjs"
import { type Block, deepestNesting, type StructuralProposal } from "../../shared/schema/block.ts"
import { keyOf, parseKey, parseMarkId } from "../../shared/schema/keys.ts"
import { idSeparator, isMarkName, markAttrs, optionalMarkAttrs } from "../../shared/schema/schema.ts"
import { longestBlockId, restructurable, targetOf } from "../../shared/schema/structure.ts"

/** Caps of GATE1 and GATE11. Lengths count UTF-16 units. */
export const caps = {
  updateBytes: 1_000_000,
  newCharacters: 200_000,
  attributeLength: longestBlockId,
  listedIds: deepestNesting,
  newTypesInUpdate: 2_000,
  newBlocksOfSource: 500,
  openMarksOfSource: 20_000,
  openLettersOfSource: 400_000,
  lettersOfBlock: 100_000,
  structureOfSource: 1_000,
  linksOfSource: 1_000,
} as const

/** Who wrote under a client id: bound for ever to one person and one hat. */
export interface Binding {
  readonly person: string
  readonly source: string
}
export type BindingOf = (client: number) => Binding | undefined

const isList = (value: string): boolean =>
  value === "" || (value.split(idSeparator).length <= caps.listedIds && value.split(idSeparator).every((id) => parseMarkId(id)))

/** Why a marker may not be written by this source, or null. Keys are injective, so a mark's owner is its key's client (GATE1, GATE5). */
export function badMarker(content: Y.ContentFormat, source: string, isOwnClient: (client: number) => boolean): string | null {
  const key = parseKey(content.key)
  if (!key || !isMarkName(key.name)) return "unknown-mark"
  if (key.name !== "insertion" && key.name !== "deletion") return "mark-of-the-server"
  if (!isOwnClient(key.client)) return "foreign-key"
  const value = content.value as unknown
  if (value === null) return null
  if (typeof value !== "object") return "mark-shape"
  const attrs = value as Record<string, unknown>
  const names = markAttrs[key.name]
  if (Object.keys(attrs).some((name) => !names.includes(name))) return "mark-shape"
  for (const name of names)
    if (typeof attrs[name] !== "string" && !(attrs[name] === undefined && optionalMarkAttrs.has(name))) return "mark-shape"
  const { id, of, source: claimed, within = "", over = "", heard = "" } = attrs as Record<string, string>
  if (heard !== "" && !/^(?:0|[1-9]\d{0,9})$/.test(heard)) return "mark-shape"
  if (claimed !== source) return "forged-source"
  const parts = parseMarkId(id!)
  if (parts?.source !== source || keyOf(key.name, id!) !== content.key) return "mark-id"
  if (of !== "" && parseMarkId(of!)?.source !== source) return "foreign-change"
  if (!isList(within) || !isList(over)) return "mark-shape"
  return within.split(idSeparator).includes(id!) ? "mark-shape" : null
}

/** Why a structural proposal cannot be about these blocks, or null (GATE3). Of a block of which nothing is known it may be: it may have been here. */
export function badProposal(proposal: StructuralProposal, typeOf: (block: string) => Block["type"] | null): string | null {
  const { kind, block } = proposal
  const mayBe = (id: string, types: ReadonlySet<Block["type"]>): boolean => {
    const type = typeOf(id)
    return type === null || types.has(type)
  }
  if (targetOf(proposal) === block || !mayBe(block, restructurable[kind])) return "structure-block"
  return kind === "join" && !mayBe(proposal.into, restructurable.join) ? "structure-block" : null
}

import { type Block, noStructure, type StructuralAct, type StructuralProposal } from "./block.ts"
import { parseMarkId } from "./keys.ts"

/** Which kinds of block a proposal may be about: what the editor offers, and the room takes (GATE3). */
export const restructurable: Readonly<Record<StructuralProposal["kind"], ReadonlySet<Block["type"]>>> = {
  delete: new Set(["head", "clause", "paragraph", "quote", "heading", "table"]),
  join: new Set(["clause", "paragraph", "quote"]),
  move: new Set(["head", "clause", "paragraph", "quote", "heading", "table"]),
  level: new Set(["clause"]),
}

/** Whether a kind of block is cut in two: only what can be one again is, for a footnote has one call, a resolution one title. */
export const isSplittable = (type: string | undefined): boolean => restructurable.join.has(type as Block["type"])

/** Whether a kind of block is deleted as a whole. */
export const isDeletable = (type: Block["type"]): boolean => restructurable.delete.has(type)

/** Longest block id, in UTF-16 units. */
export const longestBlockId = 64

const isBlockId = (value: unknown): value is string => typeof value === "string" && value !== "" && value.length <= longestBlockId

/** The act in a written entry, or null where it has not exactly that act's fields. */
function actOf(fields: Readonly<Record<string, unknown>>): StructuralAct | null {
  const { kind, ...rest } = fields
  const names = Object.keys(rest)
  if (kind === "join" && names.length === 2 && rest.apart === true)
    return isBlockId(rest.into) ? { kind, into: rest.into, apart: true } : null
  if (kind === "delete") return names.length === 0 ? { kind } : null
  if (names.length !== 1) return null
  if (kind === "join") return isBlockId(rest.into) ? { kind, into: rest.into } : null
  if (kind === "move") return rest.after === null || isBlockId(rest.after) ? { kind, after: rest.after } : null
  if (kind !== "level") return null
  return isLevel(rest.level) ? { kind, level: rest.level } : null
}

/** Clauses are nested one to four deep. */
export const isLevel = (level: unknown): level is number => typeof level === "number" && Number.isInteger(level) && level >= 1 && level <= 4

/**
 * The structural proposal that an entry of the root `structure` holds, or null where the entry is not one: every field present, none too many, the id
 * its key, the change it joins its own source's (GATE3).
 */
export function structuralProposalOf(key: string, value: unknown): StructuralProposal | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null
  const { id, of, source, block, ...rest } = value as Record<string, unknown>
  if (id !== key || typeof of !== "string" || typeof source !== "string" || !isBlockId(block)) return null
  if (parseMarkId(key)?.source !== source || (of !== "" && parseMarkId(of)?.source !== source)) return null
  const act = actOf(rest)
  return act && { id: key, of, source, block, changeId: of || key, ...act }
}

/** A structural proposal as its entry is written. */
export function entryOf({ changeId: _, ...entry }: StructuralProposal): Readonly<Record<string, unknown>> {
  return entry
}

/** Whether it makes of its block no part of another, but follows what that block was cut off from (TRK5). */
export const isApart = (act: StructuralAct): boolean => act.kind === "join" && act.apart === true

/** Whether it makes a block part of another. */
export const isJoin = <Act extends StructuralAct>(act: Act): act is Act & { readonly kind: "join" } => act.kind === "join" && !isApart(act)

/** Where a proposal leads: the block joined into, the block it goes behind, the level; null for a deletion. */
export function targetOf(act: StructuralAct): string | number | null {
  switch (act.kind) {
    case "delete":
      return null
    case "join":
      return act.into
    case "move":
      return act.after
    case "level":
      return act.level
    default:
      return act satisfies never
  }
}

const byId = (a: StructuralProposal, b: StructuralProposal): number => {
  const [x, y] = [parseMarkId(a.id)!, parseMarkId(b.id)!]
  return x.client - y.client || x.n - y.n || (a.source < b.source ? -1 : 1)
}

/** Blocks with the structural proposals about each, in the order of their ids; those about a block that is not there are left out. */
export function withStructure(blocks: readonly Block[], proposals: Iterable<StructuralProposal>): Block[] {
  const byBlock = new Map<string, StructuralProposal[]>()
  for (const proposal of proposals) {
    const list = byBlock.get(proposal.block)
    if (list) list.push(proposal)
    else byBlock.set(proposal.block, [proposal])
  }
  if (byBlock.size === 0) return [...blocks]
  return blocks.map((block) => {
    const structure = byBlock.get(block.id)?.sort(byId) ?? noStructure
    return structure === block.structure ? block : { ...block, structure }
  })
}

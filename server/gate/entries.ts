/** What an update may do to proposals about blocks as wholes: its source's own, about blocks that are there (GATE3). */
import type { Block, StructuralProposal } from "../../shared/schema/block.ts"
import { parseMarkId, serverClient } from "../../shared/schema/keys.ts"
import { isApart, structuralProposalOf, targetOf } from "../../shared/schema/structure.ts"
import { addedBlocks } from "./blocks.ts"
import { type Case, type Kept, mayName, type Refused, refused } from "./case.ts"
import type { Repair } from "./repairs.ts"
import { badProposal, caps } from "./shapes.ts"

export interface JudgedEntries {
  readonly repairs: readonly Repair[]
  readonly kept: readonly Kept[]
}

const nothing: JudgedEntries = { repairs: [], kept: [] }

/** Entries that came too late are taken out again, and told where their block is gone. */
export function judgeEntries(update: Case): Refused | JudgedEntries {
  const { before, after, source, rest } = update
  if (after.entries.size === 0) return nothing
  const added = new Map(addedBlocks(update).map(([, { attrs, type }]) => [attrs.id, type as Block["type"]]))
  const typeOf = (block: string): Block["type"] | null => added.get(block) ?? rest.typeOf(block)
  // A block that is gone is still what it was: what was never possible about it does not wait for its return (BACK6).
  const typeEver = (block: string): Block["type"] | null => added.get(block) ?? rest.typeEver(block)
  const repairs: Repair[] = []
  const kept: Kept[] = []
  let count = rest.countOf(source).entries
  for (const [key, value] of after.entries) {
    const was = before.entries.get(key) as StructuralProposal | undefined
    if (was && was.source !== source) return refused("others-proposal")
    if (value === undefined) {
      if (!was && !mayName(update, key)) return refused("foreign-key")
      // What was accepted with its host its source takes out no more.
      if (was && rest.isDecided(was.changeId)) repairs.push({ kind: "dropEntry", id: key, stays: was })
      else if (was) {
        const along = heldForParts(was, update)
        count -= 1 + along.length
        for (const id of along) repairs.push({ kind: "dropEntry", id, stays: null })
      }
      continue
    }
    const proposal = structuralProposalOf(key, value)
    if (!proposal) return refused("structure-shape")
    if (proposal.source !== source) return refused("forged-source")
    if (was && isSame(was, proposal)) continue
    // What follows a clause that is to be joined the server has written, once: nobody makes something else of it, or its card would say what is not done.
    const isFollowing = isApart(proposal) || (was !== undefined && isApart(was))
    if (isFollowing && (was || parseMarkId(key)?.client !== serverClient)) return refused("structure-shape")
    if (!was && !mayName(update, proposal.id)) return refused("foreign-key")
    const isDecided = rest.isDecided(key) || (rest.isDecided(proposal.changeId) && isWrittenBefore(update, key))
    // What no client would propose is none the better for coming late.
    const bad = isDecided ? null : badProposal(proposal, typeEver)
    if (bad) return refused(bad)
    const now = isDecided ? proposal : whereItIs(proposal, update, typeOf)
    const isGone = blocksOf(now).some((block) => typeOf(block) === null)
    if (isDecided || isGone) {
      if (!isDecided) kept.push({ proposal: proposal.kind })
      // What was accepted with its host stays as it was accepted.
      const stays = was && isDecided ? was : null
      if (was && !stays) count--
      repairs.push({ kind: "dropEntry", id: key, stays, ...(!isDecided && { isLate: true }) })
      continue
    }
    if (!was) count++
    const worse = now === proposal ? null : badProposal(now, typeOf)
    if (worse) return refused(worse)
    if (now !== proposal) repairs.push({ kind: "retarget", proposal: now })
    const parts = partsBeside(now, update)
    count += parts.length
    if (parts.length > 0) repairs.push({ kind: "extend", proposal: now, parts })
  }
  return count > caps.structureOfSource ? refused("too-many-changes") : { repairs, kept }
}

/**
 * A proposal that puts a block behind another, or into it, as it is meant now: what that was joined to holds its words, and of one that was split before
 * the writer had heard of it the last part.
 */
function whereItIs(
  proposal: StructuralProposal,
  { fresh, rest }: Case,
  typeOf: (block: string) => Block["type"] | null,
): StructuralProposal {
  const target = targetOf(proposal)
  if (typeof target !== "string") return proposal
  const found = typeOf(target) === null ? rest.survivorOf(target) : target
  const last = found !== null && fresh.heard !== null ? (rest.partsSince(found, fresh.heard).at(-1) ?? found) : found
  if (last === null || last === target || last === proposal.block) return proposal
  return proposal.kind === "move" ? { ...proposal, after: last } : proposal.kind === "join" ? { ...proposal, into: last } : proposal
}

/** The parts of a block that was split before who proposes something about it as a whole had heard of that: it holds for them too. */
function partsBeside(proposal: StructuralProposal, { before, fresh, rest }: Case): string[] {
  if (fresh.heard === null) return []
  const isHeld = (part: string): boolean =>
    [...before.entries.values()].some((entry) => {
      const { changeId, kind, block } = entry as StructuralProposal
      return changeId === proposal.changeId && kind === proposal.kind && block === part
    })
  return rest.partsSince(proposal.block, fresh.heard).filter((part) => part !== targetOf(proposal) && !isHeld(part))
}

/**
 * The entries that the server wrote for parts of a block, for what was proposed about it holds for these too: an undo knows only the entry that its source
 * wrote, and they go with that.
 */
function heldForParts({ id, block, changeId, kind }: StructuralProposal, { before, after, rest }: Case): string[] {
  const held: StructuralProposal[] = []
  for (const value of before.entries.values()) {
    const entry = value as StructuralProposal
    const isOfServer = entry.changeId === changeId && entry.kind === kind && parseMarkId(entry.id)?.client === serverClient
    if (isOfServer && entry.id !== id && !(after.entries.has(entry.id) && after.entries.get(entry.id) === undefined)) held.push(entry)
  }
  if (held.length === 0) return []
  const parts = new Set([block, ...rest.partsSince(block, 0)])
  // Each but the first names the part before it, where it says where it goes.
  const follows = (entry: StructuralProposal): boolean => (isApart(entry) || kind === "move") && parts.has(String(targetOf(entry)))
  return held.flatMap((entry) => {
    if (!parts.has(entry.block) && !follows(entry)) return []
    parts.add(entry.block)
    return [entry.id]
  })
}

/** The blocks that an entry names. */
const blocksOf = (proposal: StructuralProposal): string[] => [
  proposal.block,
  ...(proposal.kind === "join" ? [proposal.into] : []),
  ...(proposal.kind === "move" && proposal.after !== null ? [proposal.after] : []),
]

const isSame = (a: StructuralProposal, b: StructuralProposal): boolean =>
  a.kind === b.kind && a.block === b.block && a.of === b.of && targetOf(a) === targetOf(b) && isApart(a) === isApart(b)

/** An undo brings back what was written before; it belongs to what was decided, and is not given another change. */
function isWrittenBefore({ rest }: Case, id: string): boolean {
  const parts = parseMarkId(id)
  return parts !== null && parts.n <= rest.lastNumberOf(parts.client)
}

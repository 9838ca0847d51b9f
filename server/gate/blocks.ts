/** What an update may do to blocks as wholes, and to their attributes (GATE4). */
import { defaultAttrs } from "../../shared/schema/block.ts"
import { parseMarkId } from "../../shared/schema/keys.ts"
import { isLevel } from "../../shared/schema/structure.ts"
import { type Case, type Refused, refused } from "./case.ts"
import type { Attrs, BlockReading } from "./reading.ts"
import type { At, Repair } from "./repairs.ts"
import { caps } from "./shapes.ts"

/** Kinds of block that a delegation may add. */
const proposable = new Set(["clause", "paragraph", "quote"])

const namesOf = (a: Attrs, b: Attrs): ReadonlySet<string> => new Set([...Object.keys(a), ...Object.keys(b)])

/** Attributes are not for clients to change; of its own new clause a source may change the level: nothing else has one. */
function isSameAttrs({ attrs: a, type }: BlockReading, b: Attrs, source: string): boolean {
  if (a === b) return true
  const isFree = (name: string): boolean => a.insertedBy === source && isLevelOf(type, name, b)
  for (const name of namesOf(a, b)) if (a[name] !== b[name] && !isFree(name)) return false
  return true
}

const isLevelOf = (type: string | undefined, name: string, { level }: Attrs): boolean =>
  type === "clause" && name === "level" && (level === undefined || isLevel(level))

/** Whether only the level differs, of a clause that the source added and that is agreed, or gone elsewhere, by now. */
function isLateLevel({ attrs: a, type }: BlockReading, b: Attrs, source: string): boolean {
  for (const name of namesOf(a, b)) if (a[name] !== b[name] && !isLevelOf(type, name, b)) return false
  const id = String(a.id)
  return a.joined !== undefined || (id.startsWith("n") && parseMarkId(id.slice(1))?.source === source)
}

/** Whether a block is the empty place that the server left of one which it has put elsewhere. */
const isLeftPlace = ({ attrs, runs }: BlockReading, { fresh, source }: Case): boolean =>
  fresh.known.size === 0 && typeof attrs.joined === "string" && attrs.insertedBy === source && runs.length === 0

/** Why a new block may not be this source's, or null. Its id and what it belongs to are spelled by a client under which the update writes. */
function badNewBlock({ type, attrs }: BlockReading, { source, rest, fresh }: Case, isTaken: (id: string) => boolean): string | null {
  const { id, insertedBy, insertedId, dir, level, ...others } = attrs
  if (!proposable.has(type)) return "block-type"
  if (insertedBy !== source) return "forged-block"
  if (typeof insertedId !== "string" || parseMarkId(insertedId)?.source !== source) return "forged-block"
  const name = typeof id === "string" && id.startsWith("n") ? parseMarkId(id.slice(1)) : null
  if (name?.source !== source || typeof id !== "string") return "block-id"
  // With nothing fresh a state is looked at, in which this has been seen to.
  if (fresh.known.size > 0 && (!fresh.known.has(name.client) || rest.isDecided(id.slice(1)))) return "block-id"
  if (isTaken(id)) return "block-id"
  if (dir !== undefined && dir !== "rtl" && dir !== "ltr") return "block-shape"
  if (level !== undefined && (type !== "clause" || !isLevel(level))) return "block-shape"
  const isUnderstood = Object.entries(others).every(([other, value]) => other === "part" && value === defaultAttrs.part)
  return isUnderstood ? null : "block-shape"
}

/** Blocks that an update adds, with where they are. */
export function addedBlocks({ before, after }: Pick<Case, "before" | "after">): [At, BlockReading][] {
  const added: [At, BlockReading][] = []
  for (const [at, reading] of after.blocks) if (reading && !before.blocks.has(at)) added.push([at, reading])
  return added
}

/** Why blocks are not as this source may leave them, or null. */
export function refusedBlocks(update: Case): Refused | null {
  const { before, after, source, rest } = update
  const ids = new Set<string>()
  let added = 0
  for (const [at, reading] of after.blocks) {
    if (!reading) return refused("block-shape", at)
    const was = before.blocks.get(at)
    if (was) {
      if (!isSameAttrs(was, reading.attrs, source) && !isLateLevel(was, reading.attrs, source)) return refused("block-attributes", at)
      continue
    }
    if (isLeftPlace(reading, update)) continue
    const bad = badNewBlock(reading, update, (id) => ids.has(id) || rest.isTaken(id))
    if (bad) return refused(bad, at)
    ids.add(reading.attrs.id as string)
    added++
  }
  for (const at of before.blocks.keys()) if (!after.blocks.has(at)) return refused("block-removed", at)
  return added > 0 && rest.countOf(source).blocks + added > caps.newBlocksOfSource ? refused("too-many-blocks") : null
}

/** New blocks go behind all of the words that they were written behind, the last one first, so that several stay in their order (GATE8). */
export function placements({ fresh }: Case): Repair[] {
  return [...fresh.amidst].toReversed().map(([at, behind]) => ({ kind: "place", at, behind }))
}

/** The level that a source gave its own new clause, agreed by now, is a proposal about an agreed clause (GATE7). */
export function levelRepairs({ before, after, source }: Case): Repair[] {
  const repairs: Repair[] = []
  for (const [at, was] of before.blocks) {
    const now = after.blocks.get(at)
    if (!was || !now || isSameAttrs(was, now.attrs, source)) continue
    const { level = 1 } = now.attrs
    repairs.push({ kind: "level", at, level: was.attrs.level, proposed: was.attrs.joined === undefined ? (level as number) : null })
  }
  return repairs
}

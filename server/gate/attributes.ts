/** Which changes of a block's attributes an update may bring (GATE4). */
import { parseMarkId } from "../../shared/schema/keys.ts"
import { isLevel } from "../../shared/schema/structure.ts"
import type { Snapshot } from "./snapshot.ts"

type Attrs = Snapshot["attrs"]

/** Attributes are not for clients to change; of its own new clause a source may change the level. */
export function isSameAttrs(a: Attrs, b: Attrs, source: string): boolean {
  const isOwn = a.insertedBy === source
  const isFree = (name: string): boolean => isOwn && name === "level" && (b.level === undefined || isLevel(b.level))
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...names].every((name) => a[name] === b[name] || isFree(name))
}

/** Whether only the level differs, of a clause that the source added and that is agreed, or gone elsewhere, by now. */
export function isLateLevel(a: Attrs, b: Attrs, source: string): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  const isOnlyLevel = [...names].every((name) => a[name] === b[name] || (name === "level" && (b.level === undefined || isLevel(b.level))))
  const isOwnClause = parseMarkId(String(a.id).slice(1))?.source === source && String(a.id).startsWith("n")
  return isOnlyLevel && (isOwnClause || a.joined !== undefined)
}

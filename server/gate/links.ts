/** What an update may do to links: its source's own, of its own changes, open ones or such as it brings (LINK3). */
import type { Link } from "../../shared/changes/links.ts"
import { parseMarkId } from "../../shared/schema/keys.ts"
import { linkOf } from "../../shared/sync/roots.ts"
import { type Case, mayName, type Refused, refused } from "./case.ts"
import type { Repair } from "./repairs.ts"
import { caps } from "./shapes.ts"

const nothing = { repairs: [] } as const
const none: ReadonlySet<string> = new Set()

/** What names decided changes ties the others alone, as a decision leaves it, and what names rivals the first of them; fewer than two tie nothing. */
export function judgeLinks(update: Case): Refused | { readonly repairs: readonly Repair[] } {
  const { before, after, source, rest } = update
  if (!after.links || after.links.size === 0) return nothing
  const written: { readonly link: Link; readonly open: readonly string[] }[] = []
  const known = (before.links ?? new Map()) as ReadonlyMap<string, Link>
  let count = 0
  // Links that grew into one another would be groups without a bound.
  const linked = new Set<string>()
  for (const [key, link] of known) {
    if (link.source !== source) continue
    count++
    if (!after.links.has(key)) for (const change of link.changes) linked.add(change)
  }
  for (const [key, value] of after.links) {
    const was = known.get(key)
    if (was && was.source !== source) return refused("others-link")
    if (value === undefined) {
      if (!was && !mayName(update, key)) return refused("foreign-key")
      if (was) count--
      continue
    }
    const link = linkOf(key, value)
    if (!link || link.changes.length < 2 || new Set(link.changes).size < link.changes.length) return refused("link-shape")
    if (link.source !== source) return refused("forged-source")
    if (!was && !mayName(update, key)) return refused("foreign-key")
    const born = bornIn(update)
    // What was decided meanwhile its browser has not heard of.
    const isOwn = (change: string): boolean =>
      parseMarkId(change)?.source === source && (rest.isOpen(change) || rest.isDecided(change) || born.has(change))
    if (!link.changes.every(isOwn)) return refused("foreign-change")
    if (link.changes.some((change) => linked.has(change))) return refused("link-shape")
    const open = link.changes.filter((change) => !rest.isDecided(change))
    written.push({ link, open })
    for (const change of open) linked.add(change)
    if (!was) count++
  }
  if (count > caps.linksOfSource) return refused("too-many-changes")
  // What is linked is decided by one verdict, and rivals are never both accepted.
  const rivals = written.length > 0 ? rest.rivalsAmong(written.map(({ open }) => open)) : none
  const repairs = written.flatMap(({ link, open }): Repair[] => {
    const stays = open.filter((change) => !rivals.has(change))
    return stays.length === link.changes.length ? [] : [{ kind: "dropLinked", id: link.id, source, stays: stays.length < 2 ? [] : stays }]
  })
  return { repairs }
}

/** Ids of changes that an update leaves in the blocks and entries that it touched. */
function bornIn({ after, source }: Case): Set<string> {
  const born = new Set<string>()
  for (const reading of after.blocks.values()) {
    if (!reading) continue
    for (const mark of reading.marks) if (mark.source === source) born.add(mark.changeId)
    if (reading.attrs.insertedBy === source) born.add(String(reading.attrs.insertedId))
  }
  for (const [key, value] of after.entries) {
    const { of = "", source: by } = (value ?? {}) as { of?: string; source?: string }
    if (by === source) born.add(of || key)
  }
  return born
}

/** Random proposals, for histories of decisions. */
import type { random } from "./build.ts"
import type { Member } from "./cohort.ts"

type Random = ReturnType<typeof random>

/** A delegation proposes something: words, or what becomes of a clause as a whole. */
export function propose(member: Member, r: Random): void {
  const clauses = Array.from({ length: member.state.doc.childCount }, (_, i) => i).filter((i) => i > 0 && member.text(i).length > 4)
  if (clauses.length === 0) return
  const index = r.pick(clauses)
  const { length } = member.text(index)
  const at = 1 + r.below(length - 2)
  const end = Math.min(length, at + 1 + r.below(6))
  const { tracking, restructuring } = member.session
  const add = (): void => {
    tracking.addClause(index + 1, null)
    if (member.text(index + 1) === "") member.type(index + 1, 0, "to ask")
  }
  r.pick([
    () => member.type(index, at, r.pick([" and", "x", " soon"])),
    () => member.delete(index, at, end),
    () => member.replace(index, at, end, r.pick(["y", " or"])),
    () => tracking.split({ index, at }),
    () => restructuring.join(index),
    () => restructuring.moveClause(index, r.pick([1, -1])),
    () => restructuring.changeLevel(index, 1),
    () => restructuring.deleteClause(index),
    add,
  ])()
}

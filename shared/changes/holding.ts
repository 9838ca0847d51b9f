/** Whether others have something inside a change that would end with it: of what several say alike the one is written under which nothing is lost (RIVAL1). */
import { type Block, isDeletionInEffect, ownerOf, type Run } from "../schema/block.ts"
import { runFrom } from "../schema/runs.ts"
import { targetOf } from "../schema/structure.ts"
import type { Change, Segment } from "./changes.ts"

/** Whether another change puts something into the words or new clauses of one, takes something out of them, or is about such a clause as a whole. */
export function holdsOthers(change: Change, blockOf: (id: string) => Block, blocks: readonly Block[]): boolean {
  const words = change.segments.filter(({ kind }) => kind === "insertion")
  const added = new Set(change.newBlocks)
  const own = new Set<string>([change.id, ...change.newBlocks.flatMap((id) => blockOf(id).insertedId ?? [])])
  for (const segment of words) for (const run of runsOf(blockOf(segment.block), segment)) own.add(ownerOf(run.marks)?.changeId ?? change.id)
  const isOthers = (id: string | undefined): boolean => id !== undefined && !own.has(id)
  const isIn = (run: Run): boolean => {
    const owner = ownerOf(run.marks)
    if (owner && own.has(owner.changeId))
      return run.marks.some((mark) => mark.name === "deletion" && isOthers(mark.changeId) && isDeletionInEffect(mark, run.marks))
    return run.marks.some((mark) => mark.name === "insertion" && own.has(mark.changeId) && owner?.within.includes(mark.id))
  }
  for (const id of new Set(words.map(({ block }) => block))) if (blockOf(id).runs.some(isIn)) return true
  for (const id of added) if (blockOf(id).runs.some(({ marks }) => isOthers(ownerOf(marks)?.changeId))) return true
  return added.size > 0 && blocks.some((block) => isAbout(block, added, isOthers))
}

/** Whether something of others is proposed about one of some clauses, or to come behind it or into it. */
const isAbout = ({ structure }: Block, added: ReadonlySet<string>, isOthers: (change: string) => boolean): boolean =>
  structure.some((proposal) => {
    const target = targetOf(proposal)
    return isOthers(proposal.changeId) && (added.has(proposal.block) || (typeof target === "string" && added.has(target)))
  })

/** The runs of a block that a segment is made of. */
function runsOf({ runs }: Block, { from, to }: Segment): Run[] {
  const found: Run[] = []
  let at = from
  for (let i = runFrom(runs, from); i < runs.length && at < to; i++) {
    found.push(runs[i]!)
    at += runs[i]!.text.length
  }
  return found
}

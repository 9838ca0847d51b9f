// Proves that every change which is open again is shown as it was when it was decided (BACK2).
import type { BackPlan } from "../../shared/changes/back-plan.ts"
import { type Change, changesIn } from "../../shared/changes/changes.ts"
import { Ties } from "../../shared/changes/links.ts"
import { changeHash, type Sight, seenOf, sightOf } from "../../shared/changes/sight.ts"
import { isPresent } from "../../shared/schema/block.ts"
import type { Gate } from "../gate/gate.ts"
import { sightOfGate } from "./as-seen.ts"
import type { Taking } from "./asked-back.ts"
import { Mismatch } from "./proven.ts"

/** What is open again is what was seen when it was decided: to the letter where nothing was decided since, else but for what stands beside it (BACK2). */
export function proveSeen(
  gate: Gate,
  { before, after, hashes, shown, gone, isLast }: Taking & { readonly gone: ReadonlySet<string>; readonly isLast: boolean },
  plan: BackPlan,
  reopened: readonly Change[],
): void {
  const sight = sightOfGate(gate)
  const ids = new Set(hashes.keys())
  const tied = new Ties((shown ?? before).links.values())
  const merged = new Set(plan.merged.values())
  // Of a division nothing may be left that could be one with the rest again.
  const isDivided = (id: string): boolean =>
    after.proposals.get(id)?.next !== undefined && after.proposals.get(id)?.next !== (shown ?? before).proposals.get(id)?.next
  const divided = new Set([...hashes.keys()].filter(isDivided))
  // Of what was linked a part was decided by itself, and the others without it.
  const [then, asLinked] = [tied.without(divided), tied].map((ties) => sightOf((shown ?? before).blocks, sight.originOf, ties)) as [
    Sight,
    Sight,
  ]
  // Of several changes that were decided together what the others took out does not come back with one.
  const alone = shown ? sightOf(before.blocks, sight.originOf) : then
  const known = (list: readonly Change[]): Map<string, Change> => new Map(list.map((change) => [change.id, change]))
  const open = known(changesIn(after.blocks, ids))
  const were = known(changesIn(then.blocks, ids))
  const to = known(changesIn(alone.blocks, ids))
  const are = known(reopened)
  // What was proposed about clauses that were gone by then, and have come back since, is of it again too.
  const there = new Set(before.blocks.filter(isPresent).map(({ id }) => id))
  for (const [id, hash] of hashes) {
    const [was, wanted, is] = [were.get(id), to.get(id), are.get(id)]
    if (!was || open.has(id)) continue
    // Beside one that was divided the others were seen as that left them.
    if ((divided.size === 0 || divided.has(id)) && changeHash(was, divided.has(id) ? asLinked : then) !== hash)
      throw new Mismatch(`the log and the record differ about change ${id}`)
    if (!wanted || (!is && gone.has(id))) continue
    if (!is) throw new Mismatch(`change ${id} does not come back`)
    if (merged.has(id) || was.inside.length > 0 || changeHash(is, sight) === hash) continue
    if (core(seenOf(is, sight), isLast, there) !== core(seenOf(wanted, alone), isLast, there))
      throw new Mismatch(`change ${id} comes back as another`)
  }
}

/** What was seen of a change, whatever others have typed between its words; with what stands beside it, or without. */
function core(seen: string, isWhole: boolean, there: ReadonlySet<string>): string {
  const [version, id, source, kind, inside, segments, newBlocks, structure] = JSON.parse(seen) as [
    unknown,
    unknown,
    unknown,
    unknown,
    unknown,
    string[][],
    unknown[][],
    unknown[][],
  ]
  const words: unknown[][] = []
  for (const [block, form, text, left, right, before, behind] of segments) {
    const last = words.at(-1)
    if (last && last[0] === block && last[1] === form)
      words[words.length - 1] = [block, form, `${last[2]}${text}`, last[3], right, last[5], behind]
    else words.push([block, form, text, left, right, before, behind])
  }
  const about = isWhole ? structure : structure.filter(([, block]) => there.has(String(block)))
  // Clauses may have moved since: then the parts of a change stand in another order.
  const first = (list: unknown[][], count: number): unknown[] =>
    isWhole
      ? list
      : list
          .map((part) => part.slice(0, count))
          .map((part) => JSON.stringify(part))
          .sort()
  return JSON.stringify([version, id, source, kind, inside, first(words, 3), first(newBlocks, 4), first(about, 3)])
}

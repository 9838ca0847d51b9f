import * as Y from "yjs"
import { type Change, isAbout } from "../../shared/changes/changes.ts"
import { aimedAtHosts, incorporableAmong, takenIn } from "../../shared/changes/incorporate.ts"
import { finished, type Sliced } from "../../shared/changes/slices.ts"
import { isDeletionInEffect, ownerOf } from "../../shared/schema/block.ts"
import { elementsOf, runsOfText, textOfElement } from "../../shared/sync/read.ts"
import { roots } from "../../shared/sync/roots.ts"
import { placeAt, removeMark, removeText, writeItem } from "../../shared/sync/write.ts"
import type { Gate } from "../gate/gate.ts"
import type { Relocations } from "../gate/relocations.ts"
import { DomainError } from "../problems.ts"
import { asSeen, conflict, demandOpen, type Seen, sightOfGate } from "./as-seen.ts"
import { rename } from "./divide.ts"
import { proveWritten } from "./proven.ts"
import { written } from "./written.ts"

export interface Incorporated {
  readonly row: Uint8Array | null
  readonly changes: readonly Change[]
  readonly blocks: readonly string[]
}

/**
 * The owner of an open insertion takes changes of others that stand directly inside it into its own: words become its words, words that were objected to
 * go. Nothing outside that insertion changes (TRK10). Throws where a change is not as it was seen, or stands elsewhere.
 */
export const incorporate = (gate: Gate, seen: readonly Seen[], source: string): Incorporated =>
  finished(incorporateInSlices(gate, seen, source))

/** `incorporate`, with pauses. */
export function* incorporateInSlices(gate: Gate, seen: readonly Seen[], source: string): Sliced<Incorporated> {
  const sight = sightOfGate(gate)
  const { blocks } = sight
  const { changes, stale, gone } = yield* asSeen(sight, seen)
  if (gone.length > 0 || stale.length > 0) throw conflict(stale, gone, sight)
  demandOpen(gate, changes)
  const inside = yield* incorporableAmong(blocks, changes, source, gate.noted)
  const outside = changes.find(({ id }) => !inside.has(id))
  if (outside)
    throw new DomainError("conflict", "Only what stands wholly inside an open proposal of yours can be taken into it.", {
      outside: outside.id,
    })
  const ids = new Set(changes.map((change) => change.id))
  const { shadow } = gate
  const concerned = elementsOf(shadow).filter((_, i) => isAbout(blocks[i]!, ids))
  const expected = takenIn(blocks, ids)
  const row = yield* written(gate, function* (site) {
    for (const element of concerned) {
      const text = textOfElement(element)
      if (text) takeIn(site.tr, text, ids, gate.relocations)
      yield
    }
    for (const change of changes) roots.proposals(shadow).set(change.id, { status: "incorporated", source: change.source })
  })
  yield* proveWritten(gate.blocks, expected)
  return { row, changes, blocks: [...new Set(changes.map((change) => change.block))] }
}

/** Takes the words of some changes in one text into the insertion around them; their marks end with it. */
function takeIn(tr: Y.Transaction, text: Y.XmlText, ids: ReadonlySet<string>, relocations: Relocations): void {
  const keys = new Set<string>()
  const runs = runsOfText(text)
  const aimed = aimedAtHosts(runs, ids)
  let to = runs.reduce((sum, run) => sum + run.text.length, 0)
  for (const run of runs.toReversed()) {
    const from = to - run.text.length
    const own = run.marks.filter((mark) => ids.has(mark.changeId))
    for (const mark of own) keys.add(mark.key)
    const isStruck = own.some((mark) => mark.name === "deletion" && isDeletionInEffect(mark, run.marks))
    const owner = ownerOf(run.marks)
    if (isStruck) removeText(tr, text, from, to)
    else if (owner && ids.has(owner.changeId)) {
      // Under a mark of another than their writer no letters may stay: they are written anew, and it is noted whose they were.
      const { left } = placeAt(tr, text, to)
      const item = writeItem(tr, text, { left, right: left?.right ?? null }, new Y.ContentString(run.text))
      relocations.add({ client: run.client, clock: run.clock }, { client: item.id.client, clock: item.id.clock }, run.text.length)
      removeText(tr, text, from, to)
    }
    to = from
  }
  for (const key of keys) removeMark(tr, text, key)
  for (const mark of aimed.values()) rename(tr, text, mark, relocations)
}

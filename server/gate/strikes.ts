/**
 * What others struck of a source's open words (GATE17). P_u is blind among those, so it is asked here: of the letters that are left the same ones are struck,
 * whatever became of the insertion that they are words of; and what its source adds among them was before nobody's eyes, and is struck by nobody.
 */
import { isDeletionInEffect, type Mark, ownerOf } from "../../shared/schema/block.ts"
import type { Stretch } from "../../shared/sync/moves.ts"
import type { PlacedRun } from "../../shared/sync/read.ts"
import type { Case } from "./case.ts"
import type { At, Repair } from "./repairs.ts"
import { caps } from "./shapes.ts"

/** What must be mended for each letter to be struck by whom it was. Nothing where an update does no such thing, as hardly any does. */
export function strikesMended(update: Case): readonly Repair[] {
  let repairs: Repair[] | null = null
  for (const [at, now] of update.after.blocks) {
    const isForeign = (mark: Mark): boolean => mark.name === "deletion" && mark.source !== update.source
    if (now?.marks.some(isForeign)) (repairs ??= []).push(...strikesIn(update, at, now.runs, isForeign))
  }
  return repairs ?? nothing
}

const nothing: readonly Repair[] = []

function strikesIn(update: Case, at: At, runs: readonly PlacedRun[], isForeign: (mark: Mark) => boolean): Repair[] {
  const { before, source } = update
  const isStruckOwn = ({ marks }: PlacedRun): boolean => marks.some(isForeign) && ownerOf(marks)?.source === source
  const own = runs.filter(isStruckOwn)
  if (own.length === 0) return []
  const was = new Map<string, ReadonlySet<string>>()
  for (const run of before.blocks.get(at)?.runs ?? []) {
    if (!run.marks.some(isForeign)) continue
    const keys = new Set(run.marks.filter((mark) => isForeign(mark) && isDeletionInEffect(mark, run.marks)).map(({ key }) => key))
    for (let i = 0; i < run.text.length; i++) was.set(originalOf(update, run, i), keys)
  }
  const renamed = new Map<string, Mark>()
  const added = new Map<string, Stretch[]>()
  for (const run of own) {
    const owner = ownerOf(run.marks)!
    const inEffect = new Set(run.marks.filter((mark) => isForeign(mark) && isDeletionInEffect(mark, run.marks)).map(({ key }) => key))
    for (let i = 0; i < run.text.length; i++) {
      const struckBy = was.get(originalOf(update, run, i)) ?? noKeys
      if ([...inEffect].some((key) => !struckBy.has(key))) {
        const letters = added.get(owner.changeId)
        const letter = { client: run.client, clock: run.clock + i, length: 1 }
        if (letters) letters.push(letter)
        else added.set(owner.changeId, [letter])
        continue
      }
      for (const mark of run.marks)
        if (struckBy.has(mark.key) && !inEffect.has(mark.key)) aim(renamed, renamed.get(mark.key) ?? mark, renamed.get(owner.key) ?? owner)
    }
  }
  return [
    ...[...renamed.values()].map((mark): Repair => ({ kind: "rename", what: "mark", at, mark })),
    ...[...added].map(([of, letters]): Repair => ({ kind: "mark", at, letters, of })),
  ]
}

const noKeys: ReadonlySet<string> = new Set()

const originalOf = ({ rest }: Case, { client, clock }: PlacedRun, i: number): string => {
  const letter = { client, clock: clock + i, length: 1 }
  const first = rest.moves.isEmpty ? letter : rest.moves.originalOf(letter)
  return `${first.client} ${first.clock}`
}

/** A deletion takes effect on the words of an insertion that it objects to, and that does not say to have been put inside it. */
function aim(renamed: Map<string, Mark>, deletion: Mark, owner: Mark): void {
  if (owner.within.includes(deletion.id)) renamed.set(owner.key, { ...owner, within: owner.within.filter((id) => id !== deletion.id) })
  if (!deletion.over.includes(owner.id))
    renamed.set(deletion.key, { ...deletion, over: [...deletion.over, owner.id].slice(-caps.listedIds) })
}

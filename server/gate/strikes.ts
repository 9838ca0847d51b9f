/**
 * What others struck of a source's open words (GATE17). P_u is blind among those, so it is asked here: of the letters that are left the same ones are struck,
 * whatever became of the insertion that they are words of; and what its source adds among them was before nobody's eyes, and is struck by nobody.
 */
import { isDeletionInEffect, type Mark, ownerOf } from "../../shared/schema/block.ts"
import type { PlacedRun, Stretch } from "../../shared/schema/runs.ts"
import type { Case } from "./case.ts"
import type { BlockReading } from "./reading.ts"
import type { At, Repair } from "./repairs.ts"
import { caps } from "./shapes.ts"

/** What must be mended for each letter to be struck by whom it was. Nothing where an update does no such thing, as hardly any does. */
export function strikesMended(update: Case): readonly Repair[] {
  let repairs: Repair[] | null = null
  for (const [at, now] of update.after.blocks) {
    const isForeign = (mark: Mark): boolean => mark.name === "deletion" && mark.source !== update.source
    if (now?.marks.some(isForeign)) (repairs ??= []).push(...strikesIn(update, at, now, isForeign))
  }
  return repairs ?? nothing
}

const nothing: readonly Repair[] = []

function strikesIn(update: Case, at: At, { runs, marks }: BlockReading, isForeign: (mark: Mark) => boolean): Repair[] {
  const { before, source } = update
  const isStruckOwn = ({ marks }: PlacedRun): boolean => marks.some(isForeign) && ownerOf(marks)?.source === source
  const own = runs.filter(isStruckOwn)
  if (own.length === 0) return []
  const inEffectOn = (run: PlacedRun): Set<string> =>
    new Set(run.marks.filter((mark) => isForeign(mark) && isDeletionInEffect(mark, run.marks)).map(({ changeId }) => changeId))
  const was = new Map<string, ReadonlySet<string>>()
  for (const run of before.blocks.get(at)?.runs ?? []) {
    if (!run.marks.some(isForeign)) continue
    const struckBy = inEffectOn(run)
    for (let i = 0; i < run.text.length; i++) was.set(originalOf(update, run, i), struckBy)
  }
  const aims = new Aims(marks)
  const added = new Map<string, Stretch[]>()
  for (const run of own) {
    const owner = ownerOf(run.marks)!
    const inEffect = inEffectOn(run)
    for (let i = 0; i < run.text.length; i++) {
      const struckBy = was.get(originalOf(update, run, i)) ?? noChanges
      const letter = { client: run.client, clock: run.clock + i, length: 1 }
      if ([...inEffect].some((change) => !struckBy.has(change))) {
        const letters = added.get(owner.changeId)
        if (letters) letters.push(letter)
        else added.set(owner.changeId, [letter])
        continue
      }
      for (const mark of run.marks) if (struckBy.has(mark.changeId) && !inEffect.has(mark.changeId)) aims.take(mark, owner, letter)
    }
  }
  return [...aims.repairs(at), ...[...added].map(([of, letters]): Repair => ({ kind: "mark", at, letters, of }))]
}

const noChanges: ReadonlySet<string> = new Set()

const originalOf = ({ rest }: Case, { client, clock }: PlacedRun, i: number): string => {
  const letter = { client, clock: clock + i, length: 1 }
  const first = rest.moves.isEmpty ? letter : rest.moves.originalOf(letter)
  return `${first.client} ${first.clock}`
}

/**
 * Deletions that are to take effect on letters of a text again: one does on the words of an insertion that it objects to, and that does not say to have
 * been put inside it. A mark names only so many: where there are more insertions by now, the deletion leaves out the words of the others, and another mark
 * of the same change strikes these.
 */
class Aims {
  /** Ids of the marks of the text: what a deletion objects to besides is gone. */
  readonly #there: ReadonlySet<string>
  readonly #renamed = new Map<string, Mark>()
  /** By the keys of both: letters that take another mark of the deletion's change. */
  readonly #beyond = new Map<string, { readonly deletion: Mark; readonly owner: Mark; readonly letters: Stretch[] }>()

  constructor(marks: readonly Mark[]) {
    this.#there = new Set(marks.map(({ id }) => id))
  }

  /** A deletion takes effect on a letter of an insertion. */
  take(deletion: Mark, owner: Mark, letter: Stretch): void {
    const inside = this.#now(owner)
    if (inside.within.includes(deletion.id))
      this.#renamed.set(owner.key, { ...inside, within: inside.within.filter((id) => id !== deletion.id) })
    const { over } = this.#now(deletion)
    if (over.includes(owner.id)) return
    const named = over.length < caps.listedIds ? over : over.filter((id) => this.#there.has(id))
    if (named.length < caps.listedIds) this.#renamed.set(deletion.key, { ...this.#now(deletion), over: [...named, owner.id] })
    else this.#beyondOf(deletion, owner).push(letter)
  }

  *repairs(at: At): Iterable<Repair> {
    for (const mark of this.#renamed.values()) yield { kind: "rename", what: "mark", at, mark }
    for (const { deletion, owner, letters } of this.#beyond.values()) {
      yield { kind: "spare", letters, mark: this.#now(deletion) }
      yield { kind: "strike", letters, mark: { ...deletion, over: [owner.id] } }
    }
  }

  #now(mark: Mark): Mark {
    return this.#renamed.get(mark.key) ?? mark
  }

  #beyondOf(deletion: Mark, owner: Mark): Stretch[] {
    const name = `${deletion.key} ${owner.key}`
    const found = this.#beyond.get(name) ?? { deletion, owner, letters: [] }
    this.#beyond.set(name, found)
    return found.letters
  }
}

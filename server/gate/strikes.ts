/**
 * What others struck of a source's open words (GATE17). P_u is blind among those, so it is asked here: of the letters that are left the same ones are struck,
 * whatever became of the insertion that they are words of; so are words that its source brings back where they stood. What it adds among them besides was
 * before nobody's eyes: the deletion is closed before it and opened again behind it.
 */
import { isDeletionInEffect, type Mark, ownerOf } from "../../shared/schema/block.ts"
import type { ItemId, PlacedRun, Stretch } from "../../shared/schema/runs.ts"
import type { Case } from "./case.ts"
import { missingFrom } from "./others.ts"
import type { BlockReading } from "./reading.ts"
import type { At, Repair } from "./repairs.ts"
import { caps } from "./shapes.ts"
import type { StruckWords } from "./struck-gone.ts"

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
  const inEffectOn = (run: Pick<PlacedRun, "marks">): Set<string> => strikersOf(run, isForeign)
  const was = new Map<string, ReadonlySet<string>>()
  for (const run of before.blocks.get(at)?.runs ?? []) {
    if (!run.marks.some(isForeign)) continue
    const struckBy = inEffectOn(run)
    for (let i = 0; i < run.text.length; i++) was.set(nameOf(originalOf(update, run, i)), struckBy)
  }
  for (const [letter, struckBy] of broughtBack(update, at, runs, own)) was.set(letter, struckBy)
  const aims = new Aims(marks)
  const added = new Map<string, { readonly mark: Mark; readonly letters: Stretch[] }>()
  for (const run of own) {
    const owner = ownerOf(run.marks)!
    const inEffect = inEffectOn(run)
    for (let i = 0; i < run.text.length; i++) {
      const struckBy = was.get(nameOf(originalOf(update, run, i))) ?? noChanges
      const letter = { client: run.client, clock: run.clock + i, length: 1 }
      for (const mark of run.marks) {
        if (!isForeign(mark) || struckBy.has(mark.changeId)) continue
        // Nor does it stand inside what strikes the rest of its own change: each of the two would wait for the other.
        if (!inEffect.has(mark.changeId) && !isAimedAt(owner, mark, run)) continue
        const known = added.get(mark.key)
        if (known) known.letters.push(letter)
        else added.set(mark.key, { mark, letters: [letter] })
      }
      for (const mark of run.marks) if (struckBy.has(mark.changeId) && !inEffect.has(mark.changeId)) aims.take(mark, owner, letter)
    }
  }
  // The innermost first: so each stands in the other behind what is left out as it does before it.
  return [...aims.repairs(at), ...[...added.values()].toReversed().map((spared): Repair => ({ kind: "spare", ...spared }))]
}

const noChanges: ReadonlySet<string> = new Set()

const nameOf = ({ client, clock }: ItemId): string => `${client} ${clock}`

const originalOf = ({ rest }: Case, { client, clock }: PlacedRun, i: number): ItemId => {
  const letter = { client, clock: clock + i, length: 1 }
  return rest.moves.isEmpty ? letter : rest.moves.originalOf(letter)
}

/** Whether a deletion objects to words of the change that a word of an insertion belongs to, around that word. */
const isAimedAt = ({ changeId }: Mark, { over }: Mark, { marks }: PlacedRun): boolean =>
  marks.some((mark) => mark.changeId === changeId && over.includes(mark.id))

/** The changes by which letters under such marks are struck. */
const strikersOf = ({ marks }: Pick<PlacedRun, "marks">, isForeign: (mark: Mark) => boolean): Set<string> =>
  new Set(marks.filter((mark) => isForeign(mark) && isDeletionInEffect(mark, marks)).map(({ changeId }) => changeId))

/** What others had struck of a source's open words in a block, as far as it is there no more. */
export function* struckWordsGone(
  was: BlockReading | null | undefined,
  now: Pick<BlockReading, "runs"> | null | undefined,
  source: string,
): Iterable<StruckWords> {
  const isForeign = (mark: Mark): boolean => mark.name === "deletion" && mark.source !== source
  if (!was?.marks.some(isForeign)) return
  const isStruckOwn = ({ marks }: PlacedRun): boolean => marks.some(isForeign) && ownerOf(marks)?.source === source
  const struck = was.runs.filter(isStruckOwn)
  if (struck.length === 0) return
  for (const { client, clock, text, marks } of missingFrom(struck, now?.runs ?? [])) {
    const by = strikersOf({ marks }, isForeign)
    if (by.size > 0) yield { client, clock, text, of: ownerOf(marks)!.changeId, by }
  }
}

/**
 * The letters of words that its source took out and brings back where they stood, each with those by whom it was struck. What is typed there by hand comes
 * letter by letter: only the same words, all of them, in the same change are those that had been struck.
 */
function broughtBack(
  update: Case,
  at: At,
  now: readonly PlacedRun[],
  own: readonly PlacedRun[],
): Iterable<readonly [letter: string, struckBy: ReadonlySet<string>]> {
  const { before, rest, source } = update
  const was = before.blocks.get(at)
  const known = new Set<string>()
  for (const { client, clock, text } of was?.runs ?? [])
    for (let i = 0; i < text.length; i++) known.add(nameOf({ client, clock: clock + i }))
  const wentNow = new Map<string, StruckWords>()
  let isRead = false
  const wordsAt = (letter: ItemId): StruckWords | null => {
    if (!isRead)
      for (const words of struckWordsGone(was, { runs: now }, source))
        for (let i = 0; i < words.text.length; i++) wentNow.set(nameOf({ client: words.client, clock: words.clock + i }), words)
    isRead = true
    return wentNow.get(nameOf(letter)) ?? rest.struckGone(letter)
  }
  const found = new Map<StruckWords, Map<number, string>>()
  for (const run of own)
    for (let i = 0; i < run.text.length; i++) {
      const first = originalOf(update, run, i)
      if (known.has(nameOf(first)) || known.has(nameOf({ client: run.client, clock: run.clock + i }))) continue
      let stood = rest.stoodFor(first)
      for (let steps = 0; stood && !wordsAt(stood) && steps < mostSteps; steps++) stood = rest.stoodFor(stood)
      const words = stood && wordsAt(stood)
      if (!stood || !words || words.of !== ownerOf(run.marks)!.changeId || words.text[stood.clock - words.clock] !== run.text[i]) continue
      const letters = found.get(words) ?? new Map<number, string>()
      found.set(words, letters.set(stood.clock, nameOf(first)))
    }
  return [...found].flatMap(([{ text, by }, letters]) =>
    letters.size === text.length ? [...letters.values()].map((letter) => [letter, by] as const) : [],
  )
}

/** As often words may have been taken out and brought back by somebody without a line. */
const mostSteps = 16

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

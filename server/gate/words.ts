/** What becomes of an update's words (GATE6, GATE7): its own are its own, late ones are marked, and agreed ones that it removes come back struck. */
import { around } from "../../shared/changes/effects.ts"
import { type Mark, ownerOf } from "../../shared/schema/block.ts"
import { serverClient } from "../../shared/schema/keys.ts"
import type { PlacedRun, Stretch } from "../../shared/schema/runs.ts"
import { type Case, isWrittenBy, type Refused, refused } from "./case.ts"
import { nothingFresh } from "./fresh.ts"
import { isSameForOthers, missingFrom } from "./others.ts"
import { type Piece, runsOfPieces } from "./reading.ts"
import type { At, Repair } from "./repairs.ts"

/** A block of an update as its repairs will leave it, as far as words go. */
export interface Imagined {
  readonly at: At
  /** Its runs before the update. */
  readonly before: readonly PlacedRun[]
  /** Its runs after it, without what is stripped and carried elsewhere. */
  readonly runs: readonly PlacedRun[]
  /** New letters that go. */
  readonly gone: readonly Stretch[]
  /** The change that new words without a mark belong to: that of a new block; else "". */
  readonly change: string
  /** A new mark as it will be written. */
  readonly nameOf: (mark: Mark) => Mark
}

const stretchOf = ({ client, clock, text }: PlacedRun): Stretch => ({ client, clock, length: text.length })

/** GATE6: a new own pair holds only own words, and what others had put into it before its source took it back. */
export function foreignWords(update: Case, { at, runs }: Imagined): Refused | null {
  const { source, fresh } = update
  if (fresh.marks.size === 0) return null
  for (const run of runs) {
    const owner = ownerOf(run.marks)
    for (const mark of run.marks) {
      if (mark.name !== "insertion" || mark.source !== source || !fresh.marks.has(mark.key)) continue
      if (owner?.source === source && isWrittenBy(update, stretchOf(run))) continue
      if (owner === mark || isOverOthers(mark, run)) return refused("foreign-words", at)
    }
  }
  return null
}

/** Whether an insertion surrounds words of another source that were not put into it. */
export function isOverOthers(mark: Mark, { marks }: Pick<PlacedRun, "marks">): boolean {
  const owner = ownerOf(marks)
  return owner !== null && owner.source !== mark.source && !around(owner, { marks }).includes(mark)
}

/** GATE6: an own insertion that came to surround words of others which were not put into it: they would wait for it, and could be taken into it. */
export function surroundsAnew(before: readonly PlacedRun[], after: readonly PlacedRun[], source: string): boolean {
  const around = (runs: readonly PlacedRun[]): Set<string> => {
    const pairs = new Set<string>()
    for (const run of runs) {
      // What stands under one mark is its words, and most words stand under none.
      if (run.marks.length < 2) continue
      for (const mark of run.marks)
        if (mark.name === "insertion" && mark.source === source && isOverOthers(mark, run))
          pairs.add(`${mark.key} ${ownerOf(run.marks)!.key}`)
    }
    return pairs
  }
  const now = around(after)
  if (now.size === 0) return false
  const was = around(before)
  return [...now].some((pair) => !was.has(pair))
}

/** GATE6: P_u is blind inside what it erases, so own characters are written by this source, or have been its own. */
export function isOwnWritten(update: Case, before: readonly PlacedRun[], after: readonly PlacedRun[]): boolean {
  const { source, fresh } = update
  for (const run of after) {
    if (run.marks.length === 0 || ownerOf(run.marks)?.source !== source || isWrittenByClient(update, run)) continue
    // Of the server's there are new ones only where something was mended.
    if (run.client !== serverClient || (fresh === nothingFresh && !isWrittenBy(update, stretchOf(run)) && !wasOwn(before, run, source)))
      return false
  }
  return true
}

const isWrittenByClient = ({ rest, source }: Case, { client }: PlacedRun): boolean =>
  client !== serverClient && rest.sourceOf(client) === source

/** Whether characters of a run were a source's own before: words of another that it has taken into its own proposal. */
function wasOwn(before: readonly PlacedRun[], run: PlacedRun, source: string): boolean {
  const own = before.filter((other) => other.client === run.client && ownerOf(other.marks)?.source === source).map(stretchOf)
  return without(own, stretchOf(run)).length === 0
}

/** Agreed words that their writer removed without having heard of the decision come back under its deletion (repair b). */
export function restorations(update: Case, { before, runs }: Imagined): Repair[] {
  const { source } = update
  if (isSameForOthers(before, runs, source)) return []
  const gone = missingFrom(before, runs).filter((part) => ownerOf(part.marks)?.source !== source)
  if (gone.some((part) => ownerOf(part.marks) !== null || !isWrittenBy(update, part))) return []
  return gone.map((letters) => ({ kind: "restore", letters, words: letters.text }))
}

/**
 * New words of the source that arrived without its insertion, for it was decided meanwhile, and open ones that lost theirs, for a person of the same
 * delegation took back the one that they were typed in: those stay in the same change (repair a). `taken`: keys of the marks that were taken back.
 */
export function unmarked(update: Case, block: Imagined, taken: ReadonlySet<string>): Repair[] {
  const byChange = new Map<string, Stretch[]>()
  const note = (change: string, letters: Stretch): void => {
    const of = change !== "" && update.rest.isDecided(change) ? "" : change
    if (!byChange.get(of)?.push(letters)) byChange.set(of, [letters])
  }
  const kept = taken.size > 0 ? new KeptPairs(block.before, taken, update) : null
  for (const run of block.runs) {
    const owner = ownerOf(run.marks)
    const known = Math.max(update.fresh.known.get(run.client) ?? Number.POSITIVE_INFINITY, run.clock)
    const end = run.clock + run.text.length
    const isOwn = owner?.source === update.source
    if (kept && (!isOwn || kept.holdsOthers(owner.changeId)))
      for (let clock = run.clock; clock < Math.min(known, end); clock++) {
        const letter = { client: run.client, clock, length: 1 }
        const mark = kept.note(letter, owner)
        // What was decided has ended around them.
        if (mark && !isOwn && update.rest.isDecided(mark.changeId)) note(mark.changeId, letter)
      }
    if (isTakenIn(update, run.marks, block.nameOf)) continue
    for (const part of without(block.gone, { client: run.client, clock: known, length: end - known })) note(block.change, part)
  }
  const marked = [...byChange].map(([of, letters]): Repair => ({ kind: "mark", at: block.at, letters, of }))
  return kept ? [...marked, ...kept.repairs(block.at)] : marked
}

/** The same in a text that the update did not write in: a pair that it took back had been written anew there. */
export function unmarkedElsewhere(
  update: Case,
  at: At,
  pieces: readonly Piece[],
  nameOf: Imagined["nameOf"],
  taken: ReadonlySet<string>,
): Repair[] {
  const before = update.rest.readingOf(at)?.runs ?? []
  return unmarked(update, { at, before, runs: runsOfPieces(pieces).runs, gone: [], change: "", nameOf }, taken)
}

/** Whether all new words are in open changes of their source. */
export function isAllTakenIn(update: Case): boolean {
  for (const reading of update.after.blocks.values())
    for (const run of reading?.runs ?? []) {
      const known = update.fresh.known.get(run.client)
      if (known !== undefined && run.clock + run.text.length > known && !isTakenIn(update, run.marks)) return false
    }
  return true
}

/** Whether words under some marks belong to an open change of the source. */
function isTakenIn({ source, rest }: Case, marks: readonly Mark[], nameOf = asItIs): boolean {
  const owner = ownerOf(marks)
  return owner?.source === source && !rest.isDecided(nameOf(owner).changeId)
}

const asItIs = (mark: Mark): Mark => mark

/** What is left of a stretch without others. */
function without(others: readonly Stretch[], { client, clock, length }: Stretch): Stretch[] {
  const left: Stretch[] = []
  let from = clock
  const inside = others.filter((other) => other.client === client && other.clock < clock + length && other.clock + other.length > clock)
  for (const other of inside.toSorted((a, b) => a.clock - b.clock)) {
    if (other.clock > from) left.push({ client, clock: from, length: other.clock - from })
    from = Math.max(from, other.clock + other.length)
  }
  if (from < clock + length) left.push({ client, clock: from, length: clock + length - from })
  return left
}

/**
 * Insertions of a source that an update takes back while words of theirs stay, for a colleague typed them: they stay around these, and around what others
 * have put in, which waits for them as it did.
 */
class KeptPairs {
  readonly #ownerOf = new Map<string, Mark>()
  /** By the key of each: letters of it that are there still. */
  readonly #kept = new Map<string, { readonly mark: Mark; readonly letters: Stretch[] }>()
  #holding: ReadonlySet<string> | null = null
  readonly #before: readonly PlacedRun[]
  readonly #isDecided: (change: string) => boolean

  constructor(before: readonly PlacedRun[], taken: ReadonlySet<string>, { source, rest }: Case) {
    this.#before = before
    this.#isDecided = (change) => rest.isDecided(change)
    for (const run of before) {
      const owner = ownerOf(run.marks)
      if (owner?.source !== source || !taken.has(owner.key)) continue
      for (let i = 0; i < run.text.length; i++) this.#ownerOf.set(`${run.client} ${run.clock + i}`, owner)
    }
  }

  /**
   * Whether insertions that are taken back hold what others put into a change: what its source puts under another mark of the same change holds that
   * together as before.
   */
  holdsOthers(change: string): boolean {
    this.#holding ??= new Set([...new Set(this.#ownerOf.values())].flatMap((own) => (this.#putInto(own).length > 0 ? [own.changeId] : [])))
    return this.#holding.has(change)
  }

  #putInto({ key }: Mark): readonly PlacedRun[] {
    return this.#before.filter(({ marks }) => ownerOf(marks)?.key !== key && marks.some((mark) => mark.key === key))
  }

  /** Notes a letter that is there still, and a word of `now`; the insertion that is taken back and that it was a word of, or null. */
  note(letter: Stretch, now: Mark | null): Mark | null {
    const mark = this.#ownerOf.get(`${letter.client} ${letter.clock}`) ?? null
    if (mark === null || this.#isDecided(mark.changeId)) return mark
    if (now !== null && now.source === mark.source && now.changeId !== mark.changeId) return null
    const kept = this.#kept.get(mark.key)
    if (kept) kept.letters.push(letter)
    else this.#kept.set(mark.key, { mark, letters: [letter] })
    return mark
  }

  repairs(at: At): Repair[] {
    return [...this.#kept.values()].map(({ mark, letters }) => {
      return { kind: "keep", at, letters: [...letters, ...this.#putInto(mark).map(stretchOf)], mark }
    })
  }
}

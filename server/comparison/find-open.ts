// What of a file is an open proposal of its source on the draft, in however many pieces, for others may have written into it there (ONTO14). An insertion stands
// between two letters that both texts have; what stands inside another is looked for at the same place in it.
import type * as Y from "yjs"
import { type Change, changesInSlices } from "../../shared/changes/changes.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import { isBlank, isPresent } from "../../shared/schema/block.ts"
import { notStated } from "../../shared/schema/keys.ts"
import { roots } from "../../shared/sync/roots.ts"
import type { FileChange } from "../files/file-draft.ts"
import { isSameWords, type Piece } from "./agreed-there.ts"
import { type Already, alreadyThe, type KnownOfFile } from "./already-there.ts"
import { type FilePieces, isOfKind, range } from "./file-pieces.ts"
import type { FindAgreed } from "./find-agreed.ts"
import { grouped } from "./placing.ts"
import { nobodysPrint, printsOf, readPrint } from "./prints.ts"
import type { Letter, Sign, Whereabouts } from "./whereabouts.ts"
import { type IsIts, whoseOn } from "./whose.ts"

/** The words of an open change of the draft that a block of the file has. */
interface Part {
  readonly open: Change
  readonly pieces: readonly Piece[]
  readonly letters: number
}

const keyOf = ({ client, clock }: Letter): string => `${client} ${clock}`

export class FindOpen {
  readonly #doc: Y.Doc
  readonly #where: Whereabouts
  readonly #file: KnownOfFile
  readonly #pieces: FilePieces
  /** What is agreed is nobody's proposal any more. */
  readonly #agreed: FindAgreed
  readonly #known: ReadonlyMap<string, string>
  /** Changes of the draft that are known to be ones of the file. */
  readonly #isKnown: ReadonlySet<string>
  /** By an open change of the draft: what the file has of its words. */
  readonly #parts = new Map<Change, Part[]>()
  /** Its new clauses that the file has. */
  readonly #clauses = new Map<Change, Set<string>>()
  readonly #prints: ReadonlyMap<string, string>
  readonly #isOf: IsIts
  #deletes: ReadonlyMap<string, readonly FileChange[]> | undefined

  constructor(doc: Y.Doc, where: Whereabouts, file: KnownOfFile, pieces: FilePieces, agreed: FindAgreed) {
    this.#doc = doc
    this.#where = where
    this.#file = file
    this.#pieces = pieces
    this.#agreed = agreed
    this.#known = new Map(file.known.map(({ id, change }) => [id, change]))
    this.#isKnown = new Set(this.#known.values())
    this.#isOf = whoseOn(doc, file.draft, file.isSource)
    this.#prints = new Map([...printsOf(file.draft)].map(([id, print]) => [id, readPrint(print).by]))
  }

  /** What is open on the draft, and stands in the file in one piece or in several. */
  *find(): Sliced<void> {
    const open = yield* changesInSlices(this.#where.blocks)
    if (open.length === 0) return
    const byId = new Map(open.map((change) => [change.id, change]))
    this.#standing(byId)
    yield
    for (const block of this.#pieces.changed) {
      this.#runsIn(block, byId)
      yield
    }
    for (const change of open) if (isDeletion(change)) this.#parts.set(change, [])
  }

  #isIts(change: FileChange, { id, source }: Change): boolean {
    const known = this.#known.get(change.id)
    if (known !== undefined || this.#isKnown.has(id)) return known === id
    if (this.#agreed.has(change)) return false
    if (this.#isOf(change, { id, source })) return true
    const isStated = change.source !== null && change.source !== notStated
    if (isStated && (source !== notStated || this.#file.isForItself)) return false
    const filed = roots.filed(this.#doc).get(id)
    const by = this.#prints.get(change.id)
    return filed !== undefined && by !== nobodysPrint && readPrint(filed).by === by
  }

  /** New clauses of the draft that the file adds too, whatever others put in and struck in them there. */
  #standing(open: ReadonlyMap<string, Change>): void {
    const { blocks, placing, homes } = this.#where
    const added = blocks.flatMap((block) => {
      const its = block.insertedId === null || !isPresent(block) || isBlank(block) ? undefined : open.get(block.insertedId)
      return its ? [{ block, its }] : []
    })
    if (added.length === 0) return
    const before = new Map<string, string | null>()
    let last: string | null = null
    for (const block of blocks) {
      if (block.insertedBy === null && isPresent(block)) last = block.id
      before.set(block.id, last)
    }
    last = null
    for (const theirs of this.#file.draft.blocks) {
      last = this.#where.blockOf(theirs.id) ?? homes.get(theirs.id)?.id ?? last
      const change = placing.adding(theirs.id)
      if (!change || this.#where.isStanding(theirs.id)) continue
      const owners = placing.ownersIn(theirs.id)
      const own = [...owners.keys()].filter((at) => owners[at] === change)
      const words = own.map((at) => theirs.text[at]).join("")
      const at = added.findIndex(({ block, its }) => {
        if (before.get(block.id) !== last || !isOfKind(this.#where, theirs.id, block) || !this.#isIts(change, its)) return false
        const signs = this.#where.signsOf(block.id).filter(({ owner }) => owner?.changeId === its.id)
        return signs.length > 0 && isSameWords(words, signs.map(({ sign }) => sign).join(""))
      })
      const [found] = at < 0 ? [] : added.splice(at, 1)
      if (!found) continue
      const { block: ours, its } = found
      this.#where.standsAs(theirs.id, ours.id)
      const signs = this.#where.signsOf(ours.id).filter(({ owner }) => owner?.changeId === its.id)
      for (const [i, place] of own.entries()) this.#where.noteLetters(theirs.id, place, [signs[i]!.letter])
      this.#clauses.set(its, (this.#clauses.get(its) ?? new Set()).add(theirs.id))
      const pieces = this.#pieces.of(theirs.id).filter(({ owner }) => owner === change)
      this.#note(its, { open: its, pieces, letters: signs.length })
    }
  }

  #note(open: Change, part: Part): void {
    this.#parts.set(open, [...(this.#parts.get(open) ?? []), part])
  }

  /** The insertions that stand in a block, between two letters that both texts have there. */
  #runsIn(block: string, open: ReadonlyMap<string, Change>): void {
    const ours = this.#where.blockOf(block)
    if (ours === undefined) return
    const signs = this.#where.signsOf(ours)
    const ground = new Map<string, number>()
    const isGround = this.#isGround(block, ours)
    const runs = new Map<number, Sign[]>()
    for (const sign of signs) {
      if (isGround(sign)) ground.set(keyOf(sign.letter), ground.size)
      else runs.set(ground.size, [...(runs.get(ground.size) ?? []), sign])
    }
    if (runs.size === 0) return
    const { length } = this.#where.theirs(block).text
    const placeOf = (at: number): number | undefined => {
      const letter = this.#where.letterAt(block, at)
      return letter === null ? undefined : ground.get(keyOf(letter))
    }
    const owners = this.#where.placing.ownersIn(block)
    const isTheirGround = (at: number): boolean => placeOf(at) !== undefined || (!owners[at] && !this.#where.isRead(block))
    for (let from = 0; from < length; ) {
      if (isTheirGround(from)) {
        from++
        continue
      }
      let to = from
      while (to < length && !isTheirGround(to)) to++
      const before = from === 0 ? -1 : placeOf(from - 1)
      const gap = before === undefined ? placeOf(to) : before + 1
      const run = gap === undefined ? undefined : runs.get(gap)
      if (run) this.#match(block, this.#pieces.of(block, from, to), run, open)
      from = to
    }
  }

  /** Letters of a block between which insertions stand: agreed ones, or the own ones of a clause that is proposed. */
  #isGround(block: string, ours: string): (sign: Sign) => boolean {
    const adding = this.#where.placing.adding(block)
    if (!adding) return ({ owner }) => owner === null
    const id = this.#where.blocks.find((one) => one.id === ours)?.insertedId ?? null
    return ({ owner }) => (id === null ? owner === null : owner?.changeId === id)
  }

  /** Insertions of a run on the draft among the pieces of one of the file, the widest first: what stands inside another stands at the same place in it. */
  #match(block: string, pieces: readonly Piece[], run: readonly Sign[], open: ReadonlyMap<string, Change>): void {
    const places = new Map<Change, number[]>()
    run.forEach(({ owner }, i) => {
      const change = open.get(owner?.changeId ?? "")
      if (change) places.set(change, [...(places.get(change) ?? []), i])
    })
    const span = (at: readonly number[]): number => at.at(-1)! - at[0]!
    /** By the file's offset: place in the run. */
    const found = new Map<number, number>()
    for (const [change, at] of [...places].sort((a, b) => span(b[1]) - span(a[1]))) {
      const words = at.map((i) => run[i]!.sign).join("")
      const own = pieces.filter(({ owner, from }) => owner !== null && !found.has(from) && this.#isIts(owner, change))
      const stretch = stretchOf(own, words)
      if (!stretch) continue
      const offsets = stretch.flatMap(({ from, text }) => range(from, text.length))
      if (![...places].every(([other, its]) => other === change || standAlike(offsets, at, found, its))) continue
      offsets.forEach((offset, i) => void found.set(offset, at[i]!))
      this.#note(change, { open: change, pieces: stretch, letters: at.length })
    }
    for (const [offset, i] of found) this.#where.noteLetters(block, offset, [run[i]!.letter])
  }

  /** Which changes of the file are open here as wholes. */
  settled(): Already[] {
    return [...this.#parts].flatMap(([open, parts]) => this.#wholly(open, parts))
  }

  /** Whether all of an open change is in the file, and nothing more in the changes that have it: those. */
  #wholly(open: Change, parts: readonly Part[]): Already[] {
    if (open.structure.length > 0) return []
    const puts = open.segments.reduce((sum, { kind, from, to }) => sum + (kind === "insertion" ? to - from : 0), 0)
    const has = parts.reduce((sum, { letters }) => sum + letters, 0)
    const clauses = this.#clauses.get(open) ?? new Set()
    if (puts !== has || clauses.size !== open.newBlocks.length) return []
    const own = new Map<FileChange, number>()
    for (const { owner, text } of parts.flatMap(({ pieces }) => pieces))
      if (owner !== null) own.set(owner, (own.get(owner) ?? 0) + text.length)
    for (const [change, letters] of own) {
      const all = (change.segments ?? []).reduce((sum, { kind, from, to }) => sum + (kind === "insertion" ? to - from : 0), 0)
      const isMore = (change.structure?.length ?? 0) > 0 || (change.newBlocks ?? []).some((block) => !clauses.has(block))
      if (isMore || letters !== all) return []
    }
    const goes = new Set(open.segments.filter(({ kind }) => kind === "deletion").flatMap((part) => this.#lettersIn(part)))
    const gone = new Set<string>()
    const take = (change: FileChange): boolean => {
      const letters = (change.segments ?? []).filter(({ kind }) => kind === "deletion").flatMap((part) => this.#lettersOf(part))
      if (!letters.every((letter): letter is string => letter !== null && goes.has(letter))) return false
      for (const letter of letters) gone.add(letter)
      return true
    }
    for (const change of own.keys()) if (!take(change)) return []
    // Cut off from the rest where others wrote into what goes.
    const beside = gone.size < goes.size ? this.#deletingIn(open.segments.find(({ kind }) => kind === "deletion")!.block) : []
    const more = beside.filter((change) => !own.has(change) && this.#isIts(change, open) && take(change))
    if (gone.size !== goes.size) return []
    return [...own.keys(), ...more].filter(({ id }) => !this.#known.has(id)).map((change) => alreadyThe(change, open.id, "open"))
  }

  /** Changes of the file that only take words out of a block of the draft. */
  #deletingIn(ours: string): readonly FileChange[] {
    this.#deletes ??= grouped(
      this.#file.draft.changes.filter(isDeletion),
      ({ segments = [] }) => this.#where.blockOf(segments[0]!.block) ?? null,
    )
    return this.#deletes.get(ours) ?? []
  }

  #lettersIn({ block, from, to }: { block: string; from: number; to: number }): string[] {
    return this.#where
      .signsOf(block)
      .slice(from, to)
      .map(({ letter }) => keyOf(letter))
  }

  #lettersOf({ block, from, to }: { block: string; from: number; to: number }): (string | null)[] {
    return range(from, to - from).map((at) => {
      const letter = this.#where.letterAt(block, at)
      return letter && keyOf(letter)
    })
  }
}

const isDeletion = ({
  segments = [],
  newBlocks = [],
  structure = [],
}: Pick<FileChange, "segments" | "newBlocks"> & { readonly structure?: readonly unknown[] }): boolean =>
  segments.length > 0 && newBlocks.length + structure.length === 0 && segments.every(({ kind }) => kind === "deletion")

/** The pieces in a row that make up some words. */
function stretchOf(pieces: readonly Piece[], words: string): readonly Piece[] | null {
  for (let first = 0; first < pieces.length; first++) {
    let length = 0
    for (let last = first; last < pieces.length && length < words.length; last++) {
      const { text } = pieces[last]!
      if (!isSameWords(text, words.slice(length, length + text.length))) break
      length += text.length
      if (length === words.length) return pieces.slice(first, last + 1)
    }
  }
  return null
}

/**
 * Whether what stands at these offsets in the file, and at these places in the run, stands to the letters of another change that is found already as it
 * does there: behind as many of them, where it stands inside that, or that inside it.
 */
function standAlike(
  offsets: readonly number[],
  at: readonly number[],
  found: ReadonlyMap<number, number>,
  others: readonly number[],
): boolean {
  const its = new Set(others)
  const theirs = [...found].filter(([, i]) => its.has(i)).map(([offset]) => offset)
  if (theirs.length === 0) return true
  const less = (list: readonly number[], than: number): number => list.filter((one) => one < than).length
  const isInside = less(others, at[0]!) > 0 && less(others, at[0]!) < others.length
  const isInTheirs = less(theirs, offsets[0]!) > 0 && less(theirs, offsets[0]!) < theirs.length
  return (!isInside && !isInTheirs) || less(others, at[0]!) === less(theirs, offsets[0]!)
}

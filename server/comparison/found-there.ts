import type * as Y from "yjs"
import { type Change, changesInSlices } from "../../shared/changes/changes.ts"
import type { ProposalEntry, ProposalStatus } from "../../shared/changes/outcome.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import { type Block, isBlank, isPresent, splitCharacter } from "../../shared/schema/block.ts"
import { notStated } from "../../shared/schema/keys.ts"
import { isApart } from "../../shared/schema/structure.ts"
import { isAccepted, roots } from "../../shared/sync/roots.ts"
import type { FileChange, FileDraft } from "../files/file-draft.ts"
import { type AgreedThere, agreedThere, isSameWords, type Piece } from "./agreed-there.ts"
import { grouped, saidOfChange } from "./placing.ts"
import { nobodysPrint, printsOf, readPrint } from "./prints.ts"
import type { Letter, Sign, Whereabouts } from "./whereabouts.ts"
import { type IsIts, type IsSource, whoseOn } from "./whose.ts"

/** A change of a file that its source has proposed on the draft already: it is not put there twice (ONTO10). */
export interface Already {
  /** Its id in the file. */
  readonly id: string
  readonly what: string
  /** The change of the draft that is the same, and what became of that; "": its words are agreed, and no change of the draft says so. */
  readonly change: string
  readonly status: ProposalStatus | "open"
}

/** That a change of a file is one of the draft. */
export const alreadyThe = (change: FileChange, id: string, status: Already["status"]): Already => ({
  id: change.id,
  what: saidOfChange(change),
  change: id,
  status,
})

/** What is known of a file before its words are looked for on the draft. */
export interface KnownOfFile {
  readonly draft: FileDraft
  readonly isForItself?: boolean
  /** What of it is known to be there. */
  readonly known: readonly Already[]
  readonly isSource: IsSource
}

type Deletion = { readonly change: FileChange; readonly from: number; readonly to: number }

/**
 * Finds the words and clauses of a file on the draft, letter by letter: those that have become agreed text, whoever the file says to have proposed them,
 * and those that are open proposals of their source, in however many pieces the file has them because others wrote into them there. Notes where they
 * are, and gives the changes of the file that are there with them beside those that are known (ONTO10).
 */
export function* foundThere(doc: Y.Doc, where: Whereabouts, file: KnownOfFile): Sliced<Already[]> {
  const finding = new Finding(doc, where, file)
  yield* finding.agreed()
  yield* finding.open()
  return finding.settled()
}

/** The words of an open change of the draft that a block of the file has. */
interface Part {
  readonly open: Change
  readonly pieces: readonly Piece[]
  readonly letters: number
}

const keyOf = ({ client, clock }: Letter): string => `${client} ${clock}`

class Finding {
  readonly #doc: Y.Doc
  readonly #where: Whereabouts
  readonly #file: KnownOfFile
  readonly #known: ReadonlyMap<string, string>
  /** Changes of the draft that are known to be ones of the file. */
  readonly #isKnown: ReadonlySet<string>
  readonly #deletions: ReadonlyMap<string, readonly Deletion[]>
  /** By a change of the file: the blocks in which it is agreed. */
  readonly #agreedIn = new Map<FileChange, Set<string>>()
  /** By an open change of the draft: what the file has of its words. */
  readonly #parts = new Map<Change, Part[]>()
  /** Its new clauses that the file has. */
  readonly #clauses = new Map<Change, Set<string>>()
  readonly #prints: ReadonlyMap<string, string>
  readonly #isOf: IsIts
  /** The clauses of the file's text in force, in order. */
  readonly #agreed: readonly string[]
  #joined: ReadonlySet<string> | undefined
  /** What was done to clauses as wholes here. */
  readonly #done: ReadonlySet<string>
  /** How many clauses went. */
  readonly #deleted: number
  #amended: ReadonlySet<string> | "any" | undefined
  #deletes: ReadonlyMap<string, readonly FileChange[]> | undefined

  constructor(doc: Y.Doc, where: Whereabouts, file: KnownOfFile) {
    this.#doc = doc
    this.#where = where
    this.#file = file
    this.#known = new Map(file.known.map(({ id, change }) => [id, change]))
    this.#agreed = file.draft.blocks.flatMap(({ id }) => (where.placing.adding(id) ? [] : [id]))
    const accepted = [...roots.proposals(doc).values()].filter(isAccepted)
    const acts = accepted.flatMap((entry) => (entry.acts ?? []).map(({ kind }) => kind))
    this.#done = new Set(acts)
    this.#deleted = acts.filter((kind) => kind === "delete").length
    this.#isKnown = new Set(this.#known.values())
    this.#isOf = whoseOn(doc, file.draft, file.isSource)
    this.#prints = new Map([...printsOf(file.draft)].map(([id, print]) => [id, readPrint(print).by]))
    const deletions = file.draft.changes.flatMap((change) =>
      (change.segments ?? []).flatMap(({ block, kind, from, to }) => (kind === "deletion" ? [{ block, change, from, to }] : [])),
    )
    this.#deletions = grouped(deletions, ({ block }) => block)
  }

  /** The blocks of the file in which something is changed. */
  get #changed(): Set<string> {
    return new Set(
      this.#file.draft.changes.flatMap(({ segments = [], newBlocks = [] }) => [...segments.map(({ block }) => block), ...newBlocks]),
    )
  }

  #pieces(block: string, from = 0, to = this.#where.theirs(block).text.length): Piece[] {
    const { text } = this.#where.theirs(block)
    const owners = this.#where.placing.ownersIn(block)
    const deletions = this.#deletions.get(block) ?? []
    const cuts = new Set(deletions.flatMap((part) => [part.from, part.to]))
    const pieces: Piece[] = []
    for (let at = from; at < to; ) {
      let end = at + 1
      while (end < to && owners[end] === owners[at] && !cuts.has(end)) end++
      const takenBy = deletions.filter((part) => part.from <= at && at < part.to).map(({ change }) => change)
      pieces.push({ from: at, text: text.slice(at, end), owner: owners[at] ?? null, takenBy })
      at = end
    }
    return pieces
  }

  /** What has become agreed text since the file was written, or before it was: words in a clause, and clauses. */
  *agreed(): Sliced<void> {
    const { homes, file, room, placing } = this.#where
    const taken = new Set([...homes.values()].map(({ id }) => id))
    const place = new Map(room.map(({ id }, i) => [id, i]))
    for (const block of this.#changed) {
      for (const anchor of this.#where.isRead(block) || placing.adding(block) ? [] : this.#anchorsOf(block)) {
        const home = homes.get(anchor)!
        const at = place.get(home.id)!
        // What reads there as it did before its changes has none of them.
        const isSame = file.get(block)?.working === home.words && !this.#isJoined(block)
        if (isSame || (anchor === block && this.#agree([block], [home.id]))) break
        const isThere =
          windows(this.#agreed, this.#agreed.indexOf(anchor), (id) => !homes.has(id)).some((theirs) => {
            if (!theirs.includes(block) || !this.#agree(theirs, [home.id])) return false
            for (const id of theirs) if (!homes.has(id)) this.#where.standsAs(id, home.id)
            return true
          }) ||
          windows(room, at, ({ id }) => !taken.has(id)).some((ours) =>
            this.#agree(
              [block],
              ours.map(({ id }) => id),
            ),
          )
        if (isThere) break
      }
      yield
    }
    const free = room.filter(({ id, origin, type }) => !taken.has(id) && origin === null && type !== "note")
    if (free.length === 0) return
    let last = -1
    for (const { id } of this.#file.draft.blocks) {
      const home = homes.get(id)
      if (home) last = place.get(home.id) ?? last
      const change = this.#where.placing.adding(id)
      if (!change) continue
      const ours = free.find((one) => (place.get(one.id) ?? -1) > last && this.#isLike(id, one) && this.#agree([id], [one.id], change))
      if (!ours) continue
      free.splice(free.indexOf(ours), 1)
      last = place.get(ours.id)!
      this.#where.standsAs(id, ours.id)
      yield
    }
  }

  #isLike(block: string, { type, level }: Block): boolean {
    const theirs = this.#where.theirs(block)
    return theirs.type === type && (type !== "clause" || (theirs.level ?? 1) === level)
  }

  /** Whether something that was accepted here may have made a clause what it is: else it only happens to read so, as another text does. */
  #isAmended(ours: string): boolean {
    this.#amended ??= amendedBy(roots.proposals(this.#doc).values())
    return this.#amended === "any" || this.#amended.has(ours)
  }

  /** The clauses of a file's text in force beside which one may stand in the draft: itself, or where it is none there those before and behind it. */
  #anchorsOf(block: string): string[] {
    const { homes } = this.#where
    if (homes.has(block)) return [block]
    const at = this.#agreed.indexOf(block)
    const before = at < 0 ? undefined : this.#agreed.slice(0, at).findLast((id) => homes.has(id))
    const behind = at < 0 ? undefined : this.#agreed.slice(at + 1).find((id) => homes.has(id))
    return [before, behind].filter((id) => id !== undefined)
  }

  /** Whether the file joins a clause to another, or another to it. */
  #isJoined(block: string): boolean {
    this.#joined ??= new Set(
      this.#file.draft.changes.flatMap(({ structure = [] }) =>
        structure.flatMap((act) => (act.kind === "join" ? [act.block, act.into] : [])),
      ),
    )
    return this.#joined.has(block)
  }

  /** Clauses of the file that are to become one against clauses of the draft that one became. */
  #agree(theirs: readonly string[], ours: readonly string[], added?: FileChange): boolean {
    if (!ours.some((id) => this.#isAmended(id))) return false
    const parts = ours.map((id) => this.#where.signsOf(id).filter(({ owner }) => owner === null))
    const known = added ? new Map([[added, true]]) : undefined
    for (const seam of theirs.length === 1 ? [""] : ["", " "]) {
      const pieces = theirs.flatMap((block, i) => [...(i > 0 && seam !== "" ? [between(seam)] : []), ...this.#pieces(block)])
      for (const [sign, read] of parts.length === 1 ? ([["", parts]] as const) : cutsOf(parts)) {
        const cut: Read[] = sign === "" ? [] : [{ letter: null, sign }]
        const signs = read.flatMap((part, i): readonly Read[] => (i > 0 ? [...cut, ...part] : part))
        const found = signs.length === 0 ? null : agreedThere(pieces, signs.map((one) => one.sign).join(""), known)
        if (!found) continue
        this.#noteAgreed(
          theirs,
          seam.length,
          found,
          signs.map(({ letter }) => letter),
        )
        return true
      }
    }
    return false
  }

  #noteAgreed(theirs: readonly string[], seam: number, { to, changes }: AgreedThere, letters: readonly (Letter | null)[]): void {
    let from = 0
    for (const block of theirs) {
      const end = from + this.#where.theirs(block).text.length
      this.#where.noteLetters(
        block,
        0,
        to.slice(from, end).map((at) => (at === null ? null : letters[at]!)),
      )
      this.#where.noteRead(block)
      from = end + seam
    }
    for (const change of changes) this.#agreedIn.set(change, new Set([...(this.#agreedIn.get(change) ?? []), ...theirs]))
  }

  /** Whether what a change does to clauses as wholes was done here. */
  #isDone({ structure = [] }: FileChange): boolean {
    const { homes, room } = this.#where
    return structure.every((act) => {
      // What follows a joined clause does so once that is joined.
      if (isApart(act)) return true
      if (!this.#done.has(act.kind)) return false
      switch (act.kind) {
        case "join":
          return (
            (this.#where.isRead(act.block) || this.#where.isMerged(act.block)) &&
            this.#where.blockOf(act.block) === this.#where.blockOf(act.into)
          )
        case "delete":
          return this.#where.blockOf(act.block) === undefined && this.#mayHaveGone
        case "level":
          return room.find(({ id }) => id === homes.get(act.block)?.id)?.level === act.level
        case "move": {
          const at = room.findIndex(({ id }) => id === homes.get(act.block)?.id)
          return at >= 0 && (act.after === null ? at === 0 : room[at - 1]?.id === this.#where.blockOf(act.after))
        }
        default:
          return act satisfies never
      }
    })
  }

  /**
   * Whether all clauses that the file deletes and the draft lacks can have gone with what was accepted there: of a clause that went nothing is left to be
   * known by.
   */
  get #mayHaveGone(): boolean {
    const lacking = this.#file.draft.changes.flatMap(({ structure = [] }) =>
      structure.filter(({ kind, block }) => kind === "delete" && this.#where.blockOf(block) === undefined),
    )
    return lacking.length <= this.#deleted
  }

  /** What is open on the draft, and stands in the file in one piece or in several. */
  *open(): Sliced<void> {
    const open = yield* changesInSlices(this.#where.blocks)
    if (open.length === 0) return
    const byId = new Map(open.map((change) => [change.id, change]))
    this.#standing(byId)
    yield
    for (const block of this.#changed) {
      this.#runsIn(block, byId)
      yield
    }
    for (const change of open) if (isDeletion(change)) this.#parts.set(change, [])
  }

  #isIts(change: FileChange, { id, source }: Change): boolean {
    const known = this.#known.get(change.id)
    if (known !== undefined || this.#isKnown.has(id)) return known === id
    if (this.#agreedIn.has(change)) return false
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
    const added = blocks.filter((block) => block.insertedId !== null && isPresent(block) && !isBlank(block) && open.has(block.insertedId))
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
      const at = added.findIndex((block) => {
        const its = open.get(block.insertedId!)!
        if (before.get(block.id) !== last || !this.#isLike(theirs.id, block) || !this.#isIts(change, its)) return false
        const signs = this.#where.signsOf(block.id).filter(({ owner }) => owner?.changeId === its.id)
        return signs.length > 0 && isSameWords(words, signs.map(({ sign }) => sign).join(""))
      })
      const [ours] = at < 0 ? [] : added.splice(at, 1)
      if (!ours) continue
      const its = open.get(ours.insertedId!)!
      this.#where.standsAs(theirs.id, ours.id)
      const signs = this.#where.signsOf(ours.id).filter(({ owner }) => owner?.changeId === its.id)
      for (const [i, place] of own.entries()) this.#where.noteLetters(theirs.id, place, [signs[i]!.letter])
      this.#clauses.set(its, (this.#clauses.get(its) ?? new Set()).add(theirs.id))
      const pieces = this.#pieces(theirs.id).filter(({ owner }) => owner === change)
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
      if (run) this.#match(block, this.#pieces(block, from, to), run, open)
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

  /** Which changes of the file are there as wholes. What others of it have there is forgotten: they come. */
  settled(): Already[] {
    const { draft } = this.#file
    const found = new Map<string, Already>()
    for (const [change, blocks] of this.#agreedIn) {
      const own = new Set([...(change.segments ?? []).map(({ block }) => block), ...(change.newBlocks ?? [])])
      if (this.#known.has(change.id) || ![...own].every((block) => blocks.has(block)) || !this.#isDone(change)) continue
      found.set(change.id, alreadyThe(change, this.#acceptedAs(change), "accepted"))
    }
    for (const change of draft.changes) {
      const { segments = [], newBlocks = [], structure = [] } = change
      if (this.#known.has(change.id) || structure.length === 0 || segments.length + newBlocks.length > 0 || !this.#isDone(change)) continue
      found.set(change.id, alreadyThe(change, "", "accepted"))
    }
    for (const [open, parts] of this.#parts) for (const one of this.#wholly(open, parts)) found.set(one.id, one)
    const isThere = (change: FileChange): boolean => this.#known.has(change.id) || found.has(change.id)
    this.#where.forget((change) => !isThere(change))
    return draft.changes.flatMap(({ id }) => found.get(id) ?? [])
  }

  /** Whether all of an open change is in the file, and nothing more in the changes that have it: those. */
  #wholly(open: Change, parts: readonly Part[]): Already[] {
    if (open.structure.length > 0) return []
    const puts = open.segments.reduce((sum, { kind, from, to }) => sum + (kind === "insertion" ? to - from : 0), 0)
    const has = parts.reduce((sum, { letters }) => sum + letters, 0)
    const clauses = this.#clauses.get(open) ?? new Set()
    if (puts !== has || clauses.size !== open.newBlocks.length) return []
    const own = new Map<FileChange, number>()
    for (const { owner, text } of parts.flatMap(({ pieces }) => pieces)) own.set(owner!, (own.get(owner!) ?? 0) + text.length)
    for (const change of own.keys()) {
      const all = (change.segments ?? []).reduce((sum, { kind, from, to }) => sum + (kind === "insertion" ? to - from : 0), 0)
      const isMore = (change.structure?.length ?? 0) > 0 || (change.newBlocks ?? []).some((block) => !clauses.has(block))
      if (isMore || own.get(change)! !== all) return []
    }
    const goes = new Set(open.segments.filter(({ kind }) => kind === "deletion").flatMap((part) => this.#lettersIn(part)))
    const gone = new Set<string>()
    const take = (change: FileChange): boolean => {
      const letters = (change.segments ?? []).filter(({ kind }) => kind === "deletion").flatMap((part) => this.#lettersOf(part))
      if (!letters.every((letter) => letter !== null && goes.has(letter))) return false
      for (const letter of letters) gone.add(letter!)
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

  /** The accepted change of the draft that put these words in or took them out; "" where none says so. */
  #acceptedAs({ segments = [] }: FileChange): string {
    const words = (list: readonly { readonly kind: string; readonly text: string }[], kind: string): string =>
      list.flatMap((part) => (part.kind === kind ? [part.text] : [])).join("")
    const own = segments.map(({ block, kind, from, to }) => ({ kind, text: this.#where.theirs(block).text.slice(from, to) }))
    for (const [id, { status, segments: theirs = [] }] of roots.proposals(this.#doc).entries())
      if (status === "accepted" && (["insertion", "deletion"] as const).every((kind) => isSameWords(words(own, kind), words(theirs, kind))))
        return id
    return ""
  }
}

const isDeletion = ({
  segments = [],
  newBlocks = [],
  structure = [],
}: Pick<FileChange, "segments" | "newBlocks"> & { readonly structure?: readonly unknown[] }): boolean =>
  segments.length > 0 && newBlocks.length + structure.length === 0 && segments.every(({ kind }) => kind === "deletion")

/** A letter of the draft as it is read, or what is read between two clauses. */
type Read = Pick<Sign, "sign"> & { readonly letter: Letter | null }

/** What would stand between the words of two clauses of a file if they were one. */
const between = (text: string): Piece => ({ from: 0, text, owner: null, takenBy: [] })

/** What a file may have where a clause was divided: the sign of the split, or the words as they were; and no blanks where a clause begins. */
const cutsOf = (parts: readonly (readonly Sign[])[]): readonly (readonly [sign: string, parts: readonly (readonly Sign[])[]])[] => [
  [splitCharacter, parts],
  [splitCharacter, parts.map(trimmed)],
  ["", parts],
  [" ", parts.map(trimmed)],
]

/** Stretches of several in a row around one, of which the others are free. */
function windows<Item>(all: readonly Item[], at: number, isFree: (one: Item) => boolean): Item[][] {
  const count = (step: 1 | -1): number => {
    let n = 0
    while (n < mostParts && all[at + step * (n + 1)] !== undefined && isFree(all[at + step * (n + 1)]!)) n++
    return n
  }
  const [before, behind] = at < 0 ? [0, 0] : [count(-1), count(1)]
  return range(0, before + 1).flatMap((less) =>
    range(0, behind + 1).flatMap((more) => (less + more === 0 ? [] : [all.slice(at - less, at + more + 1)])),
  )
}

/** Letters without the blanks at both ends. */
function trimmed(signs: readonly Sign[]): readonly Sign[] {
  const from = signs.findIndex(({ sign }) => sign.trim() !== "")
  return from < 0 ? [] : signs.slice(from, signs.findLastIndex(({ sign }) => sign.trim() !== "") + 1)
}

/** So many clauses are looked at that one may have been split into. */
const mostParts = 4

/** The blocks in which something was accepted; "any": clauses were made of others, and words may be elsewhere by now. */
function amendedBy(proposals: Iterable<ProposalEntry>): ReadonlySet<string> | "any" {
  const blocks = new Set<string>()
  for (const entry of proposals) {
    if (!isAccepted(entry)) continue
    const { segments = [], acts = [] } = entry
    if (acts.some(({ kind }) => kind === "join" || kind === "move") || segments.some(({ text }) => text.includes(splitCharacter)))
      return "any"
    for (const { block } of [...segments, ...acts]) blocks.add(block)
  }
  return blocks
}

const range = (from: number, length: number): number[] => Array.from({ length }, (_, i) => from + i)

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

/**
 * Deciding a part of a change (rules PART): the change is divided into what is decided, which keeps its id, and what is left, which goes on as a change
 * of its own of the same source. Nothing is decided here, and no letter changes: a division leaves what is agreed, what others propose and the two
 * parts taken together as they were.
 */
import {
  anchorCharacter,
  type Block,
  deepestNesting,
  type Mark,
  namedBy,
  ownerOf,
  type Run,
  splitCharacter,
  textOf,
} from "../schema/block.ts"
import { isBetweenLetters, lacksBlank } from "../schema/letters.ts"
import { startsOf } from "../schema/runs.ts"
import { newMark } from "../schema/schema.ts"
import { type Change, countsOn, isAbout } from "./changes.ts"

/**
 * A part of a change: letters [from, to) of one of its stretches, counted in UTF-16 units of the stretch's text; or, of a replacement, only what comes
 * in or only what goes out.
 */
export type Part = { readonly segment: number; readonly from: number; readonly to: number } | { readonly side: "in" | "out" }

/** What becomes of one mark of a divided change in one block. */
export interface Cut {
  readonly mark: Mark
  /** The letters of the block that stay under it; null: none. */
  readonly kept: { readonly from: number; readonly to: number } | null
  /** The marks of what is left before those letters, or of all where none stay, and behind them. */
  readonly before: Mark
  readonly behind: Mark
}

export interface DividedBlock {
  readonly id: string
  readonly cuts: readonly Cut[]
  /** A block that the change adds and that is left. */
  readonly isLeft: boolean
}

/** A change divided in two. */
export interface Division {
  readonly change: string
  /** The change that goes on with what is left. */
  readonly rest: string
  readonly divided: readonly DividedBlock[]
  /** Marks of any source that name what they stand in or object to, as they are written now: by key. */
  readonly renamed: ReadonlyMap<string, Mark>
  /** The draft, divided. */
  readonly blocks: readonly Block[]
}

/** Why a change cannot be divided so, in a sentence. */
export interface Indivisible {
  readonly refused: string
}

export const isIndivisible = (made: Division | Indivisible | null): made is Indivisible => made !== null && "refused" in made

/**
 * Divides a change of a draft; null where the part is all of it. `isKept`: whether what is decided keeps a clause of which it has some words, as one
 * that is accepted does. `mint` makes ids of the change's source.
 */
export function divided(
  blocks: readonly Block[],
  change: Change,
  part: Part,
  isKept: boolean,
  mint: (source: string) => string,
): Division | Indivisible | null {
  const chosen = chosenOf(blocks, change, isKept ? withItsSpace(blocks, change, part) : part)
  if ("refused" in chosen) return chosen
  const concerned = blocks.filter((block) => isAbout(block, new Set([change.id])))
  const wholes = new Map(concerned.map((block) => [block.id, standingOf(block, change.id, chosen.of(block))]))
  if ([...wholes.values()].every(({ left }) => left === 0)) return null
  let rest = ""
  const made = (mark: Mark): Mark => {
    const id = mint(change.source)
    const of = rest
    if (rest === "") rest = id
    return newMark(mark.name, { ...mark, id, of })
  }
  const divisions: DividedBlock[] = []
  for (const block of concerned) {
    const { marks } = wholes.get(block.id)!
    const cuts = marks.flatMap((standing) => {
      const cut = cutOf(standing, made)
      return cut ? [cut] : []
    })
    for (const { mark, kept } of cuts) if (kept && isSpanned(block, mark, kept)) return { refused: sentences.spanned }
    divisions.push({ id: block.id, cuts, isLeft: isLeft(block, change, wholes.get(block.id)!, isKept) })
  }
  if (rest === "") rest = mint(change.source)
  const renamed = renamedIn(blocks, divisions)
  if ([...renamed.values()].some((mark) => namedBy(mark).length > deepestNesting)) return { refused: sentences.deep }
  const byId = new Map(divisions.map((division) => [division.id, division]))
  const list = blocks.map((block) => blockDivided(block, byId.get(block.id), renamed, rest))
  return { change: change.id, rest, divided: divisions, renamed, blocks: list }
}

const sentences = {
  whole: "This change is about the clause as a whole, or splits it: it is decided as a whole.",
  noSide: "This change does not replace words: it has only one side. Decide it as a whole, or choose some of its words.",
  noWords: "The words that you chose are not in this change. Choose some of its words.",
  letter: "The words that you chose begin or end in the middle of a letter. Choose whole letters.",
  note: "A footnote is decided with the words that call it. Choose the words with its number, or without.",
  spanned: "Another proposal stands around the end of the words that you chose. Decide that one first, or choose other words.",
  deep: "Too many proposals stand inside each other here for this one to be divided. Decide on the others first.",
} as const

interface Chosen {
  /** What of a block is decided: letters by their offsets; "all" or "none" of one kind. */
  of(block: Block): (kind: Mark["name"], offset: number) => boolean
}

function chosenOf(blocks: readonly Block[], change: Change, part: Part): Chosen | Indivisible {
  if (change.structure.length > 0 || change.segments.some(({ kind, text }) => kind === "insertion" && text.includes(splitCharacter)))
    return { refused: sentences.whole }
  if ("side" in part) {
    if (new Set(change.segments.map(({ kind }) => kind)).size < 2) return { refused: sentences.noSide }
    const kind = part.side === "in" ? "insertion" : "deletion"
    return { of: () => (name) => name === kind }
  }
  const segment = change.segments[part.segment]
  if (!segment || part.from >= part.to || part.to > segment.text.length) return { refused: sentences.noWords }
  const block = blocks.find(({ id }) => id === segment.block)!
  const [from, to] = [segment.from + part.from, segment.from + part.to]
  const words = textOf(block)
  const isCut = (at: number, edge: number): boolean => at !== edge && !isBetweenLetters(words, at)
  if (isCut(from, segment.from) || isCut(to, segment.to)) return { refused: sentences.letter }
  if (block.type === "note" && change.newBlocks.includes(block.id)) return { refused: sentences.note }
  const notes = new Set(calledIn(block, from, to))
  return {
    of: (other) => {
      if (other.id === segment.block) return (name, offset) => name === segment.kind && offset >= from && offset < to
      const isCalled = other.type === "note" && other.noteId !== null && notes.has(other.noteId)
      return () => isCalled
    },
  }
}

/**
 * A part that is accepted with the space that parts it from its neighbour, where the change has one there: without that two words would be one, and the
 * space would be left open alone; and without one that its neighbour has already (PART5).
 */
function withItsSpace(blocks: readonly Block[], change: Change, part: Part): Part {
  const segment = "segment" in part ? change.segments[part.segment] : undefined
  if (!("segment" in part) || segment?.kind !== "insertion" || part.from >= part.to || part.to > segment.text.length) return part
  const { text } = segment
  const block = blocks.find(({ id }) => id === segment.block)!
  const chosen = text.slice(part.from, part.to)
  let { from, to } = part
  const [before, behind] = [beside(block, change, segment.from, -1), beside(block, change, segment.to, 1)]
  // Beside a space of its neighbour its own would be a second one.
  while (to - 1 > from && blank.test(text[to - 1]!) && blank.test(behind.charAt(0))) to--
  while (from + 1 < to && blank.test(text[from]!) && blank.test(before.slice(-1))) from++
  if (lacksBlank(before, chosen)) while (from > 0 && blank.test(text[from - 1]!)) from--
  if (lacksBlank(chosen, behind)) while (to < text.length && blank.test(text[to]!)) to++
  return { ...part, from, to }
}

// Tabs and line feeds are the signs of a table.
const blank = /[^\S\t\n\u2028\u2029]/

/** The letter that an accepted part of a change would stand beside: the nearest that is agreed, or of what the change stands inside. "": none. */
function beside(block: Block, { inside }: Change, at: number, step: 1 | -1): string {
  const starts = startsOf(block.runs)
  const order = step === 1 ? [...block.runs.keys()] : [...block.runs.keys()].reverse()
  for (const i of order) {
    const { text, marks } = block.runs[i]!
    const owner = ownerOf(marks)
    const words = step === 1 ? text.slice(Math.max(0, at - starts[i]!)) : text.slice(0, Math.max(0, at - starts[i]!))
    if (words !== "" && (owner === null || inside.includes(owner.id))) return step === 1 ? words : words.slice(-4)
  }
  return ""
}

/** The footnotes that letters [from, to) of a block call. */
function calledIn(block: Block, from: number, to: number): string[] {
  const starts = startsOf(block.runs)
  return block.runs.flatMap((run, i) =>
    run.text.includes(anchorCharacter) && starts[i]! < to && starts[i]! + run.text.length > from
      ? run.marks.flatMap((mark) => (mark.name === "noteRef" ? [mark.noteId] : []))
      : [],
  )
}

/** A mark of the change in one block: how many of its letters are decided, how many are left, and where the decided ones stand. */
interface Standing {
  readonly mark: Mark
  decided: number
  left: number
  from: number
  to: number
}

function standingOf(
  block: Block,
  change: string,
  isChosen: (kind: Mark["name"], offset: number) => boolean,
): { marks: Standing[]; decided: number; left: number } {
  const byKey = new Map<string, Standing>()
  const starts = startsOf(block.runs)
  block.runs.forEach((run, i) => {
    for (const mark of run.marks) {
      if (mark.changeId !== change || (mark.name !== "insertion" && mark.name !== "deletion")) continue
      let standing = byKey.get(mark.key)
      if (!standing) byKey.set(mark.key, (standing = { mark, decided: 0, left: 0, from: Number.POSITIVE_INFINITY, to: 0 }))
      if (!countsOn(mark, run.marks)) continue
      for (let at = starts[i]!; at < starts[i]! + run.text.length; at++) {
        if (!isChosen(mark.name, at)) {
          standing.left++
          continue
        }
        standing.decided++
        standing.from = Math.min(standing.from, at)
        standing.to = Math.max(standing.to, at + 1)
      }
    }
  })
  const marks = [...byKey.values()]
  const sum = (count: (standing: Standing) => number): number => marks.reduce((total, standing) => total + count(standing), 0)
  return { marks, decided: sum(({ decided }) => decided), left: sum(({ left }) => left) }
}

/** What has no letter that is decided is left; null: the mark stays as it is. */
function cutOf({ mark, decided, left, from, to }: Standing, made: (mark: Mark) => Mark): Cut | null {
  if (decided > 0 && left === 0) return null
  const before = made(mark)
  if (decided === 0) return { mark, kept: null, before, behind: before }
  return { mark, kept: { from, to }, before, behind: made(mark) }
}

/** Whether a block that the change adds is left. */
function isLeft(block: Block, change: Change, { decided, left }: { decided: number; left: number }, isKept: boolean): boolean {
  return change.newBlocks.includes(block.id) && (isKept ? decided === 0 : left > 0)
}

/** Whether an insertion that was opened inside a mark stands around one end of what stays under it: the mark would open again inside that. */
function isSpanned(block: Block, mark: Mark, { from, to }: { from: number; to: number }): boolean {
  const isInside = (other: Mark, run: Run): boolean =>
    other.name === "insertion" && run.marks.indexOf(other) > run.marks.findIndex(({ key }) => key === mark.key)
  return [from, to].some((at) => {
    const [before, behind] = [runAround(block, at - 1), runAround(block, at)]
    if (!before || !behind || !isUnder(before, mark) || !isUnder(behind, mark)) return false
    return before.marks.some((other) => isInside(other, before) && isUnder(behind, other))
  })
}

const isUnder = (run: Run, mark: Mark): boolean => run.marks.some(({ key }) => key === mark.key)

function runAround(block: Block, at: number): Run | undefined {
  const starts = startsOf(block.runs)
  return block.runs.find((run, i) => starts[i]! <= at && at < starts[i]! + run.text.length)
}

/** The marks, as they are now, that name one that was divided, with the names of those that they stand on now: by key. */
function renamedIn(blocks: readonly Block[], divisions: readonly DividedBlock[]): Map<string, Mark> {
  const cutsIn = new Map(divisions.map(({ id, cuts }) => [id, cuts]))
  const now = new Map<string, { mark: Mark; ids: Map<string, Set<string>> }>()
  for (const block of blocks) {
    const cuts = cutsIn.get(block.id) ?? []
    for (const { run, at } of cuts.length > 0 ? pieces(block, cuts) : [])
      for (const was of run.marks)
        for (const named of namedBy(was)) {
          const cut = cuts.find((one) => one.mark.id === named)
          if (!cut || !isUnder(run, cut.mark)) continue
          const mark = markNow(was, cuts, at)
          let found = now.get(mark.key)
          if (!found) now.set(mark.key, (found = { mark, ids: new Map() }))
          const ids = found.ids.get(named) ?? new Set()
          found.ids.set(named, ids.add(standsUnder(cut, at).id))
        }
  }
  const renamed = new Map<string, Mark>()
  for (const [key, { mark, ids }] of now) {
    const list = (names: readonly string[]): string[] => names.flatMap((name) => [...(ids.get(name) ?? [name])])
    const within = list(mark.within)
    const over = list(mark.over)
    if (within.join() !== mark.within.join() || over.join() !== mark.over.join()) renamed.set(key, { ...mark, within, over })
  }
  return renamed
}

/** A mark on a letter as it is once the block is cut. */
function markNow(mark: Mark, cuts: readonly Cut[], at: number): Mark {
  const cut = cuts.find((one) => one.mark.key === mark.key)
  return cut ? standsUnder(cut, at) : mark
}

/** The mark of a divided change that a letter stands under now. */
const standsUnder = ({ mark, kept, before, behind }: Cut, at: number): Mark =>
  kept === null || at < kept.from ? before : at >= kept.to ? behind : mark

/** The runs of a block, cut where its marks are, with their offsets. */
function* pieces(block: Block, cuts: readonly Cut[]): Iterable<{ run: Run; at: number }> {
  const places = cuts.flatMap(({ kept }) => (kept ? [kept.from, kept.to] : [])).sort((a, b) => a - b)
  let from = 0
  for (const run of block.runs) {
    const to = from + run.text.length
    const ends = [...new Set([...places.filter((place) => place > from && place < to), to])]
    for (let at = from, i = 0; i < ends.length; at = ends[i]!, i++) yield { run: sliceOf(run, at - from, ends[i]! - from), at }
    from = to
  }
}

/** Letters [from, to) of a run; one that knows the items it came from goes on knowing them. */
function sliceOf(run: Run, from: number, to: number): Run {
  if (from === 0 && to === run.text.length) return run
  const { clock } = run as Run & { readonly clock?: number }
  return { ...run, text: run.text.slice(from, to), ...(clock === undefined ? {} : { clock: clock + from }) }
}

/** Whether a block has a mark that is written with other names. */
export const isNaming = ({ runs }: Block, renamed: ReadonlyMap<string, Mark>): boolean =>
  renamed.size > 0 && runs.some((run) => run.marks.some((mark) => renamed.has(mark.key)))

function blockDivided(block: Block, division: DividedBlock | undefined, renamed: ReadonlyMap<string, Mark>, rest: string): Block {
  if (!division && !isNaming(block, renamed)) return block
  const cuts = division?.cuts ?? []
  const lists = new Map<readonly Mark[], Map<string, readonly Mark[]>>()
  const marksAt = (marks: readonly Mark[], at: number): readonly Mark[] => {
    const under = marks.map((mark) => {
      const now = markNow(mark, cuts, at)
      return renamed.get(now.key) ?? now
    })
    // The same list of marks for the same marks: what is computed of one is computed once.
    const name = under.map(({ key }) => key).join(" ")
    const known = lists.get(marks) ?? new Map<string, readonly Mark[]>()
    lists.set(marks, known)
    if (!known.has(name)) known.set(name, under.every((mark, i) => mark === marks[i]) ? marks : under)
    return known.get(name)!
  }
  const runs = [...pieces(block, cuts)].map(({ run, at }) => ({ ...run, marks: marksAt(run.marks, at) }))
  return { ...block, runs, ...(division?.isLeft ? { insertedId: rest } : {}) }
}

/**
 * What a division changed that it must not; null: nothing. Of every letter: to whom it belongs, which changes take it out in effect, and in what each
 * stands; both parts count as the one change that they were.
 */
export function flawOfDivision(
  before: readonly Block[],
  { blocks, change, rest }: Pick<Division, "blocks" | "change" | "rest">,
): string | null {
  if (before.length !== blocks.length) return "the list of blocks"
  const asOne = (id: string | null): string | null => (id === rest ? change : id)
  for (const [i, was] of before.entries()) {
    const now = blocks[i]!
    if (was === now) continue
    if (was.id !== now.id || was.insertedBy !== now.insertedBy || was.insertedId !== asOne(now.insertedId)) return `the block ${was.id}`
    if (was.structure !== now.structure) return `what is proposed about block ${was.id}`
    if (JSON.stringify(lettersOf(was, asOne)) !== JSON.stringify(lettersOf(now, asOne))) return `the words of block ${was.id}`
  }
  return null
}

/** Stretches of a block under the same proposals, with what each is in effect. */
function lettersOf({ runs }: Block, asOne: (id: string | null) => string | null): [string, string][] {
  const told: [string, string][] = []
  for (const run of runs) {
    const standing = standingUnder(run.marks, asOne)
    const last = told.at(-1)
    if (last?.[1] === standing) last[0] += run.text
    else told.push([run.text, standing])
  }
  return told
}

function standingUnder(marks: readonly Mark[], asOne: (id: string | null) => string | null): string {
  const changeOf = new Map(marks.map((mark) => [mark.id, asOne(mark.changeId)]))
  const namedHere = (mark: Mark): string[] => [...new Set(namedBy(mark).flatMap((id) => changeOf.get(id) ?? []))].sort()
  return JSON.stringify([
    asOne(ownerOf(marks)?.changeId ?? null),
    marks.map((mark) => [mark.name, asOne(mark.changeId), mark.source, countsOn(mark, marks), namedHere(mark)]),
  ])
}

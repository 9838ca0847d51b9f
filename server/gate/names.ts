/**
 * Which change each new thing belongs to (GATE14). What is decided takes nothing more in: a mark, entry or block that names a change which was decided
 * meanwhile, which is mostly honest lateness, belongs to what took that change's place, or becomes that. So does what names an open change of another
 * sort, or one that does something else to the same clause: a card shows one thing, and a decision on it does no more. Marks that were never written cannot be
 * named as what words stand inside of, or a source could make another's next objection idle; nor can those that are there and never were around them.
 */
import type { Mark, StructuralProposal } from "../../shared/schema/block.ts"
import { keyOf, parseMarkId, serverClient } from "../../shared/schema/keys.ts"
import { isApart, structuralProposalOf, targetOf } from "../../shared/schema/structure.ts"
import { addedBlocks } from "./blocks.ts"
import { type Case, idAt, type Refused, type Rest, refused, type Sort, sortOfBlock, sortOfEntry, sortOfMark } from "./case.ts"
import { isFresh, nothingFresh } from "./fresh.ts"
import { misplacedIn } from "./misplaced.ts"
import { goesWith } from "./one-thing.ts"
import type { Piece } from "./reading.ts"
import type { At, Repair } from "./repairs.ts"
import { caps } from "./shapes.ts"

export interface Names {
  readonly repairs: readonly Repair[]
  /** A new mark as it will be written. */
  nameOf(mark: Mark): Mark
  /** The change that a new block will belong to. */
  changeOf(at: At): string
}

/** Something that is new. */
interface Thing {
  readonly id: string
  readonly sort: Sort
  /** The clause that it is in or about, and the text that it stands in; null where there is none. */
  readonly block: string | null
  readonly at: At | null
}

/** Finds the change for what names one. */
class Successions {
  readonly repairs: Repair[] = []
  readonly #update: Case
  /** Ids that this update brings. */
  readonly #born: ReadonlySet<string>
  readonly #assigned = new Map<string, string>()
  /** The sorts of what this update adds to changes. */
  readonly #added = new Map<string, Set<Sort>>()
  /** Whether something bears the id of a change that is of another sort: two cannot have one id. */
  isMixed = false

  constructor(update: Case, born: ReadonlySet<string>) {
    this.#update = update
    this.#born = born
  }

  /** Whether a change takes something in: it is open, or born in this update, and of the same sort. */
  takesIn(change: string, { sort, at }: Thing): boolean {
    return this.#isOpen(change) && this.#suits(change, sort) && (!this.#update.rest.isRest(change) || this.#stands(change, at))
  }

  /** Whether a change has a mark in a text: what is left of a replacement is told to be that, so it goes on where it stands and nowhere else. */
  #stands(change: string, at: At | null): boolean {
    const block = at === null ? null : this.#update.before.blocks.get(at)
    return block?.marks.some(({ changeId }) => changeId === change) ?? false
  }

  #isOpen(change: string): boolean {
    const { rest } = this.#update
    return (rest.isOpen(change) || this.#born.has(change)) && !rest.isDecided(change)
  }

  #suits(change: string, sort: Sort): boolean {
    const sorts = [...this.#update.rest.sortsOf(change), ...(this.#added.get(change) ?? [])]
    return sorts.length === 0 || sorts.includes(sort)
  }

  /** The change for something of one's own that has this id and names `of`, or nothing. */
  changeFor(of: string, thing: Thing): string {
    const { id, sort } = thing
    const change = of === "" || of === id ? id : this.#other(of, thing)
    this.isMixed ||= !this.#suits(change, sort)
    const sorts = this.#added.get(change)
    if (sorts) sorts.add(sort)
    else this.#added.set(change, new Set([sort]))
    return change
  }

  #other(of: string, thing: Thing): string {
    if (this.takesIn(of, thing)) return of
    const last = this.#lastOf(of)
    if (last !== of && this.takesIn(last, thing)) return last
    const { id, sort } = thing
    const line = `${of} ${sort}`
    const assigned = this.#assigned.get(line)
    if (assigned !== undefined) return assigned
    this.#assigned.set(line, id)
    if (this.#update.rest.isDecided(last) && this.#isThere(last, thing)) this.repairs.push({ kind: "succeed", change: last, next: id })
    return id
  }

  /** Whether something is where a decided change was, and so can be what came of it. A new clause is wherever its source put it. */
  #isThere(change: string, { sort, block }: Thing): boolean {
    return sort === "new clause" || (this.#update.rest.blocksOf(change)?.has(block ?? "") ?? true)
  }

  /** The end of the line of changes that took each other's place. */
  #lastOf(change: string): string {
    const { rest } = this.#update
    const seen = new Set<string>()
    let at = change
    while (rest.isDecided(at) && !seen.has(at)) {
      seen.add(at)
      const next = rest.nextOf(at)
      if (next === null || !(this.#isOpen(next) || rest.isDecided(next))) break
      at = next
    }
    return at
  }
}

/**
 * What each change does to clauses as wholes. One change does one thing to a clause: of two that no text can follow (two levels, two places, a clause that
 * goes and takes another's words in) a decision would do the half, which its card does not show.
 */
class EntriesOfChanges {
  readonly #byChange = new Map<string, StructuralProposal[]>()
  readonly #rest: Rest

  /** `fresh`: entries that are yet to be added. */
  constructor({ before, after, rest }: Case, fresh: readonly StructuralProposal[]) {
    this.#rest = rest
    const added = new Set(fresh.map(({ id }) => id))
    for (const [id, entry] of before.entries)
      if (!added.has(id) && (!after.entries.has(id) || after.entries.get(id) !== undefined)) {
        const { changeId } = entry as StructuralProposal
        this.add(changeId, entry as StructuralProposal)
      }
  }

  add(change: string, entry: StructuralProposal): void {
    const list = this.#byChange.get(change)
    if (list) list.push(entry)
    else this.#byChange.set(change, [entry])
  }

  takesIn(change: string, entry: StructuralProposal): boolean {
    const others = this.#byChange.get(change)
    return others === undefined || goesWith(others.map(this.#led), this.#led(entry))
  }

  /** A join as it leads by now: to what has the words of the clause that it names. */
  readonly #led = (entry: StructuralProposal): StructuralProposal => {
    const into = entry.kind === "join" ? (this.#rest.survivorOf(entry.into) ?? entry.into) : null
    return entry.kind === "join" && into !== null && into !== entry.into ? { ...entry, into } : entry
  }
}

/**
 * What repairs have made of entries: led on to where words are by now, or held for the parts of a clause, they may contradict others of their change, and
 * are changes of their own then. One that others are named after stays as it is.
 */
export function partedEntries(update: Case): Repair[] {
  const { fresh, after } = update
  if (fresh !== nothingFresh || after.entries.size === 0) return []
  const entries = newEntries(update)
  const known = new EntriesOfChanges(update, entries)
  const repairs: Repair[] = []
  const parted = new Map<string, string>()
  for (const entry of inChains(entries)) {
    const { id, changeId } = entry
    // What follows a clause goes where that goes.
    const followed = isApart(entry) ? entries.find((other) => other.block === targetOf(entry) && other.changeId === changeId) : undefined
    const change = followed && parted.get(followed.id)
    const isParted = change === undefined && id !== changeId && !known.takesIn(changeId, entry)
    const now = change ?? (isParted ? id : changeId)
    known.add(now, entry)
    if (now === changeId) continue
    parted.set(id, now)
    repairs.push({ kind: "rename", what: "entry", id, of: now === id ? "" : now })
  }
  return repairs
}

/** Entries, those that follow a clause behind those of that clause, in the order in which the server wrote them. */
function inChains(entries: readonly StructuralProposal[]): StructuralProposal[] {
  const number = ({ id }: StructuralProposal): number => parseMarkId(id)!.n
  const following = entries.filter(isApart).sort((a, b) => number(a) - number(b))
  return following.length === 0 ? [...entries] : [...entries.filter((entry) => !isApart(entry)), ...following]
}

/** The new markers that open something, with the texts that they stand in. */
function* newMarks({ fresh }: Case, pieces: ReadonlyMap<At, readonly Piece[]>): Iterable<{ at: At; mark: Mark }> {
  if (fresh.marks.size === 0) return
  for (const [at, list] of pieces)
    for (const piece of list) if (piece.kind === "marker" && piece.mark && isFresh(fresh, piece)) yield { at, mark: piece.mark }
}

/** `pieces`: the texts of the update without what is stripped. */
export function judgeNames(update: Case, pieces: ReadonlyMap<At, readonly Piece[]>): Refused | Names {
  const { fresh, after } = update
  const marks = [...newMarks(update, pieces)]
  const added = fresh.known.size > 0 ? addedBlocks(update) : []
  const entries = fresh.known.size > 0 && after.entries.size > 0 ? newEntries(update) : []
  if (marks.length === 0 && added.length === 0 && entries.length === 0) return noNames
  const isBorn = (id: string): boolean => fresh.known.has(parseMarkId(id)?.client ?? -1)
  const born = new Set([
    ...marks.map(({ mark }) => mark.id),
    ...entries.map(({ id }) => id),
    ...added.map(([, { attrs }]) => attrs.insertedId as string).filter(isBorn),
  ])
  const successions = new Successions(update, born)
  const repairs: Repair[] = []
  const changes = new Map<At, string>()
  for (const [at, { attrs, type }] of added) {
    const change = successions.changeFor(attrs.insertedId as string, {
      id: (attrs.id as string).slice(1),
      sort: sortOfBlock(type),
      block: attrs.id as string,
      at: null,
    })
    changes.set(at, change)
    if (change !== attrs.insertedId) repairs.push({ kind: "rename", what: "block", at, change })
  }
  const sortAt = (at: At, mark: Mark): Sort => {
    const block = after.blocks.get(at)
    if (!block) return "text"
    // The words of a new clause are of its change, whatever that comes to be called.
    return changes.get(at) === mark.changeId ? sortOfBlock(block.type) : sortOfMark(mark, block)
  }
  const named = new Map<string, Mark>()
  const standings = new Map<At, ReturnType<typeof standing>>()
  for (const { at, mark } of marks) {
    const change = successions.changeFor(mark.of, { id: mark.id, sort: sortAt(at, mark), block: idAt(update, at), at })
    if (!standings.has(at)) standings.set(at, standing(update, at, pieces.get(at)!))
    const now = renamed(update, mark, change, standings.get(at)!(mark))
    if (now === mark) continue
    named.set(mark.key, now)
    repairs.push({ kind: "rename", what: "mark", at, mark: now })
  }
  const known = entries.length > 0 ? new EntriesOfChanges(update, entries) : null
  for (const entry of entries) {
    const { id, of, block } = entry
    const thing = { id, sort: sortOfEntry(entry), block, at: null }
    const named = successions.changeFor(of, thing)
    const change = known!.takesIn(named, entry) ? named : id
    // Others name it as the change that they are of: it cannot be another.
    if (!known!.takesIn(change, entry)) return refused("mixed-change")
    known!.add(change, entry)
    if (change !== (of || id)) repairs.push({ kind: "rename", what: "entry", id, of: change === id ? "" : change })
  }
  if (successions.isMixed) return refused("mixed-change")
  return {
    repairs: [...repairs, ...successions.repairs],
    nameOf: (mark) => named.get(mark.key) ?? mark,
    changeOf: (at) => changes.get(at) ?? "",
  }
}

const noNames: Names = { repairs: [], nameOf: (mark) => mark, changeOf: () => "" }

/** A mark in this change, without the names that it cannot have, and with those that marks have by now. The same where nothing differs. */
function renamed({ source, rest }: Case, mark: Mark, changeId: string, { mayStandIn, nowOf }: Standing): Mark {
  const isKnown = (id: string): boolean => {
    const parts = parseMarkId(id)
    if (parts === null || parts.source === source) return parts !== null
    return parts.n <= rest.lastNumberOf(parts.client) && mayStandIn(id)
  }
  const named = (ids: readonly string[]): readonly string[] => {
    const now = [...new Set(ids.flatMap(nowOf))].filter(isKnown).slice(0, caps.listedIds)
    return now.join() === ids.join() ? ids : now
  }
  const within = named(mark.within)
  const over = named(mark.over)
  if (changeId === mark.changeId && within === mark.within && over === mark.over) return mark
  return { ...mark, of: changeId === mark.id ? "" : changeId, changeId, within, over }
}

/** Whether one of the marks of a letter stands, by what they name, inside of itself: what waits for that would wait for ever. */
export function standsInItself(marks: readonly Mark[]): boolean {
  const named = (mark: Mark): Mark[] => marks.filter(({ id }) => (mark.name === "insertion" ? mark.within : mark.over).includes(id))
  return marks.some((mark) => {
    const reached = new Set(named(mark))
    for (const other of reached) for (const next of named(other)) reached.add(next)
    return reached.has(mark)
  })
}

/** What a new mark of a text names. */
interface Standing {
  /** Whether it may name a mark of another. */
  mayStandIn(id: string): boolean
  /** The marks that one which it names has become around it, where that was divided before its writer had heard of that; else the one itself. */
  nowOf(id: string): readonly string[]
}

/**
 * What others' marks a new mark of a text may name: such as are around it, and such as were written once and are gone. Of one that is there, and around
 * other words, it was never inside, unless the words that were around it have gone elsewhere, to where it is led on (GATE8). Of one that was divided
 * meanwhile it stands in what is left, where that is around it: as what was there by then does (PART).
 */
function standing(update: Case, at: At, pieces: readonly Piece[]): (mark: Mark) => Standing {
  const { rest } = update
  let around: Map<string, Map<string, Mark>> | null = null
  let led: Set<string> | null = null
  const aroundOf = ({ key }: Mark): ReadonlyMap<string, Mark> | undefined => {
    around ??= marksAround(pieces)
    return around.get(key)
  }
  return (mark) => ({
    mayStandIn: (id) => {
      if (aroundOf(mark)?.has(id) || markNamed(rest, id) === null) return true
      if (rest.moves.isEmpty) return false
      led ??= ledOn(update, at, pieces)
      return led.has(mark.key)
    },
    nowOf: (id) => {
      const there = aroundOf(mark)
      const left = [...(there?.values() ?? [])].filter((other) => isLeftOf(rest, id, other)).map((other) => other.id)
      return left.length === 0 ? [id] : there?.has(id) ? [id, ...left] : left
    },
  })
}

/** A mark that is there, by its id. */
const markNamed = (rest: Rest, id: string): Mark | null => rest.markOf(keyOf("insertion", id)) ?? rest.markOf(keyOf("deletion", id))

/**
 * Whether a mark is what a division left of the one with an id. Of one that is gone, and was not the first of its change, nothing tells more than whose
 * it was.
 */
function isLeftOf(rest: Rest, id: string, { id: own, changeId, name, source }: Mark): boolean {
  const { source: whose, client, n } = parseMarkId(id) ?? {}
  if (own === id || whose !== source || parseMarkId(own)?.client !== serverClient || !rest.mayHaveWritten(client!, n!)) return false
  const was = markNamed(rest, id)
  if (was === null && !rest.isDecided(id)) return rest.isRest(changeId)
  const first = was?.changeId ?? id
  if ((was && was.name !== name) || first === changeId) return false
  const seen = new Set<string>()
  for (let at: string | null = first; at !== null && !seen.has(at); at = rest.nextOf(at)) {
    if (at === changeId) return true
    seen.add(at)
  }
  return false
}

/** Of each mark those, by their ids, that are in force where it begins, or on any of its letters. */
function marksAround(pieces: readonly Piece[]): Map<string, Map<string, Mark>> {
  const around = new Map<string, Map<string, Mark>>()
  let inForce: readonly Mark[] = []
  const note = (): void => {
    for (const { key } of inForce) {
      const marks = around.get(key) ?? new Map<string, Mark>()
      for (const mark of inForce) marks.set(mark.id, mark)
      around.set(key, marks)
    }
  }
  for (const piece of pieces) {
    if (piece.kind === "marker") {
      const rest = inForce.filter(({ key }) => key !== piece.key)
      inForce = piece.mark ? [...rest, piece.mark] : rest
    }
    if (piece.kind !== "gone") note()
  }
  return around
}

/** Keys of the marks of a text that are, hold letters that are, or strike what is, among the tombstones of words which have gone elsewhere. */
function ledOn(update: Case, at: At, pieces: readonly Piece[]): Set<string> {
  const { keys, letters, repairs } = misplacedIn(update, at, pieces, (mark) => mark)
  const led = new Set(keys)
  for (const repair of repairs) if (repair.kind === "strike" && repair.mark) led.add(repair.mark.key)
  let inForce = new Set<string>()
  for (const piece of pieces) {
    if (piece.kind === "marker") {
      inForce = new Set([...inForce].filter((key) => key !== piece.key))
      if (piece.mark) inForce.add(piece.key)
    } else if (letters.some((part) => part === piece)) for (const key of inForce) led.add(key)
  }
  return led
}

/** Entries that the update writes and that are not dropped for being decided. */
function newEntries({ before, after, source, rest }: Case): StructuralProposal[] {
  const found: StructuralProposal[] = []
  for (const [key, value] of after.entries) {
    const entry = value === undefined ? null : structuralProposalOf(key, value)
    if (entry?.source === source && entry !== before.entries.get(key) && !rest.isDecided(key)) found.push(entry)
  }
  return found
}

/** Where the clauses of a file went that decisions moved, amended, divided or joined since it was written: told by the record, never by likeness alone. */
import type * as Y from "yjs"
import { compareWords, tokensOf, wordsIn } from "../../shared/changes/compare.ts"
import { workingText } from "../../shared/changes/projections.ts"
import { survivorOf } from "../../shared/changes/restructure.ts"
import { type Block, isAgreed, isPresent, splitCharacter, textOf } from "../../shared/schema/block.ts"
import { isAccepted, roots } from "../../shared/sync/roots.ts"
import { mapped } from "./beside.ts"
import type { Home, WorkingBlock } from "./homes.ts"

/** A letter of an agreed clause of the draft, by its place in the working text of that. */
export interface Place {
  readonly block: string
  readonly at: number
}

/** A clause of a file of which the words stand in several clauses of the draft, or together with those of another. */
export interface Spread {
  /** The clauses of the draft that hold its words, in order. */
  readonly parts: readonly string[]
  /** Whether they hold the words of other clauses of the file too: what is proposed about it as a whole has no place then. */
  readonly isMerged: boolean
  /** Of each character of its working text the place in the draft; null: it is not there. */
  readonly to: readonly (Place | null)[]
}

/** Of a clause that was amended so many of the file's words are in the draft, or were taken out by what was accepted there. */
const wellKnown = 0.8

/** What of the words of clauses was accepted to go, and which clauses were moved. */
interface Record {
  readonly moved: ReadonlySet<string>
  readonly goneFrom: ReadonlyMap<string, string>
}

function recordOf(doc: Y.Doc): Record {
  const moved = new Set<string>()
  const goneFrom = new Map<string, string>()
  for (const entry of roots.proposals(doc).values()) {
    if (!isAccepted(entry)) continue
    for (const { kind, block } of entry.acts ?? []) if (kind === "move") moved.add(block)
    for (const { kind, block, text } of entry.segments ?? [])
      if (kind === "deletion") goneFrom.set(block, `${goneFrom.get(block) ?? ""} ${text}`)
  }
  return { moved, goneFrom }
}

const wordsOf = (block: Block): string => textOf(workingText(block))

/** How many of the words of a file's clause a clause of the draft has, or had before what was accepted. */
function known(theirs: WorkingBlock, ours: Block, { goneFrom }: Record): number {
  const counts = new Map<string, number>()
  for (const word of wordsIn(`${wordsOf(ours)} ${goneFrom.get(ours.id) ?? ""}`)) counts.set(word, (counts.get(word) ?? 0) + 1)
  const words = wordsIn(theirs.working)
  let here = 0
  for (const word of words) {
    const n = counts.get(word) ?? 0
    if (n === 0) continue
    counts.set(word, n - 1)
    here++
  }
  return words.length === 0 ? 0 : here / words.length
}

/**
 * Homes with those of clauses that are not found by their words alone: one that a decision moved, and one of which decisions changed most words, between
 * the clauses before and behind it.
 */
export function withAmended(
  doc: Y.Doc,
  homes: ReadonlyMap<string, Home>,
  file: ReadonlyMap<string, WorkingBlock>,
  room: readonly Block[],
): Map<string, Home> {
  const found = new Map(homes)
  const lost = [...file.values()].filter(({ block }) => !homes.has(block.id) && block.type !== "note")
  if (lost.length === 0) return found
  const record = recordOf(doc)
  const taken = new Set([...homes.values()].map(({ id }) => id))
  const free = room.filter(({ id, origin }) => origin !== null && !taken.has(id) && (record.moved.has(id) || record.goneFrom.has(id)))
  const place = new Map(room.map(({ id }, i) => [id, i]))
  const order = [...file.keys()]
  const homeBeside = (id: string, step: 1 | -1): number | undefined => {
    for (let i = order.indexOf(id) + step; order[i] !== undefined; i += step) {
      const home = homes.get(order[i]!)
      if (home) return place.get(home.id)
    }
    return undefined
  }
  for (const theirs of lost) {
    const { id, type } = theirs.block
    const [before, behind] = [homeBeside(id, -1) ?? -1, homeBeside(id, 1) ?? room.length]
    const isBetween = ({ id: own }: Block): boolean => before < place.get(own)! && place.get(own)! < behind
    const likely = free.filter(
      (own) => own.type === type && (record.moved.has(own.id) || isBetween(own)) && known(theirs, own, record) >= wellKnown,
    )
    // Of two that it may be nothing says which it is.
    const [ours] = likely
    if (!ours || likely.length > 1) continue
    free.splice(free.indexOf(ours), 1)
    const words = wordsOf(ours)
    found.set(id, { id: ours.id, words, to: mapped(theirs.working, words) })
  }
  return found
}

/** Clauses of the draft that come from the same ones of the text in force, because they were divided or joined. */
interface Family {
  readonly origins: Set<string>
  readonly ours: Block[]
  /** Whether another clause was joined to one of them. */
  isJoined: boolean
}

function familiesIn(blocks: readonly Block[]): Family[] {
  const byId = new Map(blocks.map((block) => [block.id, block]))
  const originsOf = new Map<string, string[]>()
  const note = (block: Block, into: string): void => {
    if (block.origin !== null) originsOf.set(into, [...(originsOf.get(into) ?? []), block.origin])
  }
  const joinedTo = new Set<string>()
  for (const block of blocks) {
    if (isPresent(block)) note(block, block.id)
    else {
      const survivor = block.joined === block.id ? null : survivorOf(byId, block.id)
      // What a move leaves behind has given its origin along.
      if (survivor && block.origin !== null) joinedTo.add(survivor.id)
      if (survivor) note(block, survivor.id)
    }
  }
  const families: Family[] = []
  for (const block of blocks) {
    const origins = isAgreed(block) ? (originsOf.get(block.id) ?? []) : []
    if (origins.length === 0) continue
    const kin = families.filter((family) => origins.some((origin) => family.origins.has(origin)))
    const [first, ...others] = kin
    const family: Family = first ?? { origins: new Set(), ours: [], isJoined: false }
    if (!first) families.push(family)
    for (const other of others) {
      for (const origin of other.origins) family.origins.add(origin)
      family.ours.push(...other.ours)
      family.isJoined ||= other.isJoined
      families.splice(families.indexOf(other), 1)
    }
    for (const origin of origins) family.origins.add(origin)
    family.ours.push(block)
    family.isJoined ||= joinedTo.has(block.id)
  }
  return families.filter(({ ours, isJoined }) => ours.length > 1 || isJoined)
}

/** So much of a clause that has no home stands with the words of the one that it was joined to. */
const mostlyThere = 0.5

/** The clauses of a file whose words are not all in one clause of the draft, or not alone there, by their ids. */
export function spreadIn(
  homes: ReadonlyMap<string, Home>,
  file: ReadonlyMap<string, WorkingBlock>,
  blocks: readonly Block[],
): ReadonlyMap<string, Spread> {
  const spread = new Map<string, Spread>()
  const order = [...file.keys()]
  const isStray = (id: string | undefined): id is string => id !== undefined && !homes.has(id) && file.get(id)!.block.type !== "note"
  const place = new Map(blocks.map(({ id }, i) => [id, i]))
  for (const family of familiesIn(blocks)) {
    const ours = family.ours.sort((a, b) => place.get(a.id)! - place.get(b.id)!)
    const ids = new Set(ours.map(({ id }) => id))
    const own = order.filter((id) => ids.has(homes.get(id)?.id ?? ""))
    if (own.length === 0) continue
    const near = (id: string): string[] => {
      const at = order.indexOf(id)
      const strays: string[] = []
      for (const step of [1, -1]) for (let i = at + step; isStray(order[i]); i += step) strays.push(order[i]!)
      return strays.filter((stray) => !spread.has(stray))
    }
    const theirs = new Set([...own, ...(family.isJoined ? own.flatMap(near) : [])])
    const placed = placesOf(
      order.filter((id) => theirs.has(id)).map((id) => file.get(id)!),
      ours,
    )
    const isThere = (id: string): boolean => homes.has(id) || shareOf(file.get(id)!.working, placed.get(id)!) >= mostlyThere
    const members = [...placed].filter(([id]) => isThere(id))
    for (const [id, to] of members) {
      const holds = new Set(to.flatMap((one) => (one ? [one.block] : [])))
      const home = homes.get(id)?.id
      const parts = members.length === 1 ? [...ids] : [...ids].filter((one) => holds.has(one) || one === home)
      if (parts.length > 0) spread.set(id, { parts, isMerged: members.length > 1, to })
    }
  }
  return spread
}

/** The words of clauses of a file, in order, among those of clauses of the draft. */
function placesOf(theirs: readonly WorkingBlock[], ours: readonly Block[]): Map<string, (Place | null)[]> {
  const places: (Place | null)[] = ours.flatMap((block, i): (Place | null)[] => [
    ...(i > 0 ? [null] : []),
    ...wordsOf(block)
      .split("")
      .map((_, at) => ({ block: block.id, at })),
  ])
  const to: (Place | null)[] = []
  let at = 0
  const stretches = compareWords(theirs.map(({ working }) => working).join(splitCharacter), ours.map(wordsOf).join(splitCharacter))
  for (const { kind, text } of stretches) {
    if (kind !== "inserted") for (let i = 0; i < text.length; i++) to.push(kind === "kept" ? (places[at + i] ?? null) : null)
    if (kind !== "deleted") at += text.length
  }
  const found = new Map<string, (Place | null)[]>()
  let from = 0
  for (const { block, working } of theirs) {
    found.set(block.id, to.slice(from, from + working.length))
    from += working.length + 1
  }
  return found
}

/** How many of the words of a text have a place. */
function shareOf(words: string, to: readonly (Place | null)[]): number {
  let [all, here, at] = [0, 0, 0]
  for (const token of tokensOf(words)) {
    if (/[\p{L}\p{N}]/u.test(token)) {
      all++
      if (to[at]) here++
    }
    at += token.length
  }
  return all === 0 ? 0 : here / all
}

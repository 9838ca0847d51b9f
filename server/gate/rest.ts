import * as Y from "yjs"
import type { ProposalEntry } from "../../shared/changes/outcome.ts"
import { rivalsWithin } from "../../shared/changes/rivals.ts"
import { finished } from "../../shared/changes/slices.ts"
import type { Block, Mark, StructuralProposal } from "../../shared/schema/block.ts"
import { parseMarkId, serverClient } from "../../shared/schema/keys.ts"
import type { ItemId, PlacedRun, Stretch } from "../../shared/schema/runs.ts"
import { structuralProposalOf, withStructure } from "../../shared/schema/structure.ts"
import type { Moves } from "../../shared/sync/moves.ts"
import { blocksRoot } from "../../shared/sync/read.ts"
import { isAccepted, roots } from "../../shared/sync/roots.ts"
import type { Count, Rest, Sort, Standing, TakenLetters } from "./case.ts"
import type { Census } from "./census.ts"
import type { Numbers } from "./numbers.ts"
import { partsSince } from "./parted.ts"
import { atOf, elementAt, textAt, visibleItems } from "./places.ts"
import { type BlockReading, blockOf, type Piece, piecesOf } from "./reading.ts"
import type { At } from "./repairs.ts"
import type { BindingOf } from "./shapes.ts"
import { stoodFor } from "./stood-for.ts"
import type { StruckGone, StruckWords } from "./struck-gone.ts"
import { TakenIndex } from "./taken.ts"

/** What a gate remembers of what is gone, as long as the draft is open. */
export interface Remembered {
  readonly numbers: Numbers
  readonly struckGone: StruckGone
}

/** What the judge asks of the rest of the draft, looked up in the shadow and in what is kept of it. */
export class ShadowRest implements Rest {
  readonly moves: Moves
  /** The blocks of the update that is being judged, as it leaves them. */
  after: ReadonlyMap<At, BlockReading | null> | null = null
  /** And its entries of `structure`. */
  entries: ReadonlyMap<string, unknown> = new Map()
  readonly #doc: Y.Doc
  readonly #census: Census
  readonly #numbers: Numbers
  readonly #bindingOf: BindingOf
  readonly #proposals: Y.Map<ProposalEntry>
  readonly #taken: TakenIndex
  readonly #struckGone: StruckGone

  constructor(doc: Y.Doc, census: Census, moves: Moves, { numbers, struckGone }: Remembered, bindingOf: BindingOf) {
    this.moves = moves
    this.#doc = doc
    this.#census = census
    this.#numbers = numbers
    this.#struckGone = struckGone
    this.#bindingOf = bindingOf
    this.#proposals = roots.proposals(doc)
    this.#taken = new TakenIndex(roots.taken(doc))
  }

  get serverClock(): number {
    return Y.getState(this.#doc.store, serverClient)
  }

  sourceOf(client: number): string | null {
    return this.#bindingOf(client)?.source ?? null
  }

  isOpen(change: string): boolean {
    return this.#census.isOpen(change)
  }

  sortsOf(change: string): ReadonlySet<Sort> {
    return this.#census.sortsOf(change)
  }

  isDecided(change: string): boolean {
    return this.#proposals.has(change)
  }

  nextOf(change: string): string | null {
    return this.#proposals.get(change)?.next ?? null
  }

  blocksOf(change: string): ReadonlySet<string> | null {
    const { segments, acts = [] } = this.#proposals.get(change) ?? {}
    return segments ? new Set([...segments, ...acts].map(({ block }) => block)) : null
  }

  isRest(change: string): boolean {
    if (parseMarkId(change)?.client !== serverClient) return false
    for (const { next } of this.#proposals.values()) if (next === change) return true
    return false
  }

  rivalsAmong(groups: readonly (readonly string[])[]): ReadonlySet<string> {
    const ids = new Set(groups.flat())
    const all = new Map<string, StructuralProposal>(this.#census.entries)
    for (const [key, value] of this.entries) {
      const proposal = structuralProposalOf(key, value)
      if (proposal) all.set(key, proposal)
      else all.delete(key)
    }
    const proposals = [...all.values()].filter(({ changeId }) => ids.has(changeId))
    const named = new Set(proposals.map(({ block }) => block))
    const elements = this.#doc.getXmlFragment(blocksRoot).toArray() as Y.XmlElement[]
    const readings = elements.flatMap((element) => this.readingOf(atOf(element)) ?? [])
    const isAbout = ({ marks, attrs }: BlockReading): boolean =>
      named.has(String(attrs.id)) || ids.has(String(attrs.insertedId)) || marks.some(({ changeId }) => ids.has(changeId))
    return finished(rivalsWithin(withStructure(readings.filter(isAbout).map(blockOf), proposals), groups))
  }

  lastNumberOf(client: number): number {
    return client === serverClient ? this.serverClock - 1 : this.#numbers.lastOf(client)
  }

  mayHaveWritten(client: number, n: number): boolean {
    return client === serverClient ? n < this.serverClock : this.#numbers.mayHaveWritten(client, n)
  }

  markOf(key: string): Mark | null {
    return this.#census.markOf(key)
  }

  blocksWith(key: string): At[] {
    return [...this.#census.blocksWith(key)].map(atOf)
  }

  placesOf(change: string): At[] {
    return [...this.#census.blocksOf(change)].map(atOf)
  }

  readingOf(at: At): BlockReading | null {
    const touched = this.after?.get(at)
    if (touched !== undefined) return touched
    const element = elementAt(this.#doc, at)
    return (element && this.#census.reading(element)) ?? null
  }

  piecesOf(at: At): Piece[] {
    const text = textAt(this.#doc, at)
    return text ? piecesOf(text) : []
  }

  typeOf(block: string): Block["type"] | null {
    const element = this.#census.byId(block)
    return element && this.#census.reading(element)?.attrs.joined === undefined ? (element.nodeName as Block["type"]) : null
  }

  typeEver(block: string): Block["type"] | null {
    return (this.#census.byId(block)?.nodeName as Block["type"] | undefined) ?? null
  }

  isTaken(block: string): boolean {
    return this.#census.byId(block) !== undefined
  }

  survivorOf(block: string): string | null {
    const seen = new Set<string>()
    for (let at = block; !seen.has(at); ) {
      seen.add(at)
      const element = this.#census.byId(at)
      if (!element) return null
      const joined = this.#census.reading(element)?.attrs.joined
      if (typeof joined !== "string") return at
      at = joined
    }
    return null
  }

  partsSince(block: string, heard: number): string[] {
    const element = this.#census.byId(block)
    return element && !this.moves.isEmpty ? partsSince(element, heard, this.#doc, this.moves) : []
  }

  countOf(source: string): Count {
    return this.#census.countOf(source)
  }

  takenOf(letters: Stretch): TakenLetters[] {
    if (this.#taken.isEmpty) return []
    return this.moves
      .allOf(letters)
      .flatMap((part) => this.#taken.within(part))
      .filter(({ by }) => isAccepted(this.#proposals.get(by)))
  }

  stoodFor(letter: ItemId): ItemId | null {
    return stoodFor(this.#doc.store, letter)
  }

  struckGone(letter: ItemId): StruckWords | null {
    return this.#struckGone.at(letter)
  }

  isForestalled(change: string): boolean {
    return roots.forestalled(this.#doc).has(change)
  }

  standing(letters: Stretch): Standing[] {
    const found: Standing[] = []
    for (const { item, within, length } of visibleItems(this.#doc, this.moves, [letters])) {
      const at = atOf((item.parent as Y.XmlText).parent as Y.XmlElement)
      const { client, clock } = item.id
      for (let done = 0; done < length; ) {
        const run = runAt(this.readingOf(at), { client, clock: clock + within + done })
        if (!run) break
        const first = clock + within + done
        const size = Math.min(length - done, run.clock + run.text.length - first)
        found.push({ at, marks: run.marks, client, clock: first, length: size })
        done += size
      }
    }
    return found
  }
}

const indexes = new WeakMap<BlockReading, Map<number, PlacedRun[]>>()

/** The run of a block that holds a character. */
function runAt(reading: BlockReading | null, { client, clock }: ItemId): PlacedRun | null {
  if (!reading) return null
  let index = indexes.get(reading)
  if (!index) {
    index = new Map()
    for (const run of reading.runs) if (!index.get(run.client)?.push(run)) index.set(run.client, [run])
    for (const runs of index.values()) runs.sort((a, b) => a.clock - b.clock)
    indexes.set(reading, index)
  }
  const runs = index.get(client) ?? []
  let low = 0
  let high = runs.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (runs[middle]!.clock <= clock) low = middle + 1
    else high = middle
  }
  const run = runs[low - 1]
  return run && clock < run.clock + run.text.length ? run : null
}

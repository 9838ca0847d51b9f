/**
 * What an update took something from while accepted changes wait: which of these wait no longer is asked of the blocks beside it alone, for it is asked
 * after each letter that anybody takes back (FAIR4).
 */
import type * as Y from "yjs"
import { livingIn } from "../../shared/changes/effects.ts"
import type { Block, StructuralProposal } from "../../shared/schema/block.ts"
import { withStructure } from "../../shared/schema/structure.ts"
import type { Census } from "./census.ts"
import { type BlockReading, blockOf } from "./reading.ts"
import type { Trial } from "./trial.ts"

/** As it was before the update: make it before the census is kept up with that. */
export class Reached {
  /** Changes that stood in the blocks and entries that it touched. */
  readonly changes = new Set<string>()
  /** Ids of the blocks that it touched. */
  readonly blocks = new Set<string>()
  readonly #census: Census
  readonly #readings = new Map<Y.XmlElement, BlockReading | undefined>()
  readonly #entries = new Map<string, StructuralProposal | undefined>()

  constructor(census: Census, { touched, entries }: Trial) {
    this.#census = census
    for (const element of touched) {
      const reading = census.reading(element)
      this.#readings.set(element, reading)
      if (!reading) continue
      for (const change of changesOf(reading)) this.changes.add(change)
      this.blocks.add(idOf(reading))
    }
    for (const key of entries) {
      const entry = census.entries.get(key)
      this.#entries.set(key, entry)
      if (entry) this.changes.add(entry.changeId)
    }
  }

  /** The draft as it was before. `elements`: its blocks as they are now. */
  stood(elements: readonly Y.XmlElement[]): Block[] {
    const readings = elements.flatMap((element) =>
      this.#readings.has(element) ? (this.#readings.get(element) ?? []) : (this.#census.reading(element) ?? []),
    )
    const same = [...this.#census.entries].flatMap(([key, entry]) => (this.#entries.has(key) ? [] : [entry]))
    return withStructure(readings.map(blockOf), [...same, ...[...this.#entries.values()].filter((entry) => entry !== undefined)])
  }
}

/** Some blocks that tell of some changes whether they still wait. */
export interface Near {
  readonly blocks: readonly Block[]
  readonly noted: ReadonlySet<string>
}

/** Of the changes that wait those that an update may have reached, with all blocks that they stand in and one of each change that these wait for. */
export function waitingNear(census: Census, noted: ReadonlySet<string>, reached: Reached): Near {
  const near = new Beside(census, noted)
  for (const change of reached.changes) {
    near.addChange(change)
    for (const element of census.blocksOf(change)) if (near.holdsNoted(element)) near.addBlock(element)
  }
  for (const change of noted)
    for (const entry of census.entriesOf(change)) if (near.namedIn(entry).some((id) => reached.blocks.has(id))) near.addChange(change)
  return near.all()
}

/** Gathers what is near: changes that wait, and the blocks that these stand in or are about. */
class Beside {
  readonly #census: Census
  readonly #noted: ReadonlySet<string>
  readonly #changes = new Set<string>()
  readonly #elements = new Set<Y.XmlElement>()

  constructor(census: Census, noted: ReadonlySet<string>) {
    this.#census = census
    this.#noted = noted
  }

  holdsNoted(element: Y.XmlElement): boolean {
    return [...this.#standingOn(element)].some((change) => this.#noted.has(change))
  }

  *#standingOn(element: Y.XmlElement): Iterable<string> {
    const reading = this.#census.reading(element)
    if (!reading) return
    yield* changesOf(reading)
    for (const { changeId } of this.#census.entriesOn(idOf(reading))) yield changeId
  }

  /** The blocks that an entry is about. */
  namedIn(entry: StructuralProposal): string[] {
    if (entry.kind !== "join") return [entry.block]
    const named = [entry.block]
    for (let at: unknown = entry.into; typeof at === "string" && !named.includes(at); ) {
      named.push(at)
      const element = this.#census.byId(at)
      at = element && this.#census.reading(element)?.attrs.joined
    }
    return named
  }

  /** Where it is one that waits. */
  addChange(change: string): void {
    if (!this.#noted.has(change) || this.#changes.has(change)) return
    this.#changes.add(change)
    for (const element of this.#census.blocksOf(change)) this.addBlock(element)
    for (const entry of this.#census.entriesOf(change)) this.#addNamed(entry)
  }

  #addNamed(entry: StructuralProposal): void {
    for (const id of this.namedIn(entry)) {
      const element = this.#census.byId(id)
      if (element) this.addBlock(element)
    }
  }

  addBlock(element: Y.XmlElement): void {
    const reading = this.#census.reading(element)
    if (!reading || this.#elements.has(element)) return
    this.#elements.add(element)
    for (const change of this.#standingOn(element)) this.addChange(change)
    for (const entry of this.#census.entriesOn(idOf(reading))) this.#addNamed(entry)
  }

  all(): Near {
    const readings = [...this.#elements].map((element) => this.#census.reading(element)!)
    const entries = readings.flatMap((reading) => [...this.#census.entriesOn(idOf(reading))])
    const blocks = readings.map(blockOf)
    const others = new Set(readings.flatMap((reading) => [...changesOf(reading)]).filter((change) => !this.#noted.has(change)))
    return { blocks: [...withStructure(blocks, entries), ...this.#living(others, blocks)], noted: this.#changes }
  }

  /** A block for each change that lives in none of these: whether it lives anywhere is asked of it. */
  #living(changes: ReadonlySet<string>, blocks: readonly Block[]): Set<Block> {
    const found = new Set<Block>()
    for (const change of changes) {
      if (blocks.some((block) => livingIn(block).has(change))) continue
      for (const element of this.#census.blocksOf(change)) {
        const block = blockOf(this.#census.reading(element)!)
        if (!livingIn(block).has(change)) continue
        found.add(block)
        break
      }
    }
    return found
  }
}

const idOf = ({ attrs }: BlockReading): string => String(attrs.id)

function* changesOf({ marks, attrs }: BlockReading): Iterable<string> {
  for (const mark of marks) yield mark.changeId
  if (typeof attrs.insertedId === "string") yield attrs.insertedId
}

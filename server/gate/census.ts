import type * as Y from "yjs"
import { type Mark, ownerOf, type StructuralProposal } from "../../shared/schema/block.ts"
import type { PlacedRun } from "../../shared/schema/runs.ts"
import { type Count, type Sort, sortOfBlock, sortOfEntry, sortOfMark } from "./case.ts"
import { type BlockReading, isSameList, readBlock } from "./reading.ts"

const isSameLoad = (a: PlacedRun, b: PlacedRun): boolean => a.marks === b.marks && a.text.length === b.text.length

const add = (counts: Map<string, number>, key: string, by: number): void => {
  const count = (counts.get(key) ?? 0) + by
  if (count > 0) counts.set(key, count)
  else counts.delete(key)
}

function addTo<Value>(lists: Map<string, Set<Value>>, key: string, value: Value): void {
  const list = lists.get(key)
  if (list) list.add(value)
  else lists.set(key, new Set([value]))
}

function takeFrom<Value>(lists: Map<string, Set<Value>>, key: string, value: Value): void {
  const list = lists.get(key)
  list?.delete(value)
  if (list?.size === 0) lists.delete(key)
}

/**
 * The blocks of a draft as they were last read, and where marks, changes and ids are in them: kept up with each update, so that none walks over the
 * whole.
 */
export class Census {
  readonly #readings = new Map<Y.XmlElement, BlockReading>()
  readonly #byId = new Map<string, Y.XmlElement>()
  readonly #byKey = new Map<string, { readonly mark: Mark; readonly blocks: Set<Y.XmlElement> }>()
  readonly #entries = new Map<string, StructuralProposal>()
  /** How many marks, entries and blocks each change has. */
  readonly #changes = new Map<string, number>()
  /** The same of each sort that it has. */
  readonly #sorts = new Map<string, Map<Sort, number>>()
  /** The blocks that hold marks of each change or are added by it, and how many such there are. */
  readonly #places = new Map<string, Map<Y.XmlElement, number>>()
  /** Entries by their change, and by the block that they are about. */
  readonly #entriesOfChange = new Map<string, Set<StructuralProposal>>()
  readonly #entriesOnBlock = new Map<string, Set<StructuralProposal>>()
  readonly #marksOf = new Map<string, number>()
  readonly #lettersOf = new Map<string, number>()
  readonly #blocksOf = new Map<string, number>()
  readonly #entriesOf = new Map<string, number>()

  reading(element: Y.XmlElement): BlockReading | undefined {
    return this.#readings.get(element)
  }

  byId(id: string): Y.XmlElement | undefined {
    return this.#byId.get(id)
  }

  markOf(key: string): Mark | null {
    return this.#byKey.get(key)?.mark ?? null
  }

  blocksWith(key: string): ReadonlySet<Y.XmlElement> {
    return this.#byKey.get(key)?.blocks ?? noBlocks
  }

  /** The blocks that hold marks of a change, or that it adds. */
  blocksOf(change: string): Iterable<Y.XmlElement> {
    return this.#places.get(change)?.keys() ?? []
  }

  entriesOf(change: string): Iterable<StructuralProposal> {
    return this.#entriesOfChange.get(change) ?? []
  }

  entriesOn(block: string): Iterable<StructuralProposal> {
    return this.#entriesOnBlock.get(block) ?? []
  }

  get marks(): Iterable<Mark> {
    return [...this.#byKey.values()].map(({ mark }) => mark)
  }

  get entries(): ReadonlyMap<string, StructuralProposal> {
    return this.#entries
  }

  isOpen(change: string): boolean {
    return this.#changes.has(change)
  }

  sortsOf(change: string): ReadonlySet<Sort> {
    return new Set(this.#sorts.get(change)?.keys())
  }

  #count(change: string, sort: Sort, by: 1 | -1): void {
    add(this.#changes, change, by)
    let sorts = this.#sorts.get(change)
    if (!sorts) this.#sorts.set(change, (sorts = new Map()))
    add(sorts, sort, by)
    if (sorts.size === 0) this.#sorts.delete(change)
  }

  #place(change: string, element: Y.XmlElement, by: 1 | -1): void {
    let places = this.#places.get(change)
    if (!places) this.#places.set(change, (places = new Map()))
    const count = (places.get(element) ?? 0) + by
    if (count > 0) places.set(element, count)
    else places.delete(element)
    if (places.size === 0) this.#places.delete(change)
  }

  countOf(source: string): Count {
    const count = (counts: ReadonlyMap<string, number>): number => counts.get(source) ?? 0
    return { marks: count(this.#marksOf), letters: count(this.#lettersOf), blocks: count(this.#blocksOf), entries: count(this.#entriesOf) }
  }

  /** Reads a block and keeps what it is. Throws where it is none: nothing lets one in. */
  read(element: Y.XmlElement): BlockReading {
    const reading = readBlock(element)
    if (!reading) throw new Error(`block ${JSON.stringify(element.getAttribute("id"))} does not hold just one text`)
    this.keep(element, reading)
    return reading
  }

  keep(element: Y.XmlElement, reading: BlockReading): void {
    const before = this.#readings.get(element)
    // Most updates begin and end no mark, and change no attribute.
    if (!before || before.attrs !== reading.attrs) this.#noteAttrs(element, before, reading)
    if (!before || before.attrs !== reading.attrs || !isSameList(before.marks, reading.marks)) {
      if (before) this.#noteMarks(element, before, -1)
      this.#noteMarks(element, reading, 1)
    }
    this.#noteLetters(before?.runs ?? none, reading.runs)
    this.#readings.set(element, reading)
  }

  drop(element: Y.XmlElement): void {
    const before = this.#readings.get(element)
    if (!before) return
    this.#noteMarks(element, before, -1)
    this.#noteAttrs(element, before, undefined)
    this.#noteLetters(before.runs, none)
    this.#readings.delete(element)
  }

  /** An entry of `structure` is this now; null: it is gone. */
  keepEntry(id: string, entry: StructuralProposal | null): void {
    const before = this.#entries.get(id)
    if (before) {
      this.#count(before.changeId, sortOfEntry(before), -1)
      add(this.#entriesOf, before.source, -1)
      takeFrom(this.#entriesOfChange, before.changeId, before)
      takeFrom(this.#entriesOnBlock, before.block, before)
    }
    if (!entry) return void this.#entries.delete(id)
    this.#count(entry.changeId, sortOfEntry(entry), 1)
    add(this.#entriesOf, entry.source, 1)
    addTo(this.#entriesOfChange, entry.changeId, entry)
    addTo(this.#entriesOnBlock, entry.block, entry)
    this.#entries.set(id, entry)
  }

  #noteAttrs(element: Y.XmlElement, before: BlockReading | undefined, now: BlockReading | undefined): void {
    for (const [reading, by] of [
      [before, -1],
      [now, 1],
    ] as const) {
      if (!reading) continue
      const { id, insertedBy, insertedId } = reading.attrs as Readonly<Record<string, string | undefined>>
      if (insertedBy !== undefined) add(this.#blocksOf, insertedBy, by)
      if (insertedId !== undefined) {
        this.#count(insertedId, sortOfBlock(reading.type), by)
        this.#place(insertedId, element, by)
      }
      if (id === undefined) continue
      if (by === 1) this.#byId.set(id, element)
      else if (this.#byId.get(id) === element) this.#byId.delete(id)
    }
  }

  /** Open letters of each source; of a long block only what differs is counted again. */
  #noteLetters(before: readonly PlacedRun[], now: readonly PlacedRun[]): void {
    let start = 0
    while (start < before.length && start < now.length && isSameLoad(before[start]!, now[start]!)) start++
    let end = 0
    while (
      end < before.length - start &&
      end < now.length - start &&
      isSameLoad(before[before.length - 1 - end]!, now[now.length - 1 - end]!)
    )
      end++
    for (const [runs, by] of [
      [before, -1],
      [now, 1],
    ] as const)
      for (let i = start; i < runs.length - end; i++) {
        const source = ownerOf(runs[i]!.marks)?.source
        if (source !== undefined) add(this.#lettersOf, source, by * runs[i]!.text.length)
      }
  }

  #noteMarks(element: Y.XmlElement, reading: BlockReading, by: 1 | -1): void {
    for (const mark of reading.marks) {
      this.#count(mark.changeId, sortOfMark(mark, reading), by)
      this.#place(mark.changeId, element, by)
      if (mark.name === "insertion" || mark.name === "deletion") add(this.#marksOf, mark.source, by)
      const known = this.#byKey.get(mark.key)
      if (by === 1) this.#byKey.set(mark.key, { mark, blocks: (known?.blocks ?? new Set()).add(element) })
      else if (known) {
        known.blocks.delete(element)
        if (known.blocks.size === 0) this.#byKey.delete(mark.key)
      }
    }
  }
}

const none: readonly PlacedRun[] = []
const noBlocks: ReadonlySet<Y.XmlElement> = new Set()

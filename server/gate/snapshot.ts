import type * as Y from "yjs"
import { type Block, defaultAttrs, type Mark, noStructure, ownerOf } from "../../shared/schema/block.ts"
import { attributesOf, type PlacedRun, runsOfText, textOfElement } from "../../shared/sync/read.ts"
import { loadsOf } from "./bounds.ts"

/** A block as the gate last saw it. Runs are copies: Yjs cuts and merges its items as it goes. */
export interface Snapshot {
  readonly attrs: Readonly<Record<string, unknown>>
  readonly runs: readonly PlacedRun[]
  /** What each source has open in it. */
  readonly loads: ReturnType<typeof loadsOf>
  readonly length: number
}

/**
 * The snapshot of a block, or null where it does not hold exactly one text of characters and markers. `attrs`: its attributes, where they are known
 * not to have changed.
 */
export function snapshotOf(element: Y.XmlElement, attrs?: Snapshot["attrs"]): Snapshot | null {
  const text = textOfElement(element)
  if (!text) return null
  const runs = runsOfText(text)
  // What the reader passes over is neither character nor marker: such a text holds more than its runs.
  const length = runs.reduce((sum, run) => sum + run.text.length, 0)
  return length === text.length ? { attrs: attrs ?? attributesOf(element), runs, loads: loadsOf(runs), length } : null
}

const blocksBySnapshot = new WeakMap<Snapshot, Block>()

/** A block as plain value; the same object as long as nothing about it changes. */
export function blockOfSnapshot(element: Y.XmlElement, snapshot: Snapshot): Block {
  let block = blocksBySnapshot.get(snapshot)
  if (!block) {
    const { attrs, runs } = snapshot
    block = { ...defaultAttrs, ...attrs, id: attrs.id as string, type: element.nodeName as Block["type"], runs, structure: noStructure }
    blocksBySnapshot.set(snapshot, block)
  }
  return block
}

export const isOwnMark = (mark: Mark, source: string): boolean =>
  mark.source === source && (mark.name === "insertion" || mark.name === "deletion")

const foreignKeys = new WeakMap<readonly Mark[], Map<string, string>>()

/** All marks but the source's own, as one comparable string. */
function foreignPart(marks: readonly Mark[], source: string): string {
  if (marks.length === 0) return ""
  let bySource = foreignKeys.get(marks)
  if (!bySource) foreignKeys.set(marks, (bySource = new Map()))
  let part = bySource.get(source)
  if (part === undefined) {
    part = marks
      .filter((mark) => !isOwnMark(mark, source))
      .map((mark) => mark.key)
      .sort()
      .join(" ")
    bySource.set(source, part)
  }
  return part
}

const isErased = (run: PlacedRun, source: string): boolean => run.marks.length > 0 && ownerOf(run.marks)?.source === source

/**
 * P_u(before) = P_u(after): with u's own characters erased, the characters left are the same Yjs characters (client, clock), bear the same letters,
 * and all marks but u's own are the same (GATE5). Letters alone would let "delete the agreed words and retype them" pass; identity alone misses a
 * surrogate pair that was cut.
 */
export function isSameForOthers(before: readonly PlacedRun[], after: readonly PlacedRun[], source: string): boolean {
  let i = 0
  let j = 0
  let atA = 0
  let atB = 0
  for (;;) {
    while (i < before.length && (atA >= before[i]!.text.length || isErased(before[i]!, source))) {
      i++
      atA = 0
    }
    while (j < after.length && (atB >= after[j]!.text.length || isErased(after[j]!, source))) {
      j++
      atB = 0
    }
    if (i === before.length || j === after.length) return i === before.length && j === after.length
    const a = before[i]!
    const b = after[j]!
    if (a.client !== b.client || a.clock + atA !== b.clock + atB) return false
    if (a.marks !== b.marks && foreignPart(a.marks, source) !== foreignPart(b.marks, source)) return false
    const length = Math.min(a.text.length - atA, b.text.length - atB)
    const isWhole = length === a.text.length && length === b.text.length
    if (isWhole ? a.text !== b.text : a.text.slice(atA, atA + length) !== b.text.slice(atB, atB + length)) return false
    atA += length
    atB += length
  }
}

/** Consecutive characters of one client that were in a block and no longer are, with their marks. */
export interface Missing {
  readonly client: number
  readonly clock: number
  readonly text: string
  readonly marks: readonly Mark[]
}

/** Which characters of `before` are not in `after`, in order. */
export function missingFrom(before: readonly PlacedRun[], after: readonly PlacedRun[]): Missing[] {
  const left = new Map<number, Set<number>>()
  for (const run of after) {
    let clocks = left.get(run.client)
    if (!clocks) left.set(run.client, (clocks = new Set()))
    for (let q = 0; q < run.text.length; q++) clocks.add(run.clock + q)
  }
  const missing: Missing[] = []
  // What has something left between it comes back in parts, each in its own place.
  let isApart = true
  for (const run of before) {
    const clocks = left.get(run.client)
    for (let q = 0; q < run.text.length; q++) {
      const clock = run.clock + q
      if (clocks?.has(clock)) {
        isApart = true
        continue
      }
      const last = isApart ? undefined : missing.at(-1)
      isApart = false
      if (last && last.client === run.client && last.clock + last.text.length === clock && last.marks === run.marks)
        missing[missing.length - 1] = { ...last, text: last.text + run.text[q]! }
      else missing.push({ client: run.client, clock, text: run.text[q]!, marks: run.marks })
    }
  }
  return missing
}

/** Runs without the missing characters. */
export function withoutMissing(runs: readonly PlacedRun[], missing: readonly Missing[]): PlacedRun[] {
  const isMissing = (client: number, clock: number): boolean =>
    missing.some((part) => part.client === client && clock >= part.clock && clock < part.clock + part.text.length)
  const rest: PlacedRun[] = []
  for (const run of runs) {
    let start = 0
    for (let q = 0; q <= run.text.length; q++) {
      if (q < run.text.length && !isMissing(run.client, run.clock + q)) continue
      if (q > start) rest.push({ ...run, text: run.text.slice(start, q), clock: run.clock + start })
      start = q + 1
    }
  }
  return rest
}

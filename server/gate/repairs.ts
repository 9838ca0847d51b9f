/**
 * Repairs of honest races (GATE7): an update that knew nothing of a decision is mended in the commit that takes it, not refused. Each writes as the
 * server; the gate then proves that the update and its repair left everybody else's as it was.
 */
import * as Y from "yjs"
import { type Mark, ownerOf } from "../../shared/schema/block.ts"
import { idLimit, markId, serverClient } from "../../shared/schema/keys.ts"
import { newMark } from "../../shared/schema/schema.ts"
import type { PlacedRun } from "../../shared/sync/read.ts"
import { forgetMarkers, writeItem, writeMark, writeText } from "../../shared/sync/write.ts"
import type { Relocations } from "./relocations.ts"
import { caps, type Fresh } from "./shapes.ts"
import type { Missing } from "./snapshot.ts"

/** A mark id that the server makes for a source. The server's clock grows with every item it writes, so it serves as the counter. */
export const serverMarkId = (doc: Y.Doc, source: string): string =>
  markId(source, serverClient, Y.getState(doc.store, serverClient) % idLimit)

/** A stretch of new characters that their source's insertion does not own. */
export interface Late {
  readonly from: number
  to: number
  readonly marks: readonly Mark[]
  /** The change that it goes on belonging to; "" where it is a new one. */
  readonly of: string
}

/** New words of the source that arrived without its insertion, for it was decided meanwhile. */
export function lateWords(runs: readonly PlacedRun[], fresh: Fresh, source: string): Late[] {
  const late: Late[] = []
  let at = 0
  for (const run of runs) {
    const known = fresh.known.get(run.client)
    const end = at + run.text.length
    if (known !== undefined && run.clock + run.text.length > known && ownerOf(run.marks)?.source !== source) {
      const from = at + Math.max(0, known - run.clock)
      const last = late.at(-1)
      if (last && last.to === from && last.marks === run.marks) last.to = end
      else late.push({ from, to: end, marks: run.marks, of: "" })
    }
    at = end
  }
  return late
}

/**
 * Open words of the source that lost their insertion, for a person of the same delegation took back the one that they were typed in: they stay, in the
 * same change, under an insertion of their own.
 */
export function orphans(
  before: readonly PlacedRun[],
  after: readonly PlacedRun[],
  cut: ReadonlySet<string>,
  fresh: Fresh,
  source: string,
): Late[] {
  const changes = new Map<string, string>()
  for (const run of before) {
    const owner = ownerOf(run.marks)
    const known = fresh.known.get(run.client) ?? Number.POSITIVE_INFINITY
    if (owner?.source !== source || !cut.has(owner.key) || run.clock >= known) continue
    for (let i = 0; i < run.text.length; i++) changes.set(`${run.client} ${run.clock + i}`, owner.changeId)
  }
  const found: Late[] = []
  let at = 0
  for (const run of after) {
    if (ownerOf(run.marks)?.source !== source)
      for (let i = 0; i < run.text.length; i++) {
        const of = changes.get(`${run.client} ${run.clock + i}`)
        if (of === undefined) continue
        const last = found.at(-1)
        if (last && last.to === at + i && last.marks === run.marks && last.of === of) last.to++
        else found.push({ from: at + i, to: at + i + 1, marks: run.marks, of })
      }
    at += run.text.length
  }
  return found
}

/** Repair (a): late words get an insertion of their source, from the last to the first. */
export function markLate(tr: Y.Transaction, text: Y.XmlText, late: readonly Late[], source: string): void {
  for (const { from, to, marks, of } of late.toReversed()) {
    const around = marks.filter((mark) => mark.name === "insertion" || mark.name === "deletion").map((mark) => mark.id)
    const mark = newMark("insertion", { id: serverMarkId(tr.doc, source), of, source, within: around.slice(0, caps.listedIds) })
    writeMark(tr, text, from, to, mark)
  }
}

/** The item that an id lies in, where it is still one. */
const itemAt = (tr: Y.Transaction, id: Y.ID | null): Y.Item | null => {
  const item = id && (Y.getItem(tr.doc.store, id) as Y.Item | Y.GC)
  return item instanceof Y.Item ? item : null
}

/** Whether characters stand between two items of one text, or did: words that went elsewhere would be struck there. */
function isAnythingBetween(left: Y.Item, right: Y.Item): boolean {
  for (let item = left.right; item && item !== right; item = item.right) if (item.deleted || item.countable) return true
  return false
}

/**
 * A deletion keeps to what its writer struck. Where others wrote at its edge before it arrived, its markers can come to stand beyond that: Yjs tells
 * what stood beside each when it was written, and the server writes it there. Each marker that had to be written anew, with the one that its writer made.
 */
export function tighten(tr: Y.Transaction, text: Y.XmlText, fresh: Fresh): Map<Y.Item, Y.Item> {
  const markers: Y.Item[] = []
  for (let item = text._start; item; item = item.right) {
    const known = fresh.known.get(item.id.client)
    if (item.deleted || known === undefined || item.id.clock < known || !(item.content instanceof Y.ContentFormat)) continue
    if (item.content.key.startsWith("deletion--")) markers.push(item)
  }
  const anew = new Map<Y.Item, Y.Item>()
  for (const marker of markers) {
    const content = marker.content as Y.ContentFormat
    const isOpening = (content.value as unknown) !== null
    const beside = itemAt(tr, isOpening ? marker.rightOrigin : marker.origin)
    if (!beside || beside.parent !== text) continue
    if (isOpening ? !isAnythingBetween(marker, beside) : !isAnythingBetween(beside, marker)) continue
    const place = isOpening ? { left: beside.left, right: beside } : { left: beside, right: beside.right }
    anew.set(writeItem(tr, text, place, new Y.ContentFormat(content.key, content.value)), marker)
    marker.delete(tr)
  }
  if (anew.size > 0) forgetMarkers(text)
  return anew
}

/** The item that ends with a character, cut there if it goes on. */
function itemEndingAt(tr: Y.Transaction, client: number, clock: number): Y.Item {
  const { store } = tr.doc
  const item = Y.getItem(store, Y.createID(client, clock))
  if (item.id.clock + item.length === clock + 1) return item
  Y.getItemCleanStart(tr, Y.createID(client, clock + 1))
  return Y.getItem(store, Y.createID(client, clock))
}

/** Repair (b): agreed words that their writer removed without having heard of the decision come back under its deletion, right behind where they stood. */
export function restore(tr: Y.Transaction, text: Y.XmlText, gone: readonly Missing[], source: string, relocations: Relocations): void {
  for (const part of gone) {
    const tombstone = itemEndingAt(tr, part.client, part.clock + part.text.length - 1)
    const mark = newMark("deletion", { id: serverMarkId(tr.doc, source), source })
    // Behind the mark's opening.
    const to = { client: tr.doc.clientID, clock: Y.getState(tr.doc.store, tr.doc.clientID) + 1 }
    writeText(tr, text, { left: tombstone, right: tombstone.right, marks: [] }, part.text, [mark])
    relocations.addRestored({ client: part.client, clock: part.clock }, to, part.text.length)
  }
}

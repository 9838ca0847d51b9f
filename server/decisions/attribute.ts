import * as Y from "yjs"
import type { Change } from "../../shared/changes/changes.ts"
import { finished, type Sliced } from "../../shared/changes/slices.ts"
import type { Remark, Thread } from "../../shared/comments/thread.ts"
import { type Block, type Mark, noStructure } from "../../shared/schema/block.ts"
import { idLimit, keyOf, markId, notStated, serverClient } from "../../shared/schema/keys.ts"
import { entryOf, withStructure } from "../../shared/schema/structure.ts"
import { elementsOf, markOfMarker, structureOf, structureRoot, textOfElement } from "../../shared/sync/read.ts"
import { linksIn, replyKey, replyKeysOf, roots, threadsOf } from "../../shared/sync/roots.ts"
import { closing, forgetMarkers, opening, writeItem } from "../../shared/sync/write.ts"
import type { Gate } from "../gate/gate.ts"
import { DomainError } from "../problems.ts"
import { asSeen, conflict, demandOpen, type Seen, sightOfGate } from "./as-seen.ts"
import { proveWritten } from "./proven.ts"
import { written } from "./written.ts"

/** A remark of a thread, by its place there: remarks are only ever added at the end. */
export interface RemarkAsked {
  readonly thread: string
  readonly remark: number
}

export interface Attributed {
  readonly row: Uint8Array | null
  readonly changes: readonly Change[]
  /** The remarks, each with its thread. */
  readonly remarks: readonly { readonly thread: Thread; readonly said: Remark }[]
  /** The changes' new ids, by their old ones: an id bears its source. */
  readonly ids: ReadonlyMap<string, string>
  readonly blocks: readonly string[]
}

/**
 * States whose changes are whose file did not say it: their marks, blocks and entries are written anew under the source, and what others put inside them
 * names the new ones; and whose remarks are. Throws where a change is not as it was seen, or something is somebody's already.
 */
export const attribute = (gate: Gate, seen: readonly Seen[], source: string, asked: readonly RemarkAsked[] = []): Attributed =>
  finished(attributeInSlices(gate, seen, source, asked))

/** `attribute`, with pauses. */
export function* attributeInSlices(
  gate: Gate,
  seen: readonly Seen[],
  source: string,
  asked: readonly RemarkAsked[] = [],
): Sliced<Attributed> {
  const sight = sightOfGate(gate)
  const { changes, stale, gone } = yield* asSeen(sight, seen)
  if (gone.length > 0 || stale.length > 0) throw conflict(stale, gone, sight)
  const stated = changes.find((change) => change.source !== notStated)
  if (stated) throw new DomainError("conflict", `This change is by ${stated.source}. Only what is not stated can be stated.`)
  // A decision names it, and is not rewritten: what was accepted would be open again under another name.
  demandOpen(gate, changes)
  const remarks = remarksAt(gate, asked)
  const ids = newIds(gate, new Set(changes.map((change) => change.id)), source)
  const { shadow } = gate
  const expected = statedAs(sight.blocks, ids, source)
  const row = yield* written(gate, function* (site) {
    for (const { place } of remarks) state(shadow, place, source)
    for (const element of ids.size > 0 ? elementsOf(shadow) : []) {
      yield
      const text = textOfElement(element)
      if (text && rewrite(site.tr, text, ids, source)) gate.relocations.bring(text)
      const insertedId = element.getAttribute("insertedId") as string | undefined
      if (insertedId === undefined || !ids.has(insertedId)) continue
      element.setAttribute("insertedBy", source)
      element.setAttribute("insertedId", ids.get(insertedId)!)
    }
    const structure = shadow.getMap(structureRoot)
    for (const proposal of structureOf(shadow)) {
      const id = ids.get(proposal.id)
      if (id === undefined) continue
      structure.delete(proposal.id)
      structure.set(id, entryOf({ ...proposal, id, of: ids.get(proposal.of) ?? "", source }))
    }
    const filed = roots.filed(shadow)
    for (const [id, print] of [...filed.entries()])
      if (ids.has(id)) {
        filed.delete(id)
        filed.set(ids.get(id)!, print)
      }
    for (const link of linksIn(shadow))
      if (link.changes.some((change) => ids.has(change))) roots.links(shadow).set(link.id, { source, changes: renamed(link.changes, ids) })
    const threads = roots.threads(shadow)
    for (const [key, thread] of threads.entries()) {
      const { anchor } = thread
      if (anchor.on === "change" && ids.has(anchor.change))
        threads.set(key, { ...thread, anchor: { ...anchor, change: ids.get(anchor.change)! } })
    }
    renameNoted(shadow, ids)
  })
  yield* proveWritten(gate.blocks, expected)
  return { row, changes, remarks, ids, blocks: [...new Set(changes.map((change) => change.block))] }
}

/** Where a remark is kept: in its thread, or by itself. */
type RemarkPlace = { readonly thread: string; readonly remark: number } | { readonly key: string }

/** The remarks that are asked for, and where each is kept. Throws where there is none, or one is somebody's. */
function remarksAt({ shadow }: Gate, asked: readonly RemarkAsked[]): (Attributed["remarks"][number] & { readonly place: RemarkPlace })[] {
  if (asked.length === 0) return []
  const threads = new Map(threadsOf(shadow).map((thread) => [thread.id, thread]))
  const seen = new Set<string>()
  return asked.flatMap(({ thread: id, remark: n }) => {
    const thread = threads.get(id)
    const said = thread?.remarks[n]
    if (!thread || !said) throw new DomainError("not-found", "This comment is gone.")
    if (said.source !== notStated)
      throw new DomainError("conflict", `This comment is by ${said.source}. Only what is not stated can be stated.`)
    if (seen.has(replyKey(id, n))) return []
    seen.add(replyKey(id, n))
    const own = roots.threads(shadow).get(id)!.remarks.length
    return [{ thread, said, place: n < own ? { thread: id, remark: n } : { key: replyKeysOf(shadow, id)[n - own]! } }]
  })
}

function state(shadow: Y.Doc, place: RemarkPlace, source: string): void {
  if ("key" in place) {
    const replies = roots.replies(shadow)
    replies.set(place.key, { ...replies.get(place.key)!, source })
    return
  }
  const threads = roots.threads(shadow)
  const thread = threads.get(place.thread)!
  threads.set(place.thread, {
    ...thread,
    remarks: thread.remarks.map((remark, i) => (i === place.remark ? { ...remark, source } : remark)),
  })
}

/** What is noted of the changes under other names: what they are left of, and what says the same. */
function renameNoted(shadow: Y.Doc, ids: ReadonlyMap<string, string>): void {
  const proposals = roots.proposals(shadow)
  for (const [id, entry] of [...proposals.entries()])
    if (entry.next !== undefined && ids.has(entry.next)) proposals.set(id, { ...entry, next: ids.get(entry.next)! })
  const twins = roots.twins(shadow)
  for (const [id, list] of [...twins.entries()]) {
    const now = list.map((twin) => ({ ...twin, change: ids.get(twin.change) ?? twin.change }))
    if (!ids.has(id) && !list.some(({ change }) => ids.has(change))) continue
    twins.delete(id)
    twins.set(ids.get(id) ?? id, now)
  }
  const since = roots.since(shadow)
  for (const [by, list] of [...since.entries()]) {
    if (!ids.has(by) && !list.some(([, , , changes]) => changes.some((id) => ids.has(id)))) continue
    since.delete(by)
    since.set(
      ids.get(by) ?? by,
      list.map(([client, clock, length, changes]) => [client, clock, length, changes.map((id) => ids.get(id) ?? id)]),
    )
  }
  const forestalled = roots.forestalled(shadow)
  for (const [id, notes] of [...forestalled.entries()]) {
    if (!ids.has(id)) continue
    forestalled.delete(id)
    forestalled.set(ids.get(id)!, notes)
  }
}

/** A new id for each change, and for each mark and entry of it. */
function newIds(gate: Gate, changes: ReadonlySet<string>, source: string): Map<string, string> {
  const old = new Set(changes)
  for (const block of gate.blocks) {
    for (const run of block.runs) for (const mark of run.marks) if (changes.has(mark.changeId)) old.add(mark.id)
    for (const proposal of block.structure === noStructure ? [] : block.structure) if (changes.has(proposal.changeId)) old.add(proposal.id)
  }
  // The server's clock grows by more than one with each that is written, so none comes twice.
  const first = Y.getState(gate.shadow.store, serverClient)
  return new Map([...old].map((id, n) => [id, markId(source, serverClient, (first + n) % idLimit)]))
}

/** A mark under its new names: its own, that of the change it is of, and those of what it stands in or is aimed at. */
const markAs = (mark: Mark, ids: ReadonlyMap<string, string>, source: string): Mark => {
  const id = ids.get(mark.id) ?? mark.id
  const isOwn = ids.has(mark.id)
  return {
    ...mark,
    id,
    key: isOwn ? keyOf(mark.name, id) : mark.key,
    of: ids.get(mark.of) ?? mark.of,
    source: isOwn ? source : mark.source,
    within: renamed(mark.within, ids),
    over: renamed(mark.over, ids),
  }
}

/** The blocks once changes are stated to be a source's, under their new names: nothing else about them is another. */
function statedAs(blocks: readonly Block[], ids: ReadonlyMap<string, string>, source: string): Block[] {
  if (ids.size === 0) return [...blocks]
  const isNamed = ({ id, within, over }: Mark): boolean => [id, ...within, ...over].some((name) => ids.has(name))
  const entries = blocks.flatMap(({ structure }) => structure)
  const stated = entries.map((entry) => {
    const id = ids.get(entry.id)
    return id === undefined ? entry : { ...entry, id, of: ids.get(entry.of) ?? "", source, changeId: ids.get(entry.of) ?? id }
  })
  const named = blocks.map((block) => {
    const isIts = block.insertedId !== null && ids.has(block.insertedId)
    const isAny = isIts || block.runs.some(({ marks }) => marks.some(isNamed))
    if (!isAny) return block
    const runs = block.runs.map((run) => ({ ...run, marks: run.marks.map((mark) => (isNamed(mark) ? markAs(mark, ids, source) : mark)) }))
    return { ...block, runs, ...(isIts ? { insertedBy: source, insertedId: ids.get(block.insertedId!)! } : {}) }
  })
  return entries.length > 0 ? withStructure(named, stated) : named
}

const renamed = (list: readonly string[], ids: ReadonlyMap<string, string>): string[] => list.map((id) => ids.get(id) ?? id)

/** Writes the markers of these marks anew, and those that name one of them. Whether there were any. */
function rewrite(tr: Y.Transaction, text: Y.XmlText, ids: ReadonlyMap<string, string>, source: string): boolean {
  const markers: Y.Item[] = []
  const marks = new Map<string, Mark>()
  for (let item = text._start; item; item = item.right) {
    if (item.deleted || !(item.content instanceof Y.ContentFormat)) continue
    markers.push(item)
    const mark = markOfMarker(item.content)
    if (mark) marks.set(mark.key, mark)
  }
  let isAny = false
  for (const item of markers) {
    const { key, value } = item.content as Y.ContentFormat
    const mark = marks.get(key)
    if (!mark) continue
    const isOwn = ids.has(mark.id)
    const isNaming = [...mark.within, ...mark.over].some((id) => ids.has(id))
    const isOpening = (value as unknown) !== null
    if (!isOwn && !(isNaming && isOpening)) continue
    const now = markAs(mark, ids, source)
    writeItem(tr, text, { left: item, right: item.right }, isOpening ? opening(now) : closing(now))
    item.delete(tr)
    isAny = true
  }
  if (isAny) forgetMarkers(text)
  return isAny
}

import { type EditorState, type Selection, TextSelection } from "prosemirror-state"
import * as Y from "yjs"
import type { Mark } from "../../shared/schema/block.ts"
import { serverClient } from "../../shared/schema/keys.ts"
import { blocksRoot, elementsOf, markOfMarker, marksAfter, structureOf, structureRoot, textOfElement } from "../../shared/sync/read.ts"
import { type Relocation, roots } from "../../shared/sync/roots.ts"
import type { Binding } from "./binding.ts"

export type StackItem = Y.UndoManager["undoStack"][number]

/** Where the caret was, or what was selected, as places that last. */
export interface CaretPlace {
  readonly anchor: Y.RelativePosition
  readonly head: Y.RelativePosition
}

const placeKey = "place"

/** Where the caret is now, so that it can be found again. A selection is kept from its inside: what others write at its edges is not in it. */
export function placeOfCaret(binding: Binding, { selection }: EditorState): CaretPlace | null {
  const { anchor, head, empty } = selection
  const side = (pos: number): -1 | 0 => (empty || pos === selection.to ? -1 : 0)
  const from = binding.relativeOf(anchor, side(anchor))
  const to = binding.relativeOf(head, side(head))
  return from && to ? { anchor: from, head: to } : null
}

/** The selection at a place, or null where that is gone. */
export function selectionAt(binding: Binding, { doc }: EditorState, place: CaretPlace): Selection | null {
  const anchor = binding.absoluteOf(place.anchor)
  const head = binding.absoluteOf(place.head)
  return anchor === null || head === null ? null : TextSelection.between(doc.resolve(anchor), doc.resolve(head))
}

export const placeOf = (item: StackItem): CaretPlace | null => (item.meta.get(placeKey) as CaretPlace | undefined) ?? null

/** Gives every undo step the caret that its gesture began with (UNDO1). */
export function keepPlaces(manager: Y.UndoManager, before: () => CaretPlace | null): void {
  manager.on("stack-item-added", ({ stackItem }) => {
    const place = before()
    if (place) stackItem.meta.set(placeKey, place)
  })
}

const heardKey = "heard"

/**
 * A deletion that the server has written anew, because its clause was moved, joined or split, and that a step brings back, bears what had been heard when
 * it went. With what was heard when it was first made the room would take it for late, and strike nothing of what had moved by then (UNDO6).
 */
export function keepHeard(manager: Y.UndoManager, heard: () => string): void {
  const { doc } = manager
  manager.on("stack-item-added", ({ stackItem }) => stackItem.meta.set(heardKey, heard()))
  // Before anybody reads what the step writes, and before it is sent.
  doc.on("beforeObserverCalls", (tr: Y.Transaction) => {
    const { currStackItem: step } = manager
    if (tr.origin !== manager || !step) return
    const then: unknown = step.meta.get(heardKey)
    Y.iterateDeletedStructs(tr, step.deletions, (struct) => {
      if (!(struct instanceof Y.Item) || struct.id.client !== serverClient || struct.redone === null) return
      const { content } = Y.getItem(doc.store, struct.redone) as Y.Item
      if (content instanceof Y.ContentFormat && markOfMarker(content)?.name === "deletion")
        content.value = { ...content.value, heard: then }
    })
  })
}

type Ranges = StackItem["insertions"]

const isOverlapping = (a: Ranges, b: Ranges): boolean =>
  [...a.clients].some(([client, ranges]) => {
    const others = b.clients.get(client) ?? []
    return ranges.some((range) => others.some((other) => range.clock < other.clock + other.len && other.clock < range.clock + range.len))
  })

class Touched {
  readonly ranges: Ranges = Y.createDeleteSet()

  add(client: number, clock: number, len: number): void {
    const list = this.ranges.clients.get(client)
    if (list) list.push({ clock, len })
    else this.ranges.clients.set(client, [{ clock, len }])
  }
}

/**
 * What a transaction of the server decided, by ids: the marks of the decided changes, the letters under them, there still or gone, and the blocks that
 * they put in. What is accepted and waits stands in texts in which nothing has changed.
 */
function decidedIn(tr: Y.Transaction, changes: ReadonlySet<string>): Ranges {
  const decided = new Touched()
  const texts = new Set<unknown>(tr.changed.keys())
  const { doc } = tr
  if ([...changes].some((change) => roots.proposals(doc).get(change)?.status === "acceptedWithHost"))
    for (const element of elementsOf(doc)) texts.add(textOfElement(element))
  for (const type of texts) if (type instanceof Y.XmlText) noteText(decided, type, tr, changes)
  for (let item = tr.doc.getXmlFragment(blocksRoot)._start; item; item = item.right) noteBlock(decided, item, changes)
  noteEntries(decided, doc, changes)
  return decided.ranges
}

/** What was proposed about clauses as wholes, as it was written first too: it may wait for what stands around it. */
function noteEntries(decided: Touched, doc: Y.Doc, changes: ReadonlySet<string>): void {
  for (const { id, changeId } of structureOf(doc)) {
    if (!changes.has(changeId)) continue
    for (let item = doc.getMap(structureRoot)._map.get(id) ?? null; item; item = item.left)
      decided.add(item.id.client, item.id.clock, item.length)
  }
}

function noteText(decided: Touched, text: Y.XmlText, tr: Y.Transaction, changes: ReadonlySet<string>): void {
  const isDecided = ({ changeId }: Mark): boolean => changes.has(changeId)
  const wasThere = ({ id, deleted }: Y.Item): boolean =>
    id.clock < (tr.beforeState.get(id.client) ?? 0) && (!deleted || Y.isDeleted(tr.deleteSet, id))
  let marks: readonly Mark[] = []
  for (let item = text._start; item; item = item.right) {
    const { id, content, length } = item
    let isIn = marks.some(isDecided)
    if (content instanceof Y.ContentFormat) {
      if (!wasThere(item)) continue
      const before = marks
      marks = marksAfter(marks, content)
      isIn = [...before, ...marks].some((mark) => mark.key === content.key && isDecided(mark))
    }
    if (isIn) decided.add(id.client, id.clock, length)
  }
}

function noteBlock(decided: Touched, block: Y.Item, changes: ReadonlySet<string>): void {
  const element: unknown = block.content instanceof Y.ContentType ? block.content.type : null
  if (!(element instanceof Y.XmlElement)) return
  const change: unknown = element._map.get("insertedId")?.content.getContent()[0]
  if (typeof change !== "string" || !changes.has(change)) return
  decided.add(block.id.client, block.id.clock, block.length)
  const text: unknown = element._start?.content instanceof Y.ContentType ? element._start.content.type : null
  if (!(text instanceof Y.XmlText)) return
  for (let item = text._start; item; item = item.right) decided.add(item.id.client, item.id.clock, item.length)
}

/** A decision takes from the steps only those that touch what it decided; what else one wrote can be taken back as before (UNDO2). */
export function dropDecided(manager: Y.UndoManager, tr: Y.Transaction, changes: ReadonlySet<string>): void {
  const decided = decidedIn(tr, changes)
  const isLeft = ({ insertions, deletions }: StackItem): boolean =>
    !isOverlapping(insertions, decided) && !isOverlapping(deletions, decided)
  manager.undoStack = manager.undoStack.filter(isLeft)
  manager.redoStack = manager.redoStack.filter(isLeft)
  manager.stopCapturing()
}

/** What the server wrote anew elsewhere belongs to the step that wrote it first: a split or join of a clause leaves it to be taken back (UNDO2). */
export function followMoved(manager: Y.UndoManager, moved: readonly Relocation[]): void {
  // What was removed before is a step of its own: it is brought back as it was read then.
  manager.stopCapturing()
  for (const item of [...manager.undoStack, ...manager.redoStack]) {
    for (const [client, clock, length, toClient, toClock] of moved) {
      for (const range of item.insertions.clients.get(client) ?? []) {
        const from = Math.max(range.clock, clock)
        const to = Math.min(range.clock + range.len, clock + length)
        if (from >= to) continue
        const there = new Touched()
        there.add(toClient, toClock + from - clock, to - from)
        item.insertions = Y.mergeDeleteSets([item.insertions, there.ranges])
      }
    }
  }
}

/**
 * What the server proposes about the parts of a clause that was split belongs to the step that proposed it of the whole: it goes and comes back with that
 * (UNDO6). `whole`: what a part's entry was made of; null where it is none of one's own.
 */
export function followParts(manager: Y.UndoManager, entries: readonly Y.Item[], whole: (entry: Y.Item) => Y.Item | null): void {
  for (const entry of entries) {
    const first = whole(entry)
    if (!first) continue
    const part = new Touched()
    part.add(entry.id.client, entry.id.clock, entry.length)
    for (const item of [...manager.undoStack, ...manager.redoStack])
      if (Y.isDeleted(item.insertions, first.id)) item.insertions = Y.mergeDeleteSets([item.insertions, part.ranges])
  }
}

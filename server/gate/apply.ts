/**
 * Carries repairs out on the room's document, as the server (GATE7, GATE8). Where words go among the marks of their new place, and under which mark, is
 * found here, by the same rules as for typing; what comes of it the judge reads again.
 */
import * as Y from "yjs"
import { type Mark, ownerOf, type StructuralProposal } from "../../shared/schema/block.ts"
import { parseKey, parseMarkId } from "../../shared/schema/keys.ts"
import type { Stretch } from "../../shared/schema/runs.ts"
import { newMark } from "../../shared/schema/schema.ts"
import { entryOf, structuralProposalOf } from "../../shared/schema/structure.ts"
import { runsOfText, structureRoot } from "../../shared/sync/read.ts"
import { roots } from "../../shared/sync/roots.ts"
import { closing, forgetMarkers, hasMarker, leaveOut, opening, slotAt, writeItem, writeMark, writeText } from "../../shared/sync/write.ts"
import { isSecondHalf } from "./halves.ts"
import { elementAt, itemEndingAt, itemFrom, placeOf, textAt, visibleIn } from "./places.ts"
import type { Relocations } from "./relocations.ts"
import { type Repair, repairOrder } from "./repairs.ts"
import { moveBlock } from "./restructure.ts"
import { serverMarkId } from "./server-marks.ts"
import { caps } from "./shapes.ts"

type Of<Kind extends Repair["kind"]> = Repair & { readonly kind: Kind }

const ordered = (repairs: readonly Repair[]): Repair[] =>
  repairs.toSorted((a, b) => repairOrder.indexOf(a.kind) - repairOrder.indexOf(b.kind))

/** Carries out repairs of an update of a source. Words that found no place any more. */
export function applyRepairs(tr: Y.Transaction, relocations: Relocations, source: string, repairs: readonly Repair[]): string[] {
  return new Applier(tr, relocations, source).apply(repairs)
}

class Applier {
  readonly #tr: Y.Transaction
  readonly #doc: Y.Doc
  readonly #relocations: Relocations
  readonly #source: string
  readonly #lost: string[] = []

  constructor(tr: Y.Transaction, relocations: Relocations, source: string) {
    this.#tr = tr
    this.#doc = tr.doc
    this.#relocations = relocations
    this.#source = source
  }

  apply(repairs: readonly Repair[]): string[] {
    // Before anything is carried: what one block loses may stand where another's words arrive.
    for (const repair of repairs) if (repair.kind === "carry") this.#delete(repair.letters)
    for (const repair of ordered(repairs)) this.#carryOut(repair)
    return this.#lost
  }

  #carryOut(repair: Repair): void {
    switch (repair.kind) {
      case "strip":
        return repair.items.forEach((item) => void this.#delete(item))
      case "tighten":
        return this.#tighten(repair)
      case "rename":
        return this.#rename(repair)
      case "succeed":
        return this.#succeed(repair)
      case "forestall":
        return this.#forestall(repair)
      case "forget":
        return this.#forget(repair)
      case "dropEntry":
        return this.#dropEntry(repair)
      case "retarget":
        return void this.#setEntry(repair.proposal)
      case "dropLinked":
        return this.#dropLinked(repair)
      case "level":
        return this.#proposeLevel(repair)
      case "carry":
        return this.#carry(repair)
      case "strike":
        return this.#strike(repair)
      case "spare":
        return this.#spare(repair)
      case "restore":
        return this.#restore(repair)
      case "mark":
        return this.#mark(repair)
      case "keep":
        return this.#keep(repair)
      case "extend":
        return this.#extend(repair)
      case "place":
        return this.#place(repair)
      default:
        repair satisfies never
    }
  }

  /** Of a sign never a half: the other would stand there as a sign that nobody wrote. */
  #delete({ client, clock, length }: Stretch): void {
    const { store } = this.#doc
    const start = isSecondHalf(store, { client, clock }) ? clock - 1 : clock
    const end = isSecondHalf(store, { client, clock: clock + length }) ? clock + length + 1 : clock + length
    for (let at = start; at < end; ) {
      const item = itemFrom(this.#tr, { client, clock: at })
      if (item instanceof Y.Item && !item.deleted) {
        if (at + item.length > end) Y.getItemCleanStart(this.#tr, Y.createID(client, end))
        forgetMarkers(item.parent as Y.XmlText)
        item.delete(this.#tr)
      }
      at += item.length
    }
  }

  #forestall({ change, taken }: Of<"forestall">): void {
    const forestalled = roots.forestalled(this.#doc)
    forestalled.set(change, [...(forestalled.get(change) ?? []), ...taken])
  }

  #forget({ change, mark }: Of<"forget">): void {
    const forestalled = roots.forestalled(this.#doc)
    const left = (forestalled.get(change) ?? []).filter(({ deletion }) => deletion?.id !== mark)
    if (left.length > 0) forestalled.set(change, left)
    else forestalled.delete(change)
  }

  #tighten({ marker, beside }: Of<"tighten">): void {
    const item = Y.getItem(this.#doc.store, Y.createID(marker.client, marker.clock)) as Y.Item
    const text = item.parent as Y.XmlText
    const { key, value } = item.content as Y.ContentFormat
    const isOpening = (value as unknown) !== null
    const right = isOpening ? itemFrom(this.#tr, beside) : null
    const left = isOpening ? null : itemEndingAt(this.#tr, beside)
    const place = right instanceof Y.Item ? { left: right.left, right } : { left, right: left?.right ?? null }
    writeItem(this.#tr, text, place, new Y.ContentFormat(key, value))
    item.delete(this.#tr)
    forgetMarkers(text)
  }

  #rename(repair: Of<"rename">): void {
    switch (repair.what) {
      case "block":
        return void elementAt(this.#doc, repair.at)?.setAttribute("insertedId", repair.change)
      case "entry": {
        const structure = this.#doc.getMap(structureRoot)
        const entry = structuralProposalOf(repair.id, structure.get(repair.id))
        if (entry) structure.set(repair.id, entryOf({ ...entry, of: repair.of }))
        return
      }
      case "mark":
        return this.#renameMark(repair.mark, textAt(this.#doc, repair.at))
      default:
        repair satisfies never
    }
  }

  /**
   * Of an insertion both markers are written anew, and it is noted which became which: half a pair would, while its source takes it back without having
   * heard, seem to it to own all that follows. A deletion keeps its closing one, by which its source's undo still takes hold of it.
   */
  #renameMark(mark: Mark, text: Y.XmlText | null): void {
    for (let item = text?._start ?? null; text && item; item = item.right) {
      if (item.deleted || !(item.content instanceof Y.ContentFormat) || item.content.key !== mark.key) continue
      const isOpening = (item.content.value as unknown) !== null
      if (!isOpening && mark.name === "deletion") continue
      const content = isOpening ? opening(mark) : closing(mark)
      const { id } = writeItem(this.#tr, text, { left: item, right: item.right }, content)
      if (mark.name === "insertion") this.#relocations.add(item.id, id, 1)
      item.delete(this.#tr)
      forgetMarkers(text)
      item = item.right ?? item
    }
  }

  #succeed({ change, next }: Of<"succeed">): void {
    const proposals = roots.proposals(this.#doc)
    const entry = proposals.get(change)
    if (entry) proposals.set(change, { ...entry, next })
  }

  #dropEntry({ id, stays, isLate }: Of<"dropEntry">): void {
    const structure = this.#doc.getMap(structureRoot)
    if (isLate) this.#noteLate(structuralProposalOf(id, structure.get(id)))
    if (stays) structure.set(id, entryOf(stays))
    else structure.delete(id)
  }

  /** What is about a block that is gone is open as it was proposed once that is there again (BACK6); of what was decided nothing is kept. */
  #noteLate(proposal: StructuralProposal | null): void {
    if (!proposal || [proposal.id, proposal.changeId].some((id) => roots.proposals(this.#doc).has(id))) return
    const late = roots.late(this.#doc)
    const own = [...late.keys()].filter((id) => parseMarkId(id)?.source === proposal.source)
    if (own.length < caps.structureOfSource) late.set(proposal.id, entryOf(proposal))
  }

  /** Writes a proposal under the change that it is of by now: it may have been renamed. */
  #setEntry(proposal: StructuralProposal): StructuralProposal {
    const structure = this.#doc.getMap(structureRoot)
    const { of, changeId } = structuralProposalOf(proposal.id, structure.get(proposal.id)) ?? proposal
    const now = { ...proposal, of, changeId }
    structure.set(proposal.id, entryOf(now))
    return now
  }

  /** As a decision that splits a block in time does. */
  #extend({ proposal, parts }: Of<"extend">): void {
    const { changeId } = this.#setEntry(proposal)
    let before = proposal.block
    for (const block of parts) {
      const id = serverMarkId(this.#doc, this.#source)
      const part: StructuralProposal = { ...proposal, id, of: changeId, changeId, block }
      const follows =
        part.kind === "move" ? { ...part, after: before } : part.kind === "join" ? { ...part, into: before, apart: true as const } : part
      this.#doc.getMap(structureRoot).set(id, entryOf(follows))
      before = block
    }
  }

  #place({ at, behind }: Of<"place">): void {
    const [block, part] = [elementAt(this.#doc, at), elementAt(this.#doc, behind)]
    if (!block || !part) return
    const fragment = block.parent as Y.XmlFragment
    const site = { tr: this.#tr, fragment, relocations: this.#relocations }
    const [id, after] = [block, part].map((element) => element.getAttribute("id") as string)
    const [source, change] = ["insertedBy", "insertedId"].map((name) => block.getAttribute(name) as string)
    moveBlock(site, id!, after!, `s${serverMarkId(this.#doc, "SEC")}`)
    // Its place is as much of its source's proposal as it is.
    block.setAttribute("insertedBy", source!)
    block.setAttribute("insertedId", change!)
  }

  #dropLinked({ id, source, stays }: Of<"dropLinked">): void {
    const links = roots.links(this.#doc)
    if (stays.length > 0) links.set(id, { source, changes: stays })
    else links.delete(id)
  }

  #proposeLevel({ at, level, proposed }: Of<"level">): void {
    const element = elementAt(this.#doc, at)
    if (!element) return
    if (level === undefined) element.removeAttribute("level")
    else element.setAttribute("level", level as string)
    if (proposed === null) return
    const id = serverMarkId(this.#doc, this.#source)
    const block = element.getAttribute("id") as string
    const proposal: StructuralProposal = { id, of: "", source: this.#source, block, changeId: id, kind: "level", level: proposed }
    this.#doc.getMap(structureRoot).set(id, entryOf(proposal))
  }

  #carry({ letters, words, behind, mark }: Of<"carry">): void {
    const place = placeOf(this.#doc, this.#relocations, this.#relocations.latest(behind))
    if (!place) return void this.#lost.push(words)
    const { text, offset } = place
    const slot = slotAt(this.#tr, text, offset, this.#source)
    const own = this.#ownMark(text, slot.marks, mark)
    const clock = Y.getState(this.#doc.store, this.#doc.clientID) + own.length
    writeText(this.#tr, text, slot, words, own)
    this.#relocations.add(letters, { client: this.#doc.clientID, clock }, words.length)
  }

  /** The insertion that carried words need: none inside an own one; the one that they were typed in; else a new one of the same change. */
  #ownMark(text: Y.XmlText, around: readonly Mark[], mark: Mark | null): Mark[] {
    const owner = ownerOf(around)
    if (owner?.source === this.#source && !roots.proposals(this.#doc).has(owner.changeId)) return []
    if (mark && !hasMarker(text, mark.key)) return [mark]
    return [this.#insertion(around, mark?.changeId ?? "")]
  }

  #insertion(around: readonly Mark[], of: string): Mark {
    const within = around.filter((mark) => mark.name === "insertion" || mark.name === "deletion").map((mark) => mark.id)
    return newMark("insertion", {
      id: serverMarkId(this.#doc, this.#source),
      of,
      source: this.#source,
      within: within.slice(0, caps.listedIds),
    })
  }

  /** Strikes what some characters are now, with this mark or, where it cannot be used twice, others of the same change. */
  #strike({ letters, mark, over: objectedTo }: Of<"strike">): void {
    for (const [text, ranges] of visibleIn(this.#doc, this.#relocations, letters)) {
      const isStruck = (other: Mark): boolean => other.name === "deletion" && mark !== null && other.changeId === mark.changeId
      for (const [from, to] of ranges.flatMap((range) => partsWhere(text, range, (marks) => !marks.some(isStruck)))) {
        const { changeId: of = "", over = objectedTo === undefined ? [] : [objectedTo], heard = "", source = this.#source } = mark ?? {}
        const parts = { id: serverMarkId(this.#doc, source), source, of, over, heard }
        const isWrittenAnew = mark === null || hasMarker(text, mark.key)
        writeMark(this.#tr, text, from, to, isWrittenAnew ? newMark("deletion", parts) : mark)
      }
    }
  }

  /** Closes a mark before letters that it is in force on, and opens it behind them again. */
  #spare({ letters, mark }: Of<"spare">): void {
    const isIt = (other: Mark): boolean => other.key === mark.key
    for (const [text, ranges] of visibleIn(this.#doc, this.#relocations, letters)) {
      const struck = ranges.flatMap((range) => partsWhere(text, range, (marks) => marks.some(isIt)))
      for (const [from, to] of struck.toReversed())
        for (const [was, now] of leaveOut(this.#tr, text, from, to, mark)) this.#relocations.add(was.id, now.id, 1)
    }
  }

  #restore({ letters: { client, clock, length }, words }: Of<"restore">): void {
    const tombstone = itemEndingAt(this.#tr, { client, clock: clock + length - 1 })
    if (!tombstone) return
    const mark = newMark("deletion", { id: serverMarkId(this.#doc, this.#source), source: this.#source })
    // Behind the mark's opening.
    const to = { client: this.#doc.clientID, clock: Y.getState(this.#doc.store, this.#doc.clientID) + 1 }
    const text = tombstone.parent as Y.XmlText
    // A redo puts its pair around the tombstones of what it brings back: what was agreed stands before it, not in it.
    const opening = openingAround(text, tombstone)
    const slot = opening ? { left: opening.left, right: opening, marks: [] } : { left: tombstone, right: tombstone.right, marks: [] }
    writeText(this.#tr, text, slot, words, [mark])
    this.#relocations.addRestored({ client, clock }, to, length)
  }

  #mark({ at, letters, of }: Of<"mark">): void {
    const text = textAt(this.#doc, at)
    if (!text) return
    // From the last to the first, so that offsets hold.
    for (const { from, to, marks } of stretchesUnderOneMark(text, letters).toReversed())
      writeMark(this.#tr, text, from, to, this.#insertion(marks, of))
  }

  #keep({ at, letters, mark }: Of<"keep">): void {
    const text = textAt(this.#doc, at)
    if (!text || hasMarker(text, mark.key)) return
    const stretches = stretchesUnderOneMark(text, letters)
    const [from, to] = [Math.min(...stretches.map((part) => part.from)), Math.max(...stretches.map((part) => part.to))]
    if (from < to) writeMark(this.#tr, text, from, to, mark)
  }
}

/** The opening marker of the outermost insertion that is in force at an item. */
function openingAround(text: Y.XmlText, at: Y.Item): Y.Item | null {
  const open = new Map<string, Y.Item>()
  for (let item = text._start; item && item !== at; item = item.right) {
    if (item.deleted || !(item.content instanceof Y.ContentFormat) || parseKey(item.content.key)?.name !== "insertion") continue
    const { key, value } = item.content
    if ((value as unknown) === null) open.delete(key)
    else if (!open.has(key)) open.set(key, item)
  }
  return open.values().next().value ?? null
}

type Range = readonly [from: number, to: number]

/** The parts of a range in which the marks in force are such. */
function partsWhere(text: Y.XmlText, [from, to]: Range, areSuch: (marks: readonly Mark[]) => boolean): Range[] {
  const found: [number, number][] = []
  let at = 0
  for (const run of runsOfText(text)) {
    const start = Math.max(from, at)
    at += run.text.length
    const end = Math.min(to, at)
    if (start >= end || !areSuch(run.marks)) continue
    const last = found.at(-1)
    if (last?.[1] === start) last[1] = end
    else found.push([start, end])
  }
  return found
}

/** Where some letters of a text stand: neighbours under the same marks together. */
function stretchesUnderOneMark(text: Y.XmlText, letters: readonly Stretch[]): { from: number; to: number; marks: readonly Mark[] }[] {
  const found: { from: number; to: number; marks: readonly Mark[] }[] = []
  const byClient = new Map<number, Stretch[]>()
  for (const part of letters) if (!byClient.get(part.client)?.push(part)) byClient.set(part.client, [part])
  let at = 0
  for (const run of runsOfText(text)) {
    const end = run.clock + run.text.length
    for (const part of byClient.get(run.client) ?? []) {
      const from = Math.max(part.clock, run.clock)
      const to = Math.min(part.clock + part.length, end)
      if (from >= to) continue
      const range = { from: at + from - run.clock, to: at + to - run.clock, marks: run.marks }
      const last = found.at(-1)
      if (last && last.to === range.from && last.marks === range.marks) last.to = range.to
      else found.push(range)
    }
    at += run.text.length
  }
  return found
}

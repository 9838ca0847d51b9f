// Puts the words of a file on a draft: its new blocks, what it inserts and what it strikes. Places are those of the file; where its letters are on the draft is
// asked of the whereabouts or, of what has come with the file itself, kept here. A mark that is written moves nothing; words that are written move what is
// behind them, so that a place is turned into one of the draft only when it is used.
import * as Y from "yjs"
import type { Sliced } from "../../shared/changes/slices.ts"
import { anchorCharacter, defaultAttrs, isDeletionInEffect, type Mark, ownerOf, type Run, textOf } from "../../shared/schema/block.ts"
import { notStated } from "../../shared/schema/keys.ts"
import { takesBlank } from "../../shared/schema/letters.ts"
import { newMark } from "../../shared/schema/schema.ts"
import { blockOfElement, elementsOf, runsOfText, textOfElement } from "../../shared/sync/read.ts"
import { type Slot, slotAt, writeMark, writeText } from "../../shared/sync/write.ts"
import type { FileBlock, FileChange, FileDraft, FileNote } from "../files/file-draft.ts"
import { covers, type Span, spansIn } from "../files/hosts.ts"
import type { Site } from "../gate/restructure.ts"
import { serverMarkId } from "../gate/server-marks.ts"
import { grouped, type Placing } from "./placing.ts"
import type { Whereabouts } from "./whereabouts.ts"

type Segment = NonNullable<FileChange["segments"]>[number]
export type Range = { from: number; to: number }

/** Inserted words of the file where they are in the draft. */
interface Placed {
  readonly change: FileChange
  /** Where they stand in the file's block. */
  readonly from: number
  readonly to: number
  readonly mark: string
  /** Offset of each behind the first that bears the mark. */
  readonly at: readonly number[]
}

/** An insertion that a letter stands in; `change`: the one of the file that it came with. */
interface Over {
  readonly mark: string
  readonly change?: FileChange
}

const isAt = ({ from, to }: Range, i: number): boolean => from <= i && i < to
const isAround = ({ name }: Mark): boolean => name === "insertion" || name === "deletion"

export class WordsPlacer {
  readonly touched = new Set<string>()
  /** By a change of the file that is placed: its id in the draft. */
  readonly ids = new Map<string, string>()
  readonly #site: Site
  readonly #shadow: Y.Doc
  readonly #draft: FileDraft
  readonly #where: Whereabouts
  readonly #placing: Placing
  readonly #used = new Set<string>()
  /** Blocks of the file that became new ones, by their ids there. */
  readonly #added = new Map<string, Y.XmlElement>()
  readonly #inserted = new Map<string, Placed[]>()
  readonly #notes: ReadonlyMap<string, readonly FileNote[]>
  /** The insertions of each block of the file, those around others first. */
  readonly #spans: ReadonlyMap<string, readonly Span[]>

  constructor(site: Site, shadow: Y.Doc, draft: FileDraft, where: Whereabouts, placing: Placing) {
    this.#site = site
    this.#shadow = shadow
    this.#draft = draft
    this.#where = where
    this.#placing = placing
    this.#notes = grouped(draft.notes, (note) => note.block)
    this.#spans = grouped(spansIn(draft), ({ segment }) => segment.block)
  }

  /** The id in the draft of a block that the file adds; undefined: it was not placed. */
  addedAs(block: string): string | undefined {
    return this.#added.get(block)?.getAttribute("id") as string | undefined
  }

  #source(change: FileChange): string {
    return change.source ?? notStated
  }

  /** The next mark of a change: its first bears its own id. */
  markOf(change: FileChange): { id: string; of: string; source: string } {
    const first = this.ids.get(change.id)!
    const source = this.#source(change)
    if (this.#used.has(first)) return { id: serverMarkId(this.#shadow, source), of: first, source }
    this.#used.add(first)
    return { id: first, of: "", source }
  }

  /** The new ones among some blocks of the file, each behind what it stands behind there. */
  *addBlocks(blocks: readonly FileBlock[]): Sliced<void> {
    const { fragment } = this.#site
    let last: Y.XmlElement | null = null
    let isBehindOwn = false
    const ofFile = new Set(this.#draft.blocks.flatMap(({ id }) => this.#where.partsOf(id)))
    for (const block of blocks) {
      const standing = this.#where.lastElementOf(block.id)
      if (standing) {
        last = standing
        isBehindOwn = false
        continue
      }
      const change = this.#placing.adding(block.id)
      if (!change || !this.#placing.placed.has(change)) continue
      const element = new Y.XmlElement(block.type)
      element.insert(0, [new Y.XmlText()])
      const elements = elementsOf(this.#shadow)
      const firstNote = elements.findIndex((other) => other.nodeName === "note")
      const first = block.type !== "note" ? 0 : firstNote < 0 ? elements.length : firstNote
      const at = last ? elements.indexOf(last) + 1 : first
      fragment.insert(isBehindOwn || !last ? at : behindAdded(elements, at, block, ofFile), [element])
      const id = `s${serverMarkId(this.#shadow, "SEC")}`
      const attrs = {
        id,
        insertedBy: this.#source(change),
        insertedId: this.ids.get(change.id)!,
        dir: block.dir,
        part: block.part,
        level: block.level,
        noteId: block.type === "note" ? id : null,
      }
      for (const [name, value] of Object.entries(attrs))
        if (value !== undefined && value !== defaultAttrs[name as keyof typeof defaultAttrs]) element.setAttribute(name, value as string)
      this.#added.set(block.id, element)
      this.touched.add(id)
      this.#writeNew(block, change, textOfElement(element)!)
      last = element
      isBehindOwn = true
      yield
    }
  }

  /** The words of a new block: those of its change, and inside them what others of the file put there. */
  #writeNew(block: FileBlock, change: FileChange, text: Y.XmlText): void {
    const whole: Segment = { block: block.id, kind: "insertion", from: 0, to: block.text.length }
    const spans = this.#spans.get(block.id) ?? []
    this.#write({ change, segment: whole }, spans, text, () => ({ left: null, right: null, marks: [] }))
  }

  /** Writes an insertion with those of the file inside it, each under a mark of its own within the others' around it. */
  #write(own: Span, spans: readonly Span[], text: Y.XmlText, slotOf: () => Slot): void {
    const { block, from, to } = own.segment
    const owners = this.#placing.ownersIn(block)
    const isPlaced = (change: FileChange | null | undefined): boolean => change != null && this.#placing.placed.has(change)
    const { words, at } = this.#kept(this.#where.theirs(block), from, to, (i) => isPlaced(owners[i]))
    if (!words) return
    const slot = slotOf()
    const mark = newMark("insertion", { ...this.markOf(own.change), within: slot.marks.filter(isAround).map(({ id }) => id) })
    writeText(this.#site.tr, text, slot, words, [mark])
    const start = startOfMark(runsOfText(text), mark.id)!
    this.#callNotes(block, from, at, text, start)
    const written: { readonly span: Span; readonly mark: Mark }[] = [{ span: own, mark }]
    this.#remember(block, { change: own.change, from, to, mark: mark.id, at })
    for (const span of spans) {
      const { change, segment } = span
      if (change === own.change || !isPlaced(change) || !covers(own.segment, segment)) continue
      const places = at.slice(segment.from - from, segment.to - from)
      const [first, end] = [places[0], at[segment.to - from] ?? words.length]
      if (first === undefined || first >= end) continue
      const hosts = written.filter((other) => other.span.change !== change && covers(other.span.segment, segment))
      const within = [...mark.within, ...hosts.map((host) => host.mark.id)]
      const inner = newMark("insertion", { ...this.markOf(change), within })
      writeMark(this.#site.tr, text, start + first, start + end, inner)
      written.push({ span, mark: inner })
      const placed = { change, from: segment.from, to: segment.to, mark: inner.id, at: places.map((place) => place - first) }
      this.#remember(block, placed)
    }
  }

  #remember(block: string, placed: Placed): void {
    this.#inserted.set(block, [...(this.#inserted.get(block) ?? []), placed])
  }

  /** The characters of a stretch that come along, and where each of all is among them. An anchor that calls nothing that comes along stays. */
  #kept(block: FileBlock, from: number, to: number, isKept: (i: number) => boolean): { words: string; at: number[] } {
    const notes = this.#notes.get(block.id) ?? []
    const calls = (i: number): boolean => notes.some((note) => note.at === i && this.#added.has(note.id))
    let words = ""
    const at: number[] = []
    for (let i = from; i < to; i++) {
      at.push(words.length)
      const sign = block.text[i]!
      if (isKept(i) && (sign !== anchorCharacter || calls(i))) words += sign
    }
    return { words, at }
  }

  /** Marks the anchors among words that were written at `offset`. */
  #callNotes(block: string, from: number, at: readonly number[], text: Y.XmlText, offset: number): void {
    for (const note of this.#notes.get(block) ?? []) {
      const place = note.at === null ? undefined : at[note.at - from]
      const body = this.#added.get(note.id)
      if (place === undefined || !body) continue
      const mark = newMark("noteRef", {
        id: serverMarkId(this.#shadow, "SEC"),
        source: "SEC",
        noteId: body.getAttribute("noteId") as string,
      })
      writeMark(this.#site.tr, text, offset + place, offset + place + anchorCharacter.length, mark)
    }
  }

  /** Puts in what a block of the draft has not yet: from the last place to the first, so that offsets hold; what stands in other words comes with those. */
  *insertAll(): Sliced<void> {
    const isPlaced = ({ change }: Span): boolean => this.#placing.placed.has(change)
    const tops: Span[] = []
    for (const [block, spans] of this.#spans) {
      if (!this.#where.elementOf(block)) continue
      const ends: Span[] = []
      // The longest first: what is around a span stands before it.
      for (const span of spans.filter(isPlaced))
        if (!ends.some((other) => other.change !== span.change && covers(other.segment, span.segment))) ends.push(span)
      tops.push(...ends)
      yield
    }
    for (const top of tops.sort((a, b) => b.segment.from - a.segment.from)) {
      this.#insert(top)
      yield
    }
  }

  #insert(top: Span): void {
    const { block, from } = top.segment
    const { element, offset } = this.#where.gapAt(block, from)
    const text = textOfElement(element)!
    const source = this.#source(top.change)
    this.#write(top, this.#spans.get(block)!, text, () => slotAt(this.#site.tr, text, offset, source, "avoid-own"))
    this.touched.add(element.getAttribute("id") as string)
  }

  /** Where letters of a block of the file are now: agreed ones, what others have proposed there, and what has come with the file. */
  #standingIn(block: string, from: number, to: number): { element: Y.XmlElement; at: number; over: readonly Over[] }[] {
    const now = this.#where.now
    const added = this.#where.elementOf(block) ?? this.#added.get(block)
    const element = added ? blockOfElement(added) : null
    const standing: { element: Y.XmlElement; at: number; over: readonly Over[] }[] = []
    for (let i = from; i < to; i++) {
      const letter = this.#where.letterAt(block, i)
      const its = letter && now(letter)
      if (its) {
        const { owner } = its
        standing.push({ element: its.element, at: its.offset, over: owner ? [{ mark: owner.id }] : [] })
        continue
      }
      // Over an insertion of the same file: where that stands now.
      const hosts = (this.#inserted.get(block) ?? []).filter((part) => isAt(part, i))
      const host = hosts.at(-1)
      const start = host && element ? startOfMark(element.runs, host.mark) : null
      if (!host || !added || start === null) continue
      const over = hosts.map((part) => ({ mark: part.mark, change: part.change }))
      standing.push({ element: added, at: start + host.at[i - host.from]!, over })
    }
    return standing
  }

  /** Strikes words wherever they are now. */
  strike(change: FileChange, { block, from, to }: Segment): void {
    const byElement = new Map<Y.XmlElement, { at: number; over: readonly string[] }[]>()
    for (const { element, at, over } of this.#standingIn(block, from, to)) {
      const others = over.filter((part) => part.change !== change).map(({ mark }) => mark)
      const offsets = byElement.get(element)
      if (offsets) offsets.push({ at, over: others })
      else byElement.set(element, [{ at, over: others }])
    }
    for (const [element, offsets] of byElement) {
      for (const range of rangesOf(offsets))
        writeMark(
          this.#site.tr,
          textOfElement(element)!,
          range.from,
          range.to,
          newMark("deletion", { ...this.markOf(change), over: range.over }),
        )
      this.touched.add(element.getAttribute("id") as string)
    }
  }

  /** The block of the draft that one of the file is, or became. */
  idOf(block: string): string | null {
    return this.#where.blockOf(block) ?? this.addedAs(block) ?? null
  }

  /** The blocks of the draft that one of the file is. */
  idsOf(block: string): readonly string[] {
    const parts = this.#where.partsOf(block)
    const added = this.addedAs(block)
    return parts.length > 0 ? parts : added === undefined ? [] : [added]
  }

  /** The last of them. */
  lastIdOf(block: string): string | null {
    const last = this.#where.lastElementOf(block)?.getAttribute("id") as string | undefined
    return last ?? this.addedAs(block) ?? null
  }

  /** Puts the space between two parts of a clause that become one again, where a decision that divided it took it (TRK11). */
  part(change: FileChange, before: string, behind: string): void {
    const source = this.#source(change)
    const [element, next] = [before, behind].map((id) => elementsOf(this.#shadow).find((one) => one.getAttribute("id") === id))
    if (!element || !next || !takesBlank(leftBy(source, element), leftBy(source, next))) return
    const text = textOfElement(element)!
    const slot = slotAt(this.#site.tr, text, textOf(blockOfElement(element)).length, source, "avoid-own")
    writeText(this.#site.tr, text, slot, " ", [
      newMark("insertion", { ...this.markOf(change), within: slot.marks.filter(isAround).map(({ id }) => id) }),
    ])
    this.touched.add(before)
  }

  /** The words of a range of the file as a range of the block as it stands now, agreed and inserted ones. */
  placeOf(block: string, { from, to }: Range): { block: string; text: Y.XmlText; from: number; to: number } | null {
    if (!this.#where.elementOf(block) && !this.#added.has(block)) return null
    const standing = this.#standingIn(block, from, Math.min(to, this.#where.theirs(block).text.length))
    const [first] = standing
    if (!first) return null
    // Words that stand in two clauses by now are marked in the first.
    const offsets = standing.filter(({ element }) => element === first.element).map(({ at }) => at)
    return {
      block: first.element.getAttribute("id") as string,
      text: textOfElement(first.element)!,
      from: Math.min(...offsets),
      to: Math.max(...offsets) + 1,
    }
  }
}

/**
 * Where a clause or a head is added that would stand at `at`: behind the clauses that others add there already, or have added, so that none of them is labelled otherwise
 * for it, but not below one of them. `ofFile`: what of the draft the file has.
 */
function behindAdded(elements: readonly Y.XmlElement[], at: number, { type, level = 1 }: FileBlock, ofFile: ReadonlySet<string>): number {
  if (type !== "clause" && type !== "head") return at
  const least = type === "clause" ? level : 1
  const goesOn = (element: Y.XmlElement | undefined): boolean => {
    if (element?.nodeName !== "clause" || element.getAttribute("joined")) return false
    // What was added and is agreed by now has no place in the text in force, and none in a file of before.
    const isAgreedSince = element.getAttribute("origin") === undefined && !ofFile.has(element.getAttribute("id") as string)
    if (!element.getAttribute("insertedBy") && !isAgreedSince) return false
    return ((element.getAttribute("level") as number | undefined) ?? 1) >= least
  }
  let behind = at
  while (goesOn(elements[behind])) behind++
  return behind
}

/** The words of a block that a source leaves: agreed ones and its own. */
const leftBy = (source: string, element: Y.XmlElement): string =>
  blockOfElement(element)
    .runs.filter(({ marks }) => {
      const isStruck = marks.some((mark) => mark.name === "deletion" && mark.source === source && isDeletionInEffect(mark, marks))
      return !isStruck && (ownerOf(marks)?.source ?? source) === source
    })
    .map(({ text }) => text)
    .join("")

function startOfMark(runs: readonly Run[], id: string): number | null {
  let at = 0
  for (const run of runs) {
    if (run.marks.some((mark) => mark.id === id)) return at
    at += run.text.length
  }
  return null
}

function rangesOf(offsets: readonly { at: number; over: readonly string[] }[]): (Range & { over: readonly string[] })[] {
  const ranges: (Range & { over: readonly string[] })[] = []
  for (const { at, over } of offsets) {
    const last = ranges.at(-1)
    if (last?.to === at && last.over.join() === over.join()) last.to = at + 1
    else ranges.push({ from: at, to: at + 1, over })
  }
  return ranges
}

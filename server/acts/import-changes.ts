/**
 * A delegation's file becomes changes on a draft: each at the words that it was made on, with fresh ids, the source that was stated for its author.
 * What finds no place is listed, never guessed.
 */
import * as Y from "yjs"
import { agreedPlaces, compareWords } from "../../shared/changes/compare.ts"
import { workingText } from "../../shared/changes/projections.ts"
import { ofFile, type Thread } from "../../shared/comments/thread.ts"
import { anchorCharacter, type Block, defaultAttrs, isPresent, textOf } from "../../shared/schema/block.ts"
import { notStated } from "../../shared/schema/keys.ts"
import { newMark } from "../../shared/schema/schema.ts"
import { blockOfElement, blocksRoot, elementsOf, structureRoot, textOfElement } from "../../shared/sync/read.ts"
import { roots } from "../../shared/sync/roots.ts"
import { slotAt, writeMark, writeText } from "../../shared/sync/write.ts"
import { align, type Pair } from "../exchange/align.ts"
import { type Entered, nextId } from "../exchange/draft-state.ts"
import type { ImportedBlock, ImportedChange, ImportedDraft } from "../exchange/imported.ts"
import type { Gate } from "../gate/gate.ts"
import { serverMarkId } from "../gate/repairs.ts"
import { DomainError } from "../problems.ts"

/** A change or comment of a file that found no place in the draft, and why. */
export interface LeftOut {
  readonly what: string
  readonly why: string
}

export interface ImportedOnto {
  readonly row: Uint8Array | null
  /** Ids of the changes in the draft. */
  readonly changes: readonly string[]
  readonly comments: number
  readonly left: readonly LeftOut[]
  readonly blocks: readonly string[]
  /** By the id of a change: who entered it in the file and when. */
  readonly entered: Entered
}

/** A block of the file: its words without its own insertions, and where each of its characters is among them. */
interface FileBlock {
  readonly block: ImportedBlock
  readonly working: string
  /** Offset in `working` of each character of the block's text; of an inserted one that of the next agreed one. */
  readonly places: readonly number[]
  readonly isInserted: readonly boolean[]
}

/** The room's block that a block of the file revises. */
interface Home {
  readonly id: string
  /** Offset in the room's working text of each character of the file's working text; null where the room lacks it. One more for the end. */
  readonly to: readonly (number | null)[]
}

function fileBlocks(draft: ImportedDraft): Map<string, FileBlock> {
  const isNew = new Set(draft.changes.flatMap((change) => change.newBlocks ?? []))
  const insertions = new Map<string, [number, number][]>()
  for (const { segments = [] } of draft.changes)
    for (const { block, kind, from, to } of segments)
      if (kind === "insertion") insertions.set(block, [...(insertions.get(block) ?? []), [from, to]])
  const blocks = [...draft.blocks, ...draft.notes.map((note): ImportedBlock => ({ id: note.id, type: "note", text: note.text }))]
  return new Map(
    blocks
      .filter((block) => !isNew.has(block.id))
      .map((block) => {
        const isInserted = Array.from(block.text, () => false)
        isInserted.length = block.text.length
        isInserted.fill(false)
        for (const [from, to] of insertions.get(block.id) ?? []) isInserted.fill(true, from, to)
        let working = ""
        const places = isInserted.map((inserted, i) => {
          const at = working.length
          if (!inserted) working += block.text[i]!
          return at
        })
        return [block.id, { block, working, places, isInserted }]
      }),
  )
}

/** Where each character of A is in B; one more for the end. */
function mapped(a: string, b: string): (number | null)[] {
  const to: (number | null)[] = []
  let at = 0
  for (const { kind, text } of compareWords(a, b)) {
    if (kind !== "inserted") for (let i = 0; i < text.length; i++) to.push(kind === "kept" ? at + i : null)
    if (kind !== "deleted") at += text.length
  }
  return [...to, b.length]
}

const wordsIn = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text)

/** Which block of the room each block of the file revises. */
function homesOf(file: ReadonlyMap<string, FileBlock>, room: readonly Block[]): Map<string, Home> {
  const ours = room.map(
    (block): ImportedBlock => ({
      id: block.id,
      type: block.type,
      ...(block.type === "head" ? { part: block.part } : {}),
      ...(block.type === "clause" ? { level: block.level } : {}),
      text: textOf(workingText(block)),
    }),
  )
  const theirs = [...file.values()].map(({ block, working }) => ({ ...block, text: working }))
  const isPair = (pair: Pair): pair is { a: ImportedBlock; b: ImportedBlock } => pair.a !== null && pair.b !== null
  return new Map(
    align(ours, theirs)
      .filter(isPair)
      .map(({ a, b }) => [b.id, { id: a.id, to: mapped(b.text, a.text) }]),
  )
}

class Placer {
  readonly changes: string[] = []
  readonly left: LeftOut[] = []
  readonly touched = new Set<string>()
  readonly entered: Record<string, { by: string | null; at: string | null }> = {}
  readonly #tr: Y.Transaction
  readonly #shadow: Y.Doc
  readonly #draft: ImportedDraft
  readonly #file: ReadonlyMap<string, FileBlock>
  readonly #homes: ReadonlyMap<string, Home>
  readonly #room: ReadonlyMap<string, Block>
  readonly #elements: ReadonlyMap<string, Y.XmlElement>
  readonly #ids = new Map<string, string>()
  readonly #used = new Set<string>()
  /** Blocks of the file that became new ones, by their ids there. */
  readonly #added = new Map<string, Y.XmlElement>()
  /** Ends of inserted words by place, so that what is inserted at one place stands in the file's order. */
  readonly #inserted: {
    readonly change: ImportedChange
    readonly block: string
    readonly from: number
    readonly to: number
    readonly mark: string
  }[] = []

  constructor(tr: Y.Transaction, shadow: Y.Doc, draft: ImportedDraft, room: readonly Block[]) {
    this.#tr = tr
    this.#shadow = shadow
    this.#draft = draft
    this.#file = fileBlocks(draft)
    this.#homes = homesOf(this.#file, room)
    this.#room = new Map(room.map((block) => [block.id, block]))
    this.#elements = new Map(elementsOf(shadow).map((element) => [element.getAttribute("id") as string, element]))
  }

  place(): number {
    const placed = this.#draft.changes.filter((change) => this.#isPlaceable(change))
    for (const change of placed) this.#ids.set(change.id, nextId(this.#shadow, change))
    this.#addBlocks(placed)
    // From the last place to the first, so that offsets hold.
    const spans = placed.flatMap((change) =>
      (change.segments ?? []).filter((part) => !this.#added.has(part.block)).map((segment) => ({ change, segment })),
    )
    const insertions = spans.filter(({ segment }) => segment.kind === "insertion").sort((a, b) => b.segment.from - a.segment.from)
    for (const { change, segment } of insertions) this.#insert(change, segment)
    for (const { change, segment } of spans) if (segment.kind === "deletion") this.#strike(change, segment)
    for (const change of placed) this.#structure(change)
    for (const change of placed) {
      const id = this.#ids.get(change.id)!
      this.changes.push(id)
      if (change.enteredBy !== null || change.date !== null) this.entered[id] = { by: change.enteredBy, at: change.date }
    }
    return this.#threads()
  }

  /** Whether every part of a change has its place; else it is left out whole, for half of it would say something else. */
  #isPlaceable(change: ImportedChange): boolean {
    const why = this.#obstacle(change)
    if (why === null) return true
    this.left.push({ what: `${change.kind} ${wordsIn(`“${change.text || (change.replacedBy ?? "")}”`)}`, why })
    return false
  }

  #obstacle(change: ImportedChange): string | null {
    const isNew = new Set(change.newBlocks)
    for (const { block, kind, from, to } of change.segments ?? []) {
      if (isNew.has(block)) continue
      const file = this.#file.get(block)
      const home = this.#homes.get(block)
      if (!file) continue
      if (!home) return "The clause that it was made on is not in this draft."
      if (kind === "insertion" && this.#gap(file, home, from) === null) return "The words around it are not in this draft."
      if (kind === "deletion")
        for (let i = from; i < to; i++)
          if (!file.isInserted[i] && home.to[file.places[i]!] === null) return "The words that it deletes are not in this draft."
    }
    for (const act of change.structure ?? []) {
      const named = [act.block, act.kind === "join" ? act.into : act.kind === "move" ? act.after : null]
      if (named.some((block) => block !== null && !isNew.has(block) && this.#file.has(block) && !this.#homes.has(block)))
        return "A clause that it is about is not in this draft."
    }
    return null
  }

  /** The gap in the room's working text where a gap of the file's is: beside what stands before it, else beside what stands behind. */
  #gap(file: FileBlock, home: Home, from: number): number | null {
    const at = file.places[from] ?? file.working.length
    const before = at === 0 ? -1 : (home.to[at - 1] ?? null)
    const behind = home.to[at] ?? null
    if (before === null && behind === null) return null
    return before === null ? behind : before + 1
  }

  #source(change: ImportedChange): string {
    return change.source ?? notStated
  }

  /** The next mark of a change: its first bears its own id. */
  #markOf(change: ImportedChange): { id: string; of: string; source: string } {
    const first = this.#ids.get(change.id)!
    const source = this.#source(change)
    if (this.#used.has(first)) return { id: serverMarkId(this.#shadow, source), of: first, source }
    this.#used.add(first)
    return { id: first, of: "", source }
  }

  #addBlocks(placed: readonly ImportedChange[]): void {
    const byBlock = new Map(placed.flatMap((change) => (change.newBlocks ?? []).map((block) => [block, change] as const)))
    const fragment = this.#shadow.getXmlFragment(blocksRoot)
    let last: Y.XmlElement | null = null
    for (const block of this.#draft.blocks) {
      const change = byBlock.get(block.id)
      const home = this.#homes.get(block.id)
      if (home) last = this.#elements.get(home.id) ?? last
      if (!change) continue
      const source = this.#source(change)
      const element = new Y.XmlElement(block.type)
      const at: number = last ? elementsOf(this.#shadow).indexOf(last) + 1 : 0
      element.insert(0, [new Y.XmlText()])
      fragment.insert(at, [element])
      const attrs = {
        id: `s${serverMarkId(this.#shadow, "SEC")}`,
        insertedBy: source,
        insertedId: this.#ids.get(change.id)!,
        dir: block.dir,
        part: block.part,
        level: block.level,
      }
      for (const [name, value] of Object.entries(attrs))
        if (value !== undefined && value !== defaultAttrs[name as keyof typeof defaultAttrs]) element.setAttribute(name, value as string)
      const text = textOfElement(element)!
      const words = block.text.replaceAll(anchorCharacter, "")
      this.#leaveNotes(block.id, 0, block.text.length)
      if (words) writeText(this.#tr, text, { left: null, right: null, marks: [] }, words, [newMark("insertion", this.#markOf(change))])
      this.#added.set(block.id, element)
      this.touched.add(attrs.id)
      last = element
    }
  }

  /** A footnote has an anchor and a block of its own, which come with a draft alone: those that were inserted stay in the file, and are told. */
  #leaveNotes(block: string, from: number, to: number): void {
    for (const note of this.#draft.notes)
      if (note.block === block && note.at !== null && note.at >= from && note.at < to)
        this.left.push({
          what: `footnote ${wordsIn(`“${note.text}”`)}`,
          why: "It stands in inserted words; their footnotes stay in the file.",
        })
  }

  #insert(change: ImportedChange, { block, from, to }: Segment): void {
    const file = this.#file.get(block)
    const home = file && this.#homes.get(block)
    const text = home && textOfElement(this.#elements.get(home.id)!)
    if (!file || !home || !text) return
    const words = file.block.text.slice(from, to).replaceAll(anchorCharacter, "")
    const at = this.#offsetOfGap(home.id, this.#gap(file, home, from)!)
    this.#leaveNotes(block, from, to)
    if (!words) return
    const { id, of, source } = this.#markOf(change)
    const slot = slotAt(this.#tr, text, at, source, "avoid-own")
    const within = slot.marks.filter((mark) => mark.name === "insertion" || mark.name === "deletion").map((mark) => mark.id)
    writeText(this.#tr, text, slot, words, [newMark("insertion", { id, of, source, within })])
    this.#inserted.push({ change, block, from, to, mark: id })
    this.touched.add(home.id)
  }

  /** Where a gap of the room's working text is in the block as it stands: right behind the agreed character before it. */
  #offsetOfGap(block: string, gap: number): number {
    const places = agreedPlaces(blockOfElement(this.#elements.get(block)!))
    return gap === 0 ? 0 : places[gap - 1]! + 1
  }

  #strike(change: ImportedChange, { block, from, to }: Segment): void {
    const file = this.#file.get(block)
    const home = file && this.#homes.get(block)
    const element = home && this.#elements.get(home.id)
    if (!file || !home || !element) return
    const now = blockOfElement(element)
    const places = agreedPlaces(now)
    const offsets: { at: number; over: readonly string[] }[] = []
    for (let i = from; i < to; i++) {
      if (!file.isInserted[i]) offsets.push({ at: places[home.to[file.places[i]!]!]!, over: [] })
      else {
        // Over another's insertion of the same file: where that stands now.
        const host = this.#inserted.find((part) => part.block === block && part.from <= i && i < part.to)
        const start = host ? startOfMark(now, host.mark) : null
        if (host && start !== null) offsets.push({ at: start + i - host.from, over: [host.mark] })
      }
    }
    for (const range of rangesOf(offsets))
      writeMark(this.#tr, textOfElement(element)!, range.from, range.to, newMark("deletion", { ...this.#markOf(change), over: range.over }))
    this.touched.add(home.id)
  }

  #structure(change: ImportedChange): void {
    const structure = this.#shadow.getMap(structureRoot)
    const idOf = (block: string): string | null =>
      this.#homes.get(block)?.id ?? (this.#added.get(block)?.getAttribute("id") as string | undefined) ?? null
    for (const act of change.structure ?? []) {
      const block = idOf(act.block)
      if (block === null) continue
      const { id, of, source } = this.#markOf(change)
      const target =
        act.kind === "join" ? { into: idOf(act.into) } : act.kind === "move" ? { after: act.after === null ? null : idOf(act.after) } : {}
      if (act.kind === "join" && (target as { into: string | null }).into === null) continue
      structure.set(id, { id, of, source, ...act, ...target, block })
      this.touched.add(block)
    }
  }

  #threads(): number {
    let count = 0
    for (const comment of this.#draft.comments) {
      const home = comment.block === null ? null : (this.#homes.get(comment.block) ?? null)
      const added = comment.block === null ? undefined : this.#added.get(comment.block)
      const first = [...this.#room.keys()][0]
      const block = home?.id ?? (added?.getAttribute("id") as string | undefined) ?? first
      if (block === undefined) continue
      if (comment.block !== null && !home && !added)
        this.left.push({
          what: `comment ${wordsIn(`“${comment.text}”`)}`,
          why: "Its clause is not in this draft; it is put on the whole draft.",
        })
      const source = comment.source ?? notStated
      const id = serverMarkId(this.#shadow, source)
      const place = home && comment.at ? this.#rangeOf(comment.block!, home, comment.at) : null
      if (place)
        writeMark(this.#tr, textOfElement(this.#elements.get(home!.id)!)!, place.from, place.to, newMark("comment", { id, source }))
      const remark = ({ by, date, source: of, text }: (typeof comment.replies)[number]): Thread["remarks"][number] => ({
        person: by === null ? "" : `${ofFile}${by}`,
        source: of ?? source,
        text,
        at: date ?? "",
      })
      const anchor: Thread["anchor"] = place
        ? { on: "words", block, quote: comment.quote }
        : home || added
          ? { on: "clause", block }
          : { on: "draft", block }
      roots
        .threads(this.#shadow)
        .set(id, { id, anchor, remarks: [remark(comment), ...comment.replies.map(remark)], isResolved: comment.resolved })
      count++
    }
    return count
  }

  /** The agreed words of a range of the file, as a range of the block as it stands now. */
  #rangeOf(block: string, home: Home, { from, to }: { from: number; to: number }): { from: number; to: number } | null {
    const file = this.#file.get(block)!
    const places = agreedPlaces(blockOfElement(this.#elements.get(home.id)!))
    const offsets: number[] = []
    for (let i = from; i < Math.min(to, file.places.length); i++) {
      const at = file.isInserted[i] ? null : home.to[file.places[i]!]
      if (at !== null && at !== undefined) offsets.push(places[at]!)
    }
    return offsets.length === 0 ? null : { from: offsets[0]!, to: offsets.at(-1)! + 1 }
  }
}

type Segment = NonNullable<ImportedChange["segments"]>[number]

function startOfMark(block: Block, id: string): number | null {
  let at = 0
  for (const run of block.runs) {
    if (run.marks.some((mark) => mark.id === id)) return at
    at += run.text.length
  }
  return null
}

function rangesOf(offsets: readonly { at: number; over: readonly string[] }[]): { from: number; to: number; over: readonly string[] }[] {
  const ranges: { from: number; to: number; over: readonly string[] }[] = []
  for (const { at, over } of offsets) {
    const last = ranges.at(-1)
    if (last?.to === at && last.over.join() === over.join()) last.to = at + 1
    else ranges.push({ from: at, to: at + 1, over })
  }
  return ranges
}

/**
 * Puts a file's changes and comments on a draft, in one transaction on the shadow. `draft`: the file as read, each change with the source that was
 * stated for its author. Throws where nothing of it has a place.
 */
export function importChanges(gate: Gate, draft: ImportedDraft): ImportedOnto {
  if (draft.changes.length === 0 && draft.comments.length === 0)
    throw new DomainError(
      "bad-input",
      "This file holds no tracked changes and no comments. Import it as a new draft, or compare it with the text in force.",
    )
  const room = gate.blocks.filter((block) => isPresent(block) && !block.insertedBy)
  let placer!: Placer
  let comments = 0
  const row = gate.act((tr, shadow) => {
    placer = new Placer(tr, shadow, draft, room)
    comments = placer.place()
  })
  const { changes, left, touched, entered } = placer
  return { row, changes, comments, left, blocks: [...touched], entered }
}

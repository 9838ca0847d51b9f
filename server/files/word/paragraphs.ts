import { beginningOf } from "../../../shared/schema/letters.ts"
import { childOf, elementsIn, type XmlElement } from "../xml.ts"
import { saidBy } from "./attribution.ts"
import type { Carried } from "./carried.ts"
import { fieldSignsOf } from "./fields.ts"
import { type Formatting, type Item, type Left, type Paragraph, paragraphsIn, type Table, type TableRow } from "./items.ts"
import { Looks } from "./looks.ts"
import { alternativeOf, isMove, isOn, listLevel, revisionKindOf, spokenIn, transparent } from "./markup.ts"
import { aboutDraft } from "./own-names.ts"
import { isDeleted, textOf } from "./pieces.ts"
import type { Revision } from "./revision.ts"
import { RunReader, type Surroundings } from "./runs.ts"

/** Reads the paragraphs and tables of a body, a cell or a note. */
export function itemsOf(body: XmlElement, looks = new Looks(null), carried: ReadonlyMap<string, Carried> = new Map()): Item[] {
  const story = new Story(body, looks, carried)
  const items = story.items(body, [])
  const { left, formatting } = story
  if (left.length + formatting.length === 0) return items
  const last = items.at(-1) ?? nothing
  return [...items.slice(0, -1), { ...last, left: [...last.left, ...left], formatting: [...last.formatting, ...formatting] }]
}

/** What stands outside every paragraph where no paragraph is. */
const nothing: Paragraph = {
  ...{
    kind: "paragraph",
    pieces: [],
    style: null,
    list: null,
    isRtl: false,
    mark: [],
    formatting: [],
    points: [],
    boxes: [],
    left: [],
    marks: [],
  },
}

/** What may stand between paragraphs and has words that are none of the text. */
const silent: ReadonlySet<string> = new Set(["w:sectPr", "w:sdtPr", "w:sdtEndPr"])

/** A story with the state that runs through it: fields, comment ranges and moves may span paragraphs. */
class Story {
  /** What stood between paragraphs since the last one. */
  left: Left[] = []
  /** Revisions of looks that are of no paragraph. */
  readonly formatting: Formatting[] = []
  readonly #around: Surroundings
  readonly #comments: string[] = []
  /** The bookmark that says that comments are on the whole draft, while it is open. */
  #onDraft: string | null = null
  readonly #meanings: ReadonlyMap<string, Carried>
  /** Bookmarks of ours that are open, by their ids. */
  readonly #carried = new Map<string, Carried>()
  /** Clauses that such a bookmark brings behind the paragraph that is being read; each comes once. */
  #coming: XmlElement[] = []
  readonly #come = new Set<Carried>()
  readonly #moves: { readonly kind: Revision["kind"]; readonly id: string; readonly name: string }[] = []

  constructor(body: XmlElement, looks: Looks, meanings: ReadonlyMap<string, Carried>) {
    this.#meanings = meanings
    const { ignored, unclosed } = fieldSignsOf(body)
    this.#around = {
      looks,
      fields: [],
      comments: this.#comments,
      isOnDraft: () => this.#onDraft !== null,
      isIgnored: (sign) => ignored.has(sign),
      isUnclosed: (sign) => unclosed.has(sign),
      carriedAt: (element) => this.#carriedAt(element),
      carriedUntil: ({ name, attrs }) => (name === "w:bookmarkEnd" ? (this.#carried.get(attrs["w:id"] ?? "") ?? null) : null),
      carried: () => [...this.#carried.values()],
      range: (element) => this.#range(element),
      revision: (element, kind) => this.#revision(element, kind),
      boxed: (box) => itemsOf(box, looks),
    }
  }

  /** `around`: revisions that hold a whole group of paragraphs. */
  items(element: XmlElement, around: readonly Revision[]): Item[] {
    const items: Item[] = []
    for (const child of elementsIn(element)) {
      const kind = revisionKindOf(child)
      if (child.name === "w:p") items.push(this.#paragraph(child, around), ...this.#comingBehind())
      else if (child.name === "w:tbl") items.push(this.#table(child, around))
      else if (kind !== undefined && !isLoose(child)) items.push(...this.items(child, [...around, this.#revision(child, kind)]))
      else if (child.name === "mc:AlternateContent") {
        const chosen = alternativeOf(child)
        if (chosen) items.push(...this.items(chosen, around))
      } else if (transparent.has(child.name) && !isLoose(child)) items.push(...this.items(child, around))
      else if (!this.#range(child)) this.#beside(child)
    }
    return items
  }

  #comingBehind(): Paragraph[] {
    const coming = this.#coming
    this.#coming = []
    return coming.map((paragraph) => this.#paragraph(paragraph, []))
  }

  /** What no paragraph holds. */
  #beside(element: XmlElement): void {
    this.#ofSection(element)
    if (silent.has(element.name)) return
    if (element.name === "w:altChunk") this.left.push({ kind: "altChunk", words: "", about: "" })
    const words = spokenIn(element)
    if (!words) return
    const isKnown = isRunLevel(element)
    this.left.push({ kind: isKnown ? "loose" : "unknown", words, about: element.name.replace("?:", "") })
  }

  #ofSection(element: XmlElement | undefined): void {
    const change = element?.name === "w:sectPr" ? childOf(element, "w:sectPrChange") : undefined
    if (change) this.formatting.push({ kind: "formatting", ...saidBy(change), what: "section" })
  }

  /** Takes what stood before a paragraph or table into what is left of it. */
  #before(): Left[] {
    const before = this.left
    this.left = []
    return before
  }

  #revision(element: XmlElement, kind: Revision["kind"]): Revision {
    const move = isMove(element.name) ? (this.#moves.findLast((other) => other.kind === kind)?.name ?? "") : null
    return { kind, ...saidBy(element), move }
  }

  #carriedAt({ name, attrs }: XmlElement): Carried | null {
    return name === "w:bookmarkStart" ? (this.#meanings.get(attrs["w:name"] ?? "") ?? null) : null
  }

  /** Comment and move ranges open and close anywhere. Whether it was one. */
  #range(element: XmlElement): boolean {
    const comments = this.#comments
    const moves = this.#moves
    const id = element.attrs["w:id"] ?? ""
    switch (element.name) {
      case "w:commentRangeStart":
        comments.push(id)
        return true
      case "w:commentRangeEnd":
        if (comments.includes(id)) comments.splice(comments.indexOf(id), 1)
        return true
      case "w:bookmarkStart":
        if (element.attrs["w:name"]?.startsWith(aboutDraft)) this.#onDraft = id
        this.#open(id, this.#carriedAt(element))
        return true
      case "w:bookmarkEnd":
        if (this.#onDraft === id) this.#onDraft = null
        this.#carried.delete(id)
        return true
      case "w:moveFromRangeStart":
      case "w:moveToRangeStart": {
        const kind = element.name === "w:moveToRangeStart" ? "insertion" : "deletion"
        moves.push({ kind, id, name: element.attrs["w:name"] ?? id })
        return true
      }
      case "w:moveFromRangeEnd":
      case "w:moveToRangeEnd": {
        const at = moves.findIndex((move) => move.id === id)
        if (at >= 0) moves.splice(at, 1)
        return true
      }
      case "w:customXmlInsRangeStart":
      case "w:customXmlDelRangeStart":
      case "w:customXmlMoveFromRangeStart":
      case "w:customXmlMoveToRangeStart":
        this.formatting.push({ kind: "formatting", ...saidBy(element), what: "content control" })
        return true
      default:
        return false
    }
  }

  #open(bookmark: string, carried: Carried | null): void {
    if (!carried) return
    this.#carried.set(bookmark, carried)
    if (carried.kind !== "clause" || typeof carried.paragraphs === "string" || this.#come.has(carried)) return
    this.#come.add(carried)
    this.#coming.push(...carried.paragraphs)
  }

  #table(element: XmlElement, around: readonly Revision[]): Table {
    const formatting: Formatting[] = []
    const left = this.#before()
    const innerRows: Revision[] = []
    const note = (change: XmlElement | undefined, what: string): void => {
      if (change) formatting.push({ kind: "formatting", ...saidBy(change), what })
    }
    note(childOf(childOf(element, "w:tblPr"), "w:tblPrChange"), "table")
    note(childOf(childOf(element, "w:tblGrid"), "w:tblGridChange"), "table columns")
    const rows = this.#inside(element, "w:tr").map((row): TableRow => {
      const trPr = childOf(row, "w:trPr")
      note(childOf(trPr, "w:trPrChange"), "table row")
      note(childOf(childOf(row, "w:tblPrEx"), "w:tblPrExChange"), "table row")
      const revisions = elementsIn(trPr ?? row).flatMap((child) => {
        const kind = trPr ? revisionKindOf(child) : undefined
        return kind === undefined ? [] : [this.#revision(child, kind)]
      })
      const cells = this.#inside(row, "w:tc").map((cell) => {
        const tcPr = childOf(cell, "w:tcPr")
        note(childOf(tcPr, "w:tcPrChange"), "table cell")
        for (const [name, what] of cellRevisions) note(childOf(tcPr, name), what)
        return this.items(cell, around).flatMap((item) => {
          if (item.kind === "paragraph") return [item]
          left.push({ kind: "nestedTable", words: wordsOfTable(item), about: "" }, ...item.left)
          innerRows.push(...item.rows.flatMap((inner) => inner.revisions.filter((own) => !around.includes(own))), ...item.innerRows)
          formatting.push(...item.formatting)
          return flattened(item)
        })
      })
      return { cells, revisions: [...around, ...revisions] }
    })
    return { kind: "table", rows, innerRows, formatting, left: [...left, ...this.#before()] }
  }

  /** Rows of a table, cells of a row: a content control may stand around them. */
  #inside(element: XmlElement, name: string): XmlElement[] {
    return elementsIn(element).flatMap((child) => {
      if (child.name === name) return [child]
      if (transparent.has(child.name)) return this.#inside(child, name)
      if (!this.#range(child)) this.#beside(child)
      return []
    })
  }

  #paragraph(element: XmlElement, around: readonly Revision[]): Paragraph {
    const before = this.#before()
    const pPr = childOf(element, "w:pPr")
    this.#ofSection(childOf(pPr, "w:sectPr"))
    const numPr = childOf(pPr, "w:numPr")
    const style = childOf(pPr, "w:pStyle")?.attrs["w:val"] ?? null
    const level = childOf(numPr, "w:ilvl")?.attrs["w:val"]
    const text = new RunReader(this.#around, style)
    text.read(element, around)
    const marks = elementsIn(childOf(pPr, "w:rPr") ?? nowhere).flatMap((child) => {
      const kind = revisionKindOf(child)
      return kind === undefined ? [] : [this.#revision(child, kind)]
    })
    const badLevel: Left[] =
      level !== undefined && listLevel(level) === null ? [{ kind: "level", words: beginningOf(level, 20), about: "" }] : []
    return {
      kind: "paragraph",
      pieces: text.pieces,
      style,
      list: numPr
        ? { id: childOf(numPr, "w:numId")?.attrs["w:val"] ?? null, level: level === undefined ? null : (listLevel(level) ?? 0) }
        : null,
      isRtl: isOn(childOf(pPr, "w:bidi")),
      mark: [...around, ...marks],
      formatting: [...formattingOf(pPr), ...text.formatting],
      points: text.points,
      boxes: text.boxes,
      left: [...before, ...badLevel, ...text.left],
      marks: text.marks,
    }
  }
}

const nowhere: XmlElement = { name: "", attrs: {}, children: [] }

const cellRevisions = [
  ["w:cellIns", "cell inserted"],
  ["w:cellDel", "cell deleted"],
  ["w:cellMerge", "cells merged"],
] as const

const wordsOfTable = (table: Table): string =>
  paragraphsIn([table])
    .map(({ pieces }) => textOf(pieces.filter((piece) => !isDeleted(piece))))
    .filter((text) => text.trim() !== "")
    .join(" ")

/** A table within a cell as paragraphs of that cell: what revises its rows revises their words. */
const flattened = (table: Table): Paragraph[] =>
  table.rows.flatMap(({ cells, revisions }) =>
    cells.flat().map((paragraph) => ({
      ...paragraph,
      mark: withRow(paragraph.mark, revisions),
      pieces: paragraph.pieces.map((piece) => ({ ...piece, revisions: withRow(piece.revisions, revisions) })),
    })),
  )

const withRow = (own: readonly Revision[], row: readonly Revision[]): readonly Revision[] => [
  ...row.filter((revision) => !own.some((other) => other.kind === revision.kind)),
  ...own,
]

/** Whether something between paragraphs belongs into one. */
const isRunLevel = ({ name }: XmlElement): boolean =>
  name === "w:r" || name.startsWith("m:") || transparent.has(name) || looseNames.has(name)

const looseNames: ReadonlySet<string> = new Set(["w:ins", "w:del", "w:moveFrom", "w:moveTo"])

/** Whether what may stand around paragraphs stands around words alone. */
const isLoose = (element: XmlElement): boolean =>
  elementsIn(element).some((child) => child.name === "w:r" || child.name === "m:r" || child.name === "m:t")

function formattingOf(pPr: XmlElement | undefined): Formatting[] {
  const found: Formatting[] = []
  const numPr = childOf(pPr, "w:numPr")
  const change = childOf(pPr, "w:pPrChange")
  if (change) {
    const before = childOf(childOf(childOf(change, "w:pPr"), "w:numPr"), "w:numId")?.attrs["w:val"] ?? null
    const now = childOf(numPr, "w:numId")?.attrs["w:val"] ?? null
    found.push({
      kind: before === now ? "formatting" : "numbering",
      ...saidBy(change),
      what: before === now ? "paragraph" : "list number",
    })
  }
  const inserted = childOf(numPr, "w:ins")
  if (inserted) found.push({ kind: "numbering", ...saidBy(inserted), what: "list number added" })
  const numberingChange = childOf(numPr, "w:numberingChange")
  if (numberingChange)
    found.push({ kind: "numbering", ...saidBy(numberingChange), what: `was “${numberingChange.attrs["w:original"] ?? ""}”` })
  const markChange = childOf(childOf(pPr, "w:rPr"), "w:rPrChange")
  if (markChange) found.push({ kind: "formatting", ...saidBy(markChange), what: "paragraph mark" })
  return found
}

import { anchorCharacter } from "../../../shared/schema/block.ts"
import { cleaned } from "../characters.ts"
import { childOf, elementsIn, isElement, type XmlElement } from "../xml.ts"
import { aboutDraft } from "./parts.ts"
import { signOf, withSigns } from "./symbols.ts"

/** A revision as the file has it, literally. Times and names may be missing: some programs scrub them. */
export interface Revision {
  readonly kind: "insertion" | "deletion"
  readonly author: string | null
  readonly date: string | null
  /** The name of the move that it is one end of, or null. */
  readonly move: string | null
}

/** Text under one set of revisions, the outermost first. */
export interface Piece {
  readonly text: string
  readonly revisions: readonly Revision[]
  /** Ids of the comments that are about it. */
  readonly comments: readonly string[]
  /** The footnote ("f") or endnote ("e") that it calls, with its id. */
  readonly note: string | null
  readonly isItalic: boolean
}

/** A change of looks or of a list number: listed, and no change of text. */
export interface Formatting {
  readonly kind: "formatting" | "numbering"
  readonly author: string | null
  readonly date: string | null
  readonly what: string
}

export interface Paragraph {
  readonly kind: "paragraph"
  readonly pieces: readonly Piece[]
  readonly style: string | null
  readonly list: { readonly id: string | null; readonly level: number | null } | null
  readonly isRtl: boolean
  /** Revisions of the paragraph mark: its insertion splits, its deletion joins with the next. */
  readonly mark: readonly Revision[]
  readonly formatting: readonly Formatting[]
  /** Comments that begin or are referred to here: those without words of their own are about this paragraph. */
  readonly points: readonly string[]
  /** Words of text boxes, which stand beside the text. */
  readonly boxes: readonly string[]
}

export interface Table {
  readonly kind: "table"
  /** Rows of cells of paragraphs. A row that was inserted or deleted as a whole says so. */
  readonly rows: readonly { readonly cells: readonly (readonly Paragraph[])[]; readonly revisions: readonly Revision[] }[]
  readonly formatting: readonly Formatting[]
}

export type Item = Paragraph | Table

const authorOf = (element: XmlElement): { author: string | null; date: string | null } => ({
  author: element.attrs["w:author"] ?? null,
  date: element.attrs["w:date"] ?? null,
})

const isOn = (element: XmlElement | undefined): boolean =>
  element !== undefined && !["0", "false", "off", "none"].includes(element.attrs["w:val"] ?? "1")

/** Elements whose content counts as if they were not there. */
const transparent = new Set([
  "w:hyperlink",
  "w:sdt",
  "w:sdtContent",
  "w:smartTag",
  "w:customXml",
  "w:fldSimple",
  "w:dir",
  "w:bdo",
  "w:subDoc",
  "w:ruby",
  "w:rubyBase",
  "m:oMathPara",
  "m:oMath",
])

const kindOf: Readonly<Record<string, Revision["kind"]>> = {
  "w:ins": "insertion",
  "w:del": "deletion",
  "w:moveTo": "insertion",
  "w:moveFrom": "deletion",
}

const isMove = (name: string): boolean => name === "w:moveTo" || name === "w:moveFrom"

/** Of alternatives the one that every program can show; else the first. */
const alternativeOf = (element: XmlElement): XmlElement | undefined => childOf(element, "mc:Fallback") ?? childOf(element, "mc:Choice")

/** State that runs through a whole story: fields, comment ranges and moves may span paragraphs. */
class Story {
  /** Fields that are open, innermost last: whether their result has begun. */
  readonly fields: { isResult: boolean }[] = []
  readonly comments: string[] = []
  /** The bookmark that says that comments are on the whole draft, while it is open. */
  onDraft: string | null = null
  readonly moves: { readonly kind: Revision["kind"]; readonly id: string; readonly name: string }[] = []
}

/** Reads the paragraphs and tables of a body, a cell or a note. */
export function itemsOf(body: XmlElement): Item[] {
  return new Stories(new Story()).items(body, [])
}

class Stories {
  readonly #story: Story

  constructor(story: Story) {
    this.#story = story
  }

  /** `around`: revisions that hold a whole group of paragraphs. */
  items(element: XmlElement, around: readonly Revision[]): Item[] {
    const items: Item[] = []
    for (const child of elementsIn(element)) {
      const kind = kindOf[child.name]
      if (child.name === "w:p") items.push(this.#paragraph(child, around))
      else if (child.name === "w:tbl") items.push(this.#table(child, around))
      else if (kind !== undefined) items.push(...this.items(child, [...around, this.#revision(child, kind)]))
      else if (child.name === "mc:AlternateContent") {
        const chosen = alternativeOf(child)
        if (chosen) items.push(...this.items(chosen, around))
      } else if (transparent.has(child.name)) items.push(...this.items(child, around))
      else this.#range(child)
    }
    return items
  }

  #revision(element: XmlElement, kind: Revision["kind"]): Revision {
    const move = isMove(element.name) ? (this.#story.moves.findLast((other) => other.kind === kind)?.name ?? "") : null
    return { kind, ...authorOf(element), move }
  }

  /** Comment and move ranges open and close anywhere. Whether it was one. */
  #range(element: XmlElement): boolean {
    const { comments, moves } = this.#story
    const id = element.attrs["w:id"] ?? ""
    switch (element.name) {
      case "w:commentRangeStart":
        comments.push(id)
        return true
      case "w:commentRangeEnd":
        if (comments.includes(id)) comments.splice(comments.indexOf(id), 1)
        return true
      case "w:bookmarkStart":
        if (element.attrs["w:name"]?.startsWith(aboutDraft)) this.#story.onDraft = id
        return true
      case "w:bookmarkEnd":
        if (this.#story.onDraft === id) this.#story.onDraft = null
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
      default:
        return false
    }
  }

  #table(element: XmlElement, around: readonly Revision[]): Table {
    const formatting: Formatting[] = []
    const note = (change: XmlElement | undefined, what: string): void => {
      if (change) formatting.push({ kind: "formatting", ...authorOf(change), what })
    }
    note(childOf(childOf(element, "w:tblPr"), "w:tblPrChange"), "table")
    const rows = this.#inside(element, "w:tr").map((row) => {
      const trPr = childOf(row, "w:trPr")
      note(childOf(trPr, "w:trPrChange"), "table row")
      const revisions = ["w:ins", "w:del"].flatMap((name) => {
        const found = childOf(trPr, name)
        return found ? [this.#revision(found, kindOf[name]!)] : []
      })
      const cells = this.#inside(row, "w:tc").map((cell) => {
        const tcPr = childOf(cell, "w:tcPr")
        note(childOf(tcPr, "w:tcPrChange"), "table cell")
        for (const [name, what] of [
          ["w:cellIns", "cell inserted"],
          ["w:cellDel", "cell deleted"],
          ["w:cellMerge", "cells merged"],
        ] as const)
          note(childOf(tcPr, name), what)
        return this.items(cell, around).flatMap((item) => (item.kind === "table" ? paragraphsOf(item) : [item]))
      })
      return { cells, revisions: [...around, ...revisions] }
    })
    return { kind: "table", rows, formatting }
  }

  /** Rows of a table, cells of a row: a content control may stand around them. */
  #inside(element: XmlElement, name: string): XmlElement[] {
    return elementsIn(element).flatMap((child) => {
      if (child.name === name) return [child]
      if (transparent.has(child.name)) return this.#inside(child, name)
      this.#range(child)
      return []
    })
  }

  #paragraph(element: XmlElement, around: readonly Revision[]): Paragraph {
    const pPr = childOf(element, "w:pPr")
    const mark = childOf(pPr, "w:rPr")
    const numPr = childOf(pPr, "w:numPr")
    const level = childOf(numPr, "w:ilvl")?.attrs["w:val"]
    const text = new ParagraphReader(
      this.#story,
      (child) => this.#range(child),
      (child, kind) => this.#revision(child, kind),
    )
    text.read(element, around, false)
    const marks = elementsIn(mark ?? { name: "", attrs: {}, children: [] })
      .filter((child) => kindOf[child.name] !== undefined)
      .map((child) => this.#revision(child, kindOf[child.name]!))
    return {
      kind: "paragraph",
      pieces: text.pieces,
      style: childOf(pPr, "w:pStyle")?.attrs["w:val"] ?? null,
      list: numPr ? { id: childOf(numPr, "w:numId")?.attrs["w:val"] ?? null, level: level === undefined ? null : Number(level) } : null,
      isRtl: isOn(childOf(pPr, "w:bidi")),
      mark: [...around, ...marks],
      formatting: [...formattingOf(pPr), ...text.formatting],
      points: text.points,
      boxes: text.boxes,
    }
  }
}

const paragraphsOf = (table: Table): Paragraph[] => table.rows.flatMap((row) => row.cells.flat())

function formattingOf(pPr: XmlElement | undefined): Formatting[] {
  const found: Formatting[] = []
  const numPr = childOf(pPr, "w:numPr")
  const change = childOf(pPr, "w:pPrChange")
  if (change) {
    const before = childOf(childOf(childOf(change, "w:pPr"), "w:numPr"), "w:numId")?.attrs["w:val"] ?? null
    const now = childOf(numPr, "w:numId")?.attrs["w:val"] ?? null
    found.push({
      kind: before === now ? "formatting" : "numbering",
      ...authorOf(change),
      what: before === now ? "paragraph" : "list number",
    })
  }
  const inserted = childOf(numPr, "w:ins")
  if (inserted) found.push({ kind: "numbering", ...authorOf(inserted), what: "list number added" })
  const numberingChange = childOf(numPr, "w:numberingChange")
  if (numberingChange)
    found.push({ kind: "numbering", ...authorOf(numberingChange), what: `was “${numberingChange.attrs["w:original"] ?? ""}”` })
  const markChange = childOf(childOf(pPr, "w:rPr"), "w:rPrChange")
  if (markChange) found.push({ kind: "formatting", ...authorOf(markChange), what: "paragraph mark" })
  return found
}

/** Reads the runs of one paragraph. */
class ParagraphReader {
  readonly pieces: Piece[] = []
  readonly formatting: Formatting[] = []
  readonly points: string[] = []
  readonly boxes: string[] = []
  readonly #story: Story
  readonly #range: (element: XmlElement) => boolean
  readonly #revision: (element: XmlElement, kind: Revision["kind"]) => Revision
  constructor(story: Story, range: (element: XmlElement) => boolean, revision: (element: XmlElement, kind: Revision["kind"]) => Revision) {
    this.#story = story
    this.#range = range
    this.#revision = revision
  }

  read(element: XmlElement, revisions: readonly Revision[], isItalic: boolean): void {
    for (const child of element.children) {
      if (!isElement(child)) continue
      const { name } = child
      const kind = kindOf[name]
      if (kind !== undefined) this.read(child, [...revisions, this.#revision(child, kind)], isItalic)
      else if (name === "w:r" || name === "m:r") this.#run(child, revisions)
      else if (name === "mc:AlternateContent") {
        const chosen = alternativeOf(child)
        if (chosen) this.read(chosen, revisions, isItalic)
      } else if (transparent.has(name) || name.startsWith("m:")) this.read(child, revisions, isItalic)
      else if (name !== "w:pPr") {
        if (name === "w:commentRangeStart") this.#point(child.attrs["w:id"] ?? "")
        this.#range(child)
      }
    }
  }

  #run(run: XmlElement, revisions: readonly Revision[]): void {
    const rPr = childOf(run, "w:rPr")
    const change = childOf(rPr, "w:rPrChange")
    if (change) this.formatting.push({ kind: "formatting", ...authorOf(change), what: "characters" })
    const isItalic = isOn(childOf(rPr, "w:i"))
    const fonts = childOf(rPr, "w:rFonts")?.attrs
    const font = fonts?.["w:ascii"] ?? fonts?.["w:hAnsi"] ?? ""
    for (const child of run.children) if (isElement(child)) this.#inRun(child, revisions, isItalic, font)
  }

  #inRun(child: XmlElement, revisions: readonly Revision[], isItalic: boolean, font: string): void {
    const { fields } = this.#story
    switch (child.name) {
      case "w:t":
      case "w:delText":
      case "m:t":
        return this.#add(withSigns(child.children.filter((part) => !isElement(part)).join(""), font), revisions, isItalic)
      case "w:tab":
      case "w:ptab":
        return this.#add("\t", revisions, isItalic)
      case "w:br":
        return child.attrs["w:type"] === "page" || child.attrs["w:type"] === "column" ? undefined : this.#add(" ", revisions, isItalic)
      case "w:cr":
        return this.#add(" ", revisions, isItalic)
      case "w:noBreakHyphen":
        return this.#add("\u2011", revisions, isItalic)
      case "w:softHyphen":
        return this.#add("\u00ad", revisions, isItalic)
      case "w:sym":
        return this.#add(signOf(child.attrs["w:font"] ?? "", Number.parseInt(child.attrs["w:char"] ?? "", 16)), revisions, isItalic)
      case "w:footnoteReference":
        return this.#add(anchorCharacter, revisions, isItalic, `f${child.attrs["w:id"] ?? ""}`)
      case "w:endnoteReference":
        return this.#add(anchorCharacter, revisions, isItalic, `e${child.attrs["w:id"] ?? ""}`)
      case "w:commentReference": {
        const id = child.attrs["w:id"] ?? ""
        this.#point(id)
        return
      }
      case "w:fldChar":
        if (child.attrs["w:fldCharType"] === "begin") fields.push({ isResult: false })
        else if (child.attrs["w:fldCharType"] === "separate" && fields.length > 0) fields.at(-1)!.isResult = true
        else if (child.attrs["w:fldCharType"] === "end") fields.pop()
        return
      case "mc:AlternateContent": {
        const chosen = alternativeOf(child)
        for (const part of elementsIn(chosen ?? { name: "", attrs: {}, children: [] })) this.#inRun(part, revisions, isItalic, font)
        return
      }
      case "w:drawing":
      case "w:pict":
      case "w:object":
        return this.#boxesIn(child)
      default:
        this.#range(child)
    }
  }

  #point(comment: string): void {
    if (this.#story.onDraft === null && !this.points.includes(comment)) this.points.push(comment)
  }

  #boxesIn(element: XmlElement): void {
    for (const child of elementsIn(element)) {
      if (child.name !== "w:txbxContent") {
        this.#boxesIn(child)
        continue
      }
      const words = itemsOf(child)
        .flatMap((item) => (item.kind === "table" ? paragraphsOf(item) : [item]))
        .map((paragraph) => paragraph.pieces.map((piece) => piece.text).join(""))
        .filter((text) => text.trim() !== "")
      if (words.length > 0) this.boxes.push(words.join(" "))
    }
  }

  #add(raw: string, revisions: readonly Revision[], isItalic: boolean, note: string | null = null): void {
    const { fields, comments } = this.#story
    const text = note === null ? cleaned(raw.replace(/[\n\r\u2028\u2029]/g, " ")) : raw
    // Of a field its result is text, not its code.
    if (text === "" || fields.some((field) => !field.isResult)) return
    this.pieces.push({ text, revisions, comments: [...comments], note, isItalic })
  }
}

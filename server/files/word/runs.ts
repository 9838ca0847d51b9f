import { anchorCharacter } from "../../../shared/schema/block.ts"
import { cleaned } from "../characters.ts"
import { childOf, childrenOf, elementsIn, isElement, type XmlElement } from "../xml.ts"
import { saidBy } from "./attribution.ts"
import { type Carried, revisionOf } from "./carried.ts"
import { type Formatting, type Item, type Left, type LeftKind, type ParagraphMark, type Piece, paragraphsIn } from "./items.ts"
import type { Look, Looks } from "./looks.ts"
import { alternativeOf, isOn, revisionKindOf, spokenIn, transparent, within } from "./markup.ts"
import type { Revision } from "./revision.ts"
import { signOf, withSigns } from "./symbols.ts"

/** What a paragraph needs of the story that it stands in. */
export interface Surroundings {
  readonly looks: Looks
  /** Fields that are open, innermost last: whether their result has begun. */
  readonly fields: { isResult: boolean }[]
  /** Comments that are open. */
  readonly comments: readonly string[]
  /** Whether comments that are referred to are on the whole draft. */
  readonly isOnDraft: () => boolean
  readonly isIgnored: (sign: XmlElement) => boolean
  readonly isUnclosed: (sign: XmlElement) => boolean
  /** What a bookmark of ours means that begins here. */
  readonly carriedAt: (element: XmlElement) => Carried | null
  /** What one means that ends here. */
  readonly carriedUntil: (element: XmlElement) => Carried | null
  /** What those mean that are open. */
  readonly carried: () => readonly Carried[]
  /** Takes note of the beginning or end of a range; whether it was one. */
  readonly range: (element: XmlElement) => boolean
  readonly revision: (element: XmlElement, kind: Revision["kind"]) => Revision
  /** What stands in a text box, as a story of its own. */
  readonly boxed: (box: XmlElement) => Item[]
}

interface RunState {
  readonly revisions: readonly Revision[]
  readonly isItalic: boolean
  readonly font: string
  readonly look: Look
}

/** Reads the runs of one paragraph. */
export class RunReader {
  readonly pieces: Piece[] = []
  readonly formatting: Formatting[] = []
  readonly points: string[] = []
  readonly boxes: (readonly Item[])[] = []
  readonly left: Left[] = []
  readonly marks: ParagraphMark[] = []
  /** Whether what comes next begins with the space that a mark of ours tells of. */
  #isGap = false
  readonly #around: Surroundings
  readonly #style: string | null
  /** What was told of words last, and where they end, so that those of the next run can go on with them. */
  #told: { left: Left | undefined; end: number } = { left: undefined, end: 0 }

  constructor(around: Surroundings, style: string | null) {
    this.#around = around
    this.#style = style
  }

  read(element: XmlElement, revisions: readonly Revision[]): void {
    for (const child of elementsIn(element)) {
      const kind = revisionKindOf(child)
      if (kind !== undefined) this.read(child, [...revisions, this.#around.revision(child, kind)])
      else if (child.name === "w:r" || child.name === "m:r") this.#run(child, revisions)
      else if (child.name === "mc:AlternateContent") {
        const chosen = alternativeOf(child)
        if (chosen) this.read(chosen, revisions)
      } else if (child.name === "m:oMath") this.#formula(child, revisions)
      else if (child.name === "w:ruby") this.#ruby(child, revisions)
      else if (child.name === "w:subDoc") this.#leave("subdocument", "")
      else if (transparent.has(child.name) || child.name.startsWith("m:")) this.read(child, revisions)
      else if (child.name !== "w:pPr") {
        if (child.name === "w:commentRangeStart") this.#point(child.attrs["w:id"] ?? "")
        this.#mark(child)
        if (!this.#around.range(child)) this.#unknown(child)
      }
    }
  }

  #run(run: XmlElement, revisions: readonly Revision[]): void {
    const rPr = childOf(run, "w:rPr")
    const change = childOf(rPr, "w:rPrChange")
    if (change) this.formatting.push({ kind: "formatting", ...saidBy(change), what: "characters" })
    const fonts = childOf(rPr, "w:rFonts")?.attrs
    const state: RunState = {
      revisions: run.name === "m:r" ? [...revisions, ...this.#ofSigns(run)] : revisions,
      isItalic: isOn(childOf(rPr, "w:i")),
      font: fonts?.["w:ascii"] ?? fonts?.["w:hAnsi"] ?? "",
      look: this.#around.looks.of(rPr, this.#style),
    }
    const children = elementsIn(run).filter((child) => run.name !== "m:r" || revisionKindOf(child) === undefined)
    for (const child of children) this.#inRun(child, state)
    const call = children.findIndex(({ attrs }) => isTrue(attrs["w:customMarkFollows"]))
    if (call >= 0) this.#leave("noteSign", children.slice(call).map(spokenIn).join(""))
  }

  /** Signs of a formula are revised by a property of their run. */
  #ofSigns(run: XmlElement): Revision[] {
    return elementsIn(run).flatMap((child) => {
      const kind = revisionKindOf(child)
      return kind === undefined ? [] : [this.#around.revision(child, kind)]
    })
  }

  #inRun(child: XmlElement, state: RunState): void {
    switch (child.name) {
      case "w:t":
      case "w:delText":
      case "m:t":
        return this.#add(withSigns(child.children.filter((part) => !isElement(part)).join(""), state.font), state)
      case "w:tab":
      case "w:ptab":
        return this.#add("\t", state)
      case "w:br":
        return child.attrs["w:type"] === "page" || child.attrs["w:type"] === "column" ? undefined : this.#add(" ", state)
      case "w:cr":
        return this.#add(" ", state)
      case "w:noBreakHyphen":
        return this.#add("\u2011", state)
      case "w:softHyphen":
        return this.#add("\u00ad", state)
      case "w:sym":
        return this.#add(signOf(child.attrs["w:font"] ?? "", Number.parseInt(child.attrs["w:char"] ?? "", 16)), state)
      case "w:footnoteReference":
        return this.#add(anchorCharacter, state, `f${child.attrs["w:id"] ?? ""}`)
      case "w:endnoteReference":
        return this.#add(anchorCharacter, state, `e${child.attrs["w:id"] ?? ""}`)
      case "w:commentReference":
        return this.#point(child.attrs["w:id"] ?? "")
      case "w:fldChar":
        return this.#fieldSign(child)
      case "w:ruby":
        return this.#ruby(child, state.revisions)
      case "mc:AlternateContent":
        for (const part of elementsIn(alternativeOf(child) ?? child)) this.#inRun(part, state)
        return
      case "w:drawing":
      case "w:pict":
      case "w:object":
        return this.#drawn(child)
      default:
        if (!this.#around.range(child)) this.#unknown(child)
    }
  }

  #fieldSign(sign: XmlElement): void {
    const { fields, isIgnored, isUnclosed } = this.#around
    if (isIgnored(sign)) {
      if (isUnclosed(sign)) this.#leave("field", "")
      return
    }
    const kind = sign.attrs["w:fldCharType"]
    if (kind === "begin") fields.push({ isResult: false })
    else if (kind === "separate" && fields.length > 0) fields.at(-1)!.isResult = true
    else if (kind === "end") fields.pop()
  }

  /** Words with their reading above them: the words are text. */
  #ruby(ruby: XmlElement, revisions: readonly Revision[]): void {
    const from = this.pieces.length
    for (const base of childrenOf(ruby, "w:rubyBase")) this.read(base, revisions)
    const reading = childrenOf(ruby, "w:rt").map(spokenIn).join("")
    if (reading) this.#leave("ruby", reading, this.#wordsFrom(from))
  }

  #formula(formula: XmlElement, revisions: readonly Revision[]): void {
    const from = this.pieces.length
    this.read(formula, revisions)
    this.#leave("formula", this.#wordsFrom(from))
  }

  #wordsFrom(piece: number): string {
    return this.pieces
      .slice(piece)
      .map(({ text }) => text)
      .join("")
  }

  /** A bookmark of ours that begins or ends here. */
  #mark(element: XmlElement): void {
    const begins = this.#around.carriedAt(element)
    if (begins?.kind === "act" || begins?.kind === "place") this.marks.push({ name: element.attrs["w:name"] ?? "", carried: begins })
    if (begins?.kind === "gap") this.#isGap = true
    // Of a bookmark without words a program may put the beginning before a letter; its end stays.
    const ends = this.#around.carriedUntil(element)
    if (ends?.kind !== "put") return
    const text = cleaned(ends.text.replace(/[\n\r\t\u2028\u2029]/g, " "))
    if (text) this.pieces.push({ text, revisions: [revisionOf(ends)], comments: [...this.#around.comments], note: null, isItalic: false })
  }

  #point(comment: string): void {
    if (!this.#around.isOnDraft() && !this.points.includes(comment)) this.points.push(comment)
  }

  /** A picture, an object, a shape: its text boxes stand beside the text, the rest is left. */
  #drawn(element: XmlElement): void {
    const before = this.boxes.length
    this.#boxesIn(element)
    const object = within(element, "OLEObject")
    if (object) return this.#leave("object", object.attrs.ProgID ?? "")
    if (within(element, "chart") || within(element, "relIds")) return this.#leave("chart", altOf(element))
    if (within(element, "pic") || within(element, "imagedata")) return this.#leave("picture", altOf(element))
    if (this.boxes.length > before) return
    const words = [spokenIn(element), within(element, "textpath")?.attrs.string ?? ""].filter(Boolean).join(" ")
    this.#leave("drawing", words || altOf(element))
  }

  #boxesIn(element: XmlElement): void {
    for (const child of elementsIn(element)) {
      if (child.name === "mc:AlternateContent") this.#boxesIn(alternativeOf(child) ?? child)
      else if (child.name !== "w:txbxContent") this.#boxesIn(child)
      else {
        const items = this.#around.boxed(child)
        for (const { points } of paragraphsIn(items)) for (const comment of points) this.#point(comment)
        this.boxes.push(items)
      }
    }
  }

  #unknown(element: XmlElement): void {
    const words = spokenIn(element)
    if (words) this.#leave("unknown", words, element.name.replace("?:", ""))
  }

  #leave(kind: LeftKind, words: string, about = ""): void {
    this.left.push({ kind, words, about })
  }

  /** Words of a kind that go on from run to run are told together. */
  #tell(kind: LeftKind, words: string): void {
    const { left } = this
    const last = left.at(-1)
    if (last && last === this.#told.left && this.#told.end === this.pieces.length && last.kind === kind)
      left[left.length - 1] = { ...last, words: last.words + words }
    else if (words.trim() !== "") this.#leave(kind, words)
    else return
    this.#told = { left: left.at(-1), end: this.pieces.length + 1 }
  }

  #add(raw: string, { revisions: own, isItalic, look }: RunState, note: string | null = null): void {
    const { fields, comments } = this.#around
    const carried = this.#around.carried()
    const strikes = carried.flatMap((one) => (one.kind === "strike" ? [revisionOf(one)] : []))
    const isOwn = (strike: Revision): boolean =>
      own.some(({ kind, author, move }) => kind === "deletion" && author === strike.author && move === strike.move)
    const revisions = [...own, ...strikes.filter((strike) => !isOwn(strike))]
    const isGap = this.#isGap && own.some(({ kind }) => kind === "insertion")
    this.#isGap = false
    // What parts the words of two sources is nobody's while they are open; who accepted it has a space there.
    const text = note === null ? cleaned(raw.replace(/[\n\r\u2028\u2029]/g, " ")).replace(isGap ? /^ / : "", "") : raw
    if (text === "") return
    // Of a field its result is text, not its code.
    if (fields.some((field) => !field.isResult)) {
      if (text.trim() !== "") this.#leave("code", text)
      return
    }
    if (!revisions.some((revision) => revision.kind === "deletion")) {
      if (look.isStruck) this.#tell("struck", text)
      else if (look.isHidden) this.#tell("hidden", text)
      else if (look.isUnderlined) this.#tell("underlined", text)
    }
    this.pieces.push({ text, revisions, comments: [...comments], note, isItalic })
  }
}

const isTrue = (value: string | undefined): boolean => value !== undefined && !["0", "false", "off"].includes(value)

/** What a picture is said to show. */
const altOf = (element: XmlElement): string => within(element, "docPr")?.attrs.descr ?? ""

// Akoma Ntoso, ours and others': the structure of a text becomes blocks in their order. Of others' files much is not what it seems: white space is layout, numbers
// stand among the words, and nothing says whose a change is.
import { partOfHead } from "../../../shared/clauses/heads.ts"
import { labelIn } from "../../../shared/clauses/label-forms.ts"
import type { BlockType } from "../../../shared/schema/block.ts"
import { shortened } from "../../../shared/schema/letters.ts"
import { DomainError } from "../../problems.ts"
import { demandOwn } from "../border.ts"
import { cleaned, shown } from "../characters.ts"
import type { CoverField, FileBlock, FileDraft, FileNote, FileWarning } from "../file-draft.ts"
import { glued } from "../flattened.ts"
import { oddLabels, withLabels } from "../labelled.ts"
import { type LibraryText, libraryTextOf } from "../library-text.ts"
import { isRightToLeft } from "../recognize.ts"
import { childOf, childrenOf, elementsIn, parseXml, wordsOf, type XmlElement } from "../xml.ts"
import { changesIn, marginNotesIn } from "./foreign-marks.ts"
import { classesOf, levelOf, strangeClass, typeOf } from "./kinds.ts"
import { aknPrefixes } from "./names.ts"
import { ownDraft, type Range, strayIn } from "./own.ts"
import { squeezed, TextReader, wordsLeft } from "./words.ts"

/** A longer number is none. */
const longestLabel = 40

const documents = ["a:statement", "a:act", "a:bill", "a:doc", "a:debateReport", "a:amendment"]

/** The texts of a file: one, or all of a collection. Throws a DomainError that says what is wrong. */
export function readAkn(source: Uint8Array | string, name = "The file"): LibraryText[] {
  const root = parseXml(source, aknPrefixes, name)
  if (root.name !== "a:akomaNtoso")
    throw new DomainError(
      "unsupported",
      `${name} is XML, but not Akoma Ntoso 3.0: its root is <${root.name.replace(/^\w+:|^\?:/, "")}>. Save the text as a Word document (.docx) or as plain text and send that.`,
    )
  const texts = documentsIn(root)
  if (texts.length === 0)
    throw new DomainError("unsupported", `${name} is Akoma Ntoso, but holds no resolution, decision or other text with a body.`)
  return texts.map((text) => new Reader(text, name).read())
}

function documentsIn(element: XmlElement): XmlElement[] {
  return elementsIn(element).flatMap((child) => (documents.includes(child.name) ? [child] : documentsIn(child)))
}

class Reader {
  readonly #root: XmlElement
  readonly #blocks: FileBlock[] = []
  readonly #notes: FileNote[] = []
  readonly #ranges: Range[] = []
  readonly #warnings: FileWarning[] = []
  /** Blocks, by their place, that stand deeper than a draft goes. */
  readonly #tooDeep = new Set<number>()
  /** What a block of our own file says of itself that is none: it would be read as something else. */
  #flaw: string | null = null
  /** Blocks by the margin note that is called in them. */
  readonly #calls = new Map<string, string>()
  readonly #own: XmlElement | undefined
  readonly #name: string

  constructor(root: XmlElement, name: string) {
    this.#root = root
    this.#name = name
    this.#own = childrenOf(childOf(root, "a:meta"), "a:proprietary").find((part) => childOf(part, "c:draft"))
  }

  read(): LibraryText {
    this.#preface(childOf(this.#root, "a:preface"))
    this.#preamble(childOf(this.#root, "a:preamble"))
    const body = childOf(this.#root, "a:mainBody") ?? childOf(this.#root, "a:body")
    if (body) this.#body(elementsIn(body), 1)
    for (const more of ["a:conclusions", "a:attachments"]) {
      const part = childOf(this.#root, more)
      if (part && wordsOf(part).trim())
        this.#warnings.push({
          code: "AKN",
          message: `The ${more.slice(2)} of the file were left out: ${shortened(wordsOf(part).trim().replace(/\s+/g, " "), 120)}`,
        })
    }
    return libraryTextOf(this.#draft())
  }

  #draft(): FileDraft {
    if (this.#blocks.length === 0) this.#blocks.push({ id: "b1", type: "paragraph", text: "" })
    if (this.#own) return this.#ownDraft(this.#own)
    const texts = new Map([...this.#blocks, ...this.#notes].map((block) => [block.id, block.text]))
    const changes = changesIn(this.#ranges, texts)
    const blocks = withLabels(this.#blocks, "itu", changes)
    for (const [i, { id }] of blocks.entries())
      if (this.#tooDeep.has(i))
        this.#warnings.push({
          code: "LEVEL",
          block: id,
          message: "This stands deeper than four levels in the file: it stands on the fourth.",
        })
    for (const block of blocks)
      for (const message of glued(this.#textLeft(block))) this.#warnings.push({ code: "FLAT", block: block.id, message })
    this.#warnings.push(...oddLabels(blocks))
    return {
      profile: "itu",
      cover: this.#cover(),
      blocks,
      changes,
      comments: marginNotesIn(this.#root, this.#calls),
      notes: this.#notes,
      debris: [],
      warnings: this.#warnings,
    }
  }

  #ownDraft(own: XmlElement): FileDraft {
    const parts = { blocks: this.#blocks, notes: this.#notes, ranges: this.#ranges }
    const flaw = this.#flaw ?? strayIn(own, this.#ranges, this.#blocks)
    if (flaw !== null) throw new DomainError("bad-input", `${this.#name} does not fit together: ${flaw}.`)
    const draft = demandOwn(ownDraft(own, parts), this.#name, "Akoma Ntoso of this product")
    return { ...draft, warnings: [...draft.warnings, ...this.#warnings] }
  }

  /** A block's words without those that are struck. */
  #textLeft({ id, text }: FileBlock): string {
    const struck = this.#ranges.filter((range) => range.block === id && range.name === "deletion")
    return struck.toSorted((a, b) => b.from - a.from).reduce((rest, { from, to }) => rest.slice(0, from) + rest.slice(to), text)
  }

  #cover(): CoverField[] {
    return childrenOf(childOf(this.#root, "a:preface"), "a:container")
      .filter((container) => container.attrs.name === "cover")
      .flatMap((container) => childrenOf(container, "a:p"))
      .map((line) => ({ field: null, text: squeezed(cleaned(wordsOf(line))) }))
  }

  #preface(preface: XmlElement | undefined): void {
    for (const child of elementsIn(preface ?? empty)) {
      if (child.name === "a:longTitle") this.#block(child, "designation", childrenOf(child, "a:p"))
      else if (child.name === "a:container" && child.attrs.name !== "cover") this.#block(child, "title", childrenOf(child, "a:p"))
      else if (child.name === "a:p") this.#block(child, "title", [child])
    }
  }

  #preamble(preamble: XmlElement | undefined): void {
    for (const child of elementsIn(preamble ?? empty)) {
      if (child.name === "a:formula") this.#block(child, "formula", childrenOf(child, "a:p"))
      else if (child.name === "a:recitals" || child.name === "a:citations") this.#section(child, "preamble")
      else if (child.name === "a:container") this.#container(child)
      else if (child.name === "a:p") this.#block(child, "paragraph", [child])
    }
  }

  /** A block outside all sections; a clause with a number is the one item of a list. */
  #container(container: XmlElement): void {
    const item = this.#own && childOf(childOf(container, "a:blockList"), "a:item")
    const num = childOf(item || undefined, "a:num")
    const lines = item ? elementsIn(item).filter((child) => child !== num) : [container]
    this.#block(container, typeOf(container) ?? "paragraph", lines, { ...levelOf(container), ...(num ? this.#labelsIn(num) : null) })
  }

  /** A head with its clauses. */
  #section(section: XmlElement, part: "preamble" | "operative"): void {
    const head = childOf(section, "a:heading") ?? childOf(section, "a:intro")
    const type = typeOf(section) ?? (section.attrs.name === "annex" ? "heading" : "head")
    if (head) {
      const text = squeezed(wordsOf(head))
      const own = type === "head" ? { part: this.#own ? part : (partOfHead(text) ?? part) } : {}
      this.#block(section, type, [head], own)
    }
    this.#body(
      elementsIn(section).filter((child) => child !== head),
      1,
    )
  }

  #body(elements: readonly XmlElement[], level: number): void {
    for (const child of elements) {
      switch (child.name) {
        case "a:hcontainer":
        case "a:section":
        case "a:chapter":
        case "a:article":
        case "a:part":
          this.#section(child, child.attrs.name === "preambularSection" ? "preamble" : "operative")
          break
        case "a:recital":
        case "a:citation":
        case "a:paragraph":
        case "a:subparagraph":
        case "a:point":
        case "a:indent":
        case "a:item":
        case "a:alinea":
          this.#clause(child, level)
          break
        case "a:list":
        case "a:blockList":
        case "a:content":
        case "a:wrapUp":
          this.#body(elementsIn(child), level)
          break
        case "a:p":
        case "a:block":
        case "a:tblock":
          if (wordsOf(child).trim()) this.#block(child, "paragraph", [child])
          break
        case "a:table":
          this.#block(child, "table", [child])
          break
        default:
          this.#leave(child)
      }
    }
  }

  /** What has no place in a draft, told with its words. */
  #leave(element: XmlElement): void {
    const words = squeezed(cleaned(wordsOf(element)))
    if (!words || this.#own) return
    const block = this.#blocks.at(-1)?.id
    const name = element.name.replace(/^\?:|^a:/, "")
    this.#warnings.push({
      code: "AKN",
      ...(block === undefined ? {} : { block }),
      message: `The element <${name}> was left out: ${shown(words)}.`,
    })
  }

  /** A clause: its number, its words, and what stands below it. */
  #clause(element: XmlElement, level: number): void {
    const classes = classesOf(element)
    if (classes.includes("empty")) return
    const list = childOf(element, "a:list")
    const content = childOf(element, "a:content") ?? childOf(element, "a:intro") ?? (list ? childOf(list, "a:intro") : undefined) ?? element
    const [first, ...more] = elementsIn(content).filter(
      (child) => child.name === "a:p" || child.name === "a:block" || child.name === "a:table",
    )
    const type = typeOf(element) ?? "clause"
    const at = levelOf(element).level ?? Math.min(4, level)
    if (level > 4 && !this.#own) this.#tooDeep.add(this.#blocks.length)
    const num = childOf(element, "a:num")
    const labels = num ? this.#labelsIn(num) : null
    if (first || labels) this.#block(element, type, first ? [first] : [], type === "clause" ? { level: at, ...labels } : {})
    for (const line of more) this.#body([line], level)
    for (const child of elementsIn(element)) {
      if (child === content || child === num || child === first || more.includes(child)) continue
      const below = child === list ? elementsIn(list).filter((part) => part !== content) : [child]
      this.#body(below, at + 1)
    }
    if (content !== element && content !== childOf(list ?? empty, "a:intro"))
      this.#body(
        elementsIn(content).filter((child) => child.name === "a:blockList" || child.name === "a:list"),
        at + 1,
      )
  }

  /** The number of a clause; where words of it are struck or put in, what it was. */
  #labelsIn(num: XmlElement): Pick<FileBlock, "importedLabel" | "renumbered"> | null {
    const [was, now] = ["a:ins", "a:del"].map((without) => {
      const words = wordsLeft(num, without)
      return this.#own ? words : squeezed(cleaned(words))
    }) as [string, string]
    if (!was && !now) return null
    if (!this.#own && Math.max(was.length, now.length) > longestLabel) {
      this.#leave(num)
      return null
    }
    const renumbered = was === now ? {} : { renumbered: { was, source: null, enteredBy: null, date: null } }
    return { importedLabel: now, ...renumbered }
  }

  #block(
    element: XmlElement,
    type: BlockType,
    lines: readonly XmlElement[],
    attrs: Pick<FileBlock, "part" | "level" | "importedLabel" | "renumbered"> = {},
  ): void {
    const id = element.attrs.wId && this.#own ? element.attrs.wId : `b${this.#blocks.length + 1}`
    if (this.#own) this.#flaw ??= strangeClass(element, id)
    const text = new TextReader(id, this.#own !== undefined, this.#notes, this.#ranges)
    lines.forEach((line, i) => {
      if (i > 0) text.add(" ", [])
      text.read(line, [])
    })
    for (const { note } of text.calls) this.#calls.set(note, id)
    let words = this.#own ? text.text : text.text.trim()
    let { importedLabel } = attrs
    // Some converters leave the number in the words.
    const typed = type === "clause" && importedLabel === undefined && !this.#own ? labelIn(words) : null
    if (typed) {
      importedLabel = typed.literal
      words = typed.rest
    }
    if (!words && type !== "head" && importedLabel === undefined && !this.#own) return
    const isRtl = this.#own ? classesOf(element).includes("rtl") : isRightToLeft(words)
    this.#blocks.push({
      id,
      type,
      ...(attrs.part === undefined ? {} : { part: attrs.part }),
      ...(attrs.level === undefined ? {} : { level: attrs.level }),
      ...(importedLabel === undefined ? {} : { importedLabel }),
      ...(attrs.renumbered === undefined ? {} : { renumbered: attrs.renumbered }),
      ...(isRtl ? { dir: "rtl" as const } : {}),
      text: words,
    })
  }
}

const empty: XmlElement = { name: "", attrs: {}, children: [] }

// The words of an element of Akoma Ntoso, and where in them something is put in, struck or commented.
import { anchorCharacter, cellSeparator, rowSeparator, splitCharacter } from "../../../shared/schema/block.ts"
import { cleaned } from "../characters.ts"
import type { FileNote } from "../file-draft.ts"
import { childrenOf, elementsIn, isElement, type XmlElement, type XmlNode } from "../xml.ts"
import { classesOf } from "./kinds.ts"
import type { Range } from "./own.ts"

/** White space is layout: one blank for many. */
export const squeezed = (text: string): string => text.replace(/\s+/g, " ").trim()

/** The words of a number without those in elements of a name: a tracked number is a renumbering. */
export const wordsLeft = (node: XmlNode, without: string): string =>
  isElement(node) ? (node.name === without ? "" : node.children.map((child) => wordsLeft(child, without)).join("")) : node

type Around = Pick<Range, "name" | "id">

/** What stands around words, a mark more; one that stands in another of its change is none. */
const under = (around: readonly Around[], mark: Around): readonly Around[] =>
  around.some(({ name, id }) => name === mark.name && id === mark.id) ? around : [...around, mark]

/** Reads the words of a block with the ranges of its ins, del and comments. In files that are not ours white space is layout. */
export class TextReader {
  text = ""
  /** Where margin notes of `meta` are called. */
  readonly calls: { readonly note: string; readonly at: number }[] = []
  readonly #block: string
  readonly #isOwn: boolean
  readonly #notes: FileNote[]
  readonly #ranges: Range[]

  constructor(block: string, isOwn: boolean, notes: FileNote[], ranges: Range[]) {
    this.#block = block
    this.#isOwn = isOwn
    this.#notes = notes
    this.#ranges = ranges
  }

  add(words: string, around: readonly Pick<Range, "name" | "id">[]): void {
    let text = words
    if (!this.#isOwn) {
      text = words.replace(/\s+/g, " ")
      if (text.startsWith(" ") && (this.text === "" || this.text.endsWith(" "))) text = text.slice(1)
    }
    if (!text) return
    const from = this.text.length
    this.text += text
    for (const { name, id } of around) {
      const last = this.#ranges.findLast((range) => range.name === name && range.id === id && range.block === this.#block)
      if (last?.to === from) last.to = this.text.length
      else this.#ranges.push({ name, id, block: this.#block, from, to: this.text.length })
    }
  }

  read(node: XmlNode, around: readonly Pick<Range, "name" | "id">[]): void {
    if (!isElement(node)) return this.add(cleaned(node.replace(/[\u2028\u2029]/g, " ")), around)
    const [id = `x${this.#ranges.length}`] = classesOf(node)
    switch (node.name) {
      case "a:ins":
        return this.#children(node, under(around, { name: "insertion", id }))
      case "a:del":
        return this.#children(node, under(around, { name: "deletion", id }))
      case "a:inline":
        return this.#children(node, node.attrs.name === "comment" ? under(around, { name: "comment", id }) : around)
      case "a:eol":
        return this.add(classesOf(node).includes("split") ? splitCharacter : " ", around)
      case "a:authorialNote":
        return this.#note(node, around)
      case "a:table": {
        const rows = childrenOf(node, "a:tr")
        rows.forEach((row, i) => {
          if (i > 0) this.add(rowSeparator, around)
          elementsIn(row).forEach((cell, n) => {
            if (n > 0) this.add(cellSeparator, around)
            this.#children(cell, around)
          })
        })
        return
      }
      case "a:noteRef":
        this.calls.push({ note: (node.attrs.href ?? "").replace(/^#/, ""), at: this.text.length })
        return
      case "a:blockList":
      case "a:list":
        return
      default:
        return this.#children(node, around)
    }
  }

  #children(element: XmlElement, around: readonly Pick<Range, "name" | "id">[]): void {
    for (const child of element.children) this.read(child, around)
  }

  #note(element: XmlElement, around: readonly Pick<Range, "name" | "id">[]): void {
    const at = this.text.length
    this.add(anchorCharacter, around)
    const id = this.#isOwn && element.attrs.wId ? element.attrs.wId : `f${this.#notes.length + 1}`
    const words = new TextReader(id, this.#isOwn, this.#notes, this.#ranges)
    words.#children(element, [])
    this.#notes.push({
      id,
      label: element.attrs.marker ?? String(this.#notes.length + 1),
      text: this.#isOwn ? words.text : words.text.trim(),
      block: this.#block,
      at,
    })
  }
}

// A draft as Akoma Ntoso: the structure of the text. Which element a block becomes hangs on where it stands: the standard has one order of elements for a
// preamble and another for a body, and neither knows clauses as we do.
import { workingTextOf } from "../../../shared/changes/projections.ts"
import { type Block, isPresent, textOf } from "../../../shared/schema/block.ts"
import { aknNamespace } from "../../files/akn/names.ts"
import type { FileDraft } from "../../files/file-draft.ts"
import { escaped, tag } from "../../files/markup.ts"
import { fileDraftOf } from "../file-draft-of.ts"
import { type LabelChange, labelsOfView } from "../paper-labels.ts"
import { type PaperView, type Printable, showsChanges } from "../printable.ts"
import { blocksOfView } from "../view-blocks.ts"
import { metaMarkup, slug } from "./meta.ts"
import { classesOf, WordsWriter } from "./words.ts"

/** Identifiers within the document: each once, in the manner of the naming convention. */
class Ids {
  readonly #counts = new Map<string, number>()
  next(parent: string, kind: string): string {
    const key = `${parent}/${kind}`
    const n = (this.#counts.get(key) ?? 0) + 1
    this.#counts.set(key, n)
    return parent ? `${parent}__${kind}_${n}` : `${kind}_${n}`
  }
}

class Writer {
  readonly #blocks: readonly Block[]
  readonly #file: FileDraft
  readonly #labels: ReadonlyMap<string, string>
  readonly #renumbered: ReadonlyMap<string, LabelChange>
  readonly #words: WordsWriter
  readonly #ids = new Ids()
  readonly #isMarked: boolean
  readonly #named: readonly Block[]

  constructor(draft: Printable, view: PaperView) {
    const blocks = blocksOfView(draft, view)
    this.#file = fileDraftOf(draft, view)
    this.#isMarked = showsChanges(view)
    this.#named = this.#isMarked || view === "rolling" ? workingTextOf(draft.blocks.filter(isPresent)) : blocks
    this.#blocks = blocks.filter((block) => block.type !== "note")
    const { labels, renumbered } = labelsOfView(draft, view, blocks)
    this.#labels = labels
    this.#renumbered = renumbered
    const bodies = blocks.filter((block) => block.type === "note")
    this.#words = new WordsWriter(new Map(bodies.map((block, i) => [block.noteId ?? "", { block, number: i + 1 }])), this.#isMarked)
  }

  document(draft: Printable): string {
    const { body, preamble, preface } = this.#parts()
    const designation = this.#wordsOf("designation")
    const title = this.#wordsOf("title")
    const content = `${metaMarkup(draft, this.#file, { designation, title })}${preface}${preamble}${body}`
    return `<?xml version="1.0" encoding="UTF-8"?>\n${tag("akomaNtoso", { xmlns: aknNamespace }, tag("statement", { name: "resolution", contains: this.#isMarked ? "multipleVersions" : "originalVersion" }, content))}\n`
  }

  /** The words that name the text: where the view shows what is proposed in them, as they are agreed. */
  #wordsOf(type: Block["type"]): string {
    return this.#named
      .filter((block) => block.type === type)
      .map(textOf)
      .join(" ")
  }

  #parts(): { preface: string; preamble: string; body: string } {
    const blocks = this.#blocks
    const isOpening = (block: Block): boolean => block.type === "designation" || block.type === "title"
    let at = 0
    while (at < blocks.length && isOpening(blocks[at]!)) at++
    const opening = blocks.slice(0, at)
    const firstHead = blocks.findIndex((block) => block.type === "head")
    const operative = blocks.findIndex(
      (block, i) => i >= at && (block.type === "heading" || (block.type === "head" && block.part === "operative")),
    )
    const end = operative < 0 ? (firstHead < 0 ? at : blocks.length) : operative
    const cover = this.#file.cover
      .map(({ text, field }) => tag("p", { class: field === null ? null : slug(field) || "field" }, escaped(text)))
      .join("")
    const preface = [
      cover ? tag("container", { name: "cover", eId: this.#ids.next("", "container") }, cover) : "",
      ...opening.map((block) =>
        block.type === "designation"
          ? tag(
              "longTitle",
              { eId: this.#ids.next("", "longTitle"), wId: block.id, class: classesOf(block) },
              tag("p", {}, this.#designation(block)),
            )
          : tag(
              "container",
              { name: "title", eId: this.#ids.next("", "container"), wId: block.id, class: classesOf(block) },
              tag("p", {}, this.#words.inline(block)),
            ),
      ),
    ].join("")
    const preamble = this.#preamble(blocks.slice(at, end))
    const body = this.#body(blocks.slice(end))
    return {
      preface: preface ? tag("preface", {}, preface) : "",
      preamble: preamble ? tag("preamble", {}, preamble) : "",
      body: tag("mainBody", { eId: "body" }, body || tag("p", {}, "")),
    }
  }

  /** "RESOLUTION 67 (Rev. ...)": its type and number are named where nothing in it is proposed. */
  #designation(block: Block): string {
    const text = block.runs.map((run) => run.text).join("")
    const match = /^(\p{L}+(?: \p{L}+)*?) (\d[\w.-]*)(.*)$/su.exec(text)
    if (!match || block.runs.some((run) => run.marks.length > 0)) return this.#words.inline(block)
    return `${tag("docType", {}, escaped(match[1]!))} ${tag("docNumber", {}, escaped(match[2]!))}${escaped(match[3]!)}`
  }

  #preamble(blocks: readonly Block[]): string {
    let markup = ""
    let section: { head: Block; inner: string; eId: string } | null = null
    const close = (): void => {
      if (section) {
        const { head, inner, eId } = section
        // A head needs a recital to stand over.
        markup += tag(
          "recitals",
          { eId, wId: head.id, class: classesOf(head) },
          `${tag("heading", {}, this.#words.inline(head))}${inner || tag("recital", { eId: this.#ids.next(eId, "rec"), class: "empty" }, tag("p", {}, ""))}`,
        )
      }
      section = null
    }
    for (let i = 0; i < blocks.length; i++) {
      const block = blocks[i]!
      if (block.type === "head") {
        close()
        section = { head: block, inner: "", eId: this.#ids.next("", "recs") }
      } else if (section) {
        const group = this.#family(blocks, i)
        const current = section as { inner: string; eId: string }
        current.inner += this.#recital(group, current.eId)
        i += group.length - 1
      } else if (block.type === "formula")
        markup += tag(
          "formula",
          { name: "enactingFormula", eId: this.#ids.next("", "formula"), wId: block.id, class: classesOf(block) },
          tag("p", {}, this.#words.inline(block)),
        )
      else
        markup += tag(
          "container",
          { name: block.type, eId: this.#ids.next("", "container"), wId: block.id, class: classesOf(block) },
          this.#contained(block),
        )
    }
    close()
    return markup
  }

  /** A block outside all sections; the number of a clause needs a list to stand in. */
  #contained(block: Block): string {
    const num = this.#num(block)
    return num ? tag("blockList", {}, tag("item", {}, num + this.#words.content(block))) : this.#words.content(block)
  }

  /** A clause with what stands below it. */
  #family(blocks: readonly Block[], from: number): Block[] {
    const first = blocks[from]!
    let to = from + 1
    while (first.type === "clause" && blocks[to]?.type === "clause" && blocks[to]!.level > first.level) to++
    return blocks.slice(from, to)
  }

  #recital([first, ...below]: readonly Block[], parent: string): string {
    const block = first!
    const eId = this.#ids.next(parent, "rec")
    return tag(
      "recital",
      { eId, wId: block.id, class: classesOf(block) },
      `${this.#num(block)}${this.#words.content(block)}${this.#blockList(below, eId)}`,
    )
  }

  /** Sub-clauses of a recital: a list of blocks, for a recital knows no hierarchy. */
  #blockList(blocks: readonly Block[], parent: string): string {
    if (blocks.length === 0) return ""
    const eId = this.#ids.next(parent, "list")
    let items = ""
    for (let i = 0; i < blocks.length; ) {
      const [block, ...below] = this.#family(blocks, i)
      const item = this.#ids.next(eId, "item")
      items += tag(
        "item",
        { eId: item, wId: block!.id, class: classesOf(block!) },
        `${this.#num(block!)}${this.#words.content(block!)}${this.#blockList(below, item)}`,
      )
      i += 1 + below.length
    }
    return tag("blockList", { eId }, items)
  }

  #body(blocks: readonly Block[]): string {
    let markup = ""
    let section: { head: Block; inner: string; eId: string } | null = null
    const close = (): void => {
      if (section) {
        const { head, inner, eId } = section
        const name = head.type === "head" ? (head.part === "operative" ? "operativeSection" : "preambularSection") : "annex"
        const rest = inner || tag("paragraph", { eId: this.#ids.next(eId, "para"), class: "empty" }, tag("content", {}, tag("p", {}, "")))
        markup += tag(
          "hcontainer",
          { name, eId, wId: head.id, class: classesOf(head) },
          `${tag("heading", {}, this.#words.inline(head))}${rest}`,
        )
      }
      section = null
    }
    for (let i = 0; i < blocks.length; ) {
      const block = blocks[i]!
      if (block.type === "head" || block.type === "heading") {
        close()
        section = { head: block, inner: "", eId: this.#ids.next("", "hcont") }
        i++
        continue
      }
      const group = this.#family(blocks, i)
      const current = section as { inner: string; eId: string } | null
      const paragraph = this.#hierarchy(group, current?.eId ?? "body", "paragraph")
      if (current) current.inner += paragraph
      else markup += paragraph
      i += group.length
    }
    close()
    return markup
  }

  #hierarchy([first, ...below]: readonly Block[], parent: string, name: "paragraph" | "point"): string {
    const block = first!
    const eId = this.#ids.next(parent, name === "paragraph" ? "para" : "point")
    const attrs = { eId, wId: block.id, class: classesOf(block) }
    if (below.length === 0) return tag(name, attrs, `${this.#num(block)}${tag("content", {}, this.#words.content(block))}`)
    const list = this.#ids.next(eId, "list")
    let points = ""
    for (let i = 0; i < below.length; ) {
      const group = this.#family(below, i)
      points += this.#hierarchy(group, list, "point")
      i += group.length
    }
    return tag(name, attrs, `${this.#num(block)}${tag("list", { eId: list }, `${tag("intro", {}, this.#words.content(block))}${points}`)}`)
  }

  #num(block: Block): string {
    const label = this.#labels.get(block.id)
    const by = this.#renumbered.get(block.id)
    if (block.type !== "clause" || !(label || by)) return ""
    if (!by) return tag("num", {}, escaped(label ?? ""))
    const part = (name: "del" | "ins", words: string): string => (words ? tag(name, { class: by.id }, escaped(words)) : "")
    return tag("num", {}, part("del", by.was) + part("ins", label ?? ""))
  }
}

/**
 * A draft as Akoma Ntoso 3.0, in the manner of AKN4UN: heads as `recitals` and `hcontainer`, clauses as `recital`, `paragraph`, `point`; open changes
 * as `ins` and `del`, whose change and source are told in `meta`, for the standard has no place for them there.
 */
export const writeAkn = (draft: Printable, view: PaperView): string => new Writer(draft, view).document(draft)

import { countsOn } from "../../shared/changes/changes.ts"
import { workingTextOf } from "../../shared/changes/projections.ts"
import {
  anchorCharacter,
  type Block,
  cellSeparator,
  defaultAttrs,
  isPresent,
  type Mark,
  type Run,
  rowSeparator,
  splitCharacter,
  textOf,
} from "../../shared/schema/block.ts"
import { isApart } from "../../shared/schema/structure.ts"
import { aknNamespace, classOfLevel, ownNamespace } from "../files/akn/names.ts"
import type { FileForce } from "../files/file-draft.ts"
import { escaped, tag } from "../files/markup.ts"
import { fileDraftOf } from "./file-draft-of.ts"
import { type LabelChange, labelsOfView } from "./paper-labels.ts"
import type { PaperView, Printable } from "./printable.ts"
import { blocksOfView } from "./view-blocks.ts"

const slug = (text: string): string =>
  text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 60)

/** What the writer needs of the draft's JSON: it is the same that `import` gives. */
type Json = ReturnType<typeof fileDraftOf>

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
  readonly #json: Json
  readonly #labels: ReadonlyMap<string, string>
  readonly #renumbered: ReadonlyMap<string, LabelChange>
  readonly #notes: ReadonlyMap<string, { block: Block; number: number }>
  readonly #ids = new Ids()
  readonly #isMarked: boolean
  readonly #named: readonly Block[]

  constructor(draft: Printable, view: PaperView) {
    const blocks = blocksOfView(draft, view)
    this.#json = fileDraftOf(draft, view)
    this.#isMarked = view === "open" || view === "against"
    this.#named = this.#isMarked || view === "rolling" ? workingTextOf(draft.blocks.filter(isPresent)) : blocks
    this.#blocks = blocks.filter((block) => block.type !== "note")
    const { labels, renumbered } = labelsOfView(draft, view, blocks)
    this.#labels = labels
    this.#renumbered = renumbered
    const bodies = blocks.filter((block) => block.type === "note")
    this.#notes = new Map(bodies.map((block, i) => [block.noteId ?? "", { block, number: i + 1 }]))
  }

  document(draft: Printable): string {
    const { body, preamble, preface } = this.#parts()
    const designation = this.#wordsOf("designation")
    const title = this.#wordsOf("title")
    const content = `${this.#meta(draft, designation, title)}${preface}${preamble}${body}`
    return `<?xml version="1.0" encoding="UTF-8"?>\n${tag("akomaNtoso", { xmlns: aknNamespace }, tag("statement", { name: "resolution", contains: this.#isMarked ? "multipleVersions" : "originalVersion" }, content))}\n`
  }

  /** The words that name the text: where the view shows what is proposed in them, as they are agreed. */
  #wordsOf(type: Block["type"]): string {
    return this.#named
      .filter((block) => block.type === type)
      .map(textOf)
      .join(" ")
  }

  #meta(draft: Printable, designation: string, title: string): string {
    const body = slug(draft.body) || "meeting"
    // A text whose day is not known must still be named by one; this one nobody takes for true.
    const date = draft.date ?? "1900-01-01"
    const work = `/akn/un/statement/deliberation/${body}/${date}/${slug(designation) || slug(title) || "draft"}`
    const language = /[\u0600-\u06ff]/.test(title || designation) ? "ara" : "eng"
    const expression = `${work}/${language}@${date}`
    const author = `#${body}`
    const identification = [
      tag(
        "FRBRWork",
        {},
        `${this.#frbr(`${work}/!main`, work)}${tag("FRBRdate", { date, name: "draft" })}${tag("FRBRauthor", { href: author })}${tag("FRBRcountry", { value: "un" })}${tag("FRBRsubtype", { value: "deliberation" })}${designation ? tag("FRBRnumber", { value: designation }) : ""}`,
      ),
      tag(
        "FRBRExpression",
        {},
        `${this.#frbr(`${expression}/!main`, expression)}${tag("FRBRdate", { date, name: "draft" })}${tag("FRBRauthor", { href: author })}${tag("FRBRlanguage", { language })}`,
      ),
      tag(
        "FRBRManifestation",
        {},
        `${this.#frbr(`${expression}/!main.xml`, `${expression}.xml`)}${tag("FRBRdate", { date, name: "markup" })}${tag("FRBRauthor", { href: "#editor" })}${tag("FRBRformat", { value: "application/akn+xml" })}`,
      ),
    ].join("")
    const sources = [
      ...new Set([...this.#json.changes.map((change) => change.source), ...this.#json.comments.map((comment) => comment.source ?? null)]),
    ].filter((source) => source !== null)
    const organizations = [
      tag("TLCOrganization", { eId: body, href: `/ontology/organizations/${body}`, showAs: draft.body || "The meeting" }),
      ...sources.map((source) =>
        tag("TLCOrganization", {
          eId: `source-${source}`,
          href: `/ontology/organizations/source/${source}`,
          showAs: draft.sources.get(source) ?? source,
        }),
      ),
      tag("TLCPerson", { eId: "editor", href: "/ontology/persons/editor", showAs: "Editor" }),
    ].join("")
    const notes = this.#json.comments
      .map((comment, i) =>
        tag("note", { eId: `note_${i + 1}` }, [comment, ...comment.replies].map((remark) => tag("p", {}, escaped(remark.text))).join("")),
      )
      .join("")
    return tag(
      "meta",
      {},
      `${tag("identification", { source: "#editor" }, identification)}${tag("references", { source: "#editor" }, organizations)}${notes ? tag("notes", { source: "#editor" }, notes) : ""}${tag("proprietary", { source: "#editor", "xmlns:c": ownNamespace }, this.#own())}`,
    )
  }

  #frbr(current: string, uri: string): string {
    return `${tag("FRBRthis", { value: current })}${tag("FRBRuri", { value: uri })}`
  }

  /** What Akoma Ntoso has no place for: who proposes what, and what is proposed about blocks as wholes. */
  #own(): string {
    const { changes, comments, profile, cover, blocks, debris, warnings, inForce } = this.#json
    // What is changed between cells has no place in the text of a table.
    const tables = new Set(blocks.flatMap((block) => (block.type === "table" ? [block.id] : [])))
    const list = [
      tag("c:draft", { profile }),
      ...cover.map(({ field, text }) => tag("c:cover", { field }, escaped(text))),
      ...changes.map((change) =>
        tag(
          "c:change",
          {
            id: change.id,
            kind: change.kind,
            source: change.source,
            enteredBy: change.enteredBy,
            broughtBy: change.broughtBy ?? null,
            date: change.date,
            block: change.block,
            text: change.text,
            replacedBy: change.replacedBy ?? null,
            newBlocks: change.newBlocks?.join(" ") ?? null,
            inside: change.inside?.join(" ") ?? null,
            late: change.late ?? null,
            otherSide: change.otherSide ?? null,
          },
          (change.segments ?? [])
            .filter((part) => tables.has(part.block))
            .map((part) => tag("c:segment", { block: part.block, kind: part.kind, from: part.from, to: part.to }))
            .join("") +
            (change.structure ?? [])
              .map((act) =>
                tag("c:act", {
                  kind: act.kind,
                  block: act.block,
                  into: act.kind === "join" ? act.into : null,
                  apart: isApart(act) ? "true" : null,
                  after: act.kind === "move" ? (act.after ?? "") : null,
                  level: act.kind === "level" ? act.level : null,
                }),
              )
              .join(""),
        ),
      ),
      ...comments.map((comment) => {
        const remark = (part: (typeof comment.replies)[number]): string =>
          tag(
            "c:remark",
            { by: part.by, source: part.source ?? null, broughtBy: part.broughtBy ?? null, date: part.date },
            escaped(part.text),
          )
        return tag(
          "c:thread",
          {
            id: comment.id,
            block: comment.block,
            quote: comment.quote,
            resolved: String(comment.resolved),
            change: comment.change ?? null,
            lost: comment.lost ?? null,
            address: comment.address ?? null,
          },
          [comment, ...comment.replies].map(remark).join(""),
        )
      }),
      ...blocks.map(({ id, origin = null, importedLabel = null, renumbered }) =>
        tag("c:block", {
          id,
          origin,
          importedLabel,
          renumberedFor: renumbered?.source ?? null,
          renumberedBy: renumbered?.enteredBy ?? null,
          renumberedAt: renumbered?.date ?? null,
        }),
      ),
      ...debris.map((text) => tag("c:debris", {}, escaped(text))),
      ...warnings.map(({ code, block, message }) => tag("c:warning", { code, block: block ?? null }, escaped(message))),
      ...(inForce ? [forceMarkup(inForce)] : []),
    ]
    return list.join("")
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
    const cover = this.#json.cover
      .map(({ text, field }) => tag("p", { class: field === null ? null : slug(field) || "field" }, escaped(text)))
      .join("")
    const preface = [
      cover ? tag("container", { name: "cover", eId: this.#ids.next("", "container") }, cover) : "",
      ...opening.map((block) =>
        block.type === "designation"
          ? tag(
              "longTitle",
              { eId: this.#ids.next("", "longTitle"), wId: block.id, class: this.#classes(block) },
              tag("p", {}, this.#designation(block)),
            )
          : tag(
              "container",
              { name: "title", eId: this.#ids.next("", "container"), wId: block.id, class: this.#classes(block) },
              tag("p", {}, this.#inline(block)),
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
    if (!match || block.runs.some((run) => run.marks.length > 0)) return this.#inline(block)
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
          { eId, wId: head.id, class: this.#classes(head) },
          `${tag("heading", {}, this.#inline(head))}${inner || tag("recital", { eId: this.#ids.next(eId, "rec"), class: "empty" }, tag("p", {}, ""))}`,
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
          { name: "enactingFormula", eId: this.#ids.next("", "formula"), wId: block.id, class: this.#classes(block) },
          tag("p", {}, this.#inline(block)),
        )
      else
        markup += tag(
          "container",
          { name: block.type, eId: this.#ids.next("", "container"), wId: block.id, class: this.#classes(block) },
          this.#contained(block),
        )
    }
    close()
    return markup
  }

  /** A block outside all sections; the number of a clause needs a list to stand in. */
  #contained(block: Block): string {
    const num = this.#num(block)
    return num ? tag("blockList", {}, tag("item", {}, num + this.#content(block))) : this.#content(block)
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
      { eId, wId: block.id, class: this.#classes(block) },
      `${this.#num(block)}${this.#content(block)}${this.#blockList(below, eId)}`,
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
        { eId: item, wId: block!.id, class: this.#classes(block!) },
        `${this.#num(block!)}${this.#content(block!)}${this.#blockList(below, item)}`,
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
          { name, eId, wId: head.id, class: this.#classes(head) },
          `${tag("heading", {}, this.#inline(head))}${rest}`,
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
    const attrs = { eId, wId: block.id, class: this.#classes(block) }
    if (below.length === 0) return tag(name, attrs, `${this.#num(block)}${tag("content", {}, this.#content(block))}`)
    const list = this.#ids.next(eId, "list")
    let points = ""
    for (let i = 0; i < below.length; ) {
      const group = this.#family(below, i)
      points += this.#hierarchy(group, list, "point")
      i += group.length
    }
    return tag(name, attrs, `${this.#num(block)}${tag("list", { eId: list }, `${tag("intro", {}, this.#content(block))}${points}`)}`)
  }

  #num(block: Block): string {
    const label = this.#labels.get(block.id)
    const by = this.#renumbered.get(block.id)
    if (block.type !== "clause" || !(label || by)) return ""
    if (!by) return tag("num", {}, escaped(label ?? ""))
    const part = (name: "del" | "ins", words: string): string => (words ? tag(name, { class: by.id }, escaped(words)) : "")
    return tag("num", {}, part("del", by.was) + part("ins", label ?? ""))
  }

  #classes({ type, level, dir, insertedBy, insertedId }: Block): string {
    return [
      type,
      ...(type === "clause" ? [classOfLevel(level)] : []),
      ...(dir === defaultAttrs.dir ? [] : [dir]),
      ...(insertedBy ? ["inserted", insertedId!] : []),
    ].join(" ")
  }

  #content(block: Block): string {
    if (block.type !== "table") return tag("p", {}, this.#inline(block))
    const rows = cellsOf(block.runs).map((row) => tag("tr", {}, row.map((cell) => tag("td", {}, tag("p", {}, this.#runs(cell)))).join("")))
    return tag("table", {}, rows.join(""))
  }

  #inline(block: Block): string {
    return this.#runs(block.runs)
  }

  /** Runs with what stands on them, the outer marks outside; neighbours share what they can. */
  #runs(runs: readonly Run[]): string {
    let markup = ""
    for (const run of runs) {
      // Words belong to one insertion, as everywhere: the others merely surround them.
      const isShown = (mark: Mark): boolean => mark.name === "comment" || countsOn(mark, run.marks)
      const marks = this.#isMarked ? run.marks.filter(isShown) : []
      const note = run.marks.find((mark) => mark.name === "noteRef")
      markup += marks.reduceRight((inner, mark) => this.#marked(mark, inner), this.#words(run.text, note))
    }
    return markup
  }

  #marked(mark: Mark, inner: string): string {
    if (mark.name === "comment") return tag("inline", { name: "comment", class: mark.id }, inner)
    return tag(mark.name === "insertion" ? "ins" : "del", { class: mark.changeId }, inner)
  }

  #words(text: string, note: Mark | undefined): string {
    return text
      .split(/(\u2029|\ufffc)/)
      .map((part) => {
        if (part === splitCharacter) return tag("eol", { class: "split" })
        if (part !== anchorCharacter) return escaped(part)
        const body = note && this.#notes.get(note.noteId)
        return body
          ? tag(
              "authorialNote",
              { marker: body.number, placement: "bottom", eId: `fn_${body.number}`, wId: body.block.id, class: this.#classes(body.block) },
              tag("p", {}, this.#runs(body.block.runs)),
            )
          : ""
      })
      .join("")
  }
}

/** The text in force and what was accepted since, for readers that know this product; the text of the document is as it stands now. */
function forceMarkup({ blocks, notes, left, accepted }: FileForce): string {
  const list = [
    ...blocks.map(({ text, id, type, part = null, level = null, label = null, importedLabel = null, dir = null, origin = null }) =>
      tag("c:forceBlock", { id, type, part, level, label, importedLabel, dir, origin }, escaped(text)),
    ),
    ...notes.map(({ text, id, label, block, at }) => tag("c:forceNote", { id, label, block, at }, escaped(text))),
    ...left.map((place) => tag("c:left", { ...place })),
    ...accepted.map(({ source, segments, acts }) =>
      tag(
        "c:accepted",
        { source },
        segments.map(({ text, ...words }) => tag("c:words", words, escaped(text))).join("") +
          acts.map((act) => tag("c:act", { ...act })).join(""),
      ),
    ),
  ]
  return tag("c:force", {}, list.join(""))
}

/** The runs of a table's cells, row by row. Separators bear no marks here. */
function cellsOf(runs: readonly Run[]): Run[][][] {
  const rows: Run[][][] = [[[]]]
  for (const run of runs)
    for (const part of run.text.split(/(\t|\n)/)) {
      if (part === rowSeparator) rows.push([[]])
      else if (part === cellSeparator) rows.at(-1)!.push([])
      else if (part)
        rows
          .at(-1)!
          .at(-1)!
          .push({ ...run, text: part })
    }
  return rows
}

/**
 * A draft as Akoma Ntoso 3.0, in the manner of AKN4UN: heads as `recitals` and `hcontainer`, clauses as `recital`, `paragraph`, `point`; open changes
 * as `ins` and `del`, whose change and source are told in `meta`, for the standard has no place for them there.
 */
export const writeAkn = (draft: Printable, view: PaperView): string => new Writer(draft, view).document(draft)

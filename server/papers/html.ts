import { viewNames } from "../../shared/api/papers.ts"
import { clauseJoined } from "../../shared/changes/changes.ts"
import { tonesOf, turnsOf } from "../../shared/people/roster.ts"
import { cellSeparator, rowSeparator, splitCharacter } from "../../shared/schema/block.ts"
import { isOnlyInFile } from "../files/authors.ts"
import { escaped, tag } from "../files/markup.ts"
import { isNobodysName } from "../people/nobody.ts"
import type { PaperView } from "./printable.ts"
import type { Attribution, Sheet, SheetBlock, SheetRun } from "./sheet.ts"
import { splitRuns } from "./sheet-runs.ts"

const nameOfView = (view: PaperView): string => viewNames[view][0]!.toUpperCase() + viewNames[view].slice(1)

/**
 * The tones of a light screen (`client/styles/base.css`): on white they are told apart in colour and, by their lightness, in grey. 0 is the meeting's own,
 * 10 the chair's, 11 the secretariat's.
 */
export const paperTones: readonly string[] =
  "#5b6470 #0b5fa5 #a4360c #1d6f42 #86198f #8a5a00 #0e6b73 #a3154f #4a3fb0 #5c6b00 #6b1d1d #3d4654".split(" ")

const style = `
@page { size: A4; margin: 24mm 22mm 22mm; @bottom-center { content: counter(page) " / " counter(pages); font: 9pt system-ui, sans-serif; color: #555 } }
:root { color-scheme: light; --serif: "Source Serif 4", "Noto Serif", "Noto Naskh Arabic", "Noto Serif CJK SC", Georgia, "Times New Roman", serif; --sans: system-ui, "Noto Sans", "Noto Sans Arabic", sans-serif }
* { box-sizing: border-box }
body { margin: 0 auto; max-inline-size: 46rem; padding: 2rem 1.25rem 4rem; font: 12pt/1.55 var(--serif); color: #111; background: #fff; overflow-wrap: break-word }
header.paper { display: flex; flex-wrap: wrap; gap: .2rem 1rem; justify-content: space-between; border-block-end: 1px solid #999; padding-block-end: .4rem; margin-block-end: 1.6rem; font: 9.5pt/1.4 var(--sans); color: #444 }
header.paper .mark { font-weight: 700; letter-spacing: .08em }
.cover { font: 10.5pt/1.5 var(--sans); color: #333; margin: 0 0 1.4rem }
.cover p { margin: 0 }
h1 { font-size: 14pt; text-align: center; margin: 1rem 0 .4rem; font-weight: 600 }
h2 { font-size: 15pt; line-height: 1.3; text-align: center; margin: 0 auto 1.2rem; max-inline-size: 34rem; font-weight: 700; text-wrap: balance }
h2.heading { margin-block-start: 2rem; font-size: 13.5pt }
h3 { font-size: inherit; font-weight: 400; font-style: italic; margin: 1.1rem 0 .25rem; break-after: avoid }
[dir=rtl] h3, h3[dir=rtl] { font-style: normal; font-weight: 700 }
p.block { margin: .35rem 0 }
p.block.clause { display: grid; grid-template-columns: minmax(2.6rem, max-content) 1fr; column-gap: .4rem }
p.block.level-2 { margin-inline-start: 2.2rem } p.block.level-3 { margin-inline-start: 4.4rem } p.block.level-4 { margin-inline-start: 6.6rem }
p.block.clause.bare { display: block }
.label { font-style: normal; color: #333 }
blockquote { margin: .5rem 2.2rem }
table { border-collapse: collapse; inline-size: 100%; margin: .7rem 0; font-size: 10.5pt }
td { border: 1px solid #888; padding: .25rem .5rem; vertical-align: top }
ins { text-decoration: underline; text-decoration-thickness: var(--line, .08em); text-underline-offset: .14em; color: var(--tone, #111) }
del { text-decoration: line-through; color: var(--tone, #111) }
ins.accepted { text-decoration-style: double } del.accepted { text-decoration-style: double; opacity: .75 }
.by { font: 600 .62em/1 var(--sans); vertical-align: super; margin-inline: .15em; color: var(--tone, #333); white-space: nowrap; text-decoration: none; font-style: normal }
[data-turn] { padding: .1em .25em; border: 1px solid var(--tone, #333); border-radius: 2px; print-color-adjust: exact; -webkit-print-color-adjust: exact }
[data-turn="1"] { background: var(--tone, #333); color: #fff } [data-turn="2"] { background: repeating-linear-gradient(135deg, color-mix(in srgb, var(--tone, #333) 30%, #fff) 0 2px, #fff 2px 5px); color: #111 } [data-turn="3"] { border: 3px double var(--tone, #333) }
.late { font: italic .75em/1.4 var(--sans); color: var(--tone, #333); margin-inline-start: .5em }
.act { font: 600 .68em/1.4 var(--sans); color: var(--tone, #333); border: 1px solid currentColor; border-radius: .25em; padding: 0 .35em; margin-inline-start: .5em; -webkit-box-decoration-break: clone; box-decoration-break: clone; font-style: normal }
.struck { color: #555 }
.call { font: 600 .66em/1 var(--sans); vertical-align: super; text-decoration: none; color: #444; margin-inline-start: .1em }
section.ends { margin-block-start: 2.4rem; border-block-start: 1px solid #999; padding-block-start: .6rem; font-size: 10.5pt }
section.ends h4 { font: 600 10pt var(--sans); margin: 0 0 .5rem; color: #333 }
section.ends ol { margin: 0; padding-inline-start: 1.9rem } section.ends li { margin-block: .25rem }
aside.thread { break-inside: avoid; margin-block: .7rem; padding-inline-start: .8rem; border-inline-start: 3px solid #bbb }
aside.thread blockquote { margin: .15rem 0; font-style: italic; color: #444 }
aside.thread .remark { margin: .2rem 0 } aside.thread .remark b, aside.thread .remark time { font-family: var(--sans); font-size: .86em } aside.thread time { color: #666 }
.legend { display: flex; flex-wrap: wrap; gap: .2rem .9rem; font: 9pt/1.5 var(--sans); color: #444; margin: -1rem 0 1.4rem }
@media print { body { padding: 0; max-inline-size: none; font-size: 11.5pt } }
@media (max-width: 30rem) { p.block.level-2, p.block.level-3, p.block.level-4 { margin-inline-start: 1.1rem } blockquote { margin-inline: 1rem } }
`

/** What stands in the place of a tone where a mark is nobody's. */
class Page {
  readonly #sheet: Sheet
  /** By source: the same tone as on every screen. Who is on no roster gets one where it first stands. */
  #tones: ReadonlyMap<string, number>
  readonly #shownThreads = new Set<string>()
  readonly #numbers: ReadonlyMap<string, number>
  /** Where the code of a change stands: behind its last run. */
  readonly #last: ReadonlyMap<string, SheetRun>

  constructor(sheet: Sheet) {
    this.#sheet = sheet
    this.#tones = tonesOf(sheet.roster)
    this.#numbers = new Map(sheet.threads.map(({ thread, number }) => [thread.id, number]))
    const last = new Map<string, SheetRun>()
    for (const { runs } of [...sheet.blocks, ...sheet.notes])
      for (const run of runs) for (const by of [run.deleted, run.inserted]) if (by) last.set(by.change, run)
    this.#last = last
  }

  /** How a source is drawn: its tone, and what tells it from others of that tone, as on every screen (ROS2). */
  #look(by: Attribution): { style: string | null; "data-turn": number | null } {
    // What is written in the body's or nobody's name is in ink, and so is what nobody has stated, as on every screen.
    const key = by.source ?? (by.handle === null || isNobodysName(by.author) || isOnlyInFile(by.author) ? "" : by.author)
    if (!key) return { style: null, "data-turn": null }
    if (!this.#tones.has(key)) this.#tones = tonesOf([...this.#tones.keys(), key])
    const turn = turnsOf(this.#tones.keys()).get(key) ?? 0
    const heavier = turn % 2 === 1 ? ";--line:.2em" : ""
    return { style: `--tone:${paperTones[this.#tones.get(key) ?? 0]}${heavier}`, "data-turn": turn || null }
  }

  markup(): string {
    const { designation, title, view, body, version, date, opening, closing, blocks } = this.#sheet
    const name = [designation, title].filter(Boolean).join(" – ") || "Draft"
    const isArabic = blocks.filter(({ block }) => block.dir === "rtl").length > blocks.length / 2
    const content = blocks.map((block) => this.#block(block)).join("\n")
    const linesOf = (lines: Sheet["opening"], name: string): string =>
      lines.length > 0 ? tag("div", { class: name }, lines.map(({ text }) => tag("p", { dir: "auto" }, escaped(text))).join("")) : ""
    const fields = linesOf(opening, "cover")
    const facts = [
      tag("span", { class: "mark", dir: "auto" }, escaped(version ?? "DRAFT")),
      ...(body ? [tag("span", {}, escaped(body))] : []),
      tag("span", {}, escaped(nameOfView(view))),
      ...(date === null ? [] : [tag("time", { datetime: date }, escaped(date))]),
    ].join("")
    return `<!doctype html>
<html lang="${isArabic ? "ar" : "en"}" dir="${isArabic ? "rtl" : "ltr"}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escaped(name)}</title>
<style>${style}</style>
</head>
<body>
<header class="paper" dir="ltr">${facts}</header>
${fields}${this.#legend()}<main>
${content}
</main>
${linesOf(closing, "cover reasons")}${this.#notes()}${this.#comments()}
</body>
</html>
`
  }

  /** Who stands behind which code: colour is never the only sign. */
  #legend(): string {
    const names = new Map<string, Attribution>()
    for (const { runs, inserted, deleted, joined, level, moved, others } of this.#sheet.blocks)
      for (const by of [
        ...[inserted, deleted, joined, level?.by ?? null, moved?.by ?? null, ...others.map((other) => other.by)],
        ...runs.flatMap((run) => [run.inserted, run.deleted, ...run.alsoDeleted]),
      ])
        if (by?.author && !by.isAccepted && !names.has(by.author)) names.set(by.author, by)
    if (names.size === 0) return ""
    const list = [...names].map(([author, by]) =>
      tag(
        "span",
        { style: this.#look(by).style },
        `${tag("ins", { "data-turn": this.#look(by)["data-turn"] }, escaped(by.source ?? author))} ${by.source && author !== by.source ? escaped(author) : ""}`,
      ),
    )
    return `<p class="legend" dir="ltr">${list.join("")}</p>`
  }

  #block(sheet: SheetBlock): string {
    const { block, label, relabelled } = sheet
    const inner = this.#words(sheet) + this.#acts(sheet) + this.#calls(sheet)
    const shared = { id: sheet.moved?.end === "to" ? `moved-${block.id}` : `b-${block.id}`, dir: block.dir }
    switch (block.type) {
      case "designation":
        return tag("h1", shared, inner)
      case "title":
        return tag("h2", shared, inner)
      case "heading":
        return tag("h2", { ...shared, class: "heading" }, inner)
      case "head":
        return tag("h3", shared, inner)
      case "quote":
        return tag("blockquote", shared, inner)
      case "table":
        return this.#table(sheet, shared)
      case "clause": {
        const words = relabelled
          ? [
              relabelled.was && this.#revised("del", relabelled.by, escaped(relabelled.was)),
              label && this.#revised("ins", relabelled.by, escaped(label)),
            ]
          : [escaped(label)]
        const number = words.some(Boolean) ? `<span class="label">${words.filter(Boolean).join(" ")}</span>` : ""
        return tag(
          "p",
          { ...shared, class: `block clause level-${block.level}${number ? "" : " bare"}` },
          number ? `${number}<span>${inner}</span>` : inner,
        )
      }
      case "formula":
      case "paragraph":
      case "note":
        return tag("p", { ...shared, class: `block ${block.type}` }, inner)
      default:
        return block.type satisfies never
    }
  }

  #table(sheet: SheetBlock, shared: Record<string, string | null>): string {
    const rows = splitRuns(sheet.runs, rowSeparator).map((row) =>
      tag(
        "tr",
        {},
        splitRuns(row.runs, cellSeparator)
          .map((cell) => tag("td", { dir: "auto" }, cell.runs.map((run) => this.#run(run)).join("")))
          .join(""),
      ),
    )
    return `${tag("table", shared, rows.join(""))}${this.#acts(sheet)}${this.#calls(sheet)}`
  }

  #words({ runs, deleted, moved }: SheetBlock): string {
    const words = runs.map((run) => this.#run(run)).join("")
    const by = deleted ?? (moved?.end === "from" ? moved.by : null)
    return by ? this.#revised("del", by, words) : words
  }

  #revised(name: "ins" | "del", by: Attribution, inner: string): string {
    const verb = name === "ins" ? "inserted" : "deleted"
    return tag(
      name,
      {
        class: by.isAccepted ? "accepted" : null,
        cite: by.source ? `#source-${by.source}` : null,
        datetime: by.date,
        style: this.#look(by).style,
        title: by.author ? `${verb}${by.isAccepted ? " and accepted" : ""}: ${by.author}` : null,
      },
      inner,
    )
  }

  #run(run: SheetRun): string {
    const { inserted, deleted } = run
    let markup = escaped(run.text)
      .replaceAll(splitCharacter, "¶")
      .replaceAll("\ufffc", run.note === null ? "" : `<a class="call" href="#note-${run.note}" id="call-${run.note}">${run.note}</a>`)
    const codes: string[] = []
    if (deleted) {
      markup = this.#revised("del", deleted, markup)
      codes.push(this.#code(deleted, run))
    }
    if (inserted) {
      markup = this.#revised("ins", inserted, markup)
      codes.push(this.#code(inserted, run))
    }
    for (const by of run.alsoDeleted) codes.push(tag("span", { class: "by", ...this.#look(by) }, `also ${escaped(by.source ?? by.author)}`))
    return markup + codes.join("")
  }

  #code(by: Attribution, run: SheetRun): string {
    const text = by.handle ?? by.source
    if (!text || by.isAccepted || this.#last.get(by.change) !== run) return ""
    return tag("span", { class: "by", ...this.#look(by) }, escaped(text))
  }

  /** What is proposed about the block as a whole. */
  #acts({ inserted, deleted, joined, onto, cut, level, moved, others, block, late }: SheetBlock): string {
    const act = (by: Attribution | null, what: string): string =>
      by
        ? tag(
            "span",
            { class: "act", ...this.#look(by) },
            escaped([what, by.isAccepted ? "accepted" : (by.handle ?? by.source)].filter(Boolean).join(", ")),
          )
        : ""
    const to = block.structure.find((proposal) => proposal.kind === "level") as { level: number } | undefined
    return [
      act(inserted, "new"),
      act(deleted, "deleted"),
      act(joined, `joins ${clauseJoined(onto)}`),
      act(cut, "split here"),
      act(level?.by ?? null, level && to ? `level ${level.was} → ${to.level}` : `was level ${level?.was}`),
      act(moved?.by ?? null, moved?.end === "from" ? "moved from here" : "moved here"),
      ...(moved?.end === "to" ? [] : others.map(({ by, said }) => act(by, said))),
      ...(moved?.end === "to" ? [] : late.map(({ by, said }) => this.#late(by, said))),
    ].join("")
  }

  /** That a change came too late, and what accepting it does, behind the words of its clause. */
  #late(by: Attribution, said: string): string {
    const whose = by.handle ?? by.source
    return ` ${tag("span", { class: "late", ...this.#look(by) }, escaped(whose ? `${whose}: ${said}` : said))}`
  }

  /** Numbers of the comments on a block, once each. */
  #calls({ block, runs, moved = null }: Pick<SheetBlock, "block" | "runs"> & Partial<Pick<SheetBlock, "moved">>): string {
    if (moved?.end === "to") return ""
    const ids = [
      ...runs.flatMap((run) => run.threads),
      ...this.#sheet.threads.filter(({ home }) => home === block.id).map(({ thread }) => thread.id),
    ]
    return [...new Set(ids)]
      .filter((id) => this.#numbers.has(id) && !this.#shownThreads.has(id))
      .map((id) => {
        this.#shownThreads.add(id)
        const n = this.#numbers.get(id)!
        return `<a class="call" href="#comment-${n}" title="comment ${n}">[C${n}]</a>`
      })
      .join("")
  }

  #notes(): string {
    if (this.#sheet.notes.length === 0) return ""
    const items = this.#sheet.notes.map(({ number, runs, block }) =>
      tag(
        "li",
        { id: `note-${number}`, value: number, dir: block.dir },
        `${runs.map((run) => this.#run(run)).join("")}${this.#calls({ block, runs })} <a href="#call-${number}" aria-label="back">↑</a>`,
      ),
    )
    return `<section class="ends"><h4>Footnotes</h4><ol>${items.join("")}</ol></section>\n`
  }

  #comments(): string {
    if (this.#sheet.threads.length === 0) return ""
    const threads = this.#sheet.threads.map(({ number, thread, said, remarks }) => {
      const about = said === null ? "" : tag("p", { class: "standing" }, escaped(said))
      const quote = thread.anchor.on === "words" ? `<blockquote dir="auto">${escaped(thread.anchor.quote)}</blockquote>` : ""
      const lines = remarks.map(({ author, date, from, text }) => {
        const when = date ? `<time datetime="${escaped(date)}">${escaped(date.slice(0, 16).replace("T", " "))}</time>` : ""
        const said = from === null ? when : `<span class="from">${escaped(from)}${when && `; its date there: ${when}`}</span>`
        return `<p class="remark" dir="auto"><b>${escaped(author || "Not stated")}</b> ${said}<br>${escaped(text).replaceAll("\n", "<br>")}</p>`
      })
      return `<aside class="thread" id="comment-${number}"><b class="label">C${number}${thread.isResolved ? " (resolved)" : ""}</b>${about}${quote}${lines.join("")}</aside>`
    })
    return `<section class="ends"><h4>Comments</h4>${threads.join("")}</section>\n`
  }
}

/** A paper as one page of HTML that needs nothing else: no script, no font, no picture. It prints as a paper with page x of y. */
export const writeHtml = (sheet: Sheet): string => new Page(sheet).markup()

// A paper in Word: its paragraphs, tables and footnotes, with what is proposed as live revisions. What Word marks it shows; what it has no mark for is told in
// a note (`comments`), and for whoever reads the file in again in a bookmark (`carried`).
import { cellSeparator, splitCharacter } from "../../../shared/schema/block.ts"
import { isApart } from "../../../shared/schema/structure.ts"
import { tag } from "../../files/markup.ts"
import { type CarriedAct, carriedMarkup } from "../../files/word/carried.ts"
import { xml } from "../../files/word/own-names.ts"
import type { Attribution, Sheet, SheetBlock, SheetNote, SheetRun, WholeProposal } from "../sheet.ts"
import { CommentRanges, type Unit } from "./comment-ranges.ts"
import { Comments } from "./comments.ts"
import { silentIn } from "./echoes.ts"
import { isJoinedBefore, joinedBehind } from "./joins.ts"
import { Marks, wordsMarkup } from "./marks.ts"
import { declared, type WordParts } from "./parts.ts"
import { type Row, rowsOf } from "./rows.ts"
import { styleOfBlock } from "./styles.ts"
import { toldByWords } from "./told.ts"

class Writer {
  readonly #sheet: Sheet
  /** Clauses that need no style of ours to be seen as such. */
  readonly #told: ReadonlySet<SheetBlock>
  readonly #rows: ReadonlyMap<SheetBlock, readonly Row[]>
  readonly #marks = new Marks()
  readonly #comments: Comments
  /** Bookmarks of the clauses that others are to be joined to or to stand behind. */
  readonly #places = new Map<string, string>()
  /** Changes whose words are not written, for another puts them in already. */
  readonly #silent: ReadonlySet<string>

  constructor(sheet: Sheet) {
    this.#sheet = sheet
    this.#told = toldByWords(sheet)
    this.#rows = new Map(sheet.blocks.flatMap((own) => (own.block.type === "table" ? [[own, rowsOf(own)]] : [])))
    this.#silent = silentIn(sheet)
    for (const { proposals } of sheet.blocks)
      for (const { target } of proposals)
        if (typeof target === "string" && !this.#places.has(target)) this.#places.set(target, this.#marks.name({ kind: "place" }))
    const body = sheet.blocks.flatMap((home) => {
      const isOldPlace = home.moved?.end === "from"
      const runs = this.#rows.get(home)?.flatMap((row) => row.cells.flat()) ?? home.runs
      return runs.map((run): Unit => ({ home, run, isOldPlace }))
    })
    const notes = sheet.notes.map((home) => home.runs.map((run) => ({ home, run, isOldPlace: false })))
    this.#comments = new Comments(sheet, this.#marks, new CommentRanges([body, ...notes]))
  }

  #isSilent({ inserted }: SheetBlock): boolean {
    return inserted !== null && this.#silent.has(inserted.change)
  }

  /** New clauses behind a block that another proposes alike: with all accepted Word has each once. In the body's or nobody's name they are one proposal. */
  #alikeBehind(index: number): string {
    const { blocks } = this.#sheet
    let markup = ""
    for (let i = index + 1; blocks[i] && this.#isSilent(blocks[i]!); i++) {
      if (!this.#isNamed) continue
      const clause = blocks[i]!
      markup += this.#marks.bookmark(this.#marks.name({ kind: "clause", paragraphs: this.#paragraphs(clause, i) }))
      const text = clause.runs.map((run) => run.text).join("")
      markup += this.#say(clause.inserted!, `also proposes the new clause “${text}” here.`)
    }
    return markup
  }

  parts(): WordParts {
    const line = ({ field, text }: Sheet["opening"][number]): string =>
      this.#plainParagraph(coverStyles.get((field ?? "").toLowerCase()) ?? "Normal", text)
    const blocks = this.#sheet.blocks.map((block, i) => this.#block(block, i))
    const body = [...this.#sheet.opening.map(line), ...blocks, ...this.#sheet.closing.map(line)].join("")
    const footnotes = this.#footnotes()
    const comments = this.#comments.parts()
    return {
      body,
      footnotes,
      ...comments,
      people: `${xml}<w15:people ${declared}>${[...this.#marks.authors].map((author) => tag("w15:person", { "w15:author": author }, tag("w15:presenceInfo", { "w15:providerId": "None", "w15:userId": author }))).join("")}</w15:people>`,
      carried: this.#marks.carried.size > 0 ? carriedMarkup(this.#marks.carried) : null,
      hasNotes: this.#sheet.notes.length > 0,
      hasComments: this.#comments.areThere,
    }
  }

  #plainParagraph(style: string, text: string): string {
    return `<w:p><w:pPr>${tag("w:pStyle", { "w:val": style })}</w:pPr>${wordsMarkup(text, false)}</w:p>`
  }

  #run(run: SheetRun, whole: Whole): string {
    if (run.inserted && this.#silent.has(run.inserted.change)) return this.#put(run, run.inserted, whole)
    return (run.isParted ? this.#gap(run, whole) : "") + this.#written(run, whole)
  }

  get #isNamed(): boolean {
    return this.#sheet.marks === "delegation"
  }

  /** Words that another puts in at this place already: with all accepted Word has them once (RIVAL6). In the body's or nobody's name they are one proposal. */
  #put({ text }: SheetRun, by: Attribution, whole: Whole): string {
    if (!this.#isNamed) return ""
    return (
      this.#marks.bookmark(this.#marks.name({ kind: "put", ...this.#marks.origin(by), text })) +
      this.#tell(by, `also proposes “${text}”.`, whole)
    )
  }

  /** A space between words of two sources, which as proposed are read apart (RIVAL6). In the body's or nobody's name it is one of their words. */
  #gap(run: SheetRun, whole: Whole): string {
    const space = this.#written({ ...run, text: " ", deleted: null, alsoDeleted: [], note: null, isParted: false }, whole)
    return this.#isNamed ? this.#marks.bookmark(this.#marks.name({ kind: "gap" }), space) : space
  }

  #written(run: SheetRun, whole: Whole): string {
    // What is revised within a block that moves is revised at both ends of the move.
    const around = whole.isMoved ? { inserted: whole.inserted, deleted: whole.deleted } : { inserted: null, deleted: null }
    const inserted = run.inserted ?? (around.inserted ? null : whole.inserted)
    const own = run.deleted ?? (around.deleted ? null : whole.deleted)
    // Of two who take out the same words Word holds both where one of them moves them: then they are struck where they move from.
    const gone = [...(own ? [own] : []), ...run.alsoDeleted]
    const mover = gone.find((by) => by.move !== null) ?? null
    const striker = gone.find((by) => by.move === null) ?? null
    // Words that move are plain text in Word, at both ends.
    const text =
      run.note === null
        ? wordsMarkup(run.text, striker !== null)
        : `<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr>${tag("w:footnoteReference", { "w:id": run.note })}</w:r>`
    // In the body's or nobody's name who takes out the same words once more is no other.
    const others = this.#isNamed ? gone.filter((by) => by !== mover && by !== striker) : []
    const struck = striker && mover ? tag("w:del", this.#marks.by(striker), text) : text
    const revised = this.#marks.revised(struck, inserted, mover ?? striker)
    const also = others.map((by) => this.#tell(by, `also deletes “${run.text}”.`, whole)).join("")
    const bookmarked = (markup: string): string =>
      others.reduce((inner, by) => this.#marks.bookmark(this.#marks.name({ kind: "strike", ...this.#marks.origin(by) }), inner), markup) +
      also
    // Some readers drop a revision within another. What others struck before a clause moves stands beside its words at the old place, and what they put
    // in beside those at the new one: both are read there, with all accepted and with all rejected. What is at neither end then is nested.
    const isBeside = whole.isNamed && (around.deleted ? gone.length > 0 && !inserted : inserted !== null)
    if (isBeside) return bookmarked(revised)
    const moving = around.deleted ? tag("w:moveFrom", this.#marks.by(around.deleted), revised) : revised
    return bookmarked(around.inserted ? tag("w:moveTo", this.#marks.by(around.inserted), moving) : moving)
  }

  /** What is told of a run of a clause that moves, which is written twice, is told where it moves from. */
  #tell(by: Attribution, text: string, whole: Whole): string {
    return whole.isMoved && whole.inserted ? "" : this.#say(by, text)
  }

  /** A note at this place of what somebody proposes: none in a paper without comments. */
  #say(by: Attribution, text: string): string {
    return this.#sheet.hasComments ? this.#comments.note(by, ` ${text}`) : ""
  }

  /** Bookmarks at a block, for what is proposed about it as a whole that Word cannot mark, and for what others propose to bring to it. */
  #points({ block, proposals, others, moved }: SheetBlock, index: number): string {
    if (moved?.end === "to") return ""
    const place = this.#places.get(block.id)
    const carried = proposals.filter(
      (one) =>
        others.includes(one) ||
        one.proposal.kind === "level" ||
        (one.proposal.kind === "join" && !isJoinedBefore(this.#sheet.blocks, index)),
    )
    const marks = carried.flatMap(({ by, proposal, target }) => {
      const act = this.#actOf(proposal, target)
      return act ? [this.#marks.bookmark(this.#marks.name({ kind: "act", act, by: this.#marks.origin(by) }))] : []
    })
    return (place === undefined ? "" : this.#marks.bookmark(place)) + marks.join("")
  }

  #actOf(proposal: WholeProposal["proposal"], target: WholeProposal["target"]): CarriedAct | null {
    const { kind } = proposal
    // What follows a clause that is joined is no proposal of its own.
    if (isApart(proposal)) return null
    if (kind === "delete") return { kind }
    if (kind === "level") return { kind, level: proposal.level }
    const to = typeof target === "string" ? this.#places.get(target)! : target
    if (kind === "join") return typeof to === "string" ? { kind, to } : null
    return to === undefined ? null : { kind, to }
  }

  #block(sheet: SheetBlock, index: number): string {
    if (this.#isSilent(sheet)) return ""
    return sheet.block.type === "table" ? this.#table(sheet) : this.#paragraphs(sheet, index)
  }

  /** The paragraphs of a block: one, or several where inserted ends divide it. */
  #paragraphs(sheet: SheetBlock, index: number): string {
    const { moved } = sheet
    const moveOf = (end: "from" | "to"): Attribution | null => (moved?.end === end ? moved.by : null)
    // A move is known by words that bear nothing else.
    const isNamed =
      sheet.label !== "" ||
      sheet.runs.some((run) => run.text.trim() !== "" && !run.inserted && !run.deleted && run.alsoDeleted.length === 0)
    const whole: Whole = { inserted: moveOf("to"), deleted: moveOf("from") ?? sheet.deleted, isMoved: moved !== null, isNamed }
    const joined = isJoinedBefore(this.#sheet.blocks, index) ? sheet.joined : null
    const label = this.#label(sheet, whole, this.#sheet.blocks[index - 1]?.cut ?? null, joined)
    const isSilent = this.#isSilent(sheet)
    const paragraphs: string[] = []
    let points: string | null = this.#points(sheet, index)
    let ends = 0
    let hasWords = false
    let current = label
    const point = (): void => {
      current += points ?? ""
      points = null
    }
    for (const run of sheet.runs) {
      // Of several paragraphs that one is the clause that holds agreed words.
      if (!run.inserted && run.text.trim() !== "") point()
      current += this.#comments.opening(sheet, run)
      const parts = run.text.split(splitCharacter)
      parts.forEach((part, i) => {
        const own = { ...run, text: part, isParted: i === 0 && run.isParted }
        if (part) current += isSilent ? this.#written(own, whole) : this.#run(own, whole)
        if (part.trim() !== "" && !run.deleted) hasWords = true
        if (i === parts.length - 1) return
        paragraphs.push(this.#paragraph(sheet, current, run.inserted, run.deleted ?? whole.deleted))
        const label = run.deleted?.isAccepted ? "" : (sheet.cutOff[ends++] ?? "")
        // Where no words stand before it the label of the block stands there alone.
        current = label && hasWords ? this.#written({ ...run, text: `${label}\t`, isParted: false }, whole) : ""
      })
      current += this.#comments.closing(sheet, run)
    }
    point()
    current += this.#comments.pointing(sheet.block.id)
    current += this.#unmarked(sheet, index)
    if (!isSilent) current += this.#alikeBehind(index)
    const isInserted = sheet.inserted ?? whole.inserted ?? sheet.cut
    paragraphs.push(this.#paragraph(sheet, current, isInserted, whole.deleted ?? joinedBehind(this.#sheet.blocks, index)))
    const body = paragraphs.join("")
    return moved ? this.#marks.inMove(moved.end === "from" ? "From" : "To", moved.by, body) : body
  }

  /** `cut`: who made a clause of this by splitting the one before, the label with it; `joined`: who makes it part of that. */
  #label(
    { label, relabelled, inserted, runs, moved }: SheetBlock,
    whole: { inserted: Attribution | null; deleted: Attribution | null },
    cut: Attribution | null,
    joined: Attribution | null,
  ): string {
    if (!label && !relabelled) return ""
    const by = whole.inserted ?? (inserted && runs[0]?.inserted ? runs[0].inserted : inserted) ?? cut
    // The number of a clause goes with the last of its words, and where it is joined to another.
    const gone = whole.deleted ?? joined ?? (runs.every((run) => run.deleted) ? (runs[0]?.deleted ?? null) : null)
    const words = (text: string, isDeleted: boolean): string => wordsMarkup(text, isDeleted)
    const within = moved?.by.move ?? null
    if (relabelled === null) return this.#marks.revised(words(`${label}\t`, gone !== null && !gone.move), by, gone, within)
    const tab = (text: string): string => (text ? `${text}\t` : "")
    const isSame = relabelled.was !== "" && label !== ""
    // The blank between a label and its words stays where the clause keeps one.
    const [was, now] = isSame ? [relabelled.was, label] : [tab(relabelled.was), tab(label)]
    const struck = this.#marks.revised(words(was, true), null, relabelled.by)
    const put = this.#marks.revised(words(now, gone !== null && !gone.move), relabelled.by, gone, within)
    return `${was ? struck : ""}${now ? put : ""}${isSame ? this.#marks.revised(words("\t", gone !== null && !gone.move), by, gone, within) : ""}`
  }

  #paragraph(sheet: SheetBlock, content: string, inserted: Attribution | null, deleted: Attribution | null): string {
    const { block, level } = sheet
    const isTold = this.#told.has(sheet)
    const style = tag("w:pStyle", { "w:val": styleOfBlock(block, isTold) })
    const marks = [
      ...(inserted ? [tag(inserted.move ? "w:moveTo" : "w:ins", this.#marks.by(inserted))] : []),
      ...(deleted ? [tag(deleted.move ? "w:moveFrom" : "w:del", this.#marks.by(deleted))] : []),
    ].join("")
    const bidi = block.dir === "rtl" ? "<w:bidi/>" : ""
    const rPr = marks ? `<w:rPr>${marks}</w:rPr>` : ""
    const was = level && block.type === "clause" ? styleOfBlock({ ...block, level: level.was }, isTold) : null
    const change =
      level && was ? tag("w:pPrChange", this.#marks.by(level.by), `<w:pPr>${tag("w:pStyle", { "w:val": was })}${bidi}</w:pPr>`) : ""
    const paragraph = (inner: string): string => `<w:p><w:pPr>${style}${bidi}${rPr}${change}</w:pPr>${content}${inner}</w:p>`
    return sheet.moved ? paragraph("") : this.#markMoves(paragraph, inserted, deleted)
  }

  /** An end of a paragraph that moves with words: the range of the move must be open at it for its name to be known. */
  #markMoves(paragraph: (inner: string) => string, inserted: Attribution | null, deleted: Attribution | null): string {
    const by = inserted?.move ? inserted : deleted?.move ? deleted : null
    if (!by) return paragraph("")
    const [start, end] = this.#marks.moveRange(by === inserted ? "To" : "From", by)
    return paragraph(start) + end
  }

  /** Tells what Word cannot mark: a level, a join to a clause that does not stand right before, a second proposal, and that something came too late. */
  #unmarked({ proposals, others, late, moved }: SheetBlock, index: number): string {
    if (moved?.end === "to") return ""
    const told = proposals.filter(
      (one) =>
        others.includes(one) ||
        one.proposal.kind === "level" ||
        (one.proposal.kind === "join" && !isJoinedBefore(this.#sheet.blocks, index)),
    )
    const notes = [
      ...told.map(({ by, said }) => this.#comments.note(by, ` ${said}.`)),
      ...late.map(({ by, said }) => this.#comments.note(by, `: ${said}`)),
    ]
    return notes.join("")
  }

  /** A run of a cell or a note, with the comments that begin before and end behind it. */
  #commented(home: SheetBlock | SheetNote, run: SheetRun, whole: Whole): string {
    return `${this.#comments.opening(home, run)}${this.#run(run, whole)}${this.#comments.closing(home, run)}`
  }

  #table(sheet: SheetBlock): string {
    const rows = this.#rows.get(sheet) ?? []
    const columns = Math.max(1, ...rows.map((row) => row.cells.length))
    const width = Math.floor(9_600 / columns)
    const grid = `<w:tblGrid>${`<w:gridCol w:w="${width}"/>`.repeat(columns)}</w:tblGrid>`
    // Word moves no rows: those of a table that moves go here and come there.
    const { moved } = sheet
    const come = sheet.inserted ?? (moved?.end === "to" ? still(moved.by) : null)
    const gone = sheet.deleted ? still(sheet.deleted) : moved?.end === "from" ? still(moved.by) : null
    const whole: Whole = { inserted: null, deleted: gone, isMoved: false, isNamed: false }
    let marks = this.#points(sheet, this.#sheet.blocks.indexOf(sheet))
    const takeMarks = (): string => {
      const taken = marks
      marks = ""
      return taken
    }
    const markup = rows.map(({ runs, separator: end, cells: parts }) => {
      const all = end ? [...runs, end] : runs
      // A row of which everything is revised is so itself: by whom its separators are, for they are the row's own; else by whom the table is.
      const own = end ?? runs.find((run) => run.text.includes(cellSeparator))
      const revised = (find: (run: SheetRun) => Attribution | null): Attribution | null => (own && all.every(find) ? find(own) : null)
      const inserted = revised((run) => run.inserted) ?? come
      const deleted = gone ?? revised((run) => run.deleted)
      const trPr = [
        ...(inserted ? [tag("w:ins", this.#marks.by(inserted))] : []),
        ...(deleted ? [tag("w:del", this.#marks.by(deleted))] : []),
      ].join("")
      const cells = parts.map(
        (cell) =>
          `<w:tc><w:tcPr>${tag("w:tcW", { "w:w": width, "w:type": "dxa" })}</w:tcPr><w:p>${takeMarks()}${cell.map((run) => this.#commented(sheet, run, whole)).join("")}</w:p></w:tc>`,
      )
      return `<w:tr>${trPr ? `<w:trPr>${trPr}</w:trPr>` : ""}${cells.join("")}</w:tr>`
    })
    const points = this.#comments.pointing(sheet.block.id) + this.#unmarked(sheet, this.#sheet.blocks.indexOf(sheet))
    const borders = ["top", "left", "bottom", "right", "insideH", "insideV"]
      .map((side) => tag(`w:${side}`, { "w:val": "single", "w:sz": 4, "w:space": 0, "w:color": "auto" }))
      .join("")
    const after = points ? `<w:p>${points}</w:p>` : this.#isBeforeTable(sheet) ? "<w:p/>" : ""
    return `<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/><w:tblBorders>${borders}</w:tblBorders></w:tblPr>${grid}${markup.join("")}</w:tbl>${after}`
  }

  // Two tables without a paragraph between them are one to Word, and a body does not end with one.
  #isBeforeTable(sheet: SheetBlock): boolean {
    const next = this.#sheet.blocks[this.#sheet.blocks.indexOf(sheet) + 1]
    return !next || next.block.type === "table"
  }

  #footnotes(): string {
    const separator = (id: number, type: string): string =>
      tag("w:footnote", { "w:type": type, "w:id": id }, `<w:p><w:r><w:${type}/></w:r></w:p>`)
    const notes = this.#sheet.notes.map((note) => {
      const { number, runs, block } = note
      const own = runs.map((run) => this.#commented(note, run, { inserted: null, deleted: null, isMoved: false, isNamed: false }))
      const words = [...own, this.#comments.pointing(block.id)].join("")
      const bidi = block.dir === "rtl" ? "<w:bidi/>" : ""
      return tag(
        "w:footnote",
        { "w:id": number },
        `<w:p><w:pPr><w:pStyle w:val="FootnoteText"/>${bidi}</w:pPr><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteRef/></w:r>${wordsMarkup(" ", false)}${words}</w:p>`,
      )
    })
    return `${xml}<w:footnotes ${declared}>${separator(-1, "separator")}${separator(0, "continuationSeparator")}${notes.join("")}</w:footnotes>`
  }
}

const coverStyles: ReadonlyMap<string, string> = new Map([
  ["source", "Source"],
  ["proposal", "Proposal"],
  ["reasons", "Reasons"],
])

/** What is revised of a block as a whole. `isMoved`: it is one end of a move of the block. */
interface Whole {
  readonly inserted: Attribution | null
  readonly deleted: Attribution | null
  readonly isMoved: boolean
  /** Words of it show the move, whatever else is revised. */
  readonly isNamed: boolean
}

/** Who moves something that Word can only put in and take out. */
const still = (by: Attribution): Attribution => ({ ...by, move: null })

/** What a paper is in Word: its paragraphs, footnotes and comments, with live revisions. */
export const wordPartsOf = (sheet: Sheet): WordParts => new Writer(sheet).parts()

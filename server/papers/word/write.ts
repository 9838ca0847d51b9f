import { withStanding } from "../../../shared/comments/place-of.ts"
import { cellSeparator, rowSeparator, splitCharacter } from "../../../shared/schema/block.ts"
import { isApart, isJoin } from "../../../shared/schema/structure.ts"
import { escaped, tag } from "../../files/markup.ts"
import { bookmarkOf, type Carried, type CarriedAct, carriedMarkup, productName } from "../../files/word/carried.ts"
import { aboutDraft, xml } from "../../files/word/own-names.ts"
import type { Attribution, Sheet, SheetBlock, SheetNote, SheetRun, WholeProposal } from "../sheet.ts"
import { splitRuns } from "../sheet-runs.ts"
import { CommentRanges, type Unit } from "./comment-ranges.ts"
import { declared, type WordParts } from "./parts.ts"
import { styleOfBlock } from "./styles.ts"
import { toldByWords } from "./told.ts"

/** A date as Word takes it, or null. What a file said stays as it is. */
function wordDate(date: string | null): string | null {
  if (date === null) return null
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?$/.exec(date)
  return match ? date : null
}

class Writer {
  readonly #sheet: Sheet
  /** Clauses that need no style of ours to be seen as such. */
  readonly #told: ReadonlySet<SheetBlock>
  #ids = 0
  readonly #threadsOf: ReadonlyMap<string, Sheet["threads"][number]>
  readonly #ranges: CommentRanges
  readonly #rows: ReadonlyMap<SheetBlock, readonly Row[]>
  /** Comments without words that are referred to already. */
  readonly #pointed = new Set<string>()
  readonly #authors = new Set<string>()
  /** What Word has no mark for is told in notes of the product. */
  readonly #said: { readonly id: number; readonly author: string; readonly date: null; readonly text: string }[] = []
  /** The same for whoever reads the file in again: what the bookmarks mean. */
  readonly #carried = new Map<string, Carried>()
  /** Bookmarks of the clauses that others are to be joined to or to stand behind. */
  readonly #places = new Map<string, string>()
  /** Of changes that put in what another puts in already: those whose words a bookmark can stand for. */
  readonly #silent: ReadonlySet<string>

  constructor(sheet: Sheet) {
    this.#sheet = sheet
    this.#told = toldByWords(sheet)
    this.#threadsOf = new Map(sheet.threads.map((thread) => [thread.thread.id, thread]))
    this.#rows = new Map(sheet.blocks.flatMap((own) => (own.block.type === "table" ? [[own, rowsOf(own)]] : [])))
    const body = sheet.blocks.flatMap((home) => {
      const isOldPlace = home.moved?.end === "from"
      const runs = this.#rows.get(home)?.flatMap((row) => row.cells.flat()) ?? home.runs
      return runs.map((run): Unit => ({ home, run, isOldPlace }))
    })
    const isAlone = ({ deleted, text, threads, note }: SheetRun): boolean =>
      !deleted && threads.length === 0 && note === null && !/[\t\n\u2029]/.test(text)
    const loud = new Set(
      [...sheet.blocks, ...sheet.notes].flatMap((home) =>
        home.runs.flatMap((run) => (run.inserted && !isAlone(run) ? [run.inserted.change] : [])),
      ),
    )
    const clauses = sheet.blocks.filter(({ inserted }) => inserted !== null && sheet.echoes.has(inserted.change))
    for (const clause of clauses) if (!this.#isBare(clause)) loud.add(clause.inserted!.change)
    this.#silent = new Set([...sheet.echoes].filter((change) => !loud.has(change)))
    for (const { proposals } of sheet.blocks)
      for (const { target } of proposals)
        if (typeof target === "string" && !this.#places.has(target)) this.#places.set(target, this.#name({ kind: "place" }))
    this.#ranges = new CommentRanges([body, ...sheet.notes.map((home) => home.runs.map((run) => ({ home, run, isOldPlace: false })))])
  }

  /** Whether a new clause holds nothing but its own plain words, and stands behind a paragraph that keeps its place. */
  #isBare(clause: SheetBlock): boolean {
    const { block, inserted, runs, relabelled, proposals, late } = clause
    const { blocks, threads } = this.#sheet
    const before = blocks[blocks.indexOf(clause) - 1]
    const isPlain = (run: SheetRun): boolean =>
      run.inserted?.change === inserted!.change &&
      !run.deleted &&
      run.threads.length === 0 &&
      run.note === null &&
      !/[\t\n\u2029]/.test(run.text)
    const isAbout = blocks.some((other) => other.proposals.some(({ target }) => target === block.id))
    return (
      before !== undefined &&
      before.block.type !== "table" &&
      before.moved === null &&
      block.type !== "table" &&
      inserted!.move === null &&
      relabelled === null &&
      proposals.length + late.length === 0 &&
      runs.every(isPlain) &&
      !isAbout &&
      !threads.some(({ home }) => home === block.id)
    )
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
      markup += this.#bookmark(this.#name({ kind: "clause", paragraphs: this.#paragraphs(clause, i) }))
      const text = clause.runs.map((run) => run.text).join("")
      markup += this.#say(clause.inserted!, `also proposes the new clause “${text}” here.`)
    }
    return markup
  }

  #id(): number {
    return ++this.#ids
  }

  #by({ author, date }: Pick<Attribution, "author" | "date">): Record<string, string | number | null> {
    if (author) this.#authors.add(author)
    return { "w:id": this.#id(), "w:author": author, "w:date": wordDate(date) }
  }

  /** A bookmark that means something. */
  #name(carried: Carried): string {
    const name = bookmarkOf(this.#carried.size + 1)
    this.#carried.set(name, carried)
    return name
  }

  #bookmark(name: string, inner = ""): string {
    const id = { "w:id": this.#id() }
    return `${tag("w:bookmarkStart", { ...id, "w:name": name })}${inner}${tag("w:bookmarkEnd", id)}`
  }

  /** Who and when, as a mark of ours has it. */
  #origin({ author, date, move }: Attribution): { author: string; date: string | null; move: string | null } {
    return { author, date: wordDate(date), move }
  }

  parts(): WordParts {
    const line = ({ field, text }: Sheet["opening"][number]): string =>
      this.#plainParagraph(coverStyles.get((field ?? "").toLowerCase()) ?? "Normal", text)
    const blocks = this.#sheet.blocks.map((block, i) => this.#block(block, i))
    const body = [...this.#sheet.opening.map(line), ...blocks, ...this.#sheet.closing.map(line)].join("")
    const footnotes = this.#footnotes()
    const comments = this.#comments()
    return {
      body,
      footnotes,
      ...comments,
      people: `${xml}<w15:people ${declared}>${[...this.#authors].map((author) => tag("w15:person", { "w15:author": author }, tag("w15:presenceInfo", { "w15:providerId": "None", "w15:userId": author }))).join("")}</w15:people>`,
      carried: this.#carried.size > 0 ? carriedMarkup(this.#carried) : null,
      hasNotes: this.#sheet.notes.length > 0,
      hasComments: this.#sheet.threads.length > 0 || this.#said.length > 0,
    }
  }

  #plainParagraph(style: string, text: string): string {
    return `<w:p><w:pPr>${tag("w:pStyle", { "w:val": style })}</w:pPr>${this.#words(text, false)}</w:p>`
  }

  /** Characters as runs; tabs are elements. */
  #words(text: string, isDeleted: boolean): string {
    const name = isDeleted ? "w:delText" : "w:t"
    const parts = text.split("\t").map((part) => (part ? `<${name} xml:space="preserve">${escaped(part)}</${name}>` : ""))
    return text ? `<w:r>${parts.join("<w:tab/>")}</w:r>` : ""
  }

  /** A run inside the revisions that stand on it, the insertion outside. `within`: the move of the whole, whose range is open around it already. */
  #revised(inner: string, inserted: Attribution | null, deleted: Attribution | null, within: string | null = null): string {
    let markup = inner
    if (deleted) markup = tag(deleted.move ? "w:moveFrom" : "w:del", this.#by(deleted), markup)
    if (inserted) markup = tag(inserted.move ? "w:moveTo" : "w:ins", this.#by(inserted), markup)
    // A name is that of one range at each end (ECMA-376-1, 17.13.5.24 and 17.13.5.28).
    if (deleted?.move && deleted.move !== within) markup = this.#inMove("From", deleted, markup)
    if (inserted?.move && inserted.move !== within) markup = this.#inMove("To", inserted, markup)
    return markup
  }

  #inMove(end: "From" | "To", by: Attribution, markup: string): string {
    const [start, close] = this.#moveRange(end, by)
    return `${start}${markup}${close}`
  }

  #moveRange(end: "From" | "To", by: Attribution): [start: string, end: string] {
    const id = this.#id()
    return [tag(`w:move${end}RangeStart`, { ...this.#by(by), "w:id": id, "w:name": by.move }), tag(`w:move${end}RangeEnd`, { "w:id": id })]
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
    return this.#bookmark(this.#name({ kind: "put", ...this.#origin(by), text })) + this.#tell(by, `also proposes “${text}”.`, whole)
  }

  /** A space between words of two sources, which as proposed are read apart (RIVAL6). In the body's or nobody's name it is one of their words. */
  #gap(run: SheetRun, whole: Whole): string {
    const space = this.#written({ ...run, text: " ", deleted: null, alsoDeleted: [], note: null, isParted: false }, whole)
    return this.#isNamed ? this.#bookmark(this.#name({ kind: "gap" }), space) : space
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
        ? this.#words(run.text, striker !== null)
        : `<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr>${tag("w:footnoteReference", { "w:id": run.note })}</w:r>`
    // In the body's or nobody's name who takes out the same words once more is no other.
    const others = this.#isNamed ? gone.filter((by) => by !== mover && by !== striker) : []
    const struck = striker && mover ? tag("w:del", this.#by(striker), text) : text
    const revised = this.#revised(struck, inserted, mover ?? striker)
    const also = others.map((by) => this.#tell(by, `also deletes “${run.text}”.`, whole)).join("")
    const bookmarked = (markup: string): string =>
      others.reduce((inner, by) => this.#bookmark(this.#name({ kind: "strike", ...this.#origin(by) }), inner), markup) + also
    // Some readers drop a revision within another. What others struck before a clause moves stands beside its words at the old place, and what they put
    // in beside those at the new one: both are read there, with all accepted and with all rejected. What is at neither end then is nested.
    const isBeside = whole.isNamed && (around.deleted ? gone.length > 0 && !inserted : inserted !== null)
    if (isBeside) return bookmarked(revised)
    const moving = around.deleted ? tag("w:moveFrom", this.#by(around.deleted), revised) : revised
    return bookmarked(around.inserted ? tag("w:moveTo", this.#by(around.inserted), moving) : moving)
  }

  /** What is told of a run of a clause that moves, which is written twice, is told where it moves from. */
  #tell(by: Attribution, text: string, whole: Whole): string {
    return whole.isMoved && whole.inserted ? "" : this.#say(by, text)
  }

  /** A note at this place of what somebody proposes: none in a paper without comments. */
  #say(by: Attribution, text: string): string {
    return this.#sheet.hasComments ? this.#warn(by, ` ${text}`) : ""
  }

  /** A note of the product at this place: nobody of the meeting has said it. What accepting a change does that came too late every paper says (RIVAL4), and what is proposed about a clause that its text cannot show. */
  #warn(by: Attribution, text: string): string {
    const id = 1_000_000 + this.#said.length
    const who = this.#sheet.marks === "plain" ? "Another proposal" : by.author || "Somebody"
    const note = `${who}${text}`
    this.#name({ kind: "note", text: note })
    this.#said.push({ id, author: productName, date: null, text: note })
    return `<w:r>${tag("w:commentReference", { "w:id": id })}</w:r>`
  }

  /** Bookmarks at a block, for what is proposed about it as a whole that Word cannot mark, and for what others propose to bring to it. */
  #points({ block, proposals, others, moved }: SheetBlock, index: number): string {
    if (moved?.end === "to") return ""
    const place = this.#places.get(block.id)
    const carried = proposals.filter(
      (one) => others.includes(one) || one.proposal.kind === "level" || (one.proposal.kind === "join" && !this.#isJoined(index)),
    )
    const marks = carried.flatMap(({ by, proposal, target }) => {
      const act = this.#actOf(proposal, target)
      return act ? [this.#bookmark(this.#name({ kind: "act", act, by: this.#origin(by) }))] : []
    })
    return (place === undefined ? "" : this.#bookmark(place)) + marks.join("")
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
    const joined = this.#isJoined(index) ? sheet.joined : null
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
      current += this.#openThreads(sheet, run)
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
      current += this.#closeThreads(sheet, run)
    }
    point()
    current += this.#pointThreads(sheet.block.id)
    current += this.#unmarked(sheet, index)
    if (!isSilent) current += this.#alikeBehind(index)
    const isInserted = sheet.inserted ?? whole.inserted ?? sheet.cut
    paragraphs.push(this.#paragraph(sheet, current, isInserted, whole.deleted ?? this.#joinedBehind(index)))
    const body = paragraphs.join("")
    return moved ? this.#inMove(moved.end === "from" ? "From" : "To", moved.by, body) : body
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
    const words = (text: string, isDeleted: boolean): string => this.#words(text, isDeleted)
    const within = moved?.by.move ?? null
    if (relabelled === null) return this.#revised(words(`${label}\t`, gone !== null && !gone.move), by, gone, within)
    const tab = (text: string): string => (text ? `${text}\t` : "")
    const isSame = relabelled.was !== "" && label !== ""
    // The blank between a label and its words stays where the clause keeps one.
    const [was, now] = isSame ? [relabelled.was, label] : [tab(relabelled.was), tab(label)]
    const struck = this.#revised(words(was, true), null, relabelled.by)
    const put = this.#revised(words(now, gone !== null && !gone.move), relabelled.by, gone, within)
    return `${was ? struck : ""}${now ? put : ""}${isSame ? this.#revised(words("\t", gone !== null && !gone.move), by, gone, within) : ""}`
  }

  #paragraph(sheet: SheetBlock, content: string, inserted: Attribution | null, deleted: Attribution | null): string {
    const { block, level } = sheet
    const isTold = this.#told.has(sheet)
    const style = tag("w:pStyle", { "w:val": styleOfBlock(block, isTold) })
    const marks = [
      ...(inserted ? [tag(inserted.move ? "w:moveTo" : "w:ins", this.#by(inserted))] : []),
      ...(deleted ? [tag(deleted.move ? "w:moveFrom" : "w:del", this.#by(deleted))] : []),
    ].join("")
    const bidi = block.dir === "rtl" ? "<w:bidi/>" : ""
    const rPr = marks ? `<w:rPr>${marks}</w:rPr>` : ""
    const was = level && block.type === "clause" ? styleOfBlock({ ...block, level: level.was }, isTold) : null
    const change = level && was ? tag("w:pPrChange", this.#by(level.by), `<w:pPr>${tag("w:pStyle", { "w:val": was })}${bidi}</w:pPr>`) : ""
    const paragraph = (inner: string): string => `<w:p><w:pPr>${style}${bidi}${rPr}${change}</w:pPr>${content}${inner}</w:p>`
    return sheet.moved ? paragraph("") : this.#markMoves(paragraph, inserted, deleted)
  }

  /** An end of a paragraph that moves with words: the range of the move must be open at it for its name to be known. */
  #markMoves(paragraph: (inner: string) => string, inserted: Attribution | null, deleted: Attribution | null): string {
    const by = inserted?.move ? inserted : deleted?.move ? deleted : null
    if (!by) return paragraph("")
    const [start, end] = this.#moveRange(by === inserted ? "To" : "From", by)
    return paragraph(start) + end
  }

  /** Tells what Word cannot mark: a level, a join to a clause that does not stand right before, a second proposal, and that something came too late. */
  #unmarked({ proposals, others, late, moved }: SheetBlock, index: number): string {
    if (moved?.end === "to") return ""
    const told = proposals.filter(
      (one) => others.includes(one) || one.proposal.kind === "level" || (one.proposal.kind === "join" && !this.#isJoined(index)),
    )
    const notes = [...told.map(({ by, said }) => this.#warn(by, ` ${said}.`)), ...late.map(({ by, said }) => this.#warn(by, `: ${said}`))]
    return notes.join("")
  }

  /** Whether the mark of the end before a clause says that it is joined to what stands there: no other act takes either of them away. */
  #isJoined(index: number): boolean {
    const { blocks } = this.#sheet
    const own = blocks[index]!
    const join = own.block.structure.find(isJoin)
    let before = index - 1
    while (blocks[before]?.deleted) before--
    if (!join || before < 0 || own.deleted || own.moved || blocks[before]!.moved) return false
    return this.#leadsTo(blocks[index - 1]!, join.into, index)
  }

  /** Who joins the next block that stays to this one: then its end is deleted. */
  #joinedBehind(index: number): Attribution | null {
    const { blocks } = this.#sheet
    let i = index + 1
    while (blocks[i]?.deleted) i++
    return blocks[i] && this.#isJoined(i) ? blocks[i]!.joined : null
  }

  /** Whether what stands right before a clause is what it is to be joined to, but for clauses that go. */
  #leadsTo(before: SheetBlock, into: string, index: number): boolean {
    for (let i = index - 1, at: SheetBlock | undefined = before; at; at = this.#sheet.blocks[--i]) {
      if (at.block.id === into) return at.moved === null && !at.deleted
      const other = at.block.structure.find(isJoin)
      if (!at.deleted && !other) return false
    }
    return false
  }

  /** A run of a cell or a note, with the comments that begin before and end behind it. */
  #commented(home: SheetBlock | SheetNote, run: SheetRun, whole: Whole): string {
    return `${this.#openThreads(home, run)}${this.#run(run, whole)}${this.#closeThreads(home, run)}`
  }

  #openThreads(home: SheetBlock | SheetNote, run: SheetRun): string {
    const remarks = this.#ranges.opening(home, run).flatMap((id) => this.#commentsOf(id))
    return remarks.map((id) => tag("w:commentRangeStart", { "w:id": id })).join("")
  }

  #closeThreads(home: SheetBlock | SheetNote, run: SheetRun): string {
    const remarks = this.#ranges.closing(home, run).flatMap((id) => this.#commentsOf(id))
    return remarks
      .map((id) => `${tag("w:commentRangeEnd", { "w:id": id })}<w:r>${tag("w:commentReference", { "w:id": id })}</w:r>`)
      .join("")
  }

  /** Ids of the comments that a thread is in Word. */
  #commentsOf(thread: string): number[] {
    const found = this.#threadsOf.get(thread)
    return found ? found.remarks.map((_, i) => commentId(found.number, i)) : []
  }

  /** Threads about a block without words of it that are still there: a reference alone. */
  #pointThreads(block: string): string {
    const pointed = this.#sheet.threads.filter(
      ({ thread, home }) => home === block && !this.#ranges.has(thread.id) && !this.#pointed.has(thread.id),
    )
    for (const { thread } of pointed) this.#pointed.add(thread.id)
    return pointed
      .flatMap(({ number, remarks, thread }) => {
        // An empty range before it: some readers know comments by their ranges only.
        const references = remarks
          .map((_, i) => {
            const id = { "w:id": commentId(number, i) }
            return `${tag("w:commentRangeStart", id)}${tag("w:commentRangeEnd", id)}<w:r>${tag("w:commentReference", id)}</w:r>`
          })
          .join("")
        return thread.anchor.on === "draft" ? this.#aboutDraft(references, number) : [references]
      })
      .join("")
  }

  /** Word has no comment on the whole: a bookmark says that the place means nothing. */
  #aboutDraft(references: string, number: number): string {
    const id = this.#id()
    return `${tag("w:bookmarkStart", { "w:id": id, "w:name": `${aboutDraft}${number}` })}${references}${tag("w:bookmarkEnd", { "w:id": id })}`
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
      const trPr = [...(inserted ? [tag("w:ins", this.#by(inserted))] : []), ...(deleted ? [tag("w:del", this.#by(deleted))] : [])].join("")
      const cells = parts.map(
        (cell) =>
          `<w:tc><w:tcPr>${tag("w:tcW", { "w:w": width, "w:type": "dxa" })}</w:tcPr><w:p>${takeMarks()}${cell.map((run) => this.#commented(sheet, run, whole)).join("")}</w:p></w:tc>`,
      )
      return `<w:tr>${trPr ? `<w:trPr>${trPr}</w:trPr>` : ""}${cells.join("")}</w:tr>`
    })
    const points = this.#pointThreads(sheet.block.id) + this.#unmarked(sheet, this.#sheet.blocks.indexOf(sheet))
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
      const words = [...own, this.#pointThreads(block.id)].join("")
      const bidi = block.dir === "rtl" ? "<w:bidi/>" : ""
      return tag(
        "w:footnote",
        { "w:id": number },
        `<w:p><w:pPr><w:pStyle w:val="FootnoteText"/>${bidi}</w:pPr><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteRef/></w:r>${this.#words(" ", false)}${words}</w:p>`,
      )
    })
    return `${xml}<w:footnotes ${declared}>${separator(-1, "separator")}${separator(0, "continuationSeparator")}${notes.join("")}</w:footnotes>`
  }

  /** Where a remark comes from that a file brought and that bears a source's name, in a line of its own before it. Who brings a file did not make what it says of nobody (ONTO9). */
  #comingFrom(from: string | null): string {
    if (from === null) return ""
    this.#name({ kind: "from", text: from })
    return `${from}\n`
  }

  #comments(): Pick<WordParts, "comments" | "commentsExtended"> {
    const list = [
      ...this.#sheet.threads.flatMap(({ number, remarks, thread, said }) =>
        remarks.map((remark, i) => ({
          ...remark,
          // Word has no other place that says what became of what it is about.
          text: (remark.isStated ? this.#comingFrom(remark.from) : "") + withStanding(i === 0 ? said : null, remark.text),
          id: commentId(number, i),
          parent: i === 0 ? null : paragraphId(commentId(number, 0)),
          isResolved: thread.isResolved,
        })),
      ),
      ...this.#said.map((said) => ({ ...said, parent: null, isResolved: false })),
    ]
    const comments = list.map(({ id, author, date, text }) => {
      if (author) this.#authors.add(author)
      const lines = text.split("\n")
      const paragraphs = lines.map((line, i) => {
        const last = i === lines.length - 1 ? { "w14:paraId": paragraphId(id) } : {}
        return tag(
          "w:p",
          last,
          `<w:pPr><w:pStyle w:val="CommentText"/></w:pPr>${i === 0 ? "<w:r><w:annotationRef/></w:r>" : ""}${this.#words(line, false)}`,
        )
      })
      return tag(
        "w:comment",
        { "w:id": id, "w:author": author, "w:date": wordDate(date), "w:initials": initialsOf(author) },
        paragraphs.join(""),
      )
    })
    const states = list.map(({ id, parent, isResolved }) =>
      tag("w15:commentEx", { "w15:paraId": paragraphId(id), "w15:paraIdParent": parent, "w15:done": isResolved ? "1" : "0" }),
    )
    return {
      comments: `${xml}<w:comments ${declared}>${comments.join("")}</w:comments>`,
      commentsExtended: `${xml}<w15:commentsEx ${declared}>${states.join("")}</w15:commentsEx>`,
    }
  }
}

const coverStyles: ReadonlyMap<string, string> = new Map([
  ["source", "Source"],
  ["proposal", "Proposal"],
  ["reasons", "Reasons"],
])

/** Ids of comments leave room for replies. */
const commentId = (thread: number, reply: number): number => thread * 1_000 + reply

/** Eight hexadecimal digits below 0x80000000, as Word wants them. */
const paragraphId = (comment: number): string => (0x1000_0000 + comment).toString(16).toUpperCase().padStart(8, "0")

const initialsOf = (author: string): string =>
  author
    .split(/\s+/)
    .map((word) => word.match(/\p{L}/u)?.[0] ?? "")
    .join("")
    .slice(0, 4)

/** What is revised of a block as a whole. `isMoved`: it is one end of a move of the block. */
interface Whole {
  readonly inserted: Attribution | null
  readonly deleted: Attribution | null
  readonly isMoved: boolean
  /** Words of it show the move, whatever else is revised. */
  readonly isNamed: boolean
}

/** A row of a table with the runs of its cells, and the run of the line feed that comes and goes with it: behind it, of the last rows before it. */
interface Row {
  readonly runs: readonly SheetRun[]
  readonly cells: readonly (readonly SheetRun[])[]
  readonly separator: SheetRun | null
}

function rowsOf({ runs }: SheetBlock): Row[] {
  const rows = splitRuns(runs, rowSeparator)
  const isRevised = (i: number, separator: SheetRun | null | undefined): boolean =>
    (["inserted", "deleted"] as const).some((kind) => separator?.[kind] && rows[i]!.runs.every((run) => run[kind] !== null))
  let firstAtEnd = rows.length
  while (firstAtEnd > 1 && isRevised(firstAtEnd - 1, rows[firstAtEnd - 2]!.end)) firstAtEnd--
  // Where every row is revised there is none that the others stand behind.
  if (firstAtEnd === 1 && rows[0]!.runs.length > 0 && isRevised(0, rows[0]!.end)) firstAtEnd = rows.length
  return rows.map((row, i) => ({
    runs: row.runs,
    cells: splitRuns(row.runs, cellSeparator).map((cell) => cell.runs),
    separator: (i >= firstAtEnd ? rows[i - 1]!.end : i === firstAtEnd - 1 ? null : row.end) ?? null,
  }))
}

/** Who moves something that Word can only put in and take out. */
const still = (by: Attribution): Attribution => ({ ...by, move: null })

/** What a paper is in Word: its paragraphs, footnotes and comments, with live revisions. */
export const wordPartsOf = (sheet: Sheet): WordParts => new Writer(sheet).parts()

// All comments of a Word file: the threads of the draft, each remark one of them, and notes of the product that tell what Word has no mark for.
import { withStanding } from "../../../shared/comments/place-of.ts"
import { tag } from "../../files/markup.ts"
import { productName } from "../../files/word/carried.ts"
import { aboutDraft, xml } from "../../files/word/own-names.ts"
import type { Attribution, Sheet, SheetBlock, SheetNote, SheetRun } from "../sheet.ts"
import type { CommentRanges } from "./comment-ranges.ts"
import { type Marks, wordDate, wordsMarkup } from "./marks.ts"
import { declared, type WordParts } from "./parts.ts"

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

/** The comments of one file, as they are met while it is written. */
export class Comments {
  readonly #sheet: Sheet
  readonly #marks: Marks
  readonly #ranges: CommentRanges
  readonly #threadsOf: ReadonlyMap<string, Sheet["threads"][number]>
  /** Comments without words that are referred to already. */
  readonly #pointed = new Set<string>()
  /** What Word has no mark for is told in notes of the product. */
  readonly #said: { readonly id: number; readonly author: string; readonly date: null; readonly text: string }[] = []

  constructor(sheet: Sheet, marks: Marks, ranges: CommentRanges) {
    this.#sheet = sheet
    this.#marks = marks
    this.#ranges = ranges
    this.#threadsOf = new Map(sheet.threads.map((thread) => [thread.thread.id, thread]))
  }

  /** Whether there are any by now. */
  get areThere(): boolean {
    return this.#sheet.threads.length > 0 || this.#said.length > 0
  }

  /** A note of the product at this place: nobody of the meeting has said it. What accepting a change does that came too late every paper says (RIVAL4), and what is proposed about a clause that its text cannot show. */
  note(by: Attribution, text: string): string {
    const id = 1_000_000 + this.#said.length
    const who = this.#sheet.marks === "plain" ? "Another proposal" : by.author || "Somebody"
    const note = `${who}${text}`
    this.#marks.name({ kind: "note", text: note })
    this.#said.push({ id, author: productName, date: null, text: note })
    return `<w:r>${tag("w:commentReference", { "w:id": id })}</w:r>`
  }

  /** What opens the ranges that begin right before a run. */
  opening(home: SheetBlock | SheetNote, run: SheetRun): string {
    const remarks = this.#ranges.opening(home, run).flatMap((id) => this.#commentsOf(id))
    return remarks.map((id) => tag("w:commentRangeStart", { "w:id": id })).join("")
  }

  /** What closes those that end right behind it. */
  closing(home: SheetBlock | SheetNote, run: SheetRun): string {
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
  pointing(block: string): string {
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
    const id = this.#marks.id()
    return `${tag("w:bookmarkStart", { "w:id": id, "w:name": `${aboutDraft}${number}` })}${references}${tag("w:bookmarkEnd", { "w:id": id })}`
  }

  /** Where a remark comes from that a file brought and that bears a source's name, in a line of its own before it. Who brings a file did not make what it says of nobody (ONTO9). */
  #comingFrom(from: string | null): string {
    if (from === null) return ""
    this.#marks.name({ kind: "from", text: from })
    return `${from}\n`
  }

  /** The parts of the file that hold them. */
  parts(): Pick<WordParts, "comments" | "commentsExtended"> {
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
      if (author) this.#marks.authors.add(author)
      const lines = text.split("\n")
      const paragraphs = lines.map((line, i) => {
        const last = i === lines.length - 1 ? { "w14:paraId": paragraphId(id) } : {}
        return tag(
          "w:p",
          last,
          `<w:pPr><w:pStyle w:val="CommentText"/></w:pPr>${i === 0 ? "<w:r><w:annotationRef/></w:r>" : ""}${wordsMarkup(line, false)}`,
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

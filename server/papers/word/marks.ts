// What a Word file numbers, names and dates: revisions, moves, bookmarks, authors. A number is that of one thing, so that all who write into a file ask here.
import { escaped, tag } from "../../files/markup.ts"
import { bookmarkOf, type Carried } from "../../files/word/carried.ts"
import type { Attribution } from "../sheet.ts"

/** A date as Word takes it, or null. What a file said stays as it is. */
export function wordDate(date: string | null): string | null {
  if (date === null) return null
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?$/.exec(date)
  return match ? date : null
}

/** Characters as runs; tabs are elements. */
export function wordsMarkup(text: string, isDeleted: boolean): string {
  const name = isDeleted ? "w:delText" : "w:t"
  const parts = text.split("\t").map((part) => (part ? `<${name} xml:space="preserve">${escaped(part)}</${name}>` : ""))
  return text ? `<w:r>${parts.join("<w:tab/>")}</w:r>` : ""
}

/** The marks of one file. */
export class Marks {
  /** All whom the file names. */
  readonly authors = new Set<string>()
  /** The same for whoever reads the file in again: what the bookmarks mean. */
  readonly carried = new Map<string, Carried>()
  #ids = 0

  /** A number that nothing else has. */
  id(): number {
    return ++this.#ids
  }

  /** Who and when, as attributes of a revision. */
  by({ author, date }: Pick<Attribution, "author" | "date">): Record<string, string | number | null> {
    if (author) this.authors.add(author)
    return { "w:id": this.id(), "w:author": author, "w:date": wordDate(date) }
  }

  /** A bookmark that means something. */
  name(carried: Carried): string {
    const name = bookmarkOf(this.carried.size + 1)
    this.carried.set(name, carried)
    return name
  }

  bookmark(name: string, inner = ""): string {
    const id = { "w:id": this.id() }
    return `${tag("w:bookmarkStart", { ...id, "w:name": name })}${inner}${tag("w:bookmarkEnd", id)}`
  }

  /** Who and when, as a mark of ours has it. */
  origin({ author, date, move }: Attribution): { author: string; date: string | null; move: string | null } {
    return { author, date: wordDate(date), move }
  }

  /** A run inside the revisions that stand on it, the insertion outside. `within`: the move of the whole, whose range is open around it already. */
  revised(inner: string, inserted: Attribution | null, deleted: Attribution | null, within: string | null = null): string {
    let markup = inner
    if (deleted) markup = tag(deleted.move ? "w:moveFrom" : "w:del", this.by(deleted), markup)
    if (inserted) markup = tag(inserted.move ? "w:moveTo" : "w:ins", this.by(inserted), markup)
    // A name is that of one range at each end (ECMA-376-1, 17.13.5.24 and 17.13.5.28).
    if (deleted?.move && deleted.move !== within) markup = this.inMove("From", deleted, markup)
    if (inserted?.move && inserted.move !== within) markup = this.inMove("To", inserted, markup)
    return markup
  }

  /** Markup within the range of a move. */
  inMove(end: "From" | "To", by: Attribution, markup: string): string {
    const [start, close] = this.moveRange(end, by)
    return `${start}${markup}${close}`
  }

  /** The signs between which something moves. */
  moveRange(end: "From" | "To", by: Attribution): [start: string, end: string] {
    const id = this.id()
    return [tag(`w:move${end}RangeStart`, { ...this.by(by), "w:id": id, "w:name": by.move }), tag(`w:move${end}RangeEnd`, { "w:id": id })]
  }
}

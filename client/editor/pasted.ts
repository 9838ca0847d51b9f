/** What was left out of pasted HTML, in the words of the room. */
export type LeftOut = "struck words" | "footnotes" | "comments"

export interface Pasted {
  /** One per paragraph; of a table one per row. As plain text has it, an item of a deeper list begins with a tab for each level. */
  readonly lines: readonly string[]
  readonly leftOut: ReadonlySet<LeftOut>
  /** Whether rows of a table are among the lines. */
  readonly hasTable: boolean
}

/** Between the cells of a row: a clause holds no tab (GATE1), and one space would not tell where a cell ends. */
const betweenCells = "\u2003"

const blockTags = new Set(
  "P DIV LI UL OL DL DT DD H1 H2 H3 H4 H5 H6 BLOCKQUOTE PRE TABLE THEAD TBODY TFOOT TR CAPTION SECTION ARTICLE ASIDE HEADER FOOTER MAIN FIGURE FIGCAPTION HR".split(
    " ",
  ),
)
const unread = new Set("STYLE SCRIPT TEMPLATE TITLE META LINK XML NOSCRIPT OBJECT IFRAME SVG MATH".split(" "))
const struckTags = new Set(["DEL", "S", "STRIKE"])

// Styles are read as they are written: a browser forgets those of Word, such as `mso-list`, once it has understood them.
const struckStyle = /text-decoration(?:-line)?\s*:[^;]{0,200}line-through|text-line-through\s*:\s*(?!none)/i
const tabStyle = /mso-tab-count/i
const levelStyle = /mso-list\s*:[^;]{0,80}\blevel([1-9])/i
const hiddenStyle = /display\s*:\s*none|mso-hide\s*:\s*all|mso-list\s*:\s*ignore/i
const noteStyle = /mso-(?:foot|end)note-id|mso-element\s*:\s*(?:foot|end)note(?:-list)?\b/i
const commentStyle = /mso-element\s*:\s*comment|mso-special-character\s*:\s*comment|mso-comment-reference/i

/** Selectors of the pasted style sheets whose rules say something, such as `span.msoDel {text-decoration: line-through}`. */
function selectorsOf(document: Document, meaning: RegExp): string[] {
  const rules = [...document.querySelectorAll("style")].flatMap((style) =>
    (style.textContent ?? "").replace(/<!--|-->|\/\*[\s\S]*?\*\//g, "").split("}"),
  )
  return rules.flatMap((rule) => {
    const [selector = "", body = ""] = rule.split("{")
    return meaning.test(body) ? [selector.trim()] : []
  })
}

function chosenBy(document: Document, meaning: RegExp): Set<Element> {
  const chosen = new Set<Element>()
  for (const selector of selectorsOf(document, meaning)) {
    try {
      for (const element of document.querySelectorAll(selector)) chosen.add(element)
    } catch {
      // Word writes rules such as "@list l0:level1" among the others; they choose nothing.
    }
  }
  return chosen
}

/** Reads one pasted document. */
class Reader {
  readonly leftOut = new Set<LeftOut>()
  hasTable = false
  readonly #struck: ReadonlySet<Element>
  readonly #hidden: ReadonlySet<Element>
  /** Of our own copies every space counts. */
  readonly #isVerbatim: boolean
  #lines: string[] = []
  #line = ""
  /** How deep in lists stands what is read, and where the line began: 0 and 1 are the outermost. */
  #level = 0
  #lineLevel = 0
  /** How many paragraphs, cells and the like are around what is read. */
  #depth = 0

  constructor(document: Document) {
    this.#struck = chosenBy(document, struckStyle)
    this.#hidden = chosenBy(document, hiddenStyle)
    this.#isVerbatim = document.querySelector("[data-pm-slice]") !== null
  }

  linesIn(node: Node): string[] {
    const [lines, line] = [this.#lines, this.#line]
    this.#lines = []
    this.#line = ""
    this.#readInside(node)
    this.#endLine()
    const read = this.#lines
    this.#lines = lines
    this.#line = line
    return read
  }

  #readInside(node: Node): void {
    for (const child of node.childNodes) this.#read(child)
  }

  #read(node: Node): void {
    if (node.nodeType === Node.TEXT_NODE) return this.#write(node.textContent ?? "")
    if (!(node instanceof Element) || unread.has(node.tagName.toUpperCase()) || this.#isLeftOut(node)) return
    if (node.tagName === "BR") return this.#write(" ")
    // A space that a browser has protected, and no one who wrote it.
    if (node.tagName === "SPAN" && node.textContent === "\u00a0" && isMadeByBrowser(node)) return this.#write(" ")
    if (isTab(node)) return this.#tab()
    if (!blockTags.has(node.tagName)) return this.#readInside(node)
    this.#endLine()
    const around = this.#level
    this.#level = levelOf(node) ?? around
    this.#depth++
    if (node.tagName === "TR") this.#row(node)
    else this.#readInside(node)
    this.#endLine()
    this.#depth--
    this.#level = around
  }

  /** Whether an element is no part of what was written: struck, a list label, hidden, a footnote, a comment. */
  #isLeftOut(element: Element): boolean {
    const style = element.getAttribute("style") ?? ""
    const name = element.getAttribute("class") ?? ""
    if (struckTags.has(element.tagName) || /\bmsoDel\b/i.test(name) || struckStyle.test(style) || this.#struck.has(element))
      return this.#leaveOut(element, "struck words")
    if (noteStyle.test(style)) return this.#leaveOut(element, "footnotes")
    if (commentStyle.test(style) || /\bMso(?:CommentReference|comanchor)\b/i.test(name)) return this.#leaveOut(element, "comments")
    return hiddenStyle.test(style) || this.#hidden.has(element)
  }

  #leaveOut(element: Element, what: LeftOut): true {
    if ((element.textContent ?? "").trim()) this.leftOut.add(what)
    return true
  }

  #row(row: Element): void {
    const cells = [...row.children].filter((cell) => cell.tagName === "TD" || cell.tagName === "TH")
    const isAlone = cells.length === 1 && row.closest("table")?.querySelectorAll("td, th").length === 1
    // One cell is no table: its paragraphs stay paragraphs.
    if (isAlone) return this.#readInside(cells[0]!)
    const words = cells.map((cell) => (this.#isLeftOut(cell) ? "" : this.linesIn(cell).join(" ")))
    if (!words.some(Boolean)) return
    this.hasTable = true
    this.#lines.push(words.join(betweenCells).trimEnd())
  }

  /** Behind a label typed by hand a tab tells it from the words; elsewhere it is a blank. */
  #tab(): void {
    if (this.#line.trim()) this.#line = `${this.#line.trimEnd()}\t`
  }

  #write(text: string): void {
    if (!this.#line.trim()) this.#lineLevel = this.#level
    if (this.#isVerbatim) {
      this.#line += text
      return
    }
    // Between the tags of a page, where no paragraph is.
    if (this.#depth === 0 && /^[ \t]*[\r\n]\s*$/.test(text)) return
    const words = text.replace(/[ \t\r\n\f]+/g, " ")
    this.#line += /[ \t]$/.test(this.#line) ? words.trimStart() : words
  }

  #endLine(): void {
    // At the ends of a paragraph a space is layout; of words out of one it is the space that belongs to them.
    const line = this.#isVerbatim || this.#depth === 0 ? this.#line : this.#line.trim()
    this.#line = ""
    if (line.trim()) this.#lines.push("\t".repeat(Math.max(0, this.#lineLevel - 1)) + line)
  }
}

/** A tab as Word and Google Docs write it. */
const isTab = (element: Element): boolean =>
  element.tagName === "SPAN" &&
  (tabStyle.test(element.getAttribute("style") ?? "") || (element.textContent === "\t" && element.classList.contains("Apple-tab-span")))

/** How deep an item of a list stands, where the page says it: Word in its style, Google Docs in an attribute, others by lists within lists. */
function levelOf(element: Element): number | null {
  const said = levelStyle.exec(element.getAttribute("style") ?? "")?.[1] ?? element.getAttribute("aria-level")
  if (said && /^[1-9]$/.test(said)) return Number(said)
  if (element.tagName !== "LI") return null
  let depth = 0
  for (let at = element.parentElement; at; at = at.parentElement) if (at.tagName === "UL" || at.tagName === "OL") depth++
  return depth
}

const isMadeByBrowser = (span: Element): boolean =>
  span.getAttribute("class") === "Apple-converted-space" || (!span.hasAttribute("class") && !span.hasAttribute("style"))

/**
 * The paragraphs of pasted HTML as it was meant: without what is struck, hidden or a list label there, without footnotes and comments; the cells of a
 * table stay apart. Word and Google Docs write what they strike and number in styles of their own.
 */
export function readPasted(html: string): Pasted {
  const document = new DOMParser().parseFromString(html, "text/html")
  const reader = new Reader(document)
  const lines = reader.linesIn(document.body)
  return { lines, leftOut: reader.leftOut, hasTable: reader.hasTable }
}

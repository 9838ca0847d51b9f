import { random } from "./build.ts"
import { by, moved, movedP, moveRange, p, wordFile } from "./word-file.ts"

/** What is known of words of a random file: whether they come, whether they go, in which footnote they stand, which comments are about them. */
interface Known {
  readonly text: string
  readonly comes: boolean
  readonly goes: boolean
  readonly note: number | null
  readonly comments: readonly number[]
  /** Whether they are one end of a clause that moves: such words stand twice in the file. */
  readonly isMoved: boolean
}

/** Makes a Word file at random, with revisions in and around everything that Word puts between words, and keeps the truth about every word. */
export class RandomFile {
  readonly bytes: Uint8Array
  readonly #random: ReturnType<typeof random>
  readonly #words: Known[] = []
  readonly #notes: string[] = []
  /** What is so of all that is written now. */
  #state: Omit<Known, "text" | "comments"> = { comes: false, goes: false, note: null, isMoved: false }
  /** Comments that have begun and not ended. */
  #open: readonly number[] = []
  #count = 0
  /** Words of each text box, and words struck by hand. */
  readonly boxes: string[] = []
  readonly struck: string[] = []
  #comments = 0
  #moving: { text: string; name: string; own: string } | null = null

  constructor(seed: number) {
    this.#random = random(seed)
    const { below } = this.#random
    const blocks = this.#some(2 + below(6), () => this.#block())
    const body = blocks + p(this.#plain() + this.#some(this.#open.length, () => this.#endOfComment()))
    const notes = `<w:footnote w:id="0" w:type="separator">${p("")}</w:footnote>${this.#notes.join("")}`
    const comments = Array.from(
      { length: this.#comments },
      (_, id) => `<w:comment w:id="${id}" w:author="Eve">${p(`<w:r><w:t>remark ${id}</w:t></w:r>`)}</w:comment>`,
    )
    this.bytes = wordFile({ body, footnotes: notes, comments: comments.join("") })
  }

  #block(): string {
    const kind = this.#random.below(14)
    return kind < 2 ? this.#table() : kind === 2 ? this.#movingClause() : kind === 3 ? this.#movingStretch() : this.#paragraph()
  }

  /** By the text of a comment: the words that it is about; of one that reaches into what moves nothing is said. */
  quotes(): ReadonlyMap<string, string> {
    const ids = Array.from({ length: this.#comments }, (_, id) => id)
    const about = (id: number): Known[] => this.#words.filter(({ comments, note }) => note === null && comments.includes(id))
    return new Map(
      ids
        .filter((id) => !about(id).some((word) => word.isMoved))
        .map((id) => [
          `remark ${id}`,
          about(id)
            .map(({ text }) => text)
            .join(""),
        ]),
    )
  }

  /** The text with everything accepted, or rejected; of the footnotes it is told apart. */
  text(view: "proposed" | "working", isNote: boolean): string {
    const isThere = ({ comes, goes }: Known): boolean => (view === "proposed" ? !goes : !comes)
    return this.#words
      .filter((word) => (word.note !== null) === isNote && isThere(word))
      .map((word) => word.text)
      .join("")
  }

  #some(n: number, make: () => string): string {
    return Array.from({ length: n }, make).join("")
  }

  #under(more: Partial<Known>, make: () => string): string {
    const was = this.#state
    this.#state = { ...was, ...more }
    const made = make()
    this.#state = was
    return made
  }

  #by(): string {
    const { pick } = this.#random
    return by(pick(["Ann", "Bob", "Cy"]), pick(["2026-03-01T10:00:00Z", "2026-03-02T11:00:00Z"]))
  }

  #say(text: string, more: Partial<Known> = {}): void {
    this.#words.push({ text, ...this.#state, comments: this.#open, ...more })
  }

  #phrase(isSaid = true): string {
    const { below, pick } = this.#random
    const letter = (n: number): string => String.fromCharCode(97 + (n % 26))
    const word = (): string => {
      const n = this.#count++
      return `${pick(["lamp", "mole", "rope", "ship", "bell", "tide", "mast", "keel"])}${letter(n)}${letter(Math.floor(n / 26))}`
    }
    const text = Array.from({ length: 1 + below(3) }, word).join(" ") + pick(["", " ", ", "])
    if (isSaid) this.#say(text)
    return text
  }

  #plain(): string {
    const kind = this.#random.below(16)
    const text = this.#phrase()
    if (kind === 4 && !this.#state.goes) this.struck.push(text)
    const look = kind < 4 ? "<w:rPr><w:b/></w:rPr>" : kind === 4 ? "<w:rPr><w:strike/></w:rPr>" : ""
    return `<w:r>${look}<w:t xml:space="preserve">${text}</w:t></w:r>`
  }

  #ins(make: () => string, own = this.#by()): string {
    return `<w:ins ${own}>${this.#under({ comes: true }, make)}</w:ins>`
  }

  #del(own = this.#by()): string {
    return `<w:del ${own}>${this.#under({ goes: true }, () => `<w:r><w:delText xml:space="preserve">${this.#phrase()}</w:delText></w:r>`)}</w:del>`
  }

  /** One end of a move of words: the second takes up what the first has left, if there is any. */
  #move(): string {
    const known = this.#state.note === null ? this.#moving : null
    if (this.#state.note === null) this.#moving = null
    const { text = this.#phrase(false), name = `move${this.#count}`, own = this.#by() } = known ?? {}
    const end = known ? "To" : "From"
    if (!known && this.#state.note === null) this.#moving = { text, name, own }
    const { comes, goes } = this.#state
    this.#say(text, { comes: comes || end === "To", goes: goes || end === "From" })
    const id = 1_000 + this.#words.length
    const run = `<w:r><w:t xml:space="preserve">${text}</w:t></w:r>`
    return `<w:move${end}RangeStart w:id="${id}" w:name="${name}"/><w:move${end} ${own}>${run}</w:move${end}><w:move${end}RangeEnd w:id="${id}"/>`
  }

  /** A clause that moves over others, up or down; at either end others strike words of it, and put words in where it goes. */
  #movingClause(): string {
    const { below, pick } = this.#random
    const name = `clause${this.#count}`
    const mover = pick(["Ann", "Bob"])
    const others = ["Ann", "Bob", "Cy"].filter((own) => own !== mover)
    const texts = Array.from({ length: 3 + below(3) }, () => this.#phrase(false))
    // Enough of it stays for both ends to be one clause.
    const wasStruck = texts.map((_, i) => i > 2 && below(3) === 0)
    const isStruck = texts.map(() => below(5) === 0)
    const run = (text: string, more: Partial<Known>, isDeleted = false): string => {
      this.#say(text, { isMoved: true, ...more })
      const tag = isDeleted ? "w:delText" : "w:t"
      return `<w:r><${tag} xml:space="preserve">${text}</${tag}></w:r>`
    }
    // Two deletions of the same words no Word file of ours holds.
    const strikers = texts.map(() => by(pick(others)))
    const struck = (i: number, more: Partial<Known>): string =>
      `<w:del ${strikers[i]}>${run(texts[i]!, { ...more, goes: true }, true)}</w:del>`
    const from = (): string =>
      texts.map((text, i) => moved("From", mover, wasStruck[i] ? struck(i, {}) : run(text, { goes: true }))).join("")
    const to = (): string =>
      texts
        .map((text, i) => {
          const added = below(6) === 0 ? `<w:ins ${by(pick(others))}>${run(this.#phrase(false), { comes: true })}</w:ins>` : ""
          // What was struck before is not carried along, or it is.
          if (wasStruck[i] && below(2) === 0) return added
          return added + moved("To", mover, isStruck[i] ? struck(i, { comes: true }) : run(text, { comes: true }))
        })
        .join("")
    const end = (which: "From" | "To", inner: string): string => moveRange(which, name, movedP(which, mover, inner))
    const between = (): string => p(this.#plain()) + (below(2) ? p(this.#plain()) : "")
    const before = p(this.#plain())
    return below(2)
      ? before + end("From", from()) + between() + end("To", to()) + p(this.#plain())
      : before + end("To", to()) + between() + end("From", from()) + p(this.#plain())
  }

  /** Words that move from the middle of one clause into the middle of another, with the ends of paragraphs between them. */
  #movingStretch(): string {
    const { below, pick } = this.#random
    const name = `stretch${this.#count}`
    const mover = pick(["Ann", "Bob"])
    const texts = Array.from({ length: 2 + below(3) }, () => this.#phrase(false))
    const end = (which: "From" | "To"): string => {
      const parts = texts.map((text) => {
        this.#say(text, { isMoved: true, ...(which === "From" ? { goes: true } : { comes: true }) })
        return moved(which, mover, `<w:r><w:t xml:space="preserve">${text}</w:t></w:r>`)
      })
      return parts.join("\n")
    }
    const stretch = (which: "From" | "To"): string => {
      const first = this.#plain()
      const [open, ...others] = end(which).split("\n")
      const close = others.pop()!
      const last = this.#plain()
      const range = (inner: string): string => moveRange(which, name, inner)
      const [start, stop] = range("|").split("|")
      return movedP(which, mover, first + start + open) + others.map((part) => movedP(which, mover, part)).join("") + p(close + stop + last)
    }
    const before = p(this.#plain())
    const [a, b] = below(2) ? (["From", "To"] as const) : (["To", "From"] as const)
    return before + stretch(a) + p(this.#plain()) + stretch(b)
  }

  /** A comment begins or, where one is open, perhaps ends. */
  #comment(): string {
    if (this.#state.note !== null) return this.#plain()
    if (this.#open.length > 0 && this.#random.below(3) > 0) return this.#endOfComment()
    const id = this.#comments++
    this.#open = [...this.#open, id]
    return `<w:commentRangeStart w:id="${id}"/>${this.#plain()}`
  }

  #endOfComment(): string {
    const [id, ...others] = this.#open
    this.#open = others
    return `<w:commentRangeEnd w:id="${id}"/><w:r><w:commentReference w:id="${id}"/></w:r>`
  }

  #box(): string {
    const text = this.#phrase(false)
    this.boxes.push(text)
    const inner = p(`<w:ins ${this.#by()}><w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:ins>`)
    return `<w:r><w:pict><v:shape><v:textbox><w:txbxContent>${inner}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>`
  }

  /** Words with a reading above them. */
  #ruby(): string {
    const reading = `<w:rt><w:r><w:t>reading</w:t></w:r></w:rt>`
    return `<w:r><w:ruby><w:rubyPr/>${reading}<w:rubyBase>${this.#plain()}</w:rubyBase></w:ruby></w:r>`
  }

  /** A field that never ends. */
  #openField(): string {
    const separate = this.#random.below(2) ? `<w:r><w:fldChar w:fldCharType="separate"/></w:r>` : ""
    return `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> REF z </w:instrText></w:r>${separate}${this.#plain()}`
  }

  #field(result: string): string {
    const sign = (kind: string): string => `<w:r><w:fldChar w:fldCharType="${kind}"/></w:r>`
    return `${sign("begin")}<w:r><w:instrText xml:space="preserve"> REF x </w:instrText></w:r>${sign("separate")}${result}${sign("end")}`
  }

  #footnote(): string {
    if (this.#state.note !== null) return this.#plain()
    const id = this.#notes.length + 2
    this.#notes.push("")
    const isNew = this.#random.below(3) === 0
    const maybe = (make: () => string): string => (this.#random.below(2) ? make() : "")
    const words = this.#under({ note: id, comes: isNew || this.#state.comes }, () =>
      p(this.#plain() + maybe(() => this.#ins(() => this.#plain())) + maybe(() => this.#del())),
    )
    this.#notes[id - 2] = `<w:footnote w:id="${id}">${words}</w:footnote>`
    const call = `<w:r><w:footnoteReference w:id="${id}"/></w:r>`
    return isNew ? `<w:ins ${this.#by()}>${call}</w:ins>` : call
  }

  #run(depth = 0): string {
    const inner = (): string => this.#run(depth + 1)
    switch (this.#random.below(depth > 1 ? 6 : depth > 0 ? 14 : 18)) {
      case 0:
        return this.#ins(() => this.#del() + this.#plain())
      case 1:
        return this.#ins(() => this.#some(1 + this.#random.below(2), () => this.#plain()))
      case 2:
        return this.#del()
      case 3:
        return `<w:proofErr w:type="spellStart"/><w:bookmarkStart w:id="${this.#count}" w:name="b${this.#count}"/><w:bookmarkEnd w:id="${this.#count}"/>`
      case 4:
        return this.#random.below(3) === 0 ? this.#move() : this.#plain()
      case 6:
        return `<w:hyperlink w:anchor="x">${this.#some(2, inner)}</w:hyperlink>`
      case 7:
        return `<w:sdt><w:sdtPr/><w:sdtContent>${this.#some(2, inner)}</w:sdtContent></w:sdt>`
      case 8:
        return `<w:smartTag w:uri="u" w:element="e">${inner()}</w:smartTag>`
      case 9:
        return this.#field(this.#run(2))
      case 10:
        return `<w:fldSimple w:instr=" REF y ">${this.#plain()}</w:fldSimple>`
      case 11:
        return this.#footnote()
      case 12:
        return "<w:r><w:tab/></w:r>"
      case 13:
        return "<w:r><w:noBreakHyphen/></w:r>"
      case 14:
        return this.#comment()
      case 15:
        return this.#box()
      case 16:
        return this.#ruby()
      case 17:
        return this.#openField()
      default:
        return this.#plain()
    }
  }

  #paragraph(): string {
    const { below, pick } = this.#random
    const label = below(5) === 0 ? `<w:r><w:t xml:space="preserve">${pick(["3)", "1", "1.1", "2."])}\t</w:t></w:r>` : ""
    const whole = below(6)
    const own = this.#by()
    if (whole === 0)
      return p(
        this.#ins(() => this.#plain(), own),
        { mark: `<w:ins ${own}/>` },
      )
    if (whole === 1) return p(this.#del(own), { mark: `<w:del ${own}/>` })
    const mark = below(8) === 0 ? `<w:ins ${this.#by()}/>` : below(8) === 0 ? `<w:del ${this.#by()}/>` : ""
    return p(label + this.#some(1 + below(5), () => this.#run()), { mark })
  }

  #table(): string {
    const { below } = this.#random
    const row = (): string => {
      const kind = below(12)
      const mark = kind < 2 ? `<w:trPr><w:${kind === 0 ? "ins" : "del"} ${this.#by()}/></w:trPr>` : ""
      const cells = (): string => this.#some(1 + below(3), () => `<w:tc>${p(this.#some(1 + below(5), () => this.#run()))}</w:tc>`)
      return `<w:tr>${mark}${this.#under(kind === 0 ? { comes: true } : kind === 1 ? { goes: true } : {}, cells)}</w:tr>`
    }
    return `<w:tbl>${this.#some(1 + below(2), row)}</w:tbl>`
  }
}

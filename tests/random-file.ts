import { random } from "./build.ts"
import { by, p, wordFile } from "./word-file.ts"

/** What is known of a word of a random file: whether it comes, whether it goes, and in which footnote it stands. */
interface Known {
  readonly text: string
  readonly comes: boolean
  readonly goes: boolean
  readonly note: number | null
}

/** Makes a Word file at random, with revisions in and around everything that Word puts between words, and keeps the truth about every word. */
export class RandomFile {
  readonly bytes: Uint8Array
  readonly #random: ReturnType<typeof random>
  readonly #words: Known[] = []
  readonly #notes: string[] = []
  /** What is so of all that is written now. */
  #state: Omit<Known, "text"> = { comes: false, goes: false, note: null }
  #count = 0
  #moving: { text: string; name: string; own: string } | null = null

  constructor(seed: number) {
    this.#random = random(seed)
    const { below } = this.#random
    const blocks = this.#some(2 + below(6), () => (below(7) === 0 ? this.#table() : this.#paragraph()))
    const body = blocks + p(this.#plain())
    const notes = `<w:footnote w:id="0" w:type="separator">${p("")}</w:footnote>${this.#notes.join("")}`
    this.bytes = wordFile({ body, footnotes: notes })
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

  #phrase(isSaid = true): string {
    const { below, pick } = this.#random
    const letter = (n: number): string => String.fromCharCode(97 + (n % 26))
    const word = (): string => {
      const n = this.#count++
      return `${pick(["lamp", "mole", "rope", "ship", "bell", "tide", "mast", "keel"])}${letter(n)}${letter(Math.floor(n / 26))}`
    }
    const text = Array.from({ length: 1 + below(3) }, word).join(" ") + pick(["", " ", ", "])
    if (isSaid) this.#words.push({ text, ...this.#state })
    return text
  }

  #plain(): string {
    const look = this.#random.below(4) === 0 ? "<w:rPr><w:b/></w:rPr>" : ""
    return `<w:r>${look}<w:t xml:space="preserve">${this.#phrase()}</w:t></w:r>`
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
    this.#words.push({ text, ...this.#state, comes: comes || end === "To", goes: goes || end === "From" })
    const id = 1_000 + this.#words.length
    const run = `<w:r><w:t xml:space="preserve">${text}</w:t></w:r>`
    return `<w:move${end}RangeStart w:id="${id}" w:name="${name}"/><w:move${end} ${own}>${run}</w:move${end}><w:move${end}RangeEnd w:id="${id}"/>`
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
    switch (this.#random.below(depth > 1 ? 6 : 14)) {
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

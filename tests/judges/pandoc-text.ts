/** A paragraph as pandoc reads it. */
export interface Line {
  /** What its list shows before it; null where it is in none or not the first of its item. */
  readonly marker: string | null
  readonly text: string
  /** Headings: pandoc prints no number that a style gives them. */
  readonly isHeading: boolean
}

interface Node {
  readonly t: string
  readonly c: never
}

type Item = readonly [start: number, style: { readonly t: string }, sign: { readonly t: string }]

const romans = ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"]
const tens = ["", "x", "xx", "xxx", "xl", "l", "lx", "lxx", "lxxx", "xc"]
const roman = (n: number): string => (n < 100 ? tens[Math.floor(n / 10)]! + romans[n % 10]! : String(n))
const counted: Readonly<Record<string, (n: number) => string>> = {
  LowerAlpha: (n) => String.fromCharCode(96 + n),
  UpperAlpha: (n) => String.fromCharCode(64 + n),
  LowerRoman: roman,
  UpperRoman: (n) => roman(n).toUpperCase(),
}

/** The lines of a text and those of its footnotes, from pandoc's JSON: what `-t plain` prints, without its layout of tables and its wrapping. */
export class PandocText {
  readonly lines: Line[] = []
  readonly notes: string[] = []
  #marker: string | null = null

  constructor(json: string) {
    this.#blocks((JSON.parse(json) as { blocks: readonly Node[] }).blocks)
  }

  #add(text: string, isHeading = false): void {
    this.lines.push({ marker: this.#marker, text, isHeading })
    this.#marker = null
  }

  #blocks(nodes: readonly Node[]): void {
    for (const { t, c } of nodes) this.#block(t, c)
  }

  #block(type: string, content: never): void {
    const parts = content as readonly (readonly Node[])[]
    switch (type) {
      case "Para":
      case "Plain":
        return this.#add(this.#words(content))
      case "Header":
        return this.#add(this.#words(parts[2]!), true)
      case "BlockQuote":
        return this.#blocks(content)
      case "Div":
        return this.#blocks(parts[1]!)
      case "Figure":
        return this.#blocks(parts[2]!)
      case "CodeBlock":
        return this.#add((content as readonly string[])[1]!)
      case "LineBlock":
        for (const line of parts) this.#add(this.#words(line))
        return
      case "BulletList":
        for (const item of parts) this.#item("•", item)
        return
      case "OrderedList": {
        const [[start, style, sign], items] = content as unknown as readonly [Item, readonly (readonly Node[])[]]
        const close = sign.t === "OneParen" || sign.t === "TwoParens" ? ")" : "."
        items.forEach((item, i) => {
          this.#item((counted[style.t] ?? String)(start + i) + close, item)
        })
        return
      }
      case "Table": {
        type Row = readonly [unknown, readonly (readonly [unknown, unknown, unknown, unknown, readonly Node[]])[]]
        const [, , , head, bodies, foot] = content as unknown as readonly [
          unknown,
          unknown,
          unknown,
          readonly [unknown, readonly Row[]],
          readonly (readonly [unknown, unknown, readonly Row[], readonly Row[]])[],
          readonly [unknown, readonly Row[]],
        ]
        const rows = [...head[1], ...bodies.flatMap((body) => [...body[2], ...body[3]]), ...foot[1]]
        for (const [, cells] of rows) for (const cell of cells) this.#blocks(cell[4])
        return
      }
      default:
    }
  }

  #item(marker: string, nodes: readonly Node[]): void {
    this.#marker = marker
    this.#blocks(nodes)
    this.#marker = null
  }

  #words(nodes: readonly Node[]): string {
    return nodes.map(({ t, c }) => this.#inline(t, c)).join("")
  }

  #inline(type: string, content: never): string {
    switch (type) {
      case "Str":
        return content
      case "Space":
      case "SoftBreak":
      case "LineBreak":
        return " "
      case "Note": {
        const inside = new PandocText(JSON.stringify({ blocks: content }))
        this.notes.push(inside.lines.map((line) => (line.marker ?? "") + line.text).join(" "))
        return ""
      }
      case "Link":
      case "Span":
      case "Quoted":
      case "Cite":
        return this.#words((content as readonly (readonly Node[])[])[1]!)
      case "Math":
      case "Code":
        return (content as readonly string[])[1]!
      case "Image":
      case "RawInline":
        return ""
      default:
        return this.#words(content)
    }
  }
}

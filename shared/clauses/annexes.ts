import { shortened } from "../schema/letters.ts"

/** What an annex is called in the six languages of the Union; a Chinese number stands right behind its word. */
const word =
  /^(?:(?:annexe?|anexo|appendix|appendice|ap[eé]ndice|attachment|pièce jointe|adjunto|приложение|дополнение|(?:ال)?ملحق|(?:ال)?تذييل|(?:ال)?مرفق)(?![\p{L}\p{M}])|附件|附录|附錄)/iu
/** Its number, or its letter where nothing but a title follows: "ANEXO A LA RESOLUCIÓN" has none. */
const ordinal =
  /^[ \u00a0]{0,2}(?:(?:\p{Nd}{1,3}|[IVX]{1,5}|[ivx]{1,5}|[一二三四五六七八九十]{1,3})(?![\p{L}\p{M}\p{Nd}])|[A-Z](?=\s{0,2}(?:$|[–—:.(-])))/u

/** What an annex that begins with a heading is called: "ANNEX 1" of "ANNEX 1 to Resolution 2 (Rev. Dubai, 2018)"; null: the heading names no annex. */
export function annexNamed(heading: string): string | null {
  const text = heading.trim()
  const name = word.exec(text)?.[0]
  return name === undefined ? null : name + (ordinal.exec(text.slice(name.length))?.[0] ?? "").replaceAll("\u00a0", " ")
}

/** Whether a line alone names an annex: short, and no sentence. */
export const isAnnexLine = (line: string): boolean => annexNamed(line) !== null && line.length < 80 && !/[.;,]/.test(line)

const longestSpoken = 40

/** Where clauses stand that are under a heading: in which annex, and under which heading of it. */
export class UnderHeadings {
  #annex = ""
  #section = ""
  #isBehindHeading = false
  readonly #times = new Map<string, number>()

  /** A heading. One right behind another is the title of what that begins. */
  heading(text: string): string {
    const name = annexNamed(text)
    const spoken = shortened(text.trim().replace(/\s+/g, " "), longestSpoken)
    if (name !== null) {
      this.#annex = this.#counted(name, "")
      this.#section = ""
    } else if (!this.#isBehindHeading) this.#section = this.#counted(spoken, this.#annex)
    this.#isBehindHeading = true
    return name === null ? spoken : this.#annex
  }

  /** Anything else. */
  other(): void {
    this.#isBehindHeading = false
  }

  get annex(): string {
    return this.#annex
  }

  /** Under which heading something stands that has no head since. */
  get section(): string {
    return this.#section
  }

  /** Two of one name are told apart. */
  #counted(name: string, annex: string): string {
    const key = `${annex}/${name.toLowerCase()}`
    const times = (this.#times.get(key) ?? 0) + 1
    this.#times.set(key, times)
    return times > 1 ? `${name} (${times})` : name
  }
}

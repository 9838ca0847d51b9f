import { childOf, childrenOf, type XmlElement } from "../xml.ts"
import { isOn } from "./markup.ts"

/** How words look, where their looks say something that no revision says. */
export interface Look {
  readonly isStruck: boolean
  readonly isHidden: boolean
  readonly isUnderlined: boolean
}

const toggles = ["w:strike", "w:dstrike", "w:vanish"] as const
type Toggle = (typeof toggles)[number]

interface StyleLook {
  readonly basedOn: string | null
  readonly on: ReadonlyMap<Toggle, boolean>
}

const onIn = (rPr: XmlElement | undefined): ReadonlyMap<Toggle, boolean> =>
  new Map(
    toggles.flatMap((name) => {
      const found = childOf(rPr, name)
      return found ? [[name, isOn(found)] as const] : []
    }),
  )

/** Looks of words through their styles: those of a paragraph and of a character cancel each other out. Source: ISO/IEC 29500-1, 17.7.3. */
export class Looks {
  readonly #styles = new Map<string, StyleLook>()
  #default: string | null = null

  constructor(styles: XmlElement | null) {
    for (const style of childrenOf(styles ?? undefined, "w:style")) {
      const { attrs } = style
      const id = attrs["w:styleId"]
      if (id === undefined) continue
      this.#styles.set(id, { basedOn: childOf(style, "w:basedOn")?.attrs["w:val"] ?? null, on: onIn(childOf(style, "w:rPr")) })
      if (attrs["w:type"] === "paragraph" && ["1", "true", "on"].includes(attrs["w:default"] ?? "")) this.#default = id
    }
  }

  #inStyle(id: string | null, toggle: Toggle): boolean {
    const seen = new Set<string>()
    for (let at = id; at !== null && !seen.has(at); ) {
      seen.add(at)
      const style = this.#styles.get(at)
      const on = style?.on.get(toggle)
      if (on !== undefined) return on
      at = style?.basedOn ?? null
    }
    return false
  }

  /** How words look by their own properties and by their styles. */
  of(rPr: XmlElement | undefined, paragraphStyle: string | null): Look {
    const own = onIn(rPr)
    const characterStyle = childOf(rPr, "w:rStyle")?.attrs["w:val"] ?? null
    const is = (toggle: Toggle): boolean =>
      own.get(toggle) ?? this.#inStyle(paragraphStyle ?? this.#default, toggle) !== this.#inStyle(characterStyle, toggle)
    const underline = childOf(rPr, "w:u")
    return {
      isStruck: is("w:strike") || is("w:dstrike"),
      isHidden: is("w:vanish"),
      isUnderlined: underline !== undefined && isOn(underline),
    }
  }
}

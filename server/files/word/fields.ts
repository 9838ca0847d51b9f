import { isElement, type XmlElement } from "../xml.ts"
import { alternativeOf } from "./markup.ts"

/** The signs of a field, as far as the story has them. */
interface Field {
  readonly begin: XmlElement
  /** The paragraph that it begins in. */
  readonly paragraph: XmlElement | null
  separate: XmlElement | null
  separateIn: XmlElement | null
}

/** Which signs of fields are none: those of a field that never ends, or whose code would take whole paragraphs with it. */
export interface FieldSigns {
  /** Signs that mean nothing, for what they belong to is not whole. */
  readonly ignored: ReadonlySet<XmlElement>
  /** The beginnings among them, whose words are kept as text. */
  readonly unclosed: ReadonlySet<XmlElement>
}

/**
 * Looks through a story for fields that are not whole: Word hides all that stands between the beginning of a field and its result, so one that never
 * comes to a result would swallow the rest of the text.
 */
export function fieldSignsOf(story: XmlElement): FieldSigns {
  const ignored = new Set<XmlElement>()
  const unclosed = new Set<XmlElement>()
  const open: Field[] = []
  const drop = ({ begin, separate }: Field): void => {
    unclosed.add(begin)
    ignored.add(begin)
    if (separate) ignored.add(separate)
  }
  const sign = (element: XmlElement, paragraph: XmlElement | null): void => {
    const last = open.at(-1)
    switch (element.attrs["w:fldCharType"]) {
      case "begin":
        open.push({ begin: element, paragraph, separate: null, separateIn: null })
        return
      case "separate":
        if (!last || last.separate) ignored.add(element)
        else Object.assign(last, { separate: element, separateIn: paragraph })
        return
      case "end":
        if (!last) return void ignored.add(element)
        open.pop()
        // Its code ends in the paragraph in which it begins, or it is no code.
        if (last.paragraph !== (last.separate ? last.separateIn : paragraph)) {
          drop(last)
          ignored.add(element)
        }
        return
      default:
        ignored.add(element)
    }
  }
  const walk = (element: XmlElement, paragraph: XmlElement | null): void => {
    const chosen = element.name === "mc:AlternateContent" ? alternativeOf(element) : element
    const own = element.name === "w:p" ? element : paragraph
    for (const child of chosen?.children ?? []) {
      // What stands in a text box is a story of its own.
      if (!isElement(child) || child.name === "w:txbxContent") continue
      if (child.name === "w:fldChar") sign(child, own)
      else walk(child, own)
    }
  }
  walk(story, null)
  open.forEach(drop)
  return { ignored, unclosed }
}

import { childOf, childrenOf, isElement, type XmlElement } from "../xml.ts"
import type { Revision } from "./revision.ts"

/** What says of words, marks and rows that they come or go; as elements of a file, by their names. */
const revisionNames: ReadonlyMap<string, Revision["kind"]> = new Map([
  ["w:ins", "insertion"],
  ["w:moveTo", "insertion"],
  ["w14:conflictIns", "insertion"],
  ["w:del", "deletion"],
  ["w:moveFrom", "deletion"],
  ["w14:conflictDel", "deletion"],
])

export const revisionKindOf = (element: XmlElement): Revision["kind"] | undefined => revisionNames.get(element.name)

export const isMove = (name: string): boolean => name === "w:moveTo" || name === "w:moveFrom"

/** Whether a property that is there is on. */
export const isOn = (element: XmlElement | undefined): boolean =>
  element !== undefined && !["0", "false", "off", "none"].includes(element.attrs["w:val"] ?? "1")

/** Elements whose content counts as if they were not there. */
export const transparent: ReadonlySet<string> = new Set([
  "w:hyperlink",
  "w:sdt",
  "w:sdtContent",
  "w:smartTag",
  "w:customXml",
  "w:fldSimple",
  "w:dir",
  "w:bdo",
  "m:oMathPara",
  "m:oMath",
])

const hasText = (element: XmlElement | undefined): boolean => element !== undefined && spokenIn(element) !== ""

/** Of alternatives the one that every program can show, or the one that has words where that has none. */
export function alternativeOf(element: XmlElement): XmlElement | undefined {
  const fallback = childOf(element, "mc:Fallback")
  const choices = childrenOf(element, "mc:Choice")
  if (!fallback) return choices[0]
  return hasText(fallback) ? fallback : (choices.find(hasText) ?? fallback)
}

/** What is text in a file but never in a paper: codes of fields, packed data. */
const codes: ReadonlySet<string> = new Set(["w:instrText", "w:delInstrText", "w:fldData", "w:binData"])

/** All words below an element, codes left out. */
export function spokenIn(element: XmlElement): string {
  const parts: string[] = []
  const walk = (node: XmlElement): void => {
    if (codes.has(node.name)) return
    for (const child of node.children)
      if (isElement(child)) walk(child)
      else parts.push(child)
  }
  walk(element)
  return parts.join("").replace(/\s+/g, " ").trim()
}

/** The first element of a local name below an element, whatever its namespace. */
export function within(element: XmlElement, local: string): XmlElement | null {
  for (const child of element.children) {
    if (!isElement(child)) continue
    if (child.name.slice(child.name.indexOf(":") + 1) === local) return child
    const found = within(child, local)
    if (found) return found
  }
  return null
}

/** Level of a list as Word counts it, from 0 to 8; null where none is given, or none that there is. */
export const listLevel = (value: string | undefined): number | null => (value !== undefined && /^[0-8]$/.test(value) ? Number(value) : null)

// What an element says that it is, in its classes: the elements of the standard know less than a draft does.
import { type BlockType, blockTypes } from "../../../shared/schema/block.ts"
import { shown } from "../characters.ts"
import type { XmlElement } from "../xml.ts"

export const classesOf = (element: XmlElement): string[] => (element.attrs.class ?? "").split(/\s+/).filter(Boolean)

/** A class of a block of ours that is no kind of block, or no level that there is. */
export function strangeClass(element: XmlElement, id: string): string | null {
  const classes = classesOf(element)
  const level = classes.find((name) => /^level-/.test(name) && !/^level-[1-4]$/.test(name))
  if (level !== undefined) return `block ${shown(id)} is of ${shown(level)}, and levels are from 1 to 4`
  return typeOf(element) === null ? `block ${shown(id)} is of no kind that there is (${shown(classes.join(" "))})` : null
}

/** The kind of block that an element says it is; null: it says none. */
export const typeOf = (element: XmlElement): BlockType | null =>
  (classesOf(element).find((name) => (blockTypes as string[]).includes(name)) as BlockType | undefined) ?? null

/** The level that it says, if any. */
export function levelOf(element: XmlElement): { level?: number } {
  const stated = classesOf(element).find((name) => /^level-[1-4]$/.test(name))
  return stated ? { level: Number(stated.slice(-1)) } : {}
}

import * as Y from "yjs"
import {
  attrsOfType,
  type Block,
  type BlockType,
  defaultAttrs,
  isProposal,
  joinRuns,
  type Mark,
  noStructure,
  ownerOf,
  type StructuralProposal,
  textOf,
} from "../schema/block.ts"
import { parseKey } from "../schema/keys.ts"
import type { PlacedRun } from "../schema/runs.ts"
import { isMarkName, markOf } from "../schema/schema.ts"
import { structuralProposalOf, withStructure } from "../schema/structure.ts"

/** Root of the document in the room's Y.Doc. */
export const blocksRoot = "blocks"

/** Root of the structural proposals: id -> entry, one writer each. */
export const structureRoot = "structure"

const nothing: readonly Mark[] = []

const opened = new WeakMap<Y.ContentFormat, Mark | null>()

/** The mark that a marker opens, or null where it closes one or its value is not one of ours. */
export function markOfMarker(content: Y.ContentFormat): Mark | null {
  if (typeof content.value !== "object" || content.value === null) return null
  let mark = opened.get(content)
  if (mark === undefined) {
    const name = parseKey(content.key)?.name
    mark = name && isMarkName(name) ? markOf(name, content.value as unknown as Record<string, string>) : null
    opened.set(content, mark)
  }
  return mark
}

/** A marker stands at one place: what it last stood behind, and what was in force after it. */
const following = new WeakMap<Y.ContentFormat, { readonly before: readonly Mark[]; readonly after: readonly Mark[] }>()

/**
 * The marks in force after a marker. Opening order is kept, for it decides ties of ownership. The same marker behind the same marks gives the same
 * list, so that what is computed of a list is computed once.
 */
export function marksAfter(marks: readonly Mark[], content: Y.ContentFormat): readonly Mark[] {
  const known = following.get(content)
  if (known?.before === marks) return known.after
  const after = withMarker(marks, content)
  following.set(content, { before: marks, after })
  return after
}

function withMarker(marks: readonly Mark[], content: Y.ContentFormat): readonly Mark[] {
  const rest = marks.filter((mark) => mark.key !== content.key)
  const mark = markOfMarker(content)
  if (!mark) return rest.length === 0 ? nothing : rest
  return [...rest, mark]
}

/**
 * The text of a block: a walk over its items that writes nothing. (Reading `toDelta` or an event's `delta` deletes markers in Yjs 13.6.)
 * `without`: items to be passed over, as if they were gone.
 */
export function runsOfText(text: Y.XmlText, without?: ReadonlySet<Y.Item>): PlacedRun[] {
  const runs: PlacedRun[] = []
  let marks = nothing
  for (let item = text._start; item; item = item.right) {
    if (item.deleted || without?.has(item)) continue
    const { content } = item
    if (content instanceof Y.ContentFormat) marks = marksAfter(marks, content)
    else if (content instanceof Y.ContentString) runs.push({ text: content.str, marks, client: item.id.client, clock: item.id.clock })
  }
  return runs
}

/** The one XmlText of a block element, or null where there is not exactly one. */
export function textOfElement(element: Y.XmlElement): Y.XmlText | null {
  let found: Y.XmlText | null = null
  for (let item = element._start; item; item = item.right) {
    if (item.deleted || !item.countable) continue
    if (found || !(item.content instanceof Y.ContentType) || !(item.content.type instanceof Y.XmlText)) return null
    found = item.content.type
  }
  return found
}

/** The attributes of a block element as they are written, unknown ones included. */
export function attributesOf(element: Y.XmlElement): Record<string, unknown> {
  const attrs: [string, unknown][] = []
  // `getAttributes` assigns, so that a key like __proto__ would be written by somebody and seen by nobody.
  for (const [name, item] of element._map) if (!item.deleted) attrs.push([name, item.content.getContent()[item.length - 1]])
  return Object.fromEntries(attrs)
}

/** A block element as plain value. */
export function blockOfElement(element: Y.XmlElement): Block {
  const text = textOfElement(element)
  const type = (Object.hasOwn(attrsOfType, element.nodeName) ? element.nodeName : "paragraph") as BlockType
  const attrs = attributesOf(element)
  return { ...defaultAttrs, id: "", ...attrs, type, runs: text ? runsOfText(text) : [], structure: noStructure } as Block
}

export const elementsOf = (doc: Y.Doc): Y.XmlElement[] =>
  doc
    .getXmlFragment(blocksRoot)
    .toArray()
    .filter((child): child is Y.XmlElement => child instanceof Y.XmlElement)

/** The open structural proposals of a room's document. Entries that are not one are passed over; the gate lets none in. */
export function structureOf(doc: Y.Doc): StructuralProposal[] {
  const proposals: StructuralProposal[] = []
  for (const [key, value] of doc.getMap(structureRoot).entries()) {
    const proposal = structuralProposalOf(key, value)
    if (proposal) proposals.push(proposal)
  }
  return proposals
}

/** All blocks of a room's document, in order, each with the structural proposals about it. */
export const blocksOf = (doc: Y.Doc): Block[] => withStructure(elementsOf(doc).map(blockOfElement), structureOf(doc))

/**
 * Blocks that were read from a document node, with the marks of each run in the order in which they were opened: a node sorts them, and by their order
 * hangs which marks stand around others, and so what waits (RES8). What the room's document has otherwise is left as it is.
 */
export function inOrderOfOpening(blocks: readonly Block[], doc: Y.Doc): readonly Block[] {
  const isCrossed = ({ runs }: Block): boolean => runs.some(({ marks }) => ownerOf(marks) !== null && marks.filter(isProposal).length > 1)
  if (!blocks.some(isCrossed)) return blocks
  const elements = new Map(elementsOf(doc).map((element) => [element.getAttribute("id"), element]))
  return blocks.map((block) => {
    const element = isCrossed(block) ? elements.get(block.id) : undefined
    const runs = element && blockOfElement(element).runs
    return runs && textOf({ ...block, runs }) === textOf(block) ? { ...block, runs: joinRuns(runs) } : block
  })
}

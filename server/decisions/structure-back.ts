// Clauses as a decision found them, in the room's document: what it divided, moved, joined or took out stands again where it stood (BACK1).
import * as Y from "yjs"
import type { BackPlan } from "../../shared/changes/back-plan.ts"
import type { Moment } from "../../shared/changes/moment.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import { type Block, defaultAttrs } from "../../shared/schema/block.ts"
import { entryOf, targetOf } from "../../shared/schema/structure.ts"
import { structureOf, structureRoot, textOfElement } from "../../shared/sync/read.ts"
import { itemFrom } from "../gate/places.ts"
import {
  elementBefore,
  elementOf,
  elementsOf,
  joinBlock,
  moveBlock,
  moveWords,
  newElement,
  type Site,
  startOf,
} from "../gate/restructure.ts"
import { follow } from "./names-back.ts"
import { Mismatch } from "./proven.ts"
import { lettersIn } from "./words-back.ts"

/** The blocks that are there, with their types. */
export const typesIn = (site: Site): Map<string, Block["type"]> =>
  new Map(
    elementsOf(site)
      .filter((element) => element.getAttribute("joined") === undefined)
      .map((element) => [element.getAttribute("id") as string, element.nodeName as Block["type"]]),
  )

/** Blocks as wholes: in the opposite order of a decision. The blocks that it touches. */
export function* structureBack(site: Site, plan: BackPlan, was: Moment["entries"], mintBlock: () => string): Sliced<string[]> {
  const touched: string[] = []
  for (const { block, parts } of plan.unsplit) {
    for (const { id } of parts) joinBlock(site, id, block)
    touched.push(block, ...parts.map(({ id }) => id))
    follow(site.tr.doc, new Map(parts.map(({ id, home }) => [id, home])))
    yield
  }
  for (const { block, place } of plan.unmoved) {
    moveBlock(site, block, place, mintBlock())
    touched.push(block)
    yield
  }
  const lastOf = new Map<string, string>()
  for (const joined of inTurn(site, plan.unjoined)) {
    unjoin(site, joined)
    if (!lastOf.has(joined.from)) lastOf.set(joined.from, joined.block)
    touched.push(joined.block, joined.from)
    yield
  }
  aimAtLast(site.tr.doc, lastOf, was)
  for (const { block, element } of plan.restored) {
    restoreBlock(site, block, element)
    touched.push(block.id)
    yield
  }
  for (const { block, name, value } of plan.attributes) {
    const element = elementOf(site, block)
    if (value === (defaultAttrs as Readonly<Record<string, unknown>>)[name]) element.removeAttribute(name)
    else element.setAttribute(name, value as string)
  }
  return touched
}

type Unjoined = BackPlan["unjoined"][number]

/** Of those joined to one block the last comes out first; none before the one that it was joined to. */
function* inTurn(site: Site, all: readonly Unjoined[]): Iterable<Unjoined> {
  let rest = [...all]
  while (rest.length > 0) {
    const ready = rest.filter(({ from }) => !rest.some(({ block }) => block === from))
    const list = ready.length > 0 ? ready : rest
    const [next] = list.toSorted((a, b) => offsetOf(site, b) - offsetOf(site, a))
    yield next!
    rest = rest.filter((other) => other !== next)
  }
}

/** Where the words of a joined block begin in the one that they are in. */
function offsetOf(site: Site, { from, first }: Unjoined): number {
  const text = textOfElement(elementOf(site, from))!
  const at = first === null ? -1 : lettersIn(text, site).findIndex(({ origin }) => origin === first)
  return at < 0 ? text.length : at
}

function unjoin(site: Site, joined: Unjoined): void {
  const element = elementOf(site, joined.block)
  const start = site.relocations.latest(startOf(element))
  moveWords(site, textOfElement(elementOf(site, joined.from))!, offsetOf(site, joined), textOfElement(element)!, start)
  element.removeAttribute("joined")
}

/** A block that went, as a new element at the place of the one that it was; its words come back with all others. */
function restoreBlock(site: Site, block: Block, was: { client: number; clock: number }): void {
  const place = elementsOf(site).findIndex((element) => element.getAttribute("id") === block.id)
  const { runs: _, structure: __, type, joined: ___, ...attrs } = block
  const written = Object.fromEntries(
    Object.entries(attrs).filter(([name, value]) => value !== (defaultAttrs as Readonly<Record<string, unknown>>)[name]),
  )
  const gone = place >= 0 ? null : itemFrom(site.tr, was)
  if (gone && !(gone instanceof Y.Item)) throw new Mismatch("the place of a block is not found")
  const element = gone ? elementBefore(site, gone, type, written) : newElement(site, place + 1, type, written)
  if (place >= 0) site.fragment.delete(place, 1)
  site.relocations.add(was, startOf(element), 1)
}

/**
 * What was proposed since to stand behind a joined block, or to be joined to it, is behind the last of those that are parted again; `was`: what was proposed
 * before they were joined means what it meant then.
 */
function aimAtLast(shadow: Y.Doc, lastOf: ReadonlyMap<string, string>, was: Moment["entries"]): void {
  const structure = shadow.getMap(structureRoot)
  for (const entry of structureOf(shadow)) {
    const target = targetOf(entry)
    const last = typeof target === "string" ? lastOf.get(target) : undefined
    const then = was.get(entry.id)
    if (last === undefined || last === entry.block || (then && targetOf(then) === target)) continue
    if (entry.kind === "move") structure.set(entry.id, entryOf({ ...entry, after: last }))
    if (entry.kind === "join") structure.set(entry.id, entryOf({ ...entry, into: last }))
  }
}

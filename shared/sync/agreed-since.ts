/** What the room's document says of what was agreed since an open change was written (RIVAL8). */
import type * as Y from "yjs"
import { originKey } from "../changes/placed.ts"
import { nothingSince, type SinceOf } from "../changes/spaces.ts"
import { textOf } from "../schema/block.ts"
import { originsOf } from "./origins.ts"
import { elementsOf, runsOfText, textOfElement } from "./read.ts"
import { isAccepted, roots, wholesIn } from "./roots.ts"

/** By block and change, where letters stand that were agreed since, wherever the server wrote them anew. */
export function agreedSinceIn(doc: Y.Doc): SinceOf {
  const since = roots.since(doc)
  if (since.size === 0) return nothingSince
  const proposals = roots.proposals(doc)
  return (block, change) => {
    const names = namesOf(change, wholesIn(doc))
    const notes = [...since.entries()].flatMap(([by, list]) => (isAccepted(proposals.get(by)) ? list : []))
    const meant = notes.filter(([, , , changes]) => changes.some((one) => names.has(one)))
    const element = meant.length > 0 ? elementsOf(doc).find((one) => one.getAttribute("id") === block.id) : undefined
    const text = element && textOfElement(element)
    const runs = text ? runsOfText(text) : []
    if (textOf({ ...block, runs }) !== textOf(block)) return nothingSince(block, change)
    const originOf = originsOf(doc)
    const [came, gone] = [new Set<string>(), new Set<string>()]
    for (const [client, clock, length] of meant)
      if (length === 0) gone.add(originKey(originOf({ client, clock })))
      else for (let i = 0; i < length; i++) came.add(originKey(originOf({ client, clock: clock + i })))
    const letters = runs.flatMap(({ text, client, clock }) =>
      Array.from({ length: text.length }, (_, i) => originKey(originOf({ client, clock: clock + i }))),
    )
    const offsetsOf = (set: ReadonlySet<string>): Set<number> => new Set(letters.flatMap((origin, at) => (set.has(origin) ? [at] : [])))
    return { came: offsetsOf(came), gone: offsetsOf(gone) }
  }
}

/** A change, and what it is left of. */
function namesOf(change: string, wholes: ReadonlyMap<string, string>): Set<string> {
  const names = new Set<string>()
  for (let at: string | undefined = change; at !== undefined && !names.has(at); at = wholes.get(at)) names.add(at)
  return names
}

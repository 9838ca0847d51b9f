// What marks and proposals are named by once a decision is taken back: what was divided is one again, and what leant on a part leans on the whole.
import type * as Y from "yjs"
import type { BackPlan } from "../../shared/changes/back-plan.ts"
import type { Letters } from "../../shared/changes/placed.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import { isDeletionInEffect, type Mark, ownerOf } from "../../shared/schema/block.ts"
import { parseKey } from "../../shared/schema/keys.ts"
import { entryOf, targetOf } from "../../shared/schema/structure.ts"
import { elementsOf as allElements, runsOfText, structureOf, structureRoot, textOfElement } from "../../shared/sync/read.ts"
import { linksIn, roots } from "../../shared/sync/roots.ts"
import { elementsOf, type Site } from "../gate/restructure.ts"

/** What others have proposed behind a part, or said of it, since, goes with the block that it is one with again. */
export function follow(shadow: Y.Doc, wholes: ReadonlyMap<string, string>): void {
  const structure = shadow.getMap(structureRoot)
  for (const entry of structureOf(shadow)) {
    const target = targetOf(entry)
    const whole = typeof target === "string" ? wholes.get(target) : undefined
    if (whole === undefined || whole === entry.block) continue
    if (entry.kind === "move") structure.set(entry.id, entryOf({ ...entry, after: whole }))
    if (entry.kind === "join") structure.set(entry.id, entryOf({ ...entry, into: whole }))
  }
  const threads = roots.threads(shadow)
  for (const [key, thread] of threads.entries()) {
    const whole = wholes.get(thread.anchor.block)
    if (whole !== undefined) threads.set(key, { ...thread, anchor: { ...thread.anchor, block: whole } })
  }
}

/**
 * What others have struck of words while these were agreed they strike in the open insertion that the words are of again: a deletion that is not made over
 * that would mean nothing in it (TRK2).
 */
export function aimedAgain({ was, unmade }: BackPlan, now: Letters, renamed: Map<string, Mark>): void {
  for (const [origin, then] of was) {
    const is = now.get(origin)
    const owner = is && ownerOf(then.marks)
    if (!is || !owner || is.marks.some(({ key }) => key === owner.key)) continue
    for (const mark of is.marks) {
      if (mark.name !== "deletion" || unmade.has(mark.key) || !isDeletionInEffect(mark, is.marks)) continue
      if (then.marks.some(({ key }) => key === mark.key)) continue
      const known = renamed.get(mark.key) ?? mark
      if (!known.over.includes(owner.id)) renamed.set(mark.key, { ...known, over: [...known.over, owner.id] })
    }
  }
}

/** Marks that name one which is no more, or one that came back in pieces, name what they stand on. */
export function namesBack(
  shadow: Y.Doc,
  { unmade }: BackPlan,
  pieces: ReadonlyMap<string, readonly Mark[]>,
  renamed: Map<string, Mark>,
): void {
  const wholes = new Map<string, string>()
  const was = new Map<string, string>()
  for (const [key, whole] of unmade) if (whole) wholes.set(key, whole.id)
  if (wholes.size === 0 && pieces.size === 0) return
  for (const [key, id] of wholes) was.set(idOfKey(key), id)
  for (const element of allElements(shadow)) {
    const text = textOfElement(element)
    for (const { marks } of text ? runsOfText(text) : [])
      for (const mark of marks) {
        const known = renamed.get(mark.key) ?? mark
        const names = (list: readonly string[]): string[] => [
          ...new Set(
            list.flatMap((id) => {
              const whole = was.get(shortOf(id)) ?? id
              return [
                whole,
                ...(pieces.get(whole) ?? []).filter((piece) => marks.some(({ key }) => key === piece.key)).map((piece) => piece.id),
              ]
            }),
          ),
        ]
        const now = { ...known, within: names(known.within), over: names(known.over) }
        if (now.within.join() !== known.within.join() || now.over.join() !== known.over.join()) renamed.set(mark.key, now)
      }
  }
}

/** What its source has added since to what was left of a divided change is of the whole again: marks, new blocks, proposals about blocks. */
export function* mergedBack(site: Site, { merged }: BackPlan, renamed: Map<string, Mark>): Sliced<void> {
  if (merged.size === 0) return
  for (const element of elementsOf(site)) {
    const text = textOfElement(element)
    for (const { marks } of text ? runsOfText(text) : [])
      for (const mark of marks) {
        const whole = merged.get(mark.changeId)
        if (whole === undefined) continue
        renamed.set(mark.key, { ...(renamed.get(mark.key) ?? mark), of: whole, changeId: whole })
      }
    const whole = merged.get(element.getAttribute("insertedId") ?? "")
    if (whole !== undefined) element.setAttribute("insertedId", whole)
    yield
  }
  const structure = site.tr.doc.getMap(structureRoot)
  for (const entry of structureOf(site.tr.doc)) {
    const whole = merged.get(entry.changeId)
    if (whole !== undefined) structure.set(entry.id, entryOf({ ...entry, of: whole, changeId: whole }))
  }
  const links = roots.links(site.tr.doc)
  for (const { id, source, changes } of linksIn(site.tr.doc))
    if (changes.some((change) => merged.has(change)))
      links.set(id, { source, changes: [...new Set(changes.map((change) => merged.get(change) ?? change))] })
}

/** Client and number that a mark's key spells, as its id does behind the source. */
const idOfKey = (key: string): string => {
  const parts = parseKey(key)!
  return `${parts.client}.${parts.n}`
}
const shortOf = (id: string): string => id.slice(id.indexOf(".") + 1)

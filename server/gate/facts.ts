/** What an update did, read from the shadow that it was applied to, as plain values for the judge. */
import * as Y from "yjs"
import { serverClient } from "../../shared/schema/keys.ts"
import type { Stretch } from "../../shared/schema/runs.ts"
import type { Moves } from "../../shared/sync/moves.ts"
import { blocksRoot, textOfElement } from "../../shared/sync/read.ts"
import { type Fresh, type FreshMark, isFresh, type Structs } from "./fresh.ts"
import { partsBehind } from "./parted.ts"
import { atOf } from "./places.ts"
import { type Piece, piecesOf } from "./reading.ts"
import type { At } from "./repairs.ts"
import type { DeleteSet } from "./structs.ts"
import type { Trial } from "./trial.ts"

/** An update that is on the shadow. */
export interface Applied {
  readonly shadow: Y.Doc
  readonly trial: Trial
  readonly relocations: Moves
  readonly ds: DeleteSet
  /** The server's clock as the sender knew it; null where it told none. */
  readonly heard: number | null
  readonly isMarkersOnly: boolean
  readonly reinstated: Fresh["reinstated"]
}

export function factsOf(structs: Structs, applied: Applied): Fresh {
  const { trial, relocations, isMarkersOnly, reinstated } = applied
  const { known, takesBack, hasSigns } = structs
  const cuts = trial.cuts.map(({ key, element, isFresh }) => ({ key, at: element && atOf(element), isFresh }))
  const needsPieces = structs.marks.size > 0 || cuts.length > 0 || !relocations.isEmpty
  return {
    known,
    takesBack,
    hasSigns,
    isMarkersOnly,
    cuts,
    marks: structs.marks.size > 0 ? freshMarks(structs, applied) : noMarks,
    pieces: needsPieces ? piecesIn(trial) : noPieces,
    unheard: relocations.isEmpty ? nothingUnheard : unheardBy(applied),
    homeless: homelessWords(structs, applied),
    reinstated,
    amidst: trial.isListChanged && !relocations.isEmpty ? blocksAmidst(structs, applied) : noneAmidst,
    heard: applied.heard,
  }
}

const noMarks: Fresh["marks"] = new Map()
const noPieces: Fresh["pieces"] = new Map()
const noneAmidst: Fresh["amidst"] = new Map()
const nothingUnheard: Fresh["unheard"] = { keys: new Set(), items: [] }

function piecesIn({ touched, removed }: Trial): Map<At, readonly Piece[]> {
  const pieces = new Map<At, readonly Piece[]>()
  for (const element of touched) {
    const text = removed.has(element) ? null : textOfElement(element)
    if (text) pieces.set(atOf(element), piecesOf(text))
  }
  return pieces
}

function freshMarks({ marks, known }: Structs, { shadow, relocations }: Applied): Map<string, FreshMark> {
  // Only where something was written anew does it matter what a writer had heard of.
  const isTold = relocations.isEmpty || [...marks].every(([key, mark]) => !key.startsWith("deletion--") || mark?.heard)
  const inferred = isTold ? null : inferredHeard(shadow, known.keys(), marks)
  return new Map([...marks].map(([key, mark]) => [key, { mark, heard: mark?.heard ? Number(mark.heard) : (inferred?.get(key) ?? 0) }]))
}

/**
 * The server's clock that the writer of a mark had surely heard of, where it does not say: that of what stood beside anything its client had written
 * by then.
 */
function inferredHeard(shadow: Y.Doc, clients: Iterable<number>, marks: Structs["marks"]): Map<string, number> {
  const heard = new Map<string, number>()
  for (const client of clients) {
    let clock = 0
    for (const item of shadow.store.clients.get(client) ?? []) {
      if (!(item instanceof Y.Item)) continue
      for (const id of [item.origin, item.rightOrigin]) if (id?.client === serverClient) clock = Math.max(clock, id.clock + 1)
      if (item.content instanceof Y.ContentFormat && marks.has(item.content.key)) heard.set(item.content.key, clock)
    }
  }
  return heard
}

/** What deletions mean of what was written anew without their maker having heard: the marks of markers, and characters, as they are now. */
function unheardBy({ shadow, relocations, ds, heard: told }: Applied): Fresh["unheard"] {
  const heard = told ?? 0
  const keys = new Set<string>()
  const items: Stretch[] = []
  for (const [client, list] of ds.clients)
    for (const { clock, len } of list)
      for (const { from, to, length } of relocations.within({ client, clock }, len)) {
        if (to.clock < heard) continue
        items.push({ ...from, length })
        for (let i = 0; i < length; i++) {
          const now = relocations.latest({ client: from.client, clock: from.clock + i })
          const item = Y.getItem(shadow.store, Y.createID(now.client, now.clock)) as Y.Item | Y.GC
          if (item instanceof Y.Item && !item.deleted && item.content instanceof Y.ContentFormat) keys.add(item.content.key)
        }
      }
  return { keys, items }
}

/** GATE8: new blocks that came to stand in the midst of the words behind which they were written. */
function blocksAmidst({ known }: Structs, { shadow, trial, relocations }: Applied): Map<At, At> {
  const isNew = (element: Y.XmlElement): boolean => trial.touched.has(element) && isFresh({ known }, element._item!.id)
  const parts = partsBehind(shadow.getXmlFragment(blocksRoot), isNew, shadow, relocations)
  return new Map([...parts].map(([element, part]) => [atOf(element), atOf(part)]))
}

/** GATE8: new words whose block is gone are handed back to their writer. */
function homelessWords({ texts }: Structs, { shadow, ds }: Applied): string[] {
  const homeless: string[] = []
  for (const { client, clock, text } of texts) {
    const item = Y.getItem(shadow.store, Y.createID(client, clock)) as Y.Item | Y.GC
    if (item instanceof Y.Item && !item.deleted) continue
    const isTakenBack = (ds.clients.get(client) ?? []).some((range) => clock >= range.clock && clock < range.clock + range.len)
    if (isTakenBack) continue
    const parent = item instanceof Y.Item ? (item.parent as Y.AbstractType<unknown>)._item : null
    if (!parent || parent.deleted) homeless.push(text)
  }
  return homeless
}

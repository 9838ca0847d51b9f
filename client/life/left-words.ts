import * as Y from "yjs"
import { movesOf } from "../../shared/sync/ground.ts"
import { blocksRoot, textOfElement } from "../../shared/sync/read.ts"
import { newDraftDoc } from "../../shared/sync/write.ts"
import { unsavedWordsIn } from "../editor/draft-session.ts"
import type { KeptWords } from "../editor/kept-places.ts"
import { isPartOfText, type OwnLetter, piecesOf, placeOfPiece, recordedPlace, wordsOf } from "../editor/own-pieces.ts"
import { type UnsavedAct, unsavedActsIn } from "../editor/unsaved-acts.ts"
import type { LeftLife } from "./outbox.ts"

/** `address`: how their clause was spoken of as they were typed. */
export type SpokenWords = KeptWords & { readonly address?: string }

/**
 * Words that lean on something that is nowhere: what of changes could not be placed in a document, or was written in a clause that is gone from it, so that
 * the document may not even keep them; each piece of typing in its order. `clock`: so much the room has of the life; what it has and holds nowhere it
 * may have told to a line that had died. In the order in which they were read.
 */
export function strandedWords(doc: Y.Doc, { client, updates, stood }: LeftLife, clock = 0): SpokenWords[] {
  const placed = Y.getState(doc.store, client)
  const moves = movesOf(doc)
  const structAt = (at: number): Y.Item | Y.GC => Y.getItem(doc.store, Y.createID(client, at)) as Y.Item | Y.GC
  const isStranded = (at: number): boolean => {
    // What the room has and the document does not hold yet is there.
    if (at >= placed) return at >= clock
    const struct = structAt(at)
    if (struct instanceof Y.GC && at >= clock) return true
    if (!struct.deleted || (at >= clock && isPartOfText((struct as Y.Item).parent as Y.XmlText))) return false
    // Words that were written anew elsewhere are there.
    const now = moves.latest({ client, clock: at })
    return (now.client === client && now.clock === at) || (Y.getItem(doc.store, Y.createID(now.client, now.clock)) as Y.Item | Y.GC).deleted
  }
  const decoded = updates.map((update) => Y.decodeUpdate(update))
  const gone = decoded.flatMap(({ ds }) => [...(ds.clients.get(client) ?? [])])
  const isGone = (at: number): boolean => gone.some((part) => at >= part.clock && at < part.clock + part.len)
  const structs = decoded.flatMap((update) => update.structs)
  const isWanted = (at: number): boolean => !isGone(at) && isStranded(at)
  const nowhere = { block: null, after: null, isOwnBlock: false }
  // A document forgets what stood in a clause that is gone from it, sooner or later; what was noted as they were typed does not hang on that.
  const placeOf = (letters: readonly OwnLetter[]): { readonly place: Omit<SpokenWords, "text">; readonly order: readonly number[] } => {
    const noted = recordedPlace(stood, client, letters, clock, isStranded)
    const at = letters[0]!.clock
    const struct = at < placed ? structAt(at) : null
    if (!noted) return { place: { ...nowhere, ...(struct instanceof Y.Item && placeOfPiece(struct, at, clock, () => true)) }, order: [] }
    const { record, order, stoodAfter, struck } = noted
    const { block, index, address } = record
    const place = isThere(doc, block) ? { ...nowhere, block, after: stoodAfter } : { ...nowhere, stoodIn: block, stoodAfter }
    return { place: { ...place, ...(struck.length > 0 && { struck }), ...(address !== undefined && { address }) }, order: [index, order] }
  }
  return piecesOf(structs, client, 0, isWanted, isGone)
    .map((letters) => ({ text: wordsOf(letters), ...placeOf(letters) }))
    .toSorted((one, other) => (one.order[0] ?? 0) - (other.order[0] ?? 0) || (one.order[1] ?? 0) - (other.order[1] ?? 0))
    .flatMap(({ text, place }) => (text.trim() === "" ? [] : [{ text, ...place }]))
}

const isThere = (doc: Y.Doc, block: string): boolean =>
  (doc.getXmlFragment(blocksRoot).toArray() as Y.XmlElement[]).some((element) => {
    const text = element.getAttribute("id") === block ? textOfElement(element) : null
    return text !== null && isPartOfText(text)
  })

/**
 * The words of a life that are not in the room, with their places where a document still has them; `doc` null: it is of another log. `clock`: so much
 * the room has of the life, where the document does not tell.
 */
export const wordsLeft = (doc: Y.Doc | null, left: LeftLife, clock?: number): SpokenWords[] =>
  tried(doc, left, clock, (copy, from) => [...unsavedWordsIn(copy, left.client, from, left.stood), ...strandedWords(copy, left, from)])

/** What else it did that is not in the room, as far as that document tells. */
export const actsLeft = (doc: Y.Doc | null, left: LeftLife, clock?: number): UnsavedAct[] =>
  tried(doc, left, clock, (copy, from) => unsavedActsIn(copy, left.client, from))

/** Asks something of a copy of a document that has the changes of a life too. */
function tried<Found>(doc: Y.Doc | null, left: LeftLife, clock: number | undefined, ask: (copy: Y.Doc, from: number) => Found): Found {
  const copy = newDraftDoc()
  if (doc) Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
  const from = clock ?? Y.getState(copy.store, left.client)
  for (const update of left.updates) Y.applyUpdate(copy, update)
  const found = ask(copy, from)
  copy.destroy()
  return found
}

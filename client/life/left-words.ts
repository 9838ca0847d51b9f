import * as Y from "yjs"
import { movesOf } from "../../shared/sync/ground.ts"
import { newDraftDoc } from "../../shared/sync/write.ts"
import { type KeptWords, unsavedWordsIn } from "../editor/draft-session.ts"
import type { LeftLife } from "./outbox.ts"

/**
 * Words that lean on something that is nowhere: what of changes could not be placed in a document, or was written in a clause that is gone from it, so that
 * the document does not even keep them. `clock`: so much the room has of the life; what it has and holds nowhere it may have told to a line that had died.
 */
export function strandedWords(doc: Y.Doc, { client, updates }: LeftLife, clock = 0): KeptWords[] {
  const placed = Y.getState(doc.store, client)
  const moves = movesOf(doc)
  const isStranded = (at: number): boolean => {
    // What the room has and the document does not hold yet is there.
    if (at >= placed) return at >= clock
    const struct = Y.getItem(doc.store, Y.createID(client, at)) as Y.Item | Y.GC
    if (at >= clock) return struct instanceof Y.GC
    if (!struct.deleted) return false
    // Words that were written anew elsewhere are there.
    const now = moves.latest({ client, clock: at })
    return (now.client === client && now.clock === at) || (Y.getItem(doc.store, Y.createID(now.client, now.clock)) as Y.Item | Y.GC).deleted
  }
  const structs = updates.flatMap((update) => Y.decodeUpdate(update).structs)
  const gone = updates.flatMap((update) => [...(Y.decodeUpdate(update).ds.clients.get(client) ?? [])])
  const isGone = (clock: number): boolean => gone.some((part) => clock >= part.clock && clock < part.clock + part.len)
  const letters = new Map<number, string>()
  for (const struct of structs) {
    if (!(struct instanceof Y.Item) || struct.id.client !== client || !(struct.content instanceof Y.ContentString)) continue
    for (const [i, unit] of struct.content.str.split("").entries()) {
      const at = struct.id.clock + i
      if (!isGone(at) && isStranded(at)) letters.set(at, unit)
    }
  }
  const words: KeptWords[] = []
  let text = ""
  let previous = Number.NaN
  const end = (): void => {
    // A space alone goes with what was written next.
    if (text.trim() === "") return
    words.push({ text, block: null, after: null, isOwnBlock: false })
    text = ""
  }
  for (const [at, unit] of [...letters].sort(([a], [b]) => a - b)) {
    // Between two runs of letters stand markers, one clock each.
    if (at - previous > 3) end()
    text += unit
    previous = at
  }
  end()
  return words
}

/**
 * The words of a life that are not in the room, with their places where a document still has them; `doc` null: it is of another log. `clock`: so much
 * the room has of the life, where the document does not tell.
 */
export function wordsLeft(doc: Y.Doc | null, left: LeftLife, clock?: number): KeptWords[] {
  const tried = newDraftDoc()
  if (doc) Y.applyUpdate(tried, Y.encodeStateAsUpdate(doc))
  const from = clock ?? Y.getState(tried.store, left.client)
  for (const update of left.updates) Y.applyUpdate(tried, update)
  const words = [...unsavedWordsIn(tried, left.client, from), ...strandedWords(tried, left, from)]
  tried.destroy()
  return words
}

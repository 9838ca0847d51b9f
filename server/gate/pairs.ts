import * as Y from "yjs"
import { ownerOf } from "../../shared/schema/block.ts"
import { serverClient } from "../../shared/schema/keys.ts"
import { runsOfText, textOfElement } from "../../shared/sync/read.ts"
import { removeText } from "../../shared/sync/write.ts"

interface Live {
  opens: number
  closes: number
  /** How many of the opening ones a person wrote: the server writes a pair anew where its words are split off or moved. */
  written: number
  readonly block: Y.XmlElement
  readonly key: string
  isBroken: boolean
}

/** What is left of the watched keys in some blocks: how often each opens and closes there, and whether in another order than a pair. */
function liveMarkers(blocks: Iterable<Y.XmlElement>, watched: ReadonlySet<string>): Live[] {
  const all: Live[] = []
  for (const block of blocks) {
    const here = new Map<string, Live>()
    for (let item = textOfElement(block)?._start ?? null; item; item = item.right) {
      if (item.deleted || !(item.content instanceof Y.ContentFormat) || !watched.has(item.content.key)) continue
      const { key, value } = item.content
      const isOpening = (value as unknown) !== null
      const state = here.get(key) ?? { key, opens: 0, closes: 0, written: 0, block, isBroken: false }
      if (isOpening) state.opens++
      else state.closes++
      if (isOpening && item.id.client !== serverClient) state.written++
      state.isBroken ||= (isOpening && state.closes > 0) || state.opens > 1 || state.closes > state.opens
      here.set(key, state)
    }
    all.push(...here.values())
  }
  return all
}

/** Keys of which a block holds one marker without the other. */
export const halfPairs = (blocks: Iterable<Y.XmlElement>, keys: ReadonlySet<string>): Set<string> =>
  new Set(liveMarkers(blocks, keys).flatMap((state) => (state.opens === state.closes ? [] : [state.key])))

/** Takes out what the server wrote of pairs that their source has written again in the same text: one is enough. Whether there was any. */
export function dropRewritten(tr: Y.Transaction, text: Y.XmlText, keys: ReadonlySet<string>): boolean {
  const byKey = new Map<string, { written: boolean; server: Y.Item[] }>()
  for (let item = text._start; item; item = item.right) {
    if (item.deleted || !(item.content instanceof Y.ContentFormat) || !keys.has(item.content.key)) continue
    const entry = byKey.get(item.content.key) ?? { written: false, server: [] }
    byKey.set(item.content.key, entry)
    if (item.id.client === serverClient) entry.server.push(item)
    else if ((item.content.value as unknown) !== null) entry.written = true
  }
  let isAny = false
  for (const { written, server } of byKey.values()) {
    const opens = server.filter((item) => ((item.content as Y.ContentFormat).value as unknown) !== null)
    if (!written || opens.length === 0) continue
    for (const item of server) item.delete(tr)
    isAny = true
  }
  return isAny
}

/**
 * The block in which a key is no whole pair any more, or null: new ones come as one pair in one block, deleted ones go all at once, or marks would
 * bleed or vanish later (GATE5).
 */
export function brokenPair(blocks: Iterable<Y.XmlElement>, cut: ReadonlySet<string>, fresh: ReadonlySet<string>): Y.XmlElement | null {
  const watched = new Set([...cut, ...fresh])
  if (watched.size === 0) return null
  const written = new Set<string>()
  for (const state of liveMarkers(blocks, watched)) {
    if (state.isBroken || state.opens !== state.closes || (cut.has(state.key) && !fresh.has(state.key))) return state.block
    if (state.written === 0) continue
    if (written.has(state.key)) return state.block
    written.add(state.key)
  }
  return null
}

/** Takes back what the server wrote of some marks: markers, and characters that they own. Whether anything was there. */
export function takeBack(tr: Y.Transaction, text: Y.XmlText, keys: ReadonlySet<string>): boolean {
  const rest: Y.Item[] = []
  for (let item = text._start; item; item = item.right)
    if (!item.deleted && item.content instanceof Y.ContentFormat && keys.has(item.content.key) && item.id.client === serverClient)
      rest.push(item)
  if (rest.length === 0) return false
  let at = 0
  const owned: [number, number][] = []
  for (const run of runsOfText(text)) {
    const owner = ownerOf(run.marks)
    if (owner && keys.has(owner.key) && run.client === serverClient) owned.push([at, at + run.text.length])
    at += run.text.length
  }
  for (const [from, to] of owned.toReversed()) removeText(tr, text, from, to)
  for (const item of rest) item.delete(tr)
  return true
}

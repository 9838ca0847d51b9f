import * as Y from "yjs"
import { textOfElement } from "../../shared/sync/read.ts"

interface Live {
  opens: number
  closes: number
  readonly block: Y.XmlElement
  isBroken: boolean
}

/** What is left of the watched keys in some blocks: how often each opens and closes, and whether in another order or place than a pair. */
function liveMarkers(blocks: Iterable<Y.XmlElement>, watched: ReadonlySet<string>): Map<string, Live> {
  const live = new Map<string, Live>()
  for (const block of blocks) {
    for (let item = textOfElement(block)?._start ?? null; item; item = item.right) {
      if (item.deleted || !(item.content instanceof Y.ContentFormat) || !watched.has(item.content.key)) continue
      const isOpening = (item.content.value as unknown) !== null
      const state = live.get(item.content.key) ?? { opens: 0, closes: 0, block, isBroken: false }
      if (isOpening) state.opens++
      else state.closes++
      state.isBroken ||= state.block !== block || (isOpening && state.closes > 0) || state.opens > 1 || state.closes > state.opens
      live.set(item.content.key, state)
    }
  }
  return live
}

/**
 * The block in which a key is no whole pair any more, or null: new ones come as one pair in one block, deleted ones go all at once, or marks would
 * bleed or vanish later (GATE5).
 */
export function brokenPair(blocks: Iterable<Y.XmlElement>, cut: ReadonlySet<string>, fresh: ReadonlySet<string>): Y.XmlElement | null {
  const watched = new Set([...cut, ...fresh])
  if (watched.size === 0) return null
  for (const [key, state] of liveMarkers(blocks, watched))
    if (state.isBroken || state.opens !== state.closes || (cut.has(key) && !fresh.has(key))) return state.block
  return null
}

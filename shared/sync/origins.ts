import type * as Y from "yjs"
import type { LetterId, OriginOf } from "../changes/sight.ts"
import { roots } from "./roots.ts"

interface Stretch {
  readonly clock: number
  readonly length: number
  readonly from: LetterId
}

/**
 * Under which id each letter of a room's document was first written: read once from what the server noted when it split, joined or moved blocks, carried
 * words over or restored them.
 */
export function originsOf(doc: Y.Doc): OriginOf {
  const byClient = new Map<number, Stretch[]>()
  for (const [client, clock, length, toClient, toClock] of roots.relocations(doc).toArray()) {
    const stretch = { clock: toClock, length, from: { client, clock } }
    const list = byClient.get(toClient)
    if (list) list.push(stretch)
    else byClient.set(toClient, [stretch])
  }
  for (const list of byClient.values()) list.sort((a, b) => a.clock - b.clock)
  return (letter) => {
    let at = letter
    for (let before = stepBack(byClient, at); before; before = stepBack(byClient, at)) at = before
    return at
  }
}

function stepBack(byClient: ReadonlyMap<number, readonly Stretch[]>, { client, clock }: LetterId): LetterId | null {
  const list = byClient.get(client)
  if (!list) return null
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (list[middle]!.clock <= clock) low = middle + 1
    else high = middle
  }
  const stretch = list[low - 1]
  if (!stretch || clock >= stretch.clock + stretch.length) return null
  return { client: stretch.from.client, clock: stretch.from.clock + clock - stretch.clock }
}

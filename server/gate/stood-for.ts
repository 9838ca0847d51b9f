/** In place of which letter another was written: an undo writes what it brings back right before what is left of it. */
import * as Y from "yjs"
import type { ItemId } from "../../shared/schema/runs.ts"

/** The letter that is gone and in place of which one was written; null where it says of none. What was typed right before something gone says so too. */
export function stoodFor(store: Y.Doc["store"], { client, clock }: ItemId): ItemId | null {
  let item = itemAt(store, { client, clock })
  if (!item?.rightOrigin) return null
  // What was written at once is in parts where others have written in it since.
  for (let parts = 0; parts < mostParts && item.origin?.client === client && item.origin.clock === item.id.clock - 1; parts++) {
    const before = itemAt(store, item.origin)
    if (!before || !Y.compareIDs(before.rightOrigin, item.rightOrigin)) break
    item = before
  }
  const stood: ItemId = { client: item.rightOrigin!.client, clock: item.rightOrigin!.clock + clock - item.id.clock }
  return itemAt(store, stood)?.deleted ? stood : null
}

function itemAt(store: Y.Doc["store"], { client, clock }: ItemId): Y.Item | null {
  if (clock >= Y.getState(store, client)) return null
  const item = Y.getItem(store, Y.createID(client, clock)) as Y.Item | Y.GC
  return item instanceof Y.Item ? item : null
}

/** More than people write in what comes back with one press: letters beyond are taken for new ones. */
const mostParts = 64

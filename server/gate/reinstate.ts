/**
 * What is accepted and waits for the proposal around it is decided: its source can take it out no more (GATE14). What an update removes of it, mostly an
 * undo that had not heard, comes back where it stood before the update is judged; its words the judge then finds struck, as it does agreed ones (GATE7).
 */
import * as Y from "yjs"
import { type Mark, ownerOf } from "../../shared/schema/block.ts"
import { closing, forgetMarkers, opening, writeItem } from "../../shared/sync/write.ts"
import type { Reinstated } from "./fresh.ts"
import { itemEndingAt, itemFrom } from "./places.ts"
import type { BlockReading } from "./reading.ts"
import type { Relocations } from "./relocations.ts"
import type { CutMarker } from "./trial.ts"

/** Writes again the letters of one block that an update deleted, of insertions that are such. `before`: the block as it was. */
export function reinstateLetters(
  tr: Y.Transaction,
  relocations: Relocations,
  before: BlockReading,
  isSuch: (mark: Mark) => boolean,
): Reinstated[] {
  const reinstated: Reinstated[] = []
  for (const { client, clock, text, marks } of before.runs) {
    const owner = ownerOf(marks)
    if (!owner || !isSuch(owner)) continue
    for (let at = clock; at < clock + text.length; ) {
      const item = itemFrom(tr, { client, clock: at })
      const to = Math.min(item.id.clock + item.length, clock + text.length)
      if (item instanceof Y.Item && item.deleted) {
        const words = new Y.ContentString(text.slice(at - clock, to - clock))
        const written = writtenBehind(tr, { client, clock: to - 1 }, words)
        if (written) {
          relocations.addRestored({ client, clock: at }, written, to - at)
          reinstated.push({ letters: { ...written, length: to - at }, over: owner.id })
        }
      }
      at = to
    }
  }
  return reinstated
}

/** Writes again a marker that an update deleted. */
export const reinstateMarker = (tr: Y.Transaction, { id, isOpening }: CutMarker, mark: Mark): void =>
  void writtenBehind(tr, id, isOpening ? opening(mark) : closing(mark))

/** Writes something right behind what is left of an item, where nothing has come between. */
function writtenBehind(
  tr: Y.Transaction,
  id: { readonly client: number; readonly clock: number },
  content: Y.ContentString | Y.ContentFormat,
): { client: number; clock: number } | null {
  const left = itemEndingAt(tr, id)
  if (!left) return null
  const text = left.parent as Y.XmlText
  const { client, clock } = writeItem(tr, text, { left, right: left.right }, content).id
  forgetMarkers(text)
  return { client, clock }
}

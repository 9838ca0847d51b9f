/**
 * Updates that are rows already (GATE9). Whoever listens to a shadow has Yjs write down what it emits, looking through all of its clients twice: for a
 * letter that takes as long as all proofs together. So what is one stretch of new letters, and in the very bytes that Yjs would write, is kept as it came.
 */
import * as Y from "yjs"

type Decoded = ReturnType<typeof Y.decodeUpdate>

/** An update that is one stretch of letters, as Yjs writes it to the byte. */
export interface Letters {
  readonly id: Y.ID
  readonly update: Uint8Array
}

/** The first byte of an item in Yjs's encoding: what it holds, and whether it says what stood before and behind it. */
const lettersRef = 4
const hasOrigin = 0x80
const hasRightOrigin = 0x40

/** An update as letters, or null where it is anything else, or holds a byte that Yjs would not write. */
export function asLetters({ structs, ds }: Decoded, update: Uint8Array): Letters | null {
  const [item] = structs
  if (structs.length !== 1 || ds.clients.size > 0 || !(item instanceof Y.Item) || !(item.content instanceof Y.ContentString)) return null
  const { id, origin, rightOrigin, content } = item
  // Without a neighbour it would name its text too.
  if (origin === null && rightOrigin === null) return null
  // One client, one struct of it, the struct, nothing deleted.
  const atInfo = 2 + lengthOf(id.client) + lengthOf(id.clock)
  const bytes = Buffer.byteLength(content.str)
  // A number may be written longer than need be, and anything may follow: then the update is longer than this.
  const length = atInfo + 1 + lengthOfId(origin) + lengthOfId(rightOrigin) + lengthOf(bytes) + bytes + 1
  const info = lettersRef | (origin === null ? 0 : hasOrigin) | (rightOrigin === null ? 0 : hasRightOrigin)
  return update.length === length && update[atInfo] === info ? { id, update } : null
}

const lengthOfId = (id: Y.ID | null): number => (id === null ? 0 : lengthOf(id.client) + lengthOf(id.clock))

/** How many bytes a number takes: seven bits in each. */
function lengthOf(number: number): number {
  let length = 1
  for (let rest = number; rest >= 0x80; rest /= 0x80) length++
  return length
}

/** Whether letters are all that a transaction has written, and are there. */
export function areWritten({ id }: Letters, { beforeState, deleteSet, doc }: Y.Transaction): boolean {
  if (deleteSet.clients.size > 0 || (beforeState.get(id.client) ?? 0) !== id.clock) return false
  const last = doc.store.clients.get(id.client)?.at(-1)
  return last instanceof Y.Item && !last.deleted && last.id.clock === id.clock
}

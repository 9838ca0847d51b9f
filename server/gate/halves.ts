/**
 * Signs of two UTF-16 units: nothing may stand between their halves, for Yjs then puts another sign in the place of each (GATE1). That holds of signs
 * that are gone, too: a decision that is taken back brings them again, and so does an undo.
 */
import * as Y from "yjs"
import type { ItemId } from "../../shared/schema/runs.ts"
import { newDraftDoc } from "../../shared/sync/write.ts"

const isHigh = (unit: string | undefined): boolean => unit !== undefined && unit >= "\ud800" && unit <= "\udbff"
const isLow = (unit: string | undefined): boolean => unit !== undefined && unit >= "\udc00" && unit <= "\udfff"

/** Whether a place in some words is between the two halves of a sign. */
export const isInSign = (words: string, at: number): boolean => isLow(words[at]) && isHigh(words[at - 1])

const wholeSign = /[\ud800-\udbff][\udc00-\udfff]/
const anySign = /[\ud800-\udbff][\udc00-\udfff]|./gs

/**
 * Of words that are gone Yjs keeps how many units they had, and no more. Of such as hold signs of two it is to keep too which units these are: not which
 * signs they were, and no letter. Whether Yjs may drop an item's content.
 */
function forgetLetters({ content }: Y.Item): boolean {
  if (!(content instanceof Y.ContentString) || !wholeSign.test(content.str)) return true
  content.str = content.str.replace(anySign, (sign) => (sign.length === 2 ? "\u{10000}" : "."))
  return false
}

/** A document as the room holds it. */
export const newHeldDoc = (): Y.Doc => newDraftDoc({ gcFilter: forgetLetters })

/** Whether a letter of a document, there or gone, is the second half of a sign. */
export function isSecondHalf(store: Y.Doc["store"], { client, clock }: ItemId): boolean {
  if (clock >= Y.getState(store, client)) return false
  const item = Y.getItem(store, Y.createID(client, clock)) as Y.Item | Y.GC
  return item instanceof Y.Item && item.content instanceof Y.ContentString && isInSign(item.content.str, clock - item.id.clock)
}

/** Whether new items say to stand between the halves of a sign: one of the document, or one that comes with them. */
export function standInSign(items: readonly Y.Item[], store: Y.Doc["store"]): boolean {
  let fresh: Set<string> | null = null
  for (const { id, content } of items) {
    if (!(content instanceof Y.ContentString) || !wholeSign.test(content.str)) continue
    fresh ??= new Set()
    for (let at = 1; at < content.str.length; at++) if (isInSign(content.str, at)) fresh.add(`${id.client} ${id.clock + at}`)
  }
  const isSecond = (letter: ItemId): boolean => fresh?.has(`${letter.client} ${letter.clock}`) || isSecondHalf(store, letter)
  return items.some(
    ({ origin, rightOrigin }) =>
      (origin !== null && isSecond({ client: origin.client, clock: origin.clock + 1 })) || (rightOrigin !== null && isSecond(rightOrigin)),
  )
}

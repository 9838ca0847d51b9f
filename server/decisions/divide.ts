/** Divides a change in the room's document (PART): its letters stay the same items, what is left stands under new pairs. */
import * as Y from "yjs"
import { type Cut, type DividedBlock, type Division, flawOfDivision, isNaming } from "../../shared/changes/part.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import { type Block, joinRuns, type Mark, sameMarks } from "../../shared/schema/block.ts"
import { blockOfElement, elementsOf, markOfMarker, textOfElement } from "../../shared/sync/read.ts"
import { roots } from "../../shared/sync/roots.ts"
import { beforeLetter, closing, forgetMarkers, opening, placeAt, writeItem } from "../../shared/sync/write.ts"
import type { Relocations } from "../gate/relocations.ts"
import type { Site } from "../gate/restructure.ts"
import { Mismatch } from "./proven.ts"

/** Throws a Mismatch where a division would change more than whose part a letter is (PART3). `before`: the draft as it was. */
export function proveDivision(before: readonly Block[], division: Division): void {
  const flaw = flawOfDivision(before, division)
  if (flaw !== null) throw new Mismatch(`a division changes ${flaw}`)
}

/** Writes divisions, one after the other; throws a Mismatch where a block is not as it should be then. */
export function* writeDivisions(site: Site, shadow: Y.Doc, divisions: readonly Division[]): Sliced<void> {
  for (const division of divisions) {
    const { change, rest, divided, renamed, blocks } = division
    const byId = new Map(divided.map((block) => [block.id, block]))
    for (const [i, element] of elementsOf(shadow).entries()) {
      const expected = blocks[i]!
      const block = byId.get(expected.id)
      if (!block && !isNaming(expected, renamed)) continue
      const text = textOfElement(element)!
      if (block) cutText(site.tr, text, block, site.relocations)
      for (const mark of renamed.values()) rename(site.tr, text, mark, site.relocations)
      if (block?.isLeft) element.setAttribute("insertedId", rest)
      demandSame(blockOfElement(element), expected)
      yield
    }
    const threads = roots.threads(shadow)
    for (const [key, thread] of threads.entries())
      if (thread.anchor.on === "change" && thread.anchor.change === change)
        threads.set(key, { ...thread, anchor: { ...thread.anchor, change: rest } })
  }
}

function demandSame(written: Block, expected: Block): void {
  const a = joinRuns(written.runs)
  const b = joinRuns(expected.runs)
  const isSame = (x: (typeof a)[number], y: (typeof a)[number]): boolean =>
    x.text === y.text &&
    sameMarks(x.marks, y.marks) &&
    x.marks.every((mark) => namesIn(mark) === namesIn(y.marks.find(({ key }) => key === mark.key)!))
  if (written.insertedId !== expected.insertedId || a.length !== b.length || !a.every((run, i) => isSame(run, b[i]!)))
    throw new Mismatch(`block ${expected.id} is not divided as it should be`)
}

/** A pair of markers of one key: around letters [from, to). */
interface Pair {
  readonly open: Y.Item
  readonly close: Y.Item
  readonly from: number
  readonly to: number
}

function pairsOf(text: Y.XmlText, key: string): Pair[] {
  const pairs: Pair[] = []
  let open: { item: Y.Item; from: number } | null = null
  let at = 0
  for (let item = text._start; item; item = item.right) {
    if (item.deleted) continue
    if (item.content instanceof Y.ContentFormat) {
      if (item.content.key !== key) continue
      if ((item.content.value as unknown) !== null) open = { item, from: at }
      else if (open) {
        pairs.push({ open: open.item, close: item, from: open.from, to: at })
        open = null
      }
    } else if (item.countable) at += item.length
  }
  return pairs
}

/** Puts a marker in the place of one, and notes which became which: its source may take it back without having heard. */
function replace(tr: Y.Transaction, text: Y.XmlText, item: Y.Item, content: Y.ContentFormat, relocations: Relocations): void {
  const { id } = writeItem(tr, text, { left: item, right: item.right }, content)
  relocations.add(item.id, id, 1)
  item.delete(tr)
}

function cutText(tr: Y.Transaction, text: Y.XmlText, { cuts }: DividedBlock, relocations: Relocations): void {
  forgetMarkers(text)
  for (const cut of cuts) for (const pair of pairsOf(text, cut.mark.key)) cutPair(tr, text, pair, cut, relocations)
}

function cutPair(tr: Y.Transaction, text: Y.XmlText, pair: Pair, cut: Cut, relocations: Relocations): void {
  const { mark, kept } = cut
  const isBefore = kept === null || pair.to <= kept.from
  if (isBefore || pair.from >= kept.to) {
    const whole = isBefore ? cut.before : cut.behind
    replace(tr, text, pair.open, opening(whole), relocations)
    return replace(tr, text, pair.close, closing(whole), relocations)
  }
  if (pair.to > kept.to) {
    // Right behind the last letter that stays: what others wrote in the gap stands in what is left.
    const close = writeItem(tr, text, placeAt(tr, text, kept.to), closing(mark))
    writeItem(tr, text, { left: close, right: close.right }, opening(cut.behind))
    replace(tr, text, pair.close, closing(cut.behind), relocations)
  }
  if (pair.from < kept.from) {
    const close = writeItem(tr, text, beforeLetter(tr, text, kept.from), closing(cut.before))
    writeItem(tr, text, { left: close, right: close.right }, opening(mark))
    replace(tr, text, pair.open, opening(cut.before), relocations)
  }
}

/** Writes the pairs of a mark anew under other names. A deletion keeps its closing marker, by which its source's undo still takes hold of it. */
export function rename(tr: Y.Transaction, text: Y.XmlText, mark: Mark, relocations: Relocations): void {
  for (const { open, close } of pairsOf(text, mark.key)) {
    const was = markOfMarker(open.content as Y.ContentFormat)
    if (was && namesIn(was) === namesIn(mark)) continue
    forgetMarkers(text)
    replace(tr, text, open, opening(mark), relocations)
    if (mark.name === "insertion") replace(tr, text, close, closing(mark), relocations)
  }
}

const namesIn = ({ of, within, over }: Mark): string => JSON.stringify([of, within, over])

/** Words and marks of a block as they were before a decision: letters return behind what is left of them, marks around their letters (BACK). */
import * as Y from "yjs"
import { type BackPlan, isMadeByIt } from "../../shared/changes/back-plan.ts"
import { isMadeBefore, type Origin, originKey, type Placed, standsSame } from "../../shared/changes/placed.ts"
import type { LetterId } from "../../shared/changes/sight.ts"
import { isProposal, type Mark, ownerOf } from "../../shared/schema/block.ts"
import { newMark } from "../../shared/schema/schema.ts"
import { markOfMarker, marksAfter, runsOfText } from "../../shared/sync/read.ts"
import { roots } from "../../shared/sync/roots.ts"
import { beforeLetter, closing, forgetMarkers, opening, type Place, placeAt, removeMark, writeItem } from "../../shared/sync/write.ts"
import { isInSign } from "../gate/halves.ts"
import { idOf, itemFrom } from "../gate/places.ts"
import type { Site } from "../gate/restructure.ts"

/** What of a plan is needed for the words of blocks, made ready once. */
export class WordsBack {
  readonly #site: Site
  readonly #plan: BackPlan
  /** Letters as they stood, under the marks that they are to have again. */
  readonly #was = new Map<Origin, Placed>()
  /** Letters of each block as they stood, in their order. */
  readonly #byBlock = new Map<string, [Origin, Placed][]>()
  /** In which order the marks were opened: what was opened first stood around what came later. */
  readonly #opened = new Map<string, number>()
  readonly #renamed: ReadonlyMap<string, Mark>
  readonly #mint: (source: string) => string
  /** Further marks that were needed, by the id of the one that they stand for: where agreed words of others lie between, or its id has come to mean another change. */
  readonly pieces = new Map<string, Mark[]>()

  /** `changes`: of which change each mark in force is, by its key. `renamed`: marks that will name others than they do. */
  constructor(
    site: Site,
    plan: BackPlan,
    changes: ReadonlyMap<string, string>,
    renamed: ReadonlyMap<string, Mark>,
    mint: (source: string) => string,
  ) {
    this.#site = site
    this.#plan = plan
    this.#renamed = renamed
    this.#mint = mint
    const isOtherNow = ({ key, changeId }: Mark): boolean => {
      const now = changes.get(key)
      return now !== undefined && (plan.merged.get(now) ?? now) !== changeId && !plan.unmade.has(key) && !plan.renamed.has(key)
    }
    const renewed = new Map<string, Mark>()
    // Whoever does again what was decided writes it as a change of its own, at times under the id that the decided one had.
    const asWritten = (mark: Mark): Mark => {
      if (!isProposal(mark) || !isOtherNow(mark)) return mark
      const known = renewed.get(mark.key)
      if (known) return known
      const piece = newMark(mark.name, { ...mark, id: mint(mark.source), of: mark.changeId })
      renewed.set(mark.key, piece)
      this.#addPiece(mark, piece)
      return piece
    }
    for (const [origin, known] of plan.was) {
      const since = plan.became.get(origin)?.marks ?? []
      const marks = known.marks.map((mark) => (since.some(({ key }) => key === mark.key) ? mark : asWritten(mark)))
      const placed = marks.every((mark, i) => mark === known.marks[i]) ? known : { ...known, marks }
      this.#was.set(origin, placed)
      const list = this.#byBlock.get(placed.block)
      if (list) list.push([origin, placed])
      else this.#byBlock.set(placed.block, [[origin, placed]])
    }
    for (const list of this.#byBlock.values())
      for (const [, { marks }] of list) for (const { key } of marks) if (!this.#opened.has(key)) this.#opened.set(key, this.#opened.size)
  }

  #addPiece(mark: Mark, piece: Mark): void {
    this.pieces.set(mark.id, [...(this.pieces.get(mark.id) ?? []), piece])
  }

  /** Brings back the words of one block, and their marks. `isNew`: its element is another than it was. */
  restore(block: string, text: Y.XmlText, isNew: boolean): void {
    forgetMarkers(text)
    this.#emptyPairs(text)
    this.#letters(block, text, isNew)
    this.#marks(text)
  }

  /** Marks that the decision made and that are around nothing, for their words went with it, would take these in. */
  #emptyPairs(text: Y.XmlText): void {
    const empty = new Set<string>()
    for (let item = text._start; item; item = item.right)
      if (!item.deleted && item.content instanceof Y.ContentFormat && this.#isMadeByIt(item.content.key)) empty.add(item.content.key)
    if (empty.size === 0) return
    for (const { marks } of runsOfText(text)) for (const { key } of marks) empty.delete(key)
    for (const key of empty) removeMark(this.#site.tr, text, key)
  }

  /** Whether the decision made a mark, which was around none of its letters before. */
  #isMadeByIt(key: string): boolean {
    return isMadeByIt(this.#plan, key) && !this.#opened.has(key)
  }

  #letters(block: string, text: Y.XmlText, isNew: boolean): void {
    const letters = this.#byBlock.get(block) ?? []
    let there = offsetsIn(text, this.#site)
    for (let i = 0; i < letters.length; ) {
      const [origin, first] = letters[i]!
      if (this.#plan.became.has(origin) || there.has(origin)) {
        i++
        continue
      }
      const end = this.#endOfRun(text, letters, i, there)
      const pred = letters.slice(0, i).findLast(([other]) => there.has(other))?.[0]
      const succ = letters.slice(end).find(([other]) => there.has(other))?.[0]
      const offsetOf = (other: Origin | undefined): number | null => (other === undefined ? null : there.get(other)!)
      const run = letters.slice(i, end).map(([, placed]) => placed)
      const isInPlace = this.#standsBetween(text, first, offsetOf(pred), offsetOf(succ))
      const items = isInPlace ? this.#writeInPlace(text, run) : [this.#writeTogether(text, run, offsetOf(pred))]
      const from = { client: first.client, clock: first.clock }
      this.#site.relocations.addReturned(from, idOf(items[0]!), run.length, this.#plan.goneSince, isNew)
      there = offsetsIn(text, this.#site)
      const isMeant = (mark: Mark): boolean => {
        const seen =
          isMadeBefore(mark, this.#plan.goneSince) && this.#isOpen(mark.changeId) && !this.#isMadeByIt(mark.key)
            ? this.#site.relocations.asHeard(from, Number(mark.heard))
            : null
        // Where the words around were written anew meanwhile, these stand again between what its writer struck.
        return seen !== null && (!isInPlace || isInForceAt(text, mark.key, seen))
      }
      this.#clear(text, there.get(origin)!, run.length, first.marks, isMeant)
      i = end
    }
  }

  /** Whether nobody has decided on a change, or it is open again. */
  #isOpen(change: string): boolean {
    return !roots.proposals(this.#site.tr.doc).has(change) || this.#plan.proposals.get(change) === null
  }

  /**
   * Letters from one on that were written one after the other and stood under the same proposals, and between what is left of which nothing stands, no mark
   * either. What stands between the halves of a sign, for nobody knew any more that it was one, comes to stand beside it.
   */
  #endOfRun(text: Y.XmlText, letters: readonly [Origin, Placed][], from: number, there: ReadonlyMap<Origin, number>): number {
    let end = from + 1
    for (; end < letters.length; end++) {
      const [origin, next] = letters[end]!
      const last = letters[end - 1]![1]
      if (this.#plan.became.has(origin) || there.has(origin) || next.client !== last.client || next.clock !== last.clock + 1) break
      if (!isInSign(last.letter + next.letter, 1) && !(standsSame(last, next) && this.#isBeside(text, last, next))) break
    }
    return end
  }

  /** Whether nothing stands between what is left of two letters, no mark either. */
  #isBeside(text: Y.XmlText, a: Placed, b: Placed): boolean {
    const left = structAt(this.#site, a)
    if (!(left instanceof Y.Item) || left.parent !== text) return true
    if (b.clock < left.id.clock + left.length) return true
    for (let item = left.right; item; item = item.right) {
      if (item.id.client === b.client && item.id.clock <= b.clock && b.clock < item.id.clock + item.length) return true
      if (!item.deleted) return false
    }
    return true
  }

  /** Writes letters of which nothing is left where they belong. */
  #writeTogether(text: Y.XmlText, run: readonly Placed[], pred: number | null): Y.Item {
    const words = run.map(({ letter }) => letter).join("")
    return writeItem(this.#site.tr, text, this.#besideLetter(text, pred, run[0]!.marks), new Y.ContentString(words))
  }

  /**
   * Writes letters, each right before what is left of it, so that whatever was written late beside it finds its place. The items that hold them, whose
   * clocks follow each other.
   */
  #writeInPlace(text: Y.XmlText, run: readonly Placed[]): Y.Item[] {
    const { tr } = this.#site
    const items: Y.Item[] = []
    for (let at = 0; at < run.length; ) {
      const end = at + lengthAt(run, at)
      const words = run.slice(at, end)
      const gone = this.#leftOf(text, words[0]!)
      const last = items.at(-1) ?? null
      const place = gone ? { left: gone.left, right: gone } : { left: last, right: last?.right ?? null }
      items.push(writeItem(tr, text, place, new Y.ContentString(words.map(({ letter }) => letter).join(""))))
      at = end
    }
    return items
  }

  /** What is left of a letter in a text, from it on. */
  #leftOf(text: Y.XmlText, letter: Placed): Y.Item | null {
    const struct = structAt(this.#site, letter)
    if (!(struct instanceof Y.Item) || struct.parent !== text || !struct.deleted) return null
    return itemFrom(this.#site.tr, letter) as Y.Item
  }

  /** Whether something is left of a letter, and still between its neighbours. */
  #standsBetween(text: Y.XmlText, letter: Placed, pred: number | null, succ: number | null): boolean {
    const item = this.#leftOf(text, letter)
    if (!item) return false
    let offset = 0
    for (let other = text._start; other && other !== item; other = other.right)
      if (!other.deleted && other.countable) offset += other.length
    return (pred === null || pred < offset) && (succ === null || succ >= offset)
  }

  /** Right behind a letter, or at the beginning, where the marks in force are most like those that were. */
  #besideLetter(text: Y.XmlText, pred: number | null, marks: readonly Mark[]): Place {
    const start = placeAt(this.#site.tr, text, pred === null ? 0 : pred + 1)
    const wanted = new Set(marks.map(({ key }) => key))
    const cost = (inForce: readonly Mark[]): number =>
      inForce.filter(({ key }) => !wanted.has(key)).length * 2 - inForce.filter(({ key }) => wanted.has(key)).length
    let best: Place = start
    let least = cost(start.marks)
    let { left, right, marks: inForce } = start
    while (right && (right.deleted || !right.countable)) {
      if (!right.deleted && right.content instanceof Y.ContentFormat) inForce = marksAfter(inForce, right.content)
      left = right
      right = right.right
      if (cost(inForce) < least) {
        least = cost(inForce)
        best = { left, right }
      }
    }
    return best
  }

  /** Open proposals that came to stand around letters that return do not take them in, but for a deletion whose writer had them before its eyes. */
  #clear(text: Y.XmlText, from: number, length: number, marks: readonly Mark[], isMeant: (mark: Mark) => boolean): void {
    const { tr } = this.#site
    const wanted = new Set(marks.map(({ key }) => key))
    const foreign = marksAt(text, from).filter((mark) => isProposal(mark) && !wanted.has(mark.key) && !isMeant(mark))
    for (const mark of foreign.toReversed()) {
      writeItem(tr, text, beforeLetter(tr, text, from), closing(mark))
    }
    let { left, right } = placeAt(tr, text, from + length)
    for (const mark of foreign) {
      left = writeItem(tr, text, { left, right }, opening(mark))
      right = left.right
    }
    forgetMarkers(text)
  }

  #marks(text: Y.XmlText): void {
    const letters = lettersIn(text, this.#site)
    const wanted = letters.map(({ origin, marks }) => this.#wantedOn(origin, marks))
    const missing = new Map<string, Mark>()
    for (const marks of wanted) for (const mark of marks) missing.set(mark.key, mark)
    for (const key of this.#plan.unmade.keys()) removeMark(this.#site.tr, text, key)
    // Of one that is in force on some letters already both are written as one.
    letters.forEach(({ marks }, at) => {
      for (const { key } of marks) {
        const mark = missing.get(key)
        if (!mark || this.#plan.unmade.has(key)) continue
        wanted[at]!.push(mark)
        removeMark(this.#site.tr, text, key)
      }
    })
    const inOrder = [...missing.values()].sort((a, b) => this.#orderOf(a.key) - this.#orderOf(b.key))
    for (const mark of inOrder) this.#bringBack(text, mark, letters, wanted)
  }

  #orderOf(key: string): number {
    return this.#opened.get(key) ?? Number.POSITIVE_INFINITY
  }

  /** The marks that a letter is to have again. */
  #wantedOn(origin: Origin, inForce: readonly Mark[]): Mark[] {
    const { became, unmade, withdrawn } = this.#plan
    const isInForce = (mark: Mark): boolean => inForce.some(({ key }) => key === mark.key)
    const then = this.#was.get(origin)
    if (then) {
      const since = became.get(origin)?.marks ?? []
      return then.marks.filter((mark) => !isInForce(mark) && !since.some(({ key }) => key === mark.key) && !withdrawn.has(mark.changeId))
    }
    // Written since in what was left of a divided change: it is of the whole again.
    return inForce.flatMap(({ key }) => {
      const whole = unmade.get(key)
      return whole && !isInForce(whole) ? [whole] : []
    })
  }

  /** Writes a mark around its letters; around what others have open between them too, but not around what is agreed. */
  #bringBack(
    text: Y.XmlText,
    mark: Mark,
    letters: readonly { readonly origin: Origin; readonly marks: readonly Mark[] }[],
    wanted: readonly (readonly Mark[])[],
  ): void {
    const isWanted = (at: number): boolean => wanted[at]!.some(({ key }) => key === mark.key)
    // A deletion that was made over an insertion would take out what stands in that by now.
    const isAimed = mark.name === "deletion" && mark.over.length > 0
    // As would, once the insertion is around these again, a deletion that was made over it and stands there too.
    const isMadeOver = (other: Mark): boolean =>
      (this.#renamed.get(other.key) ?? other).over.some((id) => id === mark.id || this.pieces.get(id)?.includes(mark))
    const isTakenOut = (marks: readonly Mark[]): boolean => marks.some((other) => other.name === "deletion" && isMadeOver(other))
    const mayStay = (at: number): boolean =>
      !isAimed && !this.#plan.was.has(letters[at]!.origin) && ownerOf(letters[at]!.marks) !== null && !isTakenOut(letters[at]!.marks)
    const stretches: [number, number][] = []
    for (let at = 0; at < letters.length; at++) {
      if (!isWanted(at)) continue
      const last = stretches.at(-1)
      let isOne = last !== undefined
      for (let between = last?.[1] ?? 0; isOne && between < at; between++) isOne = mayStay(between)
      if (last && isOne) last[1] = at + 1
      else stretches.push([at, at + 1])
    }
    // What it did not cover before either lies between two pairs of the same mark; a comment is one, whatever lies between.
    const isOld = (from: number, to: number): boolean => {
      for (let at = from; at < to; at++) if (!this.#plan.was.has(letters[at]!.origin)) return false
      return true
    }
    let last: number | null = null
    for (const [from, to] of stretches) {
      const isOwn = last === null || !isProposal(mark) || isOld(last, from)
      const piece = isOwn ? mark : newMark(mark.name, { ...mark, id: this.#mint(mark.source), of: mark.changeId })
      if (!isOwn) this.#addPiece(mark, piece)
      last = to
      this.#writePair(text, from, to, piece, this.#orderOf(mark.key))
    }
  }

  /**
   * Around letters [from, to), and around what was opened there later; behind all that was opened before. What is left of other letters stays outside: should
   * they return, they would be taken in.
   */
  #writePair(text: Y.XmlText, from: number, to: number, mark: Mark, order: number): void {
    const { tr } = this.#site
    const inForce = new Set(marksAt(text, from).map(({ key }) => key))
    let { left, right } = placeAt(tr, text, from)
    // Before what was inside it then, and what is opened since right here.
    let [place, near]: (Place | null)[] = [null, null]
    while (right && (right.deleted || !right.countable)) {
      const opened = right.deleted ? null : markOfMarker(right.content as Y.ContentFormat)
      if (right.deleted) near = null
      else if (opened && inForce.has(opened.key)) {
        const other = this.#orderOf(opened.key)
        if (other <= order) place = near = null
        else if (other < Number.POSITIVE_INFINITY) place ??= { left, right }
        else near ??= { left, right }
      }
      left = right
      right = right.right
    }
    writeItem(tr, text, place ?? near ?? { left, right }, opening(mark))
    let end: Place = placeAt(tr, text, to)
    for (let item = end.right; item && !item.deleted && !item.countable; item = item.right) {
      if (markOfMarker(item.content as Y.ContentFormat)) break
      const { key } = item.content as Y.ContentFormat
      if (this.#opened.has(key) && this.#orderOf(key) > order) end = { left: item, right: item.right }
    }
    writeItem(tr, text, end, closing(mark))
    forgetMarkers(text)
  }
}

/** How many halves the sign has at a place in a run of letters: one of two is never cut. */
const lengthAt = (run: readonly Placed[], at: number): number => (isInSign(run[at]!.letter + (run[at + 1]?.letter ?? ""), 1) ? 2 : 1)

const structAt = ({ tr }: Site, { client, clock }: Placed): Y.Item | Y.GC =>
  Y.getItem(tr.doc.store, Y.createID(client, clock)) as Y.Item | Y.GC

/** The letters of a text by their first ids, with the marks in force on each. */
export function lettersIn(text: Y.XmlText, { relocations }: Pick<Site, "relocations">): { origin: Origin; marks: readonly Mark[] }[] {
  return runsOfText(text).flatMap(({ text: words, marks, client, clock }) =>
    Array.from({ length: words.length }, (_, i) => ({ origin: originKey(relocations.original({ client, clock: clock + i })), marks })),
  )
}

const offsetsIn = (text: Y.XmlText, site: Site): Map<Origin, number> =>
  new Map(lettersIn(text, site).map(({ origin }, offset) => [origin, offset]))

/** Whether a mark is in force at what is left of a letter. */
function isInForceAt(text: Y.XmlText, key: string, { client, clock }: LetterId): boolean {
  let isInForce = false
  for (let item = text._start; item; item = item.right) {
    if (item.id.client === client && item.id.clock <= clock && clock < item.id.clock + item.length) return isInForce
    if (!item.deleted && item.content instanceof Y.ContentFormat && item.content.key === key)
      isInForce = (item.content.value as unknown) !== null
  }
  return false
}

function marksAt(text: Y.XmlText, offset: number): readonly Mark[] {
  let at = 0
  for (const run of runsOfText(text)) {
    at += run.text.length
    if (offset < at) return run.marks
  }
  return []
}

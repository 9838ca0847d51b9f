/**
 * The judge: what may be true of a draft after an update that was not true before, and what of it must be mended first. Pure: it reads two states and
 * what the update brought as plain values; it knows no Yjs, no clock and no network.
 *
 * An update is refused for what its structs do (blocks, markers, words and signs that are not its source's to touch), or it is taken, with repairs of
 * what it could not know: see `repairs`. Once those are carried out the judge reads what they left, with nothing fresh, and must find nothing to mend:
 * so no repair has to be trusted. What it demands of a state is in `refusedState`: everybody else's is what it was (GATE5), every own word is in an
 * open change of its writer, no mark is in force at a block's end or opens twice.
 */

import type { Mark, Run } from "../../shared/schema/block.ts"
import type { Stretch } from "../../shared/schema/runs.ts"
import { addedBlocks, levelRepairs, placements, refusedBlocks } from "./blocks.ts"
import { costs, piecesOf } from "./bounds.ts"
import { type Case, type Kept, type Refused, refused, type State, type Taken, type Verdict, type Who } from "./case.ts"
import { judgeEntries } from "./entries.ts"
import { forestalledAmong, forgotten } from "./forestalled.ts"
import { type Fresh, nothingFresh } from "./fresh.ts"
import { judgeLinks } from "./links.ts"
import { lettersOf, marksOf } from "./load.ts"
import { judgeMarkers, type Stripped } from "./markers.ts"
import { misplacedIn, removalsElsewhere, tightened } from "./misplaced.ts"
import { judgeNames, partedEntries, standsInItself } from "./names.ts"
import { classify, isSameForOthers } from "./others.ts"
import { isSameList, type Piece, runsOfPieces } from "./reading.ts"
import type { Repair } from "./repairs.ts"
import { caps } from "./shapes.ts"
import { halvedSigns, invisibleSigns, lostCalls, refusedSigns } from "./signs.ts"
import { strikesMended } from "./strikes.ts"
import {
  foreignWords,
  type Imagined,
  isAllTakenIn,
  isOwnWritten,
  restorations,
  surroundsAnew,
  unmarked,
  unmarkedElsewhere,
} from "./words.ts"

/** Judges an update of a source. */
export function judge(before: State, after: State, fresh: Fresh, who: Who): Verdict {
  const { source, rest } = who
  const update: Case = { before, after, fresh, source, rest }
  if (isTyping(update) && isProven(update)) return none
  const bad = refusedBlocks(update)
  if (bad) return bad
  const markers = judgeMarkers(update)
  if (!("items" in markers)) return markers
  const entries = judgeEntries(update)
  if ("refused" in entries) return entries
  const links = judgeLinks(update)
  if ("refused" in links) return links
  const mended = fresh === nothingFresh ? none : mend(update, markers)
  if ("refused" in mended) return mended
  const repairs = [
    ...mended.repairs,
    ...levelRepairs(update),
    ...entries.repairs,
    ...links.repairs,
    ...placements(update),
    ...partedEntries(update),
  ]
  if (piecesOf(repairs) > costs.mended) return refused("too-large")
  const kept: readonly Kept[] = entries.kept.length > 0 ? [...words(fresh), ...entries.kept] : words(fresh)
  if (repairs.length > 0) return { repairs, kept }
  const flaw = refusedState(update)
  if (flaw) return flaw
  const strikes = strikesMended(update)
  return strikes.length > 0 || kept.length > 0 ? { repairs: strikes, kept } : none
}

/** Whether an update does no more than most do: it writes plain words into blocks that are there, or takes some out. */
const isTyping = ({ before, after, fresh, rest }: Case): boolean =>
  fresh.marks.size === 0 &&
  fresh.cuts.length === 0 &&
  fresh.homeless.length === 0 &&
  fresh.reinstated.length === 0 &&
  !fresh.hasSigns &&
  after.entries.size === 0 &&
  !after.links?.size &&
  before.blocks.size === after.blocks.size &&
  rest.moves.isEmpty

/** Whether what was written into these blocks needs nothing: it is in open changes of its source, and all else is as it was. */
function isProven(update: Case): boolean {
  for (const [at, now] of update.after.blocks) if (now === null || now.attrs !== update.before.blocks.get(at)?.attrs) return false
  return (
    halvedSigns(update).length === 0 &&
    isAllTakenIn(update) &&
    refusedState(update) === null &&
    strikesMended(update).length === 0 &&
    tooMuch(update) === null
  )
}

const none: Taken = { repairs: [], kept: [] }

const words = ({ homeless }: Fresh): readonly Kept[] => (homeless.length === 0 ? none.kept : homeless.map((text) => ({ words: text })))

/** What of the words, markers and names of an update must be mended. */
function mend(update: Case, markers: Stripped): Refused | { readonly repairs: readonly Repair[] } {
  const { fresh } = update
  const signs = refusedSigns(update)
  if (signs) return signs
  const invisible = [...invisibleSigns(update), ...lostCalls(update), ...halvedSigns(update)]
  const names = judgeNames(update, markers.pieces)
  if ("refused" in names) return names
  const repairs: Repair[] = [...names.repairs]
  const gone: Stretch[] = [...markers.items, ...invisible]
  const isAnywhereElse = !update.rest.moves.isEmpty
  for (const [at, reading] of update.after.blocks) {
    if (!reading) continue
    let pieces = markers.pieces.get(at)
    let carried: readonly Stretch[] = []
    if (pieces && fresh.marks.size > 0) {
      const tight = tightened(update, pieces)
      repairs.push(...tight.repairs)
      pieces = tight.pieces
      const forestalled = forestalledAmong(update, pieces, names.nameOf)
      if (forestalled === null) return refused("too-large", at)
      repairs.push(...forestalled)
    }
    if (pieces && isAnywhereElse) {
      const misplaced = misplacedIn(update, at, pieces, names.nameOf)
      repairs.push(...misplaced.repairs)
      carried = misplaced.letters
      if (misplaced.letters.length > 0 || misplaced.keys.size > 0) {
        const goes = (piece: Piece): boolean =>
          piece.kind === "marker" ? misplaced.keys.has(piece.key) : misplaced.letters.some((letters) => letters === piece)
        gone.push(...pieces.filter((piece) => piece.kind === "marker" && goes(piece)))
        pieces = pieces.filter((piece) => !goes(piece))
      }
    }
    const block: Imagined = {
      at,
      before: update.before.blocks.get(at)?.runs ?? [],
      runs: pieces && pieces !== fresh.pieces.get(at) ? runsOfPieces(pieces).runs : reading.runs,
      gone: carried.length > 0 ? [...invisible, ...carried] : invisible,
      change: names.changeOf(at),
      nameOf: names.nameOf,
    }
    const foreign = foreignWords(update, block)
    if (foreign)
      return isSameForOthers(block.before, block.runs, update.source)
        ? foreign
        : refused(classify(block.before, block.runs, update.source), at)
    repairs.push(...restorations(update, block), ...unmarked(update, block, markers.taken))
  }
  for (const [at, pieces] of markers.pieces)
    if (!update.after.blocks.has(at)) repairs.push(...unmarkedElsewhere(update, at, pieces, names.nameOf, markers.taken))
  repairs.push(...forgotten(update, markers.taken))
  if (fresh.unheard.items.length > 0) repairs.push(...removalsElsewhere(update))
  for (const { letters, over } of fresh.reinstated) repairs.push({ kind: "strike", letters: [letters], mark: null, over })
  const strip: Repair[] = gone.length > 0 ? [{ kind: "strip", items: gone }] : []
  return tooMuch(update) ?? { repairs: [...strip, ...repairs] }
}

/** GATE11: why a source may not have so much open, or a block be so long; only what adds to it is refused. */
function tooMuch({ before, after, fresh, rest, source }: Case): Refused | null {
  if (fresh.known.size === 0) return null
  let marks = 0
  let letters = 0
  for (const [at, now] of after.blocks) {
    const was = before.blocks.get(at)
    if (now && now.length > caps.lettersOfBlock && now.length > (was?.length ?? 0)) return refused("block-too-long", at)
    marks += marksOf(now, source) - marksOf(was, source)
    letters += lettersOf(now, source) - lettersOf(was, source)
  }
  const count = rest.countOf(source)
  if (marks > 0 && count.marks + marks > caps.openMarksOfSource) return refused("too-many-changes")
  return letters > 0 && count.letters + letters > caps.openLettersOfSource ? refused("too-many-letters") : null
}

const isCircular = (runs: readonly Run[]): boolean => runs.some(({ marks }) => standsInItself(marks))

/** Why a state may not be, or null. */
function refusedState(update: Case): Refused | null {
  const { before, after, fresh, source, rest } = update
  const isDecided = (change: string): boolean => rest.isDecided(change)
  if (fresh === nothingFresh && halvedSigns(update).length > 0) return refused("within-sign")
  // Of repairs it is not known whether they wrote marks.
  const mayName = fresh.marks.size > 0 || fresh === nothingFresh
  for (const [at, now] of after.blocks) {
    if (!now) return refused("block-shape", at)
    const was = before.blocks.get(at)
    const runs = was?.runs ?? []
    const isNew = (mark: Mark): boolean => !was?.marks.some((other) => other.key === mark.key)
    const isUnderDecided = (mark: Mark): boolean => mark.source === source && isDecided(mark.changeId) && isNew(mark)
    if (!(was && isSameList(was.marks, now.marks)) && now.marks.some(isUnderDecided)) return refused("decided-change", at)
    if (!isSameForOthers(runs, now.runs, source, rest.moves, isDecided)) return refused(classify(runs, now.runs, source), at)
    if (now.end.some((mark) => !was?.end.some((other) => other.key === mark.key))) return refused("broken-pair", at)
    if (now.opensTwice && !was?.opensTwice) return refused("broken-pair", at)
    if (mayName && isCircular(now.runs) && !isCircular(runs)) return refused("circular-names", at)
    if (!isOwnWritten(update, runs, now.runs)) return refused("foreign-words", at)
    if (surroundsAnew(runs, now.runs, source)) return refused("foreign-words", at)
  }
  for (const [at, { attrs }] of addedBlocks(update)) if (rest.isDecided(String(attrs.insertedId))) return refused("decided-change", at)
  return null
}

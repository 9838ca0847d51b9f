import * as Y from "yjs"
import { type Change, changesIn, changesInSlices } from "../../shared/changes/changes.ts"
import { formsOf, partFormsOf, type StandsFor } from "../../shared/changes/forms.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import type { Thread } from "../../shared/comments/thread.ts"
import { type Block, textOf } from "../../shared/schema/block.ts"
import { notStated, serverClient } from "../../shared/schema/keys.ts"
import { blocksOf, blocksRoot } from "../../shared/sync/read.ts"
import { roots } from "../../shared/sync/roots.ts"
import { newDraftDoc } from "../../shared/sync/write.ts"
import type { FileChange, FileDraft } from "../files/file-draft.ts"
import { Relocations } from "../gate/relocations.ts"
import type { Site } from "../gate/restructure.ts"
import { type Already, alreadyThe } from "./already-there.ts"
import { firstWordsOf } from "./first-words.ts"
import { foundThere } from "./found-there.ts"
import type { FileBeside } from "./homes.ts"
import { inPartsDecided } from "./in-parts.ts"
import { Nested } from "./nested.ts"
import { Placer } from "./placer.ts"
import { grouped } from "./placing.ts"
import { nobodysPrint, printsOf, readPrint } from "./prints.ts"
import { Whereabouts } from "./whereabouts.ts"
import { type IsSource, whoseOn } from "./whose.ts"

/**
 * Which changes of a file are on a draft already by an earlier file: it says the same each time that it is brought, whatever became of it since
 * (`roots.filed`). `isSource` says whether a change of the file is by a source. What its source has proposed is that, and so is what the same author
 * wrote at the same time, where it is not stated whose it was, before or now: but who brings a file for itself states its own.
 */
export function broughtAlready(
  shadow: Y.Doc,
  blocks: readonly Block[],
  { draft, isForItself = false }: Pick<FileBeside, "draft" | "isForItself">,
  isSource: IsSource,
): Already[] {
  const known = new Map<string, { readonly id: string; readonly by: string }[]>()
  for (const [id, filed] of roots.filed(shadow).entries()) {
    const { does, by } = readPrint(filed)
    known.set(does, [...(known.get(does) ?? []), { id, by }])
  }
  if (known.size === 0) return []
  const prints = new Map([...printsOf(draft)].map(([id, print]) => [id, readPrint(print)]))
  const sought = new Set([...prints.values()].flatMap(({ does }) => (known.get(does) ?? []).map(({ id }) => id)))
  const open = new Map(changesIn(blocks, sought).map(({ id, source }) => [id, source]))
  const proposals = roots.proposals(shadow)
  const found = new Map<string, Already>()
  const find = (
    isIts: (change: FileChange, own: { readonly id: string; readonly source: string; readonly by: string }) => boolean,
  ): void => {
    for (const change of draft.changes) {
      if (found.has(change.id)) continue
      const same = known.get(prints.get(change.id)!.does) ?? []
      // Of what its author has taken back by hand nothing is there, and nothing was decided.
      const at = same.findIndex(({ id, by }) => {
        const source = open.get(id) ?? proposals.get(id)?.source
        return source !== undefined && isIts(change, { id, source, by })
      })
      const [its] = at < 0 ? [] : same.splice(at, 1)
      if (its) found.set(change.id, alreadyThe(change, its.id, open.has(its.id) ? "open" : proposals.get(its.id)!.status))
    }
  }
  // First each source's own: of two who say the same each has its change.
  find(whoseOn(shadow, draft, isSource))
  find((change, { source, by }) => {
    if (by !== prints.get(change.id)!.by) return false
    const isStated = change.source !== null && change.source !== notStated
    // What is stated to be another's than it was is that one's too: six files can be made by one hand in one minute. A name that is nobody's, without a
    // time, tells no author from another.
    return !isStated || (source === notStated && !isForItself && by !== nobodysPrint)
  })
  return draft.changes.flatMap(({ id }) => found.get(id) ?? [])
}

/** A comment that is there already, as it is told beside the changes. */
export const alreadyTalked = (draft: FileDraft, known: ReadonlyMap<string, Thread>): Already[] =>
  draft.comments.flatMap(({ id, text }) => {
    const thread = known.get(id)
    return thread ? [{ id, what: `comment ${firstWordsOf(`“${text}”`)}`, change: thread.id, status: "open" as const }] : []
  })

/** So many changes are placed on a copy before others have their turn. */
const placedAtOnce = 32

/**
 * Which changes of a file would say just what an open change of their source says on the draft, by whatever way that came, or are agreed there: found
 * where they stand, and on a copy of the draft, with the file's changes put there. `brought`: what is known to be there by an earlier file.
 */
export function* saidAlready(state: Uint8Array, file: FileBeside, brought: Iterable<Already>, isSource: IsSource): Sliced<Already[]> {
  const copy = copyOfState(state)
  yield
  const blocks = blocksOf(copy)
  yield
  const { where, found: standing } = yield* whereaboutsOf(copy, blocks, file, [...brought], isSource)
  const except = new Set([...brought, ...standing].map(({ id }) => id))
  const open = yield* changesInSlices(blocks)
  const sources = new Set(open.map(({ source }) => source))
  const isSought = file.draft.changes.some((change) => !except.has(change.id) && [...sources].some((source) => isSource(change, source)))
  if (!isSought) return [...standing]
  const placer = yield* placedOn(copy, (site) => new Placer(site, copy, file.draft, where, except))
  const after = blocksOf(copy)
  yield
  const all = yield* changesInSlices(after)
  const byId = new Map(all.map((change) => [change.id, change]))
  const isIts = whoseOn(copy, file.draft, isSource)
  const placedAs = ({ id }: FileChange): Change | undefined => byId.get(placer.idOf(id) ?? "")
  const said: Already[] = [...standing]
  const standsFor = new Map<string, string>()
  const isTaken = new Set(standing.map(({ change }) => change))
  let [left, rest] = [file.draft.changes.filter(placedAs), open.filter(({ id }) => !isTaken.has(id))]
  const found = (more: readonly Already[]): boolean => {
    const [isSaid, isMatched] = [new Set(more.map(({ id }) => id)), new Set(more.map(({ change }) => change))]
    said.push(...more)
    left = left.filter(({ id }) => !isSaid.has(id))
    rest = rest.filter(({ id }) => !isMatched.has(id))
    return more.length > 0
  }
  // What stands inside another change, or in its clause, is known once that is.
  for (let isMore = true; isMore && left.length > 0; ) {
    yield
    const forms = yield* formsOf(after, all, standsFor)
    const known = new Map<string, Change[]>()
    for (const change of rest) {
      const form = forms.get(change.id)!
      const same = known.get(form)
      if (same) same.push(change)
      else known.set(form, [change])
    }
    const more = left.flatMap((change) => {
      const placed = placedAs(change)!
      const same = known.get(forms.get(placed.id)!) ?? []
      const at = same.findIndex((own) => isIts(change, own))
      const own = at < 0 ? undefined : same.splice(at, 1)[0]!
      if (!own) return []
      standsFor.set(placed.id, own.id)
      placed.newBlocks.forEach((block, i) => void (own.newBlocks[i] !== undefined && standsFor.set(block, own.newBlocks[i])))
      return [alreadyThe(change, own.id, "open")]
    })
    isMore = found(more) && left.some((change) => isOnOthers(placedAs(change)!, standsFor))
  }
  if (left.length === 0) return said
  const parts = yield* partFormsOf(after, all, standsFor)
  yield
  const draftText = new Map(blocks.map((block) => [block.id, textOf(block)]))
  const fileText = new Map([...file.draft.blocks, ...file.draft.notes].map(({ id, text }) => [id, text]))
  const ours = new Nested(open, (block) => draftText.get(block) ?? "")
  for (const ofOne of bySource(copy, rest)) {
    yield
    found(
      saidTogether(
        left.filter((change) => isIts(change, ofOne[0]!)),
        ofOne,
        (change) => parts.get(placedAs(change)!.id) ?? [],
        ({ id }) => parts.get(id) ?? [],
      ),
    )
  }
  // Placing puts beside an insertion what stands inside it in the file and on the draft.
  for (let isMore = true; isMore && left.length > 0; ) {
    yield
    const ownOf = new Map(said.map(({ id, change }) => [id, change]))
    const named = file.draft.changes.map((change) => ({ ...change, id: ownOf.get(change.id) ?? change.id }))
    const theirs = new Nested(named, (block) => fileText.get(block) ?? "")
    const known = new Map(rest.map((change) => [ours.formOf(change), change]))
    isMore = found(
      left.flatMap((change) => {
        const form = theirs.formOf(change)
        const own = form === null ? undefined : known.get(form)
        if (!own || !isIts(change, own)) return []
        known.delete(form)
        return [alreadyThe(change, own.id, "open")]
      }),
    )
  }
  return said
}

/** Changes of a draft by whose they are; of those that nobody has stated by the author that a file gives. */
function bySource(doc: Y.Doc, changes: readonly Change[]): (readonly Change[])[] {
  const filed = roots.filed(doc)
  return [
    ...grouped(changes, ({ id, source }) => (source === notStated ? `${source} ${readPrint(filed.get(id) ?? "").who}` : source)).values(),
  ]
}

/** Whether a change stands inside others', or is about a clause of theirs. */
const isOnOthers = ({ inside, segments, structure }: Change, standsFor: StandsFor): boolean =>
  inside.length > 0 || segments.some(({ block }) => standsFor.has(block)) || structure.some(({ proposal }) => standsFor.has(proposal.block))

/**
 * What a file divides into changes otherwise than the draft does, and says the same with all of them together: a list that was pasted is one change, and
 * in Word a change for each paragraph.
 */
function saidTogether(
  theirs: readonly FileChange[],
  ours: readonly Change[],
  partsOfTheirs: (change: FileChange) => readonly string[],
  partsOfOurs: (change: Change) => readonly string[],
): Already[] {
  const saying = new Map<string, Change[]>()
  for (const change of ours) for (const part of partsOfOurs(change)) saying.set(part, [...(saying.get(part) ?? []), change])
  const brought = new Map<string, FileChange[]>()
  for (const change of theirs) for (const part of partsOfTheirs(change)) brought.set(part, [...(brought.get(part) ?? []), change])
  const seen = new Set<FileChange>()
  return theirs.flatMap((first) => {
    if (seen.has(first)) return []
    // All that has a part in common with it, by however many steps.
    const group = { theirs: new Set([first]), ours: new Set<Change>() }
    for (const change of group.theirs) {
      seen.add(change)
      for (const own of partsOfTheirs(change).flatMap((part) => saying.get(part) ?? [])) {
        if (group.ours.has(own)) continue
        group.ours.add(own)
        for (const other of partsOfOurs(own).flatMap((part) => brought.get(part) ?? [])) group.theirs.add(other)
      }
    }
    const said = (lists: readonly (readonly string[])[]): string => JSON.stringify(lists.flat().sort())
    const isSame = said([...group.theirs].map(partsOfTheirs)) === said([...group.ours].map(partsOfOurs))
    const [own] = group.ours
    return isSame && own ? [...group.theirs].map((change) => alreadyThe(change, own.id, "open")) : []
  })
}

/** A document of the server's with a draft's state, to try something on. */
export function copyOfState(state: Uint8Array): Y.Doc {
  const copy = newDraftDoc()
  Y.applyUpdate(copy, state)
  // Yjs takes another id where it meets its own in an update.
  copy.clientID = serverClient
  return copy
}

/** Where the words of a file are on a draft, and which of its changes are there with them beside those that are known to be. */
export function* whereaboutsOf(
  doc: Y.Doc,
  blocks: readonly Block[],
  { draft, homes, isForItself = false }: FileBeside,
  known: readonly Already[],
  isSource: IsSource,
): Sliced<{ readonly where: Whereabouts; readonly found: readonly Already[] }> {
  const where = new Whereabouts(doc, draft, homes, blocks)
  yield
  return { where, found: yield* foundThere(doc, where, { draft, known, isSource, isForItself }) }
}

/** Puts a file's changes on such a copy. */
export function* placedOn(copy: Y.Doc, made: (site: Site) => Placer): Sliced<Placer> {
  let work: { site: Site; placer: Placer; steps: Sliced<void> } | null = null
  for (let isDone = false; !isDone; ) {
    copy.transact((tr) => {
      if (work) work.site.tr = tr
      else {
        const site = { tr, fragment: copy.getXmlFragment(blocksRoot), relocations: new Relocations(copy) }
        const placer = made(site)
        work = { site, placer, steps: placer.place() }
      }
      for (let i = 0; i < placedAtOnce && !isDone; i++) isDone = work.steps.next().done ?? false
    })
    yield
  }
  return work!.placer
}

/** As each change bears its source, and one that bears none is not stated. */
export const asStated: IsSource = (change, source) => (change.source ?? notStated) === source

/** A file in which what was decided in parts on a draft is as many changes, but for what an earlier file brought there. */
export function partedOn(doc: Y.Doc, blocks: readonly Block[], file: FileBeside, isSource: IsSource): FileBeside {
  const known = new Set(broughtAlready(doc, blocks, file, isSource).map(({ id }) => id))
  return inPartsDecided(doc, blocks, file, isSource, (id) => known.has(id))
}

/** Which changes of a file are on a draft already, brought or typed there, open or decided. `state`: the draft's. */
export function* alreadyOn(state: Uint8Array, whole: FileBeside, isSource: IsSource): Sliced<Already[]> {
  const copy = copyOfState(state)
  yield
  const blocks = blocksOf(copy)
  const file = partedOn(copy, blocks, whole, isSource)
  const brought = broughtAlready(copy, blocks, file, isSource)
  yield
  return [...brought, ...(yield* saidAlready(state, file, brought, isSource))]
}

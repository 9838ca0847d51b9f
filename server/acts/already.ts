import * as Y from "yjs"
import { type Change, changesIn, changesInSlices } from "../../shared/changes/changes.ts"
import { hashOf } from "../../shared/changes/hash.ts"
import { formsOf, normal, partFormsOf, type StandsFor } from "../../shared/changes/rivals.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import type { Thread } from "../../shared/comments/thread.ts"
import { type Block, isAgreed, textOf } from "../../shared/schema/block.ts"
import { notStated, serverClient } from "../../shared/schema/keys.ts"
import { blocksOf, blocksRoot } from "../../shared/sync/read.ts"
import { type ProposalStatus, roots } from "../../shared/sync/roots.ts"
import { newDraftDoc } from "../../shared/sync/write.ts"
import { type FileBlock, fileBlocks } from "../exchange/beside.ts"
import type { ImportedChange, ImportedDraft } from "../exchange/imported.ts"
import { saidOfChange, wordsIn } from "../exchange/placing.ts"
import { Relocations } from "../gate/relocations.ts"
import type { FileBeside } from "./import-changes.ts"
import { Nested } from "./nested.ts"
import { Placer } from "./placer.ts"
import type { Site } from "./restructure.ts"

/** A change of a file that its source has proposed on the draft already: it is not put there twice (ONTO10). */
export interface Already {
  /** Its id in the file. */
  readonly id: string
  readonly what: string
  /** The change of the draft that is the same, and what became of that. */
  readonly change: string
  readonly status: ProposalStatus | "open"
}

/**
 * Which changes of a file its source has proposed already: what a file brought says the same each time that it is brought, whatever became of it since
 * (`roots.filed`). `isSource` says whether a change of the file is by a source.
 */
export function broughtAlready(shadow: Y.Doc, blocks: readonly Block[], draft: ImportedDraft, isSource: IsSource): Already[] {
  const known = new Map<string, string[]>()
  for (const [id, print] of roots.filed(shadow).entries()) known.set(print, [...(known.get(print) ?? []), id])
  if (known.size === 0) return []
  const prints = printsOf(draft)
  const sought = new Set([...new Set(prints.values())].flatMap((print) => known.get(print) ?? []))
  const open = new Map(changesIn(blocks, sought).map(({ id, source }) => [id, source]))
  const proposals = roots.proposals(shadow)
  const already: Already[] = []
  for (const change of draft.changes) {
    const same = known.get(prints.get(change.id)!) ?? []
    // Of what its author has taken back by hand nothing is there, and nothing was decided.
    const at = same.findIndex((id) => {
      const source = open.get(id) ?? proposals.get(id)?.source
      return source !== undefined && isSource(change, source)
    })
    const [id] = at < 0 ? [] : same.splice(at, 1)
    if (id !== undefined) already.push(alreadyThe(change, id, open.has(id) ? "open" : proposals.get(id)!.status))
  }
  return already
}

const alreadyThe = (change: ImportedChange, id: string, status: Already["status"]): Already => ({
  id: change.id,
  what: saidOfChange(change),
  change: id,
  status,
})

/**
 * What each change of a file does, as the file alone says it: the same whenever and in whatever form it is brought, whoever else is in the file. By the
 * change's id there.
 */
export function printsOf(draft: ImportedDraft): Map<string, string> {
  const file = fileBlocks(draft)
  return new Map(draft.changes.map((change) => [change.id, printOf(change, draft, file)]))
}

function printOf(
  { segments = [], newBlocks = [], structure = [] }: ImportedChange,
  draft: ImportedDraft,
  file: ReadonlyMap<string, FileBlock>,
): string {
  const textOf = (id: string): string =>
    (draft.blocks.find((block) => block.id === id) ?? draft.notes.find((note) => note.id === id))?.text ?? ""
  // Without the insertions, whoever made them: other changes of the clause may come and go from one file to the next.
  const ground = (id: string | null): string | null => (id === null ? null : normal(file.get(id)?.working ?? textOf(id)))
  const words = segments.map(({ block, kind, from, to }) => [
    ground(block),
    file.get(block)?.places[from] ?? from,
    kind,
    normal(textOf(block).slice(from, to)),
  ])
  const added = newBlocks.map((id) => {
    const at = draft.blocks.findIndex((block) => block.id === id)
    const { type = "note", level = 1, dir = "ltr" } = draft.blocks[at] ?? {}
    const before = draft.blocks.slice(0, Math.max(0, at)).findLast((block) => file.has(block.id))
    return [ground(before?.id ?? null), type, level, dir, normal(textOf(id))]
  })
  const acts = structure.map(({ block, ...act }) => [
    ground(block),
    act.kind,
    act.kind === "level" ? act.level : act.kind === "join" ? ground(act.into) : act.kind === "move" ? ground(act.after) : null,
  ])
  return hashOf(JSON.stringify([words, added, acts]))
}

/** A comment that is there already, as it is told beside the changes. */
export const alreadyTalked = (draft: ImportedDraft, known: ReadonlyMap<string, Thread>): Already[] =>
  draft.comments.flatMap(({ id, text }) => {
    const thread = known.get(id)
    return thread ? [{ id, what: `comment ${wordsIn(`“${text}”`)}`, change: thread.id, status: "open" as const }] : []
  })

/** So many changes are placed on a copy before others have their turn. */
const placedAtOnce = 32

/**
 * Which changes of a file would say just what an open change of their source says on the draft, by whatever way that came: found on a copy of the
 * draft, with the file's changes put there. `except`: ids of changes of the file that are not put there.
 */
export function* saidAlready(state: Uint8Array, file: FileBeside, except: ReadonlySet<string>, isSource: IsSource): Sliced<Already[]> {
  const copy = copyOfState(state)
  yield
  const blocks = blocksOf(copy)
  yield
  const open = yield* changesInSlices(blocks)
  const sources = new Set(open.map(({ source }) => source))
  const isSought = file.draft.changes.some((change) => !except.has(change.id) && [...sources].some((source) => isSource(change, source)))
  if (!isSought) return []
  const room = blocks.filter(isAgreed)
  const placer = yield* placedOn(copy, (site) => new Placer(site, copy, file.draft, file.homes, room, except))
  const after = blocksOf(copy)
  yield
  const all = yield* changesInSlices(after)
  const byId = new Map(all.map((change) => [change.id, change]))
  const placedAs = ({ id }: ImportedChange): Change | undefined => byId.get(placer.idOf(id) ?? "")
  const said: Already[] = []
  const standsFor = new Map<string, string>()
  let [left, rest] = [file.draft.changes.filter(placedAs), open]
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
      const at = same.findIndex(({ source }) => isSource(change, source))
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
  for (const source of sources) {
    yield
    found(
      saidTogether(
        left.filter((change) => isSource(change, source)),
        rest.filter((change) => change.source === source),
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
        if (!own || !isSource(change, own.source)) return []
        known.delete(form)
        return [alreadyThe(change, own.id, "open")]
      }),
    )
  }
  return said
}

/** Whether a change stands inside others', or is about a clause of theirs. */
const isOnOthers = ({ inside, segments, structure }: Change, standsFor: StandsFor): boolean =>
  inside.length > 0 || segments.some(({ block }) => standsFor.has(block)) || structure.some(({ proposal }) => standsFor.has(proposal.block))

/**
 * What a file divides into changes otherwise than the draft does, and says the same with all of them together: a list that was pasted is one change, and
 * in Word a change for each paragraph.
 */
function saidTogether(
  theirs: readonly ImportedChange[],
  ours: readonly Change[],
  partsOfTheirs: (change: ImportedChange) => readonly string[],
  partsOfOurs: (change: Change) => readonly string[],
): Already[] {
  const saying = new Map<string, Change[]>()
  for (const change of ours) for (const part of partsOfOurs(change)) saying.set(part, [...(saying.get(part) ?? []), change])
  const brought = new Map<string, ImportedChange[]>()
  for (const change of theirs) for (const part of partsOfTheirs(change)) brought.set(part, [...(brought.get(part) ?? []), change])
  const seen = new Set<ImportedChange>()
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

/** Whether a change of a file is by a source. */
export type IsSource = (change: ImportedChange, source: string) => boolean

/** As each change bears its source, and one that bears none is not stated. */
export const asStated: IsSource = (change, source) => (change.source ?? notStated) === source

/** Which changes of a file are on a draft already, brought or typed there, open or decided. `state`: the draft's. */
export function* alreadyOn(state: Uint8Array, file: FileBeside, isSource: IsSource): Sliced<Already[]> {
  const copy = copyOfState(state)
  yield
  const brought = broughtAlready(copy, blocksOf(copy), file.draft, isSource)
  yield
  return [...brought, ...(yield* saidAlready(state, file, new Set(brought.map(({ id }) => id)), isSource))]
}

import type * as Y from "yjs"
import { nearWithLinked } from "../../shared/changes/carried.ts"
import { changesIn } from "../../shared/changes/changes.ts"
import { mostLinked } from "../../shared/changes/links.ts"
import { twinsUnstated } from "../../shared/changes/noted-twins.ts"
import { rivalsWithin } from "../../shared/changes/rivals.ts"
import type { Sliced } from "../../shared/changes/slices.ts"
import { threadCaps } from "../../shared/comments/thread.ts"
import { notStated, parseMarkId } from "../../shared/schema/keys.ts"
import { blocksOf } from "../../shared/sync/read.ts"
import { linksIn, roots, tiesIn } from "../../shared/sync/roots.ts"
import { proveProposed } from "../decisions/proven.ts"
import { written } from "../decisions/written.ts"
import { nameInFile } from "../files/authors.ts"
import type { FileDraft } from "../files/file-draft.ts"
import type { Entered } from "../files/opening-state.ts"
import type { Gate } from "../gate/gate.ts"
import { serverMarkId } from "../gate/server-marks.ts"
import { caps } from "../gate/shapes.ts"
import { isNobodysName } from "../people/nobody.ts"
import { DomainError } from "../problems.ts"
import { alreadyOn, alreadyTalked, asStated, broughtAlready, copyOfState, partedOn, placedOn, whereaboutsOf } from "./already.ts"
import type { Already } from "./already-there.ts"
import type { FileBeside } from "./homes.ts"
import { Placer } from "./placer.ts"
import type { LeftOut } from "./placing.ts"
import { printsOf, readPrint } from "./prints.ts"
import { type Relabelled, relabelledIn } from "./relabelled.ts"
import { commentsAlready } from "./talked.ts"
import type { IsSource } from "./whose.ts"

/** What one source has on a draft, or brings: open marks, letters of them, new clauses, entries about clauses, links, comments. */
const counted = ["marks", "letters", "blocks", "entries", "links", "threads"] as const
type Load = Record<(typeof counted)[number], number>
const noLoad = (): Load => ({ marks: 0, letters: 0, blocks: 0, entries: 0, links: 0, threads: 0 })

const mostOf: Readonly<Load> = {
  marks: caps.openMarksOfSource,
  letters: caps.openLettersOfSource,
  blocks: caps.newBlocksOfSource,
  entries: caps.structureOfSource,
  links: caps.linksOfSource,
  threads: threadCaps.ofSource,
}

/** Throws where a source would have more with a file than one has, or the draft or a thread more comments than there are at most (GATE11, ACT7). */
export function demandQuota(
  gate: Gate,
  { draft }: Pick<FileBeside, "draft">,
  except: ReadonlySet<string>,
  talked: ReadonlyMap<string, unknown> = new Map(),
): void {
  const comments = draft.comments.filter(({ id }) => !talked.has(id))
  const brought = new Map<string, Load>()
  const add = (source: string, load: Partial<Load>): void => {
    const sum = brought.get(source) ?? noLoad()
    for (const what of counted) sum[what] += load[what] ?? 0
    brought.set(source, sum)
  }
  for (const { source, segments = [], newBlocks = [], structure = [] } of draft.changes.filter(({ id }) => !except.has(id))) {
    const letters = segments.reduce((sum, { kind, from, to }) => sum + (kind === "insertion" ? to - from : 0), 0)
    add(source ?? notStated, { marks: segments.length, letters, blocks: newBlocks.length, entries: structure.length })
  }
  for (const { source } of byClause(draft, (id) => (except.has(id) ? undefined : id))) add(source, { links: 1 })
  for (const { source } of comments) add(source ?? notStated, { threads: 1 })
  for (const [source, load] of brought) {
    const has = loadOn(gate, source)
    const over = counted.find((what) => load[what] > 0 && has[what] + load[what] > mostOf[what])
    if (over === undefined) continue
    const [more, help] =
      over === "threads" ? ["comments", "Leave some of them out."] : ["open changes", "Ask the chair to decide on some of them first."]
    throw new DomainError("too-many", `With this file ${source} would have more ${more} than one has on a draft. ${help}`)
  }
  if (comments.length > 0 && roots.threads(gate.shadow).size + comments.length > threadCaps.inAll)
    throw new DomainError("too-many", `With this file the draft would have more than ${threadCaps.inAll} comments. Leave some of them out.`)
  if (comments.some(({ replies }) => replies.length >= threadCaps.remarks))
    throw new DomainError("too-many", `A comment in this file has more than ${threadCaps.remarks} remarks, as many as one has. Divide it.`)
}

function loadOn(gate: Gate, source: string): Load {
  const { marks, letters } = gate.loadOf(source)
  const { blocks, shadow } = gate
  return {
    marks,
    letters,
    blocks: blocks.filter(({ insertedBy }) => insertedBy === source).length,
    entries: blocks.reduce((sum, { structure }) => sum + structure.filter((entry) => entry.source === source).length, 0),
    links: linksIn(shadow).filter((link) => link.source === source).length,
    threads: [...roots.threads(shadow).values()].filter(({ remarks }) => remarks[0]?.source === source).length,
  }
}

export interface ImportedOnto {
  readonly row: Uint8Array | null
  /** Ids of the changes in the draft. */
  readonly changes: readonly string[]
  readonly comments: number
  /** To these comments. */
  readonly replies: number
  readonly left: readonly LeftOut[]
  /** What its source has proposed already, which is not put there again. */
  readonly already: readonly Already[]
  readonly relabelled: readonly Relabelled[]
  readonly blocks: readonly string[]
  /** By the id of a change: who entered it in the file and when. */
  readonly entered: Entered
}

/** What is known of a draft before a file comes onto it. */
export interface KnownThere {
  /** What of the file was found there a moment ago. */
  readonly said?: readonly Already[]
  readonly isSource?: IsSource
  /** Who brings it. */
  readonly broughtBy?: string | null
}

/**
 * What a file would do to a draft, found by doing it to a copy: what the act does, so long as nobody does anything in between (ONTO12). `state`: the
 * draft's; `file`: as it comes, with its sources.
 */
export function* importedBefore(
  state: Uint8Array,
  whole: FileBeside,
  isSource: IsSource,
): Sliced<Pick<ImportedOnto, "changes" | "comments" | "replies" | "left" | "already" | "relabelled">> {
  const already = yield* alreadyOn(state, whole, isSource)
  const copy = copyOfState(state)
  yield
  const file = partedOn(copy, blocksOf(copy), whole, isSource)
  const { draft } = file
  const talked = commentsAlready(copy, draft, undefined, file)
  yield
  const except = new Set(already.map(({ id }) => id))
  const { where } = yield* whereaboutsOf(copy, blocksOf(copy), file, already, isSource)
  const placer = yield* placedOn(copy, (site) => new Placer(site, copy, draft, where, except, talked))
  const { changes, comments, replies, left } = placer
  const relabelled = relabelledIn(copy, draft, (block) => placer.addedAs(block))
  return { changes, comments, replies, left, already: [...already, ...alreadyTalked(draft, talked)], relabelled }
}

/**
 * A delegation's file becomes changes on a draft: each at the words that it was made on, with fresh ids and the source that was stated for its author.
 * What finds no place is listed, never guessed. Throws where the file tracks nothing.
 */
export function* importChanges(
  gate: Gate,
  whole: FileBeside,
  { said = [], isSource = asStated, broughtBy = null }: KnownThere = {},
): Sliced<ImportedOnto> {
  const file = partedOn(gate.shadow, gate.blocks, whole, isSource)
  const { draft } = file
  if (draft.changes.length === 0 && draft.comments.length === 0) throw new DomainError("bad-input", nothingToPut(draft))
  const { blocks } = gate
  const known = alreadyOf(gate, file, said, isSource)
  const { where, found } = yield* whereaboutsOf(gate.shadow, blocks, file, known, isSource)
  const already = [...known, ...found]
  const except = new Set(already.map(({ id }) => id))
  const prints = printsOf(draft)
  const talked = commentsAlready(gate.shadow, draft, undefined, file)
  demandQuota(gate, file, except, talked)
  let placer!: Placer
  const row = yield* written(gate, function* (site) {
    placer = new Placer(site, gate.shadow, draft, where, except, talked, broughtBy)
    yield* placer.place()
    const filed = roots.filed(gate.shadow)
    for (const { id } of draft.changes) {
      const its = placer.idOf(id)
      if (its !== undefined) filed.set(its, prints.get(id)!)
      yield
    }
    yield* linkByClause(gate.shadow, draft, (id) => placer.idOf(id))
    yield* noteTwins(gate.shadow, new Set(draft.changes.flatMap(({ id }) => placer.idOf(id) ?? [])))
  })
  const { changes, comments, replies, left, touched, entered } = placer
  yield* proveProposed(gate.blocks, blocks)
  const relabelled = relabelledIn(gate.shadow, draft, (block) => placer.addedAs(block))
  const all = [...already, ...alreadyTalked(draft, talked)]
  return { row, changes, comments, replies, left, already: all, relabelled, blocks: [...touched], entered }
}

/** Why a file without changes and comments brings nothing. */
function nothingToPut({ blocks }: FileDraft): string {
  const labels = blocks.filter(({ renumbered }) => renumbered !== undefined).length
  return labels > 0
    ? `This file only numbers ${labels === 1 ? "1 clause" : `${labels} clauses`} otherwise, and the numbers of this draft stay as they are. Import it as a new draft to have its numbers.`
    : "This file holds no tracked changes and no comments. Import it as a new draft, or compare it with the text in force."
}

/** What is on the draft already as it is at this moment; of what was found before just now, what is still open. */
function alreadyOf(gate: Gate, file: FileBeside, said: readonly Already[], isSource: IsSource): Already[] {
  const brought = broughtAlready(gate.shadow, gate.blocks, file, isSource)
  const known = new Set(brought.map(({ id }) => id))
  const used = new Set(brought.map(({ change }) => change))
  const open = new Set(changesIn(gate.blocks, new Set(said.map(({ change }) => change))).map(({ id }) => id))
  return [...brought, ...said.filter(({ id, change }) => !known.has(id) && !used.has(change) && open.has(change))]
}

/** Notes what authors say alike of whom nobody has stated whose they are, where one of them came just now (RIVAL1). `came`: what did. */
function* noteTwins(shadow: Y.Doc, came: ReadonlySet<string>): Sliced<void> {
  const unstated = new Set([...came].filter((id) => parseMarkId(id)?.source === notStated))
  if (unstated.size === 0) return
  const [blocks, ties, filed] = [blocksOf(shadow), tiesIn(shadow), roots.filed(shadow)]
  const near = yield* nearWithLinked(blocks, unstated, ties)
  const twins = yield* twinsUnstated(blocks, near, ties, (id) => readPrint(filed.get(id) ?? "").who)
  for (const [id, list] of twins) {
    const known = roots.twins(shadow).get(id) ?? []
    const added = list.filter(({ change, said }) => !known.some((twin) => twin.change === change && twin.said === said))
    if (added.length > 0) roots.twins(shadow).set(id, [...known, ...added])
  }
}

/**
 * What one source changes in one clause of a file is decided by one verdict, until the chair unties it (LINK1). As long as nobody has stated whose words
 * are, those of one author are taken together, and those that the file says nobody of stand each for itself.
 */
function* linkByClause(shadow: Y.Doc, draft: FileDraft, idOf: (change: string) => string | undefined): Sliced<void> {
  const groups = byClause(draft, idOf)
  if (groups.length === 0) return
  // One author may propose two things of one clause: those are for the meeting to choose from.
  const rivals = yield* rivalsWithin(
    blocksOf(shadow),
    groups.map(({ changes }) => changes),
  )
  for (const { source, changes } of groups) {
    const linked = changes.filter((change) => !rivals.has(change))
    if (linked.length > 1) roots.links(shadow).set(serverMarkId(shadow, source), { source, changes: linked })
  }
}

function byClause(draft: FileDraft, idOf: (change: string) => string | undefined): { source: string; changes: string[] }[] {
  const groups = new Map<string, { source: string; changes: string[] }>()
  for (const change of draft.changes) {
    const id = idOf(change.id)
    const blocks = new Set([...(change.segments ?? []), ...(change.structure ?? [])].map(({ block }) => block))
    // A new clause stands for itself, and so does what reaches over several.
    if (id === undefined || blocks.size !== 1 || (change.newBlocks?.length ?? 0) > 0) continue
    const source = change.source ?? notStated
    const author = nameInFile(change.enteredBy ?? "").trim()
    if (source === notStated && isNobodysName(author)) continue
    const key = JSON.stringify([source, source === notStated ? author : "", [...blocks][0]])
    const group = groups.get(key) ?? { source, changes: [] }
    group.changes.push(id)
    groups.set(key, group)
  }
  return [...groups.values()].filter(({ changes }) => changes.length > 1 && changes.length <= mostLinked)
}

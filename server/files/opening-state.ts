import * as Y from "yjs"
import { changesIn } from "../../shared/changes/changes.ts"
import { noTies } from "../../shared/changes/links.ts"
import { twinsUnstated } from "../../shared/changes/noted-twins.ts"
import { workingTextOf } from "../../shared/changes/projections.ts"
import { finished } from "../../shared/changes/slices.ts"
import type { Renumbered } from "../../shared/clauses/labels.ts"
import { ofFile, type Remark, type Thread } from "../../shared/comments/thread.ts"
import { anchorCharacter, type Block, type BlockAttrs, defaultAttrs, type Mark, splitCharacter } from "../../shared/schema/block.ts"
import { notStated, serverClient } from "../../shared/schema/keys.ts"
import { newMark } from "../../shared/schema/schema.ts"
import { lettersOf } from "../../shared/sync/ground.ts"
import { blocksOf, blocksRoot, structureRoot } from "../../shared/sync/read.ts"
import { roots } from "../../shared/sync/roots.ts"
import { newDraftDoc, writeMark, writeText } from "../../shared/sync/write.ts"
import { Relocations } from "../gate/relocations.ts"
import { serverMarkId } from "../gate/server-marks.ts"
import { whoPrint } from "./authors.ts"
import type { FileBlock, FileChange, FileDraft, FileNote } from "./file-draft.ts"
import { covers, type Span, spansIn } from "./hosts.ts"
import { acceptedIn, forceIn } from "./in-force.ts"
import { frozenLabelsOf } from "./labelled.ts"
import { changeCalling } from "./notes.ts"

export interface OpeningState {
  /** The room's first row. */
  readonly update: Uint8Array
  /** The text in force that is sealed with it. */
  readonly force: readonly Block[]
  /** By the id of a change in the room: who entered it in the file and when, where the file says. */
  readonly entered: Entered
}

export type Entered = Readonly<Record<string, { readonly by: string | null; readonly at: string | null }>>

const sourceOf = (change: Pick<FileChange, "source">): string => change.source ?? notStated

/**
 * The state of a room that opens with an imported draft: its blocks with their changes, its comments and footnotes, frozen labels. What is not
 * proposed in it becomes the text in force, but for a file that carries that; each block's origin is its own place there. `broughtBy`: who brings it to a
 * meeting; null: nobody does. `prints`: what its changes say, by which the file is known again.
 */
export function openingStateOf(
  draft: FileDraft,
  broughtBy: string | null = null,
  prints: ReadonlyMap<string, string> = new Map(),
): OpeningState {
  const doc = newDraftDoc()
  doc.clientID = serverClient
  const inForce = forceIn(draft)
  const isNew = new Map(draft.changes.flatMap((change) => (change.newBlocks ?? []).map((id): [string, FileChange] => [id, change])))
  const ids = new Map<string, string>()
  const renumberings = renumberingsIn(draft)
  doc.transact((tr) => {
    const texts = new Map<string, Y.XmlText>()
    let last: Y.XmlElement | null = null
    const write = (id: string, attrs: BlockAttrs, words: string): void => {
      const block = writeBlock(tr, doc, last, attrs, words)
      last = block.element
      texts.set(id, block.text)
    }
    for (const change of [...draft.changes, ...renumberings]) ids.set(change.id, nextId(doc, change))
    const leave = leaving(draft, (id, attrs) => write(id, attrs, ""))
    leave(null)
    for (const block of draft.blocks) {
      write(block.id, attrsOf(inForce ? block : withOwnOrigin(block), isNew.get(block.id), ids), agreedOnOneLine(block, draft))
      leave(block.id)
    }
    for (const note of draft.notes)
      write(note.id, attrsOfNote(note, isNew.get(note.id) ?? changeCalling(note, draft.changes), ids), note.text)
    writeChanges(tr, doc, draft, ids, texts)
    for (const note of draft.notes) {
      const text = note.block === null ? undefined : texts.get(note.block)
      if (text && note.at !== null && note.at >= 0)
        writeMark(
          tr,
          text,
          note.at,
          note.at + anchorCharacter.length,
          newMark("noteRef", { id: serverMarkId(doc, "SEC"), source: "SEC", noteId: note.id }),
        )
    }
    writeStructure(doc, draft, ids, texts)
    writeThreads(tr, doc, draft, ids, texts, broughtBy)
    // What began a draft is known where the same file is brought to it again.
    for (const [change, print] of prints) roots.filed(doc).set(ids.get(change)!, print)
    const relocations = new Relocations(doc)
    for (const text of texts.values()) relocations.bring(text)
    const meta = roots.meta(doc)
    meta.set("stage", "drafting")
    meta.set("profile", draft.profile)
    meta.set("secretaryOperates", true)
    meta.set("labels", { ...(inForce ? frozenLabelsOf(inForce) : {}), ...frozenLabelsOf(draft) })
    // What another meeting accepted was not accepted in this one: there the text in force alone is taken, and what differs from it is nobody's.
    if (broughtBy === null) for (const entry of acceptedIn(draft)) roots.proposals(doc).set(nextId(doc, entry), entry)
    if (renumberings.length > 0) meta.set("renumbered", renumberedIn(draft, ids))
  })
  noteTwins(doc, draft, ids)
  const entered = [...draft.changes, ...renumberings].flatMap(({ id, enteredBy, date }) =>
    enteredBy === null && date === null ? [] : [[ids.get(id)!, { by: enteredBy, at: date }] as const],
  )
  const force = inForce ? openingStateOf(inForce).force : workingTextOf(blocksOf(doc))
  return { update: Y.encodeStateAsUpdate(doc), force, entered: Object.fromEntries(entered) }
}

/** Notes what two authors say alike of whom nobody has stated whose they are (RIVAL1). */
function noteTwins(doc: Y.Doc, { changes }: FileDraft, ids: ReadonlyMap<string, string>): void {
  const who = new Map(
    changes.flatMap((change) => (sourceOf(change) === notStated ? [[ids.get(change.id)!, whoPrint(change)] as const] : [])),
  )
  if (new Set(who.values()).size < 2) return
  const blocks = blocksOf(doc)
  const twins = finished(twinsUnstated(blocks, changesIn(blocks, new Set(who.keys())), noTies, (id) => who.get(id) ?? ""))
  doc.transact(() => {
    for (const [id, list] of twins) roots.twins(doc).set(id, list)
  })
}

/** Leaves the empty places that a file tells of behind a block, or at the front, and those behind them. */
function leaving({ inForce }: FileDraft, leave: (id: string, attrs: BlockAttrs) => void): (behind: string | null) => void {
  const places = new Map<string | null, NonNullable<FileDraft["inForce"]>["left"][number][]>()
  for (const place of inForce?.left ?? []) {
    const list = places.get(place.behind)
    if (list) list.push(place)
    else places.set(place.behind, [place])
  }
  return (behind) => {
    const waiting = [...(places.get(behind) ?? [])]
    // A place is left once, however often the file names it.
    places.delete(behind)
    for (let place = waiting.shift(); place; place = waiting.shift()) {
      const { id, type, origin, joined } = place
      leave(id, { ...defaultAttrs, id, type, origin, joined })
      waiting.unshift(...(places.get(id) ?? []))
      places.delete(id)
    }
  }
}

/** What a file proposes to renumber, each under a name that no change has. */
const renumberingsIn = ({ blocks }: FileDraft) =>
  blocks.flatMap(({ id, label = "", renumbered }) => (renumbered ? [{ ...renumbered, id: `number of ${id}`, block: id, now: label }] : []))

const renumberedIn = (draft: FileDraft, ids: ReadonlyMap<string, string>): Renumbered =>
  Object.fromEntries(
    renumberingsIn(draft).map(({ id, block, source, now }) => [block, { id: ids.get(id)!, source: source ?? notStated, now }]),
  )

// The id of a change must be free before its marks are written: each takes a tick of the server's clock on a scratch root.
export function nextId(doc: Y.Doc, change: Pick<FileChange, "source">): string {
  const id = serverMarkId(doc, sourceOf(change))
  doc.getMap("meta").set("opening", id)
  return id
}

const proposedBy = (change: FileChange, ids: ReadonlyMap<string, string>) => ({
  insertedBy: sourceOf(change),
  insertedId: ids.get(change.id)!,
  origin: null,
})

/** A footnote that nothing calls has no `noteId`: it is read at the end, without a number. */
function attrsOfNote({ id, block }: FileNote, change: FileChange | null, ids: ReadonlyMap<string, string>): BlockAttrs {
  const proposed = change ? proposedBy(change, ids) : { origin: id }
  return { ...defaultAttrs, id, type: "note", noteId: block === null ? null : id, ...proposed }
}

/** Where a file carries no other text in force its own words are that, wherever they came from before. */
const withOwnOrigin = (block: FileBlock): FileBlock => ({ ...block, origin: block.id })

function attrsOf(block: FileBlock, change: FileChange | undefined, ids: ReadonlyMap<string, string>): BlockAttrs {
  const proposed = change ? proposedBy(change, ids) : { origin: block.origin === undefined ? block.id : block.origin }
  return {
    ...defaultAttrs,
    id: block.id,
    type: block.type,
    ...proposed,
    dir: block.dir ?? defaultAttrs.dir,
    part: block.part ?? defaultAttrs.part,
    level: block.level ?? defaultAttrs.level,
    importedLabel: block.importedLabel ?? null,
  }
}

/** Agreed text holds no split; where a file has one outside a proposal it is a space. */
const agreedOnOneLine = (block: FileBlock, draft: FileDraft): string =>
  block.text.replaceAll(splitCharacter, (found, at: number) => {
    const isProposed = draft.changes.some((change) =>
      change.segments?.some((part) => part.block === block.id && part.kind === "insertion" && part.from <= at && at < part.to),
    )
    return isProposed ? found : " "
  })

/** Writes a block behind the last one; to look for the end each time would take the square of their number. */
function writeBlock(
  tr: Y.Transaction,
  doc: Y.Doc,
  last: Y.XmlElement | null,
  attrs: BlockAttrs,
  words: string,
): { element: Y.XmlElement; text: Y.XmlText } {
  const element = new Y.XmlElement(attrs.type)
  const text = new Y.XmlText()
  element.insert(0, [text])
  doc.getXmlFragment(blocksRoot).insertAfter(last, [element])
  for (const [name, value] of Object.entries(attrs)) {
    if (name === "type" || value === defaultAttrs[name as keyof typeof defaultAttrs]) continue
    element.setAttribute(name, value as string)
  }
  if (words) writeText(tr, text, { left: null, right: null, marks: [] }, words, [])
  return { element, text }
}

function writeChanges(
  tr: Y.Transaction,
  doc: Y.Doc,
  draft: FileDraft,
  ids: ReadonlyMap<string, string>,
  texts: ReadonlyMap<string, Y.XmlText>,
): void {
  const strikes = draft.changes.flatMap((change) =>
    (change.segments ?? []).flatMap((segment) => (segment.kind === "deletion" ? [{ segment, change }] : [])),
  )
  const spans: Span[] = cutAtInsertions([...spansIn(draft), ...strikes])
  const length = ({ segment }: Span): number => segment.to - segment.from
  const rank = ({ segment }: Span): number => (segment.kind === "insertion" ? 0 : 1)
  // Hosts before what stands in them: their ids are named by it, and their markers lie outside.
  spans.sort((a, b) => length(b) - length(a) || rank(a) - rank(b))
  const insertions = new Map<string, { span: Span; mark: Mark }[]>()
  const used = new Set<string>()
  for (const span of spans) {
    const { segment, change } = span
    const text = texts.get(segment.block)
    if (!text || segment.from >= segment.to || segment.to > text.length) continue
    const hosts = (insertions.get(segment.block) ?? [])
      .filter((other) => other.span.change !== change && covers(other.span.segment, segment))
      .map((other) => other.mark.id)
    const first = ids.get(change.id)!
    const id = used.has(first) ? serverMarkId(doc, sourceOf(change)) : first
    used.add(first)
    const parts = { id, source: sourceOf(change), of: id === first ? "" : first }
    const mark =
      segment.kind === "insertion" ? newMark("insertion", { ...parts, within: hosts }) : newMark("deletion", { ...parts, over: hosts })
    writeMark(tr, text, segment.from, segment.to, mark)
    if (mark.name === "insertion") insertions.set(segment.block, [...(insertions.get(segment.block) ?? []), { span, mark }])
  }
}

/** A deletion that reaches over an end of an insertion is two: what it strikes of that it must be over, and nothing else. */
function cutAtInsertions(spans: readonly Span[]): Span[] {
  const ends = new Map<string, number[]>()
  for (const { segment } of spans)
    if (segment.kind === "insertion") ends.set(segment.block, [...(ends.get(segment.block) ?? []), segment.from, segment.to])
  return spans.flatMap(({ segment, change }) => {
    if (segment.kind === "insertion") return [{ segment, change }]
    const inside = (ends.get(segment.block) ?? []).filter((at) => segment.from < at && at < segment.to)
    const cuts = [segment.from, ...[...new Set(inside)].sort((a, b) => a - b), segment.to]
    return cuts.slice(1).map((to, i) => ({ segment: { ...segment, from: cuts[i]!, to }, change }))
  })
}

/** Structural proposals about blocks that the file has; others have nothing to be about. */
function writeStructure(doc: Y.Doc, draft: FileDraft, ids: ReadonlyMap<string, string>, texts: ReadonlyMap<string, Y.XmlText>): void {
  const structure = doc.getMap(structureRoot)
  for (const change of draft.changes)
    for (const act of change.structure ?? []) {
      const target = act.kind === "join" ? act.into : act.kind === "move" ? act.after : null
      if (!texts.has(act.block) || (target !== null && !texts.has(target))) continue
      const id = serverMarkId(doc, sourceOf(change))
      structure.set(id, { id, of: ids.get(change.id)!, source: sourceOf(change), ...act })
    }
}

function writeThreads(
  tr: Y.Transaction,
  doc: Y.Doc,
  draft: FileDraft,
  ids: ReadonlyMap<string, string>,
  texts: ReadonlyMap<string, Y.XmlText>,
  broughtBy: string | null,
): void {
  for (const comment of draft.comments) {
    const block = comment.block ?? draft.blocks[0]?.id
    if (!block) continue
    const source = comment.source ?? notStated
    const id = serverMarkId(doc, source)
    const places = comment.block !== null && comment.at ? [{ block, ...comment.at }, ...(comment.further ?? [])] : []
    for (const { block: at, from, to } of places) {
      const text = texts.get(at)
      if (text && to <= text.length) writeMark(tr, text, from, to, newMark("comment", { id, source }))
    }
    const remarks = [comment, ...comment.replies].map((said) => remarkOf(said, broughtBy))
    const [place] = places
    const text = place && texts.get(place.block)
    const letters = text && place.to <= text.length ? lettersOf(text, place.from, place.to) : null
    const anchor = anchorIn(comment, block, ids)
    roots.threads(doc).set(id, { id, anchor, ...(letters ? { letters } : {}), remarks, isResolved: comment.resolved })
    // The clause that it was about is in no block of the file: only that it stood there is known.
    if (anchor.block !== block) roots.stood(doc).set(anchor.block, { behind: block, address: comment.address ?? "", origin: null })
  }
}

/** What is said in a file, by whom the file names and when it says. */
export type FileRemark = FileDraft["comments"][number]["replies"][number]

/** Whom a file names, as a person of a remark: no member of the meeting. */
export const personInFile = (by: string | null): string => (by === null ? "" : `${ofFile}${by}`)

/** Whose a remark is that nobody has stated is not known, whosever the one is that it answers. */
export const remarkOf = ({ by, date, source, text }: FileRemark, broughtBy: string | null): Remark => ({
  person: personInFile(by),
  source: source ?? notStated,
  text,
  at: date ?? "",
  ...(broughtBy === null ? {} : { broughtBy }),
})

function anchorIn(comment: FileDraft["comments"][number], block: string, changes: ReadonlyMap<string, string>): Thread["anchor"] {
  const change = comment.change === undefined ? undefined : changes.get(comment.change)
  if (change !== undefined) return { on: "change", block, change }
  if (comment.block === null) return { on: "draft", block }
  const its = comment.lost === "clause" ? `gone of ${comment.id}` : block
  return comment.quote ? { on: "words", block: its, quote: comment.quote } : { on: "clause", block: its }
}

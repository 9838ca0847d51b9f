// A draft as a file of ours holds it. Our own JSON is that, and what is compared with a file or carried in Akoma Ntoso is taken from it, so that all say the same.
import { type Change, changesIn } from "../../shared/changes/changes.ts"
import { lateSaid, noneForestalledTold } from "../../shared/changes/forestalled.ts"
import { noOtherSides, otherSideSaid } from "../../shared/changes/other-side.ts"
import { byIdOf, survivorOf } from "../../shared/changes/restructure.ts"
import { noteNumbers } from "../../shared/clauses/notes.ts"
import type { ThreadPlace } from "../../shared/comments/place-of.ts"
import type { CommentPlace } from "../../shared/comments/places.ts"
import type { Remark, Thread } from "../../shared/comments/thread.ts"
import { type Block, isBlank, type StructuralProposal, textOf } from "../../shared/schema/block.ts"
import { notStated } from "../../shared/schema/keys.ts"
import { shortened } from "../../shared/schema/letters.ts"
import type { FileBlock, FileChange, FileComment, FileDraft, FileNote, FileStructure } from "../files/file-draft.ts"
import { longestAddress } from "../files/file-shape.ts"
import { forceCarried } from "./force-carried.ts"
import { labelsOfView, type PaperLabels } from "./paper-labels.ts"
import { nameOf, type PaperView, type Printable, showsChanges } from "./printable.ts"
import { blocksOfView } from "./view-blocks.ts"

const kindOfFile: Readonly<Record<Change["kind"], FileChange["kind"]>> = {
  insertion: "insertion",
  deletion: "deletion",
  replacement: "replacement",
  "new clause": "insertion",
  move: "move",
  split: "structure",
  join: "structure",
  "clause deletion": "structure",
  "level change": "structure",
}

/** Whose a change is that a paper names nobody of. */
const another = "another delegation"

/** A file says null of what nobody has stated. */
export const sourceOf = (source: string): string | null => (source === notStated ? null : source)

/** Which block of a file stands for one of the draft: itself, or what is left of it where it is drawn no more. Null: none does. */
class Standing {
  readonly #blocks: readonly Block[]
  readonly #shown: ReadonlySet<string>
  readonly #byId: ReadonlyMap<string, Block>
  readonly #places: ReadonlyMap<string, number>

  constructor(blocks: readonly Block[], shown: ReadonlySet<string>) {
    this.#blocks = blocks
    this.#shown = shown
    this.#byId = byIdOf(blocks)
    this.#places = new Map(blocks.map(({ id }, i) => [id, i]))
  }

  /** Where what is to stand behind a block stands: behind that, or behind what is before its empty place. */
  before(id: string, moving: string): string | null {
    for (let i = this.#places.get(id) ?? -1; i >= 0; i--) {
      const block = this.#blocks[i]!
      if (block.id !== moving && this.#shown.has(block.id)) return block.id
    }
    return null
  }

  act({ id: _, of: __, source: ___, changeId: ____, ...act }: StructuralProposal): FileStructure | null {
    if (act.kind === "move") return { ...act, after: act.after === null ? null : this.before(act.after, act.block) }
    if (act.kind !== "join") return act
    const into = survivorOf(this.#byId, act.into)?.id
    return into !== undefined && into !== act.block && this.#shown.has(into) ? { ...act, into } : null
  }
}

/** A change of which some marks are not the first is named by that alone, inside which others stand. */
function changesOfMarks(blocks: readonly Block[]): ReadonlyMap<string, string> {
  const changes = new Map<string, string>()
  for (const { runs } of blocks)
    for (const { marks } of runs) for (const { id, of, changeId } of marks) if (of !== "") changes.set(id, changeId)
  return changes
}

function changeOf(change: Change, draft: Printable, standing: Standing, ofMark: ReadonlyMap<string, string>): FileChange {
  const entered = draft.entered.get(change.id)
  const structure = change.structure.flatMap(({ proposal }) => standing.act(proposal) ?? [])
  const late = lateSaid(change, draft.late ?? noneForestalledTold, (source) => sourceOf(source) ?? another)
  const otherSide = otherSideSaid(change, draft.sides ?? noOtherSides, draft.blocks)
  const moved = change.structure.map((part) => part.text).join(" … ")
  const text = change.kind === "insertion" || change.kind === "new clause" ? change.inserted : change.deleted || moved
  return {
    id: change.id,
    kind: kindOfFile[change.kind],
    source: sourceOf(change.source),
    enteredBy: entered?.by ?? null,
    ...(entered?.broughtBy === undefined ? {} : { broughtBy: entered.broughtBy }),
    date: entered?.at ?? null,
    block: change.block,
    text,
    ...(change.kind === "replacement" ? { replacedBy: change.inserted } : {}),
    ...(change.newBlocks.length > 0 ? { newBlocks: change.newBlocks } : {}),
    segments: change.segments.map(({ block, kind, from, to }) => ({ block, kind, from, to })),
    ...(structure.length > 0 ? { structure } : {}),
    ...(change.inside.length > 0 ? { inside: [...new Set(change.inside.map((mark) => ofMark.get(mark) ?? mark))] } : {}),
    ...(late === null ? {} : { late }),
    ...(otherSide === null ? {} : { otherSide }),
  }
}

function blockOf(block: Block, { labels, renumbered }: PaperLabels, { entered }: Printable): FileBlock {
  const label = labels.get(block.id)
  const by = renumbered.get(block.id)
  const { by: enteredBy = null, at: date = null } = (by && entered.get(by.id)) ?? {}
  return {
    id: block.id,
    type: block.type,
    ...(block.type === "head" ? { part: block.part } : {}),
    ...(block.type === "clause" ? { level: block.level, label: label ?? "" } : {}),
    ...(block.importedLabel === null ? {} : { importedLabel: block.importedLabel }),
    ...(by ? { renumbered: { was: by.was, source: sourceOf(by.source), enteredBy, date } } : {}),
    ...(block.dir === "rtl" ? { dir: "rtl" as const } : {}),
    origin: block.origin,
    text: textOf(block),
  }
}

/** Where the words under a mark stand in a block, from the first to the last. */
function rangeOf(block: Block, key: (mark: { id: string; noteId: string }) => boolean): { from: number; to: number } | null {
  let from = -1
  let to = -1
  let at = 0
  for (const run of block.runs) {
    const end = at + run.text.length
    if (run.marks.some(key)) {
      if (from < 0) from = at
      to = end
    }
    at = end
  }
  return from < 0 ? null : { from, to }
}

/** Of what a file brought to the meeting: who brought it. `by` is then whom that file names. */
const broughtIn = ({ broughtBy }: Remark, { people }: Printable): { broughtBy?: string } =>
  broughtBy === undefined ? {} : { broughtBy: people.get(broughtBy) ?? "" }

/** A thread at its place: a file has each, whatever became of what it is about (ANCHOR1). */
function commentOf(thread: Thread, draft: Printable, place: ThreadPlace, words: readonly CommentPlace[]): FileComment {
  const [at, ...further] = thread.anchor.on === "words" ? words : []
  const [first, ...replies] = thread.remarks
  const { standing, gone, change } = place
  const lost = standing === "gone" ? "clause" : standing === "struck" && !at ? "words" : null
  return {
    id: thread.id,
    by: (first && nameOf(first.person, draft.people)) || null,
    source: first ? sourceOf(first.source) : null,
    date: first?.at || null,
    block: thread.anchor.on === "draft" ? null : (at?.block ?? place.block),
    quote: thread.anchor.on === "words" ? thread.anchor.quote : "",
    text: first?.text ?? "",
    ...(first ? broughtIn(first, draft) : {}),
    replies: replies.map((remark) => ({
      by: nameOf(remark.person, draft.people) || null,
      ...broughtIn(remark, draft),
      source: sourceOf(remark.source),
      date: remark.at || null,
      text: remark.text,
    })),
    resolved: thread.isResolved,
    ...(at ? { at: { from: at.from, to: at.to } } : {}),
    ...(further.length > 0 ? { further } : {}),
    ...(change?.status === "open" ? { change: change.id } : {}),
    ...(lost ? { lost } : {}),
    ...(gone?.address ? { address: shortened(gone.address, longestAddress) } : {}),
  }
}

/** The footnotes of a view, in the order in which they are called. */
export function notesOf(blocks: readonly Block[]): FileNote[] {
  const numbers = noteNumbers(blocks)
  const bodies = blocks.filter((block) => block.type === "note" && !isBlank(block))
  const numberOf = (note: Block): number => numbers.get(note.noteId ?? "") ?? Number.MAX_SAFE_INTEGER
  bodies.sort((a, b) => numberOf(a) - numberOf(b))
  return bodies.map((note, i) => {
    const caller = blocks.find((block) =>
      block.runs.some((run) => run.marks.some((mark) => mark.noteId === note.noteId && note.noteId !== null)),
    )
    const at = caller ? rangeOf(caller, (mark) => mark.noteId === note.noteId && note.noteId !== null) : null
    return { id: note.id, label: String(i + 1), text: textOf(note), block: caller?.id ?? null, at: at?.from ?? null }
  })
}

const doesSomething = ({ segments = [], newBlocks = [], structure = [] }: FileChange): boolean =>
  segments.length + newBlocks.length + structure.length > 0

/** The product's own JSON: what `import` gives and reads back. */
export function fileDraftOf(draft: Printable, view: PaperView): FileDraft {
  const blocks = blocksOfView(draft, view)
  const labels = labelsOfView(draft, view, blocks)
  const shown = new Set(blocks.map((block) => block.id))
  const standing = new Standing(draft.blocks, shown)
  const ofMark = changesOfMarks(blocks)
  const isShown = ({ block }: CommentPlace): boolean => shown.has(block)
  return {
    profile: draft.profile,
    cover: draft.cover,
    blocks: blocks.filter((block) => block.type !== "note").map((block) => blockOf(block, labels, draft)),
    changes: showsChanges(view)
      ? changesIn(blocks)
          .map((change) => changeOf(change, draft, standing, ofMark))
          .filter(doesSomething)
      : [],
    comments: showsChanges(view)
      ? draft.threads.map((thread) => {
          const place = draft.places.get(thread.id)!
          const home = place.block === null || shown.has(place.block) ? place.block : standing.before(place.block, "")
          return commentOf(thread, draft, { ...place, block: home }, place.words.filter(isShown))
        })
      : [],
    notes: notesOf(blocks),
    debris: draft.debris,
    warnings: draft.warnings,
    ...(view === "against" && draft.force !== null ? { inForce: forceCarried(draft, fileDraftOf(draft, "force")) } : {}),
  }
}

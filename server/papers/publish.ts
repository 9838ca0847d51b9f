import { type Change, changesIn } from "../../shared/changes/changes.ts"
import { lateSaid, noneForestalledTold } from "../../shared/changes/forestalled.ts"
import { noOtherSides, otherSideSaid } from "../../shared/changes/other-side.ts"
import { byIdOf, survivorOf } from "../../shared/changes/restructure.ts"
import { noteNumbers } from "../../shared/clauses/notes.ts"
import { type ThreadPlace, withStanding } from "../../shared/comments/place-of.ts"
import type { CommentPlace } from "../../shared/comments/places.ts"
import type { Remark, Thread } from "../../shared/comments/thread.ts"
import { anchorCharacter, type Block, isBlank, type StructuralProposal, splitCharacter, textOf } from "../../shared/schema/block.ts"
import { notStated } from "../../shared/schema/keys.ts"
import { shortened } from "../../shared/schema/letters.ts"
import type { FileBlock, FileChange, FileComment, FileDraft, FileNote, FileStructure } from "../files/file-draft.ts"
import { longestAddress } from "../files/own-file.ts"
import { forceCarried } from "./force-carried.ts"
import { MarkedText } from "./marked-text.ts"
import { labelsOfView, type PaperLabels } from "./paper-labels.ts"
import { nameOf, type Publishable, remarkFrom, type View } from "./publishable.ts"
import { blocksOfView, type Marks, type Sheet, type SheetOptions, type SheetRun, sheetOf } from "./sheet.ts"

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
const sourceOf = (source: string): string | null => (source === notStated ? null : source)

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

function importedChange(change: Change, draft: Publishable, standing: Standing): FileChange {
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
    ...(change.inside.length > 0 ? { inside: change.inside } : {}),
    ...(late === null ? {} : { late }),
    ...(otherSide === null ? {} : { otherSide }),
  }
}

function importedBlock(block: Block, { labels, renumbered }: PaperLabels, { entered }: Publishable): FileBlock {
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
const broughtIn = ({ broughtBy }: Remark, { people }: Publishable): { broughtBy?: string } =>
  broughtBy === undefined ? {} : { broughtBy: people.get(broughtBy) ?? "" }

/** A thread at its place: a file has each, whatever became of what it is about (ANCHOR1). */
function importedComment(thread: Thread, draft: Publishable, place: ThreadPlace, words: readonly CommentPlace[]): FileComment {
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

function importedNotes(blocks: readonly Block[]): FileNote[] {
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

const hasChanges = (view: View): boolean => view === "open" || view === "against"

const doesSomething = ({ segments = [], newBlocks = [], structure = [] }: FileChange): boolean =>
  segments.length + newBlocks.length + structure.length > 0

/** The product's own JSON: what `import` gives and reads back. */
export function publishJson(draft: Publishable, view: View): FileDraft {
  const blocks = blocksOfView(draft, view)
  const labels = labelsOfView(draft, view, blocks)
  const shown = new Set(blocks.map((block) => block.id))
  const standing = new Standing(draft.blocks, shown)
  const isShown = ({ block }: CommentPlace): boolean => shown.has(block)
  return {
    profile: draft.profile,
    cover: draft.cover,
    blocks: blocks.filter((block) => block.type !== "note").map((block) => importedBlock(block, labels, draft)),
    changes: hasChanges(view)
      ? changesIn(blocks)
          .map((change) => importedChange(change, draft, standing))
          .filter(doesSomething)
      : [],
    comments: hasChanges(view)
      ? draft.threads.map((thread) => {
          const place = draft.places.get(thread.id)!
          const home = place.block === null || shown.has(place.block) ? place.block : standing.before(place.block, "")
          return importedComment(thread, draft, { ...place, block: home }, place.words.filter(isShown))
        })
      : [],
    notes: importedNotes(blocks),
    debris: draft.debris,
    warnings: draft.warnings,
    ...(view === "against" && draft.force !== null ? { inForce: forceCarried(draft, publishJson(draft, "force")) } : {}),
  }
}

const spaceBefore: ReadonlySet<Block["type"]> = new Set(["head", "formula", "title", "heading"])

export interface TextOptions {
  readonly hasComments?: boolean
  readonly marks?: Marks
}

/**
 * Plain text as a person would type it: one block a line, labels with a tab, footnotes at the end. Reading it back gives the same blocks; where it shows
 * changes they are marked, and it is refused.
 */
export function publishText(draft: Publishable, view: View, { hasComments = false, marks = "delegation" }: TextOptions = {}): string {
  return hasChanges(view) ? markedText(draft, { view, marks, hasComments }) : plainText(draft, view)
}

class Lines {
  readonly #lines: string[] = []

  constructor(draft: Publishable) {
    for (const field of draft.cover) this.#lines.push(field.text)
  }

  add({ type, level }: Pick<Block, "type" | "level">, label: string | undefined, words: string): void {
    if (spaceBefore.has(type) && this.#lines.length > 0) this.#lines.push("")
    // A tab counts as space to the reader, but words would join across it: labels are the only place for one.
    this.#lines.push(label ? `${"\t".repeat(level - 1)}${label}\t${words}` : words)
  }

  text(first: string | null = null): string {
    return `${[...(first === null ? [] : [first]), ...this.#lines].join("\n")}\n`
  }
}

function plainText(draft: Publishable, view: View): string {
  const blocks = blocksOfView(draft, view)
  const { labels } = labelsOfView(draft, view, blocks)
  const notes = importedNotes(blocks)
  const lines = new Lines(draft)
  let called = 0
  for (const block of blocks) {
    if (block.type === "note") continue
    const words = textOf(block)
      .replaceAll(splitCharacter, "¶")
      .replaceAll(anchorCharacter, () => noteCall(notes[called++]))
    lines.add(block, labels.get(block.id), words)
  }
  return lines.text()
}

function markedText(draft: Publishable, options: SheetOptions): string {
  const sheet = sheetOf(draft, options)
  const marked = new MarkedText(options.marks === "delegation")
  const lines = new Lines(draft)
  const notes = new Map(
    sheet.notes.map(({ number, runs }) => [
      number,
      { label: String(number), text: marked.words(runs, (run) => run.text.replaceAll(anchorCharacter, "")) },
    ]),
  )
  const callOf = (run: SheetRun): string =>
    run.text.replaceAll(anchorCharacter, () => (run.note === null ? "" : noteCall(notes.get(run.note))))
  const remarks = remarksByHome(draft, sheet)
  for (const block of sheet.blocks) {
    const label = marked.label(block)
    const { id } = block.block
    const said = block.moved?.end === "to" ? "" : (remarks.get(id) ?? "")
    // A clause of the text in force can stand at two places.
    if (said !== "") remarks.delete(id)
    lines.add(block.block, label, marked.block(block, callOf) + said)
  }
  return lines.text(marked.isMarked ? marked.legend : null)
}

/** What is said about each block, as a conversion to text writes it behind the words. What is about a footnote stands where that is called. */
function remarksByHome(draft: Publishable, { threads, notes, blocks }: Sheet): Map<string, string> {
  const callers = new Map(
    notes.map(({ number, block }) => [block.id, blocks.find(({ runs }) => runs.some((run) => run.note === number))?.block.id]),
  )
  const oneLine = (text: string): string => text.replace(/\s+/g, " ").replaceAll("Comment by", "comment by").trim()
  const said = new Map<string, string>()
  for (const { thread, home, said: about } of threads) {
    const at = home === null ? undefined : (callers.get(home) ?? home)
    if (at === undefined) continue
    const remarks = thread.remarks.map((remark, i) => {
      const { person, source, text } = remark
      const from = remarkFrom(remark, draft.people)
      // Whom a file names has said nothing here: the delegation has that brought it.
      const by = from === null ? nameOf(person, draft.people) : null
      const name = oneLine(by ?? sourceOf(source) ?? "somebody").replaceAll(":", " ")
      const words = `${from === null ? "" : `(${from}) `}${oneLine(text)}`
      return `\tComment by ${name.slice(0, 80)}: ${withStanding(i === 0 ? about : null, words)}`
    })
    said.set(at, (said.get(at) ?? "") + remarks.join(""))
  }
  return said
}

const noteCall = (note: Pick<FileNote, "label" | "text"> | undefined): string =>
  note ? `[footnoteRef:${note.label}]${note.label}[${note.label}: ${note.text} ]` : ""

// Lays a draft out as a paper: its blocks (`layout`), with their labels, footnotes and threads.
import { workingTextOf } from "../../shared/changes/projections.ts"
import { formOf } from "../../shared/clauses/label-forms.ts"
import { noteCalledBy } from "../../shared/clauses/notes.ts"
import { standingSaid, type ThreadPlace } from "../../shared/comments/place-of.ts"
import { ofFile } from "../../shared/comments/thread.ts"
import { type Block, textOf } from "../../shared/schema/block.ts"
import { notStated } from "../../shared/schema/keys.ts"
import { Attributor } from "./attributor.ts"
import { type Drawn, Layout } from "./layout.ts"
import { labelsOfView } from "./paper-labels.ts"
import { type Printable, type Reading, showsChanges } from "./printable.ts"
import { readingOf } from "./reading.ts"
import type { Sheet, SheetBlock, SheetNote, SheetOptions, SheetThread } from "./sheet.ts"
import { Notes } from "./sheet-runs.ts"
import { blocksOfView } from "./view-blocks.ts"

const isReasons = ({ field }: Printable["cover"][number]): boolean => field?.toLowerCase() === "reasons"

/** Lays a draft out as a paper in a view. */
export function sheetOf(draft: Printable, { view, marks, hasComments }: SheetOptions): Sheet {
  const blocks = blocksOfView(draft, view)
  const { labels, renumbered } = labelsOfView(draft, view, blocks)
  const attributor = new Attributor(draft, marks)
  const notes = new Notes(blocks)
  // A new clause that is empty, or was emptied, is drawn as nothing.
  // So is a table of which no row is left.
  const isNothing = (block: Block): boolean => block.runs.length === 0 && (block.insertedBy !== null || block.type === "table")
  const shown = blocks.filter((block) => block.type !== "note" && !isNothing(block))
  const reading = showsChanges(view) ? (draft.reading ?? readingOf(draft)) : null
  const drawn = { blocks: shown, labels, parted: reading?.parted ?? new Map(), cutOff: labelsCutOff(draft, reading, labels) }
  const layout = new Layout(draft, attributor, notes, view, drawn)
  const sheets = shown.map((block) => layout.block(block, labels.get(block.id) ?? "", renumbered.get(block.id) ?? null))
  const laid = layout.placed(sheets)
  const bodies = notes.called.map((block, i): SheetNote => ({ number: i + 1, block, runs: layout.runs(block) }))
  const workingWordsOf = (type: Block["type"]): string =>
    workingTextOf(shown.filter((block) => block.type === type))
      .map(textOf)
      .join(" ")
  return {
    blocks: laid,
    notes: bodies,
    threads: hasComments && showsChanges(view) ? threadsOf(draft, attributor, laid, bodies) : [],
    opening: draft.cover.filter((line) => !isReasons(line)),
    closing: draft.cover.filter(isReasons),
    profile: draft.profile,
    designation: workingWordsOf("designation"),
    title: workingWordsOf("title"),
    view,
    body: draft.body,
    version: draft.version,
    date: draft.date,
    roster: [...draft.sources.keys()],
    ...{ marks, hasComments, echoes: reading?.echoes ?? new Set() },
  }
}

/** By block: the labels that what proposed ends cut off has as proposed, but where it has the label of the block itself, of which nothing else is left. */
function labelsCutOff(draft: Printable, reading: Reading | null, labels: ReadonlyMap<string, string>): Drawn["cutOff"] {
  if (!reading || reading.cutOff.size === 0) return new Map()
  const proposed = labelsOfView(draft, "proposed", reading.proposed).labels
  // What a paragraph cuts off is a clause only where it is to be joined to one: Word has no label for that.
  const areClauses = new Set(draft.blocks.flatMap(({ id, type }) => (type === "clause" ? [id] : [])))
  return new Map(
    [...reading.cutOff]
      .filter(([block]) => areClauses.has(block))
      .map(([block, clauses]) => {
        const own = labels.get(block) ?? ""
        // One of another form, as of a clause that is joined elsewhere, could not be told from words when the paper is read back.
        const isAlike = (label: string): boolean => label !== own && (own === "" || formOf(label) === formOf(own))
        return [
          block,
          clauses.map((clause) => (clause === null ? "" : (proposed.get(clause) ?? ""))).map((label) => (isAlike(label) ? label : "")),
        ]
      }),
  )
}

function threadsOf(draft: Printable, attributor: Attributor, laid: readonly SheetBlock[], notes: readonly SheetNote[]): SheetThread[] {
  const shown = new Set([...laid, ...notes].map(({ block }) => block.id))
  return draft.threads.map((thread, i) => {
    const place = draft.places.get(thread.id)!
    return {
      number: i + 1,
      thread,
      home: homeOf(place, draft.blocks, shown) ?? laid[0]?.block.id ?? null,
      said: standingSaid(place),
      remarks: thread.remarks.map((remark) => ({
        author: attributor.said(remark),
        // What a file says stays as it says it; the meeting's own times are whole seconds.
        date: attributor.date((remark.person.startsWith(ofFile) ? remark.at : remark.at.replace(/\.\d+Z$/, "Z")) || null),
        from: attributor.from(remark),
        isStated: remark.source !== notStated,
        text: remark.text,
      })),
    }
  })
}

/** Where a sheet shows a thread: at its struck clause where that is drawn, else at its block, or what is drawn before that. */
function homeOf({ block, gone }: ThreadPlace, blocks: readonly Block[], shown: ReadonlySet<string>): string | null {
  const struck = [gone?.block, gone?.origin].find((id) => typeof id === "string" && shown.has(id))
  if (struck) return struck
  if (block === null || shown.has(block)) return block
  const note = blocks.find((other) => other.id === block && other.type === "note")
  const caller = note && blocks.find((other) => shown.has(other.id) && other.runs.some((run) => noteCalledBy(run) === note.noteId))
  if (caller) return caller.id
  return (
    blocks
      .slice(
        0,
        blocks.findIndex((other) => other.id === block),
      )
      .findLast(({ id, type }) => shown.has(id) && type !== "note")?.id ?? null
  )
}

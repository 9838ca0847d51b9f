// The runs of a sheet as a list: cut at places, parted at separators, read from those of a block.
import { anchorCharacter, type Block, isDeletionInEffect, type Mark, ownerOf, type Run } from "../../shared/schema/block.ts"
import type { Attributor } from "./attributor.ts"
import type { Attribution, SheetRun } from "./sheet.ts"

/** Numbers footnotes in the order in which they are called. */
export class Notes {
  readonly #bodies: ReadonlyMap<string, Block>
  readonly called: Block[] = []

  constructor(blocks: readonly Block[]) {
    this.#bodies = new Map(blocks.flatMap((block) => (block.type === "note" && block.noteId !== null ? [[block.noteId, block]] : [])))
  }

  numberOf(noteId: string): number | null {
    const body = this.#bodies.get(noteId)
    if (!body) return null
    if (!this.called.includes(body)) this.called.push(body)
    return this.called.indexOf(body) + 1
  }
}

/** A run with who proposes what on it. */
export function withMarks(run: Run, attributor: Attributor, notes: Notes): SheetRun {
  const owner = ownerOf(run.marks)
  const deletions = run.marks.filter((mark) => mark.name === "deletion" && isDeletionInEffect(mark, run.marks))
  const said = (mark: Mark): Attribution => attributor.of(mark.changeId, mark.source)
  const [first, ...others] = deletions.map(said)
  const noteId = run.marks.find((mark) => mark.name === "noteRef")?.noteId
  return {
    text: run.text,
    inserted: owner ? said(owner) : null,
    deleted: first ?? null,
    alsoDeleted: others,
    threads: run.marks.filter((mark) => mark.name === "comment").map((mark) => mark.id),
    note: noteId !== undefined && run.text.includes(anchorCharacter) ? notes.numberOf(noteId) : null,
    isParted: false,
  }
}

/** A run of a view that shows no proposals. */
export const withoutProposals = (run: Run, attributor: Attributor, notes: Notes): SheetRun => ({
  ...withMarks({ text: run.text, marks: run.marks.filter((mark) => mark.name === "noteRef") }, attributor, notes),
  inserted: null,
  deleted: null,
})

/** Words alone. */
export const bare = (text: string): SheetRun => ({
  text,
  inserted: null,
  deleted: null,
  alsoDeleted: [],
  threads: [],
  note: null,
  isParted: false,
})

/** Cuts a run in two where an offset falls into it. Struck words of the text in force take no place. */
export function cutAt(runs: readonly SheetRun[], offset: number): SheetRun[] {
  let at = 0
  return runs.flatMap((run) => {
    if (run.deleted?.isAccepted) return [run]
    const cut = offset - at
    at += run.text.length
    if (cut <= 0 || cut >= run.text.length) return [run]
    return [
      { ...run, text: run.text.slice(0, cut) },
      { ...run, text: run.text.slice(cut), isParted: false },
    ]
  })
}

/** Puts a run in at an offset; struck words of the text in force take no place. */
export function insertAt(runs: readonly SheetRun[], offset: number, added: SheetRun): SheetRun[] {
  const cut = cutAt(runs, offset)
  let at = 0
  for (let i = 0; i < cut.length; i++) {
    if (at >= offset) return [...cut.slice(0, i), added, ...cut.slice(i)]
    if (!cut[i]!.deleted?.isAccepted) at += cut[i]!.text.length
  }
  return [...cut, added]
}

/** Runs cut at a separator; each part with the run of the separator that ends it. */
export function splitRuns(runs: readonly SheetRun[], separator: string): { runs: SheetRun[]; end: SheetRun | null }[] {
  const parts: { runs: SheetRun[]; end: SheetRun | null }[] = [{ runs: [], end: null }]
  for (const run of runs) {
    const texts = run.text.split(separator)
    texts.forEach((text, i) => {
      if (text) parts.at(-1)!.runs.push({ ...run, text, isParted: i === 0 && run.isParted })
      if (i === texts.length - 1) return
      parts.at(-1)!.end = { ...run, text: separator, isParted: false }
      parts.push({ runs: [], end: null })
    })
  }
  return parts
}

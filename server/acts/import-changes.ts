import type { Sliced } from "../../shared/changes/slices.ts"
import { isPresent } from "../../shared/schema/block.ts"
import { notStated } from "../../shared/schema/keys.ts"
import type { Home } from "../exchange/beside.ts"
import type { Entered } from "../exchange/draft-state.ts"
import type { ImportedDraft } from "../exchange/imported.ts"
import type { LeftOut } from "../exchange/placing.ts"
import type { Gate } from "../gate/gate.ts"
import { caps } from "../gate/shapes.ts"
import { DomainError } from "../problems.ts"
import { Placer } from "./placer.ts"
import { written } from "./written.ts"

/** A file as it was read and laid beside the draft, each change with the source that was stated for its author. */
export interface FileBeside {
  readonly name: string
  readonly draft: ImportedDraft
  /** By the id of a block of the file. */
  readonly homes: ReadonlyMap<string, Home>
}

/** Throws where a source would have more open with a file than one has (GATE11). */
export function demandQuota(gate: Gate, { draft }: FileBeside): void {
  const marks = new Map<string, number>()
  const letters = new Map<string, number>()
  const add = (sums: Map<string, number>, source: string, n: number): void => void sums.set(source, (sums.get(source) ?? 0) + n)
  for (const { source, segments = [] } of draft.changes)
    for (const { kind, from, to } of segments) {
      add(marks, source ?? notStated, 1)
      if (kind === "insertion") add(letters, source ?? notStated, to - from)
    }
  for (const source of marks.keys()) {
    const open = gate.loadOf(source)
    if (open.marks + marks.get(source)! > caps.openMarksOfSource || open.letters + (letters.get(source) ?? 0) > caps.openLettersOfSource)
      throw new DomainError(
        "too-many",
        `With this file ${source} would have more open changes than one has on a draft. Ask the chair to decide on some of them first.`,
      )
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
  readonly blocks: readonly string[]
  /** By the id of a change: who entered it in the file and when. */
  readonly entered: Entered
}

/**
 * A delegation's file becomes changes on a draft: each at the words that it was made on, with fresh ids and the source that was stated for its author.
 * What finds no place is listed, never guessed. Throws where the file tracks nothing.
 */
export function* importChanges(gate: Gate, { draft, homes }: FileBeside): Sliced<ImportedOnto> {
  if (draft.changes.length === 0 && draft.comments.length === 0)
    throw new DomainError(
      "bad-input",
      "This file holds no tracked changes and no comments. Import it as a new draft, or compare it with the text in force.",
    )
  const room = gate.blocks.filter((block) => isPresent(block) && !block.insertedBy)
  let placer!: Placer
  const row = yield* written(gate, function* (site) {
    placer = new Placer(site, gate.shadow, draft, homes, room)
    yield* placer.place()
  })
  const { changes, comments, replies, left, touched, entered } = placer
  return { row, changes, comments, replies, left, blocks: [...touched], entered }
}

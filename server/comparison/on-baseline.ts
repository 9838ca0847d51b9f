// A file beside the text in force that it revises, whatever the file says of its changes: it has them, it is flattened, or it is clean.
import type { FileBlock, FileDraft } from "../files/file-draft.ts"
import { withoutForce } from "../files/in-force.ts"
import { fileDraftOf } from "../papers/file-draft-of.ts"
import { printableOf } from "../papers/printable.ts"
import { alignMoved } from "./align.ts"
import { compareDrafts } from "./compare-drafts.ts"
import type { ComparedDraft } from "./merger.ts"
import { readFlattened } from "./read-flattened.ts"

/** A difference between the text that a file revises and ours. */
export interface BaselineDifference {
  readonly block: string | null
  readonly ourBlock: string | null
  readonly theirs: string
  readonly ours: string
}

/** Where the text that a file's changes were made on differs from ours: its text with every change rejected, against the text in force. */
export function baselineDifferences(
  theirs: readonly { id: string; type: FileBlock["type"]; part?: FileBlock["part"]; level?: number; text: string }[],
  ours: readonly FileBlock[],
): BaselineDifference[] {
  return alignMoved(ours, theirs as readonly FileBlock[]).flatMap(({ a, b }) =>
    a && b && a.text === b.text ? [] : [{ block: b?.id ?? null, ourBlock: a?.id ?? null, theirs: b?.text ?? "", ours: a?.text ?? "" }],
  )
}

/** A draft's text as it would be with every change accepted, as a draft without changes; or with every change rejected. */
export function cleanText(draft: FileDraft, view: "proposed" | "working" = "proposed"): FileDraft {
  if (draft.changes.length === 0 && draft.blocks.every((block) => !block.renumbered)) return draft
  const { blocks, notes } = fileDraftOf(printableOf(draft), view)
  return { ...withoutForce(draft), blocks, notes, changes: [], comments: [] }
}

/**
 * A file beside the text in force that it revises. A file with tracked changes keeps them, and where its own text in force differs from ours is said;
 * of a flattened text the insertions are recovered; a clean one is compared.
 */
export function onBaseline(draft: FileDraft, baseline: FileDraft): ComparedDraft {
  const force = cleanText(baseline, "working")
  if (draft.changes.length > 0) {
    const differences = baselineDifferences(cleanText(draft, "working").blocks, force.blocks)
    const warnings = differences.map(({ block, theirs, ours }) => ({
      code: "BASE",
      ...(block === null ? {} : { block }),
      message: !theirs
        ? `The file lacks “${ours}”.`
        : !ours
          ? `The file has “${theirs}”, which is not in the text in force.`
          : `The file was made on “${theirs}”; the text in force is “${ours}”.`,
    }))
    return { ...withoutForce(draft), warnings: [...warnings, ...draft.warnings] }
  }
  // One sign may be a name; read as a flattened text, a clean one would lose its deletions.
  const isFlattened = draft.warnings.filter((warning) => warning.code === "FLAT").length > 1
  if (isFlattened) return readFlattened(force, draft)
  const compared = compareDrafts(force, draft, null)
  return {
    ...compared,
    debris: draft.debris,
    warnings: [...compared.warnings, ...draft.warnings.filter((warning) => warning.block === undefined)],
  }
}

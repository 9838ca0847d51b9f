import { foldLabel, rootOf } from "../../shared/clauses/additions.ts"
import { addressesOf, computedLabels, type FrozenLabels, labelsOf, letterOf, type Profile, roman } from "../../shared/clauses/labels.ts"
import { type Block, defaultAttrs, noStructure } from "../../shared/schema/block.ts"
import type { FileBlock, FileChange, FileDraft, FileWarning } from "./file-draft.ts"

const newBlocksIn = (changes: readonly FileChange[]): ReadonlySet<string> => new Set(changes.flatMap((change) => change.newBlocks ?? []))

const asBlock = ({ id, type, part = "preamble", level = 1, dir }: FileBlock, isNew: boolean): Block => ({
  ...defaultAttrs,
  id,
  type,
  part,
  level,
  dir: dir ?? defaultAttrs.dir,
  origin: isNew ? null : id,
  runs: noRuns,
  structure: noStructure,
})

const noRuns: Block["runs"] = []

/** How a file's own people would call its blocks, by their ids. */
export function addressesIn({ blocks, changes }: FileDraft): Map<string, string> {
  const isNew = newBlocksIn(changes)
  const worded = blocks.map((block): Block => ({ ...asBlock(block, isNew.has(block.id)), runs: [{ text: block.text, marks: [] }] }))
  return addressesOf(worded, new Map(blocks.map(({ id, label = "" }) => [id, label])))
}

/**
 * Blocks with the labels under which their clauses stand: those of the text in force as the file has them, none where it has none; those of clauses that
 * are added without one as they follow their predecessors (NUM4, NUM8).
 */
export function withLabels(blocks: readonly FileBlock[], profile: Profile, changes: readonly FileChange[]): FileBlock[] {
  const isNew = newBlocksIn(changes)
  const literal = blocks.flatMap(({ id, type, importedLabel, label = importedLabel }): [string, string][] =>
    type !== "clause" || (label === undefined && isNew.has(id)) ? [] : [[id, label ?? ""]],
  )
  const labels = labelsOf(
    blocks.map((block) => asBlock(block, isNew.has(block.id))),
    profile,
    Object.fromEntries(literal),
  )
  return blocks.map((block) => {
    if (block.type !== "clause") return block
    const label = labels.get(block.id) ?? ""
    if (!isNew.has(block.id)) return { ...block, label }
    // Of what is added the label is a proposal like its words, whoever wrote it.
    const { importedLabel: _, ...rest } = block
    return { ...rest, label }
  })
}

/**
 * The labels that do not move once a file is a draft: those of its text in force, and those under which it proposes clauses. A file that labels nothing
 * has none, and its clauses are counted.
 */
export function frozenLabelsOf({ blocks, changes, profile }: Pick<FileDraft, "blocks" | "changes" | "profile">): FrozenLabels {
  const isNew = newBlocksIn(changes)
  const clauses = blocks.filter(({ type }) => type === "clause")
  const labelOf = ({ renumbered, label, importedLabel }: FileBlock): string | undefined => renumbered?.was ?? label ?? importedLabel
  if (clauses.every((block) => labelOf(block) === undefined))
    return Object.fromEntries(
      computedLabels(
        blocks.filter(({ id }) => !isNew.has(id)).map((block) => asBlock(block, false)),
        profile,
      ),
    )
  return Object.fromEntries(
    clauses.flatMap((block): [string, string][] => {
      const label = labelOf(block)
      return label === undefined && isNew.has(block.id) ? [] : [[block.id, label ?? ""]]
    }),
  )
}

/** A draft whose clauses say how they are labelled, where it leaves that to be counted. */
export function withOwnLabels(draft: FileDraft): FileDraft {
  const labels = frozenLabelsOf(draft)
  const blocks = draft.blocks.map((block) => {
    const label = block.label ?? (block.renumbered ? block.importedLabel : labels[block.id])
    return block.type !== "clause" || label === block.label || label === undefined ? block : { ...block, label }
  })
  return { ...draft, blocks }
}

/** How a label counts: as a digit, a letter, a Roman numeral; "i)" is the ninth or the first. Empty where it counts nothing that is known. */
function ordinalsOf(label: string): readonly number[] {
  const core = foldLabel(rootOf(label))
  const digits = /\d{1,9}$/.exec(core)
  if (digits) return [Number(digits[0])]
  if (!/^[a-z]{1,6}$/.test(core)) return []
  const found: number[] = []
  for (let n = 1; n <= 99; n++) if (letterOf(n) === core || roman(n) === core) found.push(n)
  return found
}

/** What stands before the last number of a label: "2." of "2.1". */
const stemOf = (label: string): string => foldLabel(rootOf(label)).replace(/\d{1,9}$/, "")

/** What is odd about a label behind another of its level; null where it goes on, or where it cannot be told. */
function oddAfter(previous: string | undefined, label: string): string | null {
  const ordinals = ordinalsOf(label)
  if (ordinals.length === 0) return null
  if (previous === undefined)
    return ordinals.includes(1) || rootOf(label) !== label ? null : `The first clause here is labelled “${label}” in the file.`
  const before = ordinalsOf(previous)
  if (before.length === 0 || (/\d$/.test(foldLabel(label)) && stemOf(previous) !== stemOf(label))) return null
  if (rootOf(label) !== label) return foldLabel(rootOf(previous)) === foldLabel(rootOf(label)) ? null : oddPair(previous, label)
  return ordinals.some((n) => before.includes(n - 1)) ? null : oddPair(previous, label)
}

const oddPair = (previous: string, label: string): string =>
  foldLabel(previous) === foldLabel(label)
    ? `The file labels this clause “${label}”, as the one before it.`
    : `The file labels this clause “${label}”, behind “${previous}”.`

/** Gaps and repetitions in the labels of a file: evidence for the checks, kept as they are. */
export function oddLabels(blocks: readonly FileBlock[]): FileWarning[] {
  const warnings: FileWarning[] = []
  const last = new Map<number, string>()
  for (const { id, type, level = 1, importedLabel } of blocks) {
    if (type === "head" || type === "heading") last.clear()
    if (type !== "clause" || !importedLabel) continue
    for (const deeper of [...last.keys()]) if (deeper > level) last.delete(deeper)
    const message = oddAfter(last.get(level), importedLabel)
    if (message !== null) warnings.push({ code: "NUM", block: id, message })
    last.set(level, importedLabel)
  }
  return warnings
}

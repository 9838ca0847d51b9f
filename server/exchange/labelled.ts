import { computedLabels, type Profile } from "../../shared/clauses/labels.ts"
import { defaultAttrs, noStructure } from "../../shared/schema/block.ts"
import type { ImportedBlock, ImportWarning } from "./imported.ts"

/** Blocks with the labels that their place gives them. */
export function withLabels(blocks: readonly ImportedBlock[], profile: Profile): ImportedBlock[] {
  const labels = computedLabels(
    blocks.map((block) => ({
      ...defaultAttrs,
      ...block,
      part: block.part ?? "preamble",
      level: block.level ?? 1,
      importedLabel: null,
      origin: null,
      runs: [],
      structure: noStructure,
    })),
    profile,
  )
  return blocks.map((block) => (block.type === "clause" ? { ...block, label: labels.get(block.id) ?? "" } : block))
}

const foldLabel = (label: string): string => label.replace(/[().\s]/g, "").toLowerCase()

/** Literal labels against computed ones: duplicates, gaps, mixed styles are evidence for the checks, never corrected in silence. */
export function compareLabels(blocks: readonly ImportedBlock[]): ImportWarning[] {
  const warnings: ImportWarning[] = []
  for (const block of blocks) {
    if (block.importedLabel === undefined || !block.label || block.importedLabel === ")") continue
    if (foldLabel(block.importedLabel) !== foldLabel(block.label))
      warnings.push({
        code: "NUM",
        block: block.id,
        message: `The file labels this clause “${block.importedLabel}”; in its place it is “${block.label}”.`,
      })
  }
  return warnings
}

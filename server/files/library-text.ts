import type { BlockType } from "../../shared/schema/block.ts"
import type { FileDraft } from "./file-draft.ts"

/** One text of a file, which may hold several: by what it is called somebody says which is meant. */
export interface LibraryText {
  /** "RESOLUTION 130 (REV. DUBAI, 2018)". */
  readonly designation: string
  readonly title: string
  readonly draft: FileDraft
}

/** A draft from a file with what it calls itself. */
export function libraryTextOf(draft: FileDraft): LibraryText {
  const textOf = (type: BlockType): string => draft.blocks.flatMap((block) => (block.type === type ? [block.text] : [])).join(" ")
  return { designation: textOf("designation"), title: textOf("title"), draft }
}

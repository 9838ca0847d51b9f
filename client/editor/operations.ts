import type { Node } from "prosemirror-model"
import type { EditorState, Transaction } from "prosemirror-state"
import type { BlockAttrs, Mark, StructuralProposal } from "../../shared/schema/block.ts"

// What passes between tracking, the binding and the editor: operations, the state that holds the text, and the signs on its transactions.

/** Holds the ProseMirror state that the binding keeps equal to Yjs: an EditorView, or a variable in a test. */
export interface StateHost {
  readonly state: EditorState
  update(tr: Transaction): void
  /** Reads what the browser has done to the page and not told yet, before the state is written to. */
  read?(): void
}

/** What tracking may do to a draft. Indexes count blocks, offsets UTF-16 units within the block. */
export type Operation =
  | {
      readonly kind: "type"
      readonly index: number
      readonly at: number
      readonly text: string
      readonly marks: readonly Mark[]
      /** The insertion of another that the text belongs into. */
      readonly into?: string | null
    }
  | { readonly kind: "remove"; readonly index: number; readonly from: number; readonly to: number }
  | { readonly kind: "strike"; readonly index: number; readonly from: number; readonly to: number; readonly mark: Mark }
  | { readonly kind: "lift"; readonly index: number; readonly mark: Mark }
  | { readonly kind: "add"; readonly index: number; readonly attrs: BlockAttrs; readonly text: string; readonly marks: readonly Mark[] }
  /** Of one's own new clause only; of any other a level is proposed. */
  | { readonly kind: "level"; readonly index: number; readonly level: number }
  | { readonly kind: "propose"; readonly proposal: StructuralProposal }
  | { readonly kind: "takeBack"; readonly proposal: string }

/** Set on transactions that bring in what Yjs already holds; tracking lets them through. */
export const fromYjs = "fromYjs$"

/** Set beside it on what others did, and an undo: not on what is typed here. */
export const pulled = "pulled$"

/** Position before block `index`. */
export function startOf(doc: Node, index: number): number {
  let pos = 0
  for (let i = 0; i < index; i++) pos += doc.child(i).nodeSize
  return pos
}

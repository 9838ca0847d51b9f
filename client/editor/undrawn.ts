import type { Node } from "prosemirror-model"
import { type EditorState, Plugin, type Selection, TextSelection, type Transaction } from "prosemirror-state"
import { type Block, isBlank, isPresent } from "../../shared/schema/block.ts"
import { blockOfNode } from "../../shared/schema/schema.ts"
import { pulled } from "./operations.ts"

/** Whether a block is seen in the text: not the place of one that was joined or moved, and not one that holds nothing. */
export const isDrawn = (block: Block): boolean => isPresent(block) && !isBlank(block)

/** The caret at the end of the block before block `index`; where none is drawn, at the start of the one behind it. */
export function caretBefore(doc: Node, index: number): Selection {
  let pos = 0
  let before: number | null = null
  let behind: number | null = null
  doc.forEach((node, _offset, i) => {
    if (isDrawn(blockOfNode(node)) && i !== index) {
      if (i < index) before = pos + 1 + node.content.size
      else behind ??= pos + 1
    }
    pos += node.nodeSize
  })
  return TextSelection.near(doc.resolve(before ?? behind ?? 0), before === null ? 1 : -1)
}

function caretBehind(doc: Node, index: number): Selection {
  let pos = 0
  for (let i = 0; i < doc.childCount; i++) {
    if (i > index && isDrawn(blockOfNode(doc.child(i)))) return TextSelection.create(doc, pos + 1)
    pos += doc.child(i).nodeSize
  }
  return caretBefore(doc, index)
}

/** Set on a transaction that puts the caret into a block that holds nothing, for somebody begins to write there. */
export const begins = "begins$"

/**
 * Whether the caret may stay in a block that holds nothing: it has just been put there by who begins to write, or it was there before and its writer took
 * the last letter away. Where others, an undo or a decision emptied it, or the caret merely came by, it may not.
 */
function isBegun(transactions: readonly Transaction[], before: EditorState, id: string): boolean {
  const was = before.doc.children.find((node) => node.attrs.id === id)
  if (!was || transactions.some((tr) => tr.getMeta(begins) === true)) return true
  const { $head } = before.selection
  const wasInIt = $head.depth > 0 && $head.parent.attrs.id === id
  return wasInIt && !(was.content.size > 0 && transactions.some((tr) => tr.getMeta(pulled) === true))
}

/** Keeps the caret out of blocks that are not drawn, or they would be drawn again, and words typed where nobody sees them. */
export function undrawnPlugin(): Plugin {
  return new Plugin({
    appendTransaction: (transactions, before, after) => {
      const { $head, empty } = after.selection
      if (!empty || $head.depth === 0) return null
      const block = blockOfNode($head.parent)
      if (isDrawn(block) || (isPresent(block) && isBegun(transactions, before, block.id))) return null
      const index = $head.index(0)
      const isOnward = !transactions.some((tr) => tr.docChanged) && after.selection.head > before.selection.head
      return after.tr.setSelection(isOnward ? caretBehind(after.doc, index) : caretBefore(after.doc, index))
    },
  })
}

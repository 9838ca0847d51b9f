import type { EditorState, Transaction } from "prosemirror-state"
import { TextSelection } from "prosemirror-state"
import * as Y from "yjs"
import { blocksRoot } from "../../shared/sync/read.ts"
import { startOf } from "./binding.ts"
import type { DraftSession } from "./draft-session.ts"
import { begins, caretBefore } from "./undrawn.ts"

type StackItem = Y.UndoManager["undoStack"][number]

/** Whether undoing an item does anything that is seen. One that only added a block does not: a client removes none, it is merely not drawn (TRK3). */
function isFelt({ doc, deleteFilter }: Y.UndoManager, item: StackItem): boolean {
  let felt = item.deletions.clients.size > 0
  doc.transact((tr) =>
    Y.iterateDeletedStructs(tr, item.insertions, (struct) => {
      felt ||= struct instanceof Y.Item && !struct.deleted && deleteFilter(struct)
    }),
  )
  return felt
}

/** The place in the draft of the block that an item added, or -1. */
function blockOf(session: DraftSession, item: StackItem): number {
  const elements = session.doc.getXmlFragment(blocksRoot).toArray()
  return elements.findIndex((element) => element._item && Y.isDeleted(item.insertions, element._item.id))
}

/** Moves a block that was added and holds nothing from one stack to the other; its place. Yjs would pass it over and take the next. */
function passOver(session: DraftSession, from: StackItem[], to: StackItem[]): number | null {
  const item = from.at(-1)
  if (!item || isFelt(session.undoManager, item)) return null
  from.pop()
  to.push(item)
  return blockOf(session, item)
}

/** Takes back what one wrote last; a new clause that holds nothing yet goes, and the caret with it to the one above. */
export function undo(session: DraftSession, state: EditorState, dispatch: (tr: Transaction) => void): void {
  const { undoStack, redoStack } = session.undoManager
  for (let at = passOver(session, undoStack, redoStack); at !== null; at = passOver(session, undoStack, redoStack)) {
    if (at !== state.selection.$head.index(0)) continue
    dispatch(state.tr.setSelection(caretBefore(state.doc, at)).scrollIntoView())
    return
  }
  session.undoManager.undo()
}

/** Does again what was taken back. */
export function redo(session: DraftSession, state: EditorState, dispatch: (tr: Transaction) => void): void {
  const { undoStack, redoStack } = session.undoManager
  const at = passOver(session, redoStack, undoStack)
  if (at === null) return void session.undoManager.redo()
  if (at < 0) return
  const caret = TextSelection.create(state.doc, startOf(state.doc, at) + 1)
  dispatch(state.tr.setSelection(caret).setMeta(begins, true).scrollIntoView())
}

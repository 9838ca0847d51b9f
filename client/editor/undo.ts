import type { Node } from "prosemirror-model"
import { type EditorState, type Selection, TextSelection, type Transaction } from "prosemirror-state"
import * as Y from "yjs"
import { blockOfNode } from "../../shared/schema/schema.ts"
import { blocksRoot, structureRoot } from "../../shared/sync/read.ts"
import type { DraftSession } from "./draft-session.ts"
import { placeOf, type StackItem, selectionAt } from "./gestures.ts"
import { startOf } from "./operations.ts"
import { begins, caretBefore, isDrawn } from "./undrawn.ts"

/** Whether undoing an item does anything that is seen. One that only added a block does not: a client removes none, it is merely not drawn (TRK3). */
function isFelt({ doc, deleteFilter }: Y.UndoManager, item: StackItem): boolean {
  let felt = item.deletions.clients.size > 0
  doc.transact((tr) =>
    Y.iterateDeletedStructs(tr, item.insertions, (struct) => {
      const item = struct instanceof Y.Item ? asBroughtBack(doc, struct) : null
      felt ||= item !== null && !item.deleted && deleteFilter(item)
    }),
  )
  return felt
}

/** What stands for an item now: that which the undo of its deletion wrote anew for it. */
function asBroughtBack({ store }: Y.Doc, item: Y.Item): Y.Item {
  let now = item
  for (let { redone } = now; redone !== null; { redone } = now) {
    const next: unknown = Y.getItem(store, redone)
    if (!(next instanceof Y.Item)) return now
    now = next
  }
  return now
}

/** The place in the draft of the block that an item added, or -1. */
function blockOf(session: DraftSession, item: StackItem): number {
  const elements = session.doc.getXmlFragment(blocksRoot).toArray()
  return elements.findIndex((element) => element._item && Y.isDeleted(item.insertions, element._item.id))
}

/** Moves a block that was added and holds nothing from one stack to the other; the step, and its place. Yjs would pass it over and take the next. */
function passOver(session: DraftSession, from: StackItem[], to: StackItem[]): { item: StackItem; at: number } | null {
  const item = from.at(-1)
  if (!item || isFelt(session.undoManager, item)) return null
  from.pop()
  to.push(item)
  return { item, at: blockOf(session, item) }
}

/** What of the page undoing must know. */
export interface UndoPage {
  /** Whether a place of the document is in view. */
  isSeen(pos: number): boolean
  say(sentence: string): void
}

/** Where the caret was put when a step was shown. */
const shown = new WeakMap<StackItem, Selection>()

const hereSentence = {
  undo: "Here is what you wrote before. Press again to take it back.",
  redo: "Here is what you took back. Press again to bring it back.",
} as const

const notBackSaid = "Nothing was brought back: what it was about is in the text no more."

/** What would change out of view is shown first, with a sentence; the next press does it (UNDO3). */
function showsFirst(
  session: DraftSession,
  item: StackItem,
  dispatch: (tr: Transaction) => void,
  page: UndoPage,
  sentence: string,
): boolean {
  const place = placeOf(item)
  const { state } = session.desk
  const selection = place && selectionAt(session.binding, state, place)
  // Where nothing is drawn nobody can be taken: a clause that was new, and is empty again.
  if (!selection || !isDrawn(blockOfNode(selection.$head.parent))) return false
  const isShown = shown.get(item)?.eq(state.selection) === true
  if (isShown || page.isSeen(selection.head)) return false
  dispatch(state.tr.setSelection(selection).scrollIntoView())
  shown.set(item, session.desk.state.selection)
  page.say(sentence)
  return true
}

/** Where the caret was when the gesture began (UNDO1), or null where nothing is drawn there now. */
function beganAt(session: DraftSession, item: StackItem | null): Selection | null {
  const place = item && placeOf(item)
  const selection = place && selectionAt(session.binding, session.desk.state, place)
  return selection && isDrawn(blockOfNode(selection.$head.parent)) ? selection : null
}

function putCaretBack(session: DraftSession, item: StackItem | null, dispatch: (tr: Transaction) => void): void {
  const selection = beganAt(session, item)
  if (selection) dispatch(session.desk.state.tr.setSelection(selection).scrollIntoView())
}

/** What the page shows of the draft: its text, and what is proposed about its clauses as wholes. */
function drawnOf({ desk, doc }: DraftSession): { readonly text: Node; readonly structure: string } {
  return { text: desk.state.doc, structure: JSON.stringify([...doc.getMap(structureRoot).entries()]) }
}

/** Takes a step by `act`; null where nothing was seen of it, for what was written in it was taken away again in it. */
function stepOf(session: DraftSession, act: () => StackItem | null): { readonly item: StackItem | null } | null {
  const before = drawnOf(session)
  session.binding.onGesture()
  const item = act()
  const after = drawnOf(session)
  return item && before.structure === after.structure && before.text.eq(after.text) ? null : { item }
}

/** Takes back what one wrote last; a new clause that holds nothing yet goes, and the caret with it to where it was before. */
export function undo(session: DraftSession, state: EditorState, dispatch: (tr: Transaction) => void, page: UndoPage): void {
  const { undoManager } = session
  const { undoStack, redoStack } = undoManager
  for (let passed = passOver(session, undoStack, redoStack); passed; passed = passOver(session, undoStack, redoStack)) {
    const { item, at } = passed
    if (at !== state.selection.$head.index(0)) continue
    dispatch(state.tr.setSelection(beganAt(session, item) ?? caretBefore(state.doc, at)).scrollIntoView())
    return
  }
  const next = undoStack.at(-1)
  if (!next || showsFirst(session, next, dispatch, page, hereSentence.undo)) return
  const step = stepOf(session, () => undoManager.undo())
  if (step) putCaretBack(session, step.item, dispatch)
  else undo(session, session.desk.state, dispatch, page)
}

/** Does again what was taken back. */
export function redo(session: DraftSession, state: EditorState, dispatch: (tr: Transaction) => void, page: UndoPage): void {
  const { undoManager } = session
  const { undoStack, redoStack } = undoManager
  const passed = passOver(session, redoStack, undoStack)
  if (!passed) {
    const next = redoStack.at(-1)
    if (!next || showsFirst(session, next, dispatch, page, hereSentence.redo)) return
    const step = stepOf(session, () => undoManager.redo())
    if (step?.item) return putCaretBack(session, step.item, dispatch)
    // Of this one nothing is seen; of an earlier one something may be (UNDO4).
    if (!step && undoManager.redoStack.length > 0) return redo(session, session.desk.state, dispatch, page)
    return page.say(notBackSaid)
  }
  const { at } = passed
  if (at < 0) return
  const caret = TextSelection.create(state.doc, startOf(state.doc, at) + 1)
  dispatch(state.tr.setSelection(caret).setMeta(begins, true).scrollIntoView())
}

import type { Node } from "prosemirror-model"
import type { Transaction } from "prosemirror-state"
import type { EditorView } from "prosemirror-view"

const starts = new WeakMap<Node, ReadonlyMap<string, number>>()

/** Where each block of a document begins, by its id; computed once per document. */
export function startsOf(doc: Node): ReadonlyMap<string, number> {
  let known = starts.get(doc)
  if (!known) {
    const found = new Map<string, number>()
    doc.forEach((node, pos) => {
      found.set(node.attrs.id as string, pos)
    })
    known = found
    starts.set(doc, known)
  }
  return known
}

/**
 * Whether blocks that stay were written anew as wholes, as when another session comes into the editor: what was drawn of them went with the old nodes.
 */
export function isRewritten(tr: Transaction, before: Node): boolean {
  if (!tr.docChanged) return false
  let pos = 0
  for (let i = 0; i < before.childCount; i++) {
    const node = before.child(i)
    if (tr.doc.maybeChild(i) !== node && tr.mapping.mapResult(pos, 1).deletedAfter) return true
    pos += node.nodeSize
  }
  return false
}

/** A line of text has at least this height. */
const lineHeightPx = 18

/**
 * The top of a place on the page, in pixels of the window; null where its block is not drawn. Words that this view hides stand where they would be in
 * their block, never beside another.
 */
export function topOfPlace(view: EditorView, block: string, at: number): number | null {
  const start = startsOf(view.state.doc).get(block)
  const element = start === undefined ? null : view.nodeDOM(start)
  if (start === undefined || !(element instanceof HTMLElement) || element.getClientRects().length === 0) return null
  const { top, bottom } = element.getBoundingClientRect()
  const length = view.state.doc.nodeAt(start)?.content.size ?? 0
  return Math.max(top, Math.min(topOfLine(view, start + 1 + Math.min(at, length)) ?? top, bottom - lineHeightPx))
}

function topOfLine(view: EditorView, pos: number): number | null {
  try {
    return view.coordsAtPos(pos).top
  } catch {
    // The page and the document are a frame apart: the place will be there in the next.
    return null
  }
}

/** The line of a place, beside the letter before it or behind it. The letter of a split has no height: the sign that is drawn for it stands on the line. */
function lineBeside(view: EditorView, pos: number, side: -1 | 1): { readonly top: number; readonly bottom: number } {
  const line = view.coordsAtPos(pos, side)
  const { node, offset } = view.domAtPos(pos, side)
  const beside = node instanceof Element ? node.childNodes[side < 0 ? offset - 1 : offset] : node.parentElement
  const isSign = beside instanceof Element && (beside.closest(".pilcrow") ?? beside.querySelector(".pilcrow")) !== null
  return line.top === line.bottom && isSign ? { top: line.bottom - lineHeightPx, bottom: line.bottom } : line
}

/** What of the window is the text's: what all that scrolls around it lets be seen. */
function windowOf(view: EditorView): { readonly above: number; readonly below: number } {
  let above = 0
  let below = innerHeight
  for (let element = view.dom.parentElement; element; element = element.parentElement) {
    if (!/auto|scroll|hidden/.test(getComputedStyle(element).overflowY) || element === document.scrollingElement) continue
    const box = element.getBoundingClientRect()
    above = Math.max(above, box.top)
    below = Math.min(below, box.bottom)
  }
  return { above, below }
}

/** Whether a place of the document is in view: drawn, and inside the window and all that scrolls around the text. */
export function isSeen(view: EditorView, pos: number): boolean {
  const before = lineBeside(view, pos, -1)
  const { top, bottom } = before.top < before.bottom ? before : lineBeside(view, pos, 1)
  if (top === bottom) return false
  const { above, below } = windowOf(view)
  return top >= above && bottom <= below
}

/** The first block of which something is in view and that begins there, by its id; null: none. */
export function firstSeen(view: EditorView): string | null {
  const { above } = windowOf(view)
  for (const element of view.dom.querySelectorAll<HTMLElement>(":scope > [data-block]")) {
    const { top, bottom } = element.getBoundingClientRect()
    if (bottom > top && top >= above) return element.dataset.block!
  }
  return null
}

/** Scrolls a place into the middle of the window, without taking the focus or moving the caret. */
export function bringIntoView(view: EditorView, block: string, at: number, where: ScrollLogicalPosition): void {
  const start = startsOf(view.state.doc).get(block)
  if (start === undefined) return
  const length = view.state.doc.nodeAt(start)?.content.size ?? 0
  const { node } = view.domAtPos(start + 1 + Math.min(at, length))
  const element = node instanceof Element ? node : node.parentElement
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches
  element?.scrollIntoView({ block: where, behavior: isCalm || where === "nearest" ? "auto" : "smooth" })
}

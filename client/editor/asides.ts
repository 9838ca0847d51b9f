import type { EditorView } from "prosemirror-view"

/** What the editor draws for what is no letter of the text. */
const widgetAt = (view: EditorView, target: EventTarget | null): Element | null => {
  const widget = target instanceof Element ? target.closest(".ProseMirror-widget") : null
  return widget && view.dom.contains(widget) ? widget : null
}

/**
 * Whether something was drawn beside the words, and has no place among them that a caret could have: a clause at the place where it is to stand, a label of
 * what is proposed, the sign of a comment. What is drawn between two letters has that place.
 */
export function isAside(view: EditorView, target: EventTarget | null): boolean {
  const widget = widgetAt(view, target)
  return widget !== null && (widget.parentElement === view.dom || widget.matches(".block-tag[data-change], .remark-sign"))
}

/** The place in the text of what is drawn between two letters, where that was clicked; null: something else was. */
export function placeBetween(view: EditorView, target: EventTarget | null): number | null {
  const widget = widgetAt(view, target)
  return widget === null || isAside(view, target) ? null : view.posAtDOM(widget, 0)
}

/**
 * A press on what holds no caret takes it out of the text: else it would stay where it was, perhaps out of view, or come to the beginning, and what is typed
 * next would go there. Never handles the press itself.
 */
export function keepsCaretAway(view: EditorView, event: MouseEvent): false {
  if (event.button !== 0 || !isAside(view, event.target)) return false
  event.preventDefault()
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
  return false
}

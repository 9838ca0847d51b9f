import { Plugin } from "prosemirror-state"
import type { EditorView } from "prosemirror-view"

/** The part of a view that reads what the browser did: of no public type, and there is no other road to it. */
interface Reader {
  readonly domObserver: { forceFlush(): void; flush(): void }
}

const reading = new WeakSet<EditorView>()

/**
 * Reads the caret that a hand has just put somewhere. The browser sets it at once and tells of it later: whatever draws or writes in between would go by
 * the caret that the editor knows, and put that back on the page. While an input method is at work the caret is its own.
 */
export function readCaret(view: EditorView): void {
  if (view.isDestroyed || view.composing || reading.has(view)) return
  reading.add(view)
  const { domObserver } = view as unknown as Reader
  try {
    domObserver.forceFlush()
    domObserver.flush()
  } finally {
    reading.delete(view)
  }
}

/** Reads the caret before a key or an input is taken. */
export const caretReadPlugin = (): Plugin => {
  const read = (view: EditorView): boolean => {
    readCaret(view)
    return false
  }
  return new Plugin({ props: { handleDOMEvents: { keydown: read, beforeinput: read } } })
}

// What a browser says of an input method, and what it is told of where to write.
import { Plugin } from "prosemirror-state"
import type { EditorView } from "prosemirror-view"
import type { Composition } from "./composition.ts"

/** Tells what the browser says of input methods. */
export const compositionPlugin = (composition: Composition): Plugin =>
  new Plugin({
    view: (view) => {
      // Heard after ProseMirror has: it sets the selection anew there.
      const began = (): void => beginSelectionInside(view)
      view.dom.addEventListener("compositionstart", began)
      return { destroy: () => view.dom.removeEventListener("compositionstart", began) }
    },
    props: {
      handleDOMEvents: {
        compositionstart: () => {
          composition.start()
          return false
        },
        compositionupdate: () => {
          composition.updated()
          return false
        },
        compositionend: () => {
          composition.end()
          return false
        },
        // A key of which an input method knows nothing: what it wrote before becomes a proposal first.
        keydown: (_view, event) => {
          if (!composition.isOn && !event.isComposing && event.keyCode !== imeKeyCode) composition.finish()
          return false
        },
      },
    },
  })

/**
 * Has what is selected begin where its own words do, not behind what stands before it: Chromium would take up a struck word there, or another's caret, and
 * end the composition as soon as it writes.
 */
function beginSelectionInside(view: EditorView): void {
  const selection = view.root instanceof Document ? view.root.getSelection() : null
  if (view.state.selection.empty || !selection || selection.rangeCount === 0) return
  const { startContainer, startOffset, endContainer, endOffset } = selection.getRangeAt(0)
  if (!(startContainer instanceof Text) || startOffset < startContainer.length) return
  const texts = view.dom.ownerDocument.createTreeWalker(view.dom, NodeFilter.SHOW_TEXT)
  texts.currentNode = startContainer
  let next = texts.nextNode()
  while (next && !next.parentElement?.isContentEditable) next = texts.nextNode()
  if (!next) return
  if (selection.focusNode === endContainer) selection.setBaseAndExtent(next, 0, endContainer, endOffset)
  else selection.setBaseAndExtent(endContainer, endOffset, next, 0)
}

/** What browsers tell in place of a key that an input method takes. */
const imeKeyCode = 229

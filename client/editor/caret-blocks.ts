import { Plugin } from "prosemirror-state"
import type { EditorView } from "prosemirror-view"

/** The attribute by which the style sheet knows a block that holds an end of the selection. */
const name = "data-caret"

/**
 * The blocks that hold the ends of the selection are laid out wherever the page is scrolled to. One that is out of view is not, and Chromium types into the
 * beginning of what it has not laid out: of a word that is typed at once the first letter came where the caret was, and the others there.
 */
export function caretBlocksPlugin(): Plugin {
  return new Plugin({
    view: () => {
      let marked: readonly Element[] = []
      return {
        update: (view) => {
          const ends = endsIn(view)
          for (const block of marked) if (!ends.includes(block)) block.removeAttribute(name)
          for (const block of ends) {
            if (block.hasAttribute(name)) continue
            block.setAttribute(name, "")
            // Now, not with the next frame: the next letter may come before that.
            block.getBoundingClientRect()
          }
          marked = ends
        },
      }
    },
  })
}

function endsIn(view: EditorView): Element[] {
  const { selection } = view.state
  const blocks = [selection.$from, selection.$to].map((end) => (end.depth === 0 ? null : view.nodeDOM(end.before(1))))
  return [...new Set(blocks)].filter((block) => block instanceof Element)
}

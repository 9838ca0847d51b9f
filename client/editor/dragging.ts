import { Plugin, TextSelection } from "prosemirror-state"
import type { EditorView } from "prosemirror-view"
import { isAside } from "./asides.ts"

const notMovedSaid = "Nothing was moved: words are not moved by dragging. Cut them, and paste them where they are to stand."
const noPlaceSaid = "Nothing was put in: that is no place in the text. Drop it between the words."

/** Whether a press that was meant to select began within what was selected, and the words came down where they were. */
const isOnItself = ({ selection }: EditorView["state"], pos: number): boolean => selection.from <= pos && pos <= selection.to

/**
 * What is dropped on the text. Its own words stay where they are: a hand that presses on what is selected and slips would propose them anew, and what others
 * have put between them would be said by who dragged. What comes from elsewhere is pasted where it is dropped.
 */
export function draggingPlugin(say: (sentence: string) => void): Plugin {
  return new Plugin({
    props: {
      handleDrop: (view, event) => {
        const at = view.posAtCoords({ left: event.clientX, top: event.clientY })
        if (!at) return true
        if (view.dragging) {
          if (!isOnItself(view.state, at.pos)) say(notMovedSaid)
          return true
        }
        const { dataTransfer } = event
        if (!dataTransfer || isAside(view, event.target)) {
          say(noPlaceSaid)
          return true
        }
        const [html, text] = [dataTransfer.getData("text/html"), dataTransfer.getData("text/plain")]
        view.dispatch(view.state.tr.setSelection(TextSelection.near(view.state.doc.resolve(at.pos))))
        view.focus()
        const paste = new ClipboardEvent("paste", { clipboardData: dataTransfer })
        if (html) view.pasteHTML(html, paste)
        else if (text) view.pasteText(text, paste)
        return true
      },
      handleDOMEvents: {
        // Words that are dragged into a comment are copied there; the browser would take them out here, too.
        beforeinput: (_view, event) => {
          if (event.inputType !== "deleteByDrag") return false
          event.preventDefault()
          return true
        },
      },
    },
  })
}

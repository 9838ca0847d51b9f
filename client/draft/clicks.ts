import { Plugin } from "prosemirror-state"
import type { EditorView } from "prosemirror-view"
import { isAside, keepsCaretAway, placeBetween } from "../editor/asides.ts"
import { selectAt } from "../editor/commands.ts"
import type { Choice } from "./choice.ts"
import type { Remarks } from "./remarks.ts"
import type { Rights } from "./rights.ts"

export interface ClickParts {
  readonly choice: Choice
  readonly rights: Rights
  readonly remarks: Remarks
}

/** What a click on the text opens, and whether it puts the caret there. */
export function clicksPlugin(parts: ClickParts): Plugin {
  const { choice, rights } = parts
  /** What was selected on the page when the text was last pressed. */
  let pressedWith: StaticRange | null = null
  return new Plugin({
    props: {
      handleDOMEvents: {
        mousedown: (view, event) => {
          pressedWith = selectedRange()
          return rights.mayWrite.value && keepsCaretAway(view, event)
        },
        click: (view, event) => {
          clicked(view, event, pressedWith, parts)
          return false
        },
        focus: () => {
          choice.entered()
          return false
        },
      },
    },
  })
}

/** By the browser's own click: ProseMirror tells of none where something was drawn between the press and its end. */
function clicked(view: EditorView, event: MouseEvent, pressedWith: StaticRange | null, { choice, rights, remarks }: ClickParts): void {
  const takesNoCaret = rights.mayWrite.value && isAside(view, event.target)
  // Who selects words opens nothing. What was selected before the press, elsewhere, has nothing to do with it.
  if (!takesNoCaret && getSelection()?.isCollapsed === false && !isSameRange(pressedWith, selectedRange())) return
  const markAt = (element: Element | null): HTMLElement | null => element?.closest<HTMLElement>("[data-thread],[data-change]") ?? null
  // What was pressed may have been drawn anew since: then the click is its block's.
  const pressed = document.elementFromPoint(event.clientX, event.clientY)
  const mark = markAt(event.target as Element) ?? markAt(pressed)
  // Words with no mark of their own belong to what is proposed about their clause as a whole.
  const whole = pressed?.closest<HTMLElement>("[data-whole-change]")?.dataset.wholeChange
  const half = (event.target as Element).closest<HTMLElement>("[data-half]")?.dataset.half
  const kept = half === undefined ? undefined : remarks.about(half)
  if (kept) remarks.resume(kept)
  const id = mark?.dataset.thread ?? mark?.dataset.change ?? whole ?? null
  // What is chosen is drawn anew: what was clicked is asked for its place before.
  const takesHand = id !== null && takesNoCaret
  const between = rights.mayWrite.value ? placeBetween(view, event.target) : null
  if (id !== choice.chosen.value) choice.chosen.value = id
  // A browser has no caret for what is drawn between two letters: it would stay where it was.
  if (between !== null) {
    const { state } = view
    view.dispatch(state.tr.setSelection(selectAt(state.doc, between)))
    view.focus()
  }
  // What took no caret has no hand in the text either: it is at the card.
  if (takesHand) choice.handAsked.value = id
}

/** What is selected on the page, as it is now; null: nothing. */
function selectedRange(): StaticRange | null {
  const selection = getSelection()
  return selection && selection.rangeCount > 0 ? new StaticRange(selection.getRangeAt(0)) : null
}

const isSameRange = (a: StaticRange | null, b: StaticRange | null): boolean =>
  a !== null &&
  b !== null &&
  a.startContainer === b.startContainer &&
  a.startOffset === b.startOffset &&
  a.endContainer === b.endContainer &&
  a.endOffset === b.endOffset

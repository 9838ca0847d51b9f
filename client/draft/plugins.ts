import { baseKeymap } from "prosemirror-commands"
import { keymap } from "prosemirror-keymap"
import { Plugin } from "prosemirror-state"
import { caretBlocksPlugin } from "../editor/caret-blocks.ts"
import { caretReadPlugin } from "../editor/caret-read.ts"
import { caretsPlugin } from "../editor/carets.ts"
import { type ClipboardContext, clipboardProps } from "../editor/clipboard.ts"
import type { Composition } from "../editor/composition.ts"
import { compositionPlugin } from "../editor/composition-plugin.ts"
import { draggingPlugin } from "../editor/dragging.ts"
import { labelsPlugin } from "../editor/labels.ts"
import { marksPlugin } from "../editor/marks.ts"
import { isSeen } from "../editor/places.ts"
import { remarkPlugin, signsPlugin } from "../editor/remark-words.ts"
import { steady, steadyPlugin } from "../editor/steady.ts"
import { structurePlugin } from "../editor/structure.ts"
import { typingKeys } from "../editor/typing-keys.ts"
import { undrawnPlugin } from "../editor/undrawn.ts"
import { type ClickParts, clicksPlugin } from "./clicks.ts"
import type { Drafting } from "./drafting.ts"
import { type DrawnParts, drawingOf, structureDrawingOf } from "./drawings.ts"
import type { Line } from "./line.ts"

export interface EditorParts extends DrawnParts, ClickParts {
  readonly line: Line
  readonly composition: Composition
  readonly drafting: Drafting
}

/** All that is put into the editor, in the order in which it takes keys and events. */
export function pluginsOf(parts: EditorParts): Plugin[] {
  const { page, room, line, composition, drafting } = parts
  const say = (sentence: string): void => page.say(sentence)
  return [
    caretReadPlugin(),
    steadyPlugin(),
    compositionPlugin(composition),
    typingKeys(() => line.life.session, composition, { isSeen: (pos) => isSeen(page.editor, pos), say }),
    keymap(baseKeymap),
    steady(marksPlugin(drawingOf(parts))),
    steady(structurePlugin(structureDrawingOf(parts))),
    steady(labelsPlugin(room.meta.peek())),
    steady(caretsPlugin()),
    undrawnPlugin(),
    caretBlocksPlugin(),
    drafting.plugin(),
    clicksPlugin(parts),
    draggingPlugin(say),
    new Plugin({ props: clipboardProps(clipboardContext(parts)) }),
    steady(remarkPlugin()),
    steady(signsPlugin()),
  ]
}

const clipboardContext = ({ page, room, text }: EditorParts): ClipboardContext => ({
  view: () => page.view.value,
  oneSource: () => page.oneSource.value,
  proposals: () => room.structure.value,
  echoes: () => text.echoes(),
  labels: () => text.labels.value,
  say: (sentence) => page.say(sentence),
})

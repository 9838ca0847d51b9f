import { keydownHandler } from "prosemirror-keymap"
import { type Command, Plugin } from "prosemirror-state"
import { deleteBy, newClause } from "./commands.ts"
import type { DraftSession } from "./draft-session.ts"
import { redo, undo } from "./undo.ts"

/**
 * The keys with which one writes. All others are the room's (`panels/keys.ts`). `session`: the one that is written in at the moment of the key. A key that
 * is held goes on with what it began, and begins nothing: it makes no clause, and joins none.
 */
export function typingKeys(session: () => DraftSession): Plugin {
  let isHeld = false
  const handle = keydownHandler(commandsOf(session, () => isHeld))
  return new Plugin({
    props: {
      handleKeyDown: (view, event) => {
        isHeld = event.repeat
        return handle(view, event)
      },
    },
  })
}

function commandsOf(session: () => DraftSession, isHeld: () => boolean): Record<string, Command> {
  const by =
    (step: 1 | -1, unit: "grapheme" | "word"): Command =>
    (state, dispatch) =>
      deleteBy(session().source, step, unit, (index) => isHeld() || session().restructuring.join(index))(state, dispatch)
  const back: Command = (state, dispatch) => {
    if (dispatch) undo(session(), state, dispatch)
    return true
  }
  const again: Command = (state, dispatch) => {
    if (dispatch) redo(session(), state, dispatch)
    return true
  }
  return {
    Backspace: by(-1, "grapheme"),
    "Shift-Backspace": by(-1, "grapheme"),
    "Mod-Backspace": by(-1, "word"),
    Delete: by(1, "grapheme"),
    "Mod-Delete": by(1, "word"),
    Enter: (state, dispatch) => {
      if (isHeld()) return true
      // A new clause is taken back for itself, and not with what was typed just before.
      if (dispatch) session().undoManager.stopCapturing()
      return newClause(session().tracking)(state, dispatch)
    },
    "Shift-Enter": () => true,
    "Mod-z": back,
    "Mod-y": again,
    "Mod-Shift-z": again,
  }
}

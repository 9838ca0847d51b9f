import type { Command } from "prosemirror-state"
import { deleteBy, newClause } from "./commands.ts"
import type { DraftSession } from "./draft-session.ts"
import { redo, undo } from "./undo.ts"

/** The keys with which one writes. All others are the room's (`panels/keys.ts`). `session`: the one that is written in at the moment of the key. */
export function typingKeys(session: () => DraftSession): Record<string, Command> {
  const by =
    (step: 1 | -1, unit: "grapheme" | "word"): Command =>
    (state, dispatch) =>
      deleteBy(session().source, step, unit, (index) => session().restructuring.join(index))(state, dispatch)
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

import type { Command } from "prosemirror-state"
import { deleteBy, newClause } from "./commands.ts"
import type { DraftSession } from "./draft-session.ts"

/** The keys with which one writes. All others are the room's (`panels/keys.ts`). `session`: the one that is written in at the moment of the key. */
export function typingKeys(session: () => DraftSession): Record<string, Command> {
  const by =
    (step: 1 | -1, unit: "grapheme" | "word"): Command =>
    (state, dispatch) =>
      deleteBy(session().source, step, unit, (index) => session().restructuring.join(index))(state, dispatch)
  const undo = (): boolean => {
    session().undoManager.undo()
    return true
  }
  const redo = (): boolean => {
    session().undoManager.redo()
    return true
  }
  return {
    Backspace: by(-1, "grapheme"),
    "Shift-Backspace": by(-1, "grapheme"),
    "Mod-Backspace": by(-1, "word"),
    Delete: by(1, "grapheme"),
    "Mod-Delete": by(1, "word"),
    Enter: (state, dispatch) => newClause(session().tracking)(state, dispatch),
    "Shift-Enter": () => true,
    "Mod-z": undo,
    "Mod-y": redo,
    "Mod-Shift-z": redo,
  }
}

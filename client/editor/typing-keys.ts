import { keydownHandler } from "prosemirror-keymap"
import { type Command, Plugin } from "prosemirror-state"
import { deleteBy, newClause } from "./commands.ts"
import type { Composition } from "./composition.ts"
import type { DraftSession } from "./draft-session.ts"
import { redo, type UndoPage, undo } from "./undo.ts"

/**
 * The keys with which one writes. All others are the room's (`panels/keys.ts`). `session`: the one that is written in at the moment of the key. A key that
 * is held goes on with what it began, and begins nothing: it makes no clause, and joins none. What was composed is proposed before a key does anything
 * else; what an input method takes away with its own Backspace is its own.
 */
export function typingKeys(session: () => DraftSession, composition: Composition, page: UndoPage): Plugin {
  let isHeld = false
  const handle = keydownHandler(commandsOf(session, composition, page, () => isHeld))
  return new Plugin({
    props: {
      handleKeyDown: (view, event) => {
        isHeld = event.repeat
        return handle(view, event)
      },
    },
  })
}

function commandsOf(session: () => DraftSession, composition: Composition, page: UndoPage, isHeld: () => boolean): Record<string, Command> {
  const settled =
    (command: Command, isLeftToInput = true): Command =>
    (state, dispatch, view) => {
      if (composition.isOn && isLeftToInput) return false
      if (dispatch) composition.finish()
      return command(view?.state ?? state, dispatch, view)
    }
  const by = (step: 1 | -1, unit: "grapheme" | "word"): Command =>
    settled((state, dispatch) =>
      deleteBy(session().source, step, unit, (index) => isHeld() || session().restructuring.join(index))(state, dispatch),
    )
  const back: Command = (state, dispatch) => {
    if (dispatch) undo(session(), state, dispatch, page)
    return true
  }
  const again: Command = (state, dispatch) => {
    if (dispatch) redo(session(), state, dispatch, page)
    return true
  }
  return {
    Backspace: by(-1, "grapheme"),
    "Shift-Backspace": by(-1, "grapheme"),
    "Mod-Backspace": by(-1, "word"),
    Delete: by(1, "grapheme"),
    "Mod-Delete": by(1, "word"),
    Enter: settled((state, dispatch) => {
      if (isHeld()) return true
      // A new clause is a step of its own: it is not taken back with what was typed just before, or is typed just behind.
      if (dispatch) session().undoManager.stopCapturing()
      const isDone = newClause(session().tracking)(state, dispatch)
      if (dispatch) session().undoManager.stopCapturing()
      return isDone
    }, false),
    "Shift-Enter": () => true,
    "Mod-z": settled(back),
    "Mod-y": settled(again),
    "Mod-Shift-z": settled(again),
  }
}

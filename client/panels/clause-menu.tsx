import type { Draft } from "../draft/draft.ts"
import type { ClauseAct } from "../draft/drafting.ts"
import { Icon } from "../ui/icon.tsx"
import { Menu } from "../ui/menu.tsx"

/** What can be proposed about a clause as a whole, with its key. */
const acts: readonly (readonly [ClauseAct, string, string])[] = [
  ["split", "Split here", "Enter"],
  ["join", "Join to the one above", "Backspace at its start"],
  ["delete", "Delete the clause", "Alt+Shift+Backspace"],
  ["up", "Move up", "Alt+Shift+Up"],
  ["down", "Move down", "Alt+Shift+Down"],
  ["indent", "Make it a sub-clause", "Alt+Shift+Right"],
  ["outdent", "One level up", "Alt+Shift+Left"],
]

/** Proposals about the clause that holds the caret. `onTaken`: one was made. */
export function ClauseMenu({ draft, onTaken }: { draft: Draft; onTaken?: (() => void) | undefined }) {
  return (
    <Menu
      isReady={draft.rights.isEditable.value && draft.choice.caretBlock.value !== null}
      title="Propose something about the clause that holds the caret"
      label={
        <>
          <Icon name="pilcrow" /> <span>Clause</span> <Icon name="chevronDown" />
        </>
      }
    >
      {acts.map(([act, name, key]) => (
        <li key={act}>
          <button
            type="button"
            class="quiet"
            onClick={() => {
              onTaken?.()
              draft.drafting.restructure(act)
            }}
          >
            {name} <kbd>{key}</kbd>
          </button>
        </li>
      ))}
    </Menu>
  )
}

import { useRef } from "preact/hooks"
import type { Draft } from "../draft.ts"
import { Icon } from "../ui/icon.tsx"

type Act = Parameters<Draft["restructure"]>[0]

/** What can be proposed about a clause as a whole, with its key. */
const acts: readonly (readonly [Act, string, string])[] = [
  ["split", "Split here", "Enter"],
  ["join", "Join to the one above", "Backspace at its start"],
  ["delete", "Delete the clause", "Alt+Shift+Backspace"],
  ["up", "Move up", "Alt+Shift+Up"],
  ["down", "Move down", "Alt+Shift+Down"],
  ["indent", "Make it a sub-clause", "Alt+Shift+Right"],
  ["outdent", "One level up", "Alt+Shift+Left"],
]

/** Proposals about the clause that holds the caret. */
export function ClauseMenu({ draft }: { draft: Draft }) {
  const root = useRef<HTMLDetailsElement>(null)
  const isReady = draft.isEditable.value && draft.caretBlock.value !== null
  const close = (): void => root.current?.removeAttribute("open")
  return (
    <details
      ref={root}
      class="menu"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return
        close()
        root.current?.querySelector("summary")?.focus()
      }}
      onFocusOut={(event) => {
        if (!root.current?.contains(event.relatedTarget as Node | null)) close()
      }}
    >
      <summary
        class="quiet"
        aria-disabled={!isReady}
        title="Propose something about the clause that holds the caret"
        onMouseDown={(event) => event.preventDefault()}
        onClick={(event) => {
          if (!isReady) event.preventDefault()
        }}
      >
        <Icon name="pilcrow" /> <span>Clause</span> <Icon name="chevronDown" />
      </summary>
      <ul class="menu-list">
        {acts.map(([act, name, key]) => (
          <li key={act}>
            <button
              type="button"
              class="quiet"
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => {
                close()
                draft.restructure(act)
              }}
            >
              {name} <kbd>{key}</kbd>
            </button>
          </li>
        ))}
      </ul>
    </details>
  )
}

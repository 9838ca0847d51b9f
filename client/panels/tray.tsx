import type { Draft } from "../draft.ts"

/** Not sent: your words. What the room did not take is kept here until its writer says what becomes of it. */
export function Tray({ draft }: { draft: Draft }) {
  const entries = draft.tray.value
  if (entries.length === 0) return null
  return (
    <aside class="tray" aria-label="Not sent: your words">
      <h2>Not sent: your words</h2>
      <ul>
        {entries.map((entry) => (
          <li key={entry.key}>
            <blockquote dir="auto">{entry.text}</blockquote>
            <p class="why">
              {entry.source !== "" && entry.source !== draft.hat.value && `You typed them for ${draft.nameOf(entry.source)}. `}
              {entry.why}{" "}
              {entry.block && (
                <span class="address" dir="auto">
                  {draft.addressOf(entry.block)}
                </span>
              )}
            </p>
            <div class="row">
              <button type="button" disabled={!draft.isEditable.value} onClick={() => draft.insertAgain(entry)}>
                Propose again
              </button>
              <button type="button" class="quiet" onClick={() => void navigator.clipboard?.writeText(entry.text)}>
                Copy
              </button>
              <button type="button" class="quiet" onClick={() => draft.discard(entry.key)}>
                Discard
              </button>
            </div>
          </li>
        ))}
      </ul>
    </aside>
  )
}

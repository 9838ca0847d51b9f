import { useState } from "preact/hooks"
import type { Draft } from "../draft/draft.ts"
import type { TrayEntry } from "../life/outbox.ts"
import { wordsBefore } from "./words.tsx"

/** Proposes kept words again: where they stood; where that is gone the person is told where they would go, and says so. */
function ProposeAgain({ draft, entry }: { draft: Draft; entry: TrayEntry }) {
  const [isAsked, setAsked] = useState(false)
  // The caret may move while it is asked.
  void draft.page.drawn.value
  void draft.choice.caretBlock.value
  // What was gone when it was asked may be there again.
  if (!isAsked || draft.tray.hasPlaceFor(entry))
    return (
      <button
        type="button"
        disabled={!draft.rights.isEditable.value}
        onClick={() => (draft.tray.hasPlaceFor(entry) ? draft.tray.insertAgain(entry) : setAsked(true))}
      >
        Propose again
      </button>
    )
  const place = draft.choice.caretPlace()
  const before =
    place &&
    wordsBefore(
      draft.text.blocks.value.find((block) => block.id === place.block),
      place.at,
      draft.line.hat.value ?? "",
    )
  return (
    <div class="asked" role="group" aria-label="Where they would go">
      <p role="status">
        The place where they stood is no longer there.{" "}
        {place ? (
          <>
            They would go to where the caret is:{" "}
            <b class="address" dir="auto">
              {draft.text.addressOf(place.block)}
            </b>
            {before ? <>, after “{before}”</> : ", at its beginning"}. For another place put the caret there.
          </>
        ) : (
          "Put the caret where they are to go."
        )}
      </p>
      <button type="button" disabled={!draft.rights.isEditable.value || place === null} onClick={() => draft.tray.insertAgain(entry)}>
        Propose them there
      </button>
      <button type="button" class="quiet" onClick={() => setAsked(false)}>
        Not now
      </button>
    </div>
  )
}

/** Not sent: your words. What the room did not take is kept here until its writer says what becomes of it. */
export function Tray({ draft }: { draft: Draft }) {
  const entries = draft.tray.entries.value
  if (entries.length === 0) return null
  return (
    <aside class="tray" aria-label="Not sent: your words">
      <h2>Not sent: your words</h2>
      <ul>
        {entries.map((entry) => (
          <li key={entry.key}>
            <h3 class="address" dir="auto">
              {draft.tray.placeOf(entry)}
            </h3>
            <blockquote dir="auto">{entry.text}</blockquote>
            <p class="why">
              {entry.source !== "" && entry.source !== draft.line.hat.value && `You typed them for ${draft.meeting.nameOf(entry.source)}. `}
              {entry.why}
              {draft.tray.isBack(entry) && " It is here again."}
            </p>
            <div class="row">
              <ProposeAgain draft={draft} entry={entry} />
              <button type="button" class="quiet" onClick={() => void navigator.clipboard?.writeText(entry.text)}>
                Copy
              </button>
              <button type="button" class="quiet" onClick={() => draft.tray.discard(entry.key)}>
                Discard
              </button>
            </div>
          </li>
        ))}
      </ul>
    </aside>
  )
}

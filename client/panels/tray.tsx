import { useState } from "preact/hooks"
import { shortened } from "../../shared/schema/letters.ts"
import type { Draft } from "../draft/draft.ts"
import type { TrayEntry } from "../life/outbox.ts"
import { wordsBefore } from "./words.tsx"

/** What kept words were to replace, as it stood before them; "": nothing. */
const struckIn = ({ struck = [] }: TrayEntry): string => shortened(readable(struck.map(({ text }) => text).join("")), mostStruck)

/** Signs that stand for what is no letter, the call of a footnote or a cut, are not read. */
const readable = (words: string): string => words.replace(/[\ufffc\u2029]/g, "")

const mostStruck = 120

const whyFull =
  "Where they stood proposals stand in one another as deep as the room goes: wait for a decision there, or propose them elsewhere."

/** Why kept words cannot simply go back. */
const hindrance = (place: { readonly isWhole: boolean } | null, isFull: boolean, struck: string): string => {
  if (place && struck) return `“${struck}”, which they were to replace, no longer stands there as it did. Nothing would be struck.`
  const why = isFull ? whyFull : "The place where they stood is no longer there."
  return `${why}${struck ? ` “${struck}”, which they were to replace, would not be struck.` : ""}`
}

/**
 * Proposes kept words again: where they stood, in place of what they were to replace; where either is gone the person is told what would be proposed and
 * where, and says so.
 */
function ProposeAgain({ draft, entry }: { draft: Draft; entry: TrayEntry }) {
  const [isAsked, setAsked] = useState(false)
  /** It was tried, and they may not stand where they stood. */
  const [isFull, setFull] = useState(false)
  // The caret may move while it is asked.
  void draft.page.drawn.value
  void draft.choice.caretBlock.value
  void draft.choice.caretAt.value
  const stood = isFull ? null : draft.tray.placeFor(entry)
  const putBack = (): void => {
    if (!draft.tray.insertAgain(entry)) setFull(true)
  }
  // What was gone when it was asked may be there again.
  if (!isAsked || stood?.isWhole)
    return (
      <button
        type="button"
        disabled={!draft.rights.isEditable.value}
        onClick={() => {
          if (draft.tray.placeFor(entry)?.isWhole) putBack()
          setAsked(true)
        }}
      >
        Propose again
      </button>
    )
  const place = stood ?? draft.choice.caretPlace()
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
        {hindrance(stood, isFull, struckIn(entry))}{" "}
        {place ? (
          <>
            They would go to {stood ? "where they stood" : "where the caret is"}:{" "}
            <b class="address" dir="auto">
              {draft.text.addressOf(place.block)}
            </b>
            {before ? <>, after “{before}”</> : ", at its beginning"}.{!stood && " For another place put the caret there."}
          </>
        ) : (
          "Put the caret where they are to go."
        )}
      </p>
      <button
        type="button"
        disabled={!draft.rights.isEditable.value || place === null}
        onClick={() => (stood ? putBack() : draft.tray.insertAtCaret(entry))}
      >
        Propose them there
      </button>
      <button
        type="button"
        class="quiet"
        onClick={() => {
          setAsked(false)
          setFull(false)
        }}
      >
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
            {struckIn(entry) && (
              <p class="replaced">
                In place of <del dir="auto">{struckIn(entry)}</del>:
              </p>
            )}
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

import type { ComponentChildren } from "preact"
import { useLayoutEffect, useRef } from "preact/hooks"
import type { Change } from "../../shared/changes/changes.ts"
import type { Decision } from "../draft/acts.ts"
import type { Grain } from "../draft/deciding.ts"
import type { Draft } from "../draft/draft.ts"
import { Icon } from "../ui/icon.tsx"
import { SourceCode } from "../ui/source-code.tsx"
import { standAtText } from "./sheets.ts"

const grains: readonly Grain[] = ["one", "ticked", "clause", "source", "all"]

function nameOf(draft: Draft, grain: Grain): string {
  const { current } = draft.deciding
  const size = draft.deciding.coveredBy(grain).length
  switch (grain) {
    case "one":
      return "this change"
    case "ticked":
      return `the selected (${size})`
    case "clause":
      return size > 0 ? `all in ${draft.text.addressOf(draft.deciding.clause!)} (${size})` : "all of the clause"
    case "source":
      return current.value ? `all by ${draft.meeting.nameOf(current.value.source)} (${size})` : "all of a delegation"
    case "all":
      return `all open changes (${size})`
    default:
      return grain satisfies never
  }
}

/** Whose change it is, in one line, and below it where it is. */
function Named({
  draft,
  change,
  before,
  behind,
}: {
  draft: Draft
  change: Change
  before?: ComponentChildren
  behind?: ComponentChildren
}) {
  const address = draft.text.addressOf(change.block)
  return (
    <>
      <span class="line">
        {before}
        <SourceCode code={change.source} look={draft.meeting.lookOf(change.source)} />
        <b class="name" title={draft.meeting.nameOf(change.source)}>
          {draft.meeting.nameOf(change.source)}
        </b>
        {behind}
      </span>
      <span class="address" dir="auto" title={address}>
        {address}
      </span>
    </>
  )
}

/** On whose word the secretariat decides: the record names the chair who is here, and says so where none is. */
const OnWord = ({ present }: { present: string }) => (
  <span class="on-word" dir="auto">
    {present === "" ? "no chair is here: the record says so" : `on the word of ${present}`}
  </span>
)

function OnTable({ draft }: { draft: Draft }) {
  const current = draft.deciding.current.value
  const next = draft.deciding.next.value
  if (current)
    return (
      <p class="on-table">
        <Named draft={draft} change={current} />
      </p>
    )
  if (next)
    return (
      <button type="button" class="on-table take-up quiet" onClick={() => draft.deciding.step(1)}>
        <Named draft={draft} change={next} before={<span>Next:</span>} behind={<kbd>↓</kbd>} />
      </button>
    )
  if (draft.text.changes.value.length === 0 && draft.room.meta.value.stage === "drafting")
    return (
      <p class="on-table is-done">
        <span class="address">Nothing is open.</span>
        <button type="button" onClick={() => draft.deciding.askAdopt()}>
          Adopt the text …
        </button>
      </p>
    )
  return (
    <p class="on-table">
      <span class="address">
        {draft.deciding.isUnderWay()
          ? "Deciding …"
          : draft.deciding.open.value.length === 0
            ? "Nothing is open."
            : "Step to a change, or choose what to decide."}
      </span>
    </p>
  )
}

const titleOf = (letter: string): string => `At the console: ${letter}. Alt+C leads there`

/**
 * The chair's console: the change on the table, what a decision covers, and the decision. While it has the focus single letters act (`keys.ts`): A
 * accepts, N does not retain, the arrows move; and only then are they shown on its buttons.
 */
export function Console({ draft }: { draft: Draft }) {
  const { deciding } = draft
  const root = useRef<HTMLElement>(null)
  // It goes once the text is adopted, or with the right to decide, and the hand that was at it is not left nowhere.
  useLayoutEffect(() => {
    const { current } = root
    return () => {
      if (current?.contains(document.activeElement)) requestAnimationFrame(standAtText)
    }
  }, [])
  const grain = deciding.effectiveGrain
  const isReady = deciding.coveredBy(grain).length > 0
  const decide = (verdict: Decision): void => {
    // Of a button that has nothing to do any more the browser would take the focus away, and the letters with it.
    root.current?.focus()
    deciding.decide(verdict)
  }
  return (
    // The console as a whole takes the focus, and with it single letters.
    <section ref={root} class="console" aria-label="Chair's console" tabIndex={0}>
      <OnTable draft={draft} />
      <label class="grain">
        <span>Decide</span>
        <select value={grain} onChange={(event) => (deciding.grain.value = event.currentTarget.value as Grain)}>
          {grains.map((name) => (
            <option key={name} value={name} disabled={deciding.coveredBy(name).length === 0}>
              {nameOf(draft, name)}
            </option>
          ))}
        </select>
      </label>
      <div class="row">
        <button type="button" class="accept" title={titleOf("A")} disabled={!isReady} onClick={() => decide("accept")}>
          <Icon name="check" /> Accept into text <kbd>A</kbd>
        </button>
        <button type="button" class="not-retain" title={titleOf("N")} disabled={!isReady} onClick={() => decide("notRetain")}>
          <Icon name="x" /> Not retained <kbd>N</kbd>
        </button>
      </div>
      {draft.rights.ruling("takeBack").isAllowed && (
        <button type="button" class="quiet take-back" disabled={draft.acts.isBusy.value} onClick={() => deciding.takeBackLast()}>
          Take back the last decision <kbd>U</kbd>
        </button>
      )}
      {draft.meeting.me.value.role === "chair" && (
        <label class="operates">
          <input
            type="checkbox"
            checked={draft.room.meta.value.secretaryOperates}
            onChange={(event) => void draft.acts.letSecretaryOperate(event.currentTarget.checked)}
          />
          The secretary operates
        </label>
      )}
      {draft.meeting.me.value.role === "secretary" && <OnWord present={draft.meeting.me.value.sitting.present} />}
    </section>
  )
}

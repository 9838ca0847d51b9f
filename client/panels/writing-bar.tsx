import type { Signal } from "@preact/signals"
import type { Acts } from "../draft/acts.ts"
import type { Deciding } from "../draft/deciding.ts"
import type { Draft } from "../draft/draft.ts"
import type { View } from "../editor/marks.ts"
import { Icon } from "../ui/icon.tsx"
import { useSmall } from "../ui/small.ts"
import { SourceCode } from "../ui/source-code.tsx"
import { ClauseMenu } from "./clause-menu.tsx"
import { beginComment } from "./margin.tsx"
import type { PanelTab } from "./sheets.ts"
import { showView, sourcesOf, viewNames } from "./views.ts"

/** For whom one writes. */
export function HatChip({ draft }: { draft: Draft }) {
  const me = draft.meeting.me.value
  const hat = draft.line.hat.value
  const ruling = draft.rights.ruling("propose")
  if (hat === null) return <span class="hat is-reading">You read this draft</span>
  if (!ruling.isAllowed)
    return (
      <span class="hat is-reading">
        {draft.room.meta.value.stage === "adopted" ? "Adopted: the text is sealed" : "You read this draft"}
      </span>
    )
  if (me.hats.length === 1)
    return (
      <span class="hat">
        Writing for <SourceCode code={hat} look={draft.meeting.lookOf(hat)} />{" "}
        <b class="name" title={draft.meeting.nameOf(hat)}>
          {draft.meeting.nameOf(hat)}
        </b>
      </span>
    )
  return (
    <label class="hat has-choice">
      Writing for <SourceCode code={hat} look={draft.meeting.lookOf(hat)} />
      <select
        value={hat}
        aria-label="Writing for"
        aria-describedby="who-sees"
        onChange={(event) => {
          const chosen = event.currentTarget.value
          // The page names the delegation that one writes for, and another only once it is so.
          event.currentTarget.value = hat
          draft.drafting.wear(chosen)
        }}
      >
        {me.hats.map((code) => (
          <option key={code} value={code}>
            {draft.meeting.nameOf(code)} ({code})
          </option>
        ))}
      </select>
    </label>
  )
}

/** Who sees what is typed at this moment; while the line is cut, why the list of delegations does not change either. */
export function WhoSees({ draft }: { draft: Draft }) {
  // Where nobody writes any more there are no letters that anybody could see.
  if (draft.room.meta.value.stage === "adopted" || draft.meeting.ended.value !== "") return null
  const { at } = draft.line.life.state.value
  if (at === "cut") {
    const isFixed = draft.line.hat.value !== null && draft.meeting.me.value.hats.length > 1
    const until = isFixed ? `; until then you write for ${draft.meeting.nameOf(draft.line.hat.value!)}` : ""
    const sentence = `Nobody sees your letters until the connection is back${until}`
    return (
      <span class="live is-away" id="who-sees" title={sentence}>
        {sentence}
      </span>
    )
  }
  if (at !== "live" || draft.room.damage.value) return null
  if (draft.line.status.value.kind === "unanswered")
    return (
      <span
        class="live is-away"
        id="who-sees"
        title="The server has not answered for some seconds. Your words are kept, and are sent once it does."
      >
        Nobody sees your last letters yet
      </span>
    )
  return (
    <span class="live" id="who-sees" title="This draft is in live drafting">
      <Icon name="eye" /> Everyone sees each letter
    </span>
  )
}

/** What is proposed at the caret. `onUsed`: one of them was taken. */
export function WritingTools({ draft, onUsed }: { draft: Draft; onUsed?: () => void }) {
  const comment = draft.rights.ruling("comment")
  // Who never writes here has no tools; who wrote, and may no longer, has them with the reason.
  if (!comment.isAllowed && draft.line.hat.value === null) return null
  return (
    <div class="row writing-tools">
      <button
        type="button"
        class="quiet"
        disabled={!draft.rights.isEditable.value}
        title={comment.isAllowed ? "New clause behind this one (Enter)" : comment.sentence}
        onClick={() => {
          onUsed?.()
          draft.drafting.proposeClause()
        }}
      >
        <Icon name="plus" /> <span>New clause</span>
      </button>
      <ClauseMenu draft={draft} onTaken={onUsed} />
      <button
        type="button"
        class="quiet"
        disabled={!comment.isAllowed || (!draft.choice.selected.value && !draft.choice.caretBlock.value)}
        title={comment.isAllowed ? "Comment on the selected words, or on the clause (Alt+M)" : comment.sentence}
        onMouseDown={(event) => event.preventDefault()}
        onClick={() => {
          onUsed?.()
          beginComment(draft)
        }}
      >
        <Icon name="messageSquare" /> <span>Comment</span>
      </button>
    </div>
  )
}

/** How the text is shown. */
export const Views = ({ draft }: { draft: Draft }) => (
  <div class="views">
    <label>
      <span class="visually-hidden">View</span>
      <select value={draft.page.view.value} onChange={(event) => showView(draft, event.currentTarget.value as View)}>
        {viewNames.map(([view, name], i) => (
          <option key={view} value={view} title={`Alt+${i + 1}`}>
            {name}
          </option>
        ))}
      </select>
    </label>
    {draft.page.view.value === "source" && (
      <label>
        <span class="visually-hidden">Delegation shown</span>
        <select value={draft.page.oneSource.value ?? ""} onChange={(event) => (draft.page.oneSource.value = event.currentTarget.value)}>
          {sourcesOf(draft).map((code) => (
            <option key={code} value={code}>
              {draft.meeting.nameOf(code)} ({code})
            </option>
          ))}
        </select>
      </label>
    )}
  </div>
)

/** One step to the next or the previous change; `hasName`: in words too. */
export function Step({ deciding, direction, hasName = false }: { deciding: Deciding; direction: 1 | -1; hasName?: boolean }) {
  const name = direction === 1 ? "Next change" : "Previous change"
  return (
    <button
      type="button"
      class="quiet step"
      aria-label={name}
      title={`${name} (Alt+${direction === 1 ? "Down" : "Up"})`}
      disabled={deciding.open.value.length === 0}
      onClick={() => deciding.step(direction)}
    >
      <Icon name={direction === 1 ? "chevronDown" : "chevronUp"} /> {hasName && name}
    </button>
  )
}

/** The way through the changes, and to the list of all. */
export function Stepper({ draft, tab }: { draft: Draft; tab: Signal<PanelTab | null> }) {
  const changes = draft.deciding.undecided.value
  const { all } = draft.deciding.counts.value
  const at = changes.findIndex((change) => change.id === draft.choice.chosen.value)
  const isSmall = useSmall()
  return (
    <div class="stepper" role="group" aria-label="Changes">
      {!isSmall && <Step deciding={draft.deciding} direction={-1} />}
      <button
        type="button"
        class="quiet count"
        aria-expanded={tab.value !== null}
        onClick={() => (tab.value = tab.value ? null : "open")}
        title="List of changes and comments"
      >
        {all === 0 ? "No open change" : at >= 0 ? `${at + 1} of ${all}` : `${all} open`}
      </button>
      <Step deciding={draft.deciding} direction={1} />
    </div>
  )
}

/** How many changes of one's own delegation were decided since one looked. */
export function FreshFates({ acts, onOpen }: { acts: Acts; onOpen: () => void }) {
  if (acts.fates.fresh.value === 0) return null
  return (
    <button
      type="button"
      class="fresh-fates"
      title="What became of your changes"
      onClick={() => {
        onOpen()
        // The button goes with what it tells of: the hand is in the list then.
        requestAnimationFrame(() => document.querySelector<HTMLElement>(".changes-panel [role=tab][aria-selected=true]")?.focus())
      }}
    >
      {acts.fates.fresh.value} of yours decided
    </button>
  )
}

/** Over the text: for whom one writes, that everyone sees each letter, how the text is shown, and the way through the changes. */
export const WritingBar = ({ draft, tab }: { draft: Draft; tab: Signal<PanelTab | null> }) => (
  <section class="writing-bar" aria-label="Writing and views">
    <HatChip draft={draft} />
    <WhoSees draft={draft} />
    <WritingTools draft={draft} />
    <Views draft={draft} />
    <Stepper draft={draft} tab={tab} />
    <FreshFates acts={draft.acts} onOpen={() => (tab.value = "decided")} />
  </section>
)

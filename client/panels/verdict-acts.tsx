import type { ComponentChildren } from "preact"
import type { Change } from "../../shared/changes/changes.ts"
import type { Part } from "../../shared/changes/part.ts"
import type { Decision } from "../draft/acts.ts"
import type { Choice } from "../draft/choice.ts"
import type { Deciding } from "../draft/deciding.ts"
import type { Draft } from "../draft/draft.ts"
import type { Outlook } from "../draft/outlook.ts"
import { Icon } from "../ui/icon.tsx"

// What the chair decides where a change stands: on its card, or at the words of it that are selected in the text.

/** The verdicts on a change, as a whole or in part; none for who does not decide, nor on what is decided and waits. */
export function VerdictActs({ draft, change }: { draft: Draft; change: Change }) {
  if (!draft.rights.mayDecide || draft.text.noted.value.has(change.id)) return null
  const verdict = (shown: string, decision: Decision) => (
    <button
      type="button"
      class={decision === "accept" ? "accept" : "not-retain"}
      disabled={draft.acts.isBusy.value}
      onClick={() => decideOnCard(draft.deciding, change, decision)}
    >
      <Icon name={decision === "accept" ? "check" : "x"} /> {shown}
    </button>
  )
  return (
    <>
      <div class="verdicts">
        {verdict("Accept into text", "accept")}
        {verdict("Not retained", "notRetain")}
      </div>
      <PartActs draft={draft} change={change} />
    </>
  )
}

/** The letters of a change that are selected in the text; null: none, all, or of several stretches. */
function selectedPart(choice: Choice, { segments }: Change): Part | null {
  const words = choice.selected.value
  if (!words) return null
  const found = segments.flatMap(({ block, from, to }, segment) => {
    const part = { segment, from: Math.max(words.from, from) - from, to: Math.min(words.to, to) - from }
    return block === words.block && part.from < part.to ? [{ part, isAll: part.to - part.from === to - from }] : []
  })
  const [only] = found
  return found.length === 1 && only && !(only.isAll && segments.length === 1) ? only.part : null
}

/** Decides on a card. The card goes, and with it the button that has the focus: the hand is then at the console, where the next act is. */
function decideOnCard(deciding: Deciding, change: Change, verdict: Decision, part?: Part): void {
  if (!document.activeElement?.closest(".changes-panel")) document.querySelector<HTMLElement>(".console")?.focus()
  deciding.decideOne(change.id, verdict, part)
}

/** What the text reads where one side of a replacement is accepted: what is left stands beside it, and that is known before. */
function partReads(outlook: Outlook, change: Change, part: Part): string {
  const reads = "side" in part ? outlook.sideReads(change, part.side) : null
  return reads === null ? "" : `${reads}; `
}

/** Decides a part of a change: of a replacement one side, or the words that are selected in the text. What is left stays open. */
function PartActs({ draft, change }: { draft: Draft; change: Change }) {
  const selected = selectedPart(draft.choice, change)
  // Of a replacement what is left stands beside the selected words.
  const reads = selected && change.kind === "replacement" ? draft.outlook.partSaid(change, selected) : null
  const decide = (verdict: Decision, part: Part): void => decideOnCard(draft.deciding, change, verdict, part)
  // On the button stands what its line does not say yet; its name says all of it.
  const act = (shown: string, name: string, verdict: Decision, part: Part) => (
    <button
      type="button"
      class="part"
      aria-label={name}
      disabled={draft.acts.isBusy.value}
      title={`${name}; ${partReads(draft.outlook, change, part)}what is left stays open`}
      onClick={() => decide(verdict, part)}
    >
      {shown}
    </button>
  )
  return (
    <>
      {selected && (
        <div class="parts">
          <span>Selection</span>
          {act("accept", "Accept the selected words", "accept", selected)}
          {act("not retained", "Selected words not retained", "notRetain", selected)}
        </div>
      )}
      {reads !== null && (
        <p class="together">
          Accepted, the text in force then reads <bdi>{reads}</bdi>.
        </p>
      )}
      {change.kind === "replacement" && (
        <div class="parts">
          <span>Accept only</span>
          {act("what goes", "Accept only what goes", "accept", { side: "out" })}
          {act("what comes", "Accept only what comes", "accept", { side: "in" })}
        </div>
      )}
    </>
  )
}

/** Decides on the selected words where they are selected: of the one open change that they are a part of. */
export function SelectedActs({ draft }: { draft: Draft }) {
  if (!draft.rights.mayDecide) return null
  const parts = draft.deciding.open.value.flatMap((change) => {
    const part = selectedPart(draft.choice, change)
    return part ? [{ change, part }] : []
  })
  const [only] = parts
  // Its open card beside the selection offers the same, and is not to be covered.
  if (!only || parts.length > 1 || draft.choice.chosen.value === only.change.id) return null
  const act = (name: ComponentChildren, verdict: Decision) => (
    <button
      type="button"
      class={`quiet ${verdict === "accept" ? "accept" : "not-retain"}`}
      disabled={draft.acts.isBusy.value}
      title={`${verdict === "accept" ? "Accept the selected words" : "Not retained"}: of the change by ${draft.meeting.nameOf(only.change.source)}; what is left stays open`}
      onClick={() => draft.deciding.decideOne(only.change.id, verdict, only.part)}
    >
      <Icon name={verdict === "accept" ? "check" : "x"} /> <span class="word">{name}</span>
    </button>
  )
  return (
    <>
      {act(
        <>
          Accept <span class="rest">the selected</span> words
        </>,
        "accept",
      )}
      {act("Not retained", "notRetain")}
    </>
  )
}

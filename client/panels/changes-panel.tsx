import { type Signal, useSignal } from "@preact/signals"
import type { ComponentChildren } from "preact"
import { useEffect, useState } from "preact/hooks"
import type { Draft } from "../draft/draft.ts"
import { type Fate, fateNames, fatesIn } from "../draft/fates.ts"
import type { DraftText } from "../draft/text.ts"
import { call } from "../meeting/api.ts"
import type { MeetingHere } from "../meeting/meeting.ts"
import { Icon } from "../ui/icon.tsx"
import { momentOf, numberOf } from "../ui/moment.ts"
import { SourceCode } from "../ui/source-code.tsx"
import { ChangeCard } from "./change-card.tsx"
import { ThreadCard } from "./comment-cards.tsx"
import { type Entry, entriesOf } from "./entries.ts"
import { EntryRow } from "./rows.tsx"
import type { PanelTab } from "./sheets.ts"
import { closePanel } from "./sheets.ts"

/** More rows than these are for the table. */
const mostRows = 500

/** Shows what belongs to one delegation only, or all. */
function Chips({ meeting, counts, only }: { meeting: MeetingHere; counts: ReadonlyMap<string, number>; only: Signal<string | null> }) {
  if (counts.size < 2 && only.value === null) return null
  return (
    <div class="chips" role="group" aria-label="Whose">
      <button type="button" class="chip" aria-pressed={only.value === null} onClick={() => (only.value = null)}>
        All
      </button>
      {[...counts].map(([source, n]) => (
        <button
          key={source}
          type="button"
          class="chip"
          title={meeting.nameOf(source)}
          aria-pressed={only.value === source}
          onClick={() => (only.value = only.value === source ? null : source)}
        >
          <SourceCode code={source} look={meeting.lookOf(source)} /> {n}
        </button>
      ))}
    </div>
  )
}

const timesOf = (sources: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const source of sources) counts.set(source, (counts.get(source) ?? 0) + 1)
  return counts
}

const isOfGone = (text: DraftText, entry: Entry): entry is Entry & { kind: "thread" } =>
  entry.kind === "thread" && text.places.value.get(entry.thread.id)?.standing === "gone"

/** Rows under the names of their clauses, in the order of the text; the chosen one as a card. */
function ByClause({ draft, entries }: { draft: Draft; entries: readonly Entry[] }) {
  const order = new Map(draft.text.blocks.value.map((block, i) => [block.id, i]))
  const sorted = entries.toSorted((a, b) => (order.get(a.block) ?? 0) - (order.get(b.block) ?? 0) || a.at - b.at).slice(0, mostRows)
  const onOpen = (entry: Entry): void => {
    if (entry.kind === "remark") return draft.remarks.resume(entry.half)
    draft.choice.choose(entry.id)
    // Its row goes, and with it the button that had the focus.
    draft.choice.handAsked.value = entry.id
  }
  // What is about a clause that is gone is under the name of that, at its place among the others.
  const headings = sorted.map((entry) =>
    isOfGone(draft.text, entry) ? `${draft.text.addressOfThread(entry.thread)}, no longer here` : draft.text.addressOf(entry.block),
  )
  return (
    <>
      {sorted.map((entry, i) => (
        <div key={entry.key}>
          {headings[i] !== headings[i - 1] && (
            <h3 class="address" dir="auto">
              {headings[i]}
            </h3>
          )}
          {entry.id === draft.choice.chosen.value && entry.kind === "change" ? (
            <ChangeCard draft={draft} change={entry.change} />
          ) : entry.id === draft.choice.chosen.value && entry.kind === "thread" ? (
            <ThreadCard draft={draft} thread={entry.thread} />
          ) : (
            <EntryRow draft={draft} entry={entry} isWhole onOpen={onOpen} />
          )}
        </div>
      ))}
      {entries.length > mostRows && (
        <p class="empty">
          The first {mostRows} of {numberOf(entries.length)}.
        </p>
      )}
    </>
  )
}

function OpenChanges({ draft }: { draft: Draft }) {
  const only = useSignal<string | null>(null)
  const open = new Set(draft.deciding.open.value.map(({ id }) => id))
  // Each once, where it begins, as it is counted.
  const entries = [...entriesOf(draft, false, true).values()]
    .flat()
    .filter((entry) => entry.kind === "change" && open.has(entry.id) && entry.block === entry.change.block)
  const shown = entries.filter((entry) => only.value === null || entry.group === only.value)
  return (
    <>
      <Chips meeting={draft.meeting} counts={draft.deciding.counts.value.bySource} only={only} />
      {shown.length === 0 ? (
        <p class="empty">No open change. What delegations type in the text is listed here.</p>
      ) : (
        <ByClause draft={draft} entries={shown} />
      )}
    </>
  )
}

function Comments({ draft, showsResolved }: { draft: Draft; showsResolved: Signal<boolean> }) {
  const entries = [...entriesOf(draft, showsResolved.value, true).values()].flat().filter((entry) => entry.kind !== "change")
  return (
    <>
      <label class="resolved-too">
        <input type="checkbox" checked={showsResolved.value} onChange={(event) => (showsResolved.value = event.currentTarget.checked)} />{" "}
        resolved too
      </label>
      {entries.length === 0 ? (
        <p class="empty">No open comment. Select words and press Alt+M to make one.</p>
      ) : (
        <ByClause draft={draft} entries={entries} />
      )}
    </>
  )
}

function FateRow({ meeting, fate }: { meeting: MeetingHere; fate: Fate }) {
  return (
    <li class={`fate is-${fate.act}`}>
      <p>
        <SourceCode code={fate.source} look={meeting.lookOf(fate.source)} /> <b>{fateNames[fate.act]}</b>{" "}
        <span class="address" dir="auto">
          {fate.address}
        </span>
      </p>
      <p class="words" dir="auto">
        {fate.what}
      </p>
      {fate.late !== "" && (
        <p class="note" dir="auto">
          {fate.late}
        </p>
      )}
      <p class="note">
        {fate.decidedBy}
        {fate.enteredBy !== fate.decidedBy && `, entered by ${fate.enteredBy}`}, <time dateTime={fate.at}>{momentOf(fate.at)}</time>
      </p>
    </li>
  )
}

/** What became of changes: for a delegation of its own first. */
function DecidedChanges({ draft }: { draft: Draft }) {
  const own = draft.meeting.me.value.role === "delegate" ? draft.line.hat.value : null
  const only = useSignal<string | null>(own)
  const [fates, setFates] = useState<readonly Fate[] | string | null>(null)
  const decided = draft.room.proposals.value.length
  useEffect(() => {
    draft.acts.fates.look()
    call("register", { params: { draft: draft.room.summary.id } }).then(
      (record) => setFates(fatesIn(record)),
      (error: Error) => setFates(error.message),
    )
  }, [decided])
  if (fates === null) return <p class="empty">Opening …</p>
  if (typeof fates === "string") return <p class="empty">{fates}</p>
  const counts = timesOf(fates.map((fate) => fate.source))
  if (own !== null && !counts.has(own)) counts.set(own, 0)
  const shown = fates.filter((fate) => only.value === null || fate.source === only.value)
  return (
    <>
      <Chips meeting={draft.meeting} counts={counts} only={only} />
      {shown.length === 0 && (
        <p class="empty">
          Nothing {only.value === null ? "" : `of ${draft.meeting.nameOf(only.value)} `}is decided yet. What becomes of each change is told
          here.
        </p>
      )}
      <ul class="fates">
        {shown.slice(0, mostRows).map((fate) => (
          <FateRow key={fate.key} meeting={draft.meeting} fate={fate} />
        ))}
      </ul>
      {shown.length > mostRows && (
        <p class="empty">
          The latest {mostRows} of {numberOf(shown.length)}. All are in the record.
        </p>
      )}
    </>
  )
}

/** All changes and comments as a list beside the text: the equal alternative to the margin, and what became of what was decided. */
export function ChangesPanel({
  draft,
  tab,
  showsResolved,
}: {
  draft: Draft
  tab: Signal<PanelTab | null>
  showsResolved: Signal<boolean>
}) {
  const openComments = draft.room.threads.value.filter((thread) => !thread.isResolved).length
  const tabs: readonly (readonly [PanelTab, string, number])[] = [
    ["open", "Open", draft.deciding.counts.value.all],
    ["decided", "Decided", draft.room.proposals.value.length],
    ["comments", "Comments", openComments],
  ]
  const content: Record<PanelTab, () => ComponentChildren> = {
    open: () => <OpenChanges draft={draft} />,
    decided: () => <DecidedChanges draft={draft} />,
    comments: () => <Comments draft={draft} showsResolved={showsResolved} />,
  }
  const shown = tab.value ?? "open"
  return (
    <aside class="changes-panel" aria-label="Changes and comments">
      <header>
        <h2>Changes</h2>
        <button type="button" class="quiet" aria-label="Close the list" onClick={() => closePanel(draft.choice, tab)}>
          <Icon name="x" />
        </button>
      </header>
      <div class="tabs" role="tablist">
        {tabs.map(([name, label, n]) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={shown === name}
            aria-controls="changes-panel-list"
            class="quiet"
            onClick={() => (tab.value = name)}
          >
            {label} <span class="n">{n}</span>
          </button>
        ))}
      </div>
      <div class="change-list" id="changes-panel-list" role="tabpanel" aria-labelledby={`tab-${shown}`} tabIndex={0}>
        {content[shown]()}
      </div>
    </aside>
  )
}

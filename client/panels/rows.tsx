import { useMemo } from "preact/hooks"
import { type Change, changeIn, placesOf } from "../../shared/changes/changes.ts"
import { countsOf } from "../../shared/changes/counts.ts"
import { standingSaid } from "../../shared/comments/place-of.ts"
import type { Thread } from "../../shared/comments/thread.ts"
import { codeShown } from "../../shared/schema/keys.ts"
import type { Deciding } from "../draft/deciding.ts"
import type { Draft } from "../draft/draft.ts"
import type { MeetingHere } from "../meeting/meeting.ts"
import { Icon } from "../ui/icon.tsx"
import { styleOf } from "../ui/look.ts"
import { SourceCode } from "../ui/source-code.tsx"
import { count } from "../ui/words.ts"
import { Tick } from "./change-card.tsx"
import { comments, type Entry } from "./entries.ts"
import { firstOfEach } from "./stack.ts"
import { RowWords, shown } from "./words.tsx"

const toneOf = (meeting: MeetingHere, source: string): Record<string, string> => styleOf(meeting.lookOf(source))

const said = (thread: Thread): string => shown(thread.remarks[0]?.text ?? "", 60)

const sourcesOf = (changes: readonly Change[]): readonly string[] => [...new Set(changes.map(({ source }) => source))]

const codesOf = (changes: readonly Change[]): string => sourcesOf(changes).map(codeShown).join(", ")

/** So many codes stand before the words of a row; who else asks for the same is counted. */
const mostCodes = 3
/** A longer code stands alone. */
const longestBeside = 6

/** Who else asks for the same, as codes behind the own one. */
function SameCodes({ meeting, same, own }: { meeting: MeetingHere; same: readonly Change[]; own: string }) {
  const others = sourcesOf(same).filter((source) => source !== own)
  const room = own.length > longestBeside ? 0 : mostCodes - 1
  const named = others.length > room ? others.slice(0, Math.max(0, room - 1)) : others
  if (others.length === 0) return null
  return (
    <>
      <span class="codes" aria-hidden="true">
        {named.map((source) => (
          <SourceCode key={source} code={source} look={meeting.lookOf(source)} />
        ))}
        {others.length > named.length && <span class="n">+{others.length - named.length}</span>}
      </span>
      <span class="visually-hidden">the same as {codesOf(same)}: </span>
    </>
  )
}

/** What a change competes with, in few letters: all of them are in the title of the row and on the card. */
function against(rivals: readonly Change[]): string {
  const sources = sourcesOf(rivals)
  const codes = codesOf(rivals)
  return `against ${codes.length > 9 ? sources.length : codes}`
}

interface ChangeLineProps {
  readonly draft: Draft
  readonly change: Change
  readonly block: string
  /** Whether the row stands for all of the change, not for what it does in the block. */
  readonly isWhole: boolean
  readonly onOpen: () => void
}

/**
 * A change in one line, with what stands in a relation to it: who asks for the same, before the words; behind them what it competes with, or inside whose
 * words it stands. The words have the most of the line: what does not fit is in its title.
 */
function ChangeLine({ draft, change, block, isWhole, onOpen }: ChangeLineProps) {
  const blocks = draft.text.blocks.value
  const host = draft.text.changes.value.find((other) => change.inside.includes(other.id) && other.source !== change.source)
  const { same, rivals } = useMemo(() => draft.outlook.relatedTo(change), [blocks, change.id])
  const late = draft.outlook.forestalledSaid(change)
  const isUnderWay = draft.deciding.isUnderWay(change.id)
  const here = useMemo(() => (isWhole ? change : changeIn(blocks, change, block)), [blocks, change, block, isWhole])
  const clauses = placesOf(change).size
  const place = `${draft.meeting.nameOf(change.source)}, ${draft.text.addressOf(block)}`
  const related = [
    clauses > 1 && !isWhole ? `part of a change in ${clauses} places` : "",
    same.length > 0 ? `the same as ${codesOf(same)}` : "",
    rivals.length > 0 ? `competes with ${codesOf(rivals)}` : "",
    late ?? "",
    host ? `inside ${draft.meeting.nameOf(host.source)}’s words` : "",
  ].filter(Boolean)
  return (
    <button type="button" class="line" title={[place, ...related].join("; ")} onClick={onOpen}>
      <SourceCode code={change.source} look={draft.meeting.lookOf(change.source)} />
      <SameCodes meeting={draft.meeting} same={same} own={change.source} />
      <span class="visually-hidden">{place}: </span>
      <span class="words" dir={draft.text.dirOf(block)}>
        <RowWords text={draft.text} change={here} />
      </span>
      {isUnderWay && <span class="aside">being decided</span>}
      {rivals.length > 0 && !isUnderWay && (
        <span class="aside" title="They compete: one of them can be accepted">
          <span class="visually-hidden">competes, </span>
          {against(rivals)}
        </span>
      )}
      {rivals.length === 0 && late !== null && !isUnderWay && <span class="aside">came too late</span>}
      {rivals.length === 0 && late === null && !isUnderWay && host && (
        <span class="aside">inside {draft.meeting.nameOf(host.source)}’s words</span>
      )}
    </button>
  )
}

interface EntryProps {
  readonly draft: Draft
  readonly entry: Entry
  readonly onOpen: (entry: Entry) => void
}

/** The words of an entry in one line, with what opens it as a card. */
function EntryLine({ draft, entry, isWhole, onOpen }: EntryProps & { readonly isWhole: boolean }) {
  const open = (): void => onOpen(entry)
  switch (entry.kind) {
    case "change":
      return <ChangeLine draft={draft} change={entry.change} block={entry.block} isWhole={isWhole} onOpen={open} />
    case "thread": {
      const { thread } = entry
      const replies = thread.remarks.length - 1
      const source = thread.remarks[0]?.source ?? ""
      const place = draft.text.places.value.get(thread.id)
      const about = place && standingSaid(place)
      const title = [`${draft.meeting.nameOf(source)}, ${draft.text.addressOfThread(thread)}`, about].filter(Boolean).join(". ")
      return (
        <button type="button" class="line" title={title} onClick={open}>
          <Icon name="messageSquare" />
          <SourceCode code={source} look={draft.meeting.lookOf(source)} />
          <span class="words talk-words" dir="auto">
            {said(thread)}
          </span>
          {place?.standing === "gone" && <span class="aside">was {shown(draft.text.addressOfThread(thread), 14)}</span>}
          {place?.standing === "struck" && !place.change && <span class="aside">words deleted</span>}
          {thread.isResolved && <span class="aside">resolved</span>}
          {replies > 0 && <span class="aside">{count(replies, "reply", "replies")}</span>}
        </button>
      )
    }
    case "remark":
      return (
        <button type="button" class="line" title="Not sent: go on writing" onClick={open}>
          <Icon name="pencil" />
          <span class="words talk-words" dir="auto">
            {entry.half.text.value}
          </span>
          <span class="aside">not sent</span>
        </button>
      )
    default:
      return entry satisfies never
  }
}

/** One change, comment or half-written comment in one line. */
export function EntryRow({ draft, entry, isWhole = false, onOpen }: EntryProps & { readonly isWhole?: boolean }) {
  const isChosen = draft.choice.chosen.value === entry.id
  return (
    <div
      class={`entry-row ${isChosen ? "is-chosen" : ""}`}
      dir={draft.text.dirOf(entry.block)}
      style={toneOf(draft.meeting, entry.group)}
      data-entry={entry.id}
    >
      {entry.kind === "change" && <Tick draft={draft} change={entry.change} />}
      {entry.kind === "thread" && <span class="visually-hidden">Comment at {draft.text.addressOfThread(entry.thread)}: </span>}
      <EntryLine draft={draft} entry={entry} isWhole={isWhole} onOpen={onOpen} />
      {entry.kind === "remark" && (
        <button
          type="button"
          class="quiet close"
          aria-label="Discard what was not sent"
          onClick={({ currentTarget }) => {
            const isInList = currentTarget.closest(".changes-panel")
            draft.remarks.discard(entry.half)
            if (!isInList) draft.choice.takeCaretBack()
          }}
        >
          <Icon name="x" />
        </button>
      )}
    </div>
  )
}

/** All that one delegation has at a clause in one line: its first change, and how many more there are. */
export function GroupRow({
  draft,
  entries,
  onOpen,
  onAll,
}: {
  draft: Draft
  entries: readonly Entry[]
  onOpen: (entry: Entry) => void
  onAll: () => void
}) {
  const [first] = entries
  if (!first) return null
  if (entries.length === 1) return <EntryRow draft={draft} entry={first} onOpen={onOpen} />
  return (
    <div class="entry-row" dir={draft.text.dirOf(first.block)} style={toneOf(draft.meeting, first.group)} data-entry={first.id}>
      <EntryLine draft={draft} entry={first} isWhole={false} onOpen={onOpen} />
      <button
        type="button"
        class="quiet more"
        onClick={onAll}
        aria-label={`${entries.length - 1} more at ${draft.text.addressOf(first.block)}: open`}
      >
        {entries.length - 1} more
      </button>
    </div>
  )
}

type ChangeEntry = Entry & { readonly kind: "change" }

/** Changes at a clause that are open, as they are counted everywhere: those that begin there, and those that have words there and begin elsewhere. */
function countedAt(deciding: Deciding, entries: readonly Entry[]): { begun: number; further: number } {
  const open = new Set(deciding.open.value.map(({ id }) => id))
  const changes = entries.filter((entry): entry is ChangeEntry => entry.kind === "change" && open.has(entry.id))
  const begun = countsOf(changes.filter(({ block, change }) => change.block === block).map(({ change }) => change)).all
  return { begun, further: changes.length - begun }
}

/** "8 changes", "1 change and 1 that begins elsewhere". */
function changesSaid(draft: Draft, entries: readonly Entry[]): string {
  const { begun, further } = countedAt(draft.deciding, entries)
  if (further === 0) return count(begun, "change")
  if (begun === 0) return count(further, "change that begins elsewhere", "changes that begin elsewhere")
  return `${count(begun, "change")} and ${further} that ${further === 1 ? "begins" : "begin"} elsewhere`
}

/** "8 changes, 6 delegations". */
export const countOf = (draft: Draft, entries: readonly Entry[]): string =>
  [
    changesSaid(draft, entries),
    count(new Set(entries.filter((entry) => entry.kind === "change").map((entry) => entry.group)).size, "delegation"),
  ].join(", ")

/** All that is beside a clause as one line of codes, with how many changes each has; any of them opens the clause's list. */
export function Plates({ draft, entries, onAll }: { draft: Draft; entries: readonly Entry[]; onAll: () => void }) {
  const address = draft.text.addressOf(entries[0]?.block ?? "")
  return (
    <div class="plates" dir={draft.text.dirOf(entries[0]?.block ?? "")} role="group" aria-label={`${address}: ${countOf(draft, entries)}`}>
      {firstOfEach(entries).map(({ group }) => {
        const own = entries.filter((entry) => entry.group === group)
        const isChosen = own.some((entry) => entry.id === draft.choice.chosen.value)
        const name = group === comments ? count(own.length, "comment") : `${draft.meeting.nameOf(group)}: ${changesSaid(draft, own)}`
        return (
          <button
            key={group}
            type="button"
            class={`plate ${isChosen ? "is-chosen" : ""}`}
            style={toneOf(draft.meeting, group)}
            title={name}
            aria-label={`${name} at ${address}: open`}
            onClick={onAll}
          >
            {group === comments ? <Icon name="messageSquare" /> : <SourceCode code={group} look={draft.meeting.lookOf(group)} />}
            {own.length > 1 && <span class="n">{own.length}</span>}
          </button>
        )
      })}
    </div>
  )
}

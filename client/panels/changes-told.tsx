import type { ComponentChildren } from "preact"
import { useState } from "preact/hooks"
import type { Change } from "../../shared/changes/changes.ts"
import { clausesOf } from "../../shared/changes/pieces.ts"
import { quoted } from "../../shared/clauses/notes.ts"
import { beginningOf, endOf } from "../../shared/schema/letters.ts"
import type { Draft } from "../draft/draft.ts"
import type { DraftText } from "../draft/text.ts"
import type { MeetingHere } from "../meeting/meeting.ts"
import { styleOf } from "../ui/look.ts"
import { SourceCode } from "../ui/source-code.tsx"
import { count } from "../ui/words.ts"
import { isOfPieces, wholeChangeSaid } from "./words.tsx"

// Many changes told in a question: by delegation with their first words, or place by place with whose they are.

const mostWords = 34
const mostPlaces = 4

/** Shortened in the middle, so that both ends are read. */
function inBrief(text: string): string {
  const words = quoted(text)
  if (words.length <= mostWords) return words
  const half = mostWords / 2
  return `${beginningOf(words, half).trimEnd()} … ${endOf(words, half).trimStart()}`
}

/** The first words of a change, as they are drawn in the text; of one about a clause as a whole, what it does to which clause. */
function FirstWords({ draft, change }: { draft: Draft; change: Change }) {
  if (
    isOfPieces(change) ||
    (change.kind !== "insertion" && change.kind !== "deletion" && change.kind !== "replacement" && change.kind !== "new clause")
  )
    return <span class="soft">{wholeChangeSaid(draft.text, change)}</span>
  return (
    <span class="words" dir="auto" style={styleOf(draft.meeting.lookOf(change.source))}>
      {change.deleted && <del>{inBrief(change.deleted)}</del>} {change.inserted && <ins>{inBrief(change.inserted)}</ins>}
    </span>
  )
}

/** The first of some things, and the others behind a button. `what`: what the button counts. */
function First<Item>({
  items,
  most,
  what,
  children,
}: {
  items: readonly Item[]
  most: number
  what: string
  children: (shown: readonly Item[]) => ComponentChildren
}) {
  const [isOpen, setOpen] = useState(false)
  // One more is as long as the button that stands for it.
  const isCut = items.length > most + 1
  return (
    <>
      {children(isOpen || !isCut ? items : items.slice(0, most))}
      {isCut && (
        <button type="button" class="quiet link and-more" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "fewer" : `and ${items.length - most} more ${what}`}
        </button>
      )}
    </>
  )
}

/** The places of some changes, each once. */
export const placesOf = (text: DraftText, changes: readonly Change[]): string[] => [
  ...new Set(changes.flatMap((change) => clausesOf(change).map((block) => text.addressOf(block)))),
]

const Places = ({ text, changes }: { text: DraftText; changes: readonly Change[] }) => (
  <First items={placesOf(text, changes)} most={mostPlaces} what="places">
    {(places) => <span>{places.join(", ")} </span>}
  </First>
)

/** Some changes of one place: where, and whose. */
const AtPlace = ({ draft, changes }: { draft: Draft; changes: readonly Change[] }) => (
  <li>
    <b dir="auto">{placesOf(draft.text, changes).join(", ")}</b>:{" "}
    {[...bySource(changes)].map(([source, own], i) => (
      <span key={source} class="of-place">
        {i > 0 && ", "}
        <SourceCode code={source} look={draft.meeting.lookOf(source)} /> <span class="name">{draft.meeting.nameOf(source)}</span>
        {own.length > 1 && ` (${own.length})`}
      </span>
    ))}
  </li>
)

/** Why some changes are not decided, or are decided along, and which, place by place. */
export function Told({
  draft,
  groups,
  hasWords = false,
  title,
  why,
}: {
  draft: Draft
  groups: readonly (readonly Change[])[]
  /** In a table with their first words, in place of a list of places. */
  hasWords?: boolean
  title: (many: string) => string
  why: string
}) {
  const told = groups.filter((group) => group.length > 0)
  if (told.length === 0) return null
  const size = told.reduce((sum, group) => sum + group.length, 0)
  return (
    <section class="left-out">
      <p>
        <b>{title(count(size, "change"))}:</b> {why}
      </p>
      {hasWords ? (
        <ChangesByDelegation draft={draft} changes={told.flat()} />
      ) : (
        <First items={told} most={mostPlaces} what="places">
          {(shown) => (
            <ul>
              {shown.map((group) => (
                <AtPlace key={group[0]!.id} draft={draft} changes={group} />
              ))}
            </ul>
          )}
        </First>
      )}
    </section>
  )
}

/** Changes of one clause together. */
export const byBlock = (changes: readonly Change[]): Change[][] => {
  const groups = new Map<string, Change[]>()
  for (const change of changes) groups.set(change.block, [...(groups.get(change.block) ?? []), change])
  return [...groups.values()]
}

/** Changes of one source together, by its code. */
export const bySource = (changes: readonly Change[]): Map<string, Change[]> => {
  const groups = new Map<string, Change[]>()
  for (const change of changes) groups.set(change.source, [...(groups.get(change.source) ?? []), change])
  return groups
}

/** The head of a row of a table by delegation. */
export const From = ({ meeting, source }: { meeting: MeetingHere; source: string }) => (
  <th scope="row">
    <SourceCode code={source} look={meeting.lookOf(source)} /> <span class="name">{meeting.nameOf(source)}</span>
  </th>
)

/** The changes that a decision covers, counted by delegation. */
export function ChangesByDelegation({ draft, changes }: { draft: Draft; changes: readonly Change[] }) {
  return (
    <table class="by-delegation">
      <thead>
        <tr>
          <th scope="col">From</th>
          <th scope="col" class="number">
            Changes
          </th>
          <th scope="col" class="first-words">
            First words
          </th>
          <th scope="col">Where</th>
        </tr>
      </thead>
      <tbody>
        {[...bySource(changes)].map(([source, own]) => (
          <tr key={source}>
            <From meeting={draft.meeting} source={source} />
            <td class="number">{own.length}</td>
            <td class="first-words">
              <FirstWords draft={draft} change={own[0]!} />
            </td>
            <td dir="auto">
              <Places text={draft.text} changes={own} />
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">Together</th>
          <td class="number">{changes.length}</td>
          <td class="first-words" />
          <td />
        </tr>
      </tfoot>
    </table>
  )
}

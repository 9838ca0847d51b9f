import { Fragment } from "preact"
import { useMemo } from "preact/hooks"
import type { Change } from "../../shared/changes/changes.ts"
import { notStated } from "../../shared/schema/keys.ts"
import type { Draft } from "../draft/draft.ts"
import { styleOf } from "../ui/look.ts"
import { SourceCode } from "../ui/source-code.tsx"
import { RowWords } from "./words.tsx"

/** The others of a relation, each a way to its card: by code alone, or with what it says. */
function Others({ draft, others, hasWords }: { draft: Draft; others: readonly Change[]; hasWords: boolean }) {
  return (
    <ul class="related-list">
      {others.map((other) => (
        // Each in its own tone: these are not the words of the card's own delegation.
        <li key={other.id} style={styleOf(draft.meeting.lookOf(other.source))}>
          <button
            type="button"
            class="quiet"
            title={draft.meeting.nameOf(other.source)}
            onClick={() => draft.choice.look(other.id, other.block, other.segments[0]?.from)}
          >
            <SourceCode code={other.source} look={draft.meeting.lookOf(other.source)} />
            <span class="name">{draft.meeting.nameOf(other.source)}</span>
            {hasWords && (
              <span class="what" dir="auto">
                <RowWords text={draft.text} change={other} />
              </span>
            )}
          </button>
        </li>
      ))}
    </ul>
  )
}

/** How the text will read where a change and others are all accepted. */
function Together({ draft, change, others }: { draft: Draft; change: Change; others: readonly Change[] }) {
  const blocks = draft.text.blocks.value
  const said = useMemo(() => draft.outlook.togetherSaid(change, others), [blocks, change.id, others])
  return said === null ? null : (
    <p class="together">
      The text then reads <bdi>{said}</bdi>.
    </p>
  )
}

/** What stands in a relation to a change, before anybody decides: who asks for the same, what competes with it, what stands at its place (RIVAL). */
export function Related({ draft, change }: { draft: Draft; change: Change }) {
  const blocks = draft.text.blocks.value
  const { same, rivals, alike, atPlace, amid, around } = useMemo(() => draft.outlook.relatedTo(change), [blocks, change.id])
  const tied = draft.outlook.tiedWith(change)
  const late = draft.outlook.forestalledSaid(change)
  const reads = useMemo(() => draft.outlook.lateReads(change), [blocks, draft.room.proposals.value, change.id])
  const side = useMemo(() => draft.outlook.otherSideSaid(change), [blocks, draft.room.proposals.value, change.id])
  const accepting = useMemo(() => draft.outlook.acceptingSaid(change), [blocks, draft.room.proposals.value, change.id])
  const isAlone = [tied, same, rivals, atPlace, amid, around, accepting].every(({ length }) => length === 0)
  if (isAlone && late === null && side === null) return null
  return (
    <div class="related">
      {tied.length > 0 && (
        <div class="linked">
          <p>
            Decided by one verdict with {tied.length === 1 ? "another change" : `${tied.length} other changes`} of the same{" "}
            {change.source === notStated ? "author of a file" : "delegation"} here:
          </p>
          <Others draft={draft} others={tied} hasWords />
          {draft.rights.mayDecide && (
            <button type="button" class="quiet" disabled={draft.acts.isBusy.value} onClick={() => void draft.acts.untie(change.id)}>
              Untie: decide each by itself
            </button>
          )}
        </div>
      )}
      {late !== null && (
        <p class="is-competing">
          {late}
          {reads !== null && ` ${reads}`}
        </p>
      )}
      {side !== null && <p class="is-competing">{side}</p>}
      {accepting.map((sentence) => (
        <p key={sentence} class="is-competing">
          {sentence}
        </p>
      ))}
      {same.length > 0 && (
        <>
          <p>The same is asked by {same.length === 1 ? "one more" : `${same.length} more`}; it is decided once, for all:</p>
          <Others draft={draft} others={same} hasWords={false} />
        </>
      )}
      {rivals.length > 0 && (
        <>
          <p class="is-competing">Competes with this; accepting one ends the {rivals.length === 1 ? "other" : "others"}:</p>
          <Others draft={draft} others={rivals} hasWords />
          {alike.length > 0 && (
            <p class="is-competing">
              {alike.map(({ source }) => draft.meeting.nameOf(source)).join(", ")} {alike.length === 1 ? "asks" : "ask"} for the same here,
              but one verdict decides that together with other words: accepting one ends all of the other. Untied, the same is decided once,
              for all.
            </p>
          )}
        </>
      )}
      {(
        [
          [atPlace, "Stands at the same place; if both are accepted, both stand:"],
          [amid, "Takes out the words around this; if both are accepted, this stands alone there:"],
          [around, "Puts words into the middle of what this takes out; if both are accepted, they stand alone there:"],
        ] as const
      ).map(
        ([others, sentence]) =>
          others.length > 0 && (
            <Fragment key={sentence}>
              <p>{sentence}</p>
              <Others draft={draft} others={others} hasWords />
              <Together draft={draft} change={change} others={others} />
            </Fragment>
          ),
      )}
    </div>
  )
}

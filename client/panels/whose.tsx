import type { Change } from "../../shared/changes/changes.ts"
import type { Remark, Thread } from "../../shared/comments/thread.ts"
import { notStated } from "../../shared/schema/keys.ts"
import type { Draft } from "../draft/draft.ts"
import type { MeetingHere } from "../meeting/meeting.ts"

// Whose something is that a file brought and did not say it of: the secretariat states it.

/** States whose a change is whose file did not say it; with it, those ticked that are not stated either. */
export function StateSource({ draft, change }: { draft: Draft; change: Change }) {
  const ticked = draft.text.changes.value
    .filter((other) => other.source === notStated && draft.choice.ticked.value.has(other.id))
    .map((other) => other.id)
  const ids = ticked.includes(change.id) ? ticked : [change.id]
  return (
    <WhoseIsIt
      meeting={draft.meeting}
      asks={ids.length > 1 ? `Whose are these ${ids.length}?` : "Whose is it?"}
      onStated={(source) => void draft.acts.attribute(ids, source)}
    />
  )
}

/** States whose a remark of a file is that did not say it; with it, what the same author says in the thread. */
export function StateRemark({ draft, thread, index }: { draft: Draft; thread: Thread; index: number }) {
  const { person } = thread.remarks[index]!
  const isIts = (other: Remark): boolean => other.source === notStated && other.person === person
  const all = thread.remarks.flatMap((other, i) => (isIts(other) && (i === index || person !== "") ? [i] : []))
  return (
    <WhoseIsIt
      meeting={draft.meeting}
      asks={all.length > 1 ? `Whose are these ${all.length} remarks?` : "Whose is it?"}
      onStated={(source) => void draft.acts.attributeRemarks(thread.id, all, source)}
    />
  )
}

function WhoseIsIt({ meeting, asks, onStated }: { meeting: MeetingHere; asks: string; onStated: (source: string) => void }) {
  return (
    <label class="state-source">
      {asks}{" "}
      <select value="" onChange={(event) => onStated(event.currentTarget.value)}>
        <option value="">Not stated</option>
        {meeting.me.value.sources
          .filter(({ code }) => meeting.me.value.hats.includes(code))
          .map(({ code, name }) => (
            <option key={code} value={code}>
              {name === code ? code : `${name} (${code})`}
            </option>
          ))}
      </select>
    </label>
  )
}

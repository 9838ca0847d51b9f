import { useId } from "preact/hooks"
import { standingSaid } from "../../shared/comments/place-of.ts"
import type { Thread } from "../../shared/comments/thread.ts"
import type { Draft } from "../draft/draft.ts"
import type { HalfWritten } from "../draft/remarks.ts"
import type { RoomHere } from "../draft/room.ts"
import { Icon } from "../ui/icon.tsx"
import { CloseCard, Inside } from "./card-frame.tsx"
import { RemarkBox } from "./remark-box.tsx"
import { TalkActs, ThreadBody } from "./talk.tsx"
import { shown } from "./words.tsx"

// WAI-ARIA 1.3's role, which the types do not know yet.
const commentRole = { role: "comment" } as Record<string, string>

/** A card of one comment thread. */
export function ThreadCard({ draft, thread }: { draft: Draft; thread: Thread }) {
  const isChosen = draft.choice.chosen.value === thread.id
  const place = draft.text.places.value.get(thread.id)
  const block = place?.block ?? thread.anchor.block
  const about = place && standingSaid(place)
  return (
    <div
      class={`card thread ${isChosen ? "is-chosen" : ""} ${thread.isResolved ? "is-resolved" : ""}`}
      {...commentRole}
      data-card={thread.id}
    >
      <header>
        <button type="button" class="quiet title" onClick={() => draft.choice.look(thread.id, block, place?.from)}>
          <Icon name="messageSquare" />
          <b>Comment</b>
          <span class="address" dir="auto">
            {draft.text.addressOfThread(thread)}
          </span>
          {thread.isResolved && <span class="tag">resolved</span>}
        </button>
        <CloseCard draft={draft} />
      </header>
      <Inside>
        {about && <p class="note standing">{about}</p>}
        {thread.anchor.on === "words" && <blockquote dir="auto">{shown(thread.anchor.quote, 80)}</blockquote>}
        <ThreadBody draft={draft} thread={thread} />
      </Inside>
      <TalkActs draft={draft} thread={thread} />
    </div>
  )
}

/** What became of a change while somebody wrote about it. */
function goneBy(room: RoomHere, change: string): string {
  const status = room.proposals.value.find(([id]) => id === change)?.[1].status
  switch (status) {
    case "withdrawn":
      return "Its author has withdrawn the change meanwhile."
    case "accepted":
    case "acceptedWithHost":
      return "The change has been accepted meanwhile."
    case "notRetained":
      return "The change was not retained meanwhile."
    case "superseded":
      return "The change has gone with the proposal that it stood in."
    case "overtaken":
      return "The change has been overtaken by other words."
    case "incorporated":
      return "The change has been taken into another proposal."
    case undefined:
      return "The change is no longer there: its author has taken it back, or made another of it."
    default:
      return status satisfies never
  }
}

/** What a remark is about that nothing else in the margin stands for. */
function subjectOf(draft: Draft, half: HalfWritten): string | null {
  const { target } = half
  if (target.on === "change") return `${goneBy(draft.room, target.change)} Your comment will be on its clause.`
  if (target.on === "thread") return "The comment has been resolved meanwhile. Your reply will be beneath it."
  if (target.on === "clause") return null
  return draft.remarks.placeOf(target)?.isGone === false ? null : "These words are gone. Your comment will be on their clause."
}

/** A card in which a comment on words or on a clause is written. */
export function RemarkCard({ draft, half }: { draft: Draft; half: HalfWritten }) {
  const { target } = half
  const place = draft.remarks.placeOf(target)
  const subject = subjectOf(draft, half)
  const note = useId()
  return (
    <article class="card thread remark-card is-chosen" aria-label="A comment that you write">
      <header>
        <p class="title">
          <Icon name="messageSquare" />
          <b>Comment</b>
          <span class="address" dir="auto">
            {draft.text.addressOf(place?.block ?? target.block)}
          </span>
        </p>
        <button type="button" class="quiet close" aria-label="Put it aside" onClick={() => draft.remarks.close(half)}>
          <Icon name="x" />
        </button>
      </header>
      {target.on === "words" && <blockquote dir="auto">{shown(target.quote, 80)}</blockquote>}
      {subject && (
        <p class="note" id={note}>
          {place ? subject : "The clause is gone. Copy your words and comment elsewhere."}
        </p>
      )}
      <RemarkBox draft={draft} half={half} {...(subject ? { note } : {})} />
    </article>
  )
}
